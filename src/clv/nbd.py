"""NBD (Ehrenberg 1959): customers buy at random, each at a rate of their own, and never leave."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import gammaln

from clv.btyd import search
from clv.btyd.charts import CountChart
from clv.btyd.counts import CountSurface, in_logs, negative_binomial
from clv.btyd.fits import Fit
from clv.btyd.histories import Array, History, read
from clv.btyd.model import Model, scalar, whole


@dataclass(frozen=True)
class NBD(Model):
    """Rates Gamma(r, alpha) per day; nobody leaves: the yardstick that a drop-out model has to beat.

    Source: Ehrenberg (1959), The pattern of consumer purchases, Applied Statistics 8 (1).
    """

    r: float
    alpha: float

    name: ClassVar[str] = "nbd"
    title: ClassVar[str] = "NBD"
    chart: ClassVar[CountChart] = CountChart()

    def alive_odds(self, history: History) -> Array:
        """Return infinite odds: everybody is alive."""
        return np.full(len(history.x), np.inf)

    def purchases_if_alive(self, x: Array, T: Array, days: Array) -> Array:
        """Return days * (r + x) / (alpha + T)."""
        return days * (self.r + x) / (self.alpha + T)

    def pmf_if_alive(self, x: Array, T: Array, n: int, days: Array) -> Array:
        """Return the negative binomial probability of n."""
        return negative_binomial(n, self.r + x, days / (self.alpha + T + days))

    def buys_if_alive(self, x: Array, T: Array, days: Array) -> Array:
        """Return 1 - P(0)."""
        return -np.expm1(-(self.r + x) * np.log1p(days / (self.alpha + T)))

    def row_log_likelihood(self, history: History) -> Array:
        """Return the log-likelihood of purchases at known moments: only x and T matter."""
        x, _, T = history
        r, alpha = self.r, self.alpha
        return gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + T)

    def individuals(self, customers: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
        """Return one posterior draw per customer: rate ~ Gamma(r + x, alpha + T), dropout 0, alive."""
        x, _, T = read(customers)
        rate = rng.gamma(self.r + x) / (self.alpha + T)
        return pd.DataFrame({"rate": rate, "dropout": 0.0, "alive": True}, index=customers.index)

    def going_on(self, history: History, *, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return rate ~ Gamma(r + x, alpha + T) and no drop-out."""
        x, _, T = history
        return rng.gamma(self.r + x) / (self.alpha + T), np.zeros_like(T)

    def purchases_of(self, individuals: pd.DataFrame, *, days: float, rng: np.random.Generator) -> pd.Series:
        """Return a Poisson count per individual."""
        bought = rng.poisson(individuals["rate"].to_numpy() * scalar(days, name="days"))
        return pd.Series(bought, index=individuals.index, name="purchases")

    def simulate(self, n: int, *, T: float | Array, rng: np.random.Generator) -> pd.DataFrame:
        """Return `n` new customers observed for `T` days: frequency, recency (continuous time), T."""
        n = whole(n, name="n")
        age = np.broadcast_to(np.asarray(T, dtype=float), n).copy()
        x = rng.poisson(rng.gamma(self.r, 1 / self.alpha, n) * age)
        last = np.where(x > 0, rng.beta(np.maximum(x, 1), 1), 0) * age
        return pd.DataFrame({"frequency": x, "recency": last, "T": age})


class Surface:
    """Log-likelihood of collapsed rows as a function of log(r, alpha), with gradient and Hessian."""

    def __init__(self, rows: History, counts: Array) -> None:
        self.counting = CountSurface(rows, counts)

    def __call__(self, logs: Array) -> tuple[float, Array, Array]:
        """Return value, gradient and Hessian at the logarithms of r and alpha."""
        return in_logs(np.exp(logs), *self.counting(*np.exp(logs)))


surface = Surface  # of histories and counts


def fit(customers: pd.DataFrame) -> Fit:
    """Return the maximum-likelihood NBD of these customers (as `clv.btyd.search.fit` says)."""
    return search.fit(customers, NBD, Surface)
