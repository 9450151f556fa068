"""The tables that an executed notebook holds, as `clv.table` left them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clv.telling.tables_html import TABLE_MIME


@dataclass(frozen=True, slots=True)
class Column:
    """A column's header, what it is, how its numbers are written, and its values."""

    header: str
    kind: str
    form: str
    is_label: bool
    values: list[Any]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a report."""

    caption: str
    notes: str
    columns: list[Column]

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """Return the values, row by row."""
        return list(zip(*(column.values for column in self.columns), strict=True))


def outputs(nb: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the outputs that are tables of ours, in the order of the report."""
    for cell in nb["cells"]:
        yield from (one for one in cell.get("outputs", ()) if TABLE_MIME in one.get("data", {}))


def collect(nb: Mapping[str, Any]) -> list[Table]:
    """Return the tables of an executed notebook, in the order in which they were shown."""
    found = [output["data"][TABLE_MIME] for output in outputs(nb)]
    return [
        Table(one["caption"], one["notes"], [Column(**column) for column in one["columns"]]) for one in found
    ]
