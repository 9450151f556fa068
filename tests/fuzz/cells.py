"""Cells, headers and encodings: cheap layers, each against a plain reading of the rules, cell by cell."""

import io
import random
import re
import unicodedata
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, partial

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from clv import sources
from clv.errors import ClvError
from clv.reading import buyers, cells, damaged_ids, exports, formats, keys, moments, packed, texts
from fuzz import answers, cell_forms, sheets

_MORE = 1_000
_ODD_BLANKS = re.compile(r"[^\S \t\n\r\u3000\u00a0]")  # blanks that no export has
_TINY = Decimal("1e-300")
_SIGNS = "0123456789" * 3 + "٣３.,-+()￥元$£¥ \t\u3000\u200b\u202e\x1f:/年月日TZeE=\"'*@%&#;AUSDRMB"
_UNSEEN = " \t\r\n\u00a0\u3000\ufeff\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069"
_NOTHING = {"", "null", "none", "nan", "n/a", "#n/a", "-", "--", "—", "——"}
_SIGN = r"(?:[A-Z]{0,2}\$|[¥£€元]|[A-Z]{3})"
_SPACE = r"[ \t\n\r\f\v]*"
_NUMBER = re.compile(
    rf"(?P<sign>[+-]?){_SPACE}(?P<open>\(?){_SPACE}(?:{_SIGN}{_SPACE})??(?P<open2>\(?){_SPACE}(?P<sign2>[+-]?)"
    rf"{_SPACE}(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d{{1,3}}(?: \d{{3}})+(?:\.\d+)?"
    rf"|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?P<close>\)?)(?:{_SPACE}{_SIGN})?(?P<close2>\)?)"
)


def cells_of(data: bytes) -> pd.Series:
    """Return a column of the lines of a text, and of a thousand that differ from them by a few signs.

    \\x1f is a line break inside of a cell.
    """
    lines = data.decode("utf-8", "replace").replace("\x00", "").split("\n")
    rng = random.Random(data)
    pool = "".join(lines) + _SIGNS
    lines += [_edited(rng.choice(lines), rng, pool) for _ in range(_MORE)]
    return pd.Series([line.replace("\x1f", "\n") for line in lines], dtype="str")


def _edited(line: str, rng: random.Random, pool: str) -> str:
    for _ in range(rng.randint(1, 3)):
        at, to = rng.randint(0, len(line)), rng.randint(0, len(line))
        new = "".join(rng.choices(pool, k=rng.randint(0, 2)))
        line = line[:at] + new + line[at + rng.randint(0, 1) :] if rng.random() < 0.8 else line[: max(at, to)]
    return line


def plain(text: str) -> str | None:
    """Return a cell without what is unseen, as a person would read it; None where nothing stands there."""
    bare = text.strip(_UNSEEN)
    if bare.startswith('="') and bare.endswith('"') and len(bare) > 2 and "\n" not in bare:
        bare = bare[2:-1]
    bare = bare.lstrip("'").strip(_UNSEEN)
    return None if bare.lower() in _NOTHING else bare


def narrow(text: str) -> str:
    """Return text with full-width forms and the digits of any script in ASCII."""
    found = []
    for sign in text:
        if "！" <= sign <= "～":
            sign = chr(ord(sign) - 0xFEE0)
        elif sign.isdecimal():
            sign = str(unicodedata.decimal(sign))
        found.append({"\u3000": " ", "\u00a0": " ", "￥": "¥", "￡": "£"}.get(sign, sign))
    return "".join(found)


def number(text: str | None) -> Decimal | None:
    """Return the number that a cell of money says, by the letter of the rules."""
    if text is None:
        return None
    found = _NUMBER.fullmatch(narrow(text))
    if not found:
        return None
    try:
        value = Decimal(re.sub("[, ]", "", found["digits"]))
    except ArithmeticError:
        return None
    signs = found["sign"] + found["sign2"]
    bracketed = found["open"] + found["open2"]
    closed = found["close"] + found["close2"]
    if len(signs + bracketed) > 1 or len(bracketed) != len(closed):
        return None
    if value and abs(value.adjusted()) > 300:  # more than a float holds, or nothing at all
        return Decimal(0) if value.adjusted() < 0 else None
    return -value if "-" in signs or bracketed else value


