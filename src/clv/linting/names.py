"""Whether a name says the opposite of its cells: 'inactive' for those who have just bought."""

from clv.language import tell
from clv.linting.fault import Fault, cells_listed
from clv.linting.lexicon import SAYINGS, Saying
from clv.schemes import cells
from clv.schemes.axes import Axis, Name, column, is_better_less, is_reversed
from clv.schemes.contract import Scheme, Segment


def faults(scheme: Scheme) -> list[Fault]:
    """Return one fault for every name and axis that contradict each other.

    An axis that is reversed is passed over: that is one fault, and its names would only repeat it.
    """
    found = []
    for place, (letter, axis) in enumerate(scheme.axes.items()):
        if is_reversed(letter, axis):
            continue
        for saying in (one for one in SAYINGS if column(letter, axis) in one.columns):
            extreme = axis.digits[-1 if saying.never == "best" else 0]
            for name, codes in [*_segments(scheme), *_levels(scheme, place, axis)]:
                wrong = [code for code in codes if code[place] == extreme]
                if wrong and saying.is_in(name.en, name.zh):
                    found.append(_contradiction(scheme, name, codes, wrong, saying))
    return found


def _contradiction(
    scheme: Scheme, name: Name | Segment, codes: list[str], wrong: list[str], saying: Saying
) -> Fault:
    verb = "holds" if len(wrong) == 1 else "hold"
    sentence = tell(
        "'{en}' ({zh}) says that {name_says}, but {wrong} of its {codes} cells {verb} "
        "{cells_say}: {cells_listed}. Give these cells another name.",
        en=name.en,
        zh=name.zh,
        name_says=saying.name_says,
        wrong=len(wrong),
        codes=len(codes),
        verb=verb,
        cells_say=saying.cells_say,
        cells_listed=cells_listed(scheme, wrong),
    )
    return Fault("contradiction", sentence, wrong)


def _segments(scheme: Scheme) -> list[tuple[Segment, list[str]]]:
    """Return the file's segments with the codes that they claim."""
    listed = scheme.segments if isinstance(scheme.segments, list) else []
    claims = cells.claims(scheme)
    return [(one, [code for code, mine in claims.items() if any(one is m for m in mine)]) for one in listed]


def _levels(scheme: Scheme, place: int, axis: Axis) -> list[tuple[Name, list[str]]]:
    """Return the names of an axis's levels with the codes that they are part of."""
    letter = list(scheme.axes)[place]
    names = axis.names or []
    rising = names[::-1] if is_better_less(letter, axis) else names
    codes = cells.codes(scheme)
    return [
        (name, [code for code in codes if code[place] == digit])
        for digit, name in zip(axis.digits, rising, strict=False)
    ]
