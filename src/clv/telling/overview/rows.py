"""The rows of the overview: shops × notebooks, each with its status and key number."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from clv.telling.overview import numbers
from clv.telling.overview.months import Run
from clv.telling.overview.numbers import Past, Told
from clv.telling.overview.words import Status, short, status


@dataclass(frozen=True, slots=True)
class Column:
    """One notebook, as the table's head names it; `lead`: the name of the fact that stands in most cells."""

    notebook: str
    name: str
    question: str
    lead: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One notebook of one shop, as the table shows it; `number`: its first key fact."""

    status: Status
    report: str = ""
    notebook: str = ""
    made_at: str = ""
    message: str = ""
    question: str = ""
    number: Told | None = None


@dataclass(frozen=True, slots=True)
class ShopRow:
    """One shop, or all of them: its cells in the order of the columns."""

    id: str
    name: str
    until: str
    page: str
    cells: Sequence[Cell]
    months: Sequence[tuple[str, Sequence[Run]]]

    @property
    def found_by(self) -> str:
        """What a search finds it by."""
        said = [f"{cell.status.words} {cell.message}" for cell in self.cells]
        return " ".join([self.name, self.id, self.until, *said]).lower()


def columns(records: Sequence[Mapping[str, Any]]) -> list[Column]:
    """Return the notebooks by name, each with the fact that most of its cells show."""
    questions = dict(sorted((one["notebook"], one.get("question") or "") for one in records))
    leads: dict[str, Counter] = {notebook: Counter() for notebook in questions}
    for one in records:
        if (number := cell(one, {}).number) is not None:
            leads[one["notebook"]][number.fact["name"], number.fact["label"]] += 1
    most = {name: next(iter(counts.most_common(1)), (("", ""), 0))[0] for name, counts in leads.items()}
    return [Column(name, short(name), question, *most[name]) for name, question in questions.items()]


def row(
    shop: str,
    name: str,
    records: Iterable[Mapping[str, Any]],
    notebooks: Sequence[Column],
    *,
    before: Past,
    page: str = "",
    months: Sequence[tuple[str, Sequence[Run]]] = (),
) -> ShopRow:
    """Return one shop's row, its records in the order of the notebooks; links are quoted."""
    by_notebook = {record["notebook"]: record for record in records}
    until = max((record.get("until") or "" for record in by_notebook.values()), default="")
    cells = [cell(by_notebook.get(column.notebook), before) for column in notebooks]
    return ShopRow(shop, name, until, quote(page), cells, months)


def cell(record: Mapping[str, Any] | None, before: Past) -> Cell:
    """Return how a notebook of a shop is shown; without a record it has not run."""
    if record is None:
        return Cell(status(""))
    said = (record.get("message") or "").strip().partition("\n")[0]
    ended = status(record["status"])
    return Cell(
        ended,
        # A quoted path stays a path: not even a colon of it can name a scheme.
        *(quote(record.get(kind) or "") for kind in ("html", "ipynb")),
        record.get("made_at") or "",
        _begun(said),
        record.get("question") or "",
        None if ended.tone == "trouble" else _lead(record, before),  # half a run stands for nothing
    )


def _lead(record: Mapping[str, Any], before: Past) -> Told | None:
    """Return the first key fact of a record, if it has one."""
    return next(iter(numbers.told(record, numbers.keys(record)[:1], before)), None)


def _begun(said: str) -> str:
    """Return a sentence with a capital, unless it begins with the name of a file."""
    first = said.partition(" ")[0].rstrip(".,:;")
    return said if "." in first else said[:1].upper() + said[1:]
