"""Paths as people write them: with `~` for the home of whoever asks, or too long to be any."""

import os
from pathlib import Path


def path(text: str) -> Path:
    """Return the path that `text` names; `~somebody` stays as it is where nobody is called so.

    >>> path("~nobody-is-called-so/orders.csv").as_posix()
    '~nobody-is-called-so/orders.csv'
    """
    return Path(os.path.expanduser(text))  # noqa: PTH111 (Path.expanduser stops at a stranger's name)


def is_file(path: Path) -> bool:
    """Return whether there is such a file; a name that no disk can hold is none."""
    try:
        return path.is_file()
    except OSError:
        return False
