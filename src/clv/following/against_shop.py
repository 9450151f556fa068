"""Products held against the shop that they belong to: each pulled towards the others, then told apart or not.

Errors rest on the spread of all the shop's customers, not of the product's own: a product whose few customers
are alike by luck would else seem sure, and lead or trail for it.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.measuring import pooling

MORE, LESS, OPEN = "more than the shop", "less than the shop", "cannot tell"
DIFFER = 0.10  # p of Cochran's Q, from which products are not said to differ at all
_LEVEL = 0.90
Floats = NDArray[np.float64]


def pulled(effect: Floats, error: Floats, *, shop: float) -> pd.DataFrame:
    """Return what is believed of each product after all were seen, and whether it differs from the shop.

    Parameters
    ----------
    effect, error
        Of each product alone; missing where nothing is known.
    shop
        The shop's own number.

    Returns
    -------
    One row per product: pooled, low, high (90 %), found ('more than the shop', 'less than the shop', 'cannot
    tell'). The numbers are missing where no product says anything.
    """
    known = np.isfinite(effect) & np.isfinite(error) & (error > 0)
    if not known.any() or not np.isfinite(shop):
        nothing = np.full(len(effect), np.nan)
        return pd.DataFrame({"pooled": nothing, "low": nothing, "high": nothing, "found": OPEN})
    one = pooling.pool(effect, error, level=_LEVEL)
    sure = np.where(one.low > shop, MORE, np.where(one.high < shop, LESS, OPEN)).astype(object)
    found = sure if one.differ < DIFFER else np.full(len(sure), OPEN, dtype=object)
    return pd.DataFrame({"pooled": one.mean, "low": one.low, "high": one.high, "found": found})


def differ(effect: Floats, error: Floats) -> float:
    """Return how often groups that do not differ would look this different; missing with fewer than two."""
    known = np.isfinite(effect) & np.isfinite(error) & (error > 0)
    if known.sum() < 2:
        return float("nan")
    return pooling.pool(effect[known], error[known], level=_LEVEL).differ


def error_of_returns(gap: NDArray, *, all_gaps: NDArray, all_returned: NDArray) -> float:
    """Return the error of a product's share that came back, if its customers come back as the shop's do.

    Greenwood's formula with the shop's daily risks and the numbers of the product's customers still waiting.

    Parameters
    ----------
    gap
        Days waited by each of the product's customers, none beyond the horizon.
    all_gaps, all_returned
        The same of all the shop's new customers, and whether the wait ended with a purchase.
    """
    length = int(max(all_gaps.max(initial=0), gap.max(initial=0))) + 1
    waiting, events = _waiting(all_gaps, length), np.bincount(all_gaps[all_returned], minlength=length)
    risk = events / np.maximum(waiting, 1)
    mine = np.maximum(_waiting(gap, length), 1)
    stays = np.prod(1 - risk)
    safe = np.minimum(risk, 1 - 1e-9)
    return float(stays * np.sqrt((safe / (1 - safe) / mine).sum()))


def _waiting(gap: NDArray, length: int) -> NDArray:
    return np.bincount(gap, minlength=length)[::-1].cumsum()[::-1]


def redrawn_mean(values: Floats, *, draws: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return the 90 % interval of a mean, customers drawn again; those with 0 are drawn together.

    Each is drawn a Poisson number of times, as in a bootstrap of many (Chamandy et al. 2012, Estimating
    uncertainty for massive data streams).
    """
    some = np.sort(values[values != 0])
    if len(values) < 2:
        return np.nan, np.nan
    times = rng.poisson(1.0, size=(draws, len(some)))
    people = np.maximum(times.sum(axis=1) + rng.poisson(len(values) - len(some), size=draws), 1)
    low, high = np.quantile(times @ some / people, [0.05, 0.95])
    return float(low), float(high)
