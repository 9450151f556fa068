"""Which model sees this shop's future best? The one that gave what happened the highest chance.

Every model is fitted on the calibration table alone and then asked for the chance of exactly the number of
purchase days that each customer made in the holdout. The mean logarithm of these chances is the log score: a
strictly proper score, so no model gains by shading what it believes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clv.btyd.fits import Fit
from clv.btyd.model import Model
from clv.errors import InputError, NoAnswerError, SettingError
from clv.language import tell
from clv.models import fit_by_name
from clv.told import together

CANDIDATES = ("bgnbd", "mbgnbd", "paretonbd")
_TINY = 1e-300  # a chance that underflows to 0 counts as this
_NOTHING = 1e-4  # a difference of log scores that no shop would notice, however sure it is


@dataclass(frozen=True, eq=False)
class Choice:
    """The best model of several, and how sure that is.

    Attributes
    ----------
    name
        The model with the highest log score.
    table
        One row per model, best first: model, title, log_score (mean per customer), difference (to the best,
        at most 0), standard_error (of the difference), total_error (expected / actual purchases - 1; missing
        where nobody bought), log_likelihood (calibration), limit (a sentence, or missing).
    sentence
        What was chosen, why, and which models the data cannot tell apart.
    fits
        The calibration fits by model name.
    """

    name: str
    table: pd.DataFrame
    sentence: str
    fits: dict[str, Fit]


def choose(
    calibration: pd.DataFrame,
    holdout_purchases: pd.Series,
    *,
    days: float,
    names: Sequence[str] = CANDIDATES,
) -> Choice:
    """Return the model with the best log score on what the customers did after calibration.

    Parameters
    ----------
    calibration
        A CUSTOMERS table at the end of calibration.
    holdout_purchases
        Purchase days of the same customers in the `days` days after it; same index.
    names
        Models to compare: 'bgnbd', 'mbgnbd', 'paretonbd', 'nbd'.

    Raises
    ------
    InputError
        The holdout lacks a customer, or its counts are not whole numbers.
    SettingError
        There is no such model, or none is named.
    NoAnswerError
        No model could be fitted; the first reason is given.
    """
    counts = _counts(calibration, holdout_purchases)
    fits, refusals = _fits(calibration, names)
    if not fits:
        before = tell("before the last {days:g} days, which are hidden to compare the models", days=days)
        raise NoAnswerError(f"{before}, {next(iter(refusals.values()))}")
    scores = pd.DataFrame(
        {name: _log_scores(fit.model, calibration, counts, days) for name, fit in fits.items()}
    )
    table = _table(fits, scores, calibration, counts, days)
    return Choice(table.at[0, "model"], table, _sentence(table, refusals, len(counts)), fits)


def _counts(calibration: pd.DataFrame, holdout_purchases: pd.Series) -> pd.Series:
    mine = holdout_purchases.reindex(calibration.index)
    bad = mine.isna() | (mine < 0) | (mine != mine.round())
    if bad.any():
        raise InputError(
            tell(
                "holdout_purchases has no whole number for {bad} customer(s), the first in row {argmax}; "
                "give each customer a count, 0 for none.",
                bad=bad.sum(),
                argmax=int(bad.to_numpy().argmax()) + 1,
            )
        )
    return mine.astype("int64")


def _fits(calibration: pd.DataFrame, names: Sequence[str]) -> tuple[dict[str, Fit], dict[str, str]]:
    if not names:
        raise SettingError(tell("no model is named to choose from; name for example bgnbd and mbgnbd."))
    fits, refusals = {}, {}
    for name in names:
        try:
            fits[name] = fit_by_name(name, calibration)
        except NoAnswerError as refusal:
            refusals[name] = str(refusal)
    return fits, refusals


def _log_scores(model: Model, calibration: pd.DataFrame, counts: pd.Series, days: float) -> pd.Series:
    """Logarithm of the chance that the model gave to what each customer did."""
    found = pd.Series(0.0, index=calibration.index)
    for n, who in counts.groupby(counts).groups.items():
        chance = model.p_exactly(calibration.loc[who], n=int(n), days=days)
        found.loc[who] = np.log(chance.clip(lower=_TINY))
    return found


def _table(
    fits: dict[str, Fit], scores: pd.DataFrame, calibration: pd.DataFrame, counts: pd.Series, days: float
) -> pd.DataFrame:
    best = scores[scores.mean().idxmax()]
    actual = counts.sum() or np.nan
    rows = [
        {
            "model": name,
            "title": fit.model.title,
            "log_score": scores[name].mean(),
            "difference": (scores[name] - best).mean(),
            "standard_error": np.std(scores[name] - best) / np.sqrt(len(best)),
            "total_error": fit.model.expected_purchases(calibration, days=days).sum() / actual - 1,
            "log_likelihood": fit.log_likelihood,
            "limit": fit.limit,
        }
        for name, fit in fits.items()
    ]
    return pd.DataFrame(rows).sort_values("log_score", ascending=False, kind="stable", ignore_index=True)


def _sentence(table: pd.DataFrame, refusals: dict[str, str], n: int) -> str:
    best, others = table.iloc[0], table.iloc[1:]
    close = others[-others["difference"] <= others["standard_error"].clip(lower=_NOTHING)]
    said = tell(
        "{title} came closest to what these {n:,} customers did in the hidden days", title=best["title"], n=n
    )
    said += tell(" (log score {log_score:.4f} per customer).", log_score=best["log_score"])
    if len(close):
        names = together(close["title"])
        said += tell(
            " It cannot be told apart from {names} here: the difference is within its standard error.",
            names=names,
        )
        if best["model"] == "bgnbd" and "mbgnbd" in set(close["model"]):
            said += tell(
                " Beware that BG/NBD takes every one-time buyer for a customer still; MBG/NBD does not."
            )
    for name, reason in refusals.items():
        said += tell(" Not fitted: {name} ({reason})", name=name, reason=reason)
    return said
