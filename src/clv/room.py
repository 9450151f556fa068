"""Room in memory, asked for before libraries of C need it: without it some end the process, one never ends.

Address space is asked for and given back, not memory: that is what a limit (`ulimit -v`, a strict system)
refuses. Where there is no limit, the system gives whatever is asked for.
"""

import mmap
import sys

from clv.errors import NotNowError
from clv.language import tell

TO_START = 1024  # MiB; fitting began to go well at 800 on two processors, and takes more on more
FOR_A_BATCH = 1024  # MiB above its imports; with 512 one notebook of two still waited for ever
_MIB = 2**20


def has(mebibytes: int) -> bool:
    """Return whether so much more can be had; always where that cannot be asked (Windows)."""
    if sys.platform == "win32":
        return True
    try:
        mmap.mmap(-1, mebibytes * _MIB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
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
                "a program may not take {n:,} MiB more of memory here, which clv needs to begin with; close "
                "other programs, or raise the limit (ulimit -v).",
                n=mebibytes,
            )
        )
