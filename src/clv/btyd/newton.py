"""Climb to the top of a smooth function inside a box: saddle-free Newton with held bounds."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import NamedTuple

import numpy as np

Array = np.ndarray
Surface = Callable[[Array], tuple[float, Array, Array]]

_LONGEST_STEP = 3.0  # coordinates are logarithms: no step changes a parameter by more than about e^3
_LEAST_GAIN = 1e-10  # expected gain of log-likelihood under which one last step finishes the climb
_ROUNDING = 1e-14  # share of the height that rounding may hide
_HALVINGS = 40
_SAME_PLACE = 0.5  # a step that ends this near (in logs) a peak found before climbs the same hill


class Peak(NamedTuple):
    """Where a climb ended: point, height, slope, curvature, and which coordinates a bound holds."""

    point: Array
    height: float
    slope: Array
    curvature: Array
    held: Array
    converged: bool


def climb(
    surface: Surface,
    start: Array,
    low: Array,
    high: Array,
    *,
    steps: int = 200,
    found_before: Sequence[Peak] = (),
) -> Peak:
    """Return the local maximum of `surface` that a climb from `start` reaches within [low, high].

    Eigenvalues of the Hessian are replaced by their absolute values (Dauphin et al. 2014), so that the climb
    leaves saddles and ridges upwards; a coordinate at a bound whose slope points outwards is held. A climb
    that is about to reach one of the peaks `found_before` ends with it.
    """
    point = np.clip(start, low, high)
    found = surface(point)
    for _ in range(steps):
        height, slope, curvature = found
        held = np.where(slope > 0, point >= high, point <= low)
        step = _step(slope, curvature, ~held)
        again = _reached(point + step, height, found_before)
        if again is not None:
            return again
        hidden = _LEAST_GAIN + _ROUNDING * abs(height)
        last = slope @ step < hidden
        better = _backtrack(surface, point, height - hidden * last, step, low, high)
        if better is None or last:  # without a better point, rounding hides the rest of the slope
            point, found = better or (point, found)
            return Peak(point, *found, held, converged=bool(slope @ step < 1e-6))
        point, found = better
    return Peak(point, *found, held, converged=False)


def _reached(point: Array, height: float, peaks: Sequence[Peak]) -> Peak | None:
    for peak in peaks:
        if height <= peak.height and np.abs(point - peak.point).max() < _SAME_PLACE:
            return peak
    return None


def _step(slope: Array, curvature: Array, free: Array) -> Array:
    if not free.all():
        step = np.zeros(len(slope))
        if free.any():
            step[free] = _step(slope[free], curvature[np.ix_(free, free)], free[free])
        return step
    values, axes = np.linalg.eigh(-curvature)
    stiff = np.abs(values)
    step = axes @ ((slope @ axes) / np.maximum(stiff, 1e-10 * max(1.0, stiff.max())))
    return step * min(1.0, _LONGEST_STEP / max(np.abs(step).max(), 1e-300))


def _backtrack(
    surface: Surface, point: Array, height: float, step: Array, low: Array, high: Array
) -> tuple[Array, tuple[float, Array, Array]] | None:
    for _ in range(_HALVINGS):
        there = np.minimum(np.maximum(point + step, low), high)
        found = surface(there)
        if isfinite(found[0]) and found[0] > height:
            return there, found
        step = step / 2
    return None


class Climber(NamedTuple):
    """A surface with the box it may be climbed in."""

    surface: Surface
    low: Array
    high: Array

    def climb_all(self, starts: Sequence[Array]) -> list[Peak]:
        """Return the peak reached from each start; no hill is climbed to its top twice."""
        peaks: list[Peak] = []
        for start in starts:
            peaks.append(climb(self.surface, start, self.low, self.high, found_before=peaks))
        return peaks

    def climb(self, start: Array, *, held: Mapping[int, float]) -> Peak:
        """Return the peak reached from `start` with some coordinates held (at most at the box's edge)."""
        low, high = self.low.copy(), self.high.copy()
        for coordinate, value in held.items():
            low[coordinate] = high[coordinate] = np.clip(value, low[coordinate], high[coordinate])
        peak = climb(self.surface, start, low, high)
        mask = peak.held.copy()
        mask[list(held)] = True
        return peak._replace(held=mask)
