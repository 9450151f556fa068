"""Whether a scheme gives every customer exactly one segment: gaps, overlaps, cells that do not exist."""

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
    sentence = (
        f"{len(found)} of {len(cells.codes(scheme))} cells have no segment, the first "
        f"{cell(scheme, found[0])}; whoever is there gets no name. Give each of these cells a segment."
    )
    return [Fault("gap", sentence, found)]


def _overlap(scheme: Scheme) -> list[Fault]:
    found = cells.overlaps(scheme)
    if not found:
        return []
    first, second = cells.claims(scheme)[found[0]][:2]
    sentence = (
        f"{len(found)} of {len(cells.codes(scheme))} cells belong to several segments, the first "
        f"{cell(scheme, found[0])} to {quoted(first)} and {quoted(second)}; the order of the list decides "
        f"the name{_hidden(scheme)}. Give each of these cells one segment."
    )
    return [Fault("overlap", sentence, found)]


def _hidden(scheme: Scheme) -> str:
    """Return ', and ... get nobody' with the segments whose cells all belong to some segment before them."""
    claims = list(cells.claims(scheme).values())
    first, any_place = ({id(one) for mine in claims for one in mine[:most]} for most in (1, None))
    hidden = [quoted(one) for one in scheme.segments if id(one) in any_place - first]
    return f", and {listed(hidden)} can never be given" if hidden else ""


def _stranger(scheme: Scheme) -> list[Fault]:
    found = cells.strangers(scheme)
    if not found:
        return []
    levels = [f"{letter} has the levels {', '.join(axis.digits)}" for letter, axis in scheme.axes.items()]
    owner = next(one for one in scheme.segments if found[0] in one.cells)
    sentence = (
        f"no customer can be in {len(found)} of the cells in the file, the first {found[0]!r} of "
        f"{quoted(owner)}: {'; '.join(levels)}. Correct or remove them."
    )
    return [Fault("stranger", sentence, found)]
