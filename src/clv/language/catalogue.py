"""The catalogues on disk: a folder for each language, a file for each part; `labels.po`: words of tables."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

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
    """Return what one catalogue holds; texts without a translation are left out."""
    from babel.messages.pofile import read_po  # some tenths of a second, and English needs none

    with path.open("rb") as file:
        found = read_po(file, abort_invalid=True)
    return {str(entry.id): str(entry.string) for entry in found if entry.id and entry.string}
