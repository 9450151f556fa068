"""What equal customers do to a scheme in one shop: levels and bands that nobody is in."""

from collections.abc import Sequence

import numpy as np

from clv import rfm
from clv.known import Floats, Known
from clv.language import tell
from clv.linting.fault import Fault, listed, quantity, quoted
from clv.schemes import cells
from clv.schemes.axes import Axis, column, is_better_less
from clv.schemes.contract import Scheme
from clv.segmenting import cuts
from clv.segmenting.cells import cell_numbers, learn_edges
from clv.segmenting.rule import Ints

_HELD = ("median, rounded",)  # a number that the shop keeps: that nobody is beyond it today is no fault


def faults(scheme: Scheme, known: Known) -> list[Fault]:
    """Return a fault where equal customers leave levels empty, and one where they leave bands empty."""
    return [*(_nested(scheme, known) if scheme.nested else _levels(scheme, known)), *_bands(scheme, known)]


def most_common(values: Floats) -> tuple[float, int]:
    """Return the value that most customers have, and how many have it."""
    distinct, counts = np.unique(values, return_counts=True)
    return float(distinct[counts.argmax()]), int(counts.max())


def _levels(scheme: Scheme, known: Known) -> list[Fault]:
    empty = {letter: _empty(letter, axis, known) for letter, axis in scheme.axes.items()}
    if not any(empty.values()):
        return []
    codes = cells.codes(scheme)
    nobodys = [
        code
        for code in codes
        if any(digit in empty[letter] for letter, digit in zip(empty, code, strict=True))
    ]
    causes = [
        tell(
            "{cause}, so nobody is in {listed}",
            cause=_cause(letter, scheme.axes[letter], known),
            listed=listed(letter + d for d in digits),
        )
        for letter, digits in empty.items()
        if digits
    ]
    sentence = tell(
        "{causes}. {nobodys} of {codes} cells stay empty{impossible}. Cut at fixed numbers, or "
        "into fewer parts.",
        causes="; ".join(causes),
        nobodys=len(nobodys),
        codes=len(codes),
        impossible=_impossible(scheme, nobodys),
    )
    return [Fault("ties", sentence, nobodys)]


def _nested(scheme: Scheme, known: Known) -> list[Fault]:
    """Inside the cells of the axes before it, an axis leaves other levels empty each time."""
    codes = cells.codes(scheme)
    taken = set(cell_numbers(scheme, learn_edges(scheme, known), known).tolist())
    nobodys = [code for number, code in enumerate(codes) if number not in taken]
    if not nobodys:
        return []
    tied = max(scheme.axes.items(), key=lambda one: most_common(_values(*one, known))[1])
    sentence = tell(
        "{cause}. {nobodys} of {codes} cells stay empty{impossible}. Cut into fewer parts.",
        cause=_cause(*tied, known),
        nobodys=len(nobodys),
        codes=len(codes),
        impossible=_impossible(scheme, nobodys),
    )
    return [Fault("ties", sentence, nobodys)]


def _bands(scheme: Scheme, known: Known) -> list[Fault]:
    if not isinstance(scheme.bands, int):
        return []
    placed = rfm.learn(scheme, known).place(known)
    empty = np.flatnonzero(np.bincount(placed.segment, minlength=scheme.bands) == 0) + 1
    if not len(empty):
        return []
    sentence = tell(
        "{share}, so nobody is in band {empty} of {bands}. Ask for fewer bands.",
        share=_share(placed.score, "score"),
        empty=listed(empty),
        bands=scheme.bands,
    )
    return [Fault("ties", sentence)]


def _empty(letter: str, axis: Axis, known: Known) -> list[str]:
    """Return the levels of a learned cut that nobody is in; cutting by the file's order leaves none empty."""
    is_held = isinstance(axis.at, list) or axis.at in _HELD
    if is_held or not (axis.at or axis.parts) or (axis.parts and axis.ties == "file order"):
        return []
    taken = np.bincount(_level(letter, axis, known), minlength=axis.levels)
    return [digit for digit, customers in zip(axis.digits, taken, strict=True) if not customers]


def _level(letter: str, axis: Axis, known: Known) -> Ints:
    """Return the level of every customer, 0 the lowest."""
    if axis.parts and axis.ties == "renumber":
        return _renumbered(
            _values(letter, axis, known), axis.parts, less_is_better=is_better_less(letter, axis)
        )
    return cuts.level(cuts.turned(known, letter, axis), cuts.edges(known, letter, axis))


def _renumbered(values: Floats, parts: int, *, less_is_better: bool) -> Ints:
    """Return levels as pandas' qcut(duplicates='drop') makes them, those that remain counted from 0."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, parts + 1)))
    level = np.searchsorted(edges[1:-1], values, side="left")  # an edge belongs to the part below it
    remain = max(len(edges) - 1, 1)
    return remain - 1 - level if less_is_better else level


def _cause(letter: str, axis: Axis, known: Known) -> str:
    return tell(
        "axis {letter}: {share}",
        letter=letter,
        share=_share(_values(letter, axis, known), quantity(letter, axis)),
    )


def _values(letter: str, axis: Axis, known: Known) -> Floats:
    return known.column(column(letter, axis))


def _share(values: Floats, name: str) -> str:
    value, customers = most_common(values)
    if customers == 1:
        return tell("there are only {values} customers", values=len(values))
    return tell(
        "{customers:.1f} % of the customers have the same {name} ({value:,.6g})",
        customers=100 * customers / len(values),
        name=name,
        value=value,
    )


def _impossible(scheme: Scheme, nobodys: Sequence[str]) -> str:
    """Return ', and nobody can be ...' with the named segments that lose all their cells."""
    if not isinstance(scheme.segments, list):
        return ""
    first = [(code, mine[0]) for code, mine in cells.claims(scheme).items() if mine]
    alive = {id(one) for code, one in first if code not in set(nobodys)}
    dead = {id(one): quoted(one) for _, one in first if id(one) not in alive}
    in_order = [dead[id(one)] for one in scheme.segments if id(one) in dead]
    return tell(", and nobody can be {listed}", listed=listed(in_order, most=9)) if in_order else ""
