"""Which column of a file beside the orders is which of ours.

Headers are compared without blanks, hyphens and capitals; a nearly right one is refused, never passed over.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from clv import sources
from clv.errors import InputError
from clv.language import tell
from clv.reading import extra_headers
from clv.reading.exports import Export
from clv.sources import Headers

Fields = Mapping[str, Headers]
_NEAR = 0.8


@dataclass(frozen=True)
class Manner:
    """How the shop's orders are written, which its other files are taken to follow.

    Attributes
    ----------
    kind
        What customer ids are: id, nick, phone or email (`OrdersRead.buyer_kind`).
    platform
        Whose headers and masks count.
    header
        The orders' own header of the customer, where a column map names one.
    timezone, date_format
        As `orders.read` takes them.
    """

    kind: Literal["id", "nick", "phone", "email"] = "id"
    platform: str = "csv"
    header: str | None = None
    timezone: str | None = None
    date_format: str | None = None


def customer(manner: Manner) -> Headers:
    """Return the headers of the column that names customers, the best first."""
    platform = sources.load(manner.platform)
    own = (header for buyer in platform.buyers if buyer.kind == manner.kind for header in buyer.headers)
    told = (manner.header,) if manner.header else ()
    return (*told, *own, *extra_headers.BY_KIND[manner.kind])


def _key(title: str) -> str:
    return re.sub(r"[\s_-]+", "_", title.casefold())


def titles(export: Export, wanted: Fields) -> dict[str, str]:
    """Return the columns of ours that a file has, and its own names of them."""
    there = {_key(title): title for title in reversed(list(map(str, export.table.columns)))}
    hits = {name: [key for a in (name, *also) if (key := _key(a)) in there] for name, also in wanted.items()}
    return {name: export.one_value(there[keys[0]]) for name, keys in hits.items() if keys}


def checked(export: Export, wanted: Fields, need: Iterable[str], manner: Manner) -> dict[str, str]:
    """Return `titles` of a file in which what is needed is there, and nothing is misspelt or there twice.

    Raises
    ------
    InputError
        It is not so.
    """
    found = titles(export, wanted)
    _refuse_twice(export, found)
    refuse_misspelt(export, found, wanted)
    for name in need:
        if name not in found:
            raise _lacking(export, name, wanted[name], manner)
    return found


def _refuse_twice(export: Export, found: Mapping[str, str]) -> None:
    for title in found.values():
        if f"{title} (2)" in export.table.columns:
            raise InputError(
                tell(
                    "{export} has the column {title!r} twice; keep the right one.",
                    export=export.name,
                    title=title,
                )
            )


def refuse_misspelt(export: Export, found: Mapping[str, str], wanted: Fields) -> None:
    """Refuse a column that is nearly one of ours: a consent that is passed over is a consent lost.

    Raises
    ------
    InputError
        There is such a column among those that are not `found`, a map from our columns to the file's.
    """
    missing = {_key(a): name for name in wanted if name not in found for a in (name, *wanted[name])}
    for title in map(str, export.table.columns):
        near = get_close_matches(_key(title), missing, 1, _NEAR) if title not in found.values() else []
        if near:
            raise InputError(
                tell(
                    "{export} has a column {title!r}; did you mean {missing!r}? Rename it, or take it out "
                    "where it means something else.",
                    export=export.name,
                    title=title,
                    missing=missing[near[0]],
                )
            )


def _lacking(export: Export, name: str, aliases: Headers, manner: Manner) -> InputError:
    why = tell("; the orders tell customers apart by {kind}, so this file must", kind=manner.kind)
    return InputError(
        tell(
            "{export} has no column {called}{part}.",
            export=export.name,
            called=called(name, aliases),
            part=why if name == "customer_id" else "",
        )
    )


def called(name: str, aliases: Headers) -> str:
    """Return a column of ours with what else it may be called, in words."""
    also = ", ".join(repr(a) for a in dict.fromkeys(aliases) if _key(a) != _key(name))
    return f"{name!r} (or {also})" if also else repr(name)
