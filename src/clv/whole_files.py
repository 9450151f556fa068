"""Files written whole or not at all.

A file is written under a hidden name beside its own, which it then takes in one step. That holds against the
end of the process at any moment, kill -9 too: a reader finds the old file or the new one. It does not hold
against a loss of power, after which the disk may have the name and not yet the rest; `lasting` waits for it.

The writer holds the hidden file by a lock that the system takes back when the writer ends, however that comes
about; whoever writes in the same folder, or sweeps, clears away what nobody holds. No clock is asked, for
clocks jump. Where there are no such locks (Windows), what a killed one left stays.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from clv import scratch

OWNER_ONLY = 0o600  # what names customers, and what their pseudonyms are made with

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


def _umask() -> int:
    """Return what the user lets nobody else do; it can only be read by setting it, so it is read once."""
    found = os.umask(0o077)
    os.umask(found)
    return found


_UMASK = _umask()  # while this module is loaded, before there are threads that write


@contextmanager
def whole(path: Path, *, mode: int = 0o644) -> Iterator[Path]:
    """Lend a file near `path` to write to; it takes the place of `path` only when all went well.

    `mode` says who may read it, as far as the user's umask lets them.
    """
    handle, fresh = _held(path)
    try:
        _clear_once(path.parent)
        yield fresh
        fresh.chmod(mode & ~_UMASK)
        if fcntl is None:  # an open file is not moved there
            os.close(handle)
            handle = -1
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
        if handle >= 0:
            os.close(handle)


def write_whole(path: Path, content: str | bytes, *, mode: int = 0o644, lasting: bool = False) -> None:
    """Write the file in one step: a reader finds the old one or the new one, never half of it.

    Parameters
    ----------
    mode
        Who may read it, as far as the user's umask lets them.
    lasting
        Whether it must outlive a loss of power too: its bytes are on the disk before it has its name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path, mode=mode) as fresh, fresh.open("wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
        if lasting:
            file.flush()
            os.fsync(file.fileno())


def sweep(place: Path) -> None:
    """Clear away, in `place` and in all folders below it, what those left who wrote files and were killed."""
    for root, folders, files in os.walk(place):
        if any(name.startswith(scratch.NEW) for name in (*folders, *files)):
            scratch.clear(scratch.NEW, Path(root))
            _clear(Path(root))
        folders[:] = [name for name in folders if not name.startswith(scratch.NEW)]


def _held(path: Path) -> tuple[int, Path]:
    """Return a new hidden file beside `path`, open and held."""
    while True:
        handle, name = tempfile.mkstemp(prefix=scratch.NEW, suffix=path.suffix, dir=path.parent)
        if fcntl is None:
            return handle, Path(name)
        with suppress(OSError):  # the disk knows no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        if Path(name).exists():  # else somebody cleared it away before it was held
            return handle, Path(name)
        os.close(handle)


@cache
def _clear_once(place: Path) -> None:
    _clear(place)


def _clear(place: Path) -> None:
    for path in place.glob(f"{scratch.NEW}*"):
        if path.is_file() and not path.is_symlink():
            with suppress(OSError):
                _clear_one(path)


def _clear_one(path: Path) -> None:
    """Take a hidden file away, unless somebody holds it."""
    if fcntl is None:
        return
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    finally:
        os.close(handle)