def money(data: bytes) -> dict[str, int]:
    """Hold money to what a person reads: no cell means another number, and none is read that is none."""
    column = cells_of(data)
    read = cells.money(cells.tidy(column)).tolist()
    for text, value in zip(column, read, strict=True):
        if _ODD_BLANKS.search(text):
            continue
        expected = number(plain(text))
        if value != value:
            assert expected is None or abs(expected) >= Decimal("0.999e12"), (text, expected)
        else:
            assert expected is not None, (text, value)
            assert abs(Decimal(value) - expected) <= abs(expected) / 10**14 + _TINY, (
                text,
                value,
                expected,
            )
    currencies = cells.currencies(cells.tidy(column))
    assert len(currencies) == len(column)
    return {"cells": len(column)}


_DATE = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
_CLOCK = r"(?:[T\s]*(\d{1,2})[:时](\d{2})(?:[:分](\d{2})(?:\.\d+)?)?[秒分]?)?"
_ZONE = re.compile(r"(?<=:\d{2})(?:\.\d+)?\s*(?:Z|UTC|[+-](?:0\d|1[0-4]):?[0-5]\d)$", re.ASCII)


def moment(text: str | None) -> datetime | None:
    """Return the moment that a cell says, to the second, by the letter of the rules; year first only."""
    if text is None:
        return None
    bare = _ZONE.sub("", narrow(text)).strip()
    try:
        if found := re.fullmatch(_DATE + _CLOCK, bare, re.ASCII):
            return _believed(datetime(*(int(part or 0) for part in found.groups())))
        if re.fullmatch(r"\d{8}", bare, re.ASCII):
            return _believed(datetime(int(bare[:4]), int(bare[4:6]), int(bare[6:])))
        if re.fullmatch(r"\d{14}", bare, re.ASCII):
            pairs = (int(bare[at : at + 2]) for at in range(4, 14, 2))
            return _believed(datetime(int(bare[:4]), *pairs))
    except ValueError:
        return None
    if re.fullmatch(r"\d{5}(\.\d+)?", bare, re.ASCII) and 36526 <= float(bare) <= 73051:
        return datetime(1899, 12, 30) + timedelta(seconds=round(float(bare) * 86400))
    return None


def _believed(at: datetime) -> datetime | None:
    return at if 2000 <= at.year <= 2100 else None


def moments_of(data: bytes) -> dict[str, int]:
    """Hold moments to what a person reads; where day and month could swap, a sentence may come instead."""
    column = cells_of(data)
    try:
        read = moments.moments(cells.tidy(column), what="the payment time").tolist()
    except ClvError:
        assert any(re.search(r"\d[-/.]\d+[-/.]\d{4}", narrow(text), re.ASCII) for text in column)
        return {"cells": len(column)}
    for text, value in zip(column, read, strict=True):
        if _ODD_BLANKS.search(text):
            continue
        expected = moment(plain(text))
        swapped = re.match(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}", narrow(plain(text) or ""), re.ASCII)
        if not swapped:
            found = None if value != value else value.to_pydatetime().replace(microsecond=0)
            assert found == expected, (text, value, expected)
    return {"cells": len(column)}


def formats_of_dates(data: bytes) -> dict[str, int]:
    """Read moments with any date format and any time zone: an answer or a sentence."""
    form, zone, *rest = [*data.decode("utf-8", "replace").split("\n"), ""]
    column = pd.Series([*rest, "2026-01-05 10:00:00 +0800"], dtype="str")
    for timezone in (None, zone, "Asia/Shanghai"):
        try:
            found = moments.moments(cells.tidy(column), what="x", date_format=form or None, timezone=timezone)
        except ClvError:
            continue
        assert len(found) == len(column)
        assert found.dropna().between("1999-12-30", "2101-01-02").all()
    return {"cells": len(column)}


