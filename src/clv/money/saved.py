"""A money model read from a file: only what a fit could have found is taken."""

from dataclasses import fields
from typing import Any

import numpy as np

from clv.money.correlation import Correlation
from clv.money.gammagamma import LARGEST, NAMES, Floats, GammaGamma

_LEAST, _MOST = 1e-12, 1e30  # of p and v; v is money
_RS = [field.name for field in fields(Correlation) if field.name not in ("n", "sentence")]


def model(said: dict[str, Any]) -> GammaGamma:
    """Return the model with these parameters.

    Raises
    ------
    ValueError, TypeError
        They are not p, q and v, or no population has them; q is above 1, as else nobody's mean is finite.
    """
    if set(said) != set(NAMES) or not all(type(value) in (int, float) for value in said.values()):
        raise ValueError("the parameters are not p, q and v")
    p, q, v = (float(said[name]) for name in NAMES)
    if not (_LEAST <= p <= 1.01 * LARGEST and 1 < q <= 1.01 * LARGEST + 1 and _LEAST <= v <= _MOST):
        raise ValueError("a parameter lies outside of what can be")
    return GammaGamma(p=p, q=q, v=v)


def covariance(said: object) -> Floats:
    """Return the covariance of the logarithms of p, q and v, shape (3, 3).

    Raises
    ------
    ValueError, TypeError
        It is none.
    """
    found = np.array(said, dtype=float)
    if found.shape != (3, 3) or not np.isfinite(found).all() or not np.allclose(found, found.T):
        raise ValueError("the covariance is none")
    if not (np.diag(found) >= 0).all():
        raise ValueError("the covariance is none")
    return found


def correlation(said: dict[str, Any]) -> Correlation:
    """Return how frequency and spend went together; null stands for what nobody can say.

    Raises
    ------
    ValueError, TypeError
        A part is missing, or is no correlation.
    """
    numbers = {name: float("nan") if said[name] is None else float(said[name]) for name in _RS}
    if any(abs(r) > 1 for r in numbers.values()):
        raise ValueError("the correlation is none")
    return Correlation(**numbers, n=count(said["n"]), sentence=str(said["sentence"]))


def count(value: object) -> int:
    """Return a number of customers; a ValueError where it is none."""
    if type(value) is not int or value < 0:
        raise ValueError("a count is none")
    return value
