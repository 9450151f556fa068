"""Repeat buyers as the money models see them: how often, how much on average, and how many are alike."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from clv.btyd.histories import Array, people


class Repeats(NamedTuple):
    """Distinct pairs of repeat purchase days x and their mean amount z, sorted; how many have each."""

    x: Array
    z: Array
    counts: Array

    @property
    def n(self) -> int:
        """Number of repeat buyers."""
        return int(self.counts.sum())

    @property
    def typical(self) -> float:
        """The geometric mean of their amounts."""
        return float(np.exp(self.counts @ np.log(self.z) / self.counts.sum()))


def of(customers: pd.DataFrame) -> Repeats:
    """Take the repeat buyers out of a customers table, or of a collapsed one (column `customers`)."""
    x = customers["frequency"].to_numpy(dtype=float)
    z, counts = customers["monetary_value"].to_numpy(dtype=float), people(customers)
    again = x > 0
    return Repeats(*pairs(x[again], z[again], None if counts is None else counts[again]))


def pairs(x: Array, z: Array, counts: Array | None) -> tuple[Array, Array, Array]:
    """Return the distinct pairs of two columns, sorted, and how many customers have each (as floats).

    Both ways into a fit, one row per customer or one per distinct pair, go through the same sums.
    """
    order = np.argsort(z)  # much faster than a stable sort; who is equal in z is put in order by x
    order = order[np.argsort(_small(x[order]), kind="stable")]
    x, z = x[order], z[order]
    first = np.flatnonzero(np.append(True, (np.diff(x) != 0) | (np.diff(z) != 0))[: len(x)])
    weights = np.ones(len(x)) if counts is None else counts[order]
    return x[first], z[first], np.add.reduceat(weights, first) if len(first) else weights


def _small(x: Array) -> Array:
    """Return whole numbers in 16 bits where they fit: NumPy sorts these by their digits, in one go."""
    return x.astype(np.int16) if x.max(initial=0) < 2**15 and (x == np.floor(x)).all() else x
