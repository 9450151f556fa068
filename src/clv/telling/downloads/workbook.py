"""A report's tables as one workbook: values only, no formula, no macro, no link that leaves the file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from clv.language import tell
from clv.telling.downloads.sheets import Looks, facts_sheet, first_sheet, table_sheet
from clv.telling.downloads.tables import Table
from clv.telling.pages import when

LONGEST_SHEET_NAME = 31
NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\'\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class About:
    """What a workbook says of itself: the question, whose it is, the last day, when it was made (ISO)."""

    question: str
    shop: str
    until: str
    made_at: str


def xlsx(tables: Sequence[Table], facts: Sequence[Mapping[str, Any]], *, about: About) -> bytes:
    """Return the workbook: a first sheet that says what it is, the facts, then one sheet for each table.

    The same tables, facts and words give the same bytes.
    """
    import xlsxwriter  # a third of a second, and only reports need it

    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": about.question, "company": about.shop, "created": _moment(about.made_at)})
    looks = Looks(book)
    names = [sheet_name(table.caption, number) for number, table in enumerate(tables, 1)]
    front = first_name()
    first_sheet(
        book.add_worksheet(front),
        looks,
        about={
            tell("Question"): about.question,
            tell("Shop"): about.shop,
            tell("Last day observed"): when(about.until),
            tell("Made"): when(about.made_at),
        },
        captions={name: table.caption for name, table in zip(names, tables, strict=True)},
        facts=facts_name() if facts else "",
    )
    if facts:
        facts_sheet(book.add_worksheet(facts_name()), looks, facts=facts, back=front)
    for name, table in zip(names, tables, strict=True):
        table_sheet(book.add_worksheet(name), looks, table=table, back=front)
    book.close()
    return file.getvalue()


def sheet_name(caption: str, number: int) -> str:
    """Return a sheet's name that Excel takes, one for each table: its place, and the caption's beginning.

    >>> sheet_name("Shares [%]: who came back/when, by quarter", 12)
    '12 Shares % who came back when,'
    """
    words = " ".join(NOT_IN_SHEET_NAMES.sub(" ", caption).split())
    return f"{number} {words}"[:LONGEST_SHEET_NAME].strip()


def first_name() -> str:
    """Return the name of the sheet that says what the workbook is."""
    return tell("Contents")


def facts_name() -> str:
    """Return the name of the sheet of facts."""
    return tell("Key numbers")


def _moment(made_at: str) -> datetime:
    """Return when it was made as workbooks want it: in UTC, without an offset."""
    moment = datetime.fromisoformat(made_at)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
