"""The tables of a report as files beside it: one workbook with all of them, and each as CSV.

OUT/<shop>/<notebook>.xlsx                what it is, the facts, one sheet per table
OUT/<shop>/<notebook>-tables/01-….csv     one per table, in the order of the report
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from clv.telling import facts
from clv.telling.downloads import comma, tables, workbook
from clv.telling.downloads.workbook import About
from clv.telling.pages import write_whole


@dataclass(frozen=True, slots=True)
class Downloads:
    """Links of a report to the files beside it, relative and quoted; `csv`: in the order of its tables."""

    workbook: str = ""
    csv: Sequence[str] = ()


def write(nb: Mapping[str, Any], report: Path, *, about: About) -> Downloads:
    """Write the tables of an executed notebook beside the place of its report, and return the links.

    Nothing is written for a notebook without a table and without a labelled fact.
    """
    found = tables.collect(nb)
    labelled = [fact for fact in facts.collect(nb) if fact["label"]]
    if not found and not labelled:
        return Downloads()
    book = report.with_suffix(".xlsx")
    write_whole(book, workbook.xlsx(found, labelled, about=about))
    folder = _folder(report)
    names = [comma.name(table, number) for number, table in enumerate(found, 1)]
    for name, table in zip(names, found, strict=True):
        write_whole(folder / name, comma.csv_text(table))
    return Downloads(quote(book.name), [quote(f"{folder.name}/{name}") for name in names])


def _folder(report: Path) -> Path:
    return report.with_name(f"{report.stem}-tables")
