"""Folders for work that is going on: they go with their owner, and what a killed one left goes with the next.

A folder is held by a lock in it, which the system takes back when its owner ends, however that comes about.
Whoever makes a folder of the same name in the same place therefore clears away those that nobody holds.
"""

import shutil
import tempfile
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock

_HELD = ".held"  # no folder without it is ours
_NEW = 60  # seconds in which a folder may wait for its lock
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
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    made = Folder(path, _lock(path))
    weakref.finalize(made, _end, path, made.lock)  # also where we are stopped before anybody has it
    with suppress(*_NO_LOCK):
        made.lock.acquire()
    _clear(prefix, place, path.stat().st_uid)
    return made


def _end(path: Path, lock: FileLock) -> None:
    lock.release()
    shutil.rmtree(path, ignore_errors=True)


def _lock(path: Path) -> FileLock:
    return FileLock(path / _HELD, thread_local=False)  # whichever thread ends the work lets it go


@cache
def _clear(prefix: str, place: Path, owner: int) -> None:
    """Clear away what nobody holds, once per process."""
    for path in place.glob(f"{prefix}*"):
        with suppress(*_NO_LOCK):
            if _may_be_left(path, owner):
                with _lock(path).acquire(timeout=0):
                    shutil.rmtree(path, ignore_errors=True)


def _may_be_left(path: Path, owner: int) -> bool:
    found = path.lstat()
    old = time.time() - found.st_mtime > _NEW
    return old and found.st_uid == owner and not path.is_symlink() and (path / _HELD).is_file()
