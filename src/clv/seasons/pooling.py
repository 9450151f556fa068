"""Windows of several years → festivals: what is common to the years, and how sure that is.

Years differ by more than chance. How far is learned from all festivals together, as two or three years of one
say little: everything is averaged over a grid of how far years may differ, each weighed by how well it fits
(normal-normal model; Gelman et al., Bayesian Data Analysis, 3rd ed., section 5.4).
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

Floats = NDArray[np.float64]

_SPREADS = np.append(0.0, np.geomspace(0.02, 1.2, 14))  # of logarithms
_YEARS_DIFFER = 0.3  # before anything is seen: sd of the years of one festival
_FESTIVALS_DIFFER = 0.5  # of festivals and years together
_SHARES = np.linspace(0.05, 0.95, 10)  # of that variance, what comes again every year


def over_years(names: pd.Series, ratio: Floats, covariance: Floats) -> pd.DataFrame:
    """Return the mean of each festival's years: index name; years, mean, sd (logarithms)."""
    festivals, of = _of(names)
    weights, means, variances = [], [], []
    for spread in _SPREADS:
        factor = cho_factor(covariance + spread**2 * np.eye(len(ratio)), lower=True)
        known = np.linalg.inv(of.T @ cho_solve(factor, of))
        mean = known @ (of.T @ cho_solve(factor, ratio))
        fits = _log_density(factor, ratio - of @ mean) + np.linalg.slogdet(known)[1] / 2
        weights.append(fits - (spread / _YEARS_DIFFER) ** 2 / 2)
        means.append(mean)
        variances.append(np.diag(known))
    share = _shares(weights)
    mean = share @ np.array(means)
    sd = np.sqrt(share @ (np.array(variances) + (np.array(means) - mean) ** 2))
    return pd.DataFrame({"years": of.sum(axis=0).astype(int), "mean": mean, "sd": sd}, index=festivals)


def drawn_to_none(names: pd.Series, alone: Floats, covariance: Floats) -> pd.Series:
    """Return what to expect of each festival in a year to come (logarithm), drawn to 0: no effect.

    The fewer years there are, the less they agree and the smaller the shop, the nearer to 0.
    """
    festivals, of = _of(names)
    weights, means = [], []
    for spread in _SPREADS:
        for share in _SHARES:
            comes, differs = spread**2 * share, spread**2 * (1 - share)
            seen = covariance + comes * of @ of.T + differs * np.eye(len(alone))
            factor = cho_factor(seen, lower=True)
            prior = 3 * np.log(share) + np.log(1 - share) - (spread / _FESTIVALS_DIFFER) ** 2 / 2
            weights.append(_log_density(factor, alone) + prior)
            means.append(comes * of.T @ cho_solve(factor, alone))
    return pd.Series(_shares(weights) @ np.array(means), index=festivals)


def _of(names: pd.Series) -> tuple[pd.Index, Floats]:
    """Return the festivals and which window is of which (windows × festivals, 0 or 1)."""
    codes, festivals = pd.factorize(names, sort=True)
    return pd.Index(festivals, name="name_zh"), np.eye(len(festivals))[codes]


def _log_density(factor: tuple[Floats, bool], left: Floats) -> float:
    return float(-np.log(np.diag(factor[0])).sum() - left @ cho_solve(factor, left) / 2)


def _shares(weights: list[float]) -> Floats:
    """Return what each point of the grid counts; `weights` are logarithms."""
    share = np.exp(np.array(weights) - max(weights))
    return share / share.sum()
