"""One batch at a time in a folder, stopped politely: what was finished is kept, nothing is left half done."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from filelock import FileLock, Timeout

from clv import scratch, whole_files
from clv.errors import SettingError
from clv.language import tell


class Interrupted(Exception):  # noqa: N818 (not an error: somebody pressed Ctrl-C)
    """The batch was stopped; what was finished is kept."""


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Hold the folder for this batch alone, and clear away what one that was killed left half written."""
    with held(out, lock=".lock", what="batch"):
        whole_files.sweep(out)
        scratch.sweep_temporary()
        yield


@contextmanager
def held(out: Path, *, lock: str, what: str) -> Iterator[None]:
    """Make the folder and hold it by a lock of its own name for one `what` at a time.

    Raises
    ------
    SettingError
        Another holds it, the folder cannot be written to, or a link in it would have us write elsewhere.
    """
    mine = _locked(out, lock, what)
    try:
        _refuse_links(out)
        yield
    finally:
        mine.release()


def _refuse_links(out: Path) -> None:
    """Refuse links to folders in the places where shops, days and lists have theirs; files replace links."""
    found = next(_links(out, deeper=1), None)
    if found is not None:
        raise SettingError(
            tell(
                "{link:s} in {out} is a link, and nothing is written where it leads; take it away, or name "
                "another folder with --out.",
                link=found.relative_to(out).as_posix(),
                out=out,
            )
        )


def _links(folder: Path, *, deeper: int) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if entry.is_symlink():
                if not os.path.isfile(entry.path):  # noqa: PTH113 (a link to itself is no error here)
                    yield Path(entry.path)
            elif deeper and entry.is_dir():
                yield from _links(Path(entry.path), deeper=deeper - 1)


def _locked(out: Path, lock: str, what: str) -> FileLock:
    try:
        out.mkdir(parents=True, exist_ok=True)
        mine = FileLock(out / lock, timeout=0)
        mine.acquire()
    except Timeout:
        raise SettingError(
            tell(
                "another {what} is writing to {out}; wait for it, or name another folder with --out.",
                what=what,
                out=out,
            )
        ) from None
    except OSError as error:
        raise SettingError(
            tell(
                "{out} cannot be written to ({strerror}); name another with --out.",
                out=out,
                strerror=error.strerror or type(error).__name__,
            )
        ) from None
    return mine


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn the first Ctrl-C or polite request to end into Interrupted; more of them change nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if not asked:
            asked = True
            raise Interrupted

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
