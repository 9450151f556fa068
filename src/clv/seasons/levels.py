"""How far each window of a festival stands out of the ordinary days, of every year by itself.

A Poisson regression of purchase days on the day's yardstick, a level that drifts, and one factor per window:
where windows overlap, each gets what it alone explains. Ordinary days scatter more than dice do, which is
measured over fortnights of them, so that a slow swell of trade counts as noise and not as a festival.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]

FEWEST = 30  # purchase days on ordinary days, and ordinary days; below it there is no level to stand out of
_KNOT = 365  # days; the level may bend once a year: it must not follow the season
_FORTNIGHT = 14
_SEEN = 0.5  # of a window, from which a year counts
_LEAST = 1.0  # purchase days that are usual in a window; below it, it has no factor
_HOLD = 0.02  # holds what the days cannot tell near 0: a prior of standard deviation 7 on logarithms


@dataclass(frozen=True, eq=False)
class Levels:
    """Windows and how far they stand out (logarithms, with covariance of all windows).

    Attributes
    ----------
    windows
        Rows of the festivals' table of which at least half was seen.
    bought, usual
        Purchase days in each window; what ordinary days lead to expect of it.
    ratio, ratio_covariance
        All that was bought in the window over what is usual.
    alone, alone_covariance
        The factor of the festival itself, windows that overlap taken apart.
    """

    windows: pd.DataFrame
    bought: Floats
    usual: Floats
    ratio: Floats
    ratio_covariance: Floats
    alone: Floats
    alone_covariance: Floats


def fit(days: pd.DataFrame, known: pd.DataFrame, *, who: str) -> Levels | None:
    """Return how far windows stand out for `who`, 'new' or 'returning'; None where nothing can be told.

    Parameters
    ----------
    days
        As `seasons.days.table` makes them.
    known
        Festivals, as `festivals.table` returns them.
    """
    windows, inside, enough = _inside(days["day"], known)
    use = days[f"usual_{who}"].to_numpy() > 0
    ordinary = use & ~inside.any(axis=1)
    bought = days[who].to_numpy()
    if not enough.any() or min(ordinary.sum(), bought[ordinary].sum()) < FEWEST:
        return None
    level = _hats(len(days))
    plan = np.hstack([level, inside])[use]
    offset = np.log(days.loc[use, f"usual_{who}"].to_numpy())
    found, information = _poisson(bought[use], offset, plan)
    means = _means(offset, plan, found)
    plain = plan * (np.arange(plan.shape[1]) < level.shape[1])  # the same days, were they ordinary
    usual = _means(offset, plain, found)
    enough &= plan[:, level.shape[1] :].T @ usual >= _LEAST
    if not enough.any():
        return None
    told = level.shape[1] + np.flatnonzero(enough)
    of = plan[:, told]
    scatter = _scatter(bought[ordinary], means[ordinary[use]], spent=level.shape[1])
    covariance = scatter * np.linalg.inv(information)
    ratio, slope = _ratio(of, (plan, means), (plain, usual))
    return Levels(
        windows[enough].reset_index(drop=True),
        of.T @ bought[use],
        of.T @ usual,
        ratio,
        slope @ covariance @ slope.T,
        found[told],
        covariance[np.ix_(told, told)],
    )


def _ratio(of: Floats, seen: tuple[Floats, Floats], usual: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return log(sum of means / sum of usual means) in each window, and its slope by the coefficients."""
    totals = [of.T @ means for _, means in (seen, usual)]
    slopes = [
        (of.T @ (plan * means[:, None])) / total[:, None]
        for (plan, means), total in zip((seen, usual), totals, strict=True)
    ]
    return np.log(totals[0] / totals[1]), slopes[0] - slopes[1]


def _inside(days: pd.Series, known: pd.DataFrame) -> tuple[pd.DataFrame, Floats, NDArray[np.bool_]]:
    """Return the windows, which days lie in each (days × windows, 0 or 1), and of which enough was seen.

    What is cut off tells nothing of a festival, but its days are no ordinary ones.
    """
    at = days.to_numpy()[:, None]
    inside = (at >= known["from"].to_numpy()) & (at <= known["to"].to_numpy())
    length = (known["to"] - known["from"]).dt.days.to_numpy() + 1
    touched = inside.any(axis=0)
    enough = inside.sum(axis=0) >= _SEEN * length
    return known[touched], inside[:, touched].astype(float), enough[touched]


def _hats(n: int) -> Floats:
    """Return a level that is straight between knots a year apart (days × knots)."""
    pieces = max(round(n / _KNOT), 1)
    at = np.linspace(0, pieces, n)
    return np.maximum(1 - np.abs(at[:, None] - np.arange(pieces + 1)), 0)


def _means(offset: Floats, plan: Floats, found: Floats) -> Floats:
    return np.exp(np.clip(offset + plan @ found, -30, 30))


def _poisson(bought: Floats, offset: Floats, plan: Floats) -> tuple[Floats, Floats]:
    """Return the penalised maximum-likelihood coefficients and the information at them."""

    def loss(b: Floats) -> float:
        return float((_means(offset, plan, b) - bought * (plan @ b)).sum() + _HOLD * (b @ b) / 2)

    def slope(b: Floats) -> Floats:
        return plan.T @ (_means(offset, plan, b) - bought) + _HOLD * b

    def information(b: Floats) -> Floats:
        return (plan * _means(offset, plan, b)[:, None]).T @ plan + _HOLD * np.eye(len(b))

    start = np.zeros(plan.shape[1])
    found = minimize(loss, start, jac=slope, hess=information, method="trust-exact").x
    return found, information(found)


def _scatter(bought: Floats, means: Floats, *, spent: int) -> float:
    """Return the variance of fortnights of ordinary days over their mean, at least that of dice (1)."""
    of = np.arange(len(bought)) // _FORTNIGHT
    seen, hoped = np.bincount(of, weights=bought), np.bincount(of, weights=means)
    free = max(len(seen) - spent, 1)
    return max(float(((seen - hoped) ** 2 / np.maximum(hoped, 1)).sum()) / free, 1.0)
