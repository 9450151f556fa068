"""Customers looked at on many days: how far from a threshold, and who orders in the days that follow.

Every customer with something that counts is seen every `days` days, so that what follows one look never
overlaps what follows the next. What the customer did before is taken off: the expected share that orders is
that of all looks at customers with as many purchase days in the year before and as long since the last.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clv.tiering.contract import Membership
from clv.tiering.qualifying import Bought, Floats, Ints, Path, Units, path, units

MOST = 60_000  # customers looked at; more would say the same
_COUNTS = np.array([2, 3, 4, 5, 6, 8, 11, 16, 26])  # purchase days of a year, where groups begin
_SILENT = np.array([8, 15, 31, 46, 61, 91, 121, 181, 271])  # days since the last, where groups begin
_YEAR = 365


@dataclass(frozen=True, eq=False)
class Looks:
    """One row per customer and day of looking, in the order of the amounts.

    Attributes
    ----------
    who, amount
        The customer, and what counted that evening.
    peak
        The most that had counted within one window before, that evening included.
    ordered, expected
        Whether an order followed within `days` days, and the share of customers alike in whom one did.
    days
        Length of what follows.
    """

    who: Ints
    amount: Floats
    peak: Floats
    ordered: Floats
    expected: Floats
    days: int

    @property
    def surprise(self) -> Floats:
        """What ordered beyond what was expected."""
        return self.ordered - self.expected


def sampled(found: Bought, *, rng: np.random.Generator) -> Bought:
    """Return the orders of at most `MOST` customers, drawn by lot."""
    n = len(found.ids)
    if n <= MOST:
        return found
    chosen = np.sort(rng.permutation(n)[:MOST])
    place = np.full(n, -1)
    place[chosen] = np.arange(MOST)
    rows = place[found.who] >= 0
    who = place[found.who[rows]]
    return Bought(found.ids[chosen], who, found.day[rows], found.amount[rows], found.until)


def looks(found: Bought, rules: Membership, *, days: int) -> Looks:
    """Return all looks at the customers, from the first whole window on.

    Parameters
    ----------
    days
        Days of what follows a look, and between two looks.
    """
    counted = units(found, rules)
    steps = path(counted, until=found.until)
    window = rules.window.rolling_days or _YEAR
    last, first = found.until - days, int(found.day.min()) + window - 1
    at = np.arange(last, first - 1, -days)[::-1]
    purchases = _PurchaseDays.of(found)
    parts = [_look(int(day), counted, purchases, days) for day in at]
    peaks = _peaks(steps, counted, at, window)
    rows = [np.flatnonzero(part["amount"] > 0) for part in parts]
    table = pd.concat(
        [
            part.iloc[mine].assign(who=mine, day=day, peak=np.maximum(peak[mine], part["amount"].iloc[mine]))
            for part, mine, peak, day in zip(parts, rows, peaks, at, strict=True)
        ]
        or [pd.DataFrame(columns=["amount", "cell", "ordered", "who", "day", "peak"], dtype=float)],
        ignore_index=True,
    )
    table = table.assign(expected=_expected(table)).sort_values("amount", kind="stable")
    columns = {name: table[name].to_numpy() for name in ("who", "amount", "peak", "ordered", "expected")}
    return Looks(**columns, days=days)


@dataclass(frozen=True, eq=False)
class _PurchaseDays:
    """Days with a purchase, each once, by customer and day."""

    who: Ints
    day: Ints
    customers: int

    @classmethod
    def of(cls, found: Bought) -> "_PurchaseDays":
        new = np.r_[True, (found.who[1:] != found.who[:-1]) | (found.day[1:] != found.day[:-1])]
        return cls(found.who[new], found.day[new], len(found.ids))

    def within(self, first: int, last: int) -> Ints:
        """Return how many purchase days each customer has from one day to another, both included."""
        rows = (self.day >= first) & (self.day <= last)
        return np.bincount(self.who[rows], minlength=self.customers)

    def last_before(self, day: int) -> Ints:
        """Return the last purchase day of each customer up to a day; far in the past without one."""
        found = np.full(self.customers, -(10**6))
        rows = self.day <= day
        found[self.who[rows]] = self.day[rows]  # the latest comes last
        return found


def _look(day: int, counted: Units, purchases: _PurchaseDays, days: int) -> pd.DataFrame:
    often = np.searchsorted(_COUNTS, purchases.within(day - _YEAR + 1, day), side="right")
    silent = np.searchsorted(_SILENT, day - purchases.last_before(day), side="right")
    return pd.DataFrame(
        {
            "amount": counted.on(day),
            "cell": often * (len(_SILENT) + 1) + silent,
            "ordered": (purchases.within(day + 1, day + days) > 0).astype(float),
        }
    )


def _peaks(steps: Path, counted: Units, at: Ints, window: int) -> list[Floats]:
    """Return the most that counted for each customer within the window before each look."""
    found = []
    for day in at:
        first = int(day) - window + 1
        rows = (steps.day > first) & (steps.day <= day)
        peak = counted.on(first)  # what was there as the window began, without a step in it
        np.maximum.at(peak, steps.who[rows], steps.amount[rows])
        found.append(peak)
    return found


def _expected(table: pd.DataFrame) -> pd.Series:
    """Return the share that orders among those alike, moved by what all do after that day."""
    alike = table.groupby("cell")["ordered"].transform("mean")
    return alike + (table["ordered"] - alike).groupby(table["day"]).transform("mean")
