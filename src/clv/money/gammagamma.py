"""Gamma-Gamma: how much a purchase of a customer is worth, given what the customer spent before.

A customer's amounts are Gamma(p, nu); the customers' rates nu are Gamma(q, gamma). The mean of x amounts then
has the density of Fader & Hardie (2013), "The Gamma-Gamma model of monetary value", equation (1a), and the
expected mean spend given x amounts of mean z is their equation (5).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, zeta

from clv.btyd import histories
from clv.btyd.newton import Climber, Surface
from clv.money import repeats
from clv.money.repeats import Repeats

Floats = NDArray[np.float64]
NAMES = ("p", "q", "v")
LARGEST = 1e4  # p and q are held here when the likelihood wants them infinite
_FEW_PAIRS = 6000
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

    `spent` is what each distinct pair of frequency and mean amount has spent, `weights` how many customers
    have the pair (first row) and how often these bought (second). `levels` are the distinct frequencies and
    `counts` how many customers have each: the gamma functions are worked out once per level.
    """

    spent: Floats
    weights: Floats
    levels: Floats
    counts: Floats
    sum_log_spent: float
    sum_log_mean: float
    unit: float

    @property
    def n(self) -> float:
        """Number of repeat buyers."""
        return float(self.counts.sum())

    @classmethod
    def of(cls, customers: pd.DataFrame) -> "SpendData":
        """Take the repeat buyers out of a customers table."""
        buyers = repeats.of(customers)
        return cls.of_repeats(buyers, unit=buyers.typical)

    @classmethod
    def of_repeats(cls, buyers: Repeats, *, unit: float) -> "SpendData":
        """Prepare repeat buyers, their amounts divided by `unit`."""
        x, z, counts = buyers
        levels, level = histories.levels(x)
        spent, weights = x * z / unit, np.array([counts, counts * x])
        return cls(
            spent,
            weights,
            levels,
            np.bincount(level, weights=counts),
            float(weights[1] @ np.log(spent)),
            float(counts @ np.log(z / unit)),
            unit,
        )


def log_likelihood(log_parameters: Floats, data: SpendData) -> tuple[float, Floats, Floats]:
    """Return log-likelihood, gradient and Hessian in the logs of (p, q, v), v in units of `data.unit`."""
    p, q, v = theta = np.exp(log_parameters)
    at, n, levels = v + data.spent, data.counts, data.levels
    inverse, own, shape = 1 / at, p * levels, p * levels + q
    by_pair, by_purchase = data.weights @ np.log(at)
    share, rest = data.sum_log_spent - by_purchase, data.n * np.log(v) - by_pair
    inverses = data.weights @ inverse, data.weights @ (inverse * inverse)
    value = n @ (gammaln(shape) - gammaln(own) - gammaln(q)) + p * share + q * rest - data.sum_log_mean
    score = np.array(
        [
            (n * levels) @ (digamma(shape) - digamma(own)) + share,
            n @ (digamma(shape) - digamma(q)) + rest,
            data.n * q / v - inverses[0] @ [q, p],
        ]
    )
    curvature = _second_derivatives(theta, data, inverses)
    return float(value), score * theta, curvature * np.outer(theta, theta) + np.diag(score * theta)


def _second_derivatives(theta: Floats, data: SpendData, inverses: tuple[Floats, Floats]) -> Floats:
    """Second derivatives in (p, q, v) themselves; `inverses`: sums of 1 / (v + spent) and of its square."""
    p, q, v = theta
    n, levels = data.counts, data.levels
    bend = zeta(2, p * levels + q)  # zeta(2, .) is the derivative of digamma
    pp = (n * levels**2) @ (bend - zeta(2, p * levels))
    pq = (n * levels) @ bend
    qq = n @ (bend - zeta(2, q))
    qv, pv = np.array([data.n / v, 0.0]) - inverses[0]
    vv = inverses[1] @ [q, p] - data.n * q / v**2
    return np.array([[pp, pq, pv], [pq, qq, qv], [pv, qv, vv]])


def maximise(buyers: Repeats) -> tuple[Floats, SpendData]:
    """Return the logs of the best (p, q, v) found from several starts, and the data, in whose unit v is."""
    data = SpendData.of_repeats(buyers, unit=buyers.typical)
    starts, edge = [np.log([p, q, 1.0]) for p, q in STARTS], np.full(3, np.log(LARGEST))
    if len(buyers.x) > _FEW_PAIRS:  # the starts are sorted out on every so-manieth pair
        part = slice(None, None, len(buyers.x) // (_FEW_PAIRS // 2))
        thinned = SpendData.of_repeats(Repeats(*(column[part] for column in buyers)), unit=data.unit)
        peaks = Climber(_surface(thinned), -edge, edge).climb_all(starts)
        starts = [np.array(point) for point in dict.fromkeys(tuple(peak.point) for peak in peaks)]
    peaks = Climber(_surface(data), -edge, edge).climb_all(starts)
    return _TO_LOGS @ max(peaks, key=lambda peak: peak.height).point, data


def _surface(data: SpendData) -> Surface:
    def surface(point: Floats) -> tuple[float, Floats, Floats]:
        value, slope, curvature = log_likelihood(_TO_LOGS @ point, data)
        return value, _TO_LOGS.T @ slope, _TO_LOGS.T @ curvature @ _TO_LOGS

    return surface


def held_at_limit(found: Floats) -> NDArray[np.bool_]:
    """Tell which of the log-parameters (p, q, v) the search stopped at `LARGEST`."""
    return (found > np.log(0.99 * LARGEST)) & [True, True, False]


def covariance_at(found: Floats, data: SpendData) -> tuple[float, Floats]:
    """Return the log-likelihood and the inverse observed information in the logs of (p, q, v).

    The latter is zero for those held at a limit.
    """
    height, _, hessian = log_likelihood(found, data)
    free = ~held_at_limit(found)
    inside = np.ix_(free, free)
    covariance = np.zeros((3, 3))
    covariance[inside] = np.linalg.pinv(-hessian[inside], hermitian=True)
    return height, covariance
