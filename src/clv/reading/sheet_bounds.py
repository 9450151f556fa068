"""What an .xlsx file would take in memory, found out from its XML before it is read.

The reader lays out every cell between the first and the last one, and writes a shared text out wherever a
cell refers to it. So a file of a few kilobytes may ask for any amount of memory: unpacked, as two cells in
opposite corners of a sheet, or as one long text in many cells.
"""

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np

from clv.errors import InputError
from clv.language import tell
from clv.reading.packed import bounded, pieces

_PLACE = re.compile(rb"""r\s*=\s*["']([A-Za-z]+)[0-9]""")
_ROW = re.compile(rb"""r\s*=\s*["'][A-Za-z]*([0-9]+)""")
_SHARED = re.compile(rb"""t\s*=\s*["']s["'][^>]*>\s*<v>([0-9]{1,9})<""")
_OVERLAP = 200  # bytes of a piece that are looked at again with the next: a place may lie across the two
_COLUMNS = 16_384
_LAID_OUT = 20_000_000  # cells; and twenty for each that is there
_EACH = 20
_LONG_TEXT = 1_000  # bytes
_TEXT_AT_MOST = 2 * 2**30
DAMAGED = (  # what zipfile and the packers behind it raise
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError, KeyError,
    NotImplementedError, RuntimeError, OverflowError,
)  # fmt: skip


def check(content: bytes, name: str) -> None:
    """Refuse a workbook that would take far more memory than a table.

    Raises
    ------
    InputError
        It would, or it is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            left = bounded(_everything(book), name, packed=len(content))
            for _ in left:
                pass
            for sheet in _named(book, "xl/worksheets/"):
                _check_corners(book, sheet, name)
            _check_texts(book, name)
    except DAMAGED:
        raise InputError(
            tell("{name} is a damaged Excel or zip file; copy or export it again.", name=name)
        ) from None


def _everything(book: zipfile.ZipFile) -> Iterator[bytes]:
    for entry in book.infolist():
        with book.open(entry) as stream:
            yield from pieces(stream)


def _named(book: zipfile.ZipFile, start: str) -> list[zipfile.ZipInfo]:
    return [
        one for one in book.infolist() if one.filename.startswith(start) and one.filename.endswith(".xml")
    ]


def _overlapping(book: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    tail = b""
    with book.open(entry) as stream:
        for piece in pieces(stream):
            yield tail + piece
            tail = piece[-_OVERLAP:]


def _check_corners(book: zipfile.ZipFile, sheet: zipfile.ZipInfo, name: str) -> None:
    cells = rows = columns = 0
    for piece in _overlapping(book, sheet):
        cells += piece.count(b"<c ")
        columns = max(columns, *map(_column, set(_PLACE.findall(piece))), 0)
        near = piece.rfind(b"<c ")
        last = _ROW.search(piece, max(near, 0))
        rows = max(rows, int(last[1][:12]) if last else 0)
    if columns > _COLUMNS or rows * columns > max(_LAID_OUT, _EACH * cells):
        raise InputError(
            tell(
                "{name} has cells so far apart that {rows:,} rows of {columns:,} columns would have to be "
                "kept; take out what lies outside the table, and save it again.",
                name=name,
                rows=rows,
                columns=columns,
            )
        )


def _column(letters: bytes) -> int:
    """Return the number of a column: A is 1, Z 26, AA 27; anything longer than three letters is too many."""
    if len(letters) > len("XFD"):
        return _COLUMNS + 1
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _check_texts(book: zipfile.ZipFile, name: str) -> None:
    shared = [entry for entry in book.infolist() if entry.filename == "xl/sharedStrings.xml"]
    lengths = np.array([len(text) for entry in shared for text in book.read(entry).split(b"</si>")])
    if not len(lengths) or lengths.max() <= _LONG_TEXT:
        return
    asked = 0
    for sheet in _named(book, "xl/worksheets/"):
        for piece in _overlapping(book, sheet):
            at = np.array(_SHARED.findall(piece), dtype=np.int64)
            asked += int(lengths[at[at < len(lengths)]].sum())
    if asked > _TEXT_AT_MOST:
        raise InputError(
            tell(
                "{name} repeats long texts in so many cells that they would take {asked:,} bytes; take out "
                "the column with the long texts, and save it again.",
                name=name,
                asked=asked,
            )
        )
