"""The overview of a batch: shops × notebooks and their status, what went wrong, and each shop's key facts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from clv.telling.pages import labelled, render, write_whole

# status: (symbol, words, tone); the tone only colours what the words already say
STATUS = {
    "ok": ("✓", "done", "good"),
    "refused": ("○", "no answer", "calm"),
    "failed": ("✕", "failed", "trouble"),
    "died": ("✕", "stopped by the system", "trouble"),
    "timeout": ("✕", "took too long", "trouble"),
    "incomplete": ("!", "incomplete", "trouble"),
}
NOT_RUN = ("–", "not run", "none")


@dataclass(frozen=True, slots=True)
class Cell:
    """One notebook of one shop, as the table shows it."""

    symbol: str
    words: str
    tone: str
    report: str = ""
    notebook: str = ""
    made_at: str = ""
    message: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class ShopRow:
    """One shop, or all: its cells in the order of the table's columns, and its labelled facts."""

    name: str
    until: str
    cells: list[Cell]
    facts: list[dict[str, Any]]
    readiness: str = ""


def write(
    out: Path,
    records: Sequence[Mapping[str, Any]],
    *,
    made_at: str,
    shops: Mapping[str, str] | None = None,
    readiness: Mapping[str, str] | None = None,
) -> Path:
    """Write index.html into the folder of the runs, whole or not at all, and return its path.

    Parameters
    ----------
    out : folder that the records' `html` and `ipynb` are relative to.
    records : one per shop and notebook that ran: shop, shop_name, notebook, question, status, message,
        made_at, until, facts, html, ipynb, of_all_shops (stands by itself; may be left out).
    made_at : ISO time of this overview.
    shops : names by id, in order, of all shops that should be there; those without a record are shown too.
    readiness : by shop, its page that says which file would unlock what, relative to `out`.
    """
    path = Path(out) / "index.html"
    write_whole(path, html(records, made_at=made_at, shops=shops, readiness=readiness))
    return path


def html(
    records: Sequence[Mapping[str, Any]],
    *,
    made_at: str,
    shops: Mapping[str, str] | None = None,
    readiness: Mapping[str, str] | None = None,
) -> str:
    """Return the overview as text; see `write`."""
    pages = readiness or {}
    about_all = [one for one in records if one.get("of_all_shops")]
    alone = [one for one in records if not one.get("of_all_shops")]
    names = dict(shops or {}) | {one["shop"]: one.get("shop_name") or one["shop"] for one in alone}
    questions, of_all = _questions(alone), _questions(about_all)
    by_shop = {shop: [one for one in alone if one["shop"] == shop] for shop in names}
    rows = [
        replace(_row(names[shop], mine, questions), readiness=quote(pages.get(shop, "")))
        for shop, mine in by_shop.items()
    ]
    together = [_row(about_all[0].get("shop_name") or "All shops", about_all, of_all)] if about_all else []
    tally = Counter(cell.words for row in rows + together for cell in row.cells)
    tables = [("reports", "Reports", questions, rows)]
    tables += [("all-shops", "All shops", of_all, together)] if together else []
    return render("index.html.j2", made_at=made_at, rows=rows, together=together, tables=tables, tally=tally)


def _questions(records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return dict(sorted((one["notebook"], one.get("question", "")) for one in records))


def _row(name: str, records: Sequence[Mapping[str, Any]], notebooks: Iterable[str]) -> ShopRow:
    by_notebook = {record["notebook"]: record for record in records}
    told = [fact for notebook in notebooks for fact in by_notebook.get(notebook, {}).get("facts", ())]
    return ShopRow(
        name=name,
        until=max((record.get("until") or "" for record in records), default=""),
        cells=[_cell(by_notebook.get(notebook)) for notebook in notebooks],
        facts=list({fact["name"]: fact for fact in labelled(told)}.values()),
    )


def _cell(record: Mapping[str, Any] | None) -> Cell:
    if record is None:
        return Cell(*NOT_RUN)
    status = STATUS.get(record["status"], ("!", record["status"], "trouble"))
    # A quoted path stays a path: not even a colon of it can name a scheme.
    links = [quote(record.get(kind) or "") for kind in ("html", "ipynb")]
    said = record.get("message") or ""
    return Cell(
        *status,
        *links,
        record.get("made_at") or "",
        said[:1].upper() + said[1:],
        record.get("question") or "",
    )
