"""Files beside the orders (members, contacts, past campaigns) → one table of text under our column names.

Customers must meet those of the orders, so their ids are of the same kind and cleaned by the same rules.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import pandas as pd

from clv import sources
from clv.errors import InputError
from clv.reading import buyers, damaged_ids, exports, extra_headers
from clv.reading.exports import Export
from clv.sources import Headers

Fields = Mapping[str, Headers]
PSEUDONYM = r"c_[0-9a-f]{12}"  # what a list of ours calls a customer; such a list may come back as contacts
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


@dataclass(frozen=True, eq=False)
class Gathered:
    """Rows of some files: `customer_id`, text columns, `file` and `row` (where it stands).

    `names` are those of the files, `present` our columns that each of them has, `notes` are for the reader.
    """

    rows: pd.DataFrame
    names: tuple[str, ...]
    present: tuple[frozenset[str], ...]
    notes: tuple[str, ...]

    def has(self, column: str) -> pd.Series:
        """Return which rows are of a file with that column."""
        return self.rows["file"].map({at: column in there for at, there in enumerate(self.present)})

    def first(self, bad: pd.Series) -> str:
        """Return the place of the first bad row, in words."""
        one = self.rows[bad].iloc[0]
        return f"first row {one['row']} of {self.names[one['file']]}"


def gather(
    paths: str | Path | Iterable[str | Path],
    fields: Fields,
    *,
    need: Iterable[str],
    manner: Manner,
    what: str,
) -> Gathered:
    """Put files of one kind below each other; unknown columns are passed over.

    Parameters
    ----------
    fields
        Our columns, besides the customer's: further headers that mean the same, the best first.
    need
        Columns that every file must have.
    what
        What errors call such a file.

    Raises
    ------
    InputError
        A column is missing, misspelt or there twice, or no row names a customer.
    """
    no_rows = f"leave `{what}:` out of the shop file until there are any."
    found = [exports.read(path, no_rows=no_rows) for path in exports.find(paths, what=what)]
    wanted = {"customer_id": _customer(manner), **fields}
    titles = [_titles(export, wanted, ("customer_id", *need), manner) for export in found]
    parts = [_renamed(e, t, at) for at, (e, t) in enumerate(zip(found, titles, strict=True))]
    rows = pd.concat(parts, ignore_index=True).reindex(columns=[*wanted, "file", "row"])
    text = {name: rows[name].astype("str") for name in wanted}
    names = tuple(export.name for export in found)
    rows, notes = _named(rows.assign(**text), names, manner)
    notes = (*(note for export in found for note in export.notes), *notes)
    return Gathered(rows, names, tuple(map(frozenset, titles)), notes)


def _customer(manner: Manner) -> Headers:
    platform = sources.load(manner.platform)
    own = (header for buyer in platform.buyers if buyer.kind == manner.kind for header in buyer.headers)
    told = (manner.header,) if manner.header else ()
    return (*told, *own, *extra_headers.BY_KIND[manner.kind])


def _key(title: str) -> str:
    return re.sub(r"[\s_-]+", "_", title.casefold())


def _titles(export: Export, wanted: Fields, need: Iterable[str], manner: Manner) -> dict[str, str]:
    """Return our columns and the file's own names of them."""
    there = {_key(title): title for title in reversed(list(map(str, export.table.columns)))}
    found = {}
    for name, aliases in wanted.items():
        title = next((there[_key(a)] for a in (name, *aliases) if _key(a) in there), None)
        if title:
            found[name] = title
    _refuse_twice(export, found)
    _refuse_misspelt(export, found, wanted)
    for name in need:
        if name not in found:
            raise _lacking(export, name, wanted[name], manner)
    return found


def _refuse_twice(export: Export, found: Mapping[str, str]) -> None:
    for title in found.values():
        if f"{title} (2)" in export.table.columns:
            raise InputError(f"{export.name} has the column {title!r} twice; keep the right one.")


def _refuse_misspelt(export: Export, found: Mapping[str, str], wanted: Fields) -> None:
    """Refuse a column that is nearly one of ours: a consent that is passed over is a consent lost."""
    missing = {_key(a): name for name in wanted if name not in found for a in (name, *wanted[name])}
    for title in map(str, export.table.columns):
        near = get_close_matches(_key(title), missing, 1, _NEAR) if title not in found.values() else []
        if near:
            raise InputError(
                f"{export.name} has a column {title!r}; did you mean {missing[near[0]]!r}? Rename it, or "
                "take it out where it means something else."
            )


def _lacking(export: Export, name: str, aliases: Headers, manner: Manner) -> InputError:
    also = ", ".join(repr(a) for a in dict.fromkeys(aliases) if _key(a) != _key(name))
    more = f" (or {also})" if also else ""
    why = (
        f"; the orders tell customers apart by {manner.kind}, so this file must"
        if name == "customer_id"
        else ""
    )
    return InputError(f"{export.name} has no column {name!r}{more}{why}.")


def _renamed(export: Export, titles: Mapping[str, str], at: int) -> pd.DataFrame:
    ours = {name: export.table[title] for name, title in titles.items()}
    return pd.DataFrame(ours).assign(file=at, row=export.table.index)


def _named(
    rows: pd.DataFrame, names: tuple[str, ...], manner: Manner
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the rows with clean ids, without those that name nobody."""
    text = rows["customer_id"]
    damaged = rows.groupby("file", sort=False)["customer_id"].transform(damaged_ids.rounded).astype(bool)
    files = ", ".join(names[:3])
    if damaged.any():
        raise InputError(
            f"Excel has rounded the customer ids of {damaged.sum():,} rows of {files}; export again and do "
            "not open the file in Excel before."
        )
    ours = text.str.fullmatch(PSEUDONYM).eq(other=True)
    clean = buyers.cleaned(text, manner.kind, sources.load(manner.platform)).mask(ours, text)
    nobody = clean.isna()
    if nobody.all():
        raise InputError(
            f"not one of {len(rows):,} rows of {files} names a customer by {manner.kind}, as the orders do; "
            "masked and empty cells name nobody."
        )
    said = f"{nobody.sum():,} of {len(rows):,} rows of {files} name no customer and were left out."
    kept = rows.assign(customer_id=clean)[~nobody].reset_index(drop=True)
    return kept, (said,) if nobody.any() else ()
