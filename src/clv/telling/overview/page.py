"""The overview of a batch: shops × notebooks, each with its status and key number, and what went wrong."""

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from clv.language import tell
from clv.telling.overview import months, numbers
from clv.telling.overview.months import Kept
from clv.telling.overview.rows import ShopRow, columns, row
from clv.telling.overview.words import Status
from clv.telling.pages import TEMPLATES, render, write_whole

MOST_MONTHS = 6  # in the table of months; a shop's own page has all


def write(out: Path, records: Sequence[Mapping[str, Any]], *, made_at: str, **known: Any) -> Path:
    """Write index.html into the folder of the runs, whole or not at all, and return its path; see `html`."""
    path = Path(out) / "index.html"
    write_whole(path, html(records, made_at=made_at, **known))
    return path


def html(
    records: Sequence[Mapping[str, Any]],
    *,
    made_at: str,
    shops: Mapping[str, str] | None = None,
    pages: Mapping[str, str] | None = None,
    past: pd.DataFrame | None = None,
    kept: Kept | None = None,
    changes: Mapping[str, Any] | None = None,
) -> str:
    """Return the overview as text. All links in it are relative to the folder of the runs.

    Parameters
    ----------
    records
        One per shop and notebook that ran: shop, shop_name, notebook, question, status, message, made_at,
        until, facts, html, ipynb; keys (names of its key facts) and of_all_shops (stands by itself) may be
        left out.
    made_at
        ISO time of this overview.
    shops
        Names by id, in order, of all shops that should be there; those without a record are shown too.
    pages
        By shop, its own page.
    past
        What earlier runs said, one row per fact: shop, notebook, until, name, value, unit, low, high.
    kept
        Reports of earlier runs, by shop, last day and notebook.
    changes
        By shop, what changed since the run before: link, sentence, moved (a few lines).
    """
    alone = [one for one in records if not one.get("of_all_shops")]
    about_all = [one for one in records if one.get("of_all_shops")]
    names = dict(shops or {}) | {one["shop"]: one.get("shop_name") or one["shop"] for one in alone}
    before, days = numbers.past(past), months.by_day(alone, past, kept)
    shown = months.months((days.get(shop, {}) for shop in names), most=MOST_MONTHS)
    asked, asked_of_all, mine = columns(alone), columns(about_all), _by_shop(alone)
    rows = [
        row(shop, name, mine.get(shop, ()), asked, before=before, page=(pages or {}).get(shop, ""),
            months=[months.of_month(days.get(shop, {}), month) for month in shown])
        for shop, name in names.items()
    ]  # fmt: skip
    together = [row("", "", about_all, asked_of_all, before=before)] if about_all else []
    return render(
        "index.html.j2",
        made_at=made_at,
        tally=_tally(rows + together),
        columns=asked,
        rows=rows,
        columns_of_all=asked_of_all,
        together=together,
        months=shown if len(shown) > 1 else [],
        changes=_changes(changes or {}, names | {one["shop"]: tell("All shops") for one in about_all}),
        **_script(),
    )


def _changes(changes: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str, Any, str]]:
    """Return each shop's id and name, what changed there and the link, in the order of the names."""
    return [
        (shop, name, changes[shop], quote(changes[shop].link))
        for shop, name in names.items()
        if shop in changes
    ]


def _script() -> dict[str, str]:
    """Return our script and the name by which the page's policy lets it run."""
    script = (TEMPLATES / "index.js").read_text("utf-8")
    return {"script": script, "script_hash": f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"}


def _by_shop(records: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in records:
        found.setdefault(one["shop"], []).append(one)
    return found


def _tally(rows: Iterable[ShopRow]) -> list[tuple[Status, int]]:
    """Return how many runs ended how, what wants attention first."""
    counts = Counter(cell.status for shop in rows for cell in shop.cells)
    return sorted(counts.items(), key=lambda one: (one[0].rank, one[0].words))
