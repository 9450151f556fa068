"""The same statistic at real thresholds and at many that mean nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from clv.tiering.approach import Looks
from clv.tiering.qualifying import Floats, Ints

FEWEST = 20  # looks, or orders, in each of the groups that are compared
_STEP = 1.02  # from one placebo threshold to the next
_PLACEBOS = 6  # worth of placebo thresholds without which nothing is said
_HURRY = (-0.5, 1.0, -0.5)  # weights of those farther below, just below and just above
_JUMP = (0.5, -1.5, 1.5, -0.5)  # of two steps below a threshold and two above


@dataclass(frozen=True)
class Reading:
    """A statistic at one threshold, with its standard error over customers."""

    value: float
    error: float
    near: int


Statistic = Callable[[float], Reading | None]


def hurry(looks: Looks, *, near: float) -> Statistic:
    """Return the statistic of hurrying: how much more than expected those just below a threshold order.

    The surprise of those within `near` (a share of the threshold) below it, less the mean of the surprises of
    those as far below again and of those just above. So a slope, which every threshold has, cancels. In each
    group are those who had not been beyond it within the window before: they come from below. Else some would
    be on their way down, not equally many in each group, and that would look like hurrying or its reverse.
    """
    surprise = looks.surprise

    def at(threshold: float) -> Reading | None:
        edges = threshold * np.array([1 - 2 * near, 1 - near, 1.0, 1 + near])
        start, one, two, end = np.searchsorted(looks.amount, edges)
        rows = slice(start, end)
        group = np.zeros(end - start, dtype=np.int64)
        group[one - start :] = 1
        group[two - start :] = 2
        rising = looks.peak[rows] < edges[1:][group]
        return _contrast(looks.who[rows][rising], surprise[rows][rising], group[rising], _HURRY)

    return at


def _contrast(who: Ints, value: Floats, group: Ints, weights: Sequence[float]) -> Reading | None:
    """Return the weighted sum of the groups' means, with an error that knows who is in it several times."""
    sizes = np.bincount(group, minlength=3)
    if sizes.min() < FEWEST:
        return None
    means = np.bincount(group, value, 3) / sizes
    part = np.array(weights)[group] * (value - means[group]) / sizes[group]
    return Reading(float(means @ weights), error_of(who, part), int(sizes[1]))


def bunching(who: Ints, amount: Floats, *, near: float) -> Statistic:
    """Return the statistic of bunching: the logarithm by which amounts jump from below to above a threshold.

    Orders are counted in two steps of a factor 1 + `near` on either side; the steps' trend is drawn on to the
    threshold from both sides, so that a slope cancels (after McCrary 2008, Journal of Econometrics 142:698).

    Parameters
    ----------
    who, amount
        The customer of each order, and what counted right after it.
    """
    order = np.argsort(amount, kind="stable")
    who, amount = who[order], amount[order]
    weights = np.array(_JUMP)

    def at(threshold: float) -> Reading | None:
        edges = threshold * (1 + near) ** np.arange(-2.0, 3.0)
        cuts = np.searchsorted(amount, edges)
        sizes = np.diff(cuts)
        if sizes.min() < FEWEST:
            return None
        part = np.repeat(weights / sizes, sizes)
        value = float(weights @ np.log(sizes))
        return Reading(value, error_of(who[cuts[0] : cuts[-1]], part), int(sizes[1:3].sum()))

    return at


def error_of(who: Ints, part: Floats) -> float:
    """Return the standard error of a sum of parts, those of one customer added up before they are squared."""
    _, place = np.unique(who, return_inverse=True)
    return float(np.sqrt((np.bincount(place, part) ** 2).sum()))


@dataclass(frozen=True, eq=False)
class Compared:
    """Real thresholds against placebo thresholds.

    Attributes
    ----------
    real, placebo
        One row per threshold: threshold, value, error, near (looks or orders there).
    independent
        How many placebo thresholds with nobody in common would tell as much; see `_worth`.
    effect, low, high
        The real thresholds' value beyond the placebo thresholds', and its 90 % interval.
    p_value
        How often a placebo threshold would show as much or more.
    smallest
        The effect that would have been seen 4 times in 5.
    """

    real: pd.DataFrame
    placebo: pd.DataFrame
    independent: float
    effect: float
    low: float
    high: float
    p_value: float
    smallest: float


