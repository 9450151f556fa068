"""Counts with a Gamma rate: the part that all the models share."""

import numpy as np
from scipy.special import gammaln, psi, xlog1py, xlogy, zeta

from clv.btyd.histories import Array, History, levels


def negative_binomial(n: int, r: Array, z: Array) -> Array:
    """Return P(n) of a Poisson count with a Gamma(r, alpha) rate over t, where z = t / (alpha + t)."""
    return np.exp(gammaln(r + n) - gammaln(r) - gammaln(n + 1) + xlogy(n, z) + xlog1py(r, -z))


def rising(shapes: Array, xs: Array) -> Array:
    """Return log G(shape + x) - log G(shape) and two derivatives of it (rows), of each shape and each x.

    The last of `xs` is 0 and stands for the shape alone; it has no column in the answer.
    """
    at = shapes[:, None] + xs
    found = np.array([gammaln(at), psi(at), zeta(2, at)])  # zeta(2, .) is the derivative of psi
    return found[:, :, :-1] - found[:, :, -1:]


class CountSurface:
    """Log-likelihood of purchases at known moments by customers who never leave, in (r, alpha).

    Per history: log G(r + x) - log G(r) + r log alpha - (r + x) log(alpha + T).
    """

    def __init__(self, rows: History, counts: Array) -> None:
        xs, x_of = levels(rows.x)
        self.xs = np.append(xs, 0.0)
        self.x_counts = np.bincount(x_of, weights=counts)
        self.ages, age_of = levels(rows.T)
        self.n_by_age = np.bincount(age_of, weights=counts)
        self.x_by_age = np.bincount(age_of, weights=counts * rows.x)
        self.n = counts.sum()

    def __call__(self, r: float, alpha: float) -> tuple[float, Array, Array]:
        """Return value, gradient and Hessian in r and alpha themselves."""
        at = alpha + self.ages
        inverse, logs, start = 1 / at, np.log(at), self.n * np.log(alpha)
        weight = r * self.n_by_age + self.x_by_age
        counted = rising(np.array([r]), self.xs)[:, 0] @ self.x_counts
        value = counted[0] + r * start - weight @ logs
        slope_r = counted[1] + start - self.n_by_age @ logs
        slope_alpha = self.n * r / alpha - weight @ inverse
        mixed = self.n / alpha - self.n_by_age @ inverse
        curve_alpha = weight @ (inverse * inverse) - self.n * r / alpha**2
        curve = np.array([[counted[2], mixed], [mixed, curve_alpha]])
        return float(value), np.array([slope_r, slope_alpha]), curve


def in_logs(p: Array, value: float, slope: Array, curve: Array) -> tuple[float, Array, Array]:
    """Return value, gradient and Hessian after log p instead of p."""
    slope, curve = p * slope, p[:, None] * p * curve
    curve.flat[:: len(p) + 1] += slope
    return value, slope, curve
