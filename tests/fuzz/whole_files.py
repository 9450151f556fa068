"""The whole importer of orders: bytes → a file → `orders.read`, against the clerk's account."""

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from clv import orders, tables
from clv.errors import ClvError
from clv.orders import OrdersRead
from fuzz import ledgers, sheets
from fuzz.choices import Choices
from fuzz.ledgers import PLATFORMS, Account, Ledger

HALF_CENT = 0.005
PARTIAL = {"part of kept orders paid back", "discount between total and paid"}


@cache
def folder() -> Path:
    """Return a folder of this process, in memory where there is one."""
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    made = tempfile.TemporaryDirectory(prefix="clv-fuzz-", dir=place)
    _OPEN.append(made)
    return Path(made.name)


_OPEN: list[tempfile.TemporaryDirectory] = []


def read(parts: Sequence[tuple[str, bytes]], platform: str, **how: object) -> OrdersRead:
    """Read files of the given names and contents."""
    paths = []
    for at, (name, content) in enumerate(parts):
        path = folder() / f"{at}-{name}"
        path.write_bytes(content)
        paths.append(path)
    return orders.read(paths, platform=platform, **how)


def balances(found: OrdersRead) -> None:
    """Hold money in = money kept + money left out, to the cent; rows likewise, where a row is an order."""
    lost = found.losses[found.losses["stage"] == "read"]
    assert abs(found.money_in - found.orders["amount"].sum() - lost["money"].sum()) < HALF_CENT
    assert (found.orders["amount"] > 0).all()
    assert lost.loc[~lost["reason"].isin(PARTIAL), "rows"].sum() + len(found.orders) <= found.rows_read
    tables.check(found.orders, tables.ORDERS)
    tables.check(found.losses, tables.LOSSES)


def agrees(found: OrdersRead, account: Account, rows: int) -> None:
    """Hold what was read to what the clerk reckons: every order, every reason, to the cent."""
    balances(found)
    assert not account.refused, "the clerk would have refused this"
    assert found.rows_read == rows
    assert abs(found.money_in - account.money_in / 100) < HALF_CENT
    kept = found.orders.set_index("order_id")["amount"]
    assert {order: round(money * 100) for order, money in kept.items()} == account.kept
    lost = found.losses[found.losses["stage"] == "read"].set_index("reason")[["rows", "money"]]
    told = {reason: (int(row["rows"]), round(row["money"] * 100)) for reason, row in lost.iterrows()}
    assert told == account.lost
    left_out = sum(rows for reason, (rows, _) in account.lost.items() if reason not in PARTIAL)
    assert left_out + account.rows_kept == rows


def ledger(data: bytes) -> dict[str, int]:
    """Read an export in one of the forms of file; the clerk's account must come out."""
    choose = Choices(data)
    form = choose.of(list(sheets.FORMS))
    made = ledgers.made(data[1:])
    table = made.table()
    account = ledgers.reckoned(made)
    try:
        found = read([(form, sheets.FORMS[form](table))], made.platform)
    except ClvError as error:
        assert account.refused, f"refused: {error}"
        one_sentence(error)
    else:
        agrees(found, account, len(made.entries))
    return _held(table)


def damaged(data: bytes) -> dict[str, int]:
    """Read an export of which some bytes are others: one sentence, or money that balances."""
    choose = Choices(data)
    form, times = choose.of(list(sheets.FORMS)), 1 + choose.below(8)
    places = [(choose.below(65_536), choose.below(256), choose.below(4)) for _ in range(times)]
    made = ledgers.made(data[1 + 4 * times :])
    content = bytearray(sheets.FORMS[form](made.table()))
    for place, byte, how in places:
        at = place % (len(content) + 1)
        content[at : at + (how != 1)] = [b"", bytes([byte]), bytes([byte]), content[at:]][how][:500]
    balanced(form, bytes(content), made.platform)
    return _held(made.table())


