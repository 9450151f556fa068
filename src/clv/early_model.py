"""Money to come, from what a customer's first days showed: a simple rule, and a model that starts from it.

The rule: money to come is in proportion to the money so far. The model departs from it as far as earlier
customers ask for: log-linear mean, variance in proportion to mean^1.5 (Tweedie's quasi-likelihood, between
Poisson and gamma, as most bring nothing and few bring much; Smyth & Jorgensen 2002, ASTIN Bulletin 32:143),
each standardised feature drawn towards 0 by a normal prior, so that few customers teach little.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MODEL, RULE = "the model", "money in the first days"
_POWER = 1.5
_PRIOR = 0.2  # standard deviation of what one standard deviation of a feature does to the logarithm of money
_FAR = 12.0  # logarithms beyond which no mean goes


def expected(x: pd.DataFrame, money: Floats, new: pd.DataFrame, *, by: str = MODEL) -> Floats:
    """Return the money to expect of new customers, learned from the money that others brought.

    Parameters
    ----------
    x, new
        Features as `first_days.features` makes them, the same columns.
    money
        What each of `x` brought afterwards.
    by
        MODEL, or RULE: everybody in proportion to the money of the first days.
    """
    scale = money.mean() or 1.0
    base, base_new = x["money"].to_numpy(), new["money"].to_numpy()
    middle = np.log(np.mean(np.exp(base)))
    told = x.std() > 0 if by == MODEL else np.zeros(x.shape[1], dtype=bool)
    centre, spread = x.loc[:, told].mean(), x.loc[:, told].std()
    columns, columns_new = (((one.loc[:, told] - centre) / spread).to_numpy() for one in (x, new))
    beta = _fitted(columns, money / scale, base - middle)
    return scale * np.exp(_near(base_new - middle + beta[0] + columns_new @ beta[1:]))


def _fitted(x: Floats, y: Floats, offset: Floats) -> Floats:
    """Return intercept and coefficients of the log-linear mean, by weighted least squares until they stay."""
    x = np.column_stack([np.ones(len(x)), x])
    beta = np.zeros(x.shape[1])
    for _ in range(200):
        mean = np.exp(_near(offset + x @ beta))
        dispersion = np.mean((y - mean) ** 2 / mean**_POWER)
        penalty = np.full(x.shape[1], dispersion / _PRIOR**2)
        penalty[0] = 0
        weight = mean ** (2 - _POWER)
        slope = x.T @ (weight * (y - mean) / mean) - penalty * beta
        step = np.linalg.solve(x.T @ (x * weight[:, None]) + np.diag(penalty), slope)
        beta = beta + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-8:
            break
    return beta


def _near(logarithm: Floats) -> Floats:
    return np.clip(logarithm, -_FAR, _FAR)
