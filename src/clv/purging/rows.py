"""A customer's rows in lists, pages in call sheets, lines in histories: counted, or taken out of the file.

What is left stays as it was, to the byte; of a workbook, cell by cell.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path

import pandas as pd

from clv import whole_files
from clv.errors import lacks_memory
from clv.purging.traces import Traces
from clv.running import segments_kept

_SHEET = re.compile(r'<section class="call".*?</section>(?:\n|)', re.DOTALL)
_Left = Callable[[Path, Traces], tuple[bytes, int]]


def count(path: Path, traces: Traces) -> int | None:
    """Return how many rows of a file are the customer's; None of a file without rows, or a damaged one."""
    left = _of(path)
    if left is None:
        return None
    try:
        return left(path, traces)[1]
    except Exception as error:  # what a damaged file makes of a library may be anything
        if lacks_memory(error):
            raise
        return None


def take_out(path: Path, traces: Traces) -> None:
    """Write the file without the customer's rows, readable for whom it was before."""
    left = _of(path)
    if left is not None:
        content, _ = left(path, traces)
        whole_files.write_whole(path, content, mode=path.stat().st_mode & 0o777)


def _of(path: Path) -> _Left | None:
    for pattern, left in _BY_NAME:
        if fnmatch(path.name.lower(), pattern):
            return left
    return None


def _csv(path: Path, traces: Traces) -> tuple[bytes, int]:
    content = path.read_bytes()
    encoding = _encoding(content)
    kept, gone, header = [], 0, None
    for cells, raw in _records(content.decode(encoding)):
        header = header or [cell.strip("\ufeff \"'") for cell in cells]
        if kept and _is_theirs(header, cells, traces):
            gone += 1
        else:
            kept.append(raw)
    return "".join(kept).encode(encoding), gone


def _encoding(content: bytes) -> str:
    try:
        content.decode()
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _records(text: str) -> Iterator[tuple[list[str], str]]:
    """Yield the cells of each record, and the very text that it is written in."""
    read: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            read.append(line)
            yield line

    for cells in csv.reader(lines()):
        yield cells, "".join(read)
        read.clear()


def _is_theirs(header: list[str], cells: list, traces: Traces) -> bool:
    named = [*header, *[""] * len(cells)]
    return any(traces.in_cell(cell, column=name) for name, cell in zip(named, cells, strict=False))


def _workbook(path: Path, traces: Traces) -> tuple[bytes, int]:
    from openpyxl import load_workbook

    book, gone = load_workbook(path), 0
    for sheet in book.worksheets:
        header, *others = [[cell.value for cell in row] for row in sheet.iter_rows()] or [[]]
        names = [str(name) for name in header]
        theirs = [at for at, cells in enumerate(others, start=2) if _is_theirs(names, cells, traces)]
        for at in reversed(theirs):
            sheet.delete_rows(at)
        gone += len(theirs)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue(), gone


def _sheets(path: Path, traces: Traces) -> tuple[bytes, int]:
    gone = 0

    def kept(found: re.Match[str]) -> str:
        nonlocal gone
        theirs = traces.in_text(found[0])
        gone += theirs
        return "" if theirs else found[0]

    return _SHEET.sub(kept, path.read_text("utf-8")).encode(), gone


def _lines(path: Path, traces: Traces) -> tuple[bytes, int]:
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if not traces.in_text(line.decode(errors="replace"))]
    return b"".join(kept), len(lines) - len(kept)


def _segments(path: Path, traces: Traces) -> tuple[bytes, int]:
    found = segments_kept.read(path.parent)
    if found is None:
        raise ValueError("not as it was kept")
    theirs = pd.Series(found.index, index=found.index).map(traces.in_cell).to_numpy()
    return segments_kept.content(found[~theirs]), int(theirs.sum())


_BY_NAME: tuple[tuple[str, _Left], ...] = (
    (segments_kept.FILE, _segments),
    ("call-sheets*.html", _sheets),
    ("*.csv", _csv),
    ("*.xlsx", _workbook),
    ("*.jsonl", _lines),
)
