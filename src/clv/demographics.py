"""Who likes what, by age and gender: shares of a category among a group against the shop's, with intervals.

Groups so small that they could point at somebody are not shown. Of many cells a few stand out by chance: the
false discovery rate (Benjamini & Hochberg 1995) says which do not.
"""

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, norm

from clv.measuring import rates

LEAST = 10  # customers of a group, and buyers of a cell, below which nothing is shown
LEVEL = 0.90
FALSE = 0.10
GROUPS = ("gender", "born")
_COLUMNS = [
    "group", "category", "customers", "buyers", "share", "others", "lift", "low", "high", "differs",
]  # fmt: skip


def lift(members: pd.DataFrame, orders: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """Return how much likelier customers of each group are to have bought each category than the others.

    Parameters
    ----------
    members, orders
        MEMBERS (with the column `by`) and ORDERS tables; a customer counts once for a category.
    by
        gender or born.

    Returns
    -------
    group, category, customers (of the group), buyers, share, others (share among the rest), lift (share /
    others), low, high (of the lift, 90 %, on the log scale: Katz et al. 1978), differs (beyond chance, at a
    false discovery rate of 10 %). Cells with fewer than ten customers or buyers are left out.
    """
    counted = _bought(members, orders, by)
    if counted is None:
        return pd.DataFrame(columns=_COLUMNS)
    cells = _cells(*counted)
    shown = cells[(cells[["customers", "rest", "buyers", "of_rest"]] >= LEAST).all(axis=1)]
    share, others = shown["buyers"] / shown["customers"], shown["of_rest"] / shown["rest"]
    log = np.log(share / others)
    error = np.sqrt(
        1 / shown["buyers"] - 1 / shown["customers"] + 1 / shown["of_rest"] - 1 / shown["rest"]
    ).clip(lower=1e-9)
    z = norm.ppf(0.5 + LEVEL / 2)
    ends = {"low": np.exp(log - z * error), "high": np.exp(log + z * error)}
    p = 2 * norm.sf(np.abs(log / error))
    differs = false_discovery_control(p) <= FALSE if len(shown) else np.zeros(0, dtype=bool)
    found = shown.assign(share=share, others=others, lift=np.exp(log), **ends, differs=differs)
    return found[_COLUMNS].sort_values(["group", "lift"], ascending=[True, False], ignore_index=True)


def _cells(size: pd.Series, hits: pd.DataFrame) -> pd.DataFrame:
    """Return one row per group and category: customers and buyers in it, and in all other groups together."""
    long = hits.rename_axis(index="group", columns="category").stack().rename("buyers").reset_index()
    customers = long["group"].map(size)
    all_of_it = long["category"].map(hits.sum())
    return long.assign(customers=customers, rest=size.sum() - customers, of_rest=all_of_it - long["buyers"])


def _bought(members: pd.DataFrame, orders: pd.DataFrame, by: str) -> tuple[pd.Series, pd.DataFrame] | None:
    """Return the customers of each group who bought at all, and of them those who bought each category."""
    if by not in members or orders["category"].isna().all():
        return None
    told = members[by].dropna()
    bought = orders.dropna(subset=["customer_id", "category"]).drop_duplicates(["customer_id", "category"])
    group = bought["customer_id"].map(told)
    known = bought.assign(group=group).dropna(subset="group")
    if known.empty:
        return None
    size = known.drop_duplicates("customer_id").groupby("group").size()
    return size, pd.crosstab(known["group"], known["category"])


def told(members: pd.DataFrame | None) -> pd.DataFrame:
    """Return of how many members gender and decade of birth are known: what, known, share, low, high."""
    rows = [
        (name, int(members[name].notna().sum()), len(members))
        for name in GROUPS
        if members is not None and name in members
    ]
    found = pd.DataFrame(rows, columns=["what", "known", "members"])
    low, high = rates.wilson(found["known"], found["members"], level=LEVEL)
    return found.assign(share=found["known"] / found["members"], low=low, high=high)
