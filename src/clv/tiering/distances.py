"""What customers did by their distance to a threshold, at real thresholds and at placebo ones."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from clv.tiering.approach import Looks
from clv.tiering.placebos import FEWEST, Compared, error_of
from clv.tiering.qualifying import Ints

_BELOW, _ABOVE = 4, 2  # bands
_Z = float(norm.ppf(0.95))
COLUMNS = [
    "start", "end", "looks", "ordered", "expected", "surprise", "low", "high", "placebo_low", "placebo_high",
]  # fmt: skip


def bands(seen: Looks, found: Compared, *, near: float) -> pd.DataFrame:
    """Return what customers did by their distance to a threshold, all thresholds together.

    Returns
    -------
    start, end (of the band, as a share of the threshold: -0.15 to 0 is just below it); looks; ordered,
    expected (shares); surprise (the difference) with low, high (90 %); placebo_low, placebo_high (5 and 95 %
    of the placebo thresholds' surprises at that distance, as though each had as many looks).
    """
    rows = []
    for step in range(-_BELOW, _ABOVE):
        ends = step * near, (step + 1) * near
        mine = np.concatenate([_within(seen, at, ends) for at in found.real["threshold"]])
        others = [_within(seen, at, ends) for at in found.placebo["threshold"]]
        rows.append((*ends, *_row(seen, mine, others)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _within(seen: Looks, threshold: float, ends: tuple[float, float]) -> Ints:
    """Return the looks at a distance, at those who had not been nearer to it, or farther over it, lately."""
    rows = np.arange(*np.searchsorted(seen.amount, threshold * (1 + np.array(ends))))
    return rows[seen.peak[rows] < threshold * (1 + ends[1])]


def _row(seen: Looks, rows: Ints, others: list[Ints]) -> tuple[float, ...]:
    if len(rows) < FEWEST:
        return len(rows), *(float("nan"),) * 7
    ordered, expected = (float(column[rows].mean()) for column in (seen.ordered, seen.expected))
    mean, error = _mean(seen, rows)
    theirs = [_mean(seen, other) for other in others if len(other) >= FEWEST]
    z = np.array([one / sure for one, sure in theirs if sure > 0])
    low, high = np.quantile(z, [0.05, 0.95]) * error if len(z) > 2 else (np.nan, np.nan)
    return len(rows), ordered, expected, mean, mean - _Z * error, mean + _Z * error, low, high


def _mean(seen: Looks, rows: Ints) -> tuple[float, float]:
    """Return the mean surprise with its standard error over customers."""
    surprise = seen.surprise[rows]
    mean = float(surprise.mean())
    return mean, error_of(seen.who[rows], (surprise - mean) / len(rows))
