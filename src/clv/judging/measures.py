"""Measures of an order of customers, from sums over its units: the best unit first, draws in columns.

Customers of one unit are contacted in random order, so every curve runs straight across a unit: ties are
averaged.
"""

import numpy as np
from scipy.special import expit, logit
from scipy.stats import spearmanr

from clv.judging.sums import Floats, Ints

_CERTAIN = 1e-6  # chances are kept this far from 0 and 1


def gain(people: Floats, gained: Floats) -> tuple[Floats, Floats]:
    """Return the gain curve: shares of customers contacted and of all that they bring, both from 0 to 1."""
    return _shares(people), _shares(gained)


def gini(x: Floats, y: Floats) -> Floats:
    """Return twice the area under a gain curve, less one: 0 for a blind order, below 0 for a reversed one."""
    return (np.diff(x, axis=0) * (y[1:] + y[:-1])).sum(axis=0) - 1


def captured(x: Floats, y: Floats, share: float) -> Floats:
    """Return the share of all that the first `share` of the customers bring."""
    if x.ndim == 1:
        return np.interp(share, x, y)
    return np.array([np.interp(share, a, b) for a, b in zip(x.T, y.T, strict=True)])


def auc(people: Floats, buyers: Floats) -> Floats:
    """Return the chance that a buyer stands above one who did not buy; ties count one half.

    Missing where everybody bought, or nobody.
    """
    others = people - buyers
    below = others.sum(axis=0) - np.cumsum(others, axis=0) + others / 2
    pairs = buyers.sum(axis=0) * others.sum(axis=0)
    found = (buyers * below).sum(axis=0)
    return np.divide(found, pairs, out=np.full_like(found, np.nan), where=pairs > 0)


def log_losses(chance: Floats, bought: Floats) -> Floats:
    """Return each customer's minus log of the chance given to what happened."""
    p = np.clip(chance, _CERTAIN, 1 - _CERTAIN)
    return -np.where(bought > 0, np.log(p), np.log1p(-p))


def calibration_slope(chance: Floats, bought: Floats) -> float:
    """Return the slope of a logistic regression of what happened on the logit of the chance (Cox 1958).

    1: chances spread as they should; below 1: too bold; missing where all chances are equal.
    """
    values, place = np.unique(np.clip(chance, _CERTAIN, 1 - _CERTAIN), return_inverse=True)
    if len(values) < 2:
        return np.nan
    size, yes, x = np.bincount(place), np.bincount(place, weights=bought), logit(values)
    design, beta = np.column_stack([np.ones(len(x)), x]), np.array([0.0, 1.0])
    for _ in range(50):
        p = expit(design @ beta)
        information = design.T @ (design * (size * p * (1 - p))[:, None])
        step = np.linalg.lstsq(information, design.T @ (yes - size * p), rcond=None)[0]
        beta = beta + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return float(beta[1])


def spearman(score: Floats, outcome: Floats) -> float:
    """Return the correlation of ranks, ties at their average rank; missing where one of them is constant."""
    if np.ptp(score) == 0 or np.ptp(outcome) == 0:
        return np.nan
    return float(spearmanr(score, outcome).statistic)


def variance_explained(segment: Ints, outcome: Floats) -> float:
    """Return eta squared: the part of the outcome's variance that lies between segments."""
    size = np.bincount(segment)
    mean = np.bincount(segment, weights=outcome) / np.maximum(size, 1)
    total = outcome.var()
    return float(mean[segment].var() / total) if total > 0 else np.nan


def _shares(sums: Floats) -> Floats:
    total = np.cumsum(sums, axis=0)
    with np.errstate(invalid="ignore"):
        return np.concatenate([np.zeros((1, *sums.shape[1:])), total / total[-1]])
