"""The log-likelihood of Pareto/NBD with its exact gradient and Hessian.

    log L = u(r, alpha) + s log(beta / (beta + T)) + log(1 + e^d)
    e^d = s * integral from t_x to T of e^phi = odds of being gone
    phi = (r + x) log((alpha + T) / (alpha + tau)) + s log((beta + T) / (beta + tau)) - log(beta + tau)

with u the count's own (counts.py). The derivatives of d are means and covariances of those of phi over tau,
the moment of leaving. Schmittlein, Morrison & Colombo (1987), appendix; Fader & Hardie (2005), equation (18).
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logsumexp

from clv.btyd.counts import CountSurface, in_logs
from clv.btyd.histories import Array, History
from clv.btyd.pareto_integrals import nodes

_AT_ONCE = 1000  # rows: with 32 nodes each, what is worked on fits into a processor's own memory


def log_odds_gone(history: History, r: float, alpha: float, s: float, beta: float) -> Array:
    """Return d, the log odds of having left before T; -inf where the last purchase was at T."""
    found = np.full(len(history.x), -np.inf)
    silent = np.flatnonzero(history.t_x < history.T)
    for part in np.array_split(silent, len(silent) // _AT_ONCE + 1):
        rows = History(*(column[part] for column in history))
        found[part] = np.log(s) + logsumexp(_leaving(rows, r, alpha, s, beta).density, axis=1)
    return found


class Leaving(NamedTuple):
    """At moments tau in (t_x, T], one row per history: log(e^phi d tau) and what it is made of.

    `then_a`, `now_a` are 1 / (alpha + tau) and 1 / (alpha + T), `gap_a` log((alpha + T) / (alpha + tau)); the
    same of beta.
    """

    density: Array
    then_a: Array
    now_a: Array
    gap_a: Array
    then_b: Array
    now_b: Array
    gap_b: Array


def _leaving(rows: History, r: float, alpha: float, s: float, beta: float, *, n: int = 32) -> Leaving:
    x, t_x, T = rows
    tau, log_weights = nodes(t_x, T, np.full_like(T, alpha), r + x, np.full_like(T, beta), s + 1, n=n)
    then_a, now_a, gap_a = _gaps(alpha, tau, T)
    then_b, now_b, gap_b = _gaps(beta, tau, T)
    density = (r + x)[:, None] * gap_a + (s + 1) * gap_b + (log_weights - np.log(beta + T)[:, None])
    return Leaving(density, then_a, now_a, gap_a, then_b, now_b, gap_b)


def _gaps(scale: float, tau: Array, T: Array) -> tuple[Array, Array, Array]:
    then, now = 1 / (scale + tau), (1 / (scale + T))[:, None]
    return then, now, np.log(then / now)


class Surface:
    """Log-likelihood of collapsed rows as a function of log(r, alpha, s, beta), with `n` nodes a history."""

    def __init__(self, rows: History, counts: Array, *, n: int = 32) -> None:
        self.counting, self.n = CountSurface(rows, counts), n
        silent = rows.t_x < rows.T
        pieces = silent.sum() // _AT_ONCE + 1
        columns = [np.array_split(column[silent], pieces) for column in (*rows, counts)]
        self.pieces = [(History(x, t_x, T), n) for x, t_x, T, n in zip(*columns, strict=True)]

    def __call__(self, logs: Array) -> tuple[float, Array, Array]:
        """Return value, gradient and Hessian at the logarithms of r, alpha, s, beta."""
        p = np.exp(logs)
        value, slope, curve = 0.0, np.zeros(4), np.zeros((4, 4))
        for part, at in ((self.counting(*p[:2]), slice(0, 2)), (self._staying(*p[2:]), slice(2, 4))):
            value += part[0]
            slope[at] += part[1]
            curve[at, at] += part[2]
        for rows, counts in self.pieces:
            part = _gone(rows, counts, *p, n=self.n)
            value, slope, curve = value + part[0], slope + part[1], curve + part[2]
        return in_logs(p, value, slope, curve)

    def _staying(self, s: float, beta: float) -> tuple[float, Array, Array]:
        """Sum of s log(beta / (beta + T))."""
        n, later = self.counting.n_by_age, beta + self.counting.ages
        logs, mixed = n @ np.log(beta / later), n @ (1 / beta - 1 / later)
        curve = np.array([[0, mixed], [mixed, s * (n @ (later**-2.0 - beta**-2.0))]])
        return float(s * logs), np.array([logs, s * mixed]), curve


def _gone(
    rows: History, counts: Array, r: float, alpha: float, s: float, beta: float, *, n: int
) -> tuple[float, Array, Array]:
    """Sum of log(1 + e^d) over rows with a silence."""
    at = _leaving(rows, r, alpha, s, beta, n=n)
    highest = at.density.max(axis=1, initial=-np.inf, keepdims=True)
    share = np.exp(at.density - highest)
    total = share.sum(axis=1)
    share /= total[:, None]
    d = np.log(s) + np.log(total) + highest[:, 0]
    first, second = _derivatives(at, r + rows.x, s)
    means = np.einsum("nk,fnk->fn", share, first)
    w = counts * expit(d)
    slopes = means + np.array([0, 0, 1 / s, 0])[:, None]
    curve = (slopes * (w * expit(-d))) @ slopes.T - (means * w) @ means.T
    weights = (share * w[:, None]).ravel()
    flat = first.reshape(4, -1)
    curve += (flat * weights) @ flat.T
    for (i, j), values in second.items():
        bend = weights @ values.ravel()
        curve[i, j] += bend
        curve[j, i] += bend if i != j else 0
    curve[2, 2] -= w.sum() / s**2
    return float(counts @ np.logaddexp(0, d)), slopes @ w, curve


def _derivatives(at: Leaving, rx: Array, s: float) -> tuple[Array, dict[tuple[int, int], Array]]:
    """Return the first derivatives of phi after r, alpha, s, beta, and its second ones that are not zero."""
    R, step_a, step_b = rx[:, None], at.now_a - at.then_a, at.now_b - at.then_b
    first = np.stack([at.gap_a, R * step_a, at.gap_b, s * step_b - at.then_b])
    second = {
        (1, 0): step_a,
        (1, 1): -R * step_a * (at.now_a + at.then_a),
        (3, 2): step_b,
        (3, 3): at.then_b * at.then_b - s * step_b * (at.now_b + at.then_b),
    }
    return first, second
