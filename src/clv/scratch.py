"""Folders for work that is going on: they go with their owner, and what a killed one left goes with the next.

A folder is held by a lock in it, which the system takes back when its owner ends, however that comes about.
Whoever makes a folder of the same name in the same place therefore clears away those that nobody holds. No
clock is asked, for clocks jump.
"""

import os
import re
import shutil
import tempfile
import weakref
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock

NEW = ".clv-new-"  # how what is being made is called until it takes the name beside it
TEMPORARY = ("clv-run-", "clv-duckdb-", "clv-pdf-")  # how those below the temporary folder begin
_HELD = ".held"  # no folder without it is ours, but one that is empty and named by a machine
_NAMED = re.compile(r"[a-z0-9_]{8}")
_NO_LOCK = (OSError, NotImplementedError)  # somebody else has it, or the disk knows no locks


@dataclass(frozen=True, eq=False)
class Folder:
    """A folder of one's own, until it is closed or forgotten."""

    path: Path
    lock: FileLock

    def close(self) -> None:
        """Take the folder away, with all that is in it."""
        _end(self.path, self.lock)


def folder(prefix: str, *, place: Path) -> Folder:
    """Make a folder in `place` whose name begins with `prefix`, which only we can read."""
    made = _made(prefix, place)
    while not made.path.is_dir():  # somebody cleared it away before it was held
        made = _made(prefix, place)
    _clear_once(prefix, place)
    return made


def clear(prefix: str, place: Path) -> None:
    """Clear away the folders of this name in `place` that nobody holds."""
    for path in filter(Path.is_dir, place.glob(f"{prefix}*")):
        with suppress(*_NO_LOCK):
            if not _is_mine(path):
                continue
            if (path / _HELD).is_file():
                with _lock(path).acquire(timeout=0):
                    _take_away(path)
            elif _NAMED.fullmatch(path.name.removeprefix(prefix)):  # its owner did not come to hold it
                path.rmdir()


def sweep_temporary() -> None:
    """Clear away what killed ones left in the system's folder for temporary files."""
    with suppress(OSError):  # there may be no such folder
        for prefix in TEMPORARY:
            clear(prefix, Path(tempfile.gettempdir()))


def _made(prefix: str, place: Path) -> Folder:
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    made = Folder(path, _lock(path))
    weakref.finalize(made, _end, path, made.lock)  # also where we are stopped before anybody has it
    with suppress(*_NO_LOCK):
        made.lock.acquire()
    return made


def _end(path: Path, lock: FileLock) -> None:
    lock.release()
    _take_away(path)


def _take_away(path: Path) -> None:
    """Take a folder away, its lock last: one who is killed meanwhile leaves what is known as ours."""
    with suppress(OSError):
        for one in path.iterdir():
            if one.is_dir() and not one.is_symlink():
                shutil.rmtree(one, ignore_errors=True)
            elif one.name != _HELD:
                one.unlink(missing_ok=True)
    shutil.rmtree(path, ignore_errors=True)


def _lock(path: Path) -> FileLock:
    return FileLock(path / _HELD, thread_local=False)  # whichever thread ends the work lets it go


@cache
def _clear_once(prefix: str, place: Path) -> None:
    clear(prefix, place)


def _is_mine(path: Path) -> bool:
    """Return whether it is no link, and of the user who we are."""
    found = path.lstat()
    return not path.is_symlink() and found.st_uid == getattr(os, "geteuid", lambda: 0)()
