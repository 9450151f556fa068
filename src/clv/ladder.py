"""The loyalty ladder: from the first purchase to the second, the third, the fourth and on."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from clv import purchase_days, survival

TOP_STEP = 4  # the fourth purchase day and all later ones are one step, "4+"


def steps(
    orders: pd.DataFrame, *, until: date | str | None = None, days: Sequence[int] = (30, 90, 180, 365)
) -> pd.DataFrame:
    """Return the chance of a next purchase day after the first, second, third and any later one.

    Parameters
    ----------
    orders
        An ORDERS table.
    until
        Last day of observation; the day of the last order that names a customer when None.
    days
        Horizons in days.

    Returns
    -------
    One row per step and horizon, only steps that somebody reached: step ("1", "2", "3", "4+");
    customers (who reached it); came_back (waits at this step that ended with a purchase; in "4+" one
    customer may have several); median_gap (days, of those waits; missing without any); days; followed
    (customers with such a wait seen for that long); share; low, high (90 % Kaplan-Meier). Share and band are
    missing where fewer than ten customers were seen that long.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    waits = purchase_days.from_orders(orders, until=until)
    number = waits["step"].clip(upper=TOP_STEP)
    return pd.concat([_step(rows, k, days) for k, rows in waits.groupby(number)], ignore_index=True)


def wide(table: pd.DataFrame) -> pd.DataFrame:
    """Return `steps` one row per step: step, customers, median_gap, a column for each horizon (within_30)."""
    shares = table.pivot(index="step", columns="days", values="share").add_prefix("within_")
    about = table.drop_duplicates("step")[["step", "customers", "median_gap"]]
    return about.merge(shares, on="step").reset_index(drop=True)


def _step(waits: pd.DataFrame, k: int, days: Sequence[int]) -> pd.DataFrame:
    found = survival.shares_within(waits, days=days)
    found.insert(0, "step", f"{k}+" if k == TOP_STEP else str(k))
    found.insert(1, "customers", waits["customer_id"].nunique())
    found.insert(2, "came_back", int(waits["returned"].sum()))
    found.insert(3, "median_gap", waits.loc[waits["returned"], "gap"].median())
    return found


def gaps(orders: pd.DataFrame, *, until: date | str | None = None) -> pd.DataFrame:
    """Return the days between one purchase day and the customer's next, for all that had a next.

    Returns
    -------
    One row per pair of consecutive purchase days: step (number of the earlier one), gap (days, at least 1);
    no rows where nobody came back. Long gaps are under-represented: those still open are not in it.
    """
    waits = purchase_days.from_orders(orders, until=until)
    return waits.loc[waits["returned"], ["step", "gap"]].reset_index(drop=True)
