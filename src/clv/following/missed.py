"""How far forecasts of past periods missed: their errors, and how much periods scatter beyond chance."""

import numpy as np
import pandas as pd
from scipy.stats import t as student

UNSEEN = 0.25  # how far periods differ (log) where fewer than three could be tried
_FEWEST = 5.0  # orders expected of a category, before its own scatter is looked at
_HIGH = 0.95


def spread(tried: pd.DataFrame) -> tuple[float, float]:
    """Return how far periods miss beyond chance (log): all categories together, and each for itself.

    Parameters
    ----------
    tried
        opens, category, expected, came: one row per period and category.
    """
    by = tried.groupby("opens")[["expected", "came"]].sum().astype(float)
    if len(by) < 3:
        return UNSEEN, UNSEEN
    common = np.log((by["came"] + 0.5) / (by["expected"] + 0.5))
    whole = np.sqrt(max((common**2).mean() - (1 / (by["came"] + 0.5)).mean(), 0.0))
    rows = tried[tried["expected"] >= _FEWEST]
    own = np.log((rows["came"] + 0.5) / (rows["expected"] + 0.5)) - rows["opens"].map(common)
    left = (
        (own.astype(float) ** 2).mean() - (1 / (rows["came"].astype(float) + 0.5)).mean()
        if len(rows)
        else 0.0
    )
    return float(whole), float(np.sqrt(max(left, 0.0)))


def errors(tried: pd.DataFrame) -> tuple[float, float, tuple[float, float, float]]:
    """Return the error of the forecast, of 'as in the days before', and how much better the forecast is.

    Returns
    -------
    Sum of the misses over the sum of what came, twice; the mean gain of a period with its 90 % interval
    (Student), whose ends are missing with fewer than three periods. All missing where nothing came.
    """
    if tried.empty or not tried["came"].sum():
        return np.nan, np.nan, (np.nan, np.nan, np.nan)
    misses = {name: (tried[name] - tried["came"]).abs() for name in ("expected", "before")}
    by = tried.assign(**misses).groupby("opens")[["expected", "before", "came"]].sum().astype(float)
    error, before = (float(by[name].sum() / by["came"].sum()) for name in ("expected", "before"))
    gain = ((by["before"] - by["expected"]) / by["came"].clip(lower=1)).to_numpy(float)
    reach = np.nan
    if len(gain) >= 3:
        reach = float(student.ppf(_HIGH, len(gain) - 1) * gain.std(ddof=1) / np.sqrt(len(gain)))
    return error, before, (float(gain.mean()), float(gain.mean() - reach), float(gain.mean() + reach))
