"""Errors that a person can act on: what was found, how many, the first example, what to do.

ClvError               root; the command line prints it as one sentence and leaves with a code
├── InputError         a file, a column or a value is not what it should be        (exit code 2)
├── SettingError       a shop file, a parameter or a name is wrong                  (exit code 2)
│   └── NotNowError    no memory, no room, or files that change just now: no lasting word on them (code 2)
└── NoAnswerError      the data are sound, but do not carry the answer asked for    (exit code 1)
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from clv.language import tell
from clv.veils import veiled

_NO_MEMORY = re.compile(
    r"MemoryError|bad_alloc|cannot allocate memory|failed to map segment|can't start new thread"
    r"|launch worker thread|out of memory",
    re.IGNORECASE,
)


class ClvError(Exception):
    """Root of all errors that clv raises on purpose.

    Its sentence may name a file or a header, in which people write phones too: those are taken out.
    """

    exit_code = 2

    def __init__(self, *said: object) -> None:
        super().__init__(*(veiled(one) if isinstance(one, str) else one for one in said))


class InputError(ClvError):
    """A file, a column or a value is not what it should be."""


class SettingError(ClvError):
    """A shop file, a parameter or a name is wrong."""


class NotNowError(SettingError):
    """The machine lacks memory or room for it now, or files change under it; another time it may go well.

    It says nothing of a shop's files: whoever tells what is wrong with these, and goes on, lets it pass.
    """


class NoAnswerError(ClvError):
    """The data are sound but do not carry the answer asked for."""

    exit_code = 1


def lacks_memory(error: BaseException) -> bool:
    """Return whether too little memory is behind an error, whatever a library made of it."""
    behind = error.__cause__ or error.__context__
    return says_no_memory(f"{type(error).__name__}: {error}") or (behind is not None and lacks_memory(behind))


def says_no_memory(text: str) -> bool:
    """Return whether an error's name and words are about too little memory.

    >>> says_no_memory("ImportError: libx.so: cannot allocate memory in static TLS block")
    True
    """
    return _NO_MEMORY.search(text) is not None


def own_names(root: type[ClvError] = ClvError) -> set[str]:
    """Return the names of all errors that clv raises on purpose: a kernel tells only the name of one."""
    return {root.__name__}.union(*map(own_names, root.__subclasses__()))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint with the nearest known name, or the list of names when none is near.

    >>> nearest("taobo", ["taobao", "youzan"])
    "did you mean 'taobao'?"
    """
    known = sorted(map(str, known))
    found = get_close_matches(str(word).lower(), [k.lower() for k in known], n=1, cutoff=0.6)
    if found:
        return tell("did you mean {next!r}?", next=next(k for k in known if k.lower() == found[0]))
    return "known: " + ", ".join(known)
