"""Customers → what a purchase is worth: the Gamma-Gamma model by maximum likelihood, or an honest stand-in.

Where the data do not carry the model (too few repeat buyers, amounts that do not differ, tails so heavy that
the likelihood has no finite mean) `SpendFit.limit` says so in one sentence, and the model in the fit is the
stand-in: each customer's own mean, weighed against one purchase at the shop's mean. It keeps the Gamma-Gamma
form (q = 1 + p makes the weight exactly one purchase), so everything downstream works alike.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.btyd.lifetimes_objects import import_lifetimes
from clv.declaring import strict_json
from clv.errors import InputError
from clv.language import tell
from clv.money import repeats
from clv.money import saved as from_file
from clv.money.correlation import Correlation, frequency_and_spend
from clv.money.gammagamma import LARGEST, NAMES, Floats, GammaGamma, covariance_at, held_at_limit, maximise
from clv.money.repeats import Repeats
from clv.money.shop_mean import own_and_shop_mean

if TYPE_CHECKING:
    from lifetimes import GammaGammaFitter

FEWEST = 10  # repeat buyers; with fewer, three parameters follow single customers
TRUSTED_MEAN = 3.0  # a population mean above this multiple of what was seen is the tail's invention


@dataclass(frozen=True, eq=False)
class SpendFit:
    """A money model and where it comes from.

    Attributes
    ----------
    model
        The parameters; `v` in the shop's money.
    log_likelihood
        At `model`, of the repeat buyers' mean amounts; NaN for the stand-in.
    covariance
        Of the logarithms of (p, q, v), labelled; zero for parameters that a limit or the stand-in holds.
    correlation
        Frequency against amount among the repeat buyers, and what it does to the values.
    limit
        None, or the sentence that names the limiting model or the stand-in and the reason.
    warnings
        Further sentences that a reader of the numbers should see (not those of `limit` and `correlation`).
    n_customers
        Repeat buyers used.
    """

    name: str
    model: GammaGamma
    log_likelihood: float
    covariance: pd.DataFrame
    correlation: Correlation
    limit: str | None
    warnings: tuple[str, ...]
    n_customers: int

    @property
    def standard_errors(self) -> pd.Series:
        """Standard errors of (p, q, v) themselves, by the delta method from `covariance`."""
        return (self._values * np.sqrt(np.diag(self.covariance))).rename("standard_error")

    @property
    def _values(self) -> pd.Series:
        return pd.Series(self.model.parameters)

    def draws(self, n: int, *, rng: np.random.Generator) -> list[GammaGamma]:
        """Return `n` models whose log-parameters are drawn from the estimate's normal approximation.

        Where the amounts leave a parameter open, the normal would run away: no step is longer than a factor
        of `LARGEST`, and what `fit` would refuse (no finite mean, or one far above what was seen) is drawn
        again.
        """
        found: list[GammaGamma] = []
        while len(found) < n:
            steps = rng.multivariate_normal(np.zeros(3), self.covariance, size=n, method="eigh")
            longest = np.abs(steps).max(axis=1, keepdims=True) / np.log(LARGEST)
            drawn = self._values.to_numpy() * np.exp(steps / np.maximum(longest, 1.0))
            models = (GammaGamma(*map(float, row)) for row in drawn)
            found += [model for model in models if model.mean <= TRUSTED_MEAN * self.model.mean]
        return found[:n]

    def to_lifetimes(self, customers: pd.DataFrame | None = None) -> "GammaGammaFitter":
        """Return the fitted `lifetimes.GammaGammaFitter` with its whole API, without refitting.

        Its `data` are the repeat buyers among `customers`, where these are given.
        """
        fitter = import_lifetimes().GammaGammaFitter()
        fitter.params_ = self._values
        fitter.variance_matrix_ = self.covariance * np.outer(self._values, self._values)
        fitter.standard_errors_ = self.standard_errors.rename(None)
        fitter.confidence_intervals_ = fitter._compute_confidence_intervals()
        fitter._negative_log_likelihood_ = -self.log_likelihood / max(self.n_customers, 1)
        if customers is not None:
            repeat = customers.loc[customers["frequency"] > 0, ["frequency", "monetary_value"]]
            fitter.data = repeat.assign(weights=1)
        return fitter

    def to_json(self) -> str:
        """Return the fit as JSON text."""
        return json.dumps(
            {
                "name": self.name,
                "model": self.model.parameters,
                "log_likelihood": _or_null(self.log_likelihood),
                "covariance": self.covariance.to_numpy().tolist(),
                "correlation": {key: _or_null(value) for key, value in vars(self.correlation).items()},
                "limit": self.limit,
                "warnings": list(self.warnings),
                "n_customers": self.n_customers,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "SpendFit":
        """Return the fit that `to_json` wrote.

        Raises
        ------
        InputError
            The text is not such a fit.
        """
        try:
            saved = strict_json.read(text)
            height = saved["log_likelihood"]
            return cls(
                name=str(saved["name"]),
                model=from_file.model(saved["model"]),
                log_likelihood=float("nan") if height is None else float(height),
                covariance=_matrix(from_file.covariance(saved["covariance"])),
                correlation=from_file.correlation(saved["correlation"]),
                limit=None if saved["limit"] is None else str(saved["limit"]),
                warnings=tuple(map(str, saved["warnings"])),
                n_customers=from_file.count(saved["n_customers"]),
            )
        except (ValueError, LookupError, TypeError, AttributeError):
            raise InputError(
                tell("this is not a saved money model; write one with SpendFit.to_json().")
            ) from None


def fit(customers: pd.DataFrame) -> SpendFit:
    """Fit the Gamma-Gamma model to the repeat buyers by maximum likelihood.

    Parameters
    ----------
    customers
        `frequency` and `monetary_value` (mean money of the repeat purchase days); `total_spend` where present
        tells the shop's mean when the stand-in is needed. Or the distinct rows of such a table, with a column
        `customers` that says how many have each: the fit is the same.

    Returns
    -------
    SpendFit
        With the stand-in as its model, and the reason in `limit`, where the data do not carry Gamma-Gamma.

    Raises
    ------
    InputError
        A column is missing, an amount is missing or negative, a repeat buyer has none, or `customers` holds
        no whole number from 1 on.
    NoAnswerError
        No customer has a purchase with an amount.
    """
    _check(customers)
    buyers = repeats.of(customers)
    refused = _refused_before(buyers)
    if refused:
        return stand_in(customers, refused)
    found, data = maximise(buyers)
    model = GammaGamma(*(np.exp(found) * [1.0, 1.0, data.unit]).tolist())
    refused = _refused_after(model, buyers)
    if refused:
        return stand_in(customers, refused)
    height, covariance = covariance_at(found, data)
    return SpendFit(
        name="gammagamma",
        model=model,
        log_likelihood=height - data.n * float(np.log(data.unit)),
        covariance=_matrix(covariance),
        correlation=frequency_and_spend(buyers),
        limit=_limit(held_at_limit(found)),
        warnings=_doubts(model, covariance),
        n_customers=buyers.n,
    )


def _check(customers: pd.DataFrame) -> None:
    for column in ("frequency", "monetary_value"):
        if column not in customers:
            raise InputError(
                tell(
                    "the customers table lacks the column {column!r}; `clv customers` makes it.",
                    column=column,
                )
            )
    x, z = customers["frequency"].to_numpy(dtype=float), customers["monetary_value"].to_numpy(dtype=float)
    bad = ~np.isfinite(x) | ~np.isfinite(z) | (x < 0) | (z < 0) | ((x > 0) & (z == 0))
    if bad.any():
        raise InputError(
            tell(
                "{bad} customer(s) have no usable frequency or monetary_value, the first in row "
                "{argmax}: repeat buyers need an amount above zero; leave out free orders.",
                bad=bad.sum(),
                argmax=int(bad.argmax()) + 1,
            )
        )


def _refused_before(buyers: Repeats) -> str | None:
    if buyers.n < FEWEST:
        return tell("only {repeat} customer(s) bought again, too few for a model of amounts", repeat=buyers.n)
    if np.ptp(buyers.z) <= 1e-9 * buyers.z.max():
        return "all repeat buyers spend the same amount"
    return None


def _refused_after(model: GammaGamma, buyers: Repeats) -> str | None:
    if model.q <= 1:
        return "a few customers spend so much more than the rest that the model has no finite mean (q <= 1)"
    seen = np.average(buyers.z, weights=buyers.x * buyers.counts)
    if model.mean > TRUSTED_MEAN * seen:
        return tell(
            "the model's mean amount is {mean:.1f} times the mean that was seen", mean=model.mean / seen
        )
    return None


def _limit(held: NDArray[np.bool_]) -> str | None:
    if held[1]:
        return tell(
            "Customers do not differ in what they spend on average: everybody is valued near the shop's mean."
        )
    if held[0]:
        return tell(
            "Each customer always spends much the same: the own mean counts fully from the first purchase."
        )
    return None


def _doubts(model: GammaGamma, covariance: Floats) -> tuple[str, ...]:
    if model.q * np.exp(-1.645 * np.sqrt(covariance[1, 1])) > 1:
        return ()
    return (
        tell(
            "The amounts hardly fix the mean spend of customers without repeat purchases (q may be below 1)."
        ),
    )


def stand_in(customers: pd.DataFrame, reason: str) -> SpendFit:
    """Return the own mean against one purchase at the shop's mean, with the reason why no model was fitted.

    Raises
    ------
    NoAnswerError
        No customer has a purchase with an amount.
    """
    model, covariance = own_and_shop_mean(customers)
    buyers = repeats.of(customers)
    limit = tell(
        "No model of amounts was fitted: {reason}; used instead: each customer's own mean, "
        "weighed against one purchase at the shop's mean.",
        reason=reason,
    )
    return SpendFit(
        name="own and shop mean",
        model=model,
        log_likelihood=float("nan"),
        covariance=_matrix(covariance),
        correlation=frequency_and_spend(buyers),
        limit=limit,
        warnings=(),
        n_customers=buyers.n,
    )


def _matrix(values: Floats) -> pd.DataFrame:
    return pd.DataFrame(values, index=list(NAMES), columns=list(NAMES))


def _or_null(value: float | int | str) -> float | int | str | None:
    return None if isinstance(value, float) and np.isnan(value) else value
