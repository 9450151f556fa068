"""Customers in the order of a score, those with equal scores as one unit, and sums over the units."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COARSE = 2000  # units that a curve is followed by when customers are redrawn; between them it runs straight


@dataclass(frozen=True, eq=False)
class Order:
    """`unit` gives each customer's unit, 0 the best; customers of one unit cannot be told apart."""

    unit: Ints
    count: int

    def sums(self, columns: Floats, rows: Ints | None = None) -> Floats:
        """Return the sum of each column (customers × draws, or one of customers) over each unit (first axis).

        `rows` says which customers the columns hold; all of them when None.
        """
        unit = self.unit if rows is None else self.unit[rows]
        if columns.ndim == 1:
            return np.bincount(unit, weights=columns, minlength=self.count)
        where = (unit, np.arange(len(unit)))
        return sparse.csr_array((np.ones(len(unit)), where), shape=(self.count, len(unit))) @ columns

    def coarse(self) -> "Order":
        """Return the order with at most `COARSE` units, neighbours joined."""
        if self.count <= COARSE:
            return self
        last = np.cumsum(np.bincount(self.unit, minlength=self.count))
        joined = (last - 1) * COARSE // last[-1]
        _, joined = np.unique(joined, return_inverse=True)
        return Order(joined[self.unit], int(joined[-1]) + 1)


def order(score: Floats) -> Order:
    """Return customers in the order of a score, the highest first, equal scores in one unit."""
    values, place = np.unique(score, return_inverse=True)
    return Order(len(values) - 1 - place, len(values))
