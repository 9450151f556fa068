"""A scale: the values that an axis can take, learned from what was known on a day.

Rare values share one place, `OTHER`, in which values that only come later fall too. Prices fall into bands,
each with as many choices: within the piece's category where that was chosen often enough, else within all.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.language import tell

OTHER = "other"
PRICE = "price"
MOST, FEWEST = 12, 0.01  # values that are kept apart, and the share of the choices that each must have
_PER_BAND = 30  # choices of a category for each of its own bands
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Scale:
    """The values of an axis.

    Attributes
    ----------
    names
        The values, by place; of texts the most frequent first and OTHER last.
    edges
        Of prices: index category, '' for all; one column per upper edge of a band but the last. Else empty.
    """

    axis: str
    names: tuple[str, ...]
    edges: pd.DataFrame

    @property
    def named(self) -> NDArray[np.bool_]:
        """Which places can be recommended: all but OTHER."""
        return np.array([name != OTHER for name in self.names])

    def places(self, table: pd.DataFrame) -> Ints:
        """Return the place of each row of a table of choices; -1 where the row says nothing."""
        if self.axis == PRICE:
            return self._bands(table)
        place = {name: at for at, name in enumerate(self.names)}
        found = table[self.axis].map(place).fillna(len(self.names) - 1)
        return found.where(table[self.axis].notna(), -1).to_numpy(dtype="int64")

    def _bands(self, table: pd.DataFrame) -> Ints:
        own = table["price_of"].where(table["price_of"].isin(self.edges.index), "").astype("str")
        rows = self.edges.index.get_indexer(own)
        above = table["price"].to_numpy()[:, None] > self.edges.to_numpy()[rows]
        return np.where(table["price"].notna(), above.sum(axis=1), -1).astype("int64")


def learn(known: pd.DataFrame, *, axis: str, bands: int) -> Scale:
    """Return the scale of an axis from the rows of a table of choices that were known."""
    if axis == PRICE:
        return Scale(axis, band_names(bands), _edges(known, bands))
    counts = known[axis].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    kept = counts[counts >= FEWEST * counts.sum()].head(MOST).index
    return Scale(axis, (*kept[kept != OTHER], OTHER), pd.DataFrame())


def price_bands(known: pd.DataFrame, *, bands: int) -> pd.DataFrame:
    """Return where price bands end: index category ('all' last); one column per band but the dearest.

    A category that was chosen too rarely for bands of its own is not among them: those of all hold for it.
    """
    edges = _edges(known, bands)
    edges.columns = [tell("{name} up to", name=name) for name in band_names(bands)[:-1]]
    own = edges.drop(index="").sort_index()
    return pd.concat([own, edges.loc[[""]].set_axis(["all"])]).rename_axis("category")


def band_names(bands: int) -> tuple[str, ...]:
    """Return what price bands are called, the cheapest first.

    >>> band_names(3)
    ('price 1 of 3 (lowest)', 'price 2 of 3', 'price 3 of 3 (highest)')
    """
    ends = {1: " (lowest)", bands: " (highest)"}
    return tuple(f"price {at} of {bands}{ends.get(at, '')}" for at in range(1, bands + 1))


def _edges(known: pd.DataFrame, bands: int) -> pd.DataFrame:
    parts = [at / bands for at in range(1, bands)]
    whole = known["price"].quantile(parts).to_frame("").T
    often = known["price_of"].value_counts().loc[lambda n: n >= _PER_BAND * bands].index
    rows = known[known["price_of"].isin(often)]
    own = rows.groupby("price_of", observed=True)["price"].quantile(parts).unstack()
    return pd.concat([whole, own]) if len(own) else whole
