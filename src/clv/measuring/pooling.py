"""Effects of segments, each pulled towards the others as far as its own evidence is weak.

Segments scatter around a common mean by an unknown amount t: d_s ~ N(m_s, v_s), m_s ~ N(m, t^2), m flat, and
the pull v / (v + t^2) of a typical segment equally likely anywhere between 0 and 1 (uniform shrinkage prior;
Daniels 1999, Canadian Journal of Statistics 27:567). So looking at many segments finds no winner by chance
alone, and a single look at all of them needs no correction (Gelman, Hill & Yajima 2012).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import chi2, norm

from clv.errors import InputError
from clv.language import tell

Floats = NDArray[np.float64]
_PULLS = (np.arange(400) + 0.5) / 400


@dataclass(frozen=True, eq=False)
class Pooled:
    """What is believed of each segment after all were seen.

    Attributes
    ----------
    mean, low, high
        By segment.
    differ
        p-value of Cochran's Q: how often segments that do not differ would look this different; nan with
        fewer than two segments that say anything.
    """

    mean: Floats
    low: Floats
    high: Floats
    differ: float


def pool(effect: Floats, error: Floats, *, level: float = 0.95) -> Pooled:
    """Return the pooled effects.

    Parameters
    ----------
    effect, error
        Difference and standard error of each segment alone; an error that is missing, zero or infinite says
        that the segment knows nothing, and it then takes after the others.

    Raises
    ------
    InputError
        Not one segment says anything.
    """
    known = np.isfinite(effect) & np.isfinite(error) & (error > 0)
    if not known.any():
        raise InputError(
            tell("not one segment has customers in both arms that differ; nothing can be pooled.")
        )
    d, v = effect[known], error[known] ** 2
    typical = 1 / np.mean(1 / v)
    scatter = typical * (1 - _PULLS) / _PULLS  # t^2 on a grid
    if len(d) == 1:
        scatter = np.full(1, typical)
    weight = 1 / (v + scatter[:, None])
    centre = (weight * d).sum(axis=1) / weight.sum(axis=1)
    log = 0.5 * (np.log(weight).sum(axis=1) - np.log(weight.sum(axis=1)))
    log -= 0.5 * (weight * (d - centre[:, None]) ** 2).sum(axis=1)
    chance = np.exp(log - logsumexp(log))
    precision = np.where(known, 1 / np.where(known, error, 1.0) ** 2, 0.0)
    own = precision / (precision + 1 / scatter[:, None])
    mean = own * np.where(known, effect, 0.0) + (1 - own) * centre[:, None]
    spread = (1 - own) * scatter[:, None] + (1 - own) ** 2 / weight.sum(axis=1)[:, None]
    middle = chance @ mean
    deviation = np.sqrt(chance @ (spread + (mean - middle) ** 2))
    half = norm.ppf(0.5 + level / 2) * deviation
    if len(d) == 1:  # nothing to borrow from
        middle, half = (
            np.where(known, effect, middle),
            np.where(known, norm.ppf(0.5 + level / 2) * error, half),
        )
    return Pooled(middle, middle - half, middle + half, _differ(d, v))


def _differ(d: Floats, v: Floats) -> float:
    if len(d) < 2:
        return float("nan")
    common = (d / v).sum() / (1 / v).sum()
    return float(chi2.sf(((d - common) ** 2 / v).sum(), len(d) - 1))
