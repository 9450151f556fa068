"""Customers of a shop whose orders are clean already, added up where they lie: one row each comes back.

Orders that are to be cleaned, joined to persons, or put at one day's prices are read row by row instead.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import ibis
import pandas as pd

from clv import customers, databases, order_tables, parquet_files, purged
from clv.errors import InputError
from clv.keeping import hidden, kept
from clv.language import tell
from clv.reading import shown
from clv.shop_files import ShopFile

_CLEAN = "clean"


def fits(file: ShopFile, shop_id: str) -> bool:
    """Return whether the orders are one clean table, or Parquet, and nothing else shapes the customers."""
    entry = file.entry(shop_id)
    shaped = entry.merges or entry.also or entry.columns or entry.price_index or entry.gifts != "keep"
    if entry.platform != _CLEAN or shaped:
        return False
    (source,) = file.sources(shop_id)
    if source.tables:
        return len(source.tables) == 1 and not source.orders
    return all(path.suffix.lower() == ".parquet" for path in source.orders)


def until(file: ShopFile, shop_id: str, *, key: str) -> date:
    """Return the day of the last order, a nameless one's too; kept under `key`.

    Raises
    ------
    InputError
        There is no order, or order numbers stand twice.
    """

    def build() -> kept.Bundle:
        return kept.Bundle({}, {"day": _checked_last_day(file, shop_id).isoformat()})

    return date.fromisoformat(kept.bundle(shop_id, f"until-{key}", build).words["day"])


def customers_of(
    file: ShopFile, shop_id: str, *, key: str, last_day: str, secret: bytes | None
) -> pd.DataFrame:
    """Return CUSTOMERS, with ids as reports show them, up to the day `last_day` ('': that of the last order).

    They are kept under `key`.

    Raises
    ------
    InputError, NoAnswerError
        As `customers.summarise` does; InputError where order numbers stand twice too.
    """

    def build() -> kept.Bundle:
        with _opened(file, shop_id) as table:
            found = customers.summarise(table, until=end)
        if gone := purged.of(shop_id):
            found = found[~gone.hold(found.index.to_series())]
        ids = hidden.shown(found.index.to_series(), secret=secret)
        named = found.set_axis(pd.Index(ids, name="customer_id")).sort_index()
        words = {name: shown.goods(named[name]) for name in ("category", "channel")}
        return kept.Bundle({"customers": named.assign(**words)}, {})

    last = until(file, shop_id, key=key)  # in any case: it looks at the order numbers
    end = date.fromisoformat(last_day) if last_day else last
    return kept.bundle(shop_id, f"customers-{key}", build).frames["customers"]


def _checked_last_day(file: ShopFile, shop_id: str) -> date:
    with _opened(file, shop_id) as table:
        asked = {"rows": table.count(), "orders": table.order_id.nunique(), "last": table.paid_at.max()}
        found = table.aggregate(**asked).to_pandas().iloc[0]
    name = tell("shop {shop_id!r}", shop_id=shop_id)
    if pd.isna(found["last"]):
        raise InputError(
            tell("{name:s}: its table of orders has no order with a time of payment.", name=name)
        )
    if found["rows"] > found["orders"]:
        raise InputError(
            tell(
                "{name:s}: {again:,} of {rows:,} rows have no order number of their own; a clean table has "
                "one row per order.",
                name=name,
                again=found["rows"] - found["orders"],
                rows=found["rows"],
            )
        )
    return found["last"].date()


@contextmanager
def _opened(file: ShopFile, shop_id: str) -> Iterator[ibis.Table]:
    (source,) = file.sources(shop_id)
    if source.tables:
        with databases.clean(source.tables[0]) as table:
            yield order_tables.checked(table, source.tables[0].name)
        return
    with parquet_files.told(source.orders[0]):
        table = parquet_files.opened(source.orders)
        yield order_tables.checked(table, source.orders[0].name)
