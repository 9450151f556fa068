"""Which notebook said something of which month, and where its report is kept: shops × notebooks × months."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pandas as pd

from clv.telling.overview.words import short

Kept = Mapping[tuple[str, str, str], str]
MONTH = len("2026-06")


@dataclass(frozen=True, slots=True)
class Run:
    """A run of one notebook, observed until one day; without a link its report is not kept."""

    notebook: str
    name: str
    link: str


Days = Mapping[str, Sequence[Run]]


def by_day(
    records: Iterable[Mapping[str, Any]], past: pd.DataFrame | None = None, kept: Kept | None = None
) -> dict[str, Days]:
    """Return the runs of each shop by its last days of observation, newest first.

    Parameters
    ----------
    records
        Of the present runs; theirs are the reports that count for their days.
    past
        shop, notebook, until of every run that is remembered.
    kept
        Links to reports of earlier runs, by shop, last day and notebook.
    """
    columns = ["shop", "until", "notebook"]
    rows = () if past is None else past[columns].drop_duplicates().itertuples(index=False, name=None)
    links = dict.fromkeys(rows, "") | dict(kept or {})
    links |= {
        (one["shop"], one["until"], one["notebook"]): one["html"]
        for one in records
        if one.get("until") and one.get("html")
    }
    found: dict[str, dict[str, list[Run]]] = {}
    for (shop, day, notebook), link in sorted(links.items()):
        found.setdefault(shop, {}).setdefault(day, []).append(Run(notebook, short(notebook), quote(link)))
    return {shop: dict(sorted(days.items(), reverse=True)) for shop, days in found.items()}


def months(days: Iterable[Days], *, most: int) -> list[str]:
    """Return the latest months of these shops' runs, newest first: '2026-06'."""
    every = {day[:MONTH] for one in days for day in one}
    return sorted(every, reverse=True)[:most]


def of_month(days: Days, month: str) -> tuple[str, Sequence[Run]]:
    """Return the latest day of the month that there are runs of, and these; ('', []) where there are none."""
    return next(((day, runs) for day, runs in days.items() if day.startswith(month)), ("", []))
