"""The second order: how many first-time buyers come back, and how soon."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from clv import purchase_days, survival


def curve(orders: pd.DataFrame, *, until: date | str | None = None) -> pd.DataFrame:
    """Return the share of customers with a second purchase day, by days since their first.

    Kaplan-Meier: customers who have not had the time to come back count for as long as they were seen.

    Parameters
    ----------
    orders
        An ORDERS table.
    until
        Last day of observation; the day of the last order that names a customer when None.

    Returns
    -------
    One row per day from 0 to the last day for which at least ten customers were seen: day, at_risk, returned,
    share, low, high (90 % band, Greenwood on the log(-log) scale). No rows with fewer than ten customers.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    first = _first(orders, until)
    found = survival.curve(first["gap"], first["returned"])
    if len(first) < survival.ENOUGH:
        return found.iloc[:0]
    return found[found["day"] <= first["followed"].nlargest(survival.ENOUGH).iloc[-1]]


def chances(
    orders: pd.DataFrame, *, until: date | str | None = None, days: Sequence[int] = (30, 90, 180, 365)
) -> pd.DataFrame:
    """Return the chance of a second purchase day within each of `days` after the first.

    Returns
    -------
    One row per horizon: days; followed (customers seen for that long); share; low, high (90 %).
    Share and band are missing where fewer than ten customers were seen that long.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    return survival.shares_within(_first(orders, until), days=days)


def _first(orders: pd.DataFrame, until: date | str | None) -> pd.DataFrame:
    return purchase_days.from_orders(orders, until=until).query("step == 1")
