"""Whatever a file holds for a reader, in every writing of it: what the planted values are looked for in.

A workbook is unpacked, Parquet read, a PDF put through pdftotext, a notebook and JSON taken apart; text is
looked at as UTF-8, GB18030 and UTF-16, and with HTML entities, percent signs and backslashes taken back.
"""

import html
import io
import re
import shutil
import subprocess
import urllib.parse
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from red_team.planted import found_in

_PICTURE = re.compile(r"data:image/[a-z]+;base64,[A-Za-z0-9+/=\s]*")
_PIXELS = re.compile(r'"image/(?:png|jpeg)": (?:"[^"]*"|\[[^\]]*\])')
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")
_ZIPS = (".xlsx", ".docx", ".zip")


def leaks(*places: Path) -> dict[str, list[str]]:
    """Return what of the planted stands in the files below some places, or in their names: by file."""
    found = {}
    for path in _files(places):
        if hits := sorted({hit for text in texts(path) for hit in found_in(text)}):
            found[str(path)] = hits
    return found


def texts(path: Path) -> Iterator[str]:
    """Yield all that a file says, its name first."""
    yield path.name
    data = path.read_bytes()
    if path.suffix in _ZIPS:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            for name in book.namelist():
                yield name
                yield from written(book.read(name))
    elif path.suffix == ".parquet":
        frame = pd.read_parquet(path)
        yield " ".join(map(str, [*frame.columns, *frame.index.unique()]))
        yield from (" ".join(map(str, frame[name].unique())) for name in frame)
    elif path.suffix == ".pdf" and shutil.which("pdftotext"):
        yield subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout.decode()
    else:
        yield from written(data)


def written(data: bytes) -> Iterator[str]:
    """Yield bytes as the texts that they may be, each as it stands and unescaped."""
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        text = data.decode(encoding, errors="replace")
        bare = _PIXELS.sub("", _PICTURE.sub("", text))
        yield bare
        if encoding == "utf-8":
            yield from unescaped(bare)


def unescaped(text: str) -> Iterator[str]:
    """Yield a text with what stands for signs taken back, and without the tags between them."""
    if "&" in text:
        yield html.unescape(text)
    if "%" in text:
        yield urllib.parse.unquote(text)
        yield urllib.parse.unquote(text, encoding="gb18030")
    if "\\u" in text:
        yield _UNICODE.sub(lambda sign: chr(int(sign[1], 16)), text)
    if "<" in text:
        yield html.unescape(re.sub(r"<[^>]*>", "", text))


def _files(places: tuple[Path, ...]) -> Iterator[Path]:
    for place in places:
        yield from (place,) if place.is_file() else (path for path in place.rglob("*") if path.is_file())
