"""Edges between levels: learned from the customers of a day, applied to any customer.

Inside, every column is turned so that more is better (days since the last purchase count below zero), and an
edge is the least value of the level above it. So a level depends on the customer's own value alone, and equal
customers are never told apart.
"""

import numpy as np

from clv import own_windows
from clv.errors import NoAnswerError
from clv.known import Floats, Known
from clv.language import tell
from clv.schemes.axes import Axis, column, is_better_less
from clv.segmenting.rule import Ints

NEVER = np.inf  # the edge of a level that nobody can reach


def turned(known: Known, letter: str, axis: Axis) -> Floats:
    """Return the axis's column, turned so that more is better."""
    values = known.column(column(letter, axis))
    return -values if is_better_less(letter, axis) else values


def level(values: Floats, edges: Floats) -> Ints:
    """Return the level of each turned value, 0 the lowest."""
    return np.searchsorted(edges, values, side="right")


def edges(known: Known, letter: str, axis: Axis) -> Floats:
    """Return the rising edges of an axis, one fewer than its levels.

    Raises
    ------
    NoAnswerError
        Windows are to be learned and the waits are not at hand or too few.
    """
    values, counts = _distinct(known, letter, axis)
    if isinstance(axis.at, list):
        return np.sort(np.array(axis.at) * _sign(letter, axis))
    if axis.parts:
        return parts(values, counts, axis.parts)
    if axis.hazard:
        return np.sort(-np.array(_windows(known, axis.hazard), dtype=float))
    return np.array([_one_edge(values, counts, axis, sign=_sign(letter, axis))])


def parts(values: Floats, counts: Ints, number: int) -> Floats:
    """Return the edges of `number` equal parts; equals stand together at their average rank.

    Parameters
    ----------
    values, counts
        Distinct values, rising, and how many customers have each.
    """
    twice_the_rank = 2 * np.cumsum(counts) - counts + 1
    part = -(-number * twice_the_rank // (2 * counts.sum()))  # rounded up, in whole numbers
    first = np.searchsorted(part, np.arange(2, number + 1))
    return np.append(values, NEVER)[first]


def _one_edge(values: Floats, counts: Ints, axis: Axis, *, sign: int) -> float:
    if axis.at == "median, rounded":
        return _rounded(sign * _median(values, counts)) * sign
    if axis.at == "mean score":
        return _above_mean_score(values, counts)
    centre = _mean(values, counts) if axis.at == "mean" else _median(values, counts)
    return float(np.nextafter(centre, np.inf))  # strictly better


def _above_mean_score(values: Floats, counts: Ints) -> float:
    """Return the edge of the first score, of 1 to 5, above the mean score to one decimal."""
    fifths = parts(values, counts, 5)
    mean = round(_mean(1.0 + level(values, fifths), counts), 1)
    return float(np.append(fifths, NEVER)[int(mean) - 1])


def _mean(values: Floats, counts: Ints) -> float:
    """Return the mean; from sorted values, so that the order of the file is nothing to it."""
    return float(np.clip(values @ counts / counts.sum(), values.min(), values.max()))


def _median(values: Floats, counts: Ints) -> float:
    below = np.cumsum(counts)
    n = below[-1]
    low, high = np.searchsorted(below, [(n - 1) // 2 + 1, n // 2 + 1])
    return float((values[low] + values[high]) / 2)


def _rounded(number: float) -> float:
    """Return a positive number with one significant digit."""
    return float(f"{number:.0e}")


def _windows(known: Known, number: int) -> list[int]:
    if known.waits is None:
        raise NoAnswerError(
            tell(
                "windows of the shop's own are learned from its orders, and only customers were given; "
                "give the orders too."
            )
        )
    return own_windows.cuts(known.waits, horizon=known.horizon, windows=number)


def _distinct(known: Known, letter: str, axis: Axis) -> tuple[Floats, Ints]:
    values, counts = known.distinct(column(letter, axis))
    return (-values[::-1], counts[::-1]) if is_better_less(letter, axis) else (values, counts)


def _sign(letter: str, axis: Axis) -> int:
    return -1 if is_better_less(letter, axis) else 1
