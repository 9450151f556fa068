"""Weighted scores: levels added up, the sum cut into bands."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from clv.known import Floats, Known
from clv.schemes import cells as declared
from clv.schemes.axes import Name
from clv.schemes.contract import Scheme
from clv.segmenting import bands
from clv.segmenting.cells import Edges, cell_numbers, check_axes, learn_edges
from clv.segmenting.rule import Placed, Rule, check_edges


@dataclass(frozen=True, eq=False)
class ScoreRule(Rule):
    """Edges of each axis, and of the weighted sum."""

    edges: Sequence[Edges]
    band_edges: list[float]

    def __post_init__(self) -> None:
        check_axes(self.scheme, self.edges)
        check_edges(self.band_edges, self.scheme.bands - 1)

    @cached_property
    def segments(self) -> list[Name]:
        """The bands, the best first."""
        return bands.names(len(self.band_edges) + 1)

    @cached_property
    def codes(self) -> list[str]:
        """The levels that the sum is made of."""
        return [declared.in_words(self.scheme, code) for code in declared.codes(self.scheme)]

    def place(self, known: Known) -> Placed:
        """Return the band of every customer and the weighted sum."""
        cell = cell_numbers(self.scheme, self.edges, known)
        score = _sums(self.scheme)[cell]
        return Placed(bands.place(score, self.band_edges), cell, score)

    def numbers(self) -> dict[str, Any]:
        """Return the edges of the axes and of the sum."""
        return {"edges": list(self.edges), "band_edges": self.band_edges}


def learn(scheme: Scheme, known: Known) -> ScoreRule:
    """Return the rule with its edges learned from the customers of a day."""
    edges = learn_edges(scheme, known)
    score = _sums(scheme)[cell_numbers(scheme, edges, known)]
    return ScoreRule(scheme, edges, bands.learn(score, scheme.bands))


def _sums(scheme: Scheme) -> Floats:
    """Return the weighted sum of each cell, rounded so that equal sums are equal numbers."""
    weights = [scheme.weights[letter] for letter in scheme.axes]
    levels = [[int(digit) for digit in code] for code in declared.codes(scheme)]
    return np.round(np.array(levels) @ np.array(weights), 9)
