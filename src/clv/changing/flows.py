"""Which customers changed their segment between two days: how many, and whose money."""

from dataclasses import dataclass

import pandas as pd

NEW, GONE = "not yet a customer", "no longer in the orders"
COLUMNS = ("before", "now", "customers", "spend", "since")


@dataclass(frozen=True, eq=False)
class Flows:
    """How the customers of two days moved.

    Attributes
    ----------
    table
        One row per step from one segment to another, most customers first: before, now (segments; NEW, GONE);
        customers; spend (their money until the second day; the first where they are gone); since (the part
        of it between the days).
    known, moved, joined, gone
        Customers of both days, those of them who changed segment, those of the second day or the first alone.
    """

    table: pd.DataFrame
    known: int
    moved: int
    joined: int
    gone: int


def between(before: pd.DataFrame, now: pd.DataFrame, *, by: str) -> Flows:
    """Return how customers moved between the segments of two days.

    Parameters
    ----------
    before, now
        The same customers' segments on two days, index customer: `by` (text) and spend (so far).
    by
        The column of the segments.
    """
    both = before[[by, "spend"]].merge(
        now[[by, "spend"]], how="outer", left_index=True, right_index=True, suffixes=("_before", "_now")
    )
    old, new = both[f"{by}_before"], both[f"{by}_now"]
    steps = pd.DataFrame(
        {
            "before": old.fillna(NEW),
            "now": new.fillna(GONE),
            "spend": both["spend_now"].fillna(both["spend_before"]),
            "since": both["spend_now"].fillna(both["spend_before"]) - both["spend_before"].fillna(0.0),
        }
    )
    known = old.notna() & new.notna()
    return Flows(
        _summed(steps[steps["before"] != steps["now"]]),
        known=int(known.sum()),
        moved=int((known & (old != new)).sum()),
        joined=int(old.isna().sum()),
        gone=int(new.isna().sum()),
    )


def _summed(steps: pd.DataFrame) -> pd.DataFrame:
    sums = steps.groupby(["before", "now"], as_index=False).agg(
        customers=("spend", "size"), spend=("spend", "sum"), since=("since", "sum")
    )
    order = ["customers", "before", "now"]
    return sums.sort_values(order, ascending=[False, True, True], ignore_index=True)[list(COLUMNS)]
