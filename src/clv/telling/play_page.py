"""The page of a play: what a playbook answered for each shop, and where reports and lists are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from clv.telling.pages import render, write_whole

PAGE = "play.html"
# status: (symbol, words, tone); the template tells the words, and the tone only colours what they say
_STATUS = {
    "lists": ("✓", "lists are ready", "good"),
    "leave": ("✓", "nothing to send", "good"),
    "stopped": ("!", "stopped by a guard", "trouble"),
    "refused": ("○", "no answer", "calm"),
}
_FAILED = ("✕", "a step failed", "trouble")


def write(out: Path, rows: Sequence[Mapping[str, Any]], *, title: str, question: str, made_at: str) -> Path:
    """Write the page into the folder of a play, whole or not at all, and return its path.

    Parameters
    ----------
    rows
        One per shop: name, status, sentence; reports, a mapping from words to paths below `out`; files, paths
        below `out`.
    """
    told = [_row(row) for row in rows]
    path = out / PAGE
    write_whole(path, render("play.html.j2", rows=told, title=title, question=question, made_at=made_at))
    return path


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    symbol, words, tone = _STATUS.get(row["status"], _FAILED)
    return {
        "name": row["name"],
        "sentence": row["sentence"],
        "symbol": symbol,
        "words": words,
        "tone": tone,
        "reports": [(name, quote(path)) for name, path in row["reports"].items()],
        "files": [(Path(path).name, quote(path)) for path in row["files"]],
    }
