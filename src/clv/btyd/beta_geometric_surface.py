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

from clv.btyd.counts import CountSurface, in_logs, rising
from clv.btyd.histories import Array, History, levels


class Surface:
    """Log-likelihood of collapsed rows as a function of log(r, alpha, a, b)."""

    def __init__(self, rows: History, counts: Array, first_chance: int) -> None:
        self.counting = CountSurface(rows, counts)
        xs, x_of = levels(rows.x)
        self.steps, self.x_counts = np.append(xs + first_chance, 0.0), np.bincount(x_of, weights=counts)
        may = rows.x + first_chance > 0
        self.x, self.counts, self.x_of = rows.x[may], counts[may], x_of[may]
        self.ages, age_of = levels(np.concatenate([rows.T[may], rows.t_x[may]]))
        self.T_of, self.t_of = np.split(age_of, 2)

    def __call__(self, logs: Array) -> tuple[float, Array, Array]:
        """Return value, gradient and Hessian at the logarithms of r, alpha, a, b."""
        p = np.exp(logs)
        value, slope, curve = self._gone(*p)
        for part, at in ((self.counting(*p[:2]), slice(0, 2)), (self._leaving(*p[2:]), slice(2, 4))):
            value += part[0]
            slope[at] += part[1]
            curve[at, at] += part[2]
        return in_logs(p, value, slope, curve)

    def _leaving(self, a: float, b: float) -> tuple[float, Array, Array]:
        """Sum of v."""
        of_both, of_b = (rising(np.array([a + b, b]), self.steps) @ self.x_counts).T
        value, slope_b, curve_b = of_b - of_both
        curve = np.array([[-of_both[2], -of_both[2]], [-of_both[2], curve_b]])
        return float(value), np.array([-of_both[1], slope_b]), curve

    def _gone(self, r: float, alpha: float, a: float, b: float) -> tuple[float, Array, Array]:
        """Sum of log(1 + e^d) over the rows that may be gone."""
        at = alpha + self.ages
        logs, inverse = np.log(at), 1 / at
        tries = b - 1 + np.maximum(self.steps, 1)
        then, now, per_try = inverse[self.t_of], inverse[self.T_of], (1 / tries)[self.x_of]
        gap, rx = logs[self.T_of] - logs[self.t_of], r + self.x
        step = now - then
        d = np.log(a / tries)[self.x_of] + rx * gap
        gone, alive, logs_of_both = _shares(d)
        w = self.counts * gone
        first = np.empty((4, len(d)))
        first[0], first[1], first[2], first[3] = gap, rx * step, 1 / a, -per_try
        curve = (first * (w * alive)) @ first.T
        curve[[0, 1], [1, 0]] += w @ step
        curve[1, 1] -= w @ (first[1] * (now + then))
        curve[2, 2] -= w.sum() / a**2
        curve[3, 3] += w @ (per_try * per_try)
        return float(self.counts @ logs_of_both), first @ w, curve


def _shares(d: Array) -> tuple[Array, Array, Array]:
    """Return e^d / (1 + e^d), 1 / (1 + e^d) and log(1 + e^d), all from one exponential."""
    small = np.exp(-np.abs(d))
    more = 1 / (1 + small)
    less, positive = small * more, d > 0
    return np.where(positive, more, less), np.where(positive, less, more), np.maximum(d, 0) + np.log1p(small)
