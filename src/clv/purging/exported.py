"""Where a shop's own files still hold a customer: these are never changed, only named with their rows."""

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from clv import shop_extras, sources
from clv.errors import ClvError, NotNowError
from clv.purging.person import Person
from clv.reading import cells, columns, exports
from clv.shop_files import ShopFile, Source


def files(file: ShopFile, shop_id: str) -> list[Path]:
    """Return every file that the shop's entry names, each once."""
    found = [path for one in file.sources(shop_id) for path in (*one.orders, *one.items)]
    found += [path for paths in shop_extras.files(file, shop_id).values() for path in paths]
    return list(dict.fromkeys(found))


def rows(file: ShopFile, shop_id: str, person: Person) -> Iterator[tuple[Path, int]]:
    """Yield the shop's files that hold the customer, and in how many rows; a file that is no table in none.

    A row counts that has one of the ids, keys or pseudonyms in a cell, or one of the order numbers where
    order numbers stand.
    """
    headers = _of_orders(file.sources(shop_id))
    known = person.ids | person.keys | person.names
    for path in files(file, shop_id):
        count = _count(path, known, person.numbers, headers)
        if count:
            yield path, count


def _of_orders(found: Collection[Source]) -> set[str]:
    """Return the headers under which order numbers stand, of orders and of items."""
    headers = {"order_id"}
    for source in found:
        platform = sources.load(source.platform)
        fields, _ = columns.declared(platform, source.columns or None)
        headers.update(fields.get("order_id", ()))
        headers.update(platform.items.fields.get("order_id", ()) if platform.items else ())
    return {cells.header(one).casefold() for one in headers}


def _count(path: Path, known: Collection[str], numbers: Collection[str], headers: set[str]) -> int:
    try:
        table = exports.read(path).table
    except NotNowError:
        raise
    except (ClvError, OSError):  # rules, schemes, registrations: they name nobody
        return 0
    holds = pd.Series(data=False, index=table.index)
    for title in table:
        text = table[title].astype("str").str.strip()
        holds |= text.isin(known)
        if cells.header(title).casefold() in headers:
            holds |= text.isin(numbers)
    return int(holds.sum())
