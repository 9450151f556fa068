"""What tells that a text, a cell or a table holds a customer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from json import dumps
from pathlib import Path

import pandas as pd

from clv import formulas, tables
from clv.purging.person import Person

_PART = r"[0-9A-Za-z_]"
_LONG = 7  # the least digits of a whole phone number
# Columns of our lists and tables that hold ids.
_OF_IDS = ("customer_id", "address", "customer", "customers", "person", "sha256", "value", "index")


@dataclass(frozen=True)
class Traces:
    """What a customer can be recognised by.

    Attributes
    ----------
    anywhere
        Pseudonyms and digests: nothing else looks like them.
    cells
        Whole cells: raw ids and keys, which may be as short as a number, and their hashes for advertising.
    shown_raw
        Whether reports of the shop show ids as they are, so that these are looked for in texts too.
    """

    anywhere: re.Pattern[str]
    cells: frozenset[str]
    shown_raw: bool

    def in_text(self, text: str) -> bool:
        """Return whether a page, a notebook or a record holds the customer."""
        if self.anywhere.search(text):
            return True
        return self.shown_raw and any(self._stands(one, text) for one in self.cells)

    def in_cell(self, cell: object, *, column: str = "") -> bool:
        """Return whether a cell names the customer.

        A raw id counts where it can be nothing else: in a column of ids, or long enough for a phone.
        """
        text = formulas.as_it_was("" if cell is None else str(cell)).strip()
        if text in self.cells and (column in _OF_IDS or len(text) >= _LONG):
            return True
        return bool(self.anywhere.search(text))

    def in_frame(self, frame: pd.DataFrame) -> bool:
        """Return whether a table holds the customer, in its index or in a column of text."""
        whole = frame.reset_index()
        return any(self._in_column(whole[name], str(name)) for name in whole)

    def in_parquet(self, path: Path) -> bool:
        """Return whether a file of Parquet does; one that cannot be read may."""
        try:
            return self.in_frame(pd.read_parquet(path))
        except tables.UNREADABLE:
            return True

    def _in_column(self, column: pd.Series, name: str) -> bool:
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
            return False
        return any(self.in_cell(one, column=name) for one in column.dropna().unique())

    def _stands(self, one: str, text: str) -> bool:
        forms = {one, escape(one), dumps(one)[1:-1], dumps(one, ensure_ascii=False)[1:-1]}
        return any(re.search(rf"(?<!{_PART}){re.escape(form)}(?!{_PART})", text) for form in forms)


def of(person: Person, *, shown_raw: bool) -> Traces:
    """Return what the customer can be recognised by."""
    raw = person.ids | person.keys
    hashed = {sha256(one.lower().encode()).hexdigest() for one in raw}
    return Traces(_any_of(person.names | person.digests), frozenset(raw | hashed), shown_raw)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words))) or "(?!)")
