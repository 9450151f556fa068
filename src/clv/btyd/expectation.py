"""How many purchases a living BG/NBD customer still makes, without NaN anywhere.

Fader, Hardie & Lee (2005), equation (10) without its P(alive): with z = t / (alpha + t) and C = a + b - 1,

    E(t) = C / (a - 1) * [1 - (1 - z)^r * 2F1(r, b; C; z)]

As it stands it breaks at a = 1, at C = 0 and for large arguments. What is done about it is said at each step.
"""

import numpy as np
from scipy.special import betaln, hyp2f1

Array = np.ndarray
_NEAR_ONE = 1e-3
_NODES = _NEAR_ONE * np.array([-2.0, -1.0, 1.0, 2.0])


def purchases_while_alive(r: Array, alpha: Array, a: float, b: Array, t: Array) -> Array:
    """Return E[purchases within t] where the rate is Gamma(r, alpha) and the drop-out chance Beta(a, b)."""
    z = t / (alpha + t)
    near_pole = a + b - 1 < 0.5
    # 1 = p + (1 - p) under the integral over p moves b up by one: it leads away from the pole at C = 0.
    found = _by_a(r, a, np.where(near_pole, b + 1, b), z)
    at = np.flatnonzero(near_pole)
    leaving = 1 - _staying(r[at], a, b[at], z[at])
    found[at] = leaving + b[at] / (a + b[at]) * found[at]
    for i in np.flatnonzero(~np.isfinite(found)):  # scipy's 2F1 gives up here and there, mostly for large b
        found[i] = _summed(r[i], t[i] / alpha[i], a, b[i])
    return np.maximum(found, 0.0)


def _by_a(r: Array, a: float, b: Array, z: Array) -> Array:
    """At a = 1 the form is 0 / 0, but smooth in a: interpolate over four neighbours (error about 1e-12)."""
    if abs(a - 1) >= _NEAR_ONE:
        return _plain(r, a, b, z)
    gaps = (a - 1) - _NODES
    weights = [
        np.prod(np.delete(gaps, k)) / np.prod(np.delete(_NODES[k] - _NODES, k)) for k in range(len(_NODES))
    ]
    return sum(w * _plain(r, 1 + node, b, z) for w, node in zip(weights, _NODES, strict=True))


def _plain(r: Array, a: float, b: Array, z: Array) -> Array:
    return (a + b - 1) / (a - 1) * (1 - _staying(r, a - 1, b, z))


def _staying(r: Array, a: float, b: Array, z: Array) -> Array:
    """Return (1 - z)^r 2F1(r, b; a + b; z); for a > 0 the chance that no drop-out happened yet.

    In Euler's form where a <= r, else as it stands: each keeps the arguments of 2F1 small on its side.
    """
    euler = a <= r
    first, power = np.where(euler, a + b - r, b), np.where(euler, a, r)
    with np.errstate(over="ignore", invalid="ignore"):
        return (1 - z) ** power * hyp2f1(first, power, a + b, z)


def _summed(r: float, ratio: float, a: float, b: float) -> float:
    """Sum E[(1 - (1 + p t / alpha)^-r) / p] over p ~ Beta(a, b): trapezoids in logit p, which converge fast.

    For a < 1 the long tail towards p = 0 is taken out in closed form: there the term is r t / alpha.
    """
    tail = r * ratio if a < 1 else 0.0
    slope, spread = a + (a < 1), np.sqrt(1 / a + 1 / b)
    left = min(np.log(slope / b), -np.log(r * ratio)) - 45 / slope - 10 * min(spread, 1.0)
    right = np.log(slope / b) + 45 / b + 10 * min(spread, 1.0)
    step = min(0.5, 0.6 * spread)
    u = np.arange(left, right + step, step)
    log_p, log_q = -np.logaddexp(0, -u), -np.logaddexp(0, u)
    weights = step * np.exp(a * log_p + b * log_q - betaln(a, b))
    p = np.exp(log_p)
    terms = -np.expm1(-r * np.log1p(p * ratio)) / p - tail * np.exp(log_q)
    return float(tail * b / (a + b) + weights @ terms)
