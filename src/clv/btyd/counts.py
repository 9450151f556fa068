"""Counts with a Gamma rate: the part that all the models share."""

import numpy as np
from scipy.special import gammaln, psi, xlog1py, xlogy, zeta

from clv.btyd.histories import Array, History


def negative_binomial(n: int, r: Array, z: Array) -> Array:
    """Return P(n) of a Poisson count with a Gamma(r, alpha) rate over t, where z = t / (alpha + t)."""
    return np.exp(gammaln(r + n) - gammaln(r) - gammaln(n + 1) + xlogy(n, z) + xlog1py(r, -z))


class CountSurface:
    """Log-likelihood of purchases at known moments by customers who never leave, in (r, alpha).

    Per history: log G(r + x) - log G(r) + r log alpha - (r + x) log(alpha + T).
    """

    def __init__(self, rows: History, counts: Array) -> None:
        self.xs, x_of = np.unique(rows.x, return_inverse=True)
        self.x_counts = np.bincount(x_of, weights=counts)
        self.ages, age_of = np.unique(rows.T, return_inverse=True)
        self.n_by_age = np.bincount(age_of, weights=counts)
        self.x_by_age = np.bincount(age_of, weights=counts * rows.x)
        self.n = counts.sum()

    def __call__(self, r: float, alpha: float) -> tuple[float, Array, Array]:
        """Return value, gradient and Hessian in r and alpha themselves."""
        inverse, logs = 1 / (alpha + self.ages), np.log(alpha + self.ages)
        weight = r * self.n_by_age + self.x_by_age
        start = self.n * np.log(alpha)
        value = self.x_counts @ (gammaln(r + self.xs) - gammaln(r)) + r * start - weight @ logs
        slope_r = self.x_counts @ (psi(r + self.xs) - psi(r)) + start - self.n_by_age @ logs
        mixed = self.n / alpha - self.n_by_age @ inverse
        # zeta(2, .) is the derivative of psi.
        curve_r = self.x_counts @ (zeta(2, r + self.xs) - zeta(2, r))
        curve_alpha = weight @ inverse**2 - self.n * r / alpha**2
        slope = np.array([slope_r, self.n * r / alpha - weight @ inverse])
        return float(value), slope, np.array([[curve_r, mixed], [mixed, curve_alpha]])


def in_logs(p: Array, value: float, slope: Array, curve: Array) -> tuple[float, Array, Array]:
    """Return value, gradient and Hessian after log p instead of p."""
    return value, p * slope, np.outer(p, p) * curve + np.diag(p * slope)
