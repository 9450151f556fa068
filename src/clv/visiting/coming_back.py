"""Who comes back to what they looked at, by themselves: without any message before.

Whoever was sent something before an order is followed until then and not after (Kaplan & Meier 1958, J. Am.
Stat. Assoc. 53:457): leaving such visitors out altogether would leave mostly those who ordered.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.measuring import rates
from clv.visiting.left import STRENGTH
from clv.visiting.moments import DAY, comparable

DELAYS = (1, 3, 7, 14)
LATER = 14
LEVEL = 0.90
_COLUMNS = [
    "kind", "days", "visitors", "messaged", "ordered", "share", "low", "high",
    "open", "later", "later_low", "later_high",
]  # fmt: skip

Days = npt.NDArray[np.float64]


def came_back(
    visits: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    until: date,
    contacts: pd.DataFrame | None = None,
    within: Sequence[int] = DELAYS,
    later: int = LATER,
) -> pd.DataFrame:
    """Return how many of those who looked at something ordered within so many days, by themselves.

    Each customer counts once for each kind, by the first such visit; visits younger than the days asked for
    are left out, since nobody knows yet.

    Parameters
    ----------
    visits, orders
        VISITS and ORDERS tables, in any order of rows.
    until
        Last day of observation.
    contacts
        CONTACTS table; without it nobody is taken to have been sent anything.
    later
        Days after the days asked for, in which those who are still open then are followed.

    Returns
    -------
    kind, days, visitors, messaged (sent something within the days before they ordered), ordered (before any
    message), share, low, high; open (with neither order nor message after the days), later (share of these
    that order by themselves within the next `later` days: what a message after so many days is wasted on),
    later_low, later_high. Intervals are Wilson's, 90 %, at the effective number of customers (Dorey & Korn
    1987, Stat. Med. 6:679). Shares are missing where nobody was followed that long.
    """
    seen, gap, stop = _waits(visits, orders, contacts)
    whole_days = seen["at"].eq(seen["at"].dt.normalize()).all()
    last = pd.Timestamp(until) + (0 if whole_days else 1) * DAY
    watched = np.floor(((last - seen["at"]) / DAY).to_numpy(float))
    rows = []
    for kind in STRENGTH[::-1]:
        of_kind = seen["kind"].eq(kind).to_numpy()
        for days in within:
            old = of_kind & (watched >= days)
            rows.append((kind, days, *_within(gap[old], stop[old], days)))
            still = of_kind & (watched >= days + later) & (np.minimum(gap, stop) > days)
            rows[-1] += (int(still.sum()), *_within(gap[still] - days, stop[still] - days, later)[3:])
    found = pd.DataFrame(rows, columns=_COLUMNS)
    return found[found["visitors"] > 0].reset_index(drop=True)


def _waits(
    visits: pd.DataFrame, orders: pd.DataFrame, contacts: pd.DataFrame | None
) -> tuple[pd.DataFrame, Days, Days]:
    """Return the first visit of each kind, and the days from it to the next order and the next message."""
    bought = orders.dropna(subset="customer_id")
    sent = visits.iloc[:0] if contacts is None else contacts[contacts["event"] == "sent"]
    at, paid_at, sent_at = comparable(visits["at"], bought["paid_at"], sent["at"])
    first = visits.assign(at=at).sort_values("at", kind="stable").drop_duplicates(["customer_id", "kind"])
    seen = first[["customer_id", "kind", "at"]].reset_index(drop=True)
    gap = _until_next(seen, bought["customer_id"], paid_at)
    return seen, gap, _until_next(seen, sent["customer_id"], sent_at)


def _until_next(seen: pd.DataFrame, who: pd.Series, when: pd.Series) -> Days:
    """Return the days from each visit to what comes next of the same customer; infinite if nothing does."""
    events = pd.DataFrame({"customer_id": who.astype("str"), "then": when}).sort_values("then")
    left = seen.astype({"customer_id": "str"})  # is sorted already
    met = pd.merge_asof(left, events, left_on="at", right_on="then", by="customer_id", direction="forward")
    return ((met["then"] - met["at"]) / DAY).fillna(np.inf).to_numpy(float)


def _within(gap: Days, stop: Days, days: int) -> tuple[int, int, int, float, float, float]:
    """Return visitors, messaged, ordered, and the share that ordered within the days, low, high."""
    n, end = len(gap), np.minimum(gap, stop)
    ordered = (gap <= stop) & (gap <= days)
    messaged = (stop < gap) & (stop <= days)
    times, hits = np.unique(gap[ordered], return_counts=True)
    at_risk = n - np.searchsorted(np.sort(end), times, side="left")
    share, size = 1 - float(np.prod(1 - hits / at_risk)), float(n)
    if messaged.any():
        followed = int((end > days).sum())
        share = share if followed else np.nan
        spread = float(np.sum(hits / (at_risk * np.maximum(at_risk - hits, 1))))
        size = share / ((1 - share) * spread) if followed and spread else float(followed)
    known = np.isfinite(share) and size > 0
    low, high = rates.wilson([share * size], [size], level=LEVEL) if known else ([np.nan], [np.nan])
    share = share if known else np.nan
    return n, int(messaged.sum()), int(ordered.sum()), share, float(low[0]), float(high[0])
