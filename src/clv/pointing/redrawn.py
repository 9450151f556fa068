"""Customers redrawn, for intervals: all that is a customer's is redrawn together.

Of many customers, random groups of them are redrawn, each as often as chance has it; sums over groups spread
as sums over customers do, and half a million customers cost no more than a thousand.
"""

import numpy as np
from numpy.typing import NDArray

GROUPS = 1000
ENDS = (0.05, 0.95)  # of a 90 % interval

Floats = NDArray[np.float64]


def groups_of(customers: int, rng: np.random.Generator, *, most: int = GROUPS) -> NDArray[np.int64]:
    """Return the group of each of so many customers, numbered from 0; one each where they are few."""
    return rng.permutation(customers) % max(min(customers, most), 1)


def weights(groups: int, draws: int, rng: np.random.Generator) -> Floats:
    """Return how often each group is drawn (draws × groups)."""
    return rng.multinomial(groups, np.full(groups, 1 / groups), size=draws).astype(float)
