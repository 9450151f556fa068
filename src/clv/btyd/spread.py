"""How sure we are of a best point: a split normal that never leaves what the data leave possible.

The plain normal runs away where the likelihood is flat on one side, which in small shops is the rule. Here
every axis of the covariance gets one width per direction: how far the log-likelihood takes to fall by one
half, as it does one standard deviation from the top of a normal. Where the likelihood is normal, so is this.
"""

from dataclasses import dataclass

import numpy as np

from clv.btyd.histories import Array
from clv.btyd.newton import Climber, Peak

_NARROW = 0.1  # standard error (of a logarithm) up to which the likelihood counts as normal
_FLAT = 1e-2  # least curvature: a direction without any is as wide as logarithms of parameters plausibly are


@dataclass(frozen=True, eq=False)
class Spread:
    """A split normal around the best point: per axis one width upwards and one downwards (Geweke 1989).

    `point` in the coordinates of the model's chart; `axes` one unit vector per row; `up`, `down` how far
    along it the log-likelihood falls by one half (the box is the limit); `low`, `high` the box.
    """

    point: Array
    axes: Array
    up: Array
    down: Array
    low: Array
    high: Array

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """Return `n` points, one per row, inside the box."""
        size = np.abs(rng.standard_normal((n, len(self.up))))
        upwards = rng.random(size.shape) * (self.up + self.down) < self.up
        moves = np.where(upwards, size * self.up, -size * self.down)
        return np.clip(self.point + moves @ self.axes, self.low, self.high)


def spread_around(climber: Climber, best: Peak) -> tuple[Spread, Array]:
    """Return the split normal around the best point and the covariance of the free coordinates."""
    n, free = len(best.point), ~best.held
    values, vectors = np.linalg.eigh(-best.curvature[np.ix_(free, free)])
    axes = np.zeros((len(values), n))
    axes[:, free] = vectors.T
    sd = 1 / np.sqrt(np.maximum(np.abs(values), _FLAT))
    up = np.array([_width(climber, best, axis, s) for axis, s in zip(axes, sd, strict=True)])
    down = np.array([_width(climber, best, -axis, s) for axis, s in zip(axes, sd, strict=True)])
    low, high = np.where(free, climber.low, best.point), np.where(free, climber.high, best.point)
    return Spread(best.point, axes, up, down, low, high), (axes.T * sd**2) @ axes


def _width(climber: Climber, best: Peak, axis: Array, sd: float) -> float:
    """Return how far along `axis` the log-likelihood falls by one half, at most to the edge of the box."""
    if sd <= _NARROW:
        return sd
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(axis > 0, climber.high - best.point, climber.low - best.point) / axis
    far = float(np.min(room[np.abs(axis) > 1e-12], initial=np.inf))
    near, width = 0.0, min(sd, far)
    for _ in range(12):
        fall = best.height - climber.surface(best.point + width * axis)[0]
        if abs(fall - 0.5) < 0.02 or (width >= far and fall < 0.5):
            break
        near, far = (width, far) if fall < 0.5 else (near, width)
        guess = width * np.sqrt(0.5 / max(fall, 1e-3))
        width = float(guess if near < guess < far else (near + min(far, 4 * width)) / 2)
    return width
