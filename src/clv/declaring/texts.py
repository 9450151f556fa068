"""A file that people declare something in, as text: an ordinary file, of a size that people write."""

import errno
import stat
from pathlib import Path

from clv.language import tell

LARGEST = 1_000_000  # bytes; ten thousand shops, and read in seconds


def read(path: Path) -> str:
    """Return the text of a file, without its byte order mark.

    Raises
    ------
    OSError
        There is no such file, or none that can be read; it is a pipe or a device, which could go on for ever;
        it is larger than `LARGEST`. `strerror` says which, for a sentence.
    UnicodeDecodeError
        It is not UTF-8.
    """
    try:
        mode = path.stat().st_mode
    except ValueError:  # a name that holds a null character
        raise FileNotFoundError(errno.ENOENT, tell("no file can have this name")) from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.EINVAL, tell("it is no ordinary file"))
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise OSError(errno.EFBIG, tell("it is larger than {largest:,} bytes", largest=LARGEST))
    return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
