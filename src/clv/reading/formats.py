"""Bytes of a file → rows of text cells: CSV in any usual encoding, Excel, Parquet."""

from dataclasses import dataclass

import pandas as pd

from clv.reading import parquet_cells, texts, workbooks
from clv.reading.packed import OLD_EXCEL, PARQUET, ZIP


@dataclass(frozen=True, eq=False)
class Raw:
    """The cells of a file as text without a header, its format or encoding, notes, and columns of lists."""

    table: pd.DataFrame
    encoding: str
    notes: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()


def raw(content: bytes, name: str, separator: str | None) -> Raw:
    """Return what a file holds.

    Raises
    ------
    InputError
        The content is no table, damaged or locked by a password.
    """
    if content.startswith(PARQUET):
        table, nested = parquet_cells.read(content, name)
        return Raw(table, "Parquet", nested=nested)
    if content.startswith((ZIP, OLD_EXCEL)):
        table, notes = workbooks.read(content, name, is_zip=content.startswith(ZIP))
        return Raw(table, "Excel", notes)
    encoding = texts.encoding(content, name)
    return Raw(texts.rows(content, encoding, name, separator), encoding)
