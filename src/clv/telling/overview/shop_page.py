"""The page of one shop: what every notebook answers, its numbers over past runs, and where everything is."""

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from clv.telling.overview import months, numbers
from clv.telling.overview.months import Kept
from clv.telling.overview.numbers import Past, Told
from clv.telling.overview.rows import Cell, cell
from clv.telling.overview.words import short
from clv.telling.pages import render, write_whole

NAME = "index.html"


@dataclass(frozen=True, slots=True)
class Section:
    """One notebook of the shop: how it ended, its answer, its facts, and what may be taken away of it."""

    anchor: str
    name: str
    cell: Cell
    answer: str
    keys: Sequence[Told]
    others: Sequence[Told]
    downloads: Sequence[tuple[str, str]]


def write(out: Path, shop: str, records: Sequence[Mapping[str, Any]], *, made_at: str, **known: Any) -> Path:
    """Write the page into the shop's folder, whole or not at all, and return its path; see `html`."""
    path = Path(out) / shop / NAME
    write_whole(path, html(shop, records, made_at=made_at, **known))
    return path


def html(
    shop: str,
    records: Sequence[Mapping[str, Any]],
    *,
    made_at: str,
    name: str,
    past: pd.DataFrame | None = None,
    kept: Kept | None = None,
    beside: Mapping[str, Sequence[str]] | None = None,
    readiness: str = "",
    changes: Any = None,
) -> str:
    """Return the page as text. Links given are relative to the folder of the runs, those in it to the shop's.

    Parameters
    ----------
    shop, name
        The shop's id, and how people call it.
    records
        Of its runs, as `page.html` takes them; `answer` (a sentence) may be left out.
    past, kept
        What earlier runs said and which reports of theirs are kept, as `page.html` takes them.
    beside
        By notebook, files that stand beside the report: an Excel file, a PDF.
    readiness
        The page that says which file would unlock what; empty where there is none.
    changes
        What changed since the run before: link, sentence, moved (a few lines); None where that is not known.
    """
    here = [_seen_from(one, shop) for one in sorted(records, key=lambda one: one["notebook"])]
    nearby = {place: _from(link, shop) for place, link in (kept or {}).items() if place[0] == shop}
    mine = past[past["shop"] == shop] if past is not None else None
    before = numbers.past(mine)
    return render(
        "shop.html.j2",
        name=name,
        made_at=made_at,
        until=max((one.get("until") or "" for one in here), default=""),
        sections=[_section(one, before, (beside or {}).get(one["notebook"], ()), shop) for one in here],
        days=months.by_day(here, mine, nearby).get(shop, {}),
        readiness=quote(_from(readiness, shop)),
        changes=changes,
        changes_link=quote(_from(changes.link, shop)) if changes else "",
    )


def _section(record: Mapping[str, Any], before: Past, files: Iterable[str], shop: str) -> Section:
    shown = cell(record, before)
    whole = {} if shown.status.tone == "trouble" else record  # half a run stands for nothing
    return Section(
        f"notebook-{quote(record['notebook'])}",
        short(record["notebook"]),
        shown,
        whole.get("answer") or "",
        numbers.told(record, numbers.keys(whole), before),
        numbers.told(record, numbers.others(whole), before),
        [(posixpath.splitext(file)[1].lstrip(".").upper(), quote(_from(file, shop))) for file in files],
    )


def _seen_from(record: Mapping[str, Any], shop: str) -> Mapping[str, Any]:
    return {**record, **{kind: _from(record.get(kind) or "", shop) for kind in ("html", "ipynb")}}


def _from(link: str, shop: str) -> str:
    """Return a path below the folder of the runs as the shop's own page names it."""
    return posixpath.relpath(link, shop) if link else ""
