"""Intervals of single parameters by profile likelihood: as wide as the data leave them, to infinity included.

Each end of an interval is where the log-likelihood, all other parameters doing their best, has fallen by half
the 90 % point of chi-squared with one degree of freedom (Venzon & Moolgavkar 1988, Applied Statistics 37).
In small shops, or where most customers buy once, the data often fix no more than the ratio of two parameters:
then a standard error promises too much (or, on the edge of a limiting model, says nothing), and a profile
without an end says so. Where a standard error is small the likelihood is normal, and its interval is taken.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from clv.btyd.charts import SAME_CHANCE, SAME_RATE
from clv.btyd.fits import Fit
from clv.btyd.histories import Array
from clv.btyd.newton import Climber, Peak, Surface

REACH = float(ndtri(0.95))  # standard errors to each side that hold 90 % of a normal
FALL = REACH**2 / 2  # half the 90 % point of chi-squared with one degree of freedom
_NEAR_ENOUGH = 0.005  # of the logarithm of a parameter
NARROW = 0.1  # standard error (of a logarithm) up to which the likelihood counts as normal, as in `spread`
_LONGEST = 1.5  # first step, in logarithms
_BINDING = 0.25  # slope at an edge, about what lifting it would gain, from which the edge makes the fall
_LEAST = float(np.log(1e-6))
_ROOM = 25.0  # how far (in logarithms) a rate may lie from the best one, as in `charts`
_EDGES = {"r": SAME_RATE, "s": SAME_RATE, "a": SAME_CHANCE, "b": SAME_CHANCE}


class Profile(NamedTuple):
    """What is climbed with one parameter held: the `best` point, a `spare` start, errors of the logarithms.

    Where the best point lies on the edge of a limiting model, the errors of what depends on it mean nothing.
    """

    climber: Climber
    best: Peak
    spare: Array
    errors: Array

    def fall(self, i: int, value: float, start: Array) -> tuple[float, Peak]:
        """Return how far the log-likelihood falls with the log of parameter `i` held, and the point reached.

        A hill may have two tops: what seems too far down from `start` is tried once more from elsewhere.
        """
        with np.errstate(over="ignore", under="ignore"):  # far from the top a likelihood may be 0 or infinite
            there = self.climber.climb(start, held={i: value})
            if self.best.height - there.height > FALL:
                there = max(there, self.climber.climb(self.spare, held={i: value}), key=_height)
        return self.best.height - there.height, there

    def normal(self, i: int) -> bool:
        """Return whether the likelihood of parameter `i` is near enough to a normal."""
        return bool(0 < self.errors[i] <= NARROW)


def of(fit: Fit, surface: Surface) -> Profile:
    """Return the profile of a fit; the heights are those of `surface`, which may be a rough one."""
    logs = np.log(list(fit.model.parameters.values()))
    chart = type(fit.model).chart
    errors = np.sqrt(np.diag(fit.covariance)) if fit.limit is None else np.full(len(logs), np.inf)
    best = Peak(logs, *surface(logs), np.zeros(len(logs), dtype=bool), converged=True)
    spare = chart.logs(chart.starts(fit.rows, fit.counts)[0])
    return Profile(Climber(surface, *_box(fit, logs)), best, spare, errors)


def intervals(fit: Fit, surface: Surface) -> pd.DataFrame:
    """Return the 90 % interval of each parameter.

    Parameters
    ----------
    fit
        As it was fitted, on the histories behind `surface`.
    surface
        Log-likelihood as a function of the logarithms of the parameters, with gradient and Hessian.

    Returns
    -------
    Indexed by parameter: low (0 where the data set no lower bound), high (inf where they set no upper one).
    """
    profile, names = of(fit, surface), list(fit.model.parameters)
    ends = [_interval(profile, i) for i in range(len(names))]
    return pd.DataFrame(np.exp(ends), index=names, columns=["low", "high"])


def _box(fit: Fit, logs: Array) -> tuple[Array, Array]:
    names = list(fit.model.parameters)
    low = [_LEAST if name in _EDGES else at - _ROOM for name, at in zip(names, logs, strict=True)]
    high = [_EDGES.get(name, at + _ROOM) for name, at in zip(names, logs, strict=True)]
    return np.minimum(low, logs), np.maximum(high, logs)


def _interval(profile: Profile, i: int) -> tuple[float, float]:
    best, error = profile.best.point[i], profile.errors[i]
    if profile.normal(i):
        return best - REACH * error, best + REACH * error
    step = min(REACH * error, _LONGEST) if error > 0 else _LONGEST
    return _end(profile, i, -step), _end(profile, i, step)


def _end(profile: Profile, i: int, step: float) -> float:
    """Return where the profile has fallen far enough on the side of `step`, or infinity."""
    from scipy.optimize import brentq

    best, climber = profile.best.point, profile.climber
    edge = float(abs((climber.high if step > 0 else climber.low)[i] - best[i]))
    seen = {0.0: profile.best}  # peaks by how far from the best point the parameter was held

    def beyond(reach: float) -> float:
        start = seen[max(known for known in seen if known <= reach)].point
        fall, seen[reach] = profile.fall(i, float(best[i] + np.copysign(reach, step)), start)
        return fall - FALL

    near, far = 0.0, min(abs(step), edge)
    while beyond(far) < 0:
        if far >= edge:
            return float(np.copysign(np.inf, step))
        near, far = far, min(2 * far, edge)
    reach = brentq(beyond, near, far, xtol=_NEAR_ENOUGH)
    last = seen[min(seen, key=lambda known: abs(known - reach))]
    return float(np.copysign(np.inf, step) if _edge_binds(last, i) else best[i] + np.copysign(reach, step))


def _height(peak: Peak) -> float:
    return peak.height


def _edge_binds(there: Peak, i: int) -> bool:
    others = np.arange(len(there.point)) != i
    return bool((np.abs(there.slope[others & there.held]) > _BINDING).any())
