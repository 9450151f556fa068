"""Two rules tried on the same customers: the difference of their hit rates, with an interval.

Agresti & Min (2005, Statistics in Medicine 24:729): half a customer is added to each of the four cells of the
table of hits by the one rule and by the other, and the usual interval of paired shares is taken from that.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from clv.errors import InputError
from clv.language import tell

LEVEL = 0.90


class Paired(NamedTuple):
    """Share of hits by the one rule less that by the other; the ends are missing without customers."""

    difference: float
    low: float
    high: float


def difference(one: ArrayLike, other: ArrayLike) -> Paired:
    """Return mean(one) - mean(other) with its 90 % interval.

    Parameters
    ----------
    one, other
        Whether each rule hit, customer by customer.

    Raises
    ------
    InputError
        They are not of one length.
    """
    one, other = np.asarray(one, dtype=bool), np.asarray(other, dtype=bool)
    if one.shape != other.shape:
        raise InputError(
            tell(
                "{size:,} customers are held against {size2:,}; both rules need the same.",
                size=one.size,
                size2=other.size,
            )
        )
    n = one.size
    if not n:
        return Paired(np.nan, np.nan, np.nan)
    only_one, only_other = np.count_nonzero(one & ~other), np.count_nonzero(other & ~one)
    middle = (only_one - only_other) / (n + 2)
    spread = np.sqrt(((only_one + only_other + 1) / (n + 2) - middle**2) / (n + 2))
    reach = float(norm.ppf(0.5 + LEVEL / 2) * spread)
    low, high = max(middle - reach, -1.0), min(middle + reach, 1.0)
    return Paired(float((only_one - only_other) / n), low, high)
