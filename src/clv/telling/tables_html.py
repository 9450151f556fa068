"""A table for people: a caption, headers that a screen reader follows, aligned numbers, nothing that runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import display
from pandas.api import types

from clv.errors import SettingError, nearest
from clv.telling.pages import render

Format = str | Callable[[Any], str]
MISSING = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """One column, ready to be written: its header, its cells as text, what it is."""

    header: str
    cells: list[str]
    is_number: bool
    is_label: bool


def table(
    frame: pd.DataFrame,
    *,
    caption: str,
    formats: Mapping[str, Format] | None = None,
    notes: str = "",
) -> None:
    """Display a frame as an HTML table (plain text where HTML cannot go), everything in it escaped.

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
    columns = _columns(frame, formats or {})
    bundle = {"text/html": html(frame, caption=caption, formats=formats, notes=notes)}
    text = pd.DataFrame({at: column.cells for at, column in enumerate(columns)})
    lines = text.to_string(index=False, header=[column.header for column in columns])
    display(bundle | {"text/plain": "\n".join(filter(None, [caption, lines, notes]))}, raw=True)


def html(
    frame: pd.DataFrame,
    *,
    caption: str,
    formats: Mapping[str, Format] | None = None,
    notes: str = "",
) -> str:
    """Return the table of `table` as HTML: the same frame gives the same text, byte for byte."""
    if not caption.strip():
        raise SettingError("A table has no caption; say in a few words what it holds.")
    columns = _columns(frame, formats or {})
    rows = list(zip(*(column.cells for column in columns), strict=True))
    return render("table.html.j2", caption=caption, notes=notes, columns=columns, rows=rows)


def _columns(frame: pd.DataFrame, formats: Mapping[str, Format]) -> list[Column]:
    if frame.columns.nlevels > 1:
        raise SettingError("A table's columns must be on one level; join the levels' names first.")
    named = [at for at, name in enumerate(frame.index.names) if name is not None]
    labels = [pd.Series(frame.index.get_level_values(at)) for at in named]
    series = labels + [frame.iloc[:, at] for at in range(frame.shape[1])]
    names = [str(one.name) for one in series]
    if unknown := [name for name in formats if str(name) not in names]:
        hint = nearest(unknown[0], names)
        raise SettingError(f"There is a format for column {unknown[0]!r}, which is not there; {hint}")
    return [_column(one, formats.get(one.name), is_label=at < len(labels)) for at, one in enumerate(series)]


def _column(series: pd.Series, form: Format | None, *, is_label: bool) -> Column:
    write = _writer(series) if form is None else form if callable(form) else lambda value: format(value, form)
    cells = [MISSING if _is_missing(value) else str(write(value)) for value in series]
    is_number = types.is_numeric_dtype(series) and not types.is_bool_dtype(series)
    header = str(series.name).replace("_", " ")
    return Column(header=header, cells=cells, is_number=is_number, is_label=is_label)


def _is_missing(value: Any) -> bool:
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _writer(series: pd.Series) -> Callable[[Any], str]:
    """Return how this kind of column is written where nobody said."""
    if types.is_bool_dtype(series):
        return lambda value: "yes" if value else "no"
    if types.is_integer_dtype(series):
        return "{:,}".format
    if types.is_float_dtype(series):
        decimals = _decimals(series)
        return lambda value: f"{value:,.{decimals}f}" if np.isfinite(value) else ("∞" if value > 0 else "−∞")
    if types.is_datetime64_any_dtype(series):
        has_hours = (series.dropna() != series.dropna().dt.normalize()).any()
        return lambda value: f"{value:%Y-%m-%d %H:%M}" if has_hours else f"{value:%Y-%m-%d}"
    return str


def _decimals(series: pd.Series) -> int:
    """Three figures for the largest number in the column, the same decimals for all."""
    largest = series[np.isfinite(series.astype(float))].abs().max()
    if not largest > 0:
        return 0
    return int(np.clip(2 - np.floor(np.log10(largest)), 0, 4))
