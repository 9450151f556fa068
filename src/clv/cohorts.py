"""Cohorts: customers by the month of their first purchase, and how many bought in each later month."""

from datetime import date

import pandas as pd

from clv import purchase_days

_MOST_PERIODS = 25  # more rows and columns than that cannot be read in one figure


def retention(orders: pd.DataFrame, *, until: date | str | None = None) -> pd.DataFrame:
    """Return the share of each cohort that bought again in each later calendar period.

    A period is a calendar month; a quarter or a year where the history is too long to read by months (over
    25).

    Parameters
    ----------
    orders
        An ORDERS table.
    until
        Last day of observation; the day of the last order that names a customer when None.

    Returns
    -------
    One row per cohort and period that was observed to its last day: cohort (pandas Period of the
    first purchase day); customers (in the cohort); after (periods after the cohort's own; 0 is always there
    and 100 %); buyers (of the cohort, in that period); share (buyers / customers). Periods that are not
    over are left out.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    days = purchase_days.from_orders(orders, until=until)
    end = (days["day"] + pd.to_timedelta(days["followed"], unit="D")).max()
    period = _period(days["day"].min(), end)
    days = days.assign(period=days["day"].dt.to_period(period))
    days["cohort"] = days.groupby("customer_id")["period"].transform("min")
    sizes = days.groupby("cohort")["customer_id"].nunique().rename("customers")
    buyers = days.groupby(["cohort", "period"])["customer_id"].nunique().rename("buyers")
    cells = _cells(sizes, end).join(buyers, on=["cohort", "period"])
    cells["buyers"] = cells["buyers"].fillna(0).astype("int64")
    cells["share"] = cells["buyers"] / cells["customers"]
    return cells.drop(columns="period")


def _period(first: pd.Timestamp, last: pd.Timestamp) -> str:
    for period in ("M", "Q"):
        if (last.to_period(period) - first.to_period(period)).n < _MOST_PERIODS:
            return period
    return "Y"


def _cells(sizes: pd.Series, end: pd.Timestamp) -> pd.DataFrame:
    """Every cohort with each of its periods that ends by `end`, and always with its own."""
    rows = []
    for cohort, customers in sizes.items():
        over = end.to_period(cohort.freq) - (
            0 if end == end.to_period(cohort.freq).end_time.normalize() else 1
        )
        last = max((over - cohort).n, 0)
        rows += [(cohort, customers, after, cohort + after) for after in range(last + 1)]
    return pd.DataFrame(rows, columns=["cohort", "customers", "after", "period"])
