"""Pareto/NBD (Schmittlein, Morrison & Colombo 1987): a customer may leave at any moment.

Fitted by our own likelihood: lifetimes' ParetoNBDFitter stops early (Nelder-Mead), starts from numpy's global
random state, gives no standard errors and turns to NaN for frequent buyers. `Fit.to_lifetimes` returns its
object, filled in.
"""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import exprel, gammaln, xlogy

from clv.btyd import search
from clv.btyd.charts import ParetoChart
from clv.btyd.counts import negative_binomial
from clv.btyd.fits import Fit
from clv.btyd.histories import Array, History, distinct, read
from clv.btyd.model import Model, scalar, whole
from clv.btyd.pareto_integrals import CHUNK, moments, nodes
from clv.btyd.pareto_surface import Surface, log_odds_gone

_PMF_NODES = 160
_GRID = 129
_ROUGH = 8  # nodes of the integral while the starts are sorted out: three digits


@dataclass(frozen=True)
class ParetoNBD(Model):
    """Rates Gamma(r, alpha) per day, rates of leaving Gamma(s, beta) per day.

    Source: Schmittlein, Morrison & Colombo (1987), Counting Your Customers, Management Science 33 (1);
    Fader & Hardie (2005), A note on deriving the Pareto/NBD model.
    """

    r: float
    alpha: float
    s: float
    beta: float

    name: ClassVar[str] = "paretonbd"
    title: ClassVar[str] = "Pareto/NBD"
    chart: ClassVar[ParetoChart] = ParetoChart()

    def alive_odds(self, history: History) -> Array:
        """Return the log odds of being alive; inf where the last purchase was just now."""
        rows, where = distinct(*history)
        return -log_odds_gone(History(*rows), *self.parameters.values())[where]

    def purchases_if_alive(self, x: Array, T: Array, days: Array) -> Array:
        """Return equation (41) of Fader & Hardie (2005) without its P(alive), exact at s = 1."""
        later = np.log1p(days / (self.beta + T))
        rate = (self.r + x) / (self.alpha + T)
        return rate * (self.beta + T) * later * exprel((1 - self.s) * later)

    def buys_if_alive(self, x: Array, T: Array, days: Array) -> Array:
        """Return the chance that the first purchase comes before leaving and within `days`."""
        R, alpha, beta = self.r + x, self.alpha + T, self.beta + T
        tau, log_weights = nodes(np.zeros_like(T), days, alpha, R + 1, beta, np.full_like(T, self.s))
        log_density = -((R + 1)[:, None]) * np.log1p(tau / alpha[:, None]) - self.s * np.log1p(
            tau / beta[:, None]
        )
        return np.minimum(R / alpha * np.exp(log_density + log_weights).sum(axis=1), 1.0)

    def pmf_if_alive(self, x: Array, T: Array, n: int, days: Array) -> Array:
        """Return P(n): alive after `days` with n purchases, or gone at some tau with n before it."""
        if n == 0:
            return 1 - self.buys_if_alive(x, T, days)
        R, alpha, beta = self.r + x, self.alpha + T, self.beta + T
        stays = np.exp(-self.s * np.log1p(days / beta)) * negative_binomial(n, R, days / (alpha + days))
        none = np.zeros_like(T)
        tau, log_weights = nodes(none, days, alpha, none, beta, none, n=_PMF_NODES)
        z = tau / (alpha[:, None] + tau)
        leaves = np.exp(log_weights - (self.s + 1) * np.log1p(tau / beta[:, None]) - np.log(beta)[:, None])
        return stays + self.s * (leaves * negative_binomial(n, R[:, None], z)).sum(axis=1)

    def row_log_likelihood(self, history: History) -> Array:
        """Return equation (18) of Fader & Hardie (2005), per customer."""
        x, _, T = history
        alive = (
            gammaln(self.r + x)
            - gammaln(self.r)
            + xlogy(self.r, self.alpha)
            - (self.r + x) * np.log(self.alpha + T)
            - self.s * np.log1p(T / self.beta)
        )
        return alive + np.logaddexp(0, -self.alive_odds(history))

    def individuals(self, customers: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
        """Return one posterior draw per customer: rate (per day), dropout (leaving, per day), alive at T.

        Alive: rate ~ Gamma(r + x, alpha + T), dropout ~ Gamma(s, beta + T). Gone at tau in (t_x, T],
        drawn by inversion: rate ~ Gamma(r + x, alpha + tau), dropout ~ Gamma(s + 1, beta + tau).
        """
        history = read(customers)
        alive = rng.logistic(size=len(history.x)) < self.alive_odds(history)
        until = history.T.copy()
        gone = np.flatnonzero(~alive)
        for part in np.array_split(gone, len(gone) // CHUNK + 1):
            until[part] = self._left_at(History(*(column[part] for column in history)), rng)
        rate = rng.gamma(self.r + history.x) / (self.alpha + until)
        dropout = rng.gamma(self.s + ~alive) / (self.beta + until)
        return pd.DataFrame({"rate": rate, "dropout": dropout, "alive": alive}, index=customers.index)

    def going_on(self, history: History, *, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return rate ~ Gamma(r + x, alpha + T) and dropout ~ Gamma(s, beta + T), as in `individuals`."""
        x, _, T = history
        return rng.gamma(self.r + x) / (self.alpha + T), rng.gamma(self.s, size=len(T)) / (self.beta + T)

    def _left_at(self, rows: History, rng: np.random.Generator) -> Array:
        """Return one moment of leaving per row, by inversion on a grid (see `moments`)."""
        x, t_x, T = rows
        alpha, beta, R = np.full_like(T, self.alpha), np.full_like(T, self.beta), self.r + x
        tau = moments(t_x, T, alpha, R, beta, self.s + 1, np.linspace(0, 1, _GRID))
        # Per unit of y, which grows by log(shift + tau): one power less of the smaller of alpha and beta.
        shift = min(self.alpha, self.beta)
        log_density = (
            np.log(shift + tau)
            - R[:, None] * np.log(self.alpha + tau)
            - (self.s + 1) * np.log(self.beta + tau)
        )
        density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
        steps = np.cumsum(density[:, 1:] + density[:, :-1], axis=1)
        aim = rng.random(len(x)) * steps[:, -1]
        cell = (steps < aim[:, None]).sum(axis=1)
        row = np.arange(len(x))
        before = np.where(cell > 0, steps[row, cell - 1], 0.0)
        share = (aim - before) / (steps[row, cell] - before)
        return tau[row, cell] + share * (tau[row, cell + 1] - tau[row, cell])

    def purchases_of(self, individuals: pd.DataFrame, *, days: float, rng: np.random.Generator) -> pd.Series:
        """Return purchases within `days`: Poisson until an exponential moment of leaving."""
        stays = _stays(rng.exponential(size=len(individuals)), individuals["dropout"].to_numpy())
        time = np.minimum(stays, scalar(days, name="days")) * individuals["alive"].to_numpy()
        bought = rng.poisson(individuals["rate"].to_numpy() * time)
        return pd.Series(bought, index=individuals.index, name="purchases")

    def simulate(self, n: int, *, T: float | Array, rng: np.random.Generator) -> pd.DataFrame:
        """Return `n` new customers observed for `T` days: frequency, recency (continuous time), T."""
        n = whole(n, name="n")
        age = np.broadcast_to(np.asarray(T, dtype=float), n).copy()
        stays = _stays(rng.exponential(size=n), rng.gamma(self.s, 1 / self.beta, n))
        time = np.minimum(stays, age)
        x = rng.poisson(rng.gamma(self.r, 1 / self.alpha, n) * time)
        last = np.where(x > 0, rng.beta(np.maximum(x, 1), 1), 0) * time
        return pd.DataFrame({"frequency": x, "recency": last, "T": age})


def _stays(waits: Array, dropout: Array) -> Array:
    """Return how long each stays; who has next to no rate of leaving stays for ever."""
    with np.errstate(over="ignore", divide="ignore"):
        return waits / dropout


surface = partial(Surface, n=_ROUGH)  # of histories and counts


def fit(customers: pd.DataFrame) -> Fit:
    """Return the maximum-likelihood Pareto/NBD of these customers (as `clv.btyd.search.fit` says)."""
    return search.fit(customers, ParetoNBD, Surface, rough=surface)
