"""Gamma-Gamma: how much a purchase of a customer is worth, given what the customer spent before.

A customer's amounts are Gamma(p, nu); the customers' rates nu are Gamma(q, gamma). The mean of x amounts then
has the density of Fader & Hardie (2013), "The Gamma-Gamma model of monetary value", equation (1a), and the
expected mean spend given x amounts of mean z is their equation (5).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, polygamma

from clv.btyd.newton import climb

Floats = NDArray[np.float64]
NAMES = ("p", "q", "v")
LARGEST = 1e4  # p and q are held here when the likelihood wants them infinite
STARTS = ((1.0, 3.0), (6.0, 4.0), (30.0, 1.5), (2.0, 40.0))  # (p, q)
# The search moves in logs of (p, q, p v / q): the last is near the mean amount, which the data fix well
# whatever p and q, while p, q and v run along a ridge together.
_TO_LOGS = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0, 1.0, 1.0]])


@dataclass(frozen=True)
class GammaGamma:
    """The model is its parameters: `p` and `q` are pure numbers, `v` (the paper's gamma) is money."""

    p: float
    q: float
    v: float

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters by name."""
        return {"p": self.p, "q": self.q, "v": self.v}

    @property
    def mean(self) -> float:
        """Mean spend per purchase of the population, `p v / (q - 1)`; inf where q <= 1."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else float("inf")

    def expected_spend(self, customers: pd.DataFrame) -> pd.Series:
        """Return each customer's expected mean spend per purchase (money), Fader & Hardie (2013), eq. (5).

        Customers without repeat purchases get the population's mean, as the model knows nothing of them.
        """
        x, z = _history(customers)
        spend = self.p * (self.v + x * z) / (self.p * x + self.q - 1)
        return pd.Series(spend, index=customers.index, name="expected_spend")

    def individuals(self, customers: pd.DataFrame, *, rng: np.random.Generator) -> Floats:
        """Return one draw of each customer's own rate nu given the history; the mean spend is `p / nu`."""
        x, z = _history(customers)
        return rng.gamma(self.q + self.p * x) / (self.v + x * z)

    def log_likelihood(self, customers: pd.DataFrame) -> float:
        """Return the log-likelihood of the repeat buyers' mean amounts."""
        data = SpendData.of(customers)
        value, _, _ = log_likelihood(np.log([self.p, self.q, self.v / data.unit]), data)
        return float(value - data.n * np.log(data.unit))


def _history(customers: pd.DataFrame) -> tuple[Floats, Floats]:
    x = customers["frequency"].to_numpy(dtype=float)
    return x, np.where(x > 0, customers["monetary_value"].to_numpy(dtype=float), 0.0)


@dataclass(frozen=True)
class SpendData:
    """What the likelihood needs: repeat buyers, amounts divided by `unit` (their geometric mean).

    `levels` are the distinct frequencies and `counts` how many customers have each: the gamma functions
    are worked out once per level.
    """

    x: Floats
    spent: Floats
    levels: Floats
    counts: Floats
    sum_log_mean: float
    unit: float

    @property
    def n(self) -> int:
        """Number of repeat buyers."""
        return len(self.x)

    @classmethod
    def of(cls, customers: pd.DataFrame) -> "SpendData":
        """Take the repeat buyers out of a customers table."""
        x, z = _history(customers)
        x, z = x[x > 0], z[x > 0]
        unit = float(np.exp(np.log(z).mean()))
        levels, counts = np.unique(x, return_counts=True)
        log_mean = np.log(z / unit).sum()
        return cls(x, x * z / unit, levels, counts.astype(float), float(log_mean), unit)


def log_likelihood(log_parameters: Floats, data: SpendData) -> tuple[float, Floats, Floats]:
    """Return log-likelihood, gradient and Hessian in the logs of (p, q, v), v in units of `data.unit`."""
    p, q, v = np.exp(log_parameters)
    x, at, n = data.x, v + data.spent, data.counts
    log_at, shape = np.log(at), p * data.levels + q
    share = np.log(data.spent) - log_at
    value = (
        n @ (gammaln(shape) - gammaln(p * data.levels) - gammaln(q))
        + p * (x @ share)
        + q * (np.log(v) - log_at).sum()
        - data.sum_log_mean
    )
    score = np.array(
        [
            (n * data.levels) @ (digamma(shape) - digamma(p * data.levels)) + x @ share,
            n @ (digamma(shape) - digamma(q)) + (np.log(v) - log_at).sum(),
            data.n * q / v - ((p * x + q) / at).sum(),
        ]
    )
    theta = np.array([p, q, v])
    curvature = _second_derivatives(theta, data, at, shape)
    return float(value), score * theta, curvature * np.outer(theta, theta) + np.diag(score * theta)


def _second_derivatives(theta: Floats, data: SpendData, at: Floats, shape: Floats) -> Floats:
    """Second derivatives in (p, q, v) themselves."""
    p, q, v = theta
    bend, n, levels = polygamma(1, shape), data.counts, data.levels
    pp = (n * levels**2) @ (bend - polygamma(1, p * levels))
    pq = (n * levels) @ bend
    qq = n @ (bend - polygamma(1, q))
    pv = -(data.x / at).sum()
    qv = data.n / v - (1 / at).sum()
    vv = -data.n * q / v**2 + ((p * data.x + q) / at**2).sum()
    return np.array([[pp, pq, pv], [pq, qq, qv], [pv, qv, vv]])


def maximise(data: SpendData) -> Floats:
    """Return the logs of the best (p, q, v) found from several starts; v in units of `data.unit`."""

    def surface(point: Floats) -> tuple[float, Floats, Floats]:
        value, slope, curvature = log_likelihood(_TO_LOGS @ point, data)
        return value, _TO_LOGS.T @ slope, _TO_LOGS.T @ curvature @ _TO_LOGS

    edge = np.full(3, np.log(LARGEST))
    peaks = [climb(surface, np.log([p, q, 1.0]), -edge, edge) for p, q in STARTS]
    return _TO_LOGS @ max(peaks, key=lambda peak: peak.height).point


def held_at_limit(found: Floats) -> NDArray[np.bool_]:
    """Tell which of the log-parameters (p, q, v) the search stopped at `LARGEST`."""
    return (found > np.log(0.99 * LARGEST)) & [True, True, False]


def covariance_at(found: Floats, data: SpendData) -> Floats:
    """Return the inverse observed information in the logs of (p, q, v); zero for those held at a limit."""
    _, _, hessian = log_likelihood(found, data)
    free = ~held_at_limit(found)
    inside = np.ix_(free, free)
    covariance = np.zeros((3, 3))
    covariance[inside] = np.linalg.pinv(-hessian[inside], hermitian=True)
    return covariance
