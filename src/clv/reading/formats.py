"""Bytes of a file → rows of text cells: CSV in any usual encoding, Excel, Parquet, each gzipped or not.

Numbers that a float cannot hold come out in powers of ten, so that nobody takes them for whole order numbers.
"""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Sequence
from decimal import Decimal
from itertools import islice

import pandas as pd
import python_calamine

from clv.errors import InputError
from clv.language import tell

_GZIP, _ZIP, _OLD_EXCEL, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1"
_EXACT = 2**53  # beyond this a float no longer holds every whole number
_DIGITS_OF_EXCEL = 15
_RARE = 0.01
_LOOK_AT = 10  # rows
_NO_CONTENT = '\ufeff \t\r\n,;|"'


def unpacked(content: bytes, name: str) -> bytes:
    """Return what is inside a gzip file; other content as it is.

    Raises
    ------
    InputError
        The gzip file is damaged.
    """
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise InputError(tell("{name} is a damaged gzip file; copy or export it again.", name=name)) from None


def raw(content: bytes, name: str, separator: str | None) -> tuple[str, pd.DataFrame, tuple[str, ...]]:
    """Return the format or encoding of a file, its cells as text without a header, and notes.

    Raises
    ------
    InputError
        The content is no table, damaged or locked by a password.
    """
    if content.startswith(_PARQUET):
        return "Parquet", _parquet(content, name), ()
    if content.startswith((_ZIP, _OLD_EXCEL)):
        return _workbook(content, name)
    encoding, text = _decoded(content, name)
    return encoding, _csv(text, name, separator), ()


def _parquet(content: bytes, name: str) -> pd.DataFrame:
    try:
        table = pd.read_parquet(io.BytesIO(content))
    except (OSError, ValueError) as error:
        raise InputError(
            tell("{name} is a damaged Parquet file ({name2}).", name=name, name2=type(error).__name__)
        ) from None
    table = table.reset_index() if any(table.index.names) else table
    top = pd.DataFrame([list(map(str, table.columns))])
    body = pd.DataFrame({at: as_text(table.iloc[:, at]) for at in range(table.shape[1])})
    return pd.concat([top, body], ignore_index=True)


def as_text(column: pd.Series) -> pd.Series:
    """Return a column of typed cells as text, numbered from 0."""
    if isinstance(column.dtype, pd.StringDtype):
        return column.astype("str").reset_index(drop=True)
    return column.astype(object).map(_cell).astype("str").reset_index(drop=True)


