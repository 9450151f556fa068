"""Exports of every platform with cells in many forms, copies, damage, and what a clerk would make of them.

The clerk never parses a cell: each row knows what it was meant to say, in cents.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from clv import sources
from fuzz import cell_forms
from fuzz.cell_forms import Money
from fuzz.choices import Choices

WORDS = {  # of each platform: cells of the status column by what they mean; the first of '' is filled
    "taobao": {"": ["交易成功", ""], "unpaid": ["等待买家付款"], "closed": ["交易关闭"]},
    "youzan": {"": ["交易完成", ""], "unpaid": ["待付款"], "closed": ["交易关闭", "已取消"]},
    "pinduoduo": {"": ["已收货", ""], "unpaid": ["待支付"], "closed": ["已取消,退款"]},
    "douyin": {"": ["已完成", ""], "unpaid": ["待支付"], "closed": ["已关闭"]},
    "csv": {
        "": ["paid", ""],
        "unpaid": ["Pending"],
        "closed": ["cancelled", "VOID"],
        "refunded": ["refunded"],
    },
    "clean": {"": ["paid"]},
    "shopify": {"": ["paid"], "unpaid": ["pending"], "closed": ["voided"]},
    "wechat": {"": ["已完成"], "unpaid": ["待付款"], "closed": ["已取消"]},
}
PLATFORMS = list(WORDS)
_NAMES = ["amy", "王小明", "O'Hara", "bob ", "a,b", '"q"', "=1+1", "@x", "\u202eabc", "ß", "😀", "", "小红"]
_TITLES = [
    "金手镯",
    "ring",
    "a\nb",
    "=SUM(A1)",
    "\u200fעברית",
    "x\u200by",
    "tab\there",
    'say "hi"',
    "-",
    "🙂",
    "N/A",
]
_MONEY_FIELDS = ("amount", "total", "discount", "outstanding", "refund")
_FIRST = datetime(2026, 1, 5, 8, 0, 0)


@dataclass(frozen=True)
class Entry:
    """A row of an export: what its cells say, and what they mean."""

    order: str
    who: str
    time: str
    at: datetime | None
    state: str
    status: str
    money: dict[str, Money]
    title: str
    copy: bool = False  # of an earlier row: it must not count

    def cents(self, field: str) -> int | None:
        """Return the money of a field; None where there is none."""
        return self.money[field].cents if field in self.money else None


@dataclass(frozen=True)
class Ledger:
    """An export: its platform, and its rows."""

    platform: str
    entries: tuple[Entry, ...]

    def table(self) -> list[list[str]]:
        """Return the cells, the header first."""
        titles = _titles(self.platform)
        return [list(titles.values()), *([_cell(entry, field) for field in titles] for entry in self.entries)]


def _titles(platform: str) -> dict[str, str]:
    """Return the header of each field that rows here have."""
    source = sources.load(platform)
    wanted = ["order_id", "paid_at", "status", *_MONEY_FIELDS, "title"]
    titles = {field: source.fields[field][0] for field in wanted if field in source.fields}
    return titles | ({"buyer": source.buyers[0].headers[0]} if source.buyers else {})


def _cell(entry: Entry, field: str) -> str:
    plain = {"order_id": entry.order, "paid_at": entry.time, "status": entry.status, "title": entry.title}
    if field in plain:
        return plain[field]
    return entry.who if field == "buyer" else entry.money[field].text if field in entry.money else ""


def made(data: bytes) -> Ledger:
    """Return an export made of bytes: up to 40 rows, half of the time beside 300 that are in order."""
    choose = Choices(data)
    platform = choose.of(PLATFORMS)
    calm = not choose.one_in(2)  # no damage: few damaged rows are refused where there are not many others
    entries: list[Entry] = []
    while len(entries) < 40 and not (choose.spent and entries):
        entries += _order(choose, platform, f"{7_000_001 + len(entries)}", damaged=not calm)
    few = [] if calm else [_sound(platform, at) for at in range(300)]
    return Ledger(platform, (*few, *entries))


def _sound(platform: str, at: int) -> Entry:
    paid = {"amount": Money(f"{at + 1}.00", 100 * (at + 1))}
    when = _FIRST + timedelta(hours=at)
    told = WORDS[platform][""][0]
    return Entry(f"{9_000_001 + at}", f"b{at}", f"{when:%Y-%m-%d %H:%M:%S}", when, "", told, paid, f"金{at}")


def _order(choose: Choices, platform: str, number: str, *, damaged: bool) -> list[Entry]:
    source = sources.load(platform)
    level = "line" if source.money_is_of == "item" else source.a_row_is
    first = _entry(choose, platform, number, damaged=damaged)
    if level == "order":
        again = (
            [replace(first, title="copy " + first.title, copy=True)]
            if first.order and choose.one_in(6)
            else []
        )
        return [first, *again]
    more = [_next(choose, platform, first, at, level, damaged) for at in range(choose.below(4))]
    if level == "line" and first.order and choose.one_in(8):
        return [first, replace(first, copy=True), *more]
    return [first, *more]


def _entry(choose: Choices, platform: str, number: str, *, damaged: bool) -> Entry:
    state = choose.of(["", "", "", "", *WORDS[platform]])
    status = choose.of(WORDS[platform][state])
    at = _FIRST + timedelta(seconds=choose.below(20_000_000))
    time = cell_forms.moment(choose, at)
    blank = choose.one_in(8 if state in ("unpaid", "closed") else 40) and platform != "clean"
    if blank or (damaged and choose.one_in(12)):
        at, time = None, "" if blank else choose.of(cell_forms.NO_MOMENT)
    numbered = not (choose.one_in(30) and sources.load(platform).a_row_is == "order")
    title = f"{choose.of(_TITLES)} {number}"
    money = _money(choose, platform, damaged=damaged)
    return Entry(number if numbered else "", choose.of(_NAMES), time, at, state, status, money, title)


def _money(choose: Choices, platform: str, *, damaged: bool) -> dict[str, Money]:
    """Return the money cells of a row: paid, and as the platform has them, total, discount, refund."""
    fields = sources.load(platform).fields
    paid = choose.of([0, 1, 100, 9_900, 123_450, 999_999_99]) + choose.below(65_536)
    back = choose.of([0, 0, 0, 0, 1, paid // 3, paid, paid + 1])
    off = choose.of([0, 0, 0, 50])
    net = choose.one_in(2)
    meant = {"amount": paid - back if net and back <= paid else paid, "refund": back, "discount": off}
    meant |= {"total": paid + off, "outstanding": choose.of([0, 0, 0, 0, 25])}
    if choose.one_in(10) and platform in ("csv", "douyin"):
        meant |= {"amount": -paid, "total": -paid, "refund": 0, "outstanding": 0}
    there = [
        field for field in _MONEY_FIELDS if field in fields and (field == "amount" or not choose.one_in(4))
    ]
    cells = {field: cell_forms.money(choose, meant[field]) for field in there}
    if damaged and choose.one_in(10):
        cells[choose.of(there)] = cell_forms.no_money(choose)
    return cells


def _next(choose: Choices, platform: str, first: Entry, at: int, level: str, damaged: bool) -> Entry:
    """Return another row of an order."""
    title = f"{choose.of(_TITLES)} {first.order} {at}"
    if level == "line":
        mine = _entry(choose, platform, first.order, damaged=damaged)
        return replace(mine, order=first.order, who=first.who, title=title)
    if platform == "shopify":  # what is of the order stands in its first row
        return replace(first, time="", status="", money={}, title=title)
    items = {"refund": cell_forms.money(choose, choose.of([0, 0, 1]))} if "refund" in first.money else {}
    return replace(first, money=first.money | items, title=title)


@dataclass
class Unit:
    """What the clerk judges: an order, or a line of one. Money in cents."""

    order: str
    rows: int
    entry: Entry
    amount: int | None
    total: int | None
    back: int
    bad: bool
    off: int = 0
    outstanding: int = 0
    copy: bool = False
    reason: str = ""
    gross: int = 0
    kept: int = 0


@dataclass(frozen=True)
class Account:
    """What an export comes to, in cents: kept by order; rows and money by reason; and rows that are kept.

    `refused` where so many rows are damaged that nothing can be said.
    """

    refused: bool
    money_in: int = 0
    kept: dict[str, int] | None = None
    lost: dict[str, tuple[int, int]] | None = None
    rows_kept: int = 0


def reckoned(ledger: Ledger) -> Account:
    """Return what a clerk makes of an export, by the rules as the documentation has them."""
    units = _units(ledger)
    for unit in units:
        unit.reason = _unusable(unit)
    paid = [unit for unit in units if unit.reason in ("", "unreadable date", "unreadable amount")]
    damaged = [sum(unit.entry.at is None for unit in paid), sum(_bad_money(unit) for unit in paid)]
    if any(100 * count > len(paid) for count in damaged):
        return Account(refused=True)
    kind = _identity(units, sources.load(ledger.platform).refund_is)
    for unit in units:
        _weigh(unit, kind)
    taken = _set_returns_against_orders(units)
    return _account(units, taken)


def _units(ledger: Ledger) -> list[Unit]:
    source = sources.load(ledger.platform)
    if source.money_is_of == "item" or source.a_row_is == "order":
        return [_unit([entry], entry.cents("refund")) for entry in ledger.entries]
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in ledger.entries:
        groups[entry.order].append(entry)
    of_items = source.refund_is_of == "item"
    return [
        _unit(rows, sum(row.cents("refund") or 0 for row in rows) if of_items else rows[0].cents("refund"))
        for rows in groups.values()
    ]


def _unit(rows: Sequence[Entry], back: int | None) -> Unit:
    first = rows[0]
    bad = any(
        row.money[field].bad for row in rows for field in ("amount", "total", "refund") if field in row.money
    )
    return Unit(
        order=first.order, rows=len(rows), entry=first,
        amount=first.cents("amount"), total=first.cents("total"),
        back=abs(back or 0), bad=bad, off=first.cents("discount") or 0,
        outstanding=first.cents("outstanding") or 0, copy=first.copy,
    )  # fmt: skip


def _bad_money(unit: Unit) -> bool:
    return unit.amount is None or unit.bad


def _unusable(unit: Unit) -> str:
    entry = unit.entry
    tests = {
        "no order number": not unit.order,
        "duplicate line": unit.copy,
        "closed before payment": entry.state == "closed" and not entry.time,
        "not paid": entry.state == "unpaid" or not (entry.time or entry.status),
        "unreadable date": entry.at is None,
        "unreadable amount": _bad_money(unit),
    }
    return next((reason for reason, holds in tests.items() if holds), "")


def _vote(unit: Unit) -> str:
    due = None if unit.total is None else unit.total - unit.off
    paid = unit.amount - unit.outstanding
    if unit.back and (paid + unit.back == due or (due is None and unit.back > paid)):
        return "net"
    return "gross" if unit.back and paid == due else ""


def _identity(units: Sequence[Unit], told: str) -> tuple[str, str]:
    """Return what refunds are, and what they are where a row does not show it."""
    if told == "net by contract":
        return "net", "net"
    sound = [unit for unit in units if not unit.reason]
    votes = [_vote(unit) for unit in sound]
    net, gross = votes.count("net"), votes.count("gross")
    if not any(unit.back for unit in sound):
        return told, told
    if not net + gross:
        whole = any(unit.back and unit.amount - unit.outstanding == unit.back for unit in sound)
        return ("gross", "gross") if whole else (told, told)
    if max(net, gross) < 0.95 * (net + gross):
        return "mixed", told
    return ("net", "net") if net >= gross else ("gross", "gross")


def _weigh(unit: Unit, kind: tuple[str, str]) -> None:
    if unit.amount is None:
        unit.gross = unit.total or 0
        return
    paid = unit.amount - unit.outstanding
    shown = (_vote(unit) or kind[1]) if kind[0] == "mixed" else kind[0]
    unit.kept = paid if shown == "net" else paid - unit.back
    counted = unit.back if unit.kept == paid else 0
    unit.gross = unit.amount + counted if unit.total is None else unit.total
    if unit.reason:
        return
    wholly = unit.entry.state == "refunded" and not unit.back and unit.kept > 0
    if wholly or (unit.back and unit.kept <= 0):
        unit.reason = "fully refunded"
    elif unit.entry.state == "closed":
        unit.reason = "closed after payment"
    elif unit.kept <= 0:
        unit.reason = "negative or zero amount"


def _set_returns_against_orders(units: Sequence[Unit]) -> dict[int, int]:
    """Take returned lines off their orders, the largest line first; return what went off each unit."""
    owed: dict[str, int] = defaultdict(int)
    for unit in units:
        if unit.reason == "negative or zero amount" and unit.kept < 0:
            owed[unit.order] -= unit.kept
    taken: dict[int, int] = defaultdict(int)
    good = [unit for unit in units if not unit.reason and unit.order in owed]
    for unit in sorted(good, key=lambda one: -one.kept):
        taken[id(unit)] = min(owed[unit.order], unit.kept)
        owed[unit.order] -= taken[id(unit)]
        unit.kept -= taken[id(unit)]
    left: dict[str, int] = defaultdict(int)
    for unit in good:
        left[unit.order] += unit.kept
    for unit in good:
        if left[unit.order] <= 0:
            unit.reason = "fully refunded"
    return taken


def _account(units: Sequence[Unit], taken: dict[int, int]) -> Account:
    kept: dict[str, int] = defaultdict(int)
    lost: dict[str, tuple[int, int]] = {}
    rows_kept = 0

    def count(reason: str, rows: int, cents: int) -> None:
        before = lost.get(reason, (0, 0))
        lost[reason] = before[0] + rows, before[1] + cents

    for unit in units:
        if unit.reason:
            count(unit.reason, unit.rows, unit.gross)
            continue
        kept[unit.order] += unit.kept
        rows_kept += unit.rows
        back = unit.back + taken[id(unit)]
        if back:
            count("part of kept orders paid back", unit.rows, back)
        if unit.gross - unit.kept - back:
            count("discount between total and paid", unit.rows, unit.gross - unit.kept - back)
    return Account(False, sum(unit.gross for unit in units), dict(kept), lost, rows_kept)
