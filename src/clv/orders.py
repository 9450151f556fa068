"""Order exports → orders: one row per order that the shop kept money from, and a table of what was left out.

exports → columns (our field names) → typed_rows → versions (copies, older states) → losses (reasons, money)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from clv import sources, tables
from clv.errors import InputError, NoAnswerError
from clv.reading import buyers, damaged_ids, exports, lines, losses, remarks, typed_rows, versions
from clv.reading.columns import Gathered, gather
from clv.reading.exports import Export
from clv.sources import Platform

Paths = str | Path | Iterable[str | Path]


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
    money_in
        All money that the files' rows name, copies and unpaid orders too.
    refund_identity
        One sentence: which refund identity the file obeys and what was done.
    notes
        Sentences for the reader.
    files
        Name, encoding and rows of each order file.
    """

    orders: pd.DataFrame
    lines: pd.DataFrame
    losses: pd.DataFrame
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


def read(
    paths: Paths,
    *,
    platform: str,
    items: Paths = (),
    columns: Mapping[str, str] | None = None,
    until: date | str | None = None,
    timezone: str | None = None,
    date_format: str | None = None,
) -> OrdersRead:
    """Read the order exports of one shop.

    Parameters
    ----------
    paths, items
        Files, globs or `package:` addresses of order exports, and of the item exports beside them.
    platform
        A file name of clv/sources: taobao, youzan, wechat, shopify, pinduoduo, douyin, csv, cdnow.
    columns
        Our field: header in the file; for `csv` the only columns looked at.
    until
        Last day of observation; later orders are left out.
    timezone
        Where stamps with an offset are moved to, such as Asia/Shanghai.
    date_format
        Form of the payment time, such as '%d/%m/%Y %H:%M'.

    Raises
    ------
    InputError
        A file, a column or a value is not what it should be.
    SettingError
        The platform, time zone, date format or column map is wrong.
    """
    source = sources.load(platform)
    last = tables.as_day(until) if until else None
    found = [
        exports.read(path, separator=source.separator, names=source.header) for path in exports.find(paths)
    ]
    names = [export.name for export in found]
    gathered = gather(found, source, columns=columns)
    currency = typed_rows.currency(gathered, source)
    people = buyers.choose(gathered, source)
    rows = typed_rows.typed(gathered, people, source, names=names, timezone=timezone, date_format=date_format)
    rows, level = _numbered(rows, gathered), _level(gathered, source)
    rounded = _rounded(rows, names)
    units = versions.settle(
        rows, level=level, names=names, rounded=rounded["order_id"], refund_is_of=source.refund_is_of
    )
    units, identity = losses.judge(units, names=names, until=last, platform_says=source.refund_is)
    kept = units[units["reason"].isna()]
    of_items, more = _lines(items, source, rows, kept, level)
    orders = _orders(kept, of_items)
    return OrdersRead(
        orders=orders,
        lines=of_items,
        losses=losses.tally(units, orders),
        money_in=float(units["gross"].sum()),
        currency=currency,
        refund_identity=identity.sentence,
        notes=(
            *(note for export in (*found, *more) for note in export.notes),
            people.sentence,
            *source.notes,
            *remarks.of_ids(rounded, ordered="order_id" in gathered.present),
            *remarks.of_money(units, level=level),
            *remarks.of_lines(of_items, orders, asked=bool(more)),
        ),
        platform=platform,
        has_customers=bool(orders["customer_id"].notna().any()),
        why_no_customers=_why_no_customers(orders, source),
        what_would_help=source.what_would_help,
        rows_read=len(rows),
        files=tuple((export.name, export.encoding, len(export.table)) for export in found),
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
        f"these orders cannot be told apart by customer: {orders_read.why_no_customers}; "
        f"what would help: {orders_read.what_would_help}."
    )


def _why_no_customers(orders: pd.DataFrame, source: Platform) -> str | None:
    if orders.empty:
        return "no order of this export was paid and kept"
    return None if orders["customer_id"].notna().any() else source.why_no_customers


def _numbered(rows: pd.DataFrame, gathered: Gathered) -> pd.DataFrame:
    """Give each row of an export without order numbers its own; equal rows of two files are one order."""
    if "order_id" in gathered.present:
        return rows
    nth = rows.groupby(["file", "copy_of"], sort=False).cumcount()
    first = rows.assign(nth=nth).groupby(["copy_of", "nth"], sort=False)[["file", "row"]].transform("first")
    name = "file " + (first["file"] + 1).astype("str") + " row " + first["row"].astype("str")
    return rows.assign(order_id=name.str.removeprefix("file 1 "))


def _level(gathered: Gathered, source: Platform) -> str:
    if source.money_is_of == "item" or gathered.rows["line_id"].notna().any():
        return "line"
    return "order" if source.a_row_is == "order" else "cells"


def _rounded(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return which order and customer ids Excel has rounded; refuse customers that could fall together."""
    marks = {
        name: rows.groupby("file", sort=False)[name].transform(damaged_ids.rounded).astype(bool)
        for name in ("order_id", "customer_id")
    }
    people = rows[marks["customer_id"]]
    orders_of = people.groupby("customer_id")["order_id"].nunique()
    shared = people[people["customer_id"].isin(orders_of.index[orders_of > 1])]
    if not shared.empty:
        first = shared.iloc[0]
        raise InputError(
            f"Excel has rounded the buyer ids of {len(people):,} rows, and {len(shared):,} of them share one "
            f"with another order, first row {first['row']} of {names[first['file']]}: these may be different "
            "people; export again and do not open the file in Excel before."
        )
    return pd.DataFrame(marks)


def _lines(
    items: Paths, source: Platform, rows: pd.DataFrame, kept: pd.DataFrame, level: str
) -> tuple[pd.DataFrame, list[Export]]:
    """Return the lines of the kept orders and the item exports that they came from."""
    given = [items] if isinstance(items, str | Path) else list(items)
    if given:
        more = [exports.read(path) for path in exports.find(given, what="item export")]
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
