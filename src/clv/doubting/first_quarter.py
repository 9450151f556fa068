"""Do the customers of the export's first months buy like those who came later?

Most of them are older customers, whose earlier orders lie before the file begins: what looks like their first
purchase is one of many. Held against those who joined in the same days of a later year, so that the season is
the same, over equal ages.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

QUARTER, YEAR = 90, 365  # days
AGES = (180, 90)  # days over which both are followed, the longest that the history allows
FEWEST = 30  # customers in each group
FEWEST_RETURNS = 10  # repeat purchases of each group
_SIDE = float(norm.ppf(0.95))


@dataclass(frozen=True)
class FirstQuarter:
    """Repeat purchases per customer of the first quarter over those of later years, with 90 % interval.

    Attributes
    ----------
    ratio, low, high, p_value
        NaN where there are too few.
    age
        Days since the first purchase over which both were followed; 0 where the history is too short.
    early, later
        Customers of each group.
    returns
        Repeat purchases of the group that has fewer.
    """

    ratio: float
    low: float
    high: float
    p_value: float
    age: int
    early: int
    later: int
    returns: int


def compare(bought: pd.DataFrame, *, days: int) -> FirstQuarter:
    """Return how the first quarter's customers differ.

    Parameters
    ----------
    bought
        Purchase days, as `purchase_days.from_orders` makes them.
    days
        Length of the history.
    """
    joined = (bought["day"] - bought["day"].min()).dt.days.where(bought["step"] == 1).ffill().to_numpy()
    followed = (bought["followed"] + bought["day"].sub(bought["day"].min()).dt.days).to_numpy() - joined
    age = next((age for age in AGES if YEAR + QUARTER + age <= days), 0)
    early = joined < QUARTER
    later = ~early & (joined % YEAR < QUARTER) & (followed >= age)
    since = (bought["day"] - bought["day"].min()).dt.days.to_numpy() - joined
    back = (bought["step"].to_numpy() > 1) & (since <= age)
    code = np.cumsum(bought["step"].to_numpy() == 1) - 1
    groups = [_returns(code, back, rows) for rows in (early, later)]
    sizes = [len(group) for group in groups]
    returns = int(min(group.sum() for group in groups))
    if not age or min(sizes) < FEWEST or returns < FEWEST_RETURNS:
        return FirstQuarter(*[float("nan")] * 4, age, *sizes, returns)
    log = np.log(groups[0].mean() / groups[1].mean())
    sd = np.sqrt(sum(group.var(ddof=1) / len(group) / group.mean() ** 2 for group in groups))
    ends = np.exp([log, log - _SIDE * sd, log + _SIDE * sd])
    p_value = 2 * norm.sf(abs(log) / sd) if sd else np.nan  # all came back alike: nothing to judge chance by
    return FirstQuarter(*map(float, ends), float(p_value), age, *sizes, returns)


def _returns(code: np.ndarray, back: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the repeat purchases of each customer of these rows."""
    _, place = np.unique(code[rows], return_inverse=True)
    return np.bincount(place, weights=back[rows])
