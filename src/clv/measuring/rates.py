"""Shares of customers and their difference, with intervals that hold for few buyers too.

One share: Wilson's score interval (Wilson 1927). Two independent shares: Newcombe's hybrid of two of them,
without continuity correction (Newcombe 1998, Statistics in Medicine 17:873, method 10).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from clv.errors import InputError
from clv.language import tell

Floats = NDArray[np.float64]


def wilson(hits: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the ends of Wilson's interval for hits / n; nan where n is 0.

    Raises
    ------
    InputError
        There are more hits than customers, or a count below 0.
    """
    hits, n = np.asarray(hits, dtype=float), np.asarray(n, dtype=float)
    if np.any(hits < 0) or np.any(hits > n):
        raise InputError(
            tell("of some customers more than all, or fewer than none, are counted; check the counts.")
        )
    z = float(norm.ppf(0.5 + level / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = hits / n
        middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.clip(middle - half, 0.0, 1.0), np.clip(middle + half, 0.0, 1.0)


def newcombe(
    hits1: ArrayLike, n1: ArrayLike, hits0: ArrayLike, n0: ArrayLike, *, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Return the ends of Newcombe's interval for hits1 / n1 - hits0 / n0; nan where a group is empty.

    Raises
    ------
    InputError
        As `wilson`.
    """
    (low1, high1), (low0, high0) = wilson(hits1, n1, level=level), wilson(hits0, n0, level=level)
    with np.errstate(invalid="ignore", divide="ignore"):
        share1, share0 = np.asarray(hits1) / np.asarray(n1), np.asarray(hits0) / np.asarray(n0)
    down = np.sqrt((share1 - low1) ** 2 + (high0 - share0) ** 2)
    up = np.sqrt((high1 - share1) ** 2 + (share0 - low0) ** 2)
    return share1 - share0 - down, share1 - share0 + up
