"""Rows of text in straight columns, for a terminal on which a Chinese character takes two places."""

from collections.abc import Sequence
from unicodedata import east_asian_width


def aligned(rows: Sequence[Sequence[str]], *, numbers: bool) -> list[str]:
    """Return a line for each row; all columns but the first are flush right where they hold numbers."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = [[_filled(cell, width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    if numbers:
        lines = [[line[0], *map(_flush_right, line[1:])] for line in lines]
    return ["  ".join(line).rstrip() for line in lines]


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _filled(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _flush_right(cell: str) -> str:
    text = cell.rstrip(" ")
    return " " * (len(cell) - len(text)) + text
