"""Bands of a score: equal parts by rank, the best band first, customers with equal scores together."""

import numpy as np

from clv.known import Floats
from clv.language import tell
from clv.schemes.axes import Name
from clv.segmenting import cuts
from clv.segmenting.rule import Ints


def learn(score: Floats, number: int) -> list[float]:
    """Return the edges of `number` equal parts of the score."""
    values, counts = np.unique(score, return_counts=True)
    return cuts.parts(values, counts, number).tolist()


def place(score: Floats, edges: list[float]) -> Ints:
    """Return the band of each score, 0 the best."""
    return len(edges) - cuts.level(score, np.array(edges))


def names(number: int) -> list[Name]:
    """Return what the bands are called, the best first."""
    return [
        Name(en=tell("band {i} of {number}", i=i, number=number), zh=f"第{i}档(共{number}档)")
        for i in range(1, number + 1)
    ]


def codes(number: int) -> list[str]:
    """Return the bands' numbers as codes, the best first."""
    return [f"B{i}" for i in range(1, number + 1)]
