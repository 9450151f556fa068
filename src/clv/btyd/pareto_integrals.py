"""The one integral of Pareto/NBD, by Gauss-Legendre instead of a difference of two 2F1.

Schmittlein, Morrison & Colombo (1987) need, for a customer who left between two moments,

    integral over tau from start to stop of (alpha + tau)^-A (beta + tau)^-B f(tau)

The closed form subtracts two nearly equal hypergeometric functions and loses its digits for frequent buyers.
The integrand is positive and, in y = log(min(alpha, beta) + tau), smooth, so a fixed rule sums it (32 nodes:
1e-11 against adaptive quadrature), and derivatives come from the same nodes.
"""

from functools import cache

import numpy as np
from numpy.polynomial.legendre import leggauss

Array = np.ndarray

_FOLDS = 45.0  # behind e^-45 of its height the integrand no longer counts
CHUNK = 20_000  # rows at a time: bounds the memory


@cache
def _rule(n: int) -> tuple[Array, Array]:
    return leggauss(n)


def moments(start: Array, stop: Array, alpha: Array, A: Array, beta: Array, B: Array, shares: Array) -> Array:
    """Return the moments tau at some shares of the way from start to stop (one row each), even in y.

    The way ends early where the two powers together have fallen by e^-45; A and B are the powers (0 where the
    rest of the integrand may rise as fast as these fall).
    """
    shift, length = _way(start, stop, alpha, A, beta, B)
    return start[:, None] + shift[:, None] * np.expm1(length[:, None] * shares)


def nodes(
    start: Array, stop: Array, alpha: Array, A: Array, beta: Array, B: Array, *, n: int = 32
) -> tuple[Array, Array]:
    """Return `n` moments tau per row (see `moments`) and the logarithms of their weights."""
    shift, length = _way(start, stop, alpha, A, beta, B)
    places, weights = _rule(n)
    y = length[:, None] * (0.5 + 0.5 * places)
    with np.errstate(divide="ignore"):
        log_weights = np.log(0.5 * length * shift)[:, None] + np.log(weights) + y
    return start[:, None] + shift[:, None] * np.expm1(y), log_weights


def _way(start: Array, stop: Array, alpha: Array, A: Array, beta: Array, B: Array) -> tuple[Array, Array]:
    shift = np.minimum(alpha, beta) + start
    # The slope of the logarithm after y only grows along the way, so the slope at the start is the smallest.
    fall = shift * (A / (alpha + start) + B / (beta + start)) - 1
    return shift, np.minimum(np.log1p((stop - start) / shift), _FOLDS / np.maximum(fall, 1e-9))
