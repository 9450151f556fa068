"""Two forecasts of the same windows compared: how far buyers were missed, and whether one is better."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_DRAWS, _SEED = 4000, 20260630  # redrawn windows; the same each time, so that what is made again is the same


def surprise(p: Floats, bought: NDArray[np.bool_]) -> float:
    """Return the log-loss of chances to buy: the mean of -log(chance given to what happened)."""
    return -float(np.where(bought, np.log(p), np.log1p(-p)).mean())


def miss(foreseen: pd.Series, bought: pd.Series) -> float:
    """Return the root mean square of log(buyers foreseen / buyers); missing without windows."""
    logs = np.log(foreseen.to_numpy(dtype=float) / bought.to_numpy(dtype=float))
    return float(np.sqrt(np.mean(logs**2))) if len(logs) else float("nan")


def redrawn(gains: Floats) -> tuple[float, float, float]:
    """Return the mean and its 90 % interval, windows drawn anew with replacement; missing without windows."""
    if not len(gains):
        return (float("nan"),) * 3
    rng = np.random.default_rng(_SEED)
    means = gains[rng.integers(0, len(gains), (_DRAWS, len(gains)))].mean(axis=1)
    low, high = np.quantile(means, [0.05, 0.95])
    return float(gains.mean()), float(low), float(high)
