"""What changed between two runs, as one page: numbers and tables, then pictures side by side, source last."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from clv.language import label, tell
from clv.telling import tables_html
from clv.telling.pages import render, when
from clv.telling.wording import amount, as_read, span

MOVED, OPEN, WITHIN = "moved", "no interval", "within"
LONGEST = 40_000  # characters of one notebook's differences on a page


@dataclass(frozen=True, slots=True)
class Moment:
    """One side of a comparison: the last day of observation, and when it was made."""

    until: str
    made_at: str


@dataclass(frozen=True, slots=True)
class Moves:
    """Customers who changed segment: by which segments, a sentence, and from where to where."""

    title: str
    sentence: str
    table: pd.DataFrame  # from, to, customers, money so far, money since
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture before and now, as WebP."""

    question: str
    name: str
    caption: str
    alts: tuple[str, str]
    pictures: tuple[bytes, bytes]

    @property
    def sources(self) -> tuple[str, str]:
        """Both pictures as a page holds them."""
        return tuple(f"data:image/webp;base64,{b64encode(one).decode()}" for one in self.pictures)


@dataclass(frozen=True, slots=True)
class Cells:
    """What differs in the cells of one notebook."""

    notebook: str
    question: str
    text: str

    @property
    def shown(self) -> list[tuple[str, str]]:
        """The lines that fit on a page, each with what it is: added, taken, heading or ''."""
        return [(_kind(line), line) for line in self.text[:LONGEST].splitlines()]

    @property
    def is_cut(self) -> bool:
        """Whether the page does not show all of it."""
        return len(self.text) > LONGEST


@dataclass(frozen=True)
class Changes:
    """Everything that changed between two runs of one shop; tables as `clv.changing` makes them."""

    shop: str
    before: Moment
    now: Moment
    facts: pd.DataFrame
    compared: int
    moves: Sequence[Moves]
    unmoved: str  # why nothing is said of customers, where that is so
    settings: pd.DataFrame
    alone: Sequence[str] = ()
    pictures: Sequence[Shown] = ()
    left_out: int = 0
    cells: Sequence[Cells] = ()


def html(shops: Sequence[Changes], *, made_from: str = "") -> str:
    """Return the page of one shop, or of several one after the other.

    Parameters
    ----------
    made_from : what stands for everything that the page tells; kept in it, unseen.
    """
    parts = [(one, sentence(one), _tables(one)) for one in shops]
    return render("changes.html.j2", parts=parts, made_from=made_from)


def sentence(changes: Changes) -> str:
    """Return in one sentence how much changed."""
    counts = changes.facts["verdict"].value_counts()
    said = tell(
        "{moved} of {compared} facts moved by more than their intervals, {within} changed within them.",
        moved=int(counts.get(MOVED, 0)),
        compared=changes.compared,
        within=int(counts.get(WITHIN, 0)),
    )
    first = changes.moves[:1]
    return tell("{said} {more}", said=said, more=first[0].sentence) if first else said


def period(changes: Changes) -> str:
    """Return which two days are compared; of one day, when the runs were made."""
    before, now = changes.before, changes.now
    pair = (before.until, now.until) if before.until != now.until else (before.made_at, now.made_at)
    if not all(pair):
        return ""
    return tell("{before} → {now}", before=when(pair[0]), now=when(pair[1]))


def moved_lines(facts: pd.DataFrame, *, most: int) -> list[str]:
    """Return the labelled facts that moved, each on a line of text."""
    rows = facts[(facts["verdict"] == MOVED) & (facts["label"] != "")].head(most)
    return [
        tell(
            "{label}: {before} → {now}",
            label=row["label"],
            before=_cell(row, "before"),
            now=_cell(row, "now"),
        )
        for row in rows.to_dict("records")
    ]


def captions() -> dict[str, str]:
    """Return what the tables of facts are called, by verdict."""
    return {
        MOVED: tell("Facts that moved by more than their intervals"),
        OPEN: tell("Facts without an interval that differ"),
    }


def facts_table(facts: pd.DataFrame, verdict: str, *, named: bool) -> pd.DataFrame:
    """Return the facts of one verdict as people read them; `named`: those with words for people, or not."""
    rows = facts[(facts["verdict"] == verdict) & ((facts["label"] != "") == named)].to_dict("records")
    columns = {
        tell("fact"): [row["label"] or row["name"] for row in rows],
        tell("before"): [_cell(row, "before") for row in rows],
        tell("now"): [_cell(row, "now") for row in rows],
        tell("notebook"): [row["notebook"] for row in rows],
    }
    return pd.DataFrame(columns).set_index(tell("fact"))


def moves_table(moves: Moves) -> pd.DataFrame:
    """Return who went where, as people read it."""
    found = moves.table
    columns = {
        tell("from → to"): [
            tell("{before} → {now}", before=_word(one), now=_word(other))
            for one, other in zip(found["before"], found["now"], strict=True)
        ],
        tell("customers"): found["customers"].to_numpy(),
        tell("money so far"): found["spend"].to_numpy(),
        tell("of it in between"): found["since"].to_numpy(),
    }
    return pd.DataFrame(columns).set_index(tell("from → to"))


def settings_table(settings: pd.DataFrame) -> pd.DataFrame:
    """Return what runs were made from and is not the same, as people read it."""
    columns = {
        tell("what"): [_word(kind) for kind in settings["kind"]],
        tell("name"): list(settings["name"]),
        tell("before"): list(settings["before"]),
        tell("now"): list(settings["now"]),
        tell("notebooks"): list(settings["notebooks"]),
    }
    return pd.DataFrame(columns).set_index(tell("what"))


def _tables(changes: Changes) -> dict[str, Any]:
    facts, settings = changes.facts, settings_table(changes.settings)
    return {
        "period": period(changes),
        "moved": [_facts_html(facts, MOVED, named) for named in (True, False)],
        "open": [_facts_html(facts, OPEN, named) for named in (True, False)],
        "moves": [(one, _moves_html(one)) for one in changes.moves],
        "settings": tables_html.html(settings, caption=tell("What differs")) if len(settings) else "",
    }


def _facts_html(facts: pd.DataFrame, verdict: str, named: bool) -> str:  # noqa: FBT001
    table = facts_table(facts, verdict, named=named)
    return tables_html.html(table, caption=captions()[verdict]) if len(table) else ""


def _moves_html(moves: Moves) -> str:
    if moves.table.empty:
        return ""
    money = dict.fromkeys((tell("money so far"), tell("of it in between")), ",.0f")
    return tables_html.html(moves_table(moves), caption=moves.title, formats=money, notes=moves.note)


def _cell(row: Mapping[str, Any], side: str) -> str:
    """Return a fact's value on one side, with its interval."""
    low, high = row[f"low_{side}"], row[f"high_{side}"]
    fact = as_read({"value": row[side], "unit": row["unit"], "low": low, "high": high})
    ends = span(fact)
    return tell("{amount} ({ends})", amount=amount(fact), ends=ends) if ends else amount(fact)


def _word(word: str) -> str:
    """Return a word of the tables of `clv.changing`, or a segment's name, as people read it."""
    ours = {
        "parameter": tell("parameter"),
        "file": tell("file"),
        "program": tell("program and libraries"),
        "not yet a customer": tell("not yet a customer"),
        "no longer in the orders": tell("no longer in the orders"),
    }
    return ours.get(word) or label(word)


def _kind(line: str) -> str:
    marks = {"##": "heading", "@@": "heading", "+ ": "added", "- ": "taken"}
    return marks.get(line[:2], "added" if line == "+" else "taken" if line == "-" else "")
