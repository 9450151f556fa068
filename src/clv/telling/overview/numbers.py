"""Key numbers over past runs: the value now, its range, the one before, and a small picture of them all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from clv.language import tell
from clv.telling.overview import sparklines
from clv.telling.overview.sparklines import Point
from clv.telling.pages import first_and_others, when
from clv.telling.wording import amount, as_read, number

Past = Mapping[tuple[str, str, str], list[tuple[str, Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Told:
    """One fact as a page shows it.

    Attributes
    ----------
    fact
        In the unit that people read.
    arrow, way, before
        Where it went since the run before, as a sign and in words, and what that run said, if another thing.
    before_day
        That run's last day of observation.
    spark
        The picture over all runs; empty for fewer than two.
    """

    fact: Mapping[str, Any]
    arrow: str = ""
    way: str = ""
    before: str = ""
    before_day: str = ""
    spark: str = ""

    @property
    def sorts_by(self) -> str:
        """What tables sort by: the number; empty for a text."""
        value = self.fact["value"]
        return "" if isinstance(value, str) else f"{float(value):.6g}"


def past(table: pd.DataFrame | None) -> Past:
    """Return what runs said before, by shop, notebook and fact: the last run of each last day, by day.

    Parameters
    ----------
    table
        shop, notebook, until, name, value, unit, low, high; oldest first within a shop.
    """
    found: dict[tuple[str, str, str], dict[str, Mapping[str, Any]]] = {}
    columns = ["shop", "notebook", "name", "until", "value", "unit", "low", "high"]
    for shop, notebook, name, until, value, unit, low, high in _rows(table, columns):
        if _is_day(until):
            fact = {"value": value, "unit": unit, "low": _end(low), "high": _end(high)}
            found.setdefault((shop, notebook, name), {})[until] = fact
    return {place: sorted(facts.items()) for place, facts in found.items()}


def keys(record: Mapping[str, Any]) -> list[str]:
    """Return the names of the facts that a notebook stands for: its key facts, else its first ones."""
    return [fact["name"] for fact in _split(record)[0]]


def others(record: Mapping[str, Any]) -> list[str]:
    """Return the names of its further labelled facts."""
    return [fact["name"] for fact in _split(record)[1]]


def _split(record: Mapping[str, Any]) -> tuple[list[dict], list[dict]]:
    return first_and_others(record.get("facts") or (), record.get("keys") or ())


def told(record: Mapping[str, Any], names: Iterable[str], before: Past) -> list[Told]:
    """Return the facts of a record with these names, in their order."""
    by_name = {fact["name"]: fact for fact in record.get("facts") or ()}
    return [_told(by_name[name], record, before) for name in names]


def _told(fact: Mapping[str, Any], record: Mapping[str, Any], before: Past) -> Told:
    earlier = [
        (day, one)
        for day, one in before.get((record["shop"], record["notebook"], fact["name"]), ())
        if day < (record.get("until") or "") and _comparable(one, fact)
    ]
    if not earlier:
        return Told(as_read(fact))
    day, last = earlier[-1]
    arrow, way, before = _way(last, fact)
    return Told(as_read(fact), arrow, way, before, day, _picture([*earlier, (record["until"], fact)]))


def _picture(runs: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    (first_day, first), (last_day, last) = runs[0], runs[-1]
    if not all(_is_number(fact["value"]) and _is_day(day) for day, fact in runs):
        return ""
    title = tell(
        "{runs} runs: {first} on {first_day}, {last} on {last_day}",
        runs=len(runs),
        first=amount(as_read(first)),
        first_day=when(first_day),
        last=amount(as_read(last)),
        last_day=when(last_day),
    )
    points = [
        Point(date.fromisoformat(day), *(one[key] for key in ("value", "low", "high"))) for day, one in runs
    ]
    return sparklines.svg(points, title=title)


def _way(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return an arrow, a word and what the run before said: where the number went, as people see it."""
    shown, was = number(as_read(now)), number(as_read(before))
    if shown == was:
        return "=", tell("as before"), ""
    if not _is_number(now["value"]):
        return "", tell("before:"), was
    return ("▲", tell("up from"), was) if now["value"] > before["value"] else ("▼", tell("down from"), was)


def _comparable(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    kinds = [_is_number(fact["value"]) for fact in (one, other)]
    return kinds[0] == kinds[1] and (one["unit"] or "") == (other.get("unit") or "")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_day(text: Any) -> bool:
    try:
        return bool(date.fromisoformat(str(text)))
    except ValueError:
        return False


def _end(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _rows(table: pd.DataFrame | None, columns: Iterable[str]) -> Iterable[tuple]:
    return () if table is None else table[list(columns)].itertuples(index=False, name=None)
