"""Typed cells, of Excel, Parquet or a database, as text.

Numbers that a float cannot hold come out in powers of ten, so that nobody takes them for whole order numbers.
"""

from decimal import Decimal

import pandas as pd

_EXACT = 2**53  # beyond this a float no longer holds every whole number
_DIGITS_OF_EXCEL = 15


def as_text(column: pd.Series) -> pd.Series:
    """Return a column of typed cells as text, numbered from 0."""
    if isinstance(column.dtype, pd.StringDtype):
        return column.astype("str").reset_index(drop=True)
    return column.astype(object).map(cell).astype("str").reset_index(drop=True)


def cell(value: object) -> str | None:
    """Write a typed cell as text: 17850.0 as 17850, a number too long for a float in powers of ten."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value)) if abs(value) <= _EXACT else _long_number(value)
    return value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)


def _long_number(value: float) -> str:
    """Write 15 digits and zeros as Excel does, anything longer in powers of ten: its end is not sure."""
    exact = Decimal(repr(value))
    return f"{exact:f}" if len(exact.as_tuple().digits) <= _DIGITS_OF_EXCEL else f"{value:.16E}"
