"""What no fit could have found: numbers that a model read from a file must not hold.

The bounds are those of the charts' boxes, for times from minutes to years: a shape lies between a
hundred-millionth and 10,000, a scale within what 25 logarithms around the crude rate leave. Inside them every
answer is finite.
"""

from itertools import product

import numpy as np

from clv.btyd.histories import Array
from clv.btyd.model import Model
from clv.btyd.spread import Spread

_SHAPE, _SCALE = (1e-9, 1.01e4), (1e-18, 1e22)
_BOUNDS = {"r": _SHAPE, "s": _SHAPE, "a": _SHAPE, "b": _SHAPE, "alpha": _SCALE, "beta": _SCALE}
_ALIKE = 1e-6  # part by which a point may differ from the parameters that it stands for


def check(model: Model, spread: Spread, covariance: Array) -> None:
    """Refuse what no fit of this kind of model says.

    Raises
    ------
    ValueError
        A parameter, or one that a draw could give, lies out of bounds; the spread has the wrong size, is not
        about the parameters, or has no widths; the covariance is none.
    """
    names = list(model.parameters)
    _check_sizes(spread, len(names))
    if not all(np.isfinite(part).all() for part in (*vars(spread).values(), covariance)):
        raise ValueError("a number is not finite")
    if not (spread.low <= spread.point).all() or not (spread.point <= spread.high).all():
        raise ValueError("the best point lies outside its box")
    if (spread.up < 0).any() or (spread.down < 0).any() or (np.abs(spread.axes) > 1 + _ALIKE).any():
        raise ValueError("the spread has no widths")
    if (np.diag(covariance) < 0).any() or not np.allclose(covariance, covariance.T):
        raise ValueError("the covariance is none")
    here = np.log(list(model.parameters.values()))
    if not np.allclose(type(model).chart.logs(spread.point), here, atol=_ALIKE):
        raise ValueError("the spread is not about the parameters")
    _check_bounds(names, np.vstack([here, _corners(model, spread)]))


def _check_sizes(spread: Spread, n: int) -> None:
    axes = len(spread.up)
    shapes = [part.shape for part in (spread.point, spread.low, spread.high, spread.up, spread.down)]
    if shapes != [(n,), (n,), (n,), (axes,), (axes,)] or (axes and spread.axes.shape != (axes, n)):
        raise ValueError("the spread has the wrong size")


def _corners(model: Model, spread: Spread) -> Array:
    """Return the logarithms of the parameters at the corners of the box that draws stay in."""
    corners = np.array(list(product(*zip(spread.low, spread.high, strict=True))))
    return type(model).chart.logs(corners)


def _check_bounds(names: list[str], logs: Array) -> None:
    low, high = np.log([_BOUNDS[name] for name in names]).T
    if not ((low <= logs) & (logs <= high)).all():
        raise ValueError("a parameter lies outside of what can be")
