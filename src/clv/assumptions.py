"""Do these customers behave as the models assume? Five assumptions, each tested by what it says of orders.

Purchases at random while a customer stays; no season; a pace that keeps; first orders that are the first;
money that has nothing to do with how often somebody buys. A test says how likely chance alone is to show as
much; the size says whether it matters. An assumption

- fails where chance would show as much in fewer than one case in a hundred (five tests together then raise a
  false alarm in at most one shop of twenty, by Bonferroni's inequality), and the size matters;
- holds where the 90 % interval leaves no room for a size that matters;
- else nobody can tell.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from clv import purchase_days
from clv.doubting import first_quarter, months, regularity, rows, sentences, shown, spans, spending
from clv.doubting.verdicts import (
    CANNOT_TELL,
    COHORT,
    FAILS,
    FEWEST,
    HOLDS,
    MATTERS,
    MONEY,
    REGULARITY,
    SEASON,
    TREND,
)
from clv.language import tell
from clv.told import listed

__all__ = ["CANNOT_TELL", "COHORT", "FAILS", "HOLDS", "MATTERS", "MONEY", "REGULARITY", "SEASON", "TREND"]

FACTS = {
    "regularity": REGULARITY,
    "season": SEASON,
    "trend": TREND,
    "first_quarter": COHORT,
    "money": MONEY,
}  # names of their facts
_GRAVEST = (TREND, COHORT, SEASON, MONEY, REGULARITY)


@dataclass(frozen=True, eq=False)
class Assumptions:
    """What became of each assumption.

    Attributes
    ----------
    table
        Index assumption (REGULARITY, SEASON, TREND, COHORT, MONEY): test (its name), data (what it had, in
        words), value, low, high (90 %; of the season the month that differs most, all twelve together),
        p_value, verdict (HOLDS, FAILS, CANNOT_TELL), found (what fails, in few words; else empty), means
        (what that does to the numbers of a report).
        Numbers are missing where too few data carry them.
    months
        Index month (1 to 12): bought, even, factor, low, high, as `doubting.months` has them; empty where
        too few purchase days tell of them.
    """

    table: pd.DataFrame
    months: pd.DataFrame

    @property
    def untested(self) -> pd.DataFrame:
        """What these orders are too few or too short to test: index assumption; means (why)."""
        return self.table.loc[self.table["value"].isna(), ["means"]]

    @property
    def failing(self) -> list[str]:
        """What fails, in few words; first what is off in the total, then what is off within it."""
        fails = self.table["verdict"] == FAILS
        return [self.table.at[name, "found"] for name in _GRAVEST if fails[name]]


def check(orders: pd.DataFrame, *, until: date | str) -> Assumptions:
    """Test what BG/NBD, MBG/NBD, Pareto/NBD and Gamma-Gamma assume.

    Parameters
    ----------
    orders
        An ORDERS table.
    until
        Last day of observation.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    bought = purchase_days.from_orders(orders, until=until)
    days = int(bought["followed"].max())
    inner = spans.of(bought)
    year = months.look(inner, days=days) if len(inner.day) >= FEWEST else None
    season = rows.season(year, n=len(inner.day))
    trend = rows.trend(year, n=len(inner.day))
    steady = trend.verdict != FAILS
    found = {
        REGULARITY: rows.regularity(regularity.estimate(bought)),
        SEASON: season,
        TREND: trend,
        COHORT: rows.cohort(first_quarter.compare(bought, days=days), steady=steady),
        MONEY: rows.money(spending.relate(bought)),
    }
    told = {name: vars(one) for name, one in found.items()}
    table = pd.DataFrame.from_dict(told, orient="index").rename_axis("assumption")
    return Assumptions(table, pd.DataFrame() if year is None else year.factors)


def sentence(found: Assumptions) -> str:
    """Return how many of the assumptions fail, and which."""
    failing, untold = found.failing, (found.table["verdict"] == CANNOT_TELL).sum()
    open_ones = tell("{n} of {of} cannot be told from these orders", n=untold, of=len(found.table))
    if not failing:
        if untold == len(found.table):
            return tell("These orders are too few to test what the model assumes.")
        if untold:
            return tell("None of the assumptions is seen to fail; {open}.", open=open_ones)
        return tell("All of the assumptions hold as far as it matters.")
    named = listed(failing)
    if untold:
        return tell("What fails here: {named}; {open}.", named=named, open=open_ones)
    return tell("What fails here: {named}.", named=named)


def ahead(found: Assumptions, *, until: date | str, days: int) -> str:
    """Return what the season does to a forecast of the `days` days after `until`; empty where there is none.

    The strength of each month, over the days that lie in it.
    """
    if found.table.at[SEASON, "verdict"] != FAILS:
        return ""
    coming = pd.date_range(pd.Timestamp(until) + pd.Timedelta(days=1), periods=days)
    factor = found.months["factor"].reindex(coming.month).fillna(1.0).mean()
    return sentences.ahead(factor, days=days)


def in_words(found: Assumptions) -> pd.DataFrame:
    """Return the table as people read it: assumption, verdict, found, by_chance, data."""
    return shown.in_words(found.table)
