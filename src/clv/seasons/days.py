"""Purchase days → days of the shop: who bought, and what the customers of that day buy on average."""

import numpy as np
import pandas as pd
from scipy.optimize import isotonic_regression

NEW, RETURNING = "new", "returning"
_AGES = (
    1,
    2,
    4,
    8,
    15,
    31,
    61,
    91,
    121,
    181,
    241,
    301,
    366,
)  # days since the first purchase that begin a class


def table(bought: pd.DataFrame, *, until: pd.Timestamp) -> pd.DataFrame:
    """Return one row per day from the first purchase to `until`.

    Customers cool off, and a day after many joined sees more returns than others whatever the date. So each
    day has its own yardstick: its customers, each with the shop's mean rate of returns at that age. (Indirect
    standardisation, as epidemiologists compare towns of different ages.)

    Parameters
    ----------
    bought
        Purchase days up to `until`, as `purchase_days.from_orders` makes them.

    Returns
    -------
    day; new (customers who bought for the first time); returning (later purchase days); usual_new (the mean);
    usual_returning (what the customers of that day would buy at the shop's mean rates by age).
    """
    first = bought["day"].min()
    n = (until - first).days + 1
    at = (bought["day"] - first).dt.days.to_numpy()
    later = bought["step"].to_numpy() > 1
    new, returning = (np.bincount(at[rows], minlength=n).astype(float) for rows in (~later, later))
    born = np.repeat(at[~later], np.diff(np.append(np.flatnonzero(~later), len(at))))
    rate = _rate_by_age((at - born)[later], new)
    return pd.DataFrame(
        {
            "day": pd.date_range(first, until),
            "new": new,
            "returning": returning,
            "usual_new": new.mean(),
            "usual_returning": np.convolve(new, rate)[:n],
        }
    )


def _rate_by_age(ages: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Return the returns per customer and day at each age: a staircase that may only fall.

    Were it free to rise, a shop in its first year would take the season in which its first customers grew old
    for a habit of old customers.
    """
    n = len(new)
    of = np.searchsorted(_AGES, np.arange(n), side="right")
    returned = np.bincount(of, weights=np.bincount(ages, minlength=n))
    seen = np.bincount(of, weights=np.cumsum(new)[::-1])  # of age a: all who joined at least a days before
    rate = np.zeros(len(seen))
    rate[1:] = isotonic_regression(returned[1:] / seen[1:], weights=seen[1:], increasing=False).x
    return rate[of]
