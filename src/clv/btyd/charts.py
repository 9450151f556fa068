"""Coordinates in which the likelihoods are climbed: each edge of their box is a limiting model with a name.

A chart maps free coordinates to the logarithms of a model's parameters. Small shops often have their best
parameters at infinity (everybody alike) or at zero (nobody leaves); here such a place is a bound of one
coordinate with the others finite, so it can be held and said in a sentence. The bounds: r and s at most
1,000, a + b between 0.01 and 10,000, the mean chance to leave at least one in a million.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit, logit

from clv.btyd.histories import Array, History

SAME_RATE = float(np.log(1e3))
SAME_CHANCE = float(np.log(1e4))
POLAR = float(np.log(1e-2))
NO_CHANCE = float(logit(1e-6))
ALL_CHANCE = float(logit(1 - 1e-4))
_LEAST_SHAPE = float(np.log(1e-6))
_ROOM = 25.0  # how far (in logs) a rate may lie from the crude one


@dataclass(frozen=True)
class Face:
    """A limiting model: coordinates held at values, and what that says to a shop owner."""

    held: Mapping[int, float]
    sentence: str


class Chart(Protocol):
    """The way from free coordinates to the logarithms of the parameters, and back."""

    faces: tuple[Face, ...]

    def logs(self, point: Array) -> Array:
        """Return the logarithms of the parameters (points may be stacked along the first axis)."""

    def jacobian(self, point: Array) -> Array:
        """Return d logs / d point."""

    def bend(self, point: Array, slope: Array) -> Array:
        """Return the sum over the logs of slope times second derivatives."""

    def box(self, rows: History, counts: Array) -> tuple[Array, Array]:
        """Return the lowest and highest values of the coordinates."""

    def starts(self, rows: History, counts: Array) -> list[Array]:
        """Return starting points made from the data."""


def _crude_rate(rows: History, counts: Array) -> float:
    return float(np.log((counts @ rows.x) / (counts @ rows.T)))


ALIKE = "all customers buy at practically the same rate while they are customers"
_NOBODY_LEAVES = "The data show no sign that customers ever leave, so nobody is counted as gone (NBD model)."


class CountChart:
    """(log r, log r / alpha) of NBD."""

    faces = (Face({0: SAME_RATE}, "The data show no difference between customers: {alike}."),)
    _matrix = np.array([[1.0, 0.0], [1.0, -1.0]])

    def logs(self, point: Array) -> Array:
        """Return the logarithms of the parameters (points may be stacked along the first axis)."""
        return point @ self._matrix.T

    def jacobian(self, point: Array) -> Array:
        """Return d logs / d point."""
        return self._matrix

    def bend(self, point: Array, slope: Array) -> Array:
        """Return the sum over the logs of slope times second derivatives."""
        return np.zeros((len(point), len(point)))

    def box(self, rows: History, counts: Array) -> tuple[Array, Array]:
        """Return the lowest and highest values of the coordinates."""
        rate = _crude_rate(rows, counts)
        return np.array([_LEAST_SHAPE, rate - _ROOM]), np.array([SAME_RATE, rate + _ROOM])

    def starts(self, rows: History, counts: Array) -> list[Array]:
        """Return starting points made from the data."""
        rate = _crude_rate(rows, counts)
        return [np.array([np.log(r), rate]) for r in (0.3, 3.0)]


class ParetoChart(CountChart):
    """(log r, log r / alpha, log s, log s / beta) of Pareto/NBD."""

    faces = (
        Face(
            {0: SAME_RATE, 2: 0.0, 3: -np.inf},
            "The data show no sign that customers leave, and {alike}: purchases at random, for ever.",
        ),
        Face(
            {2: 0.0, 3: -np.inf},
            _NOBODY_LEAVES,
        ),
        Face(
            {0: SAME_RATE, 2: SAME_RATE},
            "The data show no difference between customers: {alike}, and all are equally likely to leave.",
        ),
        Face({2: SAME_RATE}, "The data show no difference between customers in how soon they leave."),
        Face({0: SAME_RATE}, "The data show no difference in how often customers buy: {alike}."),
    )
    _matrix = np.kron(np.eye(2), CountChart._matrix)

    def box(self, rows: History, counts: Array) -> tuple[Array, Array]:
        """Return the lowest and highest values of the coordinates."""
        rate, age = _crude_rate(rows, counts), float(np.log(rows.T.max()))
        low = np.array([_LEAST_SHAPE, rate - _ROOM, np.log(1e-3), np.log(1e-6) - age])
        return low, np.array([SAME_RATE, rate + _ROOM, SAME_RATE, np.log(1e6) - age])

    def starts(self, rows: History, counts: Array) -> list[Array]:
        """Return starting points made from the data."""
        rate, age = _crude_rate(rows, counts), float(np.log(counts @ rows.T / counts.sum()))
        guesses = [(0.5, 2.0, 0.5, 1.0), (1.5, 1.2, 2.0, 0.3), (0.2, 3.0, 0.3, 4.0), (5.0, 1.0, 1.0, 0.05)]
        return [np.log([r, m, s, v]) + np.array([0, rate, 0, -age]) for r, m, s, v in guesses]


class BetaGeometricChart:
    """(log r, log r / alpha, logit of the mean chance a / (a + b), log(a + b)) of BG/NBD and MBG/NBD."""

    faces = (
        Face(
            {0: SAME_RATE, 2: NO_CHANCE, 3: 0.0},
            "The data show no sign that customers leave, and {alike}: purchases at random, for ever.",
        ),
        Face(
            {2: NO_CHANCE, 3: 0.0},
            _NOBODY_LEAVES,
        ),
        Face(
            {0: SAME_RATE, 3: SAME_CHANCE},
            "The data show no difference between customers: {alike}, and all have the same chance "
            "({leave}) of leaving after each purchase.",
        ),
        Face(
            {3: SAME_CHANCE},
            "The data show no difference between customers in how soon they leave: all have the same chance "
            "({leave}) of leaving after each purchase.",
        ),
        Face(
            {3: POLAR},
            "The data know two kinds of customers only: those who leave at the first chance ({leave}) and "
            "those who never leave.",
        ),
        Face({0: SAME_RATE}, "The data show no difference in how often customers buy: {alike}."),
    )
    _matrix = np.array([[1.0, 0, 0, 0], [1, -1, 0, 0], [0, 0, np.nan, 1], [0, 0, np.nan, 1]])

    def logs(self, point: Array) -> Array:
        """Return the logarithms of the parameters (points may be stacked along the first axis)."""
        r, rate, chance, total = point.T
        stay = total - np.logaddexp(0, chance)
        return np.array([r, r - rate, chance + stay, stay]).T

    def jacobian(self, point: Array) -> Array:
        """Return d logs / d point."""
        found, p = self._matrix.copy(), expit(point[2])
        found[2:, 2] = 1 - p, -p
        return found

    def bend(self, point: Array, slope: Array) -> Array:
        """Return the sum over the logs of slope times second derivatives."""
        found, p = np.zeros((4, 4)), expit(point[2])
        found[2, 2] = -(slope[2] + slope[3]) * p * (1 - p)
        return found

    def box(self, rows: History, counts: Array) -> tuple[Array, Array]:
        """Return the lowest and highest values of the coordinates."""
        rate = _crude_rate(rows, counts)
        low = np.array([_LEAST_SHAPE, rate - _ROOM, NO_CHANCE, POLAR])
        return low, np.array([SAME_RATE, rate + _ROOM, ALL_CHANCE, SAME_CHANCE])

    def starts(self, rows: History, counts: Array) -> list[Array]:
        """Return starting points made from the data."""
        rate = _crude_rate(rows, counts)
        guesses = [
            (0.3, 2.0, 0.25, 3.0),
            (1.5, 1.5, 0.1, 3.0),
            (0.1, 2.0, 0.4, 0.7),
            (0.5, 1.0, 0.01, 1.0),
            (50.0, 1.5, 0.2, 100.0),
        ]
        return [np.array([np.log(r), rate + np.log(m), logit(p), np.log(k)]) for r, m, p, k in guesses]
