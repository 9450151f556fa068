"""Which parameters, files and versions two runs do not have in common."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

PARAMETER, FILE, PROGRAM = "parameter", "file", "program"
COLUMNS = ("kind", "name", "notebooks", "before", "now")
_PLACES = ("shop_file", "runs")  # where a run found things; what it found there is told by the files
_SHOWN = 8  # digits of a fingerprint that people compare

Record = Mapping[str, Any]


def compare(before: Mapping[str, Record], now: Mapping[str, Record]) -> pd.DataFrame:
    """Return what two runs were made from and is not the same, in common to several notebooks once.

    Parameters
    ----------
    before, now
        The record of each notebook, with its parameters and what it was made from.

    Returns
    -------
    One row per difference: kind (PARAMETER, FILE, PROGRAM), name, notebooks (names joined by commas),
    before, now (text; empty where there was none).
    """
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for notebook in sorted(before.keys() & now.keys()):
        for step in _differences(before[notebook], now[notebook]):
            found.setdefault(step, []).append(notebook)
    rows = [(kind, name, ", ".join(who), old, new) for (kind, name, old, new), who in found.items()]
    order = (PARAMETER, FILE, PROGRAM)
    rows.sort(key=lambda row: (order.index(row[0]), row[1], row[2]))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def _differences(before: Record, now: Record) -> Iterator[tuple[str, str, str, str]]:
    yield from _unlike(PARAMETER, _parameters(before), _parameters(now))
    for kind, part in ((FILE, "files"), (PROGRAM, "program")):
        old, new = (one.get("made_from", {}).get(part, {}) for one in (before, now))
        yield from _unlike(kind, old, new)


def _parameters(record: Record) -> dict[str, Any]:
    return {name: one for name, one in record.get("parameters", {}).items() if name not in _PLACES}


def _unlike(kind: str, before: Mapping, now: Mapping) -> Iterator[tuple[str, str, str, str]]:
    for name in _names(before, now):
        old, new = before.get(name), now.get(name)
        if old != new:
            yield kind, name, _written(old), _written(new)


def _names(before: Mapping, now: Mapping) -> Iterable[str]:
    return dict.fromkeys((*now, *before))


def _written(value: Any) -> str:
    """Return a value on one line; of a long fingerprint what tells it from another."""
    if value is None:
        return ""
    text = " ".join(str(value).split())
    return " ".join(_short(word) for word in text.split(" "))


def _short(word: str) -> str:
    is_digest = len(word) == 24 and set(word) <= set("0123456789abcdef")
    return word[:_SHOWN] if is_digest else word
