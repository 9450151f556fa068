"""Fails, holds, or nobody can tell: how sure and how large a departure must be."""

from dataclasses import dataclass

import numpy as np

REGULARITY, SEASON, TREND = "purchases at random", "no season", "a steady pace"
COHORT, MONEY = "first orders are first", "money apart from frequency"
HOLDS, FAILS, CANNOT_TELL = "holds", "fails", "cannot tell"

SURE = 0.01  # five tests at this level: a false alarm in at most 5 % of shops (Bonferroni's inequality)
FEWEST = 60  # purchase days, pairs of gaps, customers; below it the normal approximations have not been tried
# Sizes from which on a departure matters, on the logarithm of a factor (of the money: on a correlation).
# Season, trend, first quarter: a forecast of what they touch is off by a quarter. Regularity: half-way from
# chance (k = 1) to the Erlang-2 gaps that Wheat & Morrison (1990) call regular, or as far the other way.
# Money: above the correlation of 0.11 at which Fader, Hardie & Lee (2005, J. Marketing Research 42:415-430)
# still took CDNOW for independent.
MATTERS = {
    REGULARITY: float(np.log(1.5)),
    SEASON: float(np.log(1.25)),
    TREND: float(np.log(1.25)),
    COHORT: float(np.log(1.25)),
    MONEY: 0.15,
}

Ends = tuple[float, float, float]  # value, low, high


@dataclass(frozen=True)
class Tested:
    """One row of the table of assumptions; see `assumptions.Assumptions`."""

    test: str
    data: str
    value: float
    low: float
    high: float
    p_value: float
    verdict: str
    found: str
    means: str

    @classmethod
    def untold(cls, test: str, data: str, why: str) -> "Tested":
        """Return a row without numbers, and why there are none."""
        return cls(test, data, *[float("nan")] * 4, CANNOT_TELL, "", why)


def judged(ends: Ends, p_value: float, *, n: int, of: str, all_of: Ends | None = None) -> str:
    """Return the verdict on a size (value, low, high) and the chance of it under the assumption.

    Parameters
    ----------
    n
        How many data there are, held against FEWEST.
    of
        The assumption, which says what size matters.
    all_of
        What has to be small for the assumption to hold, where that is more than `ends`.
    """
    if n < FEWEST or np.isnan([ends[0], p_value]).any():
        return CANNOT_TELL
    value, low, high = _sizes(ends, of)
    if p_value < SURE and abs(value) >= MATTERS[of] and low * high > 0:
        return FAILS
    _, low, high = _sizes(all_of or ends, of)
    return HOLDS if max(-low, high) < MATTERS[of] else CANNOT_TELL


def _sizes(ends: Ends, of: str) -> tuple[float, ...]:
    return ends if of == MONEY else tuple(np.log(np.maximum(ends, 1e-9)))
