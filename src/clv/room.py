"""Room in memory, asked for before libraries of C need it: without it some end the process, one never ends.

Address space is asked for and given back, not memory: that is what a limit (`ulimit -v`, a system that lends
no more than it has) refuses. Where there is none, as much as the machine's memory or more is given.
"""

import mmap
import sys

from clv.errors import NotNowError
from clv.language import tell

TO_START = 1024  # MiB; fitting went well from 800 on with two processors, and takes more with more
FOR_A_BATCH = 1024  # MiB above its imports; with 525 one notebook of two still waited for ever
_MIB = 2**20
_UNRESERVED = getattr(mmap, "MAP_NORESERVE", 0x4000) if sys.platform == "linux" else 0  # from Python 3.13 on


def has(mebibytes: int) -> bool:
    """Return whether so much more can be had; always where that cannot be asked (Windows)."""
    if sys.platform == "win32":
        return True
    try:
        mmap.mmap(-1, mebibytes * _MIB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _UNRESERVED).close()
    except (OSError, MemoryError):
        return False
    return True


def check(mebibytes: int) -> None:
    """Refuse to go on without so much room.

    Raises
    ------
    NotNowError
        So much more memory cannot be had.
    """
    if not has(mebibytes):
        raise NotNowError(
            tell(
                "a program may not take {n:,} MiB more of memory here, which this needs; close "
                "other programs, or raise the limit (ulimit -v).",
                n=mebibytes,
            )
        )
