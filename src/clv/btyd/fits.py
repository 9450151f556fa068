"""What a fit returns: the model, how sure we are of it, and how to keep it as plain JSON."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clv.btyd import possible
from clv.btyd.histories import Array, History
from clv.btyd.model import Model, whole
from clv.btyd.spread import Spread
from clv.declaring import strict_json
from clv.errors import InputError
from clv.language import tell

if TYPE_CHECKING:
    from clv.btyd.charts import Chart

VERSION = 1
_LONGEST = 100  # characters of a reason


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model.

    Attributes
    ----------
    name
        'bgnbd', 'mbgnbd', 'paretonbd' or 'nbd'.
    model
        The parameters, as a frozen dataclass that answers questions.
    log_likelihood
        At the parameters, in the time unit of the customers table.
    covariance
        Of the logarithms of the parameters (labelled), over the directions that the data leave free: a
        direction that a limiting model holds has no variance.
    limit
        None, or one sentence that names the limiting model on whose edge the best parameters lie.
    warnings
        Sentences that a reader of the numbers should see.
    n_customers
        How many customers it was fitted on.
    spread
        The distribution that `draws` draws from.
    rows, counts
        The distinct histories and how many customers have each; None after a trip through JSON.
    """

    name: str
    model: Model
    log_likelihood: float
    covariance: pd.DataFrame
    limit: str | None
    warnings: tuple[str, ...]
    n_customers: int
    spread: Spread = field(repr=False)
    rows: History | None = field(default=None, repr=False)
    counts: Array | None = field(default=None, repr=False)

    @property
    def standard_errors(self) -> pd.Series:
        """Standard errors of the parameters themselves, by the delta method from `covariance`."""
        values = pd.Series(self.model.parameters)
        return (values * np.sqrt(np.diag(self.covariance))).rename("standard_error")

    def draws(self, n: int, *, rng: np.random.Generator) -> list[Model]:
        """Return `n` models drawn from what the data leave possible; none of them leaves the feasible box."""
        chart: Chart = type(self.model).chart
        logs = chart.logs(self.spread.draw(whole(n, name="n"), rng))
        return [type(self.model)(*map(float, row)) for row in np.exp(logs)]

    def to_lifetimes(self, customers: pd.DataFrame | None = None) -> object:
        """Return the fitted lifetimes object with its whole API (predict, summary, plots), without refitting.

        Its `data` are `customers` when given (and keep their index), else the histories that the model was
        fitted on, one row per customer without names.
        """
        from clv.btyd.lifetimes_objects import as_lifetimes

        return as_lifetimes(self, customers)

    def to_json(self) -> str:
        """Return the fit as plain, versioned JSON without any customer in it."""
        spread = {name: np.asarray(value).tolist() for name, value in vars(self.spread).items()}
        return json.dumps(
            {
                "format": "clv.fit",
                "version": VERSION,
                "name": self.name,
                "parameters": self.model.parameters,
                "log_likelihood": self.log_likelihood,
                "covariance": self.covariance.to_numpy().tolist(),
                "limit": self.limit,
                "warnings": list(self.warnings),
                "n_customers": self.n_customers,
                "spread": spread,
            },
            indent=1,
            ensure_ascii=False,
            allow_nan=False,
        )


def parse(text: str) -> dict:
    """Return what `Fit.to_json` wrote as a dictionary, or say that it did not write this.

    Raises
    ------
    InputError
        The text is no JSON, no fit, or of another version.
    """
    try:
        found = strict_json.read(text)
    except (TypeError, ValueError):
        raise InputError(tell("the model file is not JSON; write it with `clv fit`.")) from None
    if not isinstance(found, dict) or found.get("format") != "clv.fit":
        raise InputError(tell("the file is JSON, but not a fitted model; write it with `clv fit`."))
    if found.get("version") != VERSION:
        raise InputError(
            tell(
                "the model file has version {found}, this program reads version {version}; fit the "
                "model again with `clv fit`.",
                found=_short(repr(found.get("version"))),
                version=VERSION,
            )
        )
    return found


def from_parsed(found: dict, kind: type[Model]) -> Fit:
    """Return the fit that `parse` read.

    Raises
    ------
    InputError
        An entry is missing or of the wrong type or size.
    """
    try:
        model = kind(**{name: float(value) for name, value in found["parameters"].items()})
        names = list(model.parameters)
        spread = Spread(**{name: np.asarray(value, dtype=float) for name, value in found["spread"].items()})
        covariance = np.asarray(found["covariance"], dtype=float).reshape(len(names), len(names))
        possible.check(model, spread, covariance)
        return Fit(
            name=kind.name,
            model=model,
            log_likelihood=_finite(found["log_likelihood"]),
            covariance=pd.DataFrame(covariance, index=names, columns=names),
            limit=None if found["limit"] is None else str(found["limit"]),
            warnings=tuple(map(str, found["warnings"])),
            n_customers=_count(found["n_customers"]),
            spread=spread,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(
            tell(
                "the model file is damaged ({name}: {error}); fit again with `clv fit`.",
                name=type(error).__name__,
                error=_short(str(error)),
            )
        ) from None


def _finite(value: object) -> float:
    if not np.isfinite(number := float(value)):  # type: ignore[arg-type]
        raise ValueError("a number is not finite")
    return number


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("n_customers is no count")
    return value


def _short(text: str) -> str:
    """Return a reason that may quote the file, as a sentence can hold it."""
    return text if text.isprintable() and len(text) <= _LONGEST else "…"
