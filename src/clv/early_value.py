"""Newcomers who may become the best customers: from their first days to the money of the time after.

The model of `early_model` learns from customers who joined earlier and is checked on those who joined later,
whom it has not seen. Only where it finds more of the later best customers than the simple rule does, beyond
luck, is it used; else the rule is.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv import early_model, first_days, first_tenth
from clv.early_model import MODEL, RULE
from clv.errors import NoAnswerError
from clv.language import tell

Floats = NDArray[np.float64]

NEWCOMER_DAYS = 180  # since the first order
DAYS = (365, 270, 180, 90)  # times that are foreseen, the longest first that the history allows
_EARLIER = 0.6  # of the customers, by the day they joined, learn; the others check
_ENOUGH, _BUYERS = 100, 20  # customers in each part, and buyers among those who check


@dataclass(frozen=True, eq=False)
class Check:
    """How well the model and the rule found the best of customers who joined later.

    Attributes
    ----------
    table
        Index rule (MODEL, RULE): precision (of the tenth that it puts first, the share that was among the
        tenth that brought most afterwards), lift (precision over that of a blind choice), capture (share of
        all money afterwards that the tenth put first brought), each with _low and _high (90 %, customers
        redrawn).
    better
        Precision of the model less that of the rule: value, low, high (90 %, the same redrawn customers).
    days
        How long after the first days money was counted.
    learned_from, checked_on
        Customers.
    overlap
        Days by which the time that taught reaches into the time that checked; 0 where it ended before.
    total_error
        Money that the chosen one expected of those who checked, over what came, less 1.
    """

    table: pd.DataFrame
    better: tuple[float, float, float]
    days: int
    learned_from: int
    checked_on: int
    overlap: int
    total_error: float

    @property
    def chosen(self) -> str:
        """The one to use: the model only where it is better beyond luck."""
        return MODEL if self.better[1] > 0 else RULE

    @property
    def sentence(self) -> str:
        """Which of the two finds more of the later best customers, in words."""
        value, low, high = (f"{100 * end:+.1f}".replace("-", "−") for end in self.better)
        said = tell(
            "its share of the later best less that of the rule is {value} points ({low} to {high})",
            value=value,
            low=low,
            high=high,
        )
        if self.chosen == MODEL:
            return tell("The model finds more than the simple rule, and is used: {said}.", said=said)
        if self.better[2] < 0:
            return tell("The model finds less than the simple rule, which is used: {said}.", said=said)
        return tell(
            "The model is not seen to find more than the simple rule, which is used: {said}.", said=said
        )


@dataclass(frozen=True, eq=False)
class Found:
    """Newcomers, the most promising first, and what the order rests on.

    Attributes
    ----------
    newcomers
        Index customer_id, of those who joined in the last 180 days and whose first days are over:
        first_order, orders, money (of the first days), category, channel, expected (money of the check's
        `days` after the first days, by the chosen rule; missing without a check).
    check
        None where nothing could be checked; the order is then that of money in the first days.
    why_not
        Why nothing could be checked; empty otherwise.
    too_early
        Newcomers whose first days are not over yet.
    """

    newcomers: pd.DataFrame
    check: Check | None
    why_not: str
    too_early: int


def find(
    orders: pd.DataFrame,
    *,
    until: date | str,
    early_days: int = 60,
    terms: pd.DataFrame | None = None,
    known: pd.DataFrame | None = None,
    rng: np.random.Generator,
    draws: int = 400,
) -> Found:
    """Return the newcomers in the order of what they promise, by what earlier customers teach.

    Parameters
    ----------
    orders
        An ORDERS table.
    until
        Last day of observation.
    early_days
        How many first days of a customer are looked at.
    terms, known
        As for `first_days.seen`.
    rng
        Redraws the customers who check.

    Raises
    ------
    InputError, NoAnswerError
        As `first_days.aged`.
    """
    aged = first_days.aged(orders, until=until)
    seen = first_days.seen(aged, early_days=early_days, terms=terms, known=known)
    x, young = first_days.features(seen), seen["followed"] <= NEWCOMER_DAYS
    try:
        days, later = _longest(aged, seen, early_days)
        done = _checked(seen, x, later, days=days, early_days=early_days, rng=rng, draws=draws)
        old = x.index.isin(later.index)
        expected = early_model.expected(x[old], later.to_numpy(), x[young], by=done.chosen)
        why_not = ""
    except NoAnswerError as refusal:
        done, expected, why_not = None, np.full(int(young.sum()), np.nan), str(refusal)
    columns = ["first_order", "orders", "money", "category", "channel"]
    newcomers = seen.loc[young, columns].assign(expected=expected)
    order = newcomers.sort_values(["expected", "money"], ascending=False, kind="stable")
    younger = aged.loc[aged["followed"] < early_days, "customer_id"].nunique()
    return Found(order, done, why_not, younger)


def _longest(aged: pd.DataFrame, seen: pd.DataFrame, early_days: int) -> tuple[int, pd.Series]:
    """Return the longest time for which enough customers were followed, and the money of each in it."""
    for days in DAYS:
        money = first_days.later(aged, early_days=early_days, days=days)
        later = ~_earlier(seen.loc[money.index, "first_order"])
        if min(later.sum(), (~later).sum()) >= _ENOUGH and (money[later] > 0).sum() >= _BUYERS:
            return days, money
    raise NoAnswerError(
        tell(
            "too few customers were followed for {early_days} days and came back: of those who "
            "joined later {enough} are needed, and {buyers} buyers.",
            early_days=early_days + DAYS[-1],
            enough=_ENOUGH,
            buyers=_BUYERS,
        )
    )


def _earlier(first: pd.Series) -> NDArray[np.bool_]:
    """Return who joined before the day by which six tenths had."""
    return (first < first.quantile(_EARLIER)).to_numpy() if len(first) else np.zeros(0, dtype=bool)


def _checked(
    seen: pd.DataFrame,
    x: pd.DataFrame,
    later: pd.Series,
    *,
    days: int,
    early_days: int,
    rng: np.random.Generator,
    draws: int,
) -> Check:
    first, x, y = seen.loc[later.index, "first_order"], x.loc[later.index], later.to_numpy()
    old = _earlier(first)
    scores = {by: early_model.expected(x[old], y[old], x[~old], by=by) for by in (MODEL, RULE)}
    table, better = first_tenth.measured(scores, y[~old], rng=rng, draws=draws)
    reach = first[old].max() + pd.Timedelta(days=early_days + days)
    overlap = max((reach - first[~old].min() - pd.Timedelta(days=early_days)).days, 0)
    error = scores[MODEL if better[1] > 0 else RULE].sum() / y[~old].sum() - 1
    return Check(table, better, days, int(old.sum()), int((~old).sum()), overlap, float(error))
