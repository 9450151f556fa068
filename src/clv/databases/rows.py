"""The rows of a table as the text that an export of it would hold, and orders that are clean already."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import ibis
import pandas as pd

from clv import duck
from clv.databases import statements
from clv.databases.opening import opened
from clv.declaring.addresses import Address
from clv.errors import InputError
from clv.language import tell
from clv.reading import cells, columns, exports, typed_cells
from clv.reading.exports import Export
from clv.sources import Platform

_TEXT = ("order_id", "customer_id", "category", "channel")


def export(
    address: Address, *, platform: Platform, column_map: Mapping[str, str] | None, timezone: str | None
) -> Export:
    """Return the table as an export: its known columns as text, sorted, and a number for each whole row.

    Only the columns that the platform or the map knows leave the database. Two rows are copies of each other
    if they are equal in the others too, as they would be in a file; the number tells.

    Parameters
    ----------
    column_map
        Our field: column of the table.
    timezone
        Where moments of a time zone (timestamptz) are moved to later.

    Raises
    ------
    InputError
        As `opened` does; a needed column is not there, there is no row, or times need a time zone.
    """
    with opened(address) as table:
        titles = dict(zip(table.columns, exports.apart(list(map(cells.header, table.columns))), strict=True))
        nothing = pd.DataFrame(columns=list(titles.values()), dtype="str")
        columns.gather([Export(address.name, address.kind, nothing)], platform, columns=column_map)
        known = _known(titles, platform, column_map)
        worldwide = _worldwide(table.select(known), address, timezone)
        hashed = statements.with_hash(table, address)
        asked = hashed.select(*(_as_text(hashed[name]) for name in known), hashed[statements.HASH])
        found = duck.rows(asked)
    if not found.num_rows:
        raise InputError(tell("{name:s} has no rows; was anything sold?", name=address.name))
    found = found.sort_by([(name, "ascending") for name in found.column_names])  # databases know no order
    return Export(address.name, address.kind, _tidy(found.to_pandas(), worldwide).rename(columns=titles))


@contextmanager
def clean(address: Address) -> Iterator[ibis.Table]:
    """Give a table of ORDERS to be added up where it lies, the same as its rows would be here.

    Raises
    ------
    InputError
        As `opened` does, and where paid_at is not the shop's local time, or a cell holds several texts.
    """
    with opened(address) as table:
        kinds = table.schema()
        if getattr(kinds.get("paid_at"), "timezone", None):
            raise InputError(
                tell(
                    "{name:s}: paid_at holds moments of a time zone, whose days depend on it; make a view "
                    "with the shop's local time, such as paid_at AT TIME ZONE 'Asia/Shanghai'.",
                    name=address.name,
                )
            )
        several = [name for name in _TEXT if name in kinds and kinds[name].is_nested()]
        if several:
            raise InputError(
                tell(
                    "{name:s}: {column:s} should hold text, and holds lists or the like; make a view with "
                    "one text per row.",
                    name=address.name,
                    column=several[0],
                )
            )
        yield statements.by_characters(table, address, _TEXT)


def _known(titles: Mapping[str, str], platform: Platform, told: Mapping[str, str] | None) -> list[str]:
    """Return the columns that the reading may look at, those of the order number first."""
    fields, buyers = columns.declared(platform, told)
    keys = columns.declared_keys(platform, told)
    headers = [*fields.get("order_id", ()), *(h for found in fields.values() for h in found)]
    headers += [h for one in (*(b.headers for b in buyers), *keys.values()) for h in one]
    wanted = list(dict.fromkeys(cells.header(title).casefold() for title in headers))
    places = {title: at for at, title in enumerate(wanted)}
    there = [name for name, title in titles.items() if title.casefold() in places]
    return sorted(there, key=lambda name: places[titles[name].casefold()])


def _worldwide(table: ibis.Table, address: Address, timezone: str | None) -> list[str]:
    """Return the columns of times with an offset; such times are the shop's only in a time zone."""
    times = {name: kind for name, kind in table.schema().items() if kind.is_timestamp()}
    worldwide = [name for name, kind in times.items() if kind.timezone is not None]
    if worldwide and timezone is None:
        raise InputError(
            tell(
                "{name:s}: {column:s} holds moments of a time zone; say `timezone: Asia/Shanghai`, or make "
                "a view with the shop's local time.",
                name=address.name,
                column=worldwide[0],
            )
        )
    return worldwide


def _as_text(column: ibis.Column) -> ibis.Column:
    """Return a column as the database writes it; floats as they are: each system writes them otherwise."""
    return column if column.type().is_floating() else column.cast("string").name(column.get_name())


def _tidy(found: pd.DataFrame, worldwide: Collection[str]) -> pd.DataFrame:
    tidy = found.apply(lambda column: cells.tidy(typed_cells.as_text(column)))
    # each session's zone is UTC, which PostgreSQL writes as +00 and MySQL not at all
    offset = {name: tidy[name].str.removesuffix("+00") + "+00:00" for name in worldwide}
    return tidy.assign(**offset).set_axis(pd.RangeIndex(1, len(tidy) + 1))
