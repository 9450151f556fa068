"""Shares of customers' orders that are of one kind: the shop's, with customers as units, and each customer's.

A customer's share is drawn towards the shop's by a beta prior whose weight makes all customers' counts most
likely (beta-binomial, empirical Bayes; Casella 1985, American Statistician 39:83).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betaln, xlogy
from scipy.stats import beta

from clv.measuring import rates

LEVEL = 0.90
MOSTLY, SELDOM, OPEN = "mostly", "seldom", "not enough evidence"
SURE = 0.9  # chance from which something is said of a customer
_FEWEST = 2  # own orders, before anything is said
_TAIL = 0.05
_WEIGHTS = np.logspace(-1, 4, 51)
_UNLIKE = 2.71  # twice the gain in log-likelihood, 1 in 20 by chance (Self & Liang 1987, JASA 82:605, case 5)
Floats = NDArray[np.float64]


class Prior(NamedTuple):
    """The beta that customers' shares come from, and whether the counts show that they differ at all."""

    a: float
    b: float
    differ: bool


def of_all(k: Floats, n: Floats) -> tuple[float, float, float]:
    """Return sum(k) / sum(n) with Wilson's 90 % interval for as many orders as the customers are worth.

    Orders of one customer are alike, so the variance is that of a ratio of sums over customers (Cochran 1977,
    Sampling Techniques, 6.3), never below that of single orders.

    Parameters
    ----------
    k, n
        By customer: orders of the kind, and orders.
    """
    share = k.sum() / n.sum()
    variance = ((k - share * n) ** 2).sum() / n.sum() ** 2
    plain = share * (1 - share) / n.sum()
    worth = n.sum() * (plain / variance if variance > plain else 1.0)
    low, high = rates.wilson(share * worth, worth, level=LEVEL)
    return float(share), float(low), float(high)


def prior(k: Floats, n: Floats) -> Prior:
    """Return the prior around the shop's share under which the counts are most likely."""
    pairs, times = np.unique(np.column_stack([k, n]), axis=0, return_counts=True)
    share = (k.sum() + 0.5) / (n.sum() + 1)
    a, b = _WEIGHTS[:, None] * share, _WEIGHTS[:, None] * (1 - share)
    yes, no = pairs[:, 0], pairs[:, 1] - pairs[:, 0]
    log = (betaln(a + yes, b + no) - betaln(a, b)) @ times
    alike = (xlogy(yes, share) + xlogy(no, 1 - share)) @ times
    best = int(np.argmax(log))
    return Prior(float(a[best, 0]), float(b[best, 0]), bool(2 * (log[best] - alike) > _UNLIKE))


def by_customer(kind: pd.Series, who: pd.Series) -> pd.DataFrame:
    """Return each customer's share of orders of a kind, and what may be said of it.

    Parameters
    ----------
    kind, who
        Order by order: whether it is of the kind, and the customer.

    Returns
    -------
    Index customer_id: n (orders), k (of the kind), share (believed), low, high (90 %), half (chance that more
    than half of the customer's orders are), says: 'mostly' or 'seldom', where that is believed with a chance
    of nine in ten, rests on two orders or more, and customers differ beyond chance; else 'not enough
    evidence'.
    """
    counts = kind.astype(bool).groupby(who.rename("customer_id"))
    table = pd.DataFrame({"n": counts.size(), "k": counts.sum()}).astype(int)
    k, n = table["k"].to_numpy(float), table["n"].to_numpy(float)
    believed = prior(k, n)
    a, b = believed.a + k, believed.b + n - k
    half, seen = beta.sf(0.5, a, b), (n >= _FEWEST) & believed.differ
    says = np.where(seen & (half >= SURE), MOSTLY, np.where(seen & (half <= 1 - SURE), SELDOM, OPEN))
    ends = {"low": beta.ppf(_TAIL, a, b), "high": beta.ppf(1 - _TAIL, a, b)}
    return table.assign(share=a / (a + b), **ends, half=half, says=says.astype(object))
