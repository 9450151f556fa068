"""What the notebooks said in earlier runs: one line for each, added and never changed.

    OUT/<shop>/history.jsonl
    {"shop": "gold", "notebook": "02_customers", "at": …, "until": …, "key": …, "facts": [{"name": …}, …]}

A run that says what the last one of its notebook said adds nothing. A line is added to a copy that then takes
the file's place, so a reader finds the old history or the new one; whoever adds holds the folder alone, as a
batch does. Lines that cannot be read are passed over, never repaired and never taken out.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import AfterValidator, Field, ValidationError

from clv.declaring.moments import Finite, Time
from clv.declaring.settings import Settings
from clv.language import tell
from clv.whole_files import write_whole

FILE = "history.jsonl"
ALL = "_all"  # what is about all shops is kept under; no shop's id begins like that
LARGEST = 2**63 - 1  # whole numbers beyond it are no count of anything
COLUMNS = (
    *("shop", "notebook", "at", "until", "key", "line"),
    *("name", "value", "unit", "low", "high", "label"),
)


def _text(value: str) -> str:
    """Return text that can be written down."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("write text without halves of characters") from None
    return value


def _countable(value: Any) -> Any:
    """Return a value that tables can hold."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError(tell("write a whole number up to {largest}", largest=LARGEST))
    return value


Text = Annotated[str, AfterValidator(_text)]
Value = Annotated[bool | int | Finite | str, AfterValidator(_countable)]


class Fact(Settings):
    """One fact, as a notebook recorded it."""

    name: Text = Field(min_length=1, description="what programs call it")
    value: Value = Field(description="a number, text, or whether")
    unit: Text = Field("", description="'share', a currency, days, ...")
    low: Finite | None = Field(None, description="one end of its interval, where it has one")
    high: Finite | None = Field(None, description="the other end")
    label: Text = Field("", description="words that go on from the number")


class Run(Settings):
    """One good run of one notebook."""

    shop: Text = Field(min_length=1, description="the shop's id")
    notebook: Text = Field(min_length=1, description="the notebook's name")
    at: Time = Field(description="when it ran")
    until: Text = Field(description="the last day of observation")
    key: Text = Field(description="fingerprint of what it was made from")
    facts: list[Fact] = Field(description="what it said")
    seal: Text = Field("", description="fingerprint of the line; older programs wrote none")


def of_record(record: Mapping[str, Any]) -> Run:
    """Return the run that a batch's record tells of."""
    names = {"shop": "shop", "notebook": "notebook", "at": "made_at", "until": "until", "key": "key"}
    return Run(facts=record["facts"], **{ours: record[theirs] for ours, theirs in names.items()})


def read(folder: Path | str) -> pd.DataFrame:
    """Return every fact of every run below `folder`, oldest first within a shop; what is no line is left out.

    Returns
    -------
    One row per fact: shop; notebook; at (text, with its offset); until; key; line (of the shop's file; the
    facts of one run share it); name; value (a number, text or whether); unit; low, high (90 % unless the
    label says otherwise; missing without an interval); label.
    """
    rows = [
        (run.shop, run.notebook, run.at, run.until, run.key, number, *vars(fact).values())
        for path in _files(Path(folder))
        for number, run in _runs(_bytes(path))
        if run is not None
        for fact in run.facts
    ]
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    return found.astype({"line": "int64", "value": object, "low": float, "high": float})


def damage(folder: Path | str) -> str:
    """Return one sentence on lines that cannot be read; empty where every one can."""
    counts = {}
    for path in _files(Path(folder)):
        try:
            bad = [number for number, run in _runs(path.read_bytes()) if run is None]
        except OSError as error:
            return tell(
                "the history {parent}/{file} cannot be read ({strerror}); move it away.",
                parent=path.parent.name,
                file=FILE,
                strerror=error.strerror,
            )
        counts |= {path: bad} if bad else {}
    if not counts:
        return ""
    path, bad = next(iter(counts.items()))
    lines = sum(map(len, counts.values()))
    several = tell("{lines:,} lines", lines=lines) if lines > 1 else "1 line"
    return tell(
        "{several} of the history of earlier runs cannot be read and will be passed over, the "
        "first is line {first:,} of {parent}/{file}; take back a copy, or leave it.",
        several=several,
        first=bad[0],
        parent=path.parent.name,
        file=FILE,
    )


def add(folder: Path | str, run: Run) -> bool:
    """Add a run; return False, and add nothing, where the last run of its notebook said the same.

    Parameters
    ----------
    folder
        Of all runs; nobody else may be adding to it.

    Raises
    ------
    OSError
        The history cannot be read or written.
    """
    path = Path(folder) / run.shop / FILE  # a link gives way to a file: nothing is written where it leads
    before = path.read_bytes() if path.is_file() else b""
    last = next((old for old in _backwards(before) if old and old.notebook == run.notebook), None)
    if last is not None and _said(last) == _said(run):
        return False
    ended = b"" if not before or before.endswith(b"\n") else b"\n"  # half a line stays one of its own
    write_whole(path, before + ended + _line(run) + b"\n", lasting=True)
    return True


def _said(run: Run) -> tuple[str, list[dict[str, Any]]]:
    """Return what a run said, without the words around its numbers: another language is no other run."""
    return run.until, [fact.model_dump(exclude={"label"}) for fact in run.facts]


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*/{FILE}"))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # a folder, or somebody else's
        return b""


def _runs(content: bytes) -> Iterator[tuple[int, Run | None]]:
    """Yield each line's number and run; None where it is none."""
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.strip():
            yield number, _run(line)


def _backwards(content: bytes) -> Iterator[Run | None]:
    return map(_run, reversed(content.split(b"\n")))


def _run(line: bytes) -> Run | None:
    try:
        said = json.loads(line)
        run = Run.model_validate(said)
        return run if not run.seal or run.seal == _seal(said) else None
    except (ValueError, RecursionError, ValidationError):
        return None


def _line(run: Run) -> bytes:
    said = run.model_dump(mode="json")
    return json.dumps({**said, "seal": _seal(said)}, ensure_ascii=False, allow_nan=False).encode()


def _seal(said: Mapping[str, Any]) -> str:
    rest = {name: part for name, part in said.items() if name != "seal"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:24]
