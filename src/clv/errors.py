"""Errors that a person can act on: what was found, how many, the first example, what to do.

ClvError               root; the command line prints it as one sentence and leaves with a code
├── InputError         a file, a column or a value is not what it should be        (exit code 2)
├── SettingError       a shop file, a parameter or a name is wrong                  (exit code 2)
└── NoAnswerError      the data are sound, but do not carry the answer asked for    (exit code 1)
"""

from collections.abc import Iterable
from difflib import get_close_matches

from clv.language import tell
from clv.veils import veiled


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


class NoAnswerError(ClvError):
    """The data are sound but do not carry the answer asked for."""

    exit_code = 1


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
