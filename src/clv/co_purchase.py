"""Bought together: pairs of categories or products in one order, or by one customer, beyond chance.

Whoever buys many things has bought any two of them sooner than others, so the plain lift finds a pair
wherever there are keen buyers. Here baskets are compared with baskets of as many different things: within
each size the pairs that chance alone would make follow quasi-independence,

    e_ij = a_i a_j (i != j), with the sum of row i as observed

(Goodman 1968, J. Am. Stat. Assoc. 63:1091, for a table without its diagonal), and the expected numbers of
all sizes are added up. Observed pairs scatter around them no more than a Poisson number does. Where baskets
hold nearly all that a shop sells, e_ij may be a tenth too low, so a pair counts as found only where it is
surely a fifth beyond chance. Many pairs are looked at, so one found pair in ten may be false (Benjamini &
Hochberg 1995, J. R. Stat. Soc. B 57:289), among all pairs of things that sell often enough, seen or not.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, gamma, poisson

from clv.errors import SettingError
from clv.following.bought import of_orders as bought
from clv.language import tell

__all__ = ["BEYOND", "FALSE", "FEWEST", "LEAST", "Pairs", "bought", "pairs"]

FALSE = 0.10  # part of the pairs found that may be chance
BEYOND = 1.2  # times chance; a pair that is not surely beyond that is none to act on
LEAST = 20  # baskets in which a thing must be, before its pairs are looked at
FEWEST = 5  # baskets with both, before a pair has a row; the others cannot be found
_LARGEST = 200  # different things; a basket of more is a warehouse's and says nothing of taste
_EACH = 8  # different things, up to which each size is compared for itself
_TAIL = 0.05  # beyond each end of an interval
_ROUNDS = 500  # of fitting, more than it takes
_COLUMNS = [
    *("one", "other", "baskets", "support", "other_after_one", "one_after_other"),
    *("expected", "lift", "low", "high", "q", "found"),
]
Basket = Literal["order_id", "customer_id"]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class _Counted(NamedTuple):
    """Pairs (one * k + other) in baskets of one size, how often each occurs, and what chance weighs by."""

    pair: Ints
    n: Ints
    weights: Floats


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs that were bought together.

    Attributes
    ----------
    table
        One row per pair that stands in five baskets or more, the surest first: one, other (names; `one` is
        in more baskets); baskets (that hold both); support (of all baskets); other_after_one,
        one_after_other (confidence: of the baskets with the first, how many hold the second); expected
        (baskets, by chance); lift (baskets / expected), low, high (90 %, exact for a Poisson number); q
        (false discovery rate at which the pair would count as a fifth beyond chance), found (q up to 0.10).
    baskets
        All baskets, those of one thing too.
    looked_at
        Pairs among which those of the table were found.
    """

    table: pd.DataFrame
    baskets: int
    looked_at: int


def pairs(found: pd.DataFrame, *, by: Basket, least: int = LEAST) -> Pairs:
    """Return the pairs of things in one basket.

    Only pairs that occur are counted, so thousands of products make no square of thousands. A basket of
    more than 200 different things is left out.

    Parameters
    ----------
    found
        What `bought` returns: customer_id, order_id, item.
    by
        'order_id': in the same order; 'customer_id': by the same customer, at any time.
    least
        Baskets in which a thing must be; at least 2.

    Raises
    ------
    SettingError
        `by` or `least` is out of range.
    """
    if by not in ("order_id", "customer_id") or least < 2:
        raise SettingError(
            tell(
                "by is {by!r}, least {least}; give 'order_id' or 'customer_id', and 2 or more.",
                by=by,
                least=least,
            )
        )
    cells = found[[by, "item"]].drop_duplicates()
    basket, size = pd.factorize(cells[by])[0], cells.groupby(by)["item"].transform("size").to_numpy()
    often = cells["item"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    often = often[often >= least]
    place = often.index.get_indexer(cells["item"])
    kept = (place >= 0) & (size <= _LARGEST)
    baskets, looked_at = cells[by].nunique(), len(often) * (len(often) - 1) // 2
    return Pairs(_table(basket[kept], place[kept], often, baskets=baskets), baskets, looked_at)


def _table(basket: Ints, place: Ints, often: pd.Series, *, baskets: int) -> pd.DataFrame:
    group = _group(np.bincount(basket, minlength=1)[basket])
    parts = [_count(basket[group == one], place[group == one], len(often)) for one in np.unique(group)]
    codes = np.concatenate([*(part.pair for part in parts), np.empty(0, dtype=np.int64)])
    pair, where = np.unique(codes, return_inverse=True)
    if not len(pair):
        return pd.DataFrame({name: [] for name in _COLUMNS}).astype({"found": bool})
    n = np.bincount(where, weights=np.concatenate([part.n for part in parts]))
    one, other = np.divmod(pair, len(often))
    expected = sum(part.weights[one] * part.weights[other] for part in parts)
    return _judged(one, other, n, expected, often, baskets)


def _group(size: Ints) -> Ints:
    """Return which baskets are compared: those of one size; of many things, sizes within two fifths."""
    wide = np.floor(2 * np.log2(np.maximum(size, 1))).astype(np.int64) + _EACH
    return np.where(size <= _EACH, size, wide)


def _count(basket: Ints, place: Ints, k: int) -> _Counted:
    order = np.lexsort((place, basket))
    basket, place = np.unique(basket[order], return_inverse=True)[1], place[order]
    size = np.bincount(basket, minlength=1)
    behind = np.cumsum(size)[basket] - np.arange(len(basket)) - 1  # things of the basket behind this one
    left = np.repeat(np.arange(len(basket)), behind)
    right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(behind) - behind, behind)
    pair, n = np.unique(place[left] * k + place[right], return_counts=True)
    one, other = np.divmod(pair, k)
    margin = np.bincount(one, weights=n, minlength=k) + np.bincount(other, weights=n, minlength=k)
    return _Counted(pair, n, _weights(margin))


def _weights(margin: Floats) -> Floats:
    """Return a with a_i (sum of a - a_i) = margin_i for all i, by fixed points."""
    a = margin / np.sqrt(max(margin.sum(), 1.0))
    for _ in range(_ROUNDS):
        new = np.sqrt(a * margin / np.maximum(a.sum() - a, 1e-300))  # the root damps what would swing
        if np.abs(new - a).max(initial=0) <= 1e-10 * a.max(initial=0):
            break
        a = new
    return a


def _judged(
    one: Ints, other: Ints, n: Floats, expected: Floats, often: pd.Series, baskets: int
) -> pd.DataFrame:
    names, times, seen = often.index.to_numpy(), often.to_numpy(float), n >= FEWEST
    one, other, n, expected = one[seen], other[seen], n[seen], expected[seen]
    p = poisson.sf(n - 1, BEYOND * expected)
    others = len(often) * (len(often) - 1) // 2 - len(n)  # pairs that seldom or never occurred count too
    table = pd.DataFrame(
        {
            "one": names[one],
            "other": names[other],
            "baskets": n.astype(int),
            "support": n / baskets,
            "other_after_one": n / times[one],
            "one_after_other": n / times[other],
            "expected": expected,
            "lift": n / expected,
            "low": gamma.ppf(_TAIL, n) / expected,
            "high": gamma.ppf(1 - _TAIL, n + 1) / expected,
            "q": false_discovery_control(np.append(p, np.ones(others)))[: len(n)],
        }
    )
    table = table.assign(p=p, found=table["q"] <= FALSE)
    ranked = table.sort_values(["p", "baskets"], ascending=[True, False], kind="stable")
    return ranked[_COLUMNS].reset_index(drop=True)
