"""Festival windows within a shop's history: who bought in which, and what the calendar would put there."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SHRINK = 20.0  # purchases' worth of an ordinary window that every festival's factor starts with


@dataclass(frozen=True, eq=False)
class Seen:
    """The windows of one festival that a shop saw from beginning to end, in order of days.

    Attributes
    ----------
    name
        The festival's Chinese name.
    table
        Rows of the festivals' table: name_zh, name, day, from, to.
    """

    name: str
    table: pd.DataFrame

    def holds(self, day: pd.Series) -> NDArray[np.bool_]:
        """Whether each day lies in one of the windows."""
        found = np.zeros(len(day), dtype=bool)
        for first, last in zip(self.table["from"], self.table["to"], strict=True):
            found |= day.between(first, last).to_numpy()
        return found

    def around(self, day: pd.Series) -> NDArray[np.bool_]:
        """Whether each day lies beside a window, as many days before it as after it, half its length each."""
        found = np.zeros(len(day), dtype=bool)
        for first, last in zip(self.table["from"], self.table["to"], strict=True):
            reach = (last - first) / 2 + pd.Timedelta(hours=12)
            found |= day.between(first - reach, last + reach).to_numpy()
        return found & ~self.holds(day)


def seen(windows: pd.DataFrame, *, first: pd.Timestamp, last: pd.Timestamp) -> list[Seen]:
    """Return the festivals with at least one window between two days, both included."""
    whole = windows[(windows["from"] >= first) & (windows["to"] <= last)].sort_values("from", kind="stable")
    return [Seen(str(name), rows.reset_index(drop=True)) for name, rows in whole.groupby("name_zh")]


def factor(one: Seen, days: pd.Series) -> float:
    """Return how many times as many purchases fall on a day of the windows as on the days around them.

    Drawn towards 1 by the weight of twenty purchases; 1 where no window has days of history on both sides.
    """
    if days.empty:
        return 1.0
    reach = (one.table["to"] - one.table["from"]) / 2
    whole = (one.table["from"] - reach >= days.min()) & (one.table["to"] + reach <= days.max())
    used = Seen(one.name, one.table[whole])
    calendar = pd.Series(pd.date_range(days.min(), days.max(), freq="D"))
    n, m = used.holds(calendar).sum(), used.around(calendar).sum()
    if not n or not m:
        return 1.0
    inside, beside = used.holds(days).sum(), used.around(days).sum()
    return float((inside + SHRINK) / (beside / m * n + SHRINK))


def years(one: Seen, days: pd.DataFrame) -> pd.DataFrame:
    """Return in how many windows each customer bought, and how many chance would make of as many days.

    Chance puts each purchase day into a window as often as the shop's own calendar does, of all purchases
    from the customer's first day on. Several purchases in one window count once: a burst is no custom.

    Parameters
    ----------
    days
        customer_id, day: all purchase days of the shop.

    Returns
    -------
    Index customer_id: purchases (days), years (windows with a purchase), windows (that closed after the first
    purchase), expected (windows with a purchase, by chance).
    """
    who, names = pd.factorize(days["customer_id"], sort=True)
    day = days["day"].dt.normalize().to_numpy("datetime64[D]")
    start, n = (day.min() if len(day) else np.datetime64(0, "D")), len(names)
    at = (day - start).astype(np.int64)
    purchases, joined = np.bincount(who, minlength=n), np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(joined, who, at)
    found, chance, open_ = np.zeros(n, dtype=int), np.zeros(n), np.zeros(n, dtype=int)
    per_day = np.bincount(at, minlength=1)
    later = per_day[::-1].cumsum()[::-1]
    for first, last in zip(_days(one.table["from"], start), _days(one.table["to"], start), strict=True):
        inside = (at >= first) & (at <= last)
        found += np.bincount(who[inside], minlength=n) > 0
        held = np.where((np.arange(len(per_day)) >= first) & (np.arange(len(per_day)) <= last), per_day, 0)
        share = held[::-1].cumsum()[::-1] / later
        chance += 1 - (1 - share[joined]) ** purchases
        open_ += joined <= last
    table = {"purchases": purchases, "years": found, "windows": open_, "expected": chance}
    return pd.DataFrame(table, index=pd.Index(names, name="customer_id"))


def _days(moments: pd.Series, start: np.datetime64) -> NDArray[np.int64]:
    return (moments.to_numpy("datetime64[D]") - start).astype(np.int64)
