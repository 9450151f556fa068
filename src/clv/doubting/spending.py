"""Do frequent buyers spend more per purchase? Gamma-Gamma assumes that they do not.

The usual check takes the frequency with the mean spend of each repeat buyer (Fader, Hardie & Lee 2005, J.
Marketing Research 42:415-430). Its ranks are not apart where amounts are skewed, though nothing is amiss: the
mean of few amounts lies lower than that of many, mostly. The rank of a single purchase is what it is however
many others there are, so here each customer has the mean rank of their purchases.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

_SIDE = float(norm.ppf(0.95))


@dataclass(frozen=True)
class Spending:
    """Correlation of rank of frequency and mean rank of the amounts, 90 % interval; NaN if nothing varies."""

    r: float
    low: float
    high: float
    p_value: float
    n: int


def relate(bought: pd.DataFrame) -> Spending:
    """Return how the amounts of repeat purchase days go with how many there are.

    Errors are those of customers as they scatter (White 1980), since a mean of many ranks scatters less.

    Parameters
    ----------
    bought
        Purchase days, as `purchase_days.from_orders` makes them.
    """
    later = bought[bought["step"] > 1]
    ranks = pd.Series(rankdata(later["amount"]), index=later.index)
    each = ranks.groupby(later["customer_id"].to_numpy()).agg(["size", "mean"])
    n = len(each)
    if n < 4 or each["size"].nunique() < 2 or np.ptp(ranks) == 0:
        return Spending(*[float("nan")] * 4, n)
    a, b = (_standard(values) for values in (rankdata(each["size"]), each["mean"].to_numpy()))
    r = float((a * b).mean())
    reach = _SIDE * (a * b - r * (a**2 + b**2) / 2).std() / np.sqrt(n)
    p_value = 2 * norm.sf(abs(r) * np.sqrt(n) / (a * b).std())
    return Spending(r, float(max(r - reach, -1.0)), float(min(r + reach, 1.0)), float(p_value), n)


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / (values.std() or 1.0)
