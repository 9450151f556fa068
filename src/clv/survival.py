"""How soon do people come back, when some have not had the time yet: Kaplan & Meier (1958).

J. Am. Stat. Assoc. 53, 457-481; variance by Greenwood (1926), also for several waits of one customer, by
summing each customer's influence before squaring. Bands are made on the log(-log) scale, so they stay
within 0 and 1.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

LEVEL = 0.90  # of every band here, as everywhere in the kit
ENOUGH = 10  # customers seen for the whole time, before a share is stated

Days = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


def curve(gap: npt.ArrayLike, returned: npt.ArrayLike) -> pd.DataFrame:
    """Return the share that has come back, day by day.

    Parameters
    ----------
    gap
        Days waited, one entry per wait; whole numbers from 0.
    returned
        Whether the wait ended with a purchase; if not, observation ended first.

    Returns
    -------
    One row per day from 0 to the longest wait: day; at_risk (still waiting at the start of the day); returned
    (came back on that day); share (has come back by that day); low, high (90 % band at that day).
    """
    gap, returned = np.asarray(gap, dtype=np.int64), np.asarray(returned, dtype=bool)
    at_risk, events = _counts(gap, returned)
    waiting = np.cumprod(1 - events / at_risk)
    staying = np.maximum(
        at_risk - events, 1
    )  # where nobody stays, `waiting` is 0 and the band does not use it
    low, high = _band(waiting, np.cumsum(events / (at_risk * staying)), at_risk)
    return pd.DataFrame(
        {
            "day": np.arange(len(events)),
            "at_risk": at_risk,
            "returned": events,
            "share": 1 - waiting,
            "low": np.maximum.accumulate(low),
            "high": np.maximum.accumulate(high),
        }
    )


def shares_within(waits: pd.DataFrame, *, days: Sequence[int]) -> pd.DataFrame:
    """Return the share that comes back within each of `days`; the band knows who waited several times.

    Parameters
    ----------
    waits
        One row per wait: customer_id, gap, returned, followed, as `purchase_days.from_orders` makes them.
    days
        Horizons in days, at least 1.

    Returns
    -------
    One row per horizon: days; followed (customers with a wait that was seen for that long, or would have
    been); share; low, high (90 %). The last three are missing where fewer than ten were followed that long.
    """
    rows = []
    for horizon in days:
        followed = waits.loc[waits["followed"] >= horizon, "customer_id"].nunique()
        found = _share_within(waits, horizon) if followed >= ENOUGH else (np.nan, np.nan, np.nan)
        rows.append((horizon, followed, *found))
    return pd.DataFrame(rows, columns=["days", "followed", "share", "low", "high"])


def _counts(gap: Days, returned: npt.NDArray[np.bool_]) -> tuple[Days, Days]:
    leaving = np.bincount(gap)
    events = np.bincount(gap[returned], minlength=len(leaving))
    return leaving[::-1].cumsum()[::-1], events


def _share_within(waits: pd.DataFrame, horizon: int) -> tuple[float, float, float]:
    gap, returned = waits["gap"].to_numpy(np.int64), waits["returned"].to_numpy(bool)
    at_risk, events = _counts(gap, returned)
    waiting = np.cumprod(1 - events / at_risk)
    day = min(horizon, len(events) - 1)
    staying = np.maximum(at_risk - events, 1)
    # influence of one wait on -log(waiting): its own return, less the risk that it ran until it left
    risk = np.cumsum(events / (at_risk * staying))
    influence = np.where(returned & (gap <= day), 1 / staying[gap], 0.0) - risk[np.minimum(gap, day)]
    variance = (waits.assign(i=influence).groupby("customer_id")["i"].sum() ** 2).sum()
    low, high = _band(waiting[[day]], np.array([variance]), at_risk[[day]])
    return float(1 - waiting[day]), float(low[0]), float(high[0])


def _band(waiting: Shares, variance: Shares, at_risk: Days) -> tuple[Shares, Shares]:
    """Bounds of the share that came back; exact binomial ones where nobody or everybody has."""
    z, tail = norm.ppf((1 + LEVEL) / 2), (1 - LEVEL) / 2
    inside = (waiting > 0) & (waiting < 1)
    s = np.where(inside, waiting, 0.5)
    reach = np.exp(z * np.sqrt(variance) / -np.log(s))
    edge = tail ** (1 / np.maximum(at_risk, 1))
    low = np.where(inside, 1 - s ** (1 / reach), np.where(waiting >= 1, 0.0, edge))
    high = np.where(inside, 1 - s**reach, np.where(waiting >= 1, 1 - edge, 1.0))
    return low, high
