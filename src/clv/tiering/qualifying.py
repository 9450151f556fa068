"""What counts towards a tier: every purchase as a weight with a first day and an end.

The money of an order counts from its day until the window has passed over it, or the year is over. A month
with several purchases is one: each purchase of it counts until the next one takes its place. So the amount of
a customer on any day is a sum of weights, and between purchases it can only fall.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv import tables
from clv.errors import InputError, NoAnswerError
from clv.language import tell
from clv.tiering.contract import Membership

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SHORT = 365  # days of spending that decide where a shop names nothing but `tiers: {name: money}`


@dataclass(frozen=True, eq=False)
class Bought:
    """Orders with a customer up to a day, customers as numbers, days since 1970.

    Attributes
    ----------
    ids
        Customer ids; `who` numbers them.
    who, day, amount
        Of each order, by customer and day.
    until
        The last day.
    """

    ids: pd.Index
    who: Ints
    day: Ints
    amount: Floats
    until: int

    @property
    def first(self) -> Ints:
        """Day of each customer's first order."""
        return self.day[np.searchsorted(self.who, np.arange(len(self.ids)))]


@dataclass(frozen=True, eq=False)
class Units:
    """What counts: `weight` of the customer `who` from the day `start` until before the day `end`."""

    who: Ints
    start: Ints
    end: Ints
    weight: Floats
    customers: int

    def on(self, day: int) -> Floats:
        """Return the amount of every customer at the end of a day."""
        return self._sums((self.start <= day) & (day < self.end))

    def leaving(self, day: int, *, within: int) -> Floats:
        """Return what of the amount of a day no longer counts `within` days later."""
        return self._sums((self.start <= day) & (day < self.end) & (self.end <= day + within))

    def _sums(self, which: NDArray[np.bool_]) -> Floats:
        found = np.bincount(self.who[which], self.weight[which], self.customers)
        # rounded, since the last bits of a sum depend on the order of the file, and thresholds are exact
        return found.round(tables.MONEY_DIGITS)


@dataclass(frozen=True, eq=False)
class Path:
    """How amounts went: `amount` of the customer `who` from the evening of `day` on; by customer and day."""

    who: Ints
    day: Ints
    amount: Floats


def number(day: object) -> int:
    """Return a day as days since 1970."""
    return int(np.datetime64(tables.as_day(day), "D").astype(np.int64))


def moments(days: Ints) -> pd.DatetimeIndex:
    """Return days since 1970 as pandas knows them."""
    return pd.DatetimeIndex(np.asarray(days).astype("datetime64[D]").astype("datetime64[ns]"))


def bought(orders: pd.DataFrame, *, until: date | str) -> Bought:
    """Return the orders that can count up to and including a day.

    Parameters
    ----------
    orders
        An ORDERS table, or its columns customer_id, paid_at and amount.

    Raises
    ------
    InputError
        A column is missing, or `until` is no day.
    NoAnswerError
        No order up to that day names a customer.
    """
    lacking = [name for name in ("customer_id", "paid_at", "amount") if name not in orders]
    if lacking:
        raise InputError(tell("the orders table lacks the column {first!r}.", first=lacking[0]))
    last = number(until)
    named = orders["customer_id"].notna().to_numpy()
    day = orders["paid_at"].to_numpy().astype("datetime64[D]").astype(np.int64)
    rows = named & (day <= last)
    if not rows.any():
        raise NoAnswerError(
            tell(
                "no order up to {as_day} names a customer, so nobody has a tier.", as_day=tables.as_day(until)
            )
        )
    who, ids = pd.factorize(orders["customer_id"][rows], sort=True)
    order = np.lexsort((day[rows], who))
    amount = orders["amount"].to_numpy(dtype=float)[rows]
    return Bought(pd.Index(ids, name="customer_id"), who[order], day[rows][order], amount[order], last)


def units(found: Bought, rules: Membership) -> Units:
    """Return what counts towards the tiers of these rules."""
    who, day, weight = found.who, found.day, found.amount
    if rules.by != "spend":
        weight = np.ones(len(day))
    if rules.by == "activity":
        new = np.r_[True, (who[1:] != who[:-1]) | (day[1:] != day[:-1])]
        who, day, weight = who[new], day[new], weight[new]
    end = _ends(day, rules)
    if rules.by == "activity":
        month = day.astype("datetime64[D]").astype("datetime64[M]")
        replaced = np.r_[(who[1:] == who[:-1]) & (month[1:] == month[:-1]), False]
        end = np.where(replaced, np.minimum(end, np.r_[day[1:], 0]), end)
    return Units(who, day, end, weight, len(found.ids))


def _ends(day: Ints, rules: Membership) -> Ints:
    if rules.window.rolling_days:
        return day + rules.window.rolling_days
    year = day.astype("datetime64[D]").astype("datetime64[Y]")
    return (year + 1).astype("datetime64[D]").astype(np.int64)


def path(found: Units, *, until: int) -> Path:
    """Return the amounts of all customers on every day on which they changed, up to and including `until`."""
    over = found.end <= until
    events = pd.DataFrame(
        {
            "who": np.r_[found.who, found.who[over]],
            "day": np.r_[found.start, found.end[over]],
            "change": np.r_[found.weight, -found.weight[over]],
        }
    )
    daily = events.groupby(["who", "day"])["change"].sum()
    amount = daily.groupby(level="who").cumsum().round(tables.MONEY_DIGITS)
    who, day = (amount.index.get_level_values(name).to_numpy() for name in ("who", "day"))
    return Path(who, day, amount.to_numpy())


def fitting(amount: Floats, thresholds: Floats) -> Ints:
    """Return the rank of the highest of the ascending thresholds that each amount reaches, -1 for none."""
    return np.searchsorted(thresholds, amount, side="right") - 1


def to_next(amount: Floats, held: Ints, starts: Floats) -> tuple[Ints, Floats]:
    """Return the next tier above both what is held and what the amount reaches, and what is missing to it.

    Parameters
    ----------
    amount
        Of each customer.
    held
        Rank of the tier held, -1 for none.
    starts
        Amounts from which the tiers are entered, ascending.

    Returns
    -------
    Rank of the next tier, and the amount missing to it; `len(starts)` and nan where there is none.
    """
    following = np.maximum(held, fitting(amount, starts)) + 1
    goal = np.append(starts, np.nan)[following]
    return following, (goal - amount).round(tables.MONEY_DIGITS)
