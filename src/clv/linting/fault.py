"""What a fault is, and the words that all sentences about faults share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from clv.language import tell
from clv.schemes import cells
from clv.schemes.axes import Axis, column, is_better_less
from clv.schemes.contract import Scheme, Segment

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "gap": "cells, or customers, without a segment",
        "overlap": "cells that several segments claim",
        "stranger": "cells in the file that no customer can be in",
        "recency reversed": "long silence counts as high",
        "reversed": "few purchases, or little money, count as high",
        "file order": "where customers stand in the file decides",
        "renumbered": "levels are numbered anew where customers are equal",
        "unreachable": "levels that no customer of any shop can have",
        "contradiction": "a name says the opposite of its cells",
        "swapped names": "two names have changed places",
        "other meaning": "the same name stands for other cells",
        "ties": "equal customers leave levels empty, or are split",
        "knife edge": "a small change moves a whole score across the cut",
        "split": "equal customers get different labels",
    }
)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a segmentation.

    Attributes
    ----------
    kind
        One of `KINDS`.
    sentence
        What, where, how many, the first example, what to do.
    cells
        Codes of the cells concerned, such as 011; empty where it is not about cells.
    """

    kind: str
    sentence: str
    cells: list[str] = field(default_factory=list)


def quantity(letter: str, axis: Axis) -> str:
    """Return what an axis measures, as people say it."""
    return column(letter, axis).replace("_", " ")


def listed(items: Iterable[object], *, most: int = 4) -> str:
    """Return the first few items and how many more there are.

    >>> listed("abcdef", most=2)
    'a, b and 4 more'
    """
    texts = [str(item) for item in items]
    if len(texts) <= most:
        return ", ".join(texts)
    return tell("{texts} and {texts2} more", texts=", ".join(texts[:most]), texts2=len(texts) - most)


def quoted(segment: Segment) -> str:
    """Return a segment's names in both languages."""
    return f"'{segment.en}' ({segment.zh})"


def cell(scheme: Scheme, code: str) -> str:
    """Return a code with its letters; in words too where every axis is cut in two.

    >>> from clv import schemes
    >>> cell(schemes.load("eight-mean"), "001")
    'R0F0M1 (R far, F low, M high)'
    """
    named = cells.in_words(scheme, code)
    if any(axis.levels != 2 for axis in scheme.axes.values()):
        return named
    words = [_side(*one, digit) for one, digit in zip(scheme.axes.items(), code, strict=True)]
    return f"{named} ({', '.join(words)})"


def cells_listed(scheme: Scheme, codes: Sequence[str], *, most: int = 4) -> str:
    """Return the first few codes with their letters."""
    return listed((cells.in_words(scheme, code) for code in codes), most=most)


def _side(letter: str, axis: Axis, digit: str) -> str:
    if column(letter, axis) != "days_since_last":
        return f"{letter} {'high' if digit == '1' else 'low'}"
    is_near = (digit == "1") == is_better_less(letter, axis)
    return f"{letter} {'near' if is_near else 'far'}"
