"""The same names for other cells: what one scheme calls a cell, and what the standard or another one does."""

from collections.abc import Iterator
from itertools import combinations

import pandas as pd

from clv import schemes
from clv.errors import SettingError
from clv.language import tell
from clv.linting.fault import Fault, cells_listed, listed, quoted
from clv.linting.lexicon import plain
from clv.schemes import cells
from clv.schemes.contract import Scheme, Segment

STANDARD = "eight-mean"
DIALECTS = ("aliyun-273067", "volcengine", "recall-article")
LANGUAGES = ("en", "zh")
_ENDINGS = (" customers", " customer", "客户", "用户", "会员", "人群")  # 重要价值客户 is 重要价值

Owners = dict[str, Segment]  # code: the first segment that claims it


def table() -> pd.DataFrame:
    """Return what the standard and its dialects call each of the eight cells.

    Returns
    -------
    One row per cell, in the standard's order: code (levels of R, F, M); 'standard en', 'standard zh'; one
    column for each of `DIALECTS` with its Chinese names, missing where it leaves the cell without one.
    """
    standard = owners(schemes.load(STANDARD))
    found = pd.DataFrame({"code": [one.cells[0] for one in schemes.load(STANDARD).segments]})
    for language in LANGUAGES:
        found[f"standard {language}"] = [getattr(standard[code], language) for code in found["code"]]
    for name in DIALECTS:
        theirs = owners(schemes.read_published(name))
        found[f"{name} zh"] = [theirs[code].zh if code in theirs else None for code in found["code"]]
    return found


def against_standard(scheme: Scheme) -> list[Fault]:
    """Return names that the standard eight classes use for other cells; nothing on another grid."""
    standard = schemes.load(STANDARD)
    return between(scheme, standard) if same_grid(scheme, standard) else []


def between(a: Scheme, b: Scheme) -> list[Fault]:
    """Return what names mean in `a` and not in `b`; two that have changed places are one fault.

    Names are compared in English and in Chinese, without capitals and brackets.

    Raises
    ------
    SettingError
        The two are cut into different levels, so their cells cannot be compared.
    """
    if not same_grid(a, b):
        raise SettingError(
            tell(
                "schemes {a!r} and {b!r} are not cut into the same levels of the same axes; only then "
                "can their names be compared.",
                a=a.id,
                b=b.id,
            )
        )
    found = [fault for language in LANGUAGES for fault in _in_language(a, b, language)]
    return list({(fault.kind, *fault.cells): fault for fault in reversed(found)}.values())[::-1]


def same_grid(a: Scheme, b: Scheme) -> bool:
    """Return whether the codes of two schemes speak of the same levels of the same axes."""
    grids = [{letter: axis.levels for letter, axis in one.axes.items()} for one in (a, b)]
    return grids[0] == grids[1] and all(isinstance(one.segments, list) for one in (a, b))


def owners(scheme: Scheme, *, like: Scheme | None = None) -> Owners:
    """Return the segment that has each code; of several, the first in the file.

    The codes are written with their letters in the order of the scheme `like`, where given.
    """
    places = [list(scheme.axes).index(letter) for letter in (like or scheme).axes]
    claims = cells.claims(scheme).items()
    return {"".join(code[place] for place in places): mine[0] for code, mine in claims if mine}


def _in_language(a: Scheme, b: Scheme, language: str) -> Iterator[Fault]:
    ours, theirs = _meanings(owners(a), language), _meanings(owners(b, like=a), language)
    shared = [name for name in ours if name in theirs]
    explained: dict[str, set[str]] = {name: set() for name in shared}
    for one, other in combinations(shared, 2):
        if _have_changed_places(ours, theirs, one, other):
            there, here = ours[one] & theirs[other], ours[other] & theirs[one]
            for name in (one, other):
                explained[name] |= there | here
            yield _swapped(a, b, sorted(there)[0], sorted(here)[0], sorted(there | here))
    for name in shared:
        differing = sorted((ours[name] ^ theirs[name]) - explained[name])
        if differing:
            yield _other_meaning(a, b, name, differing, ours[name])


def _meanings(owned: Owners, language: str) -> dict[str, set[str]]:
    """Return the cells that each name stands for."""
    found: dict[str, set[str]] = {}
    for code, segment in owned.items():
        found.setdefault(_bare(getattr(segment, language)), set()).add(code)
    return found


def _bare(name: str) -> str:
    bare = plain(name)
    ending = next((one for one in _ENDINGS if bare.endswith(one) and bare != one), "")
    return bare.removesuffix(ending)


def _have_changed_places(
    ours: dict[str, set[str]], theirs: dict[str, set[str]], one: str, other: str
) -> bool:
    apart = not (ours[one] & theirs[one] or ours[other] & theirs[other])
    return bool(apart and ours[one] & theirs[other] and ours[other] & theirs[one])


def _swapped(a: Scheme, b: Scheme, there: str, here: str, codes: list[str]) -> Fault:
    ours = owners(a)
    sentence = tell(
        "{quoted} and {quoted2} have changed places against {en!r}: {in_words} and {in_words2} "
        "are named the other way round there. Show the code beside the name, or take the "
        "standard's names.",
        quoted=quoted(ours[there]),
        quoted2=quoted(ours[here]),
        en=b.name.en,
        in_words=cells.in_words(a, there),
        in_words2=cells.in_words(a, here),
    )
    return Fault("swapped names", sentence, codes)


def _other_meaning(a: Scheme, b: Scheme, name: str, differing: list[str], ours: set[str]) -> Fault:
    mine, theirs = owners(a), owners(b, like=a)
    only_here = [code for code in differing if code in ours]
    only_there = [code for code in differing if code not in ours]
    parts = []
    if only_here:
        parts.append(
            tell(
                "stands for {cells_listed}, named {named} there",
                cells_listed=cells_listed(a, only_here),
                named=_named(theirs, only_here),
            )
        )
    if only_there:
        parts.append(
            tell(
                "leaves out {cells_listed}, named {named} here",
                cells_listed=cells_listed(a, only_there),
                named=_named(mine, only_there),
            )
        )
    who = quoted(next(mine[code] for code in sorted(ours)))
    return Fault(
        "other meaning",
        tell("against {en!r}, {who} {parts}.", en=b.name.en, who=who, parts=" and ".join(parts)),
        differing,
    )


def _named(their: Owners, codes: list[str]) -> str:
    names = [quoted(their[code]) if code in their else "nothing" for code in codes]
    return listed(dict.fromkeys(names))