def _cell(value: object) -> str | None:
    """Write a typed cell as text: 17850.0 as 17850, a number too long for a float in powers of ten."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value)) if abs(value) <= _EXACT else _long_number(value)
    return value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)


def _long_number(value: float) -> str:
    """Write 15 digits and zeros as Excel does, anything longer in powers of ten: its end is not sure."""
    exact = Decimal(repr(value))
    return f"{exact:f}" if len(exact.as_tuple().digits) <= _DIGITS_OF_EXCEL else f"{value:.16E}"


def _workbook(content: bytes, name: str) -> tuple[str, pd.DataFrame, tuple[str, ...]]:
    if content.startswith(_ZIP):
        _refuse_other_zip(content, name)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [(title, book.get_sheet_by_name(title).to_python()) for title in book.sheet_names]
    except python_calamine.PasswordError:
        raise InputError(
            tell("{name} is locked by a password; open it and save it without one.", name=name)
        ) from None
    except (python_calamine.CalamineError, OSError, ValueError):
        raise InputError(
            tell("{name} cannot be read as an Excel file; save it as .xlsx or .csv again.", name=name)
        ) from None
    filled = [(title, rows) for title, rows in sheets if rows]
    if not filled:
        raise InputError(tell("{name} has no filled sheet; export it again.", name=name))
    title, rows = filled[0]
    raw = pd.DataFrame([[_cell(cell) for cell in row] for row in rows], dtype="str")
    others = tell(
        "{name}: only the first filled sheet of {filled} was read, {title!r}.",
        name=name,
        filled=len(filled),
        title=title,
    )
    return "Excel", raw, (others,) if len(filled) > 1 else ()


def _refuse_other_zip(content: bytes, name: str) -> None:
    try:
        inside = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile:
        raise InputError(
            tell("{name} is a damaged Excel or zip file; copy or export it again.", name=name)
        ) from None
    if any(entry.flag_bits & 1 for entry in inside):
        raise InputError(
            tell("{name} is a zip file with a password; unpack it first and name the file inside.", name=name)
        )
    if not any(entry.filename.startswith("xl/") for entry in inside):
        raise InputError(tell("{name} is a zip file; unpack it first and name the file inside.", name=name))


def _decoded(content: bytes, name: str) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        tries = ["utf-16"]
    elif content.startswith(b"\xef\xbb\xbf"):
        tries = ["utf-8-sig"]
    elif b"\x00" in content:
        raise InputError(
            tell("{name} is not a table (it holds binary data); export it again as CSV or Excel.", name=name)
        )
    else:
        high = sum(byte > 127 for byte in content[:100_000]) / len(content[:100_000])
        tries = ["utf-8", "gb18030", *(["cp1252"] if high < _RARE else [])]
    for encoding in tries:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text.strip(_NO_CONTENT):
            raise InputError(tell("{name} is empty; export it again.", name=name))
        _refuse_no_table(text, name)
        return encoding, text
    raise InputError(
        tell("{name} is neither UTF-8 nor GB18030 text; save it again as CSV UTF-8 or .xlsx.", name=name)
    )


def _refuse_no_table(text: str, name: str) -> None:
    top = text[:2000].lstrip().lower()
    if top.startswith(("<!doctype", "<html", "<table", "<?xml", "<meta", "<head")):
        raise InputError(
            tell(
                "{name} is a web page, not a table; open it in Excel and save it as .xlsx, or export it "
                "again.",
                name=name,
            )
        )


def _csv(text: str, name: str, separator: str | None) -> pd.DataFrame:
    top = list(islice((line for line in io.StringIO(text) if line.strip()), _LOOK_AT))
    mark = separator or max(",\t;|", key=lambda sign: max(line.count(sign) for line in top))
    width = _width(text, top, mark, name)
    try:
        raw = pd.read_csv(
            io.StringIO(text),
            sep=r"\s+" if mark == "blanks" else mark,
            header=None,
            names=range(width + 1),
            index_col=False,
            dtype="str",
            keep_default_na=False,
            skip_blank_lines=False,
            low_memory=False,
        )
    except pd.errors.ParserError as error:
        raise InputError(
            tell("{name} is no clean table: {last}.", name=name, last=str(error).split("error: ")[-1].strip())
        ) from None
    return _refuse_long_rows(raw, name, width)


def _width(text: str, top: Sequence[str], mark: str, name: str) -> int:
    """Return how many cells the header has: the first row with several, for a title has one."""
    if mark == "blanks":
        return max(len(line.split()) for line in top)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        widths = [len(row) for row in islice(rows, _LOOK_AT) if any(row)]
    except csv.Error:
        raise InputError(
            tell(
                "{name} has a cell of more than 130,000 characters near its top, most likely a quote "
                "that is never closed; export it again.",
                name=name,
            )
        ) from None
    return next((width for width in widths if width > 1), 1)


def _refuse_long_rows(raw: pd.DataFrame, name: str, width: int) -> pd.DataFrame:
    long = raw[width].fillna("").str.strip().ne("")
    if long.any():
        raise InputError(
            tell(
                "{name}: {long:,} row(s) have more cells than the header, first row {idxmax}; put quotes "
                "around cells that hold a separator.",
                name=name,
                long=long.sum(),
                idxmax=long.idxmax() + 1,
            )
        )
    return raw
