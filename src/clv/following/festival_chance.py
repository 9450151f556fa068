"""The chance to buy in a festival's next window: the model's, the festival's factor, and the customer's own.

    chance = 1 - exp(-purchases × factor × own)

purchases: what the model expects in these days; factor: how many times as much the shop sells in the
festival's windows as around them; own: (k + s) / (e + s), with k earlier windows in which the customer
bought, e as many as the shop's calendar would make, and s the weight under which all customers' k are most
likely (gamma-Poisson, empirical Bayes). Where nobody keeps a festival, s is large and all own factors are 1.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaincc, gammaln, xlogy

from clv.btyd.model import Model
from clv.following import windows
from clv.following.windows import Seen

Floats = NDArray[np.float64]
_WEIGHTS = np.logspace(-1.5, 3, 46)
_UNLIKE = 6.63  # twice the gain in log-likelihood: 1 in 200 by chance, as there are many festivals


def own(one: Seen, days: pd.DataFrame) -> pd.DataFrame:
    """Return what is known of each customer and the festival.

    Returns
    -------
    As `windows.years`, and: factor (of the customer), keeps (chance that it is above 1; 0 where chance alone
    explains everybody's years nearly as well).
    """
    table = windows.years(one, days)
    s = weight(table["years"].to_numpy(float), table["expected"].to_numpy(float))
    if s == _WEIGHTS[-1]:
        return table.assign(factor=1.0, keeps=0.0)
    shape, rate = table["years"] + s, table["expected"] + s
    return table.assign(factor=shape / rate, keeps=gammaincc(shape, rate))


def weight(found: Floats, expected: Floats) -> float:
    """Return the weight of 1 under which these counts are most likely (negative binomial).

    The largest where chance alone explains them nearly as well.
    """
    known = expected > 0
    rows = np.column_stack([found[known], np.round(expected[known], 6)])
    pairs, times = np.unique(rows, axis=0, return_counts=True)
    k, e, s = pairs[:, 0], pairs[:, 1], _WEIGHTS[:, None]
    log = (gammaln(k + s) - gammaln(s) + xlogy(s, s / (s + e)) + xlogy(k, e / (s + e))) @ times
    best = int(np.argmax(log))
    return float(_WEIGHTS[best if 2 * (log[best] - log[-1]) > _UNLIKE else -1])


def chance(
    customers: pd.DataFrame, model: Model, *, ahead: tuple[float, float], factor: float, own: pd.Series
) -> pd.Series:
    """Return each customer's chance to buy between `ahead` days from now.

    Parameters
    ----------
    customers
        A CUSTOMERS table.
    ahead
        Days from now until the window opens, and until it closes.
    factor
        Of the festival, see `windows.factor`.
    own
        Factor of each customer, index customer_id; 1 of those who are missing.
    """
    path = model.expected_path(customers, days=sorted(ahead))
    purchases = path.iloc[:, -1] - path.iloc[:, 0] if ahead[0] < ahead[1] else path.iloc[:, -1] * 0
    mine = own.reindex(customers.index).fillna(1.0)
    return -np.expm1(-(purchases * factor * mine).clip(lower=0.0)).rename("chance")
