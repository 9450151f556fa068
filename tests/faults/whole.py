"""Every file under its final name is whole: it is read as what its name says it is."""

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pandas as pd

from clv import scratch

TEMPORARY = (scratch.NEW, *scratch.TEMPORARY)


def broken(folder: Path) -> list[str]:
    """Return each file below the folder that is only half there, and why."""
    return [f"{path.relative_to(folder)}: {why}" for path in files(folder) if (why := _wrong(path))]


def files(folder: Path) -> Iterator[Path]:
    """Yield the files that have their final names, which those in folders of work have not."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(TEMPORARY))
        final = (name for name in sorted(names) if not name.startswith(TEMPORARY) and name != ".held")
        yield from (Path(root, name) for name in final if not name.endswith(".lock"))


def leftovers(folder: Path) -> list[str]:
    """Return folders and files of work that are still there, by whatever name they are hidden."""
    found = [path for path in sorted(folder.rglob("*")) if path.name.startswith((*TEMPORARY, "."))]
    ours = (path for path in found if not path.name.endswith((".lock", ".cache")))  # of fonts, a user's
    return [str(path.relative_to(folder)) for path in ours]


def _wrong(path: Path) -> str:
    try:
        _READERS.get(path.suffix, Path.read_bytes)(path)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _page(path: Path) -> None:
    text = path.read_text("utf-8").rstrip()
    last = text.splitlines()[-1]
    if not (last.endswith("</html>") or (last.startswith("<!-- ") and "</html>" in text)):
        raise ValueError("it does not end")


def _lines(path: Path) -> None:
    text = path.read_text("utf-8")
    if not text.endswith("\n"):
        raise ValueError("its last line is half")
    for line in text.splitlines():
        json.loads(line)


def _book(path: Path) -> None:
    with ZipFile(path) as file:
        if file.testzip() or "xl/workbook.xml" not in file.namelist():
            raise ValueError("a part is damaged")


def _table(path: Path) -> None:
    text = path.read_bytes().decode("utf-8-sig")
    if text and not text.endswith("\n"):
        raise ValueError("its last row is half")
    if len({len(row) for row in csv.reader(text.splitlines())}) > 1:
        raise ValueError("rows differ in length")


_READERS = {
    ".json": lambda path: json.loads(path.read_text("utf-8")),
    ".jsonl": _lines,
    ".html": _page,
    ".xlsx": _book,
    ".csv": _table,
    ".parquet": pd.read_parquet,
    ".ipynb": lambda path: json.loads(path.read_text("utf-8"))["cells"],
}
