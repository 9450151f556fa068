"""Hazard ratios of the next purchase, by levels of factors, with waits that are still open.

The wait is cut into stretches in each of which the daily chance to return is constant, times a ratio for each
level of each factor (Holford 1980, Biometrics 36:299; Laird & Olivier 1981, J. Am. Stat. Assoc. 76:231).
Customers of one pattern of levels are one cell, so any number of them is quick. A normal prior, wide enough
for a tenfold ratio either way, keeps a level of which nobody came back finite.
"""

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_PRIOR = np.log(10)  # standard deviation of a log ratio before anything is seen


def fit(
    levels: pd.DataFrame, gap: NDArray[np.int64], back: NDArray[np.bool_], *, cuts: tuple[int, ...]
) -> tuple[Floats, Floats]:
    """Return the log ratios of all levels but the first of each factor, and their standard errors.

    Parameters
    ----------
    levels
        One categorical column per factor, one row per wait.
    gap, back
        Days waited, and whether the wait ended with a purchase, if it did within the last of `cuts`.
    cuts
        Days at which the stretches begin and end, from 0.
    """
    codes = np.column_stack([levels[name].cat.codes for name in levels])
    patterns, pattern = np.unique(codes, axis=0, return_inverse=True)
    n, stretches = len(patterns), list(pairwise(cuts))
    came, exposed = np.zeros((n, len(stretches))), np.zeros((n, len(stretches)))
    for at, (first, last) in enumerate(stretches):
        exposed[:, at] = np.bincount(pattern, np.clip(gap - first, 0, last - first), minlength=n)
        came[:, at] = np.bincount(pattern, back & (gap > first) & (gap <= last), minlength=n)
    many = [levels[name].cat.categories.size for name in levels]
    dummies = [patterns[:, [at]] == np.arange(1, size) for at, size in enumerate(many)]
    return _maximised(np.hstack(dummies).astype(float), came, exposed)


def _maximised(x: Floats, came: Floats, exposed: Floats) -> tuple[Floats, Floats]:
    """Return the mode of the log ratios and its errors; a stretch's own level is free, and solved for."""
    beta = np.zeros(x.shape[1])
    prior = np.eye(len(beta)) / _PRIOR**2
    for _ in range(100):
        weight = np.exp(x @ beta)[:, None] * exposed
        total = weight.sum(axis=0)
        daily = np.divide(came.sum(axis=0), total, out=np.zeros(len(total)), where=total > 0)
        hoped = weight @ daily
        middle = weight.T @ x / np.where(total > 0, total, 1)[:, None]  # by stretch
        information = x.T @ (x * hoped[:, None]) - middle.T @ (middle * (daily * total)[:, None]) + prior
        step = np.linalg.solve(information, x.T @ (came.sum(axis=1) - hoped) - prior @ beta)
        beta = beta + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return beta, np.sqrt(np.diag(np.linalg.inv(information)))
