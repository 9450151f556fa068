"""The cells of a scheme: every code that its levels can make, and the segments that claim it."""

import re
from itertools import product

from clv.schemes.contract import Scheme, Segment


def codes(scheme: Scheme) -> list[str]:
    """Return every possible code, the lowest levels first: 000, 001, ..., 111."""
    return ["".join(digits) for digits in product(*(axis.digits for axis in scheme.axes.values()))]


def claims(scheme: Scheme) -> dict[str, list[Segment]]:
    """Return for every code the segments that claim it, in the file's order; sound schemes have one each."""
    listed = scheme.segments if isinstance(scheme.segments, list) else []
    found: dict[str, list[Segment]] = {code: [] for code in codes(scheme)}
    for segment in listed:
        patterns = re.compile("|".join(f"(?:{cell})" for cell in segment.cells))
        for code, mine in found.items():
            if patterns.fullmatch(code):
                mine.append(segment)
    return found


def gaps(scheme: Scheme) -> list[str]:
    """Return the codes that no segment claims."""
    if not isinstance(scheme.segments, list):
        return []
    return [code for code, mine in claims(scheme).items() if not mine]


def overlaps(scheme: Scheme) -> list[str]:
    """Return the codes that several segments claim."""
    return [code for code, mine in claims(scheme).items() if len(mine) > 1]


def strangers(scheme: Scheme) -> list[str]:
    """Return the cells of the file with a level that does not exist, or a digit too many or too few."""
    listed = scheme.segments if isinstance(scheme.segments, list) else []
    return [cell for segment in listed for cell in segment.cells if not _exists(scheme, cell)]


def in_words(scheme: Scheme, code: str) -> str:
    """Return a code with the letters of its axes.

    >>> from clv import schemes
    >>> in_words(schemes.load("eight-mean"), "101")
    'R1F0M1'
    """
    return "".join(f"{letter}{digit}" for letter, digit in zip(scheme.axes, code, strict=True))


def _exists(scheme: Scheme, cell: str) -> bool:
    places = re.findall(r"\[[^]]*\]|.", cell)
    if len(places) != len(scheme.axes):
        return False
    named = [set(re.findall("[0-9]", place)) for place in places]
    return all(digits <= set(axis.digits) for digits, axis in zip(named, scheme.axes.values(), strict=True))