def ids(data: bytes) -> dict[str, int]:
    """Hold ids: two that differ as written stay two, cleaning twice is cleaning once, nobody stays nobody."""
    column = cells.tidy(cells_of(data))
    csv = sources.load("csv")
    for kind in ("id", "nick", "phone", "email"):
        once = buyers.cleaned(column, kind, csv)
        assert once.isna()[column.isna()].all()
        assert not once.eq("").any()
        assert buyers.cleaned(once, kind, csv).equals(once), kind
        told = pd.DataFrame({"as": [_same(text, kind) for text in column], "once": once}).dropna()
        assert told.groupby("once")["as"].nunique().le(1).all(), kind
    for kind in ("phone", "name", "address", "city"):
        keys.cleaned(column, kind, csv)
    damaged_ids.rounded(column)
    return {"cells": len(column)}


def _same(text: object, kind: str) -> str:
    """Return what makes two ids one: a number with .0, a phone's digits, the case of a mail address."""
    plain_text = re.sub(r"^(\d+)\.0+$", r"\1", str(text))
    if kind == "phone":
        digits = re.sub(r"[\s().-]", "", narrow(str(text) if re.search(r"[^\d.]", str(text)) else plain_text))
        return re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", digits)
    return plain_text.lower() if kind == "email" else str(text) if kind == "nick" else plain_text


def headers(data: bytes) -> dict[str, int]:
    """Hold headers: each column has a name of its own, and the same one however often it is tidied."""
    titles = [cells.header(text) for text in cells_of(data)]
    told = exports.apart(titles)
    assert len(set(told)) == len(told) == len(titles)
    assert all(told)
    return {"cells": len(titles)}


def encodings(data: bytes) -> dict[str, int]:
    """Hold text to its bytes: whatever encoding is found, the text written in it again is the same bytes."""
    if not data or not packed.is_text(data):
        return {}
    try:
        encoding = texts.encoding(data, "x.csv")
    except ClvError:
        return {"bytes": len(data)}
    text = data.decode(encoding)
    if encoding != "utf-16":
        assert text.encode(encoding) == data
    assert "\x00" not in text
    assert not re.search("[\ud800-\udfff]", text)
    return {"bytes": len(data)}


def rows(data: bytes) -> dict[str, int]:
    """Hold CSV to its lines: unless a cell holds a line break, each line is a row, and none goes away."""
    text = data.decode("utf-8", "replace").replace("\x00", "").replace("\r", "")
    if not text.strip('\ufeff \t\r\n,;|"'):
        return {}
    try:
        found = texts.rows(text.encode(), "utf-8", "x.csv", None)
    except ClvError:
        return {"bytes": len(data)}
    breaks = sum(found[column].str.count("\n").fillna(0).sum() for column in found)
    lines = text.count("\n") + (not text.endswith("\n"))
    assert len(found) + breaks >= lines - _trailing(text), (len(found), breaks, lines)
    return {"bytes": len(data), "rows": len(found)}


def _trailing(text: str) -> int:
    return len(text) - len(text.rstrip("\n"))


def raw(data: bytes, *, start: bytes = b"") -> dict[str, int]:
    """Read bytes that begin as a file of some format does: cells or a sentence."""
    content = start + data
    if not content:
        return {}
    try:
        found = formats.raw(content, "x", None)
    except ClvError as error:
        answers.hold(error)
        return {"bytes": len(data)}
    told = found.table.to_numpy().ravel()  # a text may be damaged, and only be looked at now
    assert all(isinstance(cell, str) or pd.isna(cell) for cell in told)
    return {"bytes": len(data), "rows": len(found.table), "accepted": 1}


def workbook_parts(data: bytes) -> dict[str, int]:
    """Read a workbook, sound to whoever unpacks it, one of whose parts says something else."""
    parts = _parts()
    changed = list(parts)[data[0] % len(parts)] if data else ""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as book:
        for name, part in parts.items():
            book.writestr(name, data[1:] if name == changed else part)
    return raw(made.getvalue())


