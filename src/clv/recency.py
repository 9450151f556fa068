"""Recency windows: who is active, silent, sleeping or lost, by the days since the last purchase."""

from collections.abc import Sequence

import pandas as pd

from clv import tables
from clv.errors import SettingError
from clv.language import tell

NAMES = ("active", "silent", "sleeping", "lost")


def windows(customers: pd.DataFrame, *, windows: Sequence[int] = (90, 180, 270)) -> pd.DataFrame:
    """Return the four windows with the customers and the money in them.

    Parameters
    ----------
    customers
        A CUSTOMERS table.
    windows
        Last day of active, silent and sleeping, in days since the last purchase; it belongs to the window:
        with 90, a customer whose last purchase is 90 days ago is active, with 91 days silent.

    Returns
    -------
    Four rows: window (name); from_day, to_day (both inclusive; to_day missing for lost); customers;
    customer_share; spend (their money so far); spend_share.

    Raises
    ------
    SettingError
        `windows` are not three rising whole numbers of days.
    """
    _check(windows)
    customers = tables.check(customers, tables.CUSTOMERS)
    edges = [-1, *windows, float("inf")]
    window = pd.cut(customers["days_since_last"], edges, labels=list(NAMES))
    spend = customers["total_spend"].groupby(window, observed=False).sum()
    counts = window.value_counts().reindex(list(NAMES))
    return pd.DataFrame(
        {
            "window": list(NAMES),
            "from_day": [0, *(day + 1 for day in windows)],
            "to_day": pd.array([*windows, pd.NA], dtype="Int64"),
            "customers": counts.to_numpy(),
            "customer_share": (counts / len(customers)).to_numpy(),
            "spend": spend.to_numpy(),
            "spend_share": (spend / spend.sum()).to_numpy(),
        }
    )


def quiet(customers: pd.DataFrame, *, windows: Sequence[int] = (90, 180, 270), top: int = 20) -> pd.DataFrame:
    """Return the `top` spenders among the silent and the sleeping: a list by rule, without any model.

    Returns
    -------
    Index customer_id: orders, total_spend, last_order, days_since_last, window; most money first.

    Raises
    ------
    SettingError
        As `windows`.
    """
    _check(windows)
    silence = customers["days_since_last"]
    waiting = customers[(silence > windows[0]) & (silence <= windows[-1])]
    listed = waiting.sort_values("total_spend", ascending=False, kind="stable").head(top)
    silent = listed["days_since_last"] <= windows[1]
    columns = ["orders", "total_spend", "last_order", "days_since_last"]
    return listed[columns].assign(window=silent.map({True: NAMES[1], False: NAMES[2]}).astype("str"))


def _check(windows: Sequence[int]) -> None:
    whole = all(isinstance(day, int) and day >= 0 for day in windows)
    if len(windows) != len(NAMES) - 1 or not whole or sorted(set(windows)) != list(windows):
        raise SettingError(
            tell(
                "windows must be three rising whole numbers of days such as [90, 180, 270], not {windows}.",
                windows=list(windows),
            )
        )
