"""What a scheme becomes once it is learned from a shop: a rule that gives every customer one segment."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clv.known import Floats, Known
from clv.schemes.axes import Name
from clv.schemes.contract import Scheme

Ints = NDArray[np.int64]


def check_edges(edges: Sequence[float], number: int) -> None:
    """Raise a ValueError unless these are so many numbers, none below the one before it."""
    if not isinstance(edges, list) or len(edges) != number or number < 1:
        raise ValueError("edges are missing")
    if not all(low <= high for low, high in pairwise([-np.inf, *edges, np.inf])):  # NaN is refused too
        raise ValueError("edges do not rise")


@dataclass(frozen=True, eq=False)
class Placed:
    """Where a rule puts the customers of a `Known`, in their order.

    Attributes
    ----------
    segment
        Number of the segment in the rule's `segments`.
    code
        Number of the cell in the rule's `codes`.
    score
        What the scheme sorts customers by, higher is better; None where it only names cells.
    """

    segment: Ints
    code: Ints
    score: Floats | None = None


@dataclass(frozen=True, eq=False)
class Rule(ABC):
    """A learned scheme; everything in it was known on the day that it was learned."""

    scheme: Scheme

    @classmethod
    def of(cls, scheme: Scheme, learned: dict[str, Any]) -> "Rule":
        """Return the rule that `numbers` was taken from; a ValueError or TypeError where it is damaged."""
        return cls(scheme, **learned)

    @property
    @abstractmethod
    def segments(self) -> list[Name]:
        """All segments that a customer can be in."""

    @property
    @abstractmethod
    def codes(self) -> list[str]:
        """What stands beside the name: the levels of the cell, or the number of the band or cluster."""

    @property
    def places(self) -> Floats:
        """Where each segment stands among the others (segments × axes): near ones hold like customers."""
        return np.arange(len(self.segments), dtype=float)[:, None]

    @abstractmethod
    def place(self, known: Known) -> Placed:
        """Return the segment of every customer: a function of the customer alone, not of place or company."""

    @abstractmethod
    def numbers(self) -> dict[str, Any]:
        """Return what was learned, in plain numbers that JSON can hold."""
