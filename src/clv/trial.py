"""What it would be worth to test an offer on some of the customers first, and send to the rest if it works.

A test of n customers per arm shows the shift of the log-odds with the variance of a log odds ratio; what was
believed and what was seen meet in a normal posterior. Before the test nobody knows where that will lie, only
how far it may move: that is what the test is worth (expected value of sample information; Raiffa & Schlaifer
1961, Applied Statistical Decision Theory).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from clv.offering.options import Option
from clv.offers import People, pays

SHARES = (0.05, 0.1, 0.2, 0.3, 0.5)  # parts of the customers that a test may take; half of it is left alone
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_GRID = np.linspace(-6, 6, 61)  # standard deviations


@dataclass(frozen=True)
class Trial:
    """A test before the campaign.

    Attributes
    ----------
    now
        Expected profit of sending to all at once, or of not sending if that is better.
    share
        The best part of the customers to test on, of SHARES.
    tested
        Expected profit of testing on them first and deciding then about the rest.
    perfect
        Expected profit if the uplift were known beforehand.
    """

    now: float
    share: float
    tested: float
    perfect: float

    @property
    def worth(self) -> float:
        """What the test adds to sending at once; below 0 where it does not pay to wait."""
        return self.tested - self.now


def trial(parts: Sequence[tuple[People, Option]], *, margin: float) -> Trial:
    """Return what a test on some of these customers would be worth (money).

    Parameters
    ----------
    parts
        Customers and the option that they get; all of one opinion, so that a test of some tells of all.
    """
    beliefs = [option.believed(people.segment) for people, option in parts]
    mean, sd = (float(np.mean(np.concatenate(part))) for part in zip(*beliefs, strict=True))
    shifts = mean + sd * _GRID
    profits = np.array(
        [sum(pays(*part, shift=shift, margin=margin).sum() for part in parts) for shift in shifts]
    )

    def expected(centre: float, spread: float) -> float:
        return float(np.interp(centre + spread * _NODES, shifts, profits) @ _WEIGHTS)

    at_once = expected(mean, sd)
    perfect = float(np.maximum(np.interp(mean + sd * _NODES, shifts, profits), 0) @ _WEIGHTS)
    chances = np.concatenate([people.p0 for people, _ in parts])
    p0, p1 = float(chances.mean()), float(expit(logit(chances) + mean).mean())
    tested = {}
    for share in SHARES:
        arm = share * len(chances) / 2
        noise = 1 / (arm * p0 * (1 - p0)) + 1 / (arm * p1 * (1 - p1))
        learned = sd**2 / np.sqrt(sd**2 + noise)
        left_open = np.sqrt(sd**2 * noise / (sd**2 + noise))
        then = [max(expected(mean + learned * node, left_open), 0) for node in _NODES]
        tested[share] = share / 2 * at_once + (1 - share) * float(np.dot(then, _WEIGHTS))
    best = max(tested, key=tested.get)
    return Trial(max(at_once, 0.0), best, tested[best], perfect)
