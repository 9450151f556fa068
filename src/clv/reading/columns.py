"""Exports → one table of text under our field names, and the raw cells of every possible buyer column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import get_args

import pandas as pd

from clv.errors import InputError, SettingError, nearest
from clv.language import tell
from clv.reading import shown
from clv.reading.cells import header
from clv.reading.exports import Export
from clv.sources import Buyer, FieldName, Headers, Key, KeyKind, Platform

FIELDS = get_args(FieldName)
KEYS = tuple(kind for kind in get_args(KeyKind) if kind not in ("masked_phone", "surname"))  # made of others
_DATA = r"\d{5,}|@|^[-\d.,:/ ]*\d[-\d.,:/ ]*$"  # what no header holds; such cells must not get into an error


@dataclass(frozen=True)
class Gathered:
    """Rows of all files under our field names.

    Attributes
    ----------
    rows
        Text columns `FIELDS` (missing where no file has them), `file` and `row` (where the row stands) and
        `copy_of` (a number that only rows with all cells equal share).
    buyers
        One text column per buyer declaration that a file carries, named by its header; same index as `rows`.
    kinds
        Kind of each buyer column: id, nick, phone or email.
    keys
        One text column per kind of key that a file carries; same index as `rows`.
    present
        Fields that at least one file carries.
    """

    rows: pd.DataFrame
    buyers: pd.DataFrame
    kinds: dict[str, str]
    keys: pd.DataFrame
    present: frozenset[str]


def declared(
    platform: Platform, columns: Mapping[str, str] | None
) -> tuple[dict[str, Headers], tuple[Buyer, ...]]:
    """Return the fields and buyers to look for, with the caller's column map taken in.

    Raises
    ------
    SettingError
        The map names a field that does not exist.
    """
    told = {str(field): str(title) for field, title in (columns or {}).items()}
    for field in told:
        if field not in (*FIELDS, "customer_id", *KEYS):
            hint = nearest(field, (*FIELDS, "customer_id", *KEYS))
            raise SettingError(
                tell(
                    "the column map names {field!r}, which is no field of ours; {hint}.",
                    field=field,
                    hint=hint,
                )
            )
    if "customer_id" in told and told["customer_id"] == told.get("order_id"):
        raise SettingError(
            tell(
                "the column map takes {order_id!r} for both the order and the customer; each needs a "
                "column of its own.",
                order_id=told["order_id"],
            )
        )
    buyer = told.pop("customer_id", None)
    mine = {field: (title,) for field, title in told.items() if field in FIELDS}
    mine_buyers = (Buyer(headers=(buyer,), kind="id"),) if buyer else ()
    if platform.columns_are_told and columns:
        return mine, mine_buyers
    return {**platform.fields, **mine}, (*mine_buyers, *platform.buyers)


def declared_keys(platform: Platform, columns: Mapping[str, str] | None) -> dict[KeyKind, Headers]:
    """Return the kinds of keys to look for and their headers, with the caller's column map taken in."""
    own = () if platform.columns_are_told and columns else platform.keys
    told = (Key(kind=kind, headers=(columns[kind],)) for kind in KEYS if kind in (columns or {}))
    return {key.kind: key.headers for key in (*own, *told)}


def gather(
    exports: Sequence[Export], platform: Platform, *, columns: Mapping[str, str] | None = None
) -> Gathered:
    """Put the exports below each other under our field names.

    Raises
    ------
    InputError
        A needed column, or one that the map names, is in none of a file's headers.
    """
    fields, buyers = declared(platform, columns)
    told = set(columns or ())
    keys = declared_keys(platform, columns)
    titles = [{field: _find(wanted, export) for field, wanted in fields.items()} for export in exports]
    people = [{buyer: _find(buyer.headers, export) for buyer in buyers} for export in exports]
    for export, found, who in zip(exports, titles, people, strict=True):
        _need(found, fields, platform, export, told.difference(KEYS))
        if "customer_id" in told and who[buyers[0]] is None:
            raise _lacking("customer_id", buyers[0].headers, export)
        for kind in told.intersection(KEYS):
            if _find(keys[kind], export) is None:
                raise _lacking(kind, keys[kind], export)
    return Gathered(
        rows=shown.columns(
            pd.concat(
                [_renamed(e, f, at) for at, (e, f) in enumerate(zip(exports, titles, strict=True))],
                ignore_index=True,
            )
        ),
        buyers=pd.concat([_people(e, w) for e, w in zip(exports, people, strict=True)], ignore_index=True),
        kinds={b.headers[0]: b.kind for b in buyers if any(who[b] for who in people)},
        keys=pd.concat([_keys(export, keys) for export in exports], ignore_index=True),
        present=frozenset(field for found in titles for field, title in found.items() if title),
    )