@dataclass(frozen=True)
class Zone:
    """What of the amounts around a threshold a statistic looks at, and where a real one may have left marks.

    Factors of the threshold; `weights` are those of its groups, each `width` wide on a logarithmic scale.
    """

    low: float
    high: float
    marked_low: float
    marked_high: float
    width: float
    weights: tuple[float, ...]


def zone_of_hurry(near: float) -> Zone:
    """Return what `hurry` looks at; customers may hurry just below a threshold, and differ beyond it."""
    return Zone(1 - 2 * near, 1 + near, 1 - near, 1.0, -float(np.log1p(-near)), _HURRY)


def zone_of_bunching(near: float) -> Zone:
    """Return what `bunching` looks at; orders may be missing just below, and be too many just above."""
    step = 1 + near
    return Zone(step**-2, step**2, 1 / step, step, float(np.log(step)), _JUMP)


def compare(
    statistic: Statistic, thresholds: Sequence[float], *, zone: Zone, span: tuple[float, float]
) -> Compared | None:
    """Return the statistic at real thresholds against placebo thresholds; None where it cannot be had.

    Placebo thresholds lie all over `span` where nothing of a real one's marks is looked at. If a real one is
    just one more of them, its standardised value less their mean, over their spread, follows Student's
    distribution (the prediction of one more observation), with as many degrees of freedom as they are worth.

    Parameters
    ----------
    thresholds
        The real ones.
    span
        Least and greatest placebo threshold.
    """
    real = _readings(statistic, thresholds)
    placebo = _readings(statistic, _grid(thresholds, zone, span))
    independent = _worth(len(placebo), zone)
    if real.empty or independent < _PLACEBOS:
        return None
    z = (placebo["value"] / placebo["error"]).to_numpy()
    centre = float(z.mean())
    spread = float(np.sqrt(z.var() * independent / (independent - 1)))
    precision = 1 / real["error"].to_numpy()
    weight = np.sqrt((precision**2).sum())
    pull = precision.sum() / weight
    effect = float(((real["value"] * precision**2).sum() / weight - centre * pull) / weight)
    error = spread * float(np.sqrt(1 + pull**2 / independent)) / weight
    ends, power = student.ppf([0.95, 0.8], independent - 1)
    return Compared(
        real, placebo, independent, effect, effect - ends * error, effect + ends * error,
        float(student.sf(effect / error, independent - 1)), float((ends + power) * error),
    )  # fmt: skip


def _readings(statistic: Statistic, thresholds: Sequence[float]) -> pd.DataFrame:
    found = [(at, statistic(float(at))) for at in thresholds if at > 0]
    rows = [(at, one.value, one.error, one.near) for at, one in found if one is not None and one.error > 0]
    return pd.DataFrame(rows, columns=["threshold", "value", "error", "near"])


def _grid(thresholds: Sequence[float], zone: Zone, span: tuple[float, float]) -> NDArray[np.float64]:
    """Return placebo thresholds that look at nothing where a real one may have left marks."""
    low, high = span
    steps = int(np.log(high / low) / np.log(_STEP)) if high > low > 0 else 0
    grid = low * _STEP ** np.arange(steps + 1)
    free = np.ones(len(grid), dtype=bool)
    for at in thresholds:
        free &= (grid * zone.high <= at * zone.marked_low) | (grid * zone.low >= at * zone.marked_high)
    return grid[free]


def _worth(placebos: int, zone: Zone) -> float:
    """Return how many independent placebo thresholds the grid is worth when their spread is taken.

    Neighbours share customers. Their statistics are correlated as their weights overlap, linearly between
    whole steps of a group's width; the spread of a stretch of a correlated series is known as well as that of
    its length over the integral of the squared correlation (Bartlett 1946).
    """
    weights = np.array(zone.weights)
    knots = np.append(np.correlate(weights, weights, "full") / (weights**2).sum(), 0.0)
    one, other = np.append(0.0, knots[:-1]), knots
    memory = ((one**2 + one * other + other**2) / 3).sum() * zone.width
    return placebos * float(np.log(_STEP)) / float(memory)
