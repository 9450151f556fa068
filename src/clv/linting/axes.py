"""How axes are cut: which end is high, who decides between equals, levels that nobody can have."""

import math
from collections.abc import Iterator
from itertools import pairwise

from clv.language import tell
from clv.linting.fault import Fault, listed, quantity, quoted
from clv.schemes import cells
from clv.schemes.axes import Axis, column, is_better_less, is_reversed
from clv.schemes.contract import Scheme

# The least value a customer can have, where the column holds whole numbers; money is more than nothing.
LEAST_WHOLE = {"days_since_last": 0, "purchases": 1, "orders": 1, "T": 0}
_HARM = {
    "file order": ("file order", "equal customers are told apart by their place in the file"),
    "renumber": (
        "renumbered",
        "equal edges are dropped and the levels that remain are numbered from 1, so that a code means "
        "something else in every shop",
    ),
}


def faults(scheme: Scheme) -> list[Fault]:
    """Return what is wrong with the axes of a scheme, whatever customers it meets."""
    found = []
    for letter, axis in scheme.axes.items():
        found += [*_reversed(scheme, letter, axis), *_unreachable(scheme, letter, axis)]
    return [*found, *_ties(scheme)]


def _reversed(scheme: Scheme, letter: str, axis: Axis) -> list[Fault]:
    if not is_reversed(letter, axis):
        return []
    best = _best_name(scheme)
    if column(letter, axis) == "days_since_last":
        sentence = tell(
            "axis {letter} counts long silence as high (high: more), so {best} goes to those who "
            "have been silent longest. Leave `high` out.",
            letter=letter,
            best=best,
        )
        return [Fault("recency reversed", sentence)]
    sentence = tell(
        "axis {letter} counts the least {quantity} as high (high: less), so {best} goes to those "
        "who bought least. Leave `high` out.",
        letter=letter,
        quantity=quantity(letter, axis),
        best=best,
    )
    return [Fault("reversed", sentence)]


def _best_name(scheme: Scheme) -> str:
    best = "".join(axis.digits[-1] for axis in scheme.axes.values())
    claimed = cells.claims(scheme)[best]
    if not claimed:
        return "the best place"
    return tell(
        "{quoted}, the name of {in_words},", quoted=quoted(claimed[0]), in_words=cells.in_words(scheme, best)
    )


def _ties(scheme: Scheme) -> list[Fault]:
    found = []
    for ties, (kind, harm) in _HARM.items():
        letters = [letter for letter, axis in scheme.axes.items() if axis.ties == ties]
        if letters:
            sentence = tell(
                "ties: {ties} on {letters}: {harm}. Use ties: together.",
                ties=ties,
                letters=", ".join(letters),
                harm=harm,
            )
            found.append(Fault(kind, sentence))
    return found


def _unreachable(scheme: Scheme, letter: str, axis: Axis) -> list[Fault]:
    empty = [digit for digit, low, high in _intervals(letter, axis) if not _holds(letter, axis, low, high)]
    if not empty:
        return []
    place = list(scheme.axes).index(letter)
    codes = cells.codes(scheme)
    mine = [code for code in codes if code[place] in empty]
    edges = ", ".join(f"{edge:g}" for edge in axis.at)
    sentence = tell(
        "axis {letter} is cut at {edges}, and no customer of any shop can be in level {listed}: "
        "{possible}; {mine} of {codes} cells stay empty. Move the cut or drop the level.",
        letter=letter,
        edges=edges,
        listed=listed(letter + digit for digit in empty),
        possible=_possible(letter, axis),
        mine=len(mine),
        codes=len(codes),
    )
    return [Fault("unreachable", sentence, mine)]


def _intervals(letter: str, axis: Axis) -> Iterator[tuple[str, float, float]]:
    """Return each level of a fixed cut with its raw values: the lower end, the upper end."""
    if not isinstance(axis.at, list):
        return
    rising = list(pairwise([-math.inf, *axis.at, math.inf]))
    digits = axis.digits[::-1] if is_better_less(letter, axis) else axis.digits
    for digit, (low, high) in zip(digits, rising, strict=True):
        yield digit, low, high


def _holds(letter: str, axis: Axis, low: float, high: float) -> bool:
    """Return whether some possible value lies between two edges; an edge belongs to the better level."""
    least = LEAST_WHOLE.get(column(letter, axis))
    if least is None:  # money: any number above 0
        return high > 0
    lowest = max(low, least - 0.5)  # the whole numbers begin above it
    if is_better_less(letter, axis):  # low < value <= high
        return math.floor(lowest) + 1 <= high
    return math.ceil(lowest) < high  # low <= value < high


def _possible(letter: str, axis: Axis) -> str:
    least = LEAST_WHOLE.get(column(letter, axis))
    if least is None:
        return tell("{quantity} is more than 0", quantity=quantity(letter, axis))
    return tell("{quantity} is a whole number, {least} or more", quantity=quantity(letter, axis), least=least)
