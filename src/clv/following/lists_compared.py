"""Lists of customers that rules made on days of the past, and how many of those on them bought soon after.

Two lists of one day share many customers; what tells the rules apart are those who stand on one list only.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.measuring import rates

_LEVEL = 0.90


class Eve(NamedTuple):
    """A day of the past: what was coming (its name, its first day), who bought in it, who was on which list.

    `bought` has everybody who was known, `lists` places in it; `expected` is how many buyers were promised.
    """

    name: str
    opens: pd.Timestamp
    bought: NDArray[np.bool_]
    expected: float
    lists: dict[str, NDArray[np.int64]]


def table(found: Sequence[Eve]) -> pd.DataFrame:
    """Return one row per day and rule.

    Returns
    -------
    name, opens (first day), customers, buyers (of them), expected (buyers that were promised), rule, listed,
    hits, precision, low, high (90 %, Wilson).
    """
    rows = []
    for eve in found:
        told = {"name": eve.name, "opens": eve.opens, "customers": len(eve.bought)}
        told |= {"buyers": int(eve.bought.sum()), "expected": eve.expected}
        for rule, who in eve.lists.items():
            rows.append(told | {"rule": rule, "listed": len(who), "hits": int(eve.bought[who].sum())})
    columns = ["name", "opens", "customers", "buyers", "expected", "rule", "listed", "hits"]
    return _with_precision(pd.DataFrame(rows, columns=columns))


def together(found: Sequence[Eve], *, ours: str) -> pd.DataFrame:
    """Return each rule over all days, and how much better one of them, `ours`, did.

    Returns
    -------
    Index rule: listed, hits, precision, low, high (90 %, Wilson); better, better_low, better_high (precision
    of ours less that of the rule: Newcombe's interval for the customers who are on one list only; missing for
    ours itself).
    """
    rows = _with_precision(table(found).groupby("rule", sort=False)[["listed", "hits"]].sum())
    ends = np.array([_better(found, rule, ours) for rule in rows.index], dtype=float).reshape(-1, 3)
    return rows.assign(better=ends[:, 0], better_low=ends[:, 1], better_high=ends[:, 2])


def _better(found: Sequence[Eve], rule: str, ours: str) -> tuple[float, float, float]:
    if rule == ours:
        return np.nan, np.nan, np.nan
    hits = misses = apart = listed = 0
    for eve in found:
        mine, other = eve.lists[ours], eve.lists[rule]
        only_mine = np.setdiff1d(mine, other)
        hits += int(eve.bought[only_mine].sum())
        misses += int(eve.bought[np.setdiff1d(other, mine)].sum())
        apart, listed = apart + len(only_mine), listed + len(mine)
    if not apart:
        return 0.0, 0.0, 0.0
    low, high = rates.newcombe(hits, apart, misses, apart, level=_LEVEL)
    part = apart / listed
    return (hits - misses) / listed, float(low) * part, float(high) * part


def _with_precision(rows: pd.DataFrame) -> pd.DataFrame:
    listed = rows["listed"].astype(float)
    low, high = rates.wilson(rows["hits"].astype(float), listed, level=_LEVEL)
    return rows.assign(precision=rows["hits"] / listed, low=low, high=high)
