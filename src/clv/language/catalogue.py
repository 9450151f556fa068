"""The catalogues on disk: a folder for each language, a file for each part; `labels.po`: words of tables."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loading it takes some tenths of a second, and English needs none
    from babel.messages.catalog import Message

HOME = Path(__file__).parent
LABELS = "labels.po"


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Return everything that the language's catalogues hold: by the English text, the other one."""
    return {text: told for path in files(language) for text, told in entries(path).items()}


@cache
def labels(language: str) -> Mapping[str, str]:
    """Return the words of our tables; empty for English, which needs none."""
    path = HOME / language / LABELS
    return entries(path) if path.is_file() else {}


def files(language: str) -> list[Path]:
    """Return the language's catalogues, by name."""
    return sorted((HOME / language).glob("*.po"))


def entries(path: Path) -> dict[str, str]:
    """Return what one catalogue holds; texts without a translation are left out.

    A word that means different things has its context in front: "reason: share".
    """
    from babel.messages.pofile import read_po  # some tenths of a second, and English needs none

    with path.open("rb") as file:
        found = read_po(file, abort_invalid=True)
    return {_key(entry): str(entry.string) for entry in found if entry.id and entry.string}


def _key(entry: "Message") -> str:
    return f"{entry.context}: {entry.id}" if entry.context else str(entry.id)
