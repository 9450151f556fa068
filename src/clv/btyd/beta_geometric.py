"""BG/NBD and MBG/NBD: buy at a Gamma rate, leave with a Beta chance after each purchase.

The two differ in one point: MBG/NBD customers may also leave right after their first purchase. So a customer
with x repeat purchases has had m = x + k chances to leave, k = 0 for BG/NBD, 1 for MBG/NBD; all else equal.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import betainc, betaln, gammaln

from clv.btyd.charts import BetaGeometricChart
from clv.btyd.counts import negative_binomial
from clv.btyd.expectation import purchases_while_alive
from clv.btyd.histories import Array, History, read
from clv.btyd.model import Model, scalar, whole

_LEAST_CHANCE = 1e-12  # a Beta draw may underflow to 0, which numpy's geometric refuses


@dataclass(frozen=True)
class BetaGeometric(Model):
    """Shared algebra; use BGNBD or MBGNBD."""

    r: float
    alpha: float
    a: float
    b: float

    chart: ClassVar[BetaGeometricChart] = BetaGeometricChart()
    first_chance: ClassVar[int]

    def alive_odds(self, history: History) -> Array:
        """Return log odds of being alive: (b + m - 1) / a * ((alpha + t_x) / (alpha + T))^(r + x)."""
        odds = np.full(len(history.x), np.inf)
        may = slice(None) if self.first_chance else np.flatnonzero(history.x)
        x, t_x, T = (column[may] for column in history)
        odds[may] = (
            np.log(self.b + x + self.first_chance - 1)
            - np.log(self.a)
            - (self.r + x) * np.log((self.alpha + T) / (self.alpha + t_x))
        )
        return odds

    def purchases_if_alive(self, x: Array, T: Array, days: Array) -> Array:
        """Return the expected purchases of a living customer (expectation.py)."""
        return purchases_while_alive(self.r + x, self.alpha + T, self.a, self.b + x + self.first_chance, days)

    def pmf_if_alive(self, x: Array, T: Array, n: int, days: Array) -> Array:
        """Return P(n): alive after n, or gone at the n-th (Fader, Hardie & Lee 2005, equation 8)."""
        r, alpha, a, b = self.r + x, self.alpha + T, self.a, self.b + x + self.first_chance
        z = days / (alpha + days)
        stays = np.exp(betaln(a, b + n) - betaln(a, b))
        if n == 0:
            return stays * (1 - z) ** r
        leaves = np.exp(betaln(a + 1, b + n - 1) - betaln(a, b))
        return stays * negative_binomial(n, r, z) + leaves * betainc(n, r, z)

    def buys_if_alive(self, x: Array, T: Array, days: Array) -> Array:
        """Return 1 - ((alpha + T) / (alpha + T + days))^(r + x): nobody leaves before the next purchase."""
        return -np.expm1(-(self.r + x) * np.log1p(days / (self.alpha + T)))

    def row_log_likelihood(self, history: History) -> Array:
        """Return equation (6) of Fader, Hardie & Lee (2005) as P(history, alive) / P(alive)."""
        x, _, T = history
        m = x + self.first_chance
        alive = (
            gammaln(self.r + x)
            - gammaln(self.r)
            + self.r * np.log(self.alpha)
            - (self.r + x) * np.log(self.alpha + T)
            + betaln(self.a, self.b + m)
            - betaln(self.a, self.b)
        )
        return alive + np.logaddexp(0, -self.alive_odds(history))

    def individuals(self, customers: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
        """Return one posterior draw per customer: rate (per day), dropout (chance per purchase), alive at T.

        The posterior is a mixture. Alive: rate ~ Gamma(r + x, alpha + T), dropout ~ Beta(a, b + m). Gone at
        t_x: rate ~ Gamma(r + x, alpha + t_x), dropout ~ Beta(a + 1, b + m - 1).
        """
        x, t_x, T = history = read(customers)
        m = x + self.first_chance
        alive = rng.logistic(size=len(x)) < self.alive_odds(history)
        gone = ~alive
        rate = rng.gamma(self.r + x) / (self.alpha + np.where(alive, T, t_x))
        dropout = rng.beta(self.a + gone, self.b + m - gone)
        return pd.DataFrame({"rate": rate, "dropout": dropout, "alive": alive}, index=customers.index)

    def going_on(self, history: History, *, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return rate ~ Gamma(r + x, alpha + T) and dropout ~ Beta(a, b + m), as in `individuals`."""
        x, _, T = history
        return rng.gamma(self.r + x) / (self.alpha + T), rng.beta(self.a, self.b + x + self.first_chance)

    def purchases_of(self, individuals: pd.DataFrame, *, days: float, rng: np.random.Generator) -> pd.Series:
        """Return purchases within `days`: Poisson, stopped at a geometric number of them."""
        chance = individuals["dropout"].to_numpy().clip(_LEAST_CHANCE, 1)
        wanted = rng.poisson(individuals["rate"].to_numpy() * scalar(days, name="days"))
        bought = np.minimum(wanted, rng.geometric(chance)) * individuals["alive"].to_numpy()
        return pd.Series(bought, index=individuals.index, name="purchases")

    def simulate(self, n: int, *, T: float | Array, rng: np.random.Generator) -> pd.DataFrame:
        """Return `n` new customers observed for `T` days: frequency, recency (continuous time), T."""
        n = whole(n, name="n")
        age = np.broadcast_to(np.asarray(T, dtype=float), n).copy()
        wanted = rng.poisson(rng.gamma(self.r, 1 / self.alpha, n) * age)
        chance = rng.beta(self.a, self.b, n).clip(_LEAST_CHANCE, 1)
        x = np.minimum(wanted, rng.geometric(chance) - self.first_chance)
        # The x-th of `wanted` uniform moments: a Beta share of the age.
        last = np.where(x > 0, rng.beta(np.maximum(x, 1), wanted - x + 1), 0) * age
        return pd.DataFrame({"frequency": x, "recency": last, "T": age})
