"""Rankings: customers sorted by one number, of their past or of a model, and cut into bands."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from clv.known import Floats, Known
from clv.schemes.axes import LESS_IS_BETTER, Name
from clv.schemes.contract import ISO_VALUE, Scheme
from clv.segmenting import bands
from clv.segmenting.rule import Placed, Rule, check_edges

MOST_CURVES = 7  # iso-value curves; more lie too close to be told apart


@dataclass(frozen=True, eq=False)
class RankRule(Rule):
    """Edges of the bands, in the number that sorts."""

    edges: list[float]

    def __post_init__(self) -> None:
        is_money = self.scheme.bands == ISO_VALUE
        check_edges(self.edges, len(self.edges) if is_money else self.scheme.bands - 1)

    @cached_property
    def segments(self) -> list[Name]:
        """The bands, the best first; iso-value bands by their amounts."""
        is_money = self.scheme.bands == ISO_VALUE
        return _amount_names(self.edges) if is_money else bands.names(len(self.edges) + 1)

    @cached_property
    def codes(self) -> list[str]:
        """The numbers of the bands."""
        return bands.codes(len(self.edges) + 1)

    def place(self, known: Known) -> Placed:
        """Return the band of every customer and the number that sorts them."""
        score = _score(self.scheme, known)
        band = bands.place(score, self.edges)
        return Placed(band, band, score)

    def numbers(self) -> dict[str, Any]:
        """Return the edges of the bands."""
        return {"edges": self.edges}


def learn(scheme: Scheme, known: Known) -> RankRule:
    """Return the rule with its edges learned from the customers of a day.

    Raises
    ------
    NoAnswerError, InputError
        The scheme asks a model that these customers do not carry.
    """
    score = _score(scheme, known)
    is_money = scheme.bands == ISO_VALUE
    return RankRule(scheme, round_amounts(score) if is_money else bands.learn(score, scheme.bands))


def round_amounts(value: Floats, *, most: int = MOST_CURVES) -> list[float]:
    """Return at most `most` rising round amounts (1, 2, 5, 10, ...) that the values straddle."""
    seen = value[value > 0]
    if not len(seen):
        return [1.0]
    low, high = np.quantile(seen, [0.1, 0.99])
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    steps = np.sort(np.concatenate([powers, 2 * powers, 5 * powers]))
    inside = steps[(steps > low) & (steps < high)]
    if not len(inside):
        return [float(f"{np.median(seen):.1g}")]
    return inside[-most:].tolist()  # below the lowest, customers are worth too little to be told apart


def _score(scheme: Scheme, known: Known) -> Floats:
    values = known.column(scheme.by)
    return -values if scheme.by in LESS_IS_BETTER else values


def _amount_names(edges: list[float]) -> list[Name]:
    amounts = [f"{edge:,.6g}" if edge < 1e6 else f"{edge:,.0f}" for edge in edges]
    inner = [Name(en=f"{low} to {high}", zh=f"{low}至{high}") for low, high in pairwise(amounts)]
    top = Name(en=f"{amounts[-1]} or more", zh=f"{amounts[-1]}以上")
    return [top, *inner[::-1], Name(en=f"under {amounts[0]}", zh=f"{amounts[0]}以下")]
