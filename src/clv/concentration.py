"""Concentration: how much of the money comes from how few of the customers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clv import tables

_POINTS = 400  # of the curve; what a figure can show


def curve(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the share of all money that the best customers brought, from nobody to everybody.

    It is Lorenz's curve read from the other end: best customers first.

    Parameters
    ----------
    customers
        A CUSTOMERS table.

    Returns
    -------
    Rising from (0, 0) to (1, 1), at most 401 rows: customer_share, spend_share.
    """
    spend = _spend(customers)
    n = len(spend)
    # denser at the best customers, where the curve bends
    k = np.unique(np.rint(n * np.linspace(0, 1, _POINTS + 1) ** 2).astype(np.int64))
    total = np.concatenate(([0.0], np.cumsum(spend)))
    return pd.DataFrame({"customer_share": k / n, "spend_share": total[k] / total[-1]})


def top(customers: pd.DataFrame, *, shares: Sequence[float] = (0.01, 0.05, 0.10, 0.20)) -> pd.DataFrame:
    """Return what the top 1, 5, 10 and 20 % of customers by money brought.

    Returns
    -------
    One row per share that is at least one customer: customer_share; customers (rounded); spend; spend_share
    (between two customers in proportion).
    """
    spend = _spend(customers)
    total = np.concatenate(([0.0], np.cumsum(spend)))
    shares = [share for share in shares if len(spend) * share >= 1]
    k = len(spend) * np.array(shares)
    money = np.interp(k, np.arange(len(spend) + 1), total)
    return pd.DataFrame(
        {
            "customer_share": shares,
            "customers": np.rint(k).astype(np.int64),
            "spend": money,
            "spend_share": money / total[-1],
        }
    )


def gini(customers: pd.DataFrame) -> float:
    """Return Gini's coefficient of money per customer: 0 if all spent the same, near 1 if one spent all."""
    spend = _spend(customers)[::-1]
    n = len(spend)
    return float(2 * (np.arange(1, n + 1) * spend).sum() / (n * spend.sum()) - (n + 1) / n)


def _spend(customers: pd.DataFrame) -> np.ndarray:
    return np.sort(tables.check(customers, tables.CUSTOMERS)["total_spend"].to_numpy())[::-1]
