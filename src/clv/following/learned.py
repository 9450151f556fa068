"""What follows each category, learned from moves: a Dirichlet posterior around the mix of all.

How heavy the mix weighs is what makes the moves most likely (empirical Bayes; Minka 2000, Estimating a
Dirichlet distribution). Where nothing follows from anything, it weighs so much that all are offered the same.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import beta

_TAIL = 0.05
_WEIGHTS = np.logspace(0, 5, 51)  # purchases' worth of the mix, that are tried
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Following:
    """What follows each category.

    Attributes
    ----------
    mix
        Share of each category among all next purchases, the largest first.
    moves
        Counts: rows the category before, columns as `mix`.
    weight
        Purchases' worth of the mix that each row starts with.
    """

    mix: pd.Series
    moves: pd.DataFrame
    weight: float

    @property
    def posterior(self) -> Floats:
        """The Dirichlet's numbers: a row for each category before, and last one for where it is not known."""
        n = np.vstack([self.moves.to_numpy(float), np.zeros((1, len(self.mix)))])
        return n + self.weight * self.mix.to_numpy(float)

    @property
    def chances(self) -> pd.DataFrame:
        """The chance of each next category (columns) by the category before (rows)."""
        a = self.posterior[:-1]
        return pd.DataFrame(a / a.sum(axis=1, keepdims=True), index=self.moves.index, columns=self.mix.index)

    def rows(self, last: pd.Series) -> NDArray[np.int64]:
        """Return the row of `posterior` for each category before; -1, the last, where it is not known."""
        return self.moves.index.get_indexer(last)


def of_moves(moves: pd.DataFrame) -> Following:
    """Return what follows each category; of no categories where no move is known.

    Parameters
    ----------
    moves
        category, after: rows in which one is missing are passed over.
    """
    known = moves.dropna(subset=["category", "after"])
    counts = pd.crosstab(known["category"], known["after"])
    sums = counts.sum().sort_values(ascending=False, kind="stable")
    mix = (sums / max(sums.sum(), 1)).rename("mix")
    counts = counts[sums.index]
    return Following(mix, counts, weight(counts.to_numpy(float), mix.to_numpy(float)))


def weight(counts: Floats, mix: Floats) -> float:
    """Return the weight of the prior under which these rows are most likely (Dirichlet-multinomial)."""
    if not counts.size:
        return float(_WEIGHTS[-1])
    log = []
    for one in _WEIGHTS:
        prior = one * mix
        rows = (gammaln(counts + prior) - gammaln(prior)).sum()
        log.append(rows + (gammaln(one) - gammaln(counts.sum(axis=1) + one)).sum())
    return float(_WEIGHTS[np.argmax(log)])


def best(following: Following, last: pd.Series, *, k: int) -> pd.DataFrame:
    """Return the `k` likeliest next categories of each customer; see `clv.next_category.recommend`."""
    a = following.posterior
    total, order = a.sum(axis=1, keepdims=True), np.argsort(-a, axis=1, kind="stable")[:, :k]
    top, row = np.take_along_axis(a, order, axis=1), following.rows(last)
    ends = {"low": beta.ppf(_TAIL, top, total - top), "high": beta.ppf(1 - _TAIL, top, total - top)}
    wide, names = order.shape[1], following.mix.index.to_numpy()
    table = {"customer_id": np.repeat(last.index.to_numpy(), wide)}
    table |= {"rank": np.tile(np.arange(1, wide + 1), len(last)), "category": names[order[row]].ravel()}
    return pd.DataFrame(table | {k: v[row].ravel() for k, v in ({"chance": top / total} | ends).items()})
