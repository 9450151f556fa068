"""Whether a scheme gives every customer exactly one segment: gaps, overlaps, cells that do not exist."""

from clv.language import tell
from clv.linting.fault import Fault, cell, listed, quoted
from clv.schemes import cells
from clv.schemes.contract import Scheme


def faults(scheme: Scheme) -> list[Fault]:
    """Return at most one fault of each of the three kinds."""
    return [*_gap(scheme), *_overlap(scheme), *_stranger(scheme)]


def _gap(scheme: Scheme) -> list[Fault]:
    found = cells.gaps(scheme)
    if not found:
        return []
    sentence = tell(
        "{found} of {codes} cells have no segment, the first {cell}; whoever is there gets no "
        "name. Give each of these cells a segment.",
        found=len(found),
        codes=len(cells.codes(scheme)),
        cell=cell(scheme, found[0]),
    )
    return [Fault("gap", sentence, found)]


def _overlap(scheme: Scheme) -> list[Fault]:
    found = cells.overlaps(scheme)
    if not found:
        return []
    first, second = cells.claims(scheme)[found[0]][:2]
    sentence = tell(
        "{found} of {codes} cells belong to several segments, the first {cell} to {first} and "
        "{second}; the order of the list decides the name{scheme}. Give each of these cells one "
        "segment.",
        found=len(found),
        codes=len(cells.codes(scheme)),
        cell=cell(scheme, found[0]),
        first=quoted(first),
        second=quoted(second),
        scheme=_hidden(scheme),
    )
    return [Fault("overlap", sentence, found)]


def _hidden(scheme: Scheme) -> str:
    """Return ', and ... get nobody' with the segments whose cells all belong to some segment before them."""
    claims = list(cells.claims(scheme).values())
    first, any_place = ({id(one) for mine in claims for one in mine[:most]} for most in (1, None))
    hidden = [quoted(one) for one in scheme.segments if id(one) in any_place - first]
    return tell(", and {hidden} can never be given", hidden=listed(hidden)) if hidden else ""


def _stranger(scheme: Scheme) -> list[Fault]:
    found = cells.strangers(scheme)
    if not found:
        return []
    levels = [
        tell("{letter} has the levels {digits}", letter=letter, digits=", ".join(axis.digits))
        for letter, axis in scheme.axes.items()
    ]
    owner = next(one for one in scheme.segments if found[0] in one.cells)
    sentence = tell(
        "no customer can be in {found} of the cells in the file, the first {first!r} of {owner}: "
        "{levels}. Correct or remove them.",
        found=len(found),
        first=found[0],
        owner=quoted(owner),
        levels="; ".join(levels),
    )
    return [Fault("stranger", sentence, found)]
