"""A table as CSV that Excel and programs read: UTF-8 with its mark, full numbers, ISO days, no formula."""

import csv
import io
import re
from textwrap import shorten
from typing import Any

from clv.formulas import neutralised
from clv.telling.downloads.tables import Table

BOM = "\ufeff"
LONGEST_NAME = 40


def csv_text(table: Table) -> str:
    """Return the table as the text of a CSV file; its caption and notes are in the workbook."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_safe(column.header) for column in table.columns)
    writer.writerows(map(_safe, row) for row in table.rows)
    return BOM + file.getvalue()


def name(table: Table, number: int) -> str:
    """Return the file's name: the table's place in the report, and the words of its caption.

    >>> name(Table("Money kept, by month", "", []), 3)
    '03-money-kept-by-month.csv'
    """
    words = shorten(" ".join(re.findall(r"\w+", table.caption.lower())), LONGEST_NAME, placeholder="")
    words = words.replace(" ", "-")
    return f"{number:02d}-{words}.csv" if words else f"{number:02d}.csv"


def _safe(value: Any) -> Any:
    """Return numbers as they are, and text with an apostrophe where a spreadsheet would run it."""
    return neutralised(value) if isinstance(value, str) else value
