"""Order exports → orders: one row per order that the shop kept money from, and a table of what was left out.

exports → columns (our field names) → typed_rows → settling: versions (copies, older states), losses (reasons,
money), returns
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from clv import sources, tables
from clv.declaring import addresses
from clv.declaring.addresses import Address
from clv.errors import NoAnswerError
from clv.language import tell
from clv.reading import buyers, exports, keys, lines, losses, order_terms, remarks, typed_rows
from clv.reading.buyers import Buyers
from clv.reading.columns import Gathered, gather
from clv.reading.exports import Export
from clv.reading.gifts import KEEP, Gifts
from clv.reading.gifts import notes as gift_notes
from clv.reading.returns import of_units
from clv.reading.settling import Settled, settle
from clv.sources import Platform

Paths = str | Path | Iterable[str | Path]
PathsOrTables = str | Path | Address | Iterable[str | Path | Address]


@dataclass(frozen=True)
class OrdersRead:
    """What a shop's exports hold.

    Attributes
    ----------
    orders
        ORDERS table, by time of payment.
    lines
        LINES table of the kept orders; empty where no file has items.
    losses
        LOSSES table: `money_in` = sum of kept amounts + sum of `money` at stage 'read', to the cent.
    returns
        RETURNS table: what named customers were paid back, for kept orders and for those left out.
    money_in
        All money that the files' rows name, copies and unpaid orders too.
    refund_identity
        One sentence: which refund identity the file obeys and what was done.
    notes
        Sentences for the reader.
    files
        Name, encoding and rows of each order file.
    terms
        TERMS table of the kept orders: what was taken off, when they arrived, the day's price index.
    keys
        KEYS table of the kept orders, raw: what else tells who may be one person.
    buyer_kind
        What customer ids are: id, nick, phone or email; None where the export names nobody.
    """

    orders: pd.DataFrame
    lines: pd.DataFrame
    losses: pd.DataFrame
    returns: pd.DataFrame
    terms: pd.DataFrame
    keys: pd.DataFrame
    money_in: float
    currency: str | None
    refund_identity: str
    notes: tuple[str, ...]
    platform: str
    has_customers: bool
    why_no_customers: str | None
    what_would_help: str
    rows_read: int
    files: tuple[tuple[str, str, int], ...]
    buyer_kind: str | None


def read(
    paths: PathsOrTables,
    *,
    platform: str,
    items: Paths = (),
    columns: Mapping[str, str] | None = None,
    until: date | str | None = None,
    timezone: str | None = None,
    date_format: str | None = None,
    gifts: Gifts = KEEP,
) -> OrdersRead:
    """Read the order exports of one shop.

    Parameters
    ----------
    paths, items
        Files, folders, globs or `package:` addresses of order exports, and of the item exports beside them;
        an order export may be a table of a database too (`clv.declaring.addresses`).
    platform
        A file name of clv/sources: taobao, youzan, wechat, shopify, pinduoduo, douyin, csv, clean, cdnow.
    columns
        Our field: header in the file; for `csv` the only columns looked at.
    until
        Last day of observation; later orders are left out.
    timezone
        Where stamps with an offset are moved to, such as Asia/Shanghai.
    date_format
        Form of the payment time, such as '%d/%m/%Y %H:%M'.
    gifts
        What becomes of orders that are gifts.

    Raises
    ------
    InputError
        A file, a column or a value is not what it should be.
    SettingError
        The platform, time zone, date format or column map is wrong.
    """
    source = sources.load(platform)
    last = tables.as_day(until) if until else None
    gathered, files, remarked = _gathered(paths, source, columns=columns, timezone=timezone)
    names = [name for name, _, _ in files]
    people = buyers.choose(gathered, source)
    how = {"timezone": timezone, "date_format": date_format}
    settled = _settled(gathered, people, source, names=names, until=last, gifts=gifts, **how)
    of_items, more = _lines(items, source, settled)
    terms = order_terms.of(settled, names=names, until=last, **how)
    beside = _beside(gathered, settled, source, export=platform, gifts=gifts)
    del gathered  # a large export's cells are no longer held while the result is made
    return _result(
        settled,
        of_items,
        terms,
        people,
        source,
        files=files,
        more=more,
        remarked=(*remarked, *(note for export in more for note in export.notes)),
        **beside,
    )


def _gathered(
    paths: PathsOrTables, source: Platform, *, columns: Mapping[str, str] | None, timezone: str | None
) -> tuple[Gathered, tuple[tuple[str, str, int], ...], list[str]]:
    """Return the rows under our names, the files that they are from, and notes on these.

    The cells that nothing asks for, most of a large export, are not held beyond this.
    """
    found = _exports(paths, source, columns=columns, timezone=timezone)
    files = tuple((export.name, export.encoding, len(export.table)) for export in found)
    return gather(found, source, columns=columns), files, [note for one in found for note in one.notes]


def _settled(
    gathered: Gathered,
    people: Buyers,
    source: Platform,
    *,
    names: Sequence[str],
    until: date | None,
    gifts: Gifts,
    timezone: str | None,
    date_format: str | None,
) -> Settled:
    how = {"timezone": timezone, "date_format": date_format}
    rows = typed_rows.typed(gathered, people, source, names=names, gifts=gifts, **how)
    settled = settle(rows, gathered, source, names=names, until=until)
    return replace(settled, notes=(*settled.notes, *gift_notes(rows, gifts)))


def _beside(
    gathered: Gathered, settled: Settled, source: Platform, *, export: str, gifts: Gifts
) -> dict[str, Any]:
    """Return what else the cells tell: keys of the kept orders and the currency; and whose export it is."""
    of_keys = keys.of(gathered, settled, source, export=export, gifts=gifts)
    return {"of_keys": of_keys, "currency": typed_rows.currency(gathered, source), "platform": export}


def _exports(
    paths: PathsOrTables, source: Platform, *, columns: Mapping[str, str] | None, timezone: str | None
) -> list[Export]:
    given = [paths] if isinstance(paths, str | Path | Address) else list(paths)
    lying = [addresses.parsed(one) if addresses.is_address(one) else one for one in given]
    at = [one for one in lying if isinstance(one, Address)]
    files = exports.find([one for one in lying if one not in at]) if len(at) < len(lying) or not at else []
    found = [exports.read(path, separator=source.separator, names=source.header) for path in files]
    if not at:
        return found
    from clv import databases  # Ibis takes a while, and files do without it

    rows = [databases.export(one, platform=source, column_map=columns, timezone=timezone) for one in at]
    return [*found, *rows]


def _result(
    settled: Settled,
    of_items: pd.DataFrame,
    terms: pd.DataFrame,
    people: Buyers,
    source: Platform,
    *,
    files: tuple[tuple[str, str, int], ...],
    more: Sequence[Export],
    remarked: Sequence[str],
    currency: str | None,
    platform: str,
    of_keys: pd.DataFrame,
) -> OrdersRead:
    orders = _orders(settled.kept, of_items)
    return OrdersRead(
        orders=orders,
        lines=of_items,
        losses=losses.tally(settled.units, orders),
        returns=of_units(settled.units),
        terms=terms,
        keys=of_keys,
        money_in=math.fsum(settled.units["gross"]),
        currency=currency,
        refund_identity=settled.identity,
        notes=(
            *remarked,
            people.sentence,
            *source.notes,
            *settled.notes,
            *remarks.of_lines(of_items, orders, asked=bool(more)),
        ),
        platform=platform,
        has_customers=bool(orders["customer_id"].notna().any()),
        why_no_customers=_why_no_customers(orders, source),
        what_would_help=source.what_would_help,
        rows_read=len(settled.rows),
        files=files,
        buyer_kind=people.kind,
    )


def require_customers(orders_read: OrdersRead) -> pd.DataFrame:
    """Return the orders if at least one of them names its buyer.

    Raises
    ------
    NoAnswerError
        No order does; says why and what would help.
    """
    if orders_read.has_customers:
        return orders_read.orders
    raise NoAnswerError(
        tell(
            "these orders cannot be told apart by customer: {why_no_customers}; what would help: "
            "{what_would_help}.",
            why_no_customers=orders_read.why_no_customers,
            what_would_help=orders_read.what_would_help,
        )
    )


def _why_no_customers(orders: pd.DataFrame, source: Platform) -> str | None:
    if orders.empty:
        return "no order of this export was paid and kept"
    return None if orders["customer_id"].notna().any() else source.why_no_customers


def _lines(items: Paths, source: Platform, settled: Settled) -> tuple[pd.DataFrame, list[Export]]:
    """Return the lines of the kept orders and the item exports that they came from."""
    rows, kept, level = settled.rows, settled.kept, settled.level
    given = [items] if isinstance(items, str | Path) else list(items)
    if given:
        more = [exports.read(path) for path in exports.find(given, what=tell("item export"))]
        all_lines = lines.of_items(more, source)
        mine = all_lines["order_id"].isin(kept["order_id"])
        return all_lines[mine].reset_index(drop=True), more
    if level == "line":
        return lines.of_rows(kept.assign(amount=kept["kept"])), []
    if level == "cells":
        mine = rows[rows["order_id"].isin(kept["order_id"])].drop_duplicates(["order_id", "copy_of"])
        return lines.of_rows(mine.assign(amount=mine["quantity"] * mine["price"])), []
    return lines.of_rows(kept.iloc[:0]), []


def _orders(kept: pd.DataFrame, of_items: pd.DataFrame) -> pd.DataFrame:
    by = kept.groupby("order_id", sort=False)
    first = by[["customer_id", "category", "channel"]].first().astype("str")
    orders = first.assign(
        paid_at=by["paid_at"].min(),
        amount=by["kept"].sum(),
        refunded=by["refunded"].sum(),
        is_gift=by["is_gift"].any(),
    )
    main = lines.main_category(of_items).reindex(orders.index)
    orders["category"] = main.fillna(orders["category"])
    ordered = orders.reset_index().sort_values(["paid_at", "order_id"], kind="stable")
    return tables.check(ordered[list(tables.ORDERS.columns)].reset_index(drop=True), tables.ORDERS)