@cache
def _parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(sheets.FORMS["plain.xlsx"](_ROWS))) as book:
        found = {name: book.read(name) for name in book.namelist() if "docProps" not in name}
    typed = (
        b'<c r="D1" t="n" s="1"><v>45000.5</v></c><c r="E1" t="b"><v>1</v></c><c r="F1" t="e"><v>#N/A</v></c>'
    )
    sheet = "xl/worksheets/sheet1.xml"
    return {**found, sheet: found[sheet].replace(b"</row>", typed + b"</row>", 1)}


TARGETS = {
    "money": money,
    "moments": moments_of,
    "date_formats": formats_of_dates,
    "ids": ids,
    "headers": headers,
    "encodings": encodings,
    "csv_rows": rows,
    "raw": raw,
    "raw_excel": partial(raw, start=b"PK\x03\x04"),
    "raw_old_excel": partial(raw, start=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "raw_parquet": partial(raw, start=b"PAR1"),
    "workbook_parts": workbook_parts,
}
_MONEY = [form(cents) for form in cell_forms.MONEY_FORMS for cents in (0, 1, -1234567, 123456700)]
_MOMENTS = [form(datetime(2026, 1, 15, 8, 9, 10)) for form in cell_forms.MOMENT_FORMS]
_IDS = [
    "17850.0",
    "13812345678",
    "+86 138-1234-5678",
    "138****5678",
    "a@B.c",
    "2.14E+16",
    "guest",
    "13812345678-1",
]
_ROWS = [["订单编号", "买家", "paid"], ["0071", "王小明", "1.50"], ["0072", "", "2026-06-30"]]


def _typed_parquet() -> bytes:
    made, day = io.BytesIO(), datetime(2026, 1, 15)
    columns = {
        "no": [1, None],
        "at": [day, None],
        "sum": [1.5, float("nan")],
        "raw": [b"a", b"\xff"],
        "is": [True, None],
    }
    pq.write_table(
        pa.table({**columns, "money": pa.array([Decimal("1.50"), None]), "list": [[1], None]}), made
    )
    return made.getvalue()


SEEDS = {
    "money": ["\n".join([*_MONEY, *cell_forms.NO_MONEY, *cell_forms.MISSING]).encode()],
    "moments": ["\n".join([*_MOMENTS, *cell_forms.NO_MOMENT, "13/01/2026 10:05"]).encode()],
    "date_formats": [
        f"{form}\nUTC\n05/01/2026\n2026-01-05".encode() for form in ("%d/%m/%Y", "%Y%Y", "%z", "%j %y")
    ],
    "ids": ["\n".join(_IDS).encode()],
    "headers": ["订单编号\namount\namount\n\namount (2)\ncolumn 3".encode()],
    "encodings": [
        "订单编号,a\n王小明,é\n".encode(code) for code in ("utf-8", "utf-8-sig", "gb18030", "utf-16")
    ],
    "csv_rows": [b'a,b,c\n1,"x\ny",3\n4,5,6\n', b"a\tb\tc\n1\t2\t3\n", b'a;b;c\n"1;2";3;4\n'],
    "raw": [make(_ROWS) for make in sheets.FORMS.values()],
    "workbook_parts": [bytes([at]) + part for at, part in enumerate(_parts().values())],
    "raw_excel": [sheets.FORMS["plain.xlsx"](_ROWS)[4:]],
    "raw_parquet": [sheets.FORMS["plain.parquet"](_ROWS)[4:], _typed_parquet()[4:]],
}
_PIECES = {
    "workbook_parts": '<c t="s"> <v> </row> r="XFD1048576" r="A0" 99999999 -1 nan &#0; <!ENTITY ref="A1:C9"',
    "money": "￥ 元 RMB USD HK$ \n \x1f E ( ) ,000 ． \u200b",
    "moments": "年 月 日 时 分 T Z +0800 \n ： 36526 20215 /",
    "date_formats": " ".join(f"%{letter}" for letter in "YmdHMSyjzZbBpIUWaAfGu"),
    "ids": "+86 .0 * @ E+16 \n - １ ٣",
    "encodings": "王 \x00 \n",
    "csv_rows": '" "" , \n \t ; |',
}
WORDS = {target: [piece.encode() for piece in pieces.split(" ")] for target, pieces in _PIECES.items()}
WORDS["encodings"] += [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", "王".encode("gbk")]
