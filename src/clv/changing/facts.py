"""Which facts moved by more than their intervals, which stayed within them, and which have none.

A fact has moved where neither value lies in the other's interval. That is a rule of thumb for readers, not a
test: two runs of a shop share most of their orders, so a real change is called noise rather than the
other way round.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

MOVED, WITHIN, OPEN = "moved", "within", "no interval"
NEW, GONE = "new", "gone"
COLUMNS = (
    *("notebook", "name", "label", "unit", "verdict", "before", "low_before", "high_before"),
    *("now", "low_now", "high_now"),
)
_ORDER = (MOVED, OPEN, WITHIN, NEW, GONE)
_SAME = 1e-9  # what sums of the same numbers may differ by

Facts = Sequence[Mapping[str, Any]]


def compare(before: Mapping[str, Facts], now: Mapping[str, Facts]) -> pd.DataFrame:
    """Return the facts that are not the same in two runs.

    Parameters
    ----------
    before, now
        Facts of each notebook, as `telling.facts.collect` gives them.

    Returns
    -------
    One row per fact that differs, those that moved first and among them the largest steps: notebook, name,
    label, unit; verdict (MOVED, WITHIN, OPEN without an interval, NEW, GONE); before, now (numbers, text or
    whether; None where there is none); low_before, high_before, low_now, high_now.
    """
    rows = [
        _row(notebook, one, other)
        for notebook in sorted(before.keys() & now.keys())
        for one, other in _pairs(before[notebook], now[notebook])
        if one is None or other is None or not _same(one["value"], other["value"])
    ]
    rows.sort(key=lambda row: (_ORDER.index(row[4]), -_step(row)))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def _pairs(before: Facts, now: Facts) -> Iterable[tuple[Mapping | None, Mapping | None]]:
    old, new = ({fact["name"]: fact for fact in facts} for facts in (before, now))
    return [(old.get(name), new.get(name)) for name in dict.fromkeys((*new, *old))]


def _row(notebook: str, before: Mapping | None, now: Mapping | None) -> tuple:
    shown = now or before
    ends = [[one.get(key) if one else None for key in ("value", "low", "high")] for one in (before, now)]
    about = (notebook, shown["name"], shown.get("label") or "", shown.get("unit") or "")
    return (*about, _verdict(before, now), *ends[0], *ends[1])


def _verdict(before: Mapping | None, now: Mapping | None) -> str:
    if before is None or now is None:
        return NEW if before is None else GONE
    if before.get("low") is None or now.get("low") is None:
        return OPEN
    return WITHIN if _holds(before, now["value"]) or _holds(now, before["value"]) else MOVED


def _holds(fact: Mapping, value: float) -> bool:
    return fact["low"] <= value <= fact["high"]


def _same(one: Any, other: Any) -> bool:
    if _is_number(one) and _is_number(other):
        return math.isclose(one, other, rel_tol=_SAME, abs_tol=0.0)
    return one == other


def _step(row: tuple) -> float:
    """Return by how much a fact changed, as a part of its larger value: shares and money can be sorted."""
    before, now = row[5], row[8]
    if not (_is_number(before) and _is_number(now)):
        return 0.0
    return abs(now - before) / max(abs(now), abs(before))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
