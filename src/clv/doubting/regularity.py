"""Do customers buy more regularly than chance, or in clumps?

Wheat & Morrison (1990, J. Marketing Research 27:87-93): of two gaps that follow one another, M = the first /
both is uniform if purchases are a Poisson process, whatever the rate; Beta(k, k) if gaps are Erlang-k. In
whole days the middle purchase is equally likely on each of the s - 1 days between the outer ones, so that the
mean of (M - 1/2)² is (s - 2) / 12s exactly, and what is smaller or larger than that shows k (as
`estimateRegularity` of BTYDplus does for times that are no whole days; Platzer & Reutterer 2016, Marketing
Science 35:779-799).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

_SHORTEST = 6  # days of two gaps together; of fewer, the middle day can hardly be uneven
_SIDE = float(norm.ppf(0.95))


@dataclass(frozen=True)
class Regularity:
    """The regularity `k` (1: chance; 2: Erlang-2; below 1: clumps), its 90 % interval, and the pairs of gaps.

    All NaN without pairs.
    """

    k: float
    low: float
    high: float
    p_value: float
    pairs: int


def estimate(bought: pd.DataFrame) -> Regularity:
    """Return how regular the gaps are.

    Pairs of gaps share no gap and are counted from each customer's last purchase backwards.

    Parameters
    ----------
    bought
        Purchase days, as `purchase_days.from_orders` makes them.
    """
    who, first, both = _pairs(bought)
    n = len(both)
    if not n:
        return Regularity(*[float("nan")] * 4, 0)
    seen = (first / both - 0.5) ** 2
    mean = (both - 2) / (12 * both)
    excess = (seen - mean).sum()
    ratio = seen.sum() / mean.sum()
    p_value = 2 * norm.sf(abs(excess) / np.sqrt(_variance(both).sum()))
    apart = seen - ratio * mean
    of_customers = np.bincount(np.unique(who, return_inverse=True)[1], weights=apart)
    # customers may differ in k; of few customers the pairs say more
    reach = _SIDE * np.sqrt(max((of_customers**2).sum(), (apart**2).sum())) / mean.sum()
    return Regularity(_k(ratio), _k(ratio + reach), _k(ratio - reach), float(p_value), n)


def _pairs(bought: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of each pair of gaps the customer's number, the first gap, and both together (days)."""
    ends = np.flatnonzero(~bought["returned"].to_numpy())
    sizes = np.diff(np.append(-1, ends))
    who = np.repeat(np.arange(len(ends)), sizes)
    before_last = np.repeat(ends, sizes) - np.arange(len(bought))
    gap = bought["gap"].to_numpy()
    middle = np.flatnonzero((before_last % 2 == 1) & (bought["step"].to_numpy() > 1))
    first, both = gap[middle - 1], gap[middle - 1] + gap[middle]
    long = both >= _SHORTEST
    return who[middle][long], first[long], both[long]


def _variance(both: np.ndarray) -> np.ndarray:
    """Return the variance of (M - 1/2)² where the middle day is uniform on both - 1 days."""
    n = both.astype(float) - 1
    second = (n**2 - 1) / 12
    fourth = (n**2 - 1) * (3 * n**2 - 7) / 240
    return (fourth - second**2) / both.astype(float) ** 4


def _k(ratio: float) -> float:
    """Return the k whose Beta(k, k) has `ratio` times the variance of a uniform M, 3 / (2k + 1)."""
    return float(max((3 / max(ratio, 1e-6) - 1) / 2, 0.0))
