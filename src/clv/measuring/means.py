"""Mean money per customer in two arms: their difference, with an interval that a long tail does not spoil.

Welch's interval (Welch 1947) is right where the difference of the two means is near a normal one. How far it
is from that shows in its skewness; with arms of one shape, n1 and n0 customers, and g the skewness of one
customer's money, that is

    g (1 / n1^2 - 1 / n0^2) / (1 / n1 + 1 / n0)^(3/2)

(the first term of the Edgeworth series; Hall 1992, The Bootstrap and Edgeworth Expansion). Arms of one size
cancel out. A small control group of rare, large orders does not: it mostly holds none of the largest, so its
own spread says too little, and Welch's 95 % hold the truth 85 to 92 times in a hundred. Redrawing each arm
from itself repeats that fault. So in the bootstrap here only the larger arm is redrawn from itself. Of the
smaller one, how much those who did anything did is drawn from both arms, who are alike in it before the
offer is taken off; and how many did, from the smaller arm or from both, whichever says more, as the campaign
may have moved some. What chance puts between two such arms is taken off the difference that was seen.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, skew
from scipy.stats import t as student

from clv.errors import InputError
from clv.language import tell

Floats = NDArray[np.float64]
TAIL = 0.2  # skewness of the difference from which the bootstrap takes over
DRAWS = 4000
_CELLS = 5_000_000  # of draws × distinct amounts that are held at once


@dataclass(frozen=True)
class Difference:
    """A difference of two means with the ends of its interval, and how the interval was made.

    Missing ends mean that nothing can be said: an arm has fewer than two customers, or nobody in either arm
    did anything that differs.
    """

    value: float
    low: float
    high: float
    method: str


def difference(
    send: Floats,
    control: Floats,
    *,
    rng: np.random.Generator,
    common: Floats | None = None,
    level: float = 0.95,
) -> Difference:
    """Return mean(send) - mean(control): by Welch, or by the bootstrap where the tail asks for it.

    Parameters
    ----------
    send, control
        Money of each customer, 0 of those who did nothing.
    common
        What those who did anything are alike in, whichever the arm: money before the offer was taken off, of
        `send` and then of `control`; without it the money itself.

    Raises
    ------
    InputError
        An arm is empty, or a value is missing.
    """
    _check(send, control)
    if abs(tail(send, control, common=common)) > TAIL:
        return bootstrap(send, control, rng=rng, common=common, level=level)
    return welch(send, control, level=level)


def welch(send: Floats, control: Floats, *, level: float = 0.95) -> Difference:
    """Return mean(send) - mean(control) with Welch's interval; see `difference`."""
    _check(send, control)
    value = float(np.mean(send) - np.mean(control))
    if _says_nothing(send, control):
        return Difference(value, np.nan, np.nan, "none")
    # by hand, as scipy's test warns of an arm in which all are equal
    parts = [(np.var(arm, ddof=1) / len(arm), len(arm) - 1) for arm in (send, control)]
    variance = sum(part for part, _ in parts)
    freedom = variance**2 / sum(part**2 / free for part, free in parts)
    half = float(student.ppf(0.5 + level / 2, freedom) * np.sqrt(variance))
    return Difference(value, value - half, value + half, "Welch")


def bootstrap(
    send: Floats,
    control: Floats,
    *,
    rng: np.random.Generator,
    common: Floats | None = None,
    level: float = 0.95,
    draws: int = DRAWS,
) -> Difference:
    """Return mean(send) - mean(control), the smaller arm redrawn with the help of both; see `difference`.

    The smaller arm's own share of those who did anything is the middle of Wilson's interval (Agresti & Coull
    1998, American Statistician 52:119): where few did, or nobody, chance might have made more.
    """
    _check(send, control)
    value = float(np.mean(send) - np.mean(control))
    if _says_nothing(send, control):
        return Difference(value, np.nan, np.nan, "none")
    larger = send if len(send) >= len(control) else control
    both = np.concatenate([send, control]) if common is None else common
    mine = both[len(send) :] if larger is send else both[: len(send)]
    z2 = float(norm.ppf(0.5 + level / 2)) ** 2
    own = (np.count_nonzero(mine) + z2 / 2) / (len(mine) + z2)
    share = max(own, np.count_nonzero(both) / len(both))
    gap = _redrawn(larger, len(larger), 1.0, draws, rng)
    gap -= _redrawn(both[both != 0], len(mine), share, draws, rng)
    ends = np.quantile(gap if larger is send else -gap, [0.5 + level / 2, 0.5 - level / 2])
    return Difference(value, float(value - ends[0]), float(value - ends[1]), "bootstrap")


def tail(send: Floats, control: Floats, *, common: Floats | None = None) -> float:
    """Return the skewness of the difference of the two means, both arms shaped alike."""
    everybody = np.concatenate([send - send.mean(), control - control.mean()]) if common is None else common
    if np.ptp(everybody) == 0 or _says_nothing(send, control):
        return 0.0
    n1, n0 = len(send), len(control)
    return float(skew(everybody) * (1 / n1**2 - 1 / n0**2) / (1 / n1 + 1 / n0) ** 1.5)


def _redrawn(values: Floats, n: int, share: float, draws: int, rng: np.random.Generator) -> Floats:
    """Return the means of n redrawn customers less what they should be; equal amounts are drawn together.

    A customer gets one of the values with a chance of `share`, else 0.
    """
    distinct, counts = np.unique(values, return_counts=True)
    chance, at_once = np.append(share * counts / len(values), 1 - share), max(_CELLS // len(distinct), 1)
    parts = [
        rng.multinomial(n, chance, size=min(at_once, draws - start))[:, :-1] @ distinct
        for start in range(0, draws, at_once)
    ]
    return np.concatenate(parts) / n - share * values.mean()


def _says_nothing(send: Floats, control: Floats) -> bool:
    return min(len(send), len(control)) < 2 or not (np.ptp(send) or np.ptp(control))


def _check(send: Floats, control: Floats) -> None:
    if not len(send) or not len(control):
        raise InputError(
            tell(
                "{send:,} customers were sent something and {control:,} left alone; each arm needs some.",
                send=len(send),
                control=len(control),
            )
        )
    missing = int(np.isnan(send).sum() + np.isnan(control).sum())
    if missing:
        raise InputError(
            tell(
                "{missing:,} customers have no value; give each one, 0 where nothing was bought.",
                missing=missing,
            )
        )
