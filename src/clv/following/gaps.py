"""Own gaps between purchases: who is due by them, and how soon customers come back after each category."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import binom, gamma
from scipy.stats import t as student

from clv import survival
from clv.following.lists_compared import Eve
from clv.origins import Origin

ONCE, EARLY, DUE = "one purchase", "not due yet", "due"
LATE, LONG = "overdue", "long overdue"
GROUPS = (ONCE, EARLY, DUE, LATE, LONG)
MODEL, OWN, RECENCY = "likeliest by the model", "due by the own gap", "latest purchase first"
_YEAR = 365
_TAIL = 0.05


def own(days: pd.DataFrame, *, within: int) -> pd.DataFrame:
    """Return each customer's own gap and what it says.

    Returns
    -------
    Index customer_id: purchases, days_since_last, own_gap (median), overdue (days_since_last / own_gap),
    group: 'one purchase'; 'not due yet' (the own gap ends after the next `within` days); 'due' (it ends
    within them); 'overdue' (it has ended), 'long overdue' (it ended more than one gap ago).
    """
    by = days.groupby("customer_id")
    table = pd.DataFrame({"purchases": by.size(), "days_since_last": by["followed"].last()})
    own_gap = days[days["returned"]].groupby("customer_id")["gap"].median()
    table = table.assign(own_gap=own_gap.reindex(table.index))
    overdue = table["days_since_last"] / table["own_gap"]
    ahead = (table["days_since_last"] + within) / table["own_gap"]
    says = np.select([overdue.isna(), ahead < 1, overdue < 1, overdue <= 2], [ONCE, EARLY, DUE, LATE], LONG)
    return table.assign(overdue=overdue, group=says.astype(object))


def by_category(found: pd.DataFrame, *, days: Sequence[int]) -> pd.DataFrame:
    """Return one row per category; see `clv.due.by_category`."""
    known = found.dropna(subset="category")
    sizes = known["category"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    rows = {name: _row(known[known["category"] == name], days) for name in sizes.index}
    rows = {name: row for name, row in rows.items() if row["customers"] >= survival.ENOUGH}
    rows = rows | {"all": _row(known, days)}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("category")
    return table if len(table) > 1 else table.iloc[:0]


def _row(waits: pd.DataFrame, days: Sequence[int]) -> dict[str, float]:
    row = {"customers": waits["customer_id"].nunique(), "waits": len(waits)}
    for one in survival.shares_within(waits, days=days).itertuples():
        name = f"back_{one.days}"
        row |= {name: one.share, f"{name}_low": one.low, f"{name}_high": one.high}
    seen = waits[(waits["followed"] >= _YEAR) & waits["returned"] & (waits["gap"] <= _YEAR)]
    return row | dict(zip(("half", "half_low", "half_high"), _median(seen["gap"]), strict=True))


def _median(gap: pd.Series) -> tuple[float, float, float]:
    """Return the median with its 90 % interval by order statistics (David & Nagaraja 2003, 7.1)."""
    n, ordered = len(gap), np.sort(gap.to_numpy(float))
    if n < survival.ENOUGH:
        return np.nan, np.nan, np.nan
    at = int(binom.ppf(_TAIL, n, 0.5))
    return float(np.median(ordered)), float(ordered[max(at - 1, 0)]), float(ordered[min(n - at, n - 1)])


def asked(one: Origin, *, within: int) -> pd.DataFrame:
    """Return what was promised to whom on a day, and what happened.

    Returns
    -------
    Index customer_id: day, group, days_since_last, promised (chance to buy within the days), happened.
    """
    known = own(one.known.waits, within=within).reindex(one.known.customers.index)
    happened = (one.later["purchases"] > 0).to_numpy()
    told = known[["group", "days_since_last"]].assign(promised=one.known.p_buy, happened=happened)
    return told.assign(day=one.day)


def lists(rows: pd.DataFrame) -> Eve:
    """Return lists of customers with two purchases or more, each as long as those due by their own gap.

    Parameters
    ----------
    rows
        What `asked` returns of one day.
    """
    again = rows[rows["group"] != ONCE]
    due, last = np.flatnonzero(again["group"] == DUE), again["days_since_last"].to_numpy()
    likeliest = np.lexsort((last, -again["promised"].round(9).to_numpy()))[: len(due)]
    latest = np.argsort(last, kind="stable")[: len(due)]
    opens = pd.Timestamp(rows["day"].iloc[0]) + pd.Timedelta(days=1)
    made = {MODEL: likeliest, OWN: due, RECENCY: latest}
    return Eve("", opens, again["happened"].to_numpy(bool), float(again["promised"].sum()), made)


def ratio(rows: pd.DataFrame) -> tuple[float, float, float]:
    """Return buyers over promised buyers, with its 90 % interval.

    The wider of two: of a Poisson number of buyers, and of how far the days differ among themselves (a ratio
    of sums over days, Cochran 1977, Sampling Techniques, 6.3, with Student's t), as a season moves all
    customers of a day together.

    Parameters
    ----------
    rows
        What `asked` returns of all days, and `day`.
    """
    by = rows.groupby("day")[["happened", "promised"]].sum().astype(float)
    came, promised, n = float(by["happened"].sum()), float(by["promised"].sum()), len(by)
    value = came / promised
    low, high = (gamma.ppf(_TAIL, came) if came else 0.0), gamma.ppf(1 - _TAIL, came + 1)
    spread = np.sqrt(((by["happened"] - value * by["promised"]) ** 2).sum() * n / max(n - 1, 1)) / promised
    reach = float(student.ppf(1 - _TAIL, n - 1) * spread) if n > 1 else 0.0
    return value, max(min(low / promised, value - reach), 0.0), max(high / promised, value + reach)