def any_bytes(data: bytes) -> dict[str, int]:
    """Read any bytes as an export."""
    platform = PLATFORMS[data[0] % len(PLATFORMS)] if data else "csv"
    balanced("any.csv", data[1:], platform)
    return {"bytes": len(data)}


def balanced(name: str, content: bytes, platform: str) -> OrdersRead | None:
    """Read a file; return what was read and balances, None where it was refused in one sentence."""
    try:
        found = read([(name, content)], platform)
    except ClvError as error:
        one_sentence(error)
        return None
    balances(found)
    return found


def one_sentence(error: ClvError) -> None:
    """Hold an error to one line that ends as a sentence does and does not run on."""
    text = str(error)
    assert text.endswith((".", "?")), text
    assert "Traceback" not in text
    assert len(text) < 1_500, text


def _held(table: Sequence[Sequence[str]]) -> dict[str, int]:
    return {"files": 1, "rows": len(table) - 1, "cells": sum(map(len, table[1:]))}


def halves(made: Ledger) -> tuple[Ledger, Ledger]:
    """Return an export as two, each order in one of them."""
    numbers = sorted({entry.order for entry in made.entries})
    early = set(numbers[: len(numbers) // 2])
    parts = [
        tuple(entry for entry in made.entries if (entry.order in early) == first) for first in (True, False)
    ]
    return Ledger(made.platform, parts[0]), Ledger(made.platform, parts[1])


def same_whole(data: bytes) -> dict[str, int]:
    """Read an export whole, turned upside down, in two halves and in another form: the same must come out."""
    choose = Choices(data)
    form, other = choose.of(list(sheets.FORMS)), choose.of(list(sheets.FORMS))
    made = ledgers.made(data[2:])
    table = made.table()
    whole = _answer([(form, sheets.FORMS[form](table))], made.platform)
    ways = {"in another form": [(other, sheets.FORMS[other](table))]}
    if made.platform not in (
        "shopify",
        "wechat",
    ):  # their orders are several rows, the first of which has the money
        ways["upside down"] = [(form, sheets.FORMS[form]([table[0], *table[:0:-1]]))]
    parts = [half.table() for half in halves(made) if half.entries]
    ways["in halves"] = [(form, sheets.FORMS[form](part)) for part in parts]
    for way, files in ways.items():
        assert _answer(files, made.platform) == whole, way
    return {"files": 2 + len(ways), "rows": (2 + len(ways)) * (len(table) - 1)}


def _answer(files: Sequence[tuple[str, bytes]], platform: str) -> object:
    try:
        found = read(files, platform)
    except ClvError:
        return "refused"
    balances(found)
    kept = found.orders.set_index("order_id").sort_index().round({"amount": 4, "refunded": 4})
    lost = found.losses.set_index(["stage", "reason"]).sort_index()
    return (
        round(found.money_in * 100),
        kept[["paid_at", "amount", "refunded", "customer_id"]].astype("str").to_dict(),
        lost.round(2).to_dict(),
    )


def _small_files() -> list[bytes]:
    """Return a small export of each platform in each form, behind the number of its platform."""
    tables = {at: ledgers.made(bytes([at, *range(60)])).table() for at in range(len(PLATFORMS))}
    return [bytes([at]) + make(table) for at, table in tables.items() for make in sheets.FORMS.values()]


TARGETS = {"ledger": ledger, "damaged": damaged, "any_bytes": any_bytes, "same_whole": same_whole}
SEEDS = {
    "ledger": [bytes(range(256)), bytes(300), bytes(range(255, 0, -1)) * 2],
    "damaged": [bytes(range(256)) * 2],
    "same_whole": [bytes(range(256)), bytes(range(255, 0, -1)) * 2],
    "any_bytes": _small_files,
}
WORDS = {
    "any_bytes": [
        b",",
        b'"',
        b"\n",
        b"\r\n",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"PK\x03\x04",
        b"PAR1",
        b"\x1f\x8b",
        b"\x00",
    ]
}
