"""A frame as columns that can be written: on a page, in a workbook, in a text file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.api import types

from clv.errors import SettingError, nearest
from clv.language import tell
from clv.telling.table_words import cell, header, minus

Format = str | Callable[[Any], str]
Kind = Literal["number", "day", "moment", "text"]
MISSING = "–"
FIGURES = 12  # of a number that goes into a file: more than anybody measured


@dataclass(frozen=True, slots=True)
class Column:
    """One column, ready to be written.

    cells: as people read them; values: numbers, days as ISO text and the other cells' text, None where there
    is nothing; form: how its numbers are written (",.1f"), "" where a function of the notebook's does it.
    """

    header: str
    kind: Kind
    form: str
    is_label: bool
    cells: list[str]
    values: list[Any]

    @property
    def is_number(self) -> bool:
        """Whether it is set right, figure under figure."""
        return self.kind == "number"


def columns(frame: pd.DataFrame, formats: Mapping[str, Format]) -> list[Column]:
    """Return the named levels of the index as labels, then the columns, in the language spoken now.

    Raises
    ------
    SettingError
        Columns on several levels, or a format for a column that is not there.
    """
    if frame.columns.nlevels > 1:
        raise SettingError(tell("A table's columns must be on one level; join the levels' names first."))
    named = [at for at, name in enumerate(frame.index.names) if name is not None]
    labels = [pd.Series(frame.index.get_level_values(at)) for at in named]
    series = labels + [frame.iloc[:, at] for at in range(frame.shape[1])]
    names = [str(one.name) for one in series]
    if unknown := [name for name in formats if str(name) not in names]:
        hint = nearest(unknown[0], names)
        raise SettingError(
            tell(
                "There is a format for column {column!r}, which is not there; {hint}",
                column=unknown[0],
                hint=hint,
            )
        )
    return [_column(one, formats.get(one.name), is_label=at < len(labels)) for at, one in enumerate(series)]


def _column(series: pd.Series, form: Format | None, *, is_label: bool) -> Column:
    kind = _kind(series)
    write = _writer(series) if form is None else form if callable(form) else lambda value: format(value, form)
    name = str(series.name)
    cells = [MISSING if _is_missing(value) else _told(str(write(value)), kind, name) for value in series]
    return Column(
        header=header(name),
        kind=kind,
        form=_form(series, form) if kind == "number" else "",
        is_label=is_label,
        cells=cells,
        values=list(_values(series, cells, kind)),
    )


def _told(text: str, kind: Kind, column: str) -> str:
    return cell(text, column=column) if kind == "text" else minus(text)


def _kind(series: pd.Series) -> Kind:
    if types.is_bool_dtype(series):
        return "text"
    if types.is_numeric_dtype(series):
        return "number"
    if types.is_datetime64_any_dtype(series):
        return "moment" if _has_hours(series) else "day"
    return "text"


def _values(series: pd.Series, cells: list[str], kind: Kind) -> Iterator[Any]:
    for value, text in zip(series, cells, strict=True):
        if _is_missing(value):
            yield None
        elif kind in ("day", "moment"):
            yield f"{value:%Y-%m-%d}" if kind == "day" else f"{value:%Y-%m-%dT%H:%M:%S}"
        elif isinstance(value, Real) and not isinstance(value, bool | np.bool_) and np.isfinite(value):
            yield int(value) if float(value).is_integer() else float(f"{value:.{FIGURES}g}")
        else:  # text, yes and no, infinity
            yield text


def _is_missing(value: Any) -> bool:
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _writer(series: pd.Series) -> Callable[[Any], str]:
    """Return how this kind of column is written where nobody said."""
    if types.is_bool_dtype(series):
        return lambda value: tell("yes") if value else tell("no")
    if types.is_integer_dtype(series):
        return "{:,}".format
    if types.is_float_dtype(series):
        form = _form(series)
        return lambda value: format(value, form) if np.isfinite(value) else ("∞" if value > 0 else "−∞")
    if types.is_datetime64_any_dtype(series):
        return ("{:%Y-%m-%d %H:%M}" if _has_hours(series) else "{:%Y-%m-%d}").format
    return lambda value: _plain(value)


def _plain(value: Any) -> str:
    """Return a cell of a column of all sorts."""
    if isinstance(value, bool | np.bool_):
        return tell("yes") if value else tell("no")
    return str(value)


def _form(series: pd.Series, form: Format | None = None) -> str:
    """Return the format of numbers; where nobody said: about three figures, the same decimals for all."""
    if form is not None:
        return form if isinstance(form, str) else ""
    return f",.{_decimals(series)}f" if types.is_float_dtype(series) else ","


def _has_hours(series: pd.Series) -> bool:
    return bool((series.dropna() != series.dropna().dt.normalize()).any())


def _decimals(series: pd.Series) -> int:
    """Three figures for the largest number in the column, the same decimals for all."""
    largest = series[np.isfinite(series.astype(float))].abs().max()
    if not largest > 0:
        return 0
    return int(np.clip(2 - np.floor(np.log10(largest)), 0, 4))
