"""How much a packed file holds, found out piece by piece, before any of it is kept in memory."""

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO

from clv.errors import InputError
from clv.language import tell

GZIP, ZIP, OLD_EXCEL, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1"
_PIECE = 2**20  # bytes
_LONGEST_LINE = 4 * 2**20
_UNPACKED_AT_MOST = 4 * 2**30
_SUSPECT = 100 * 2**20  # what is smaller does no harm, however tightly it was packed
_TIMES = 200  # exports shrink to a tenth; a bomb to a thousandth


def is_text(top: bytes) -> bool:
    """Return whether a file that begins so is taken for text."""
    return not top.startswith((GZIP, ZIP, OLD_EXCEL, PARQUET))


def pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield what is left of a stream, a megabyte at a time."""
    while piece := stream.read(_PIECE):
        yield piece


def bounded(found: Iterable[bytes], name: str, *, packed: int) -> Iterator[bytes]:
    """Pass on what comes out of `packed` bytes, while it is no more than a table would be.

    Raises
    ------
    InputError
        It is over 4 GB, or over 100 MB and 200 times what it was.
    """
    size = 0
    for piece in found:
        size += len(piece)
        if size > _UNPACKED_AT_MOST or size > max(_SUSPECT, _TIMES * packed):
            raise InputError(
                tell(
                    "{name} holds far more than its size ({packed:,} bytes packed, over {size:,} unpacked), "
                    "as no export does; export it again, or in parts.",
                    name=name,
                    packed=packed,
                    size=size,
                )
            )
        yield piece


def refuse_endless_line(found: Iterable[bytes], name: str) -> None:
    """Refuse text with a line of over 4 MB, before all of it is read.

    Raises
    ------
    InputError
        There is such a line: no row of a table is that long.
    """
    since = lines = 0
    for piece in found:
        ends = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        since = since + len(piece) if ends < 0 else len(piece) - ends
        lines += piece.count(b"\n")
        if since > _LONGEST_LINE:
            raise InputError(
                tell(
                    "{name} has a line of over {longest:,} bytes, after {lines:,} other lines, so it is no "
                    "table; export it again as CSV or Excel.",
                    name=name,
                    longest=_LONGEST_LINE,
                    lines=lines,
                )
            )


def unpacked(content: bytes, name: str) -> bytes:
    """Return what is inside a gzip file; other content as it is.

    Raises
    ------
    InputError
        The gzip file is damaged, or holds too much.
    """
    if not content.startswith(GZIP):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as inside:
            found = bounded(pieces(inside), name, packed=len(content))
            first = next(found, b"")
            if is_text(first):
                refuse_endless_line(chain([first], found), name)
            for _ in found:
                pass
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise InputError(tell("{name} is a damaged gzip file; copy or export it again.", name=name)) from None
