"""Mean money per customer by age, when some have not had the time yet.

Each day's money is shared among those still followed on it, and added up (Nelson 1988, J. Qual. Technol.
20:24). The error is that of Lawless & Nadeau (1995, Technometrics 37:158): it asks for no model of purchases,
only that those who joined lately are like those who joined before.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def mean(who: Ints, age: Ints, money: Floats, *, followed: Ints, days: int) -> tuple[float, float]:
    """Return the mean money per customer up to the age of `days`, and its standard error.

    Parameters
    ----------
    who, age, money
        One entry per order: the customer's place in `followed`, days since the first order, money.
    followed
        By customer, days since the first order to the end of observation.
    """
    at_risk = np.bincount(np.minimum(followed, days), minlength=days + 1)[::-1].cumsum()[::-1]
    risk = np.maximum(at_risk, 1)
    rise = np.bincount(age, weights=money, minlength=days + 1) / risk
    # each customer's own money less what was to be expected while it was followed
    expected = np.cumsum(rise / risk)[np.minimum(followed, days)]
    own = np.bincount(who, weights=money / risk[age], minlength=len(followed)) - expected
    return float(rise.sum()), float(np.sqrt((own**2).sum()))
