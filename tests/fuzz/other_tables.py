"""What a shop knows beside its orders, with damage: tables that keep their contract, or one sentence.

Members, contacts, visits, past campaigns, givers of gifts, links, points, a price index, the items of orders,
and the log of CDNOW, whose cells stand between blanks.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import pandas as pd

from clv import extras, orders, prices, tables
from clv.errors import ClvError
from clv.reading import link_files, point_files
from clv.reading.extra_columns import Manner
from fuzz import cell_forms, ledgers, sheets
from fuzz.choices import Choices
from fuzz.whole_files import HALF_CENT, balances, folder, one_sentence

_FIRST = datetime(2026, 1, 5, 8)
_WHO = [
    "m1",
    "m2",
    "王小明",
    "13812345678",
    "a@b.cn",
    "*",
    "",
    "1.0",
    "=1+1",
    "\u202ex",
    "2.1E+16",
    "m 3",
    "-",
]
_WORDS = [
    "yes",
    "no",
    "是",
    "否",
    "1",
    "0.0",
    "",
    "maybe",
    "sms",
    "短信",
    "email",
    "sent",
    "opened",
    "退订",
    "send",
]
_WORDS += [
    "control",
    "viewed",
    "pv",
    "earned",
    "获得",
    "out",
    "女",
    "f",
    "phone",
    "customer_id",
    "05-20",
    "1990-05-20",
]
_HEADERS = {  # of each table; a cell of `at` is a moment, of `points` a number
    "members": ["member_id", "consent_sms", "允许邮件", "birthday", "gender", "joined_on", "points", "tier"],
    "contacts": ["member_id", "channel", "at", "event", "campaign", "runs_until"],
    "messages": ["member_id", "channel", "sent_at", "opened_at", "clicked", "opted_out", "status"],
    "visits": ["member_id", "at", "kind", "sku", "category"],
    "gift_givers": ["member_id", "order_id"],
    "past_campaigns": ["member_id", "campaign", "offer", "channel", "arm", "sent_on", "runs_until"],
    "persons": ["person", "kind", "value", "source"],
    "pairs": ["customer_id", "same_as", "source"],
    "price_index": ["date", "index"],
}
_TIMES = {"at", "sent_at", "opened_at", "joined_on", "runs_until", "sent_on", "date"}
_READERS: dict[str, Callable] = {
    "members": extras.members,
    "contacts": extras.contacts,
    "messages": extras.contacts,
    "visits": extras.visits,
    "gift_givers": extras.gift_givers,
    "past_campaigns": extras.past_campaigns,
}


def _cell(choose: Choices, title: str) -> str:
    if choose.one_in(12):
        return choose.of([*cell_forms.NO_MOMENT, *cell_forms.NO_MONEY, *cell_forms.MISSING])
    if title in _TIMES:
        return cell_forms.moment(choose, _FIRST + timedelta(seconds=choose.below(20_000_000)))
    if title in ("points", "index"):
        return cell_forms.money(choose, choose.below(65_536)).text
    return choose.of(_WHO if title.endswith("_id") or title in ("person", "value", "same_as") else _WORDS)


def _written(choose: Choices, rows: list[list[str]]) -> str:
    form = choose.of(list(sheets.FORMS))
    path = folder() / f"table-{form}"
    path.write_bytes(sheets.FORMS[form](rows))
    return str(path)


def others(data: bytes) -> dict[str, int]:
    """Read a table of any kind; its rows in another order must say the same."""
    choose = Choices(data)
    kind = choose.of(list(_HEADERS))
    titles = [title for title in _HEADERS[kind] if not choose.one_in(20)] or ["x", "y"]
    rows = [[_cell(choose, title) for title in titles] for _ in range(1 + choose.below(40))]
    manner = Manner(kind=choose.of(["id", "nick", "phone", "email"])) if choose.one_in(4) else Manner()
    said = [_answer(kind, _written(choose, [titles, *part]), manner) for part in (rows, rows[::-1])]
    assert said[0] == said[1], kind
    return {"files": 2, "rows": 2 * len(rows), "cells": 2 * len(rows) * len(titles)}


def _answer(kind: str, path: str, manner: Manner) -> object:
    try:
        if kind == "price_index":
            return prices.load(path).to_dict()
        if kind in ("persons", "pairs"):  # their rows keep the order of the file
            return len(link_files.read(path, known=["shop"]).table)
        found = _READERS[kind](path, manner=manner).table
    except ClvError as error:
        one_sentence(error)
        return "refused"
    return pd.DataFrame(found).reset_index().astype("str").to_dict("list")


def points(data: bytes) -> dict[str, int]:
    """Read changes of points: all that is written of named customers is kept, or left out and counted."""
    choose = Choices(data)
    rows, written = [["member_id", "at", "points", "kind"]], 0
    for at in range(300 + choose.below(20)):
        cents = 100 * (1 + choose.below(65_536)) if at >= 300 else 100
        cell = (
            cell_forms.no_money(choose) if at >= 300 and choose.one_in(8) else cell_forms.money(choose, cents)
        )
        kind = choose.of(["earned", "used", "获得", "?", "expired"]) if at >= 300 else "earned"
        rows.append([f"m{at}", f"2026-01-05 10:{at // 60:02}:{at % 60:02}", cell.text, kind])
        written += cell.cents or 0
    try:
        found = point_files.counted(_written(choose, rows), manner=Manner())
    except ClvError as error:
        one_sentence(error)
        return {"files": 1, "rows": len(rows) - 1}
    total = found.table["points"].abs().sum() + found.left_out["points"].sum()
    assert abs(total - written / 100) < HALF_CENT, (total, written)
    assert len(found.table) + found.left_out["rows"].sum() == len(rows) - 1
    return {"files": 1, "rows": len(rows) - 1, "cells": 4 * len(rows)}


def items(data: bytes) -> dict[str, int]:
    """Read orders with and without an item export beside them: it changes no order's money."""
    choose = Choices(data)
    made = ledgers.made(bytes([choose.below(2)]) + data[2:])
    table, titles = made.table(), {"taobao": ["订单编号", "标题", "购买数量", "价格"]}
    header = titles.get(made.platform, ["订单号", "商品名称", "商品数量", "商品实际成交金额"])
    numbers = [entry.order for entry in made.entries] + ["", "strange"]
    rows = [
        [choose.of(numbers), "金", _cell(choose, "points"), _cell(choose, "points")]
        for _ in range(1 + choose.below(30))
    ]
    path = _written(choose, [header, *rows])
    export = folder() / "orders.csv"
    export.write_bytes(sheets.FORMS["utf-8.csv"](table))
    try:
        alone = orders.read(export, platform=made.platform)
        beside = orders.read(export, platform=made.platform, items=path)
    except ClvError as error:
        one_sentence(error)
        return {"files": 1, "rows": len(rows)}
    balances(beside)
    money = ["order_id", "amount", "refunded", "paid_at"]
    pd.testing.assert_frame_equal(alone.orders[money], beside.orders[money])
    assert alone.money_in == beside.money_in
    assert beside.lines["order_id"].isin(beside.orders["order_id"]).all()
    tables.check(beside.lines, tables.LINES)
    return {"files": 3, "rows": 2 * len(table) + len(rows)}


def blanks(data: bytes) -> dict[str, int]:
    """Read a log whose cells stand between blanks: its money is the sum of its lines."""
    choose = Choices(data)
    lines, cents = [], 0
    for at in range(1 + choose.below(200)):
        paid = choose.below(65_536)
        day = f"{_FIRST - timedelta(days=10_000 + choose.below(500)):%Y%m%d}"
        blank = choose.of([" ", "   ", "\t"])
        lines.append(blank.join([f"{at % 60:05}", day, "1", f"{paid // 100}.{paid % 100:02}"]))
        cents += paid
    path = folder() / "log.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = orders.read(path, platform="cdnow")
    balances(found)
    assert found.rows_read == len(lines)
    assert abs(found.money_in - cents / 100) < HALF_CENT
    return {"files": 1, "rows": len(lines), "cells": 4 * len(lines)}


TARGETS = {"others": others, "points": points, "items": items, "blanks": blanks}
SEEDS = {name: [bytes(range(256)), bytes(range(255, 0, -1)) * 2, bytes(200)] for name in TARGETS}
