"""The log-likelihood of Pareto/NBD with its exact gradient and Hessian.

    log L = u(r, alpha) + s log(beta / (beta + T)) + log(1 + e^d)
    e^d = s * integral from t_x to T of e^phi = odds of being gone
    phi = (r + x) log((alpha + T) / (alpha + tau)) + s log((beta + T) / (beta + tau)) - log(beta + tau)

with u the count's own (counts.py). The derivatives of d are means and covariances of those of phi over tau,
the moment of leaving. Schmittlein, Morrison & Colombo (1987), appendix; Fader & Hardie (2005), equation (18).
"""

import numpy as np
from scipy.special import expit, logsumexp

from clv.btyd.counts import CountSurface, in_logs
from clv.btyd.histories import Array, History
from clv.btyd.pareto_integrals import CHUNK, nodes


def log_odds_gone(history: History, r: float, alpha: float, s: float, beta: float) -> Array:
    """Return d, the log odds of having left before T; -inf where the last purchase was at T."""
    found = np.full(len(history.x), -np.inf)
    silent = np.flatnonzero(history.t_x < history.T)
    for part in np.array_split(silent, len(silent) // CHUNK + 1):
        rows = History(*(column[part] for column in history))
        found[part] = np.log(s) + logsumexp(leaving_density(rows, r, alpha, s, beta)[1], axis=1)
    return found


def leaving_density(rows: History, r: float, alpha: float, s: float, beta: float) -> tuple[Array, Array]:
    """Return moments tau in (t_x, T) and the logarithms of e^phi d tau at them, one row per history."""
    x, t_x, T = rows
    tau, log_weights = nodes(t_x, T, np.full_like(T, alpha), r + x, np.full_like(T, beta), s + 1)
    phi = (
        (r + x)[:, None] * np.log((alpha + T)[:, None] / (alpha + tau))
        + s * np.log((beta + T)[:, None] / (beta + tau))
        - np.log(beta + tau)
    )
    return tau, phi + log_weights


class Surface:
    """Log-likelihood of collapsed rows as a function of log(r, alpha, s, beta)."""

    def __init__(self, rows: History, counts: Array) -> None:
        self.counting = CountSurface(rows, counts)
        silent = rows.t_x < rows.T
        pieces = silent.sum() // CHUNK + 1
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
            part = _gone(rows, counts, *p)
            value, slope, curve = value + part[0], slope + part[1], curve + part[2]
        return in_logs(p, value, slope, curve)

    def _staying(self, s: float, beta: float) -> tuple[float, Array, Array]:
        """Sum of s log(beta / (beta + T))."""
        n, later = self.counting.n_by_age, beta + self.counting.ages
        logs, mixed = n @ np.log(beta / later), n @ (1 / beta - 1 / later)
        curve = np.array([[0, mixed], [mixed, s * (n @ (later**-2.0 - beta**-2.0))]])
        return float(s * logs), np.array([logs, s * mixed]), curve


def _gone(
    rows: History, counts: Array, r: float, alpha: float, s: float, beta: float
) -> tuple[float, Array, Array]:
    """Sum of log(1 + e^d) over rows with a silence."""
    tau, terms = leaving_density(rows, r, alpha, s, beta)
    total = logsumexp(terms, axis=1)
    share, d = np.exp(terms - total[:, None]), np.log(s) + total
    first, second = _derivatives(tau, rows, r, alpha, s, beta)
    means = np.stack([(share * f).sum(axis=1) for f in first])
    w = counts * expit(d)
    slopes = means + np.array([0, 0, 1 / s, 0])[:, None]
    curve = (slopes * (w * expit(-d))) @ slopes.T - (means * w) @ means.T
    weights = share * w[:, None]
    for i, f in enumerate(first):
        for j, g in enumerate(first[: i + 1]):
            entry = (weights * f * g).sum() + ((weights * second[i, j]).sum() if (i, j) in second else 0)
            curve[i, j] += entry
            curve[j, i] += entry if i != j else 0
    curve[2, 2] -= w.sum() / s**2
    return float(counts @ np.logaddexp(0, d)), slopes @ w, curve


def _derivatives(
    tau: Array, rows: History, r: float, alpha: float, s: float, beta: float
) -> tuple[list[Array], dict[tuple[int, int], Array]]:
    """Return the first derivatives of phi after r, alpha, s, beta, and its second ones that are not zero."""
    R, T = (r + rows.x)[:, None], rows.T[:, None]
    then_a, now_a, then_b, now_b = 1 / (alpha + tau), 1 / (alpha + T), 1 / (beta + tau), 1 / (beta + T)
    first = [
        np.log(then_a / now_a),
        R * (now_a - then_a),
        np.log(then_b / now_b),
        s * now_b - (s + 1) * then_b,
    ]
    second = {
        (1, 0): now_a - then_a,
        (1, 1): R * (then_a**2 - now_a**2),
        (3, 2): now_b - then_b,
        (3, 3): (s + 1) * then_b**2 - s * now_b**2,
    }
    return first, second
