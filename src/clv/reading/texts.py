"""Bytes of a text file → rows of text cells: CSV and its like, in any usual encoding."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO

import pandas as pd

from clv.errors import InputError
from clv.language import tell

_RARE = 0.01
_LOOK_AT = 10  # rows
_PIECE = 1 << 23  # characters decoded at a time
_CONTENT = re.compile(r'[^\s\ufeff,;|"]')  # what an empty file does not hold
_CHINESE = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}")  # in UTF-8; rare in GB18030, by chance


def encoding(content: bytes, name: str) -> str:
    """Return the encoding of a text file.

    Raises
    ------
    InputError
        It is no text, empty, a web page, or in no encoding that is known, or in two.
    """
    for one in _tries(content, name):
        try:
            filled = _is_filled(content, one, name)
        except UnicodeDecodeError:
            if one == "utf-8":
                _refuse_mixed(content, name)
            continue
        if not filled:
            raise InputError(tell("{name} is empty; export it again.", name=name))
        _refuse_no_table(_text(content, one).read(2000), name)
        return one
    raise InputError(
        tell("{name} is neither UTF-8 nor GB18030 text; save it again as CSV UTF-8 or .xlsx.", name=name)
    )


def _text(content: bytes, encoding: str) -> io.TextIOWrapper:
    """Return the content as text that is decoded while it is read, its line ends as they stand."""
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")


def _pieces(content: bytes, encoding: str) -> Iterator[str]:
    text = _text(content, encoding)
    while piece := text.read(_PIECE):
        yield piece


def _in_utf8(content: bytes, encoding: str) -> bytes:
    """Return text as pandas reads it fastest: other encodings take it longer with each piece."""
    if encoding == "utf-8":
        return content
    return b"".join(piece.encode() for piece in _pieces(content, encoding))


def _is_filled(content: bytes, encoding: str, name: str) -> bool:
    """Decode all of the content, little of it at a time: as text a large export would be there twice more."""
    filled = False
    for piece in _pieces(content, encoding):
        if "\x00" in piece:
            raise _binary(name)
        filled = filled or bool(_CONTENT.search(piece))
    return filled


def _tries(content: bytes, name: str) -> list[str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["utf-16"]
    if content.startswith(b"\xef\xbb\xbf"):
        return ["utf-8-sig"]
    if b"\x00" in content:
        raise _binary(name)
    high = sum(byte > 127 for byte in content[:100_000]) / len(content[:100_000])
    return ["utf-8", "gb18030", *(["cp1252"] if high < _RARE else [])]


def _binary(name: str) -> InputError:
    return InputError(
        tell("{name} is not a table (it holds binary data); export it again as CSV or Excel.", name=name)
    )


def _refuse_mixed(content: bytes, name: str) -> None:
    """Refuse a file of which some lines are UTF-8 and some are not: names of one half would be lost."""
    high = chinese = 0
    others = []
    for at, line in enumerate(io.BytesIO(content), start=1):
        if line.isascii():
            continue
        high += 1
        if not _is_utf8(line):
            others.append(at)
        elif _CHINESE.search(line):
            chinese += 1
    if chinese <= _RARE * high:
        return
    raise InputError(
        tell(
            "{name} mixes encodings: {chinese:,} lines are UTF-8, {others:,} are not, first row {row}; save "
            "it again as CSV UTF-8, or read its parts by themselves.",
            name=name,
            chinese=chinese,
            others=len(others),
            row=others[0],
        )
    )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refuse_no_table(beginning: str, name: str) -> None:
    top = beginning.lstrip().lower()
    if top.startswith(("<!doctype", "<html", "<table", "<?xml", "<meta", "<head")):
        raise InputError(
            tell(
                "{name} is a web page, not a table; open it in Excel and save it as .xlsx, or export it "
                "again.",
                name=name,
            )
        )


def rows(content: bytes, encoding: str, name: str, separator: str | None) -> pd.DataFrame:
    """Return the cells of CSV text, without a header.

    Parameters
    ----------
    separator
        What stands between cells; None finds it out; "blanks" is any run of blanks.

    Raises
    ------
    InputError
        A row has more cells than the header, or a quote swallows rows.
    """
    top = list(islice((line for line in _text(content, encoding) if line.strip()), _LOOK_AT))
    mark = separator or max(",\t;|", key=lambda sign: max(line.count(sign) for line in top))
    width = _width(_text(content, encoding), top, mark, name)
    try:
        raw = pd.read_csv(
            io.BytesIO(_in_utf8(content, encoding)),
            sep=r"\s+" if mark == "blanks" else mark,
            header=None,
            names=range(width + 1),
            index_col=False,
            dtype="str",
            keep_default_na=False,
            skip_blank_lines=False,
        )
    except pd.errors.ParserError as error:
        raise InputError(
            tell("{name} is no clean table: {last}.", name=name, last=str(error).split("error: ")[-1].strip())
        ) from None
    if content.count(b"\n") > len(raw) and mark != "blanks" and width > 2:
        _refuse_swallowed(raw, name, mark=mark, width=width)
    return _refuse_long_rows(raw, name, width)


def _width(text: IO[str], top: Sequence[str], mark: str, name: str) -> int:
    """Return how many cells the header has: the first row with several, for a title has one."""
    if mark == "blanks":
        return max(len(line.split()) for line in top)
    found = csv.reader(text, delimiter=mark)
    try:
        widths = [len(row) for row in islice(found, _LOOK_AT) if any(row)]
    except csv.Error:
        raise InputError(
            tell(
                "{name} has a cell of more than 130,000 characters near its top, most likely a quote "
                "that is never closed; export it again.",
                name=name,
            )
        ) from None
    return next((width for width in widths if width > 1), 1)


def _refuse_swallowed(raw: pd.DataFrame, name: str, *, mark: str, width: int) -> None:
    """Refuse cells with as many separators as the rows that their line breaks would end."""
    for column in raw:
        cells = raw[column][raw[column].str.contains("\n", regex=False).eq(other=True)]
        swallowed = cells.str.count(re.escape(mark)) >= cells.str.count("\n") * (width - 1)
        if swallowed.any():
            raise InputError(
                tell(
                    "{name}: the quotes in row {row} hold line breaks and as many separators as whole rows "
                    "have, so they most likely swallow rows; close the quote, or export again.",
                    name=name,
                    row=swallowed.idxmax() + 1,
                )
            )


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
