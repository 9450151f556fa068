"""A table for people: a caption, headers that a screen reader follows, aligned numbers, nothing that runs."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from IPython.display import display

from clv.errors import SettingError
from clv.language import tell, translated
from clv.telling.pages import render
from clv.telling.table_columns import Column, Format, columns

TABLE_MIME = "application/vnd.clv.table+json"


def table(
    frame: pd.DataFrame,
    *,
    caption: str,
    formats: Mapping[str, Format] | None = None,
    notes: str = "",
) -> None:
    """Display a frame as an HTML table (plain text where HTML cannot go), everything in it escaped.

    Headers and words of ours are shown in the language spoken now; what is a shop's stays as it is. The
    values themselves stay in the executed notebook, for the workbook beside its report.

    Parameters
    ----------
    frame : any frame with plain columns; its index is shown when it has a name, as row headers. Underscores
        in names become spaces.
    caption : says what the table holds.
    formats : by column (or index) name, a format specification (",.0f", ".1%", "%d %B %Y") or a function
        from value to text. Without one: thousands separators, about three figures, ISO dates, yes and no.
    notes : a sentence under the table.

    Raises
    ------
    SettingError
        No caption, columns on several levels, or a format for a column that is not there.
    """
    written = columns(frame, formats or {})
    caption, notes = translated(caption), translated(notes)
    bundle = {"text/html": _html(written, caption=caption, notes=notes)}
    bundle["text/plain"] = _text(written, caption=caption, notes=notes)
    display(bundle | {TABLE_MIME: _data(written, caption=caption, notes=notes)}, raw=True)


def html(
    frame: pd.DataFrame,
    *,
    caption: str,
    formats: Mapping[str, Format] | None = None,
    notes: str = "",
) -> str:
    """Return the table of `table` as HTML: the same frame gives the same text, byte for byte."""
    written = columns(frame, formats or {})
    return _html(written, caption=translated(caption), notes=translated(notes))


def _html(written: list[Column], *, caption: str, notes: str) -> str:
    if not caption.strip():
        raise SettingError(tell("A table has no caption; say in a few words what it holds."))
    rows = list(zip(*(column.cells for column in written), strict=True))
    return render("table.html.j2", caption=caption, notes=notes, columns=written, rows=rows)


def _text(written: list[Column], *, caption: str, notes: str) -> str:
    text = pd.DataFrame({at: column.cells for at, column in enumerate(written)})
    lines = text.to_string(index=False, header=[column.header for column in written])
    return "\n".join(filter(None, [caption, lines, notes]))


def _data(written: list[Column], *, caption: str, notes: str) -> dict[str, Any]:
    """Return what `downloads.tables` reads back: the values, and how people read them."""
    parts = ("header", "kind", "form", "is_label", "values")
    told = [{part: getattr(column, part) for part in parts} for column in written]
    return {"caption": caption, "notes": notes, "columns": told}
