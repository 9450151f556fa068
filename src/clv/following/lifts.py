"""Cells of a table of counts: shares, lifts, and which cells hold more or less than the mix would put there.

The lift compares what followed a row with what followed any: log(lift) is taken as normal, with the variance
of the delta method for a multinomial table,

    var = (1 / p_ij - 1 / p_i. - 1 / p_.j + 2 lift - 1) / N

(Agresti 2013, Categorical Data Analysis, chapter 16, for the method). Whether a cell differs from its share
of the mix is asked by the hypergeometric distribution (Fisher's exact test of the cell against all others,
both sides), of all cells together by the false discovery rate (Benjamini & Hochberg 1995). Which cells are
asked is decided by what chance would put there, never by what was seen.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, gamma, hypergeom, norm

from clv.measuring import rates

LEAST = 5.0  # that chance alone would put into a cell, before it is judged
FALSE = 0.10  # part of the findings that may be chance
MORE, LESS, OPEN, FEW = "more often", "less often", "cannot tell", "too few"
_LEVEL, _TAIL = 0.90, 0.05
Floats = NDArray[np.float64]


def cells(counts: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell of a table of counts, of the largest rows and columns first.

    Returns
    -------
    before, after (names of row and column); n; of (sum of the row); share (n / of), low, high (90 %,
    Wilson); mix (share of the column in all); lift (share / mix), lift_low, lift_high (90 %); q (false
    discovery rate at which the cell would count; missing where chance would put fewer than 5 there); found
    ('more often', 'less often', 'cannot tell', 'too few').
    """
    wide = _sorted(counts)
    values = wide.to_numpy(float)
    rows, columns = values.sum(axis=1, keepdims=True), values.sum(axis=0, keepdims=True)
    n, of, other = (np.broadcast_to(one, values.shape).ravel() for one in (values, rows, columns))
    low, high = rates.wilson(n, of, level=_LEVEL)
    table = {"n": n.astype(int), "of": of.astype(int), "share": n / of, "low": low, "high": high}
    table |= {"mix": other / max(values.sum(), 1.0)} | _lift(n, of, other, values.sum())
    names = pd.MultiIndex.from_product([wide.index, wide.columns], names=["before", "after"])
    return pd.DataFrame(table, index=names).reset_index()


def _sorted(counts: pd.DataFrame) -> pd.DataFrame:
    rows, columns = (
        counts.sum(axis=axis).sort_values(ascending=False, kind="stable").index for axis in (1, 0)
    )
    return counts.loc[rows, columns]


def _lift(n: Floats, of: Floats, other: Floats, total: float) -> dict[str, NDArray]:
    expected = of * other / max(total, 1.0)
    ahead = (n + 0.5) / (expected + 0.5)
    variance = 1 / (n + 0.5) - 1 / of - 1 / other + (2 * ahead - 1) / max(total, 1.0)
    reach = np.exp(norm.ppf(1 - _TAIL) * np.sqrt(np.maximum(variance, 0)))
    low = np.where(n > 0, ahead / reach, 0.0)
    high = np.where(n > 0, ahead * reach, gamma.ppf(1 - _TAIL, 1) / expected)  # empty once in twenty times
    asked = expected >= LEAST
    q = np.full(len(n), np.nan)
    if asked.any():
        q[asked] = false_discovery_control(_fisher(n[asked], of[asked], other[asked], total))
    sure = np.where(n > expected, MORE, LESS)
    said = np.where(q <= FALSE, sure, np.where(asked, OPEN, FEW)).astype(object)
    return {"lift": n / expected, "lift_low": low, "lift_high": high, "q": q, "found": said}


def _fisher(n: Floats, of: Floats, other: Floats, total: float) -> Floats:
    tails = hypergeom.cdf(n, total, other, of), hypergeom.sf(n - 1, total, other, of)
    return np.minimum(2 * np.minimum(*tails), 1.0)
