"""The log-likelihood of BG/NBD and MBG/NBD with its exact gradient and Hessian.

Per distinct history, with m = x + k chances to leave so far (k = 0 BG/NBD, 1 MBG/NBD):

    log L = u(r, alpha) + v(a, b) + log(1 + e^d)
    u = the count's own (counts.py)
    v = log B(a, b + m) - log B(a, b)
    d = log a - log(b + m - 1) + (r + x) log((alpha + T) / (alpha + t_x)) = log odds of being gone (m > 0)

so every derivative is one of u and v plus w = P(gone) times one of d, plus w (1 - w) times a product of two.
Fader, Hardie & Lee (2005), equation (6). Derivatives are taken after the logarithms of the parameters.
"""

import numpy as np
from scipy.special import expit, gammaln, psi, zeta

from clv.btyd.counts import CountSurface, in_logs
from clv.btyd.histories import Array, History


class Surface:
    """Log-likelihood of collapsed rows as a function of log(r, alpha, a, b)."""

    def __init__(self, rows: History, counts: Array, first_chance: int) -> None:
        self.counting = CountSurface(rows, counts)
        xs, x_of = np.unique(rows.x, return_inverse=True)
        self.chances, self.x_counts = xs + first_chance, np.bincount(x_of, weights=counts)
        may = rows.x + first_chance > 0
        self.x, self.counts, self.x_of = rows.x[may], counts[may], x_of[may]
        self.ages, age_of = np.unique(np.concatenate([rows.T[may], rows.t_x[may]]), return_inverse=True)
        self.T_of, self.t_of = np.split(age_of, 2)

    def __call__(self, logs: Array) -> tuple[float, Array, Array]:
        """Return value, gradient and Hessian at the logarithms of r, alpha, a, b."""
        p = np.exp(logs)
        with np.errstate(over="ignore", under="ignore"):
            value, slope, curve = self._gone(*p)
            for part, at in ((self.counting(*p[:2]), slice(0, 2)), (self._leaving(*p[2:]), slice(2, 4))):
                value += part[0]
                slope[at] += part[1]
                curve[at, at] += part[2]
        return in_logs(p, value, slope, curve)

    def _leaving(self, a: float, b: float) -> tuple[float, Array, Array]:
        """Sum of v."""
        m, w = self.chances, self.x_counts
        value = w @ (gammaln(a + b) - gammaln(a + b + m) + gammaln(b + m) - gammaln(b))
        slope_a = w @ (psi(a + b) - psi(a + b + m))
        slope_b = slope_a + w @ (psi(b + m) - psi(b))
        both = w @ (zeta(2, a + b) - zeta(2, a + b + m))
        curve_b = both + w @ (zeta(2, b + m) - zeta(2, b))
        return float(value), np.array([slope_a, slope_b]), np.array([[both, both], [both, curve_b]])

    def _gone(self, r: float, alpha: float, a: float, b: float) -> tuple[float, Array, Array]:
        """Sum of log(1 + e^d) over the rows that may be gone."""
        logs, inverse = np.log(alpha + self.ages), 1 / (alpha + self.ages)
        tries = (b - 1 + np.maximum(self.chances, 1))[self.x_of]
        gap, step, rx = logs[self.T_of] - logs[self.t_of], inverse[self.T_of] - inverse[self.t_of], r + self.x
        d = np.log(a / tries) + rx * gap
        w = self.counts * expit(d)
        first = np.stack([gap, rx * step, np.full_like(gap, 1 / a), -1 / tries])
        curve = (first * (w * expit(-d))) @ first.T
        curve[[0, 1], [1, 0]] += w @ step
        curve[1, 1] -= w @ (rx * step * (inverse[self.T_of] + inverse[self.t_of]))
        curve[2, 2] -= w.sum() / a**2
        curve[3, 3] += w @ tries**-2.0
        return float(self.counts @ np.logaddexp(0, d)), first @ w, curve
