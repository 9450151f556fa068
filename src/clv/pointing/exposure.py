"""Points and the days on which they were there, by age: what rates of use are made of."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.pointing.lots import EXPIRED, Account
from clv.pointing.redrawn import Floats

AGES = (0, 30, 60, 90, 180, 270, 365, 545, 730)  # days, from which a band begins
LAST = 30  # days before the end that have a rate of their own
SHORT = 180  # days of a life that is short
LIVES = ("valid half a year at most", "valid longer", "no last day")
BANDS = len(AGES) + 1  # with the last days
_EDGES = np.array([*AGES, np.inf])


def days_in_cells(start: Floats, end: Floats, life: Floats) -> Floats:
    """Return how many days between two ages fall into each age band, and into the last days of a life.

    Parameters
    ----------
    start, end
        Ages in days (n).
    life
        Days from earning to the end of the last day (n); infinite where there is none.

    Returns
    -------
    Days (n × BANDS), the last column those of the last thirty days.
    """
    turn = np.maximum(life - LAST, 0)
    first, last = np.minimum(start, turn)[:, None], np.minimum(end, turn)[:, None]
    early = np.clip(np.minimum(last, _EDGES[1:]) - np.maximum(first, _EDGES[:-1]), 0, None)
    late = np.clip(end - np.maximum(start, turn), 0, None)
    return np.column_stack([early, late])


def kind_of_life(life: Floats) -> NDArray[np.int64]:
    """Return which of LIVES each life is."""
    return np.where(np.isinf(life), 2, np.where(life <= SHORT + 1, 0, 1))


def pieces(account: Account, window: int) -> pd.DataFrame:
    """Return points of one fate each, as far as they were there in the last `window` days.

    Returns
    -------
    customer (a number), life (days), seen_from (the age from which on they were looked at), age (at their
    end, or now), now (the age that they would have now), points, gone (used or taken back).
    """
    lots, parts = account.lots, account.parts
    life = (lots["expires_on"] - lots["at"]).dt.days.fillna(np.inf).to_numpy(dtype=float) + 1
    customer = pd.factorize(lots["customer_id"])[0]
    lot = parts["lot"].to_numpy()
    age = (parts["at"].to_numpy() - lots["at"].to_numpy()[lot]) / np.timedelta64(1, "D")
    expired = parts["kind"].eq(EXPIRED).to_numpy()
    there = lots["left"].to_numpy() > 0
    still = ((account.until - lots["at"]).dt.days + 1).to_numpy(dtype=float)
    seen_from = np.maximum(still - window, 0)
    found = pd.DataFrame(
        {
            "customer": np.concatenate([customer[lot], customer[there]]),
            "life": np.concatenate([life[lot], life[there]]),
            "seen_from": np.concatenate([seen_from[lot], seen_from[there]]),
            # used in the middle of a day, expired or still there at its end
            "age": np.concatenate([age + np.where(expired, 1.0, 0.5), still[there]]),
            "now": np.concatenate([still[lot], still[there]]),
            "points": np.concatenate([parts["points"], lots["left"][there]]),
            "gone": np.concatenate([~expired, np.zeros(there.sum(), dtype=bool)]),
        }
    )
    return found[found["age"] > found["seen_from"]].reset_index(drop=True)


def between(found: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """Return pieces as far as they were there from `first` to `last` days ago (`first` is the longer ago)."""
    start = np.maximum(found["seen_from"], found["now"] - first)
    end = np.minimum(found["age"], found["now"] - last)
    gone = found["gone"] & (found["age"] <= found["now"] - last)
    return found.assign(seen_from=start, age=end, gone=gone)[end > start].reset_index(drop=True)


def counts(found: pd.DataFrame, group: NDArray, groups: int) -> tuple[Floats, Floats, NDArray]:
    """Return by group and cell the point-days and the points used, and by cell the customers."""
    life, seen_from, age, points = (found[name].to_numpy() for name in ("life", "seen_from", "age", "points"))
    place, cells = kind_of_life(life), len(LIVES) * BANDS
    turn = np.maximum(life - LAST, 0)
    band = np.where(age > turn, BANDS - 1, np.searchsorted(AGES, age, side="right") - 1)
    exposure, customers = np.zeros((groups, cells)), np.zeros(cells, dtype=np.int64)
    for at in range(BANDS):
        low, high = (0.0, np.inf) if at == BANDS - 1 else _EDGES[at : at + 2]
        first, last = (turn, age) if at == BANDS - 1 else (low, np.minimum(np.minimum(age, turn), high))
        days = np.clip(last - np.maximum(first, seen_from), 0, None)
        total = np.bincount(place * groups + group, days * points, minlength=len(LIVES) * groups)
        exposure[:, at::BANDS] = total.reshape(len(LIVES), groups).T
        for kind in range(len(LIVES)):
            there = (place == kind) & (days > 0)
            customers[kind * BANDS + at] = np.count_nonzero(np.bincount(found["customer"][there]))
    gone = found["gone"].to_numpy()
    cell = group[gone] * cells + (place * BANDS + band)[gone]
    used = np.bincount(cell, points[gone], minlength=groups * cells).reshape(groups, cells)
    return exposure, used, customers
