"""The keys on top of a Markdown page, between two lines of `---`, and where each of them stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from clv.declaring import strict_yaml, texts
from clv.errors import SettingError
from clv.language import tell

MARK = "---"


@dataclass(frozen=True)
class Page:
    """A Markdown page that begins with keys.

    Attributes
    ----------
    file
        What errors call the page.
    keys
        What its front matter says.
    body, begins
        The Markdown below, and the line of the file on which it begins.
    root
        The tree of the front matter, for line numbers.
    """

    file: str
    keys: dict[str, Any]
    body: str
    begins: int
    root: yaml.Node | None

    def where(self, steps: Sequence[str | int]) -> str:
        """Return the place of the deepest key of the path that is there: 'page.md, line 3'."""
        found = (strict_yaml.line(self.root, steps[:n]) for n in range(len(steps), 0, -1))
        line = next((line for line in found if line), None)
        return tell("{file}, line {line}", file=self.file, line=line) if line else self.file


def read(path: Path, *, what: str) -> Page:
    """Return the page in a file; `what` is how errors call such a file ('playbook').

    Raises
    ------
    SettingError
        There is no such file, it is not text, or its front matter is missing or no mapping; with the line.
    """
    try:
        return parse(texts.read(path), file=path.name)
    except FileNotFoundError:
        raise SettingError(
            tell(
                "there is no {what} file {path!r} in the folder {parent!r}.",
                what=what,
                path=path.name,
                parent=path.parent.name,
            )
        ) from None
    except UnicodeDecodeError:
        raise SettingError(tell("{path} is not UTF-8 text; save it as UTF-8.", path=path.name)) from None
    except OSError as error:
        raise SettingError(
            tell("{path!r} cannot be read: {reason}.", path=path.name, reason=error.strerror)
        ) from None


def parse(text: str, *, file: str) -> Page:
    """Return the page that `text` is; `file` is how errors call it.

    Raises
    ------
    SettingError
        As `read`.
    """
    lines = text.split("\n")
    marks = [n for n, line in enumerate(lines) if line.rstrip() == MARK][:2]
    if marks[:1] != [0]:
        raise SettingError(
            tell(
                "{file} has no front matter; its first line should be {mark}, then come its keys.",
                file=file,
                mark=MARK,
            )
        )
    if len(marks) < 2:
        raise SettingError(
            tell(
                "{file}: the front matter does not end; put a line of {mark} below its last key.",
                file=file,
                mark=MARK,
            )
        )
    try:  # the empty line in place of the mark keeps the file's line numbers
        keys, root = strict_yaml.read("\n".join(["", *lines[1 : marks[1]]]))
    except SettingError as error:
        raise SettingError(f"{file}, {error}") from None
    if not isinstance(keys, dict):
        raise SettingError(
            tell(
                "{file}: the front matter is empty or no mapping; it should hold 'question: ...'.", file=file
            )
        )
    return Page(file, keys, "\n".join(lines[marks[1] + 1 :]), marks[1] + 2, root)