def rename(export: Export, fields: Mapping[str, Headers], *, need: Iterable[str]) -> pd.DataFrame:
    """Return one item export under our field names.

    Raises
    ------
    InputError
        A needed column is in none of its headers.
    """
    found = {field: _find(titles, export) for field, titles in fields.items()}
    for field in need:
        if not found.get(field):
            raise _lacking(field, fields.get(field, (field,)), export)
    return _renamed(export, found, 0)


def _find(titles: Headers, export: Export) -> str | None:
    """Return the file's own name of the first header that it has; case matters only as a tie-breaker."""
    there = {str(title): str(title) for title in export.table.columns}
    lower = {title.casefold(): title for title in reversed(there)}
    plain = [header(title) for title in titles]
    exact = next((there[title] for title in plain if title in there), None)
    found = exact or next((lower[title.casefold()] for title in plain if title.casefold() in lower), None)
    return found and export.one_value(found)


def _need(
    found: Mapping[str, str | None],
    fields: Mapping[str, Headers],
    platform: Platform,
    export: Export,
    told: set[str],
) -> None:
    for field in told - {"customer_id"}:
        if not found[field]:
            raise _lacking(field, fields[field], export)
    for field in ("paid_at", *(["order_id"] if "order_id" in fields else [])):
        if not found.get(field):
            raise _lacking(field, fields.get(field, ()), export)
    if not found.get("amount") and not (found.get("quantity") and found.get("price")):
        if platform.columns_are_told:
            raise InputError(
                tell(
                    "{export} has no money: name `amount`, or both `quantity` and `price`, in the column map "
                    "(its headers: {export2}).",
                    export=export.name,
                    export2=_shown(export),
                )
            )
        raise _lacking("amount", fields["amount"], export)


def _lacking(field: str, titles: Headers, export: Export) -> InputError:
    if export.table.columns.str.contains(_DATA, regex=True).any():
        return InputError(
            tell(
                "{export} seems to have no header line (its first row looks like data), so {field} "
                "cannot be found in it; export it with headers or write them above.",
                export=export.name,
                field=field,
            )
        )
    near = [hit for t in titles for hit in get_close_matches(t, map(str, export.table.columns), 1, 0.5)]
    hint = (
        tell("the nearest header is {first!r}", first=near[0])
        if near
        else tell("its headers are {export}", export=_shown(export))
    )
    wanted = (
        tell("no column {first!r} ({field})", first=titles[0], field=field)
        if titles
        else tell("no column for {field}", field=field)
    )
    return InputError(
        tell(
            "{export} has {wanted}; {hint}. Is it the right export and platform? A column map can "
            "name the header.",
            export=export.name,
            wanted=wanted,
            hint=hint,
        )
    )


def _shown(export: Export) -> str:
    titles = [str(title)[:30] for title in export.table.columns]
    return ", ".join(titles[:12]) + (", …" if len(titles) > 12 else "")


def _renamed(export: Export, found: Mapping[str, str | None], at: int) -> pd.DataFrame:
    table = export.table
    nothing = pd.Series(None, index=table.index, dtype="str")
    ours = {field: table[found[field]] if found.get(field) else nothing for field in FIELDS}
    return pd.DataFrame(ours).assign(
        file=at, row=table.index, copy_of=pd.util.hash_pandas_object(table, index=False)
    )


def _people(export: Export, columns_of: Mapping[Buyer, str | None]) -> pd.DataFrame:
    there = {buyer.headers[0]: title for buyer, title in columns_of.items() if title}
    return pd.DataFrame(
        {name: export.table[title] for name, title in there.items()}, index=export.table.index
    )


def _keys(export: Export, wanted: Mapping[KeyKind, Headers]) -> pd.DataFrame:
    titles = {kind: _find(headers, export) for kind, headers in wanted.items()}
    there = {kind: export.table[title] for kind, title in titles.items() if title}
    return pd.DataFrame(there, index=export.table.index)
