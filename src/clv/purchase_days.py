"""Orders → purchase days: one row per customer and day with a purchase, and how long until the next one."""

from datetime import date

import numpy as np
import pandas as pd

from clv import tables
from clv.errors import InputError, NoAnswerError
from clv.language import tell


def from_orders(orders: pd.DataFrame, *, until: date | str | None = None) -> pd.DataFrame:
    """Return each customer's purchase days up to and including the day `until`.

    Orders of one customer on one day are one purchase day. Orders without a customer id are passed over.

    Parameters
    ----------
    orders
        An ORDERS table.
    until
        Last day of observation; the day of the last order that names a customer when None.

    Returns
    -------
    One row per customer and purchase day, in the order of customer ids and days:
    customer_id; day; amount (money of the day); step (1 for the first purchase day, 2 for the second, ...);
    gap (days to the customer's next purchase day, or to `until` where there is none yet); returned (whether
    there is a next one); followed (days from this purchase day to `until`).

    Raises
    ------
    InputError
        `until` is not a date or lies before the first order.
    NoAnswerError
        No order names a customer.
    """
    known = tables.check(orders, tables.ORDERS).dropna(subset="customer_id")
    if known.empty:
        raise NoAnswerError(
            tell("no order names a customer, so nobody can be seen to come back; export the buyer's id too.")
        )
    known = known.assign(day=known["paid_at"].dt.normalize())
    end = known["day"].max() if until is None else pd.Timestamp(tables.as_day(until))
    if end < known["day"].min():
        first = known["day"].min().date()
        raise InputError(
            tell(
                "the last day {end} lies before the first order ({first}); give a later day.",
                end=end.date(),
                first=first,
            )
        )
    bought = known[known["day"] <= end]
    days = bought.groupby(["customer_id", "day"], as_index=False, observed=True)["amount"].sum()
    days["amount"] = days["amount"].round(tables.MONEY_DIGITS)
    return _with_waits(days, end)


def as_of(days: pd.DataFrame, *, until: date | str) -> pd.DataFrame:
    """Return the purchase days as they stood at the end of the day `until`: the later ones are not yet known.

    Parameters
    ----------
    days
        What `from_orders` made of the orders up to `until` or later.
    """
    end = pd.Timestamp(tables.as_day(until))
    return _with_waits(days.loc[days["day"] <= end, ["customer_id", "day", "amount"]], end)


def _with_waits(days: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """Add how long each customer waited; `days` stand in the order of customers and days."""
    days = days.reset_index(drop=True)
    same_customer = days["customer_id"].eq(days["customer_id"].shift(-1))
    following = days["day"].shift(-1).where(same_customer)
    first = np.flatnonzero(~same_customer.shift(1, fill_value=False))
    step = np.arange(len(days)) - np.repeat(first, np.diff(np.append(first, len(days)))) + 1
    return days.assign(
        step=step,
        gap=(following.fillna(end) - days["day"]).dt.days,
        returned=following.notna(),
        followed=(end - days["day"]).dt.days,
    )
