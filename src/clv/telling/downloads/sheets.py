"""The sheets of a report's workbook, cell by cell."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from clv.language import label, tell
from clv.telling.downloads.tables import Column, Table

if TYPE_CHECKING:  # loading it takes a third of a second
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

HEADERS_AT = 2  # below the caption and the way back
NARROWEST, WIDEST = 8, 48
LONGEST_TEXT = 32_767  # of a cell
EXCEL_BEGINS = "1900-03-01"  # before it, Excel's days are one off or none
A4 = 9
SPEC = re.compile(r"(?P<sign>\+?)(?P<comma>,?)(?:\.(?P<digits>\d+))?(?P<kind>[fd%]?)\Z")
DAYS = {"day": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm"}


class Looks:
    """The few formats of a workbook, each made once."""

    def __init__(self, book: "Workbook") -> None:
        self._book = book
        self._made: dict[tuple, Any] = {}

    def __call__(self, **properties: Any) -> Any:
        """Return the format with these properties of XlsxWriter's."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"valign": "top", **properties})
        return self._made[key]


def first_sheet(
    sheet: "Worksheet", looks: Looks, *, about: Mapping[str, str], captions: Mapping[str, str], facts: str
) -> None:
    """Write what the workbook is, how it is read, and a link to each sheet; `captions`: by sheet."""
    _paper(sheet, columns=(20, 90))
    for row, (word, value) in enumerate(about.items()):
        sheet.write_string(row, 0, word, looks(bold=True))
        sheet.write_string(row, 1, value, looks(text_wrap=True, bold=row == 0))
    row = len(about) + 1
    sheet.write_string(row, 0, tell("How to read it"), looks(bold=True))
    sheet.write_string(row, 1, _how_to_read(), looks(text_wrap=True))
    links = ({facts: facts} if facts else {}) | dict(captions)
    for at, (name, caption) in enumerate(links.items(), row + 2):
        _link(sheet, (at, 1), name, caption, looks)
    if links:
        sheet.write_string(row + 2, 0, tell("Sheets"), looks(bold=True))


def facts_sheet(sheet: "Worksheet", looks: Looks, *, facts: Sequence[Mapping[str, Any]], back: str) -> None:
    """Write the labelled facts as programs know them, with their words."""
    parts = {"label": "words", "value": "value", "low": "low", "high": "high", "unit": "unit", "name": "name"}
    columns = [
        Column(
            header=tell(word),
            kind="number" if part in ("value", "low", "high") else "text",
            form="",
            is_label=part == "label",
            values=[_fact_part(fact, part) for fact in facts],
        )
        for part, word in parts.items()
    ]
    notes = tell("low, high: ends of the 90 % interval, unless the words say otherwise.")
    table = Table(tell("Key numbers"), notes, columns)
    table_sheet(sheet, looks, table=table, back=back, forms=list(map(_fact_form, facts)))


def table_sheet(
    sheet: "Worksheet", looks: Looks, *, table: Table, back: str, forms: Sequence[str] = ()
) -> None:
    """Write a table: caption, way back, headers, values, notes; `forms`: of each row, where rows differ."""
    _paper(sheet, columns=map(_width, table.columns))
    sheet.write_string(0, 0, table.caption, looks(bold=True, font_size=13))
    _link(sheet, (1, 0), back, f"← {back}", looks)
    for at, column in enumerate(table.columns):
        align = "right" if column.kind == "number" else "left"
        head = looks(bold=True, text_wrap=True, align=align, bottom=1, valign="bottom")
        sheet.write_string(HEADERS_AT, at, column.header, head)
        for row, value in enumerate(column.values, HEADERS_AT + 1):
            form = forms[row - HEADERS_AT - 1] if forms else column.form
            _write(sheet, (row, at), value, column.kind, form, looks)
    below = HEADERS_AT + 1 + len(table.rows)
    sheet.freeze_panes(HEADERS_AT + 1, sum(column.is_label for column in table.columns[:1]))
    sheet.repeat_rows(HEADERS_AT)
    if len(table.rows) > 1:
        sheet.autofilter(HEADERS_AT, 0, below - 1, len(table.columns) - 1)
    if table.notes:
        sheet.write_string(below + 1, 0, table.notes, looks(font_color="#5b6670"))


def number_format(form: str) -> str:
    """Return Excel's name of a number format of ours; what it does not know is shown as it is.

    >>> number_format(",.2f"), number_format("+.1%"), number_format(".3g")
    ('#,##0.00', '+0.0%;-0.0%;0.0%', 'General')
    """
    parts = SPEC.match(form) if form else None
    if parts is None:
        return "General"
    digits = f".{'0' * int(parts['digits'])}" if int(parts["digits"] or 0) else ""
    shown = ("#,##0" if parts["comma"] else "0") + digits + ("%" if parts["kind"] == "%" else "")
    return f"+{shown};-{shown};{shown}" if parts["sign"] else shown


def _write(
    sheet: "Worksheet", place: tuple[int, int], value: Any, kind: str, form: str, looks: Looks
) -> None:
    if value is None:
        return
    if isinstance(value, int | float):
        sheet.write_number(*place, value, looks(num_format=number_format(form)))
    elif kind in DAYS and value >= EXCEL_BEGINS:
        moment = datetime.fromisoformat(value)
        sheet.write_datetime(*place, moment, looks(num_format=DAYS[kind], align="left"))
    else:  # always a string, whatever it begins with
        look = looks(text_wrap=True, align="right" if kind == "number" else "left")
        sheet.write_string(*place, value[:LONGEST_TEXT], look)


def _fact_form(fact: Mapping[str, Any]) -> str:
    """Return how a fact's numbers are shown: parts of one in per cent, amounts with two decimals."""
    numbers = (fact[part] for part in ("value", "low", "high"))
    whole = all(float(one).is_integer() for one in numbers if isinstance(one, int | float))
    return ".1%" if fact["unit"] == "share" else "," if whole else ",.2f"


def _fact_part(fact: Mapping[str, Any], part: str) -> Any:
    value = fact[part]
    if isinstance(value, bool):
        return tell("yes") if value else tell("no")
    return label(value) if part == "unit" else value


def _link(sheet: "Worksheet", place: tuple[int, int], name: str, words: str, looks: Looks) -> None:
    sheet.write_url(*place, f"internal:'{name}'!A1", looks(font_color="#14626b", underline=1), words)


def _paper(sheet: "Worksheet", *, columns: Any) -> None:
    sheet.hide_gridlines(2)
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for at, width in enumerate(columns):
        sheet.set_column(at, at, width)


def _width(column: Column) -> float:
    """Return a column's width in characters: its longest cell, its header on two lines, within limits."""
    cells = (_wide(_shown(value, column)) for value in column.values if value is not None)
    return min(max(NARROWEST, _wide(column.header) / 2 + 3, 2 + max(cells, default=0)), WIDEST)


def _shown(value: Any, column: Column) -> str:
    if isinstance(value, str):
        return value
    form = column.form if SPEC.match(column.form) and column.form else ".6g"
    return format(value, form.replace("d", ".0f"))


def _wide(text: str) -> int:
    """Return how many places a text takes: Chinese signs take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _how_to_read() -> str:
    return tell(
        "The tables of the report with the same name, in its order, with the numbers in full. Values only: "
        "no formulas, no links to other files. Where a cell is empty, nothing is known or nothing applies."
    )
