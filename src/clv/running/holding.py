"""One batch at a time in a folder, stopped politely: what was finished is kept, nothing is left half done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from filelock import FileLock, Timeout

from clv.errors import SettingError
from clv.language import tell


class Interrupted(Exception):  # noqa: N818 (not an error: somebody pressed Ctrl-C)
    """The batch was stopped; what was finished is kept."""


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Hold the folder for this batch alone."""
    with held(out, lock=".lock", what="batch"):
        yield


@contextmanager
def held(out: Path, *, lock: str, what: str) -> Iterator[None]:
    """Make the folder and hold it by a lock of its own name for one `what` at a time.

    Raises
    ------
    SettingError
        Another holds it, or the folder cannot be written to.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with FileLock(out / lock, timeout=0):
            yield
    except Timeout:
        raise SettingError(
            tell(
                "another {what} is writing to {out}; wait for it, or name another folder with --out.",
                what=what,
                out=out,
            )
        ) from None
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise SettingError(
            tell(
                "{out} cannot be written to ({strerror}); name another with --out.",
                out=out,
                strerror=error.strerror,
            )
        ) from None


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
