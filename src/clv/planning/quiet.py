"""HiGHS without what it says by itself: it writes a line of its own on every repair of a rounded solution.

No option turns that line off, and it is written by C, past Python's own output. So the process's output is
pointed at nothing for as long as HiGHS works, and what C still holds back is let go there.
"""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from scipy import optimize

_OUTPUT = 1


def milp(*given: Any, **named: Any) -> optimize.OptimizeResult:
    """Return what `scipy.optimize.milp` returns."""
    with _silence():
        return optimize.milp(*given, **named)


@contextmanager
def _silence() -> Iterator[None]:
    with suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
    try:
        kept = os.dup(_OUTPUT)
    except OSError:  # there is no output to keep clean
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 (a device, not a path)
            os.dup2(nowhere.fileno(), _OUTPUT)
        yield
    finally:
        with suppress(OSError, AttributeError, TypeError):
            ctypes.CDLL(None).fflush(None)  # where C cannot be asked, its buffer is small and soon empty
        os.dup2(kept, _OUTPUT)
        os.close(kept)
