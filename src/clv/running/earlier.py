"""Earlier runs stay: a good run gives way to one of another last day, and moves into a folder of its day.

OUT/<shop>/<last day>/<notebook>.json, .ipynb, .html and what else stood beside them

Files are copied whole, the record last, before anything is taken away: a batch that is stopped in between
leaves the run where it was, and the next one moves it again. Of each last day the latest good run is kept.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from clv import whole_files
from clv.running import runs
from clv.running.runs import Record
from clv.telling.pages import write_whole

_TELLING = ("facts", "message", "question", "parameters", "made_from")  # parts of a record that hold no path
_UP = re.compile(rb"""(\b(?:href|src)=["'])(\.\./)""")


def give_way(out: Path, shop_id: str, notebook: str, until: str) -> None:
    """Make room for a run of the last day `until`: keep a good run of another day, take away the rest.

    Where the present day is not known, as of a shop whose files cannot be read, a good run is kept too.
    """
    before = runs.load(runs.place(out, shop_id, notebook, "json"))
    day = before.get("until", "") if before is not None and before["status"] == "ok" else ""
    if is_day(day) and day != until:
        _copy(out, before, day)
    runs.clear(out, shop_id, notebook)


def settle(out: Path, shop_id: str, notebook: str, until: str) -> None:
    """Forget the kept run of a day of which a good run stands now."""
    if is_day(until):
        _remove(out / shop_id / until, notebook)


def days(folder: Path) -> list[str]:
    """Return the last days of the runs kept in a shop's folder, the earliest first."""
    return sorted(path.name for path in folder.glob("*-*-*") if path.is_dir() and is_day(path.name))


def everything(out: Path) -> list[Record]:
    """Return the records of all kept runs, by shop, day and notebook; paths are relative to `out`."""
    shops = sorted(path for path in out.glob("*") if path.is_dir())
    found = (runs.load(path) for shop in shops for day in days(shop) for path in _records(shop / day))
    return [record for record in found if record is not None]


def links(out: Path) -> dict[tuple[str, str, str], str]:
    """Return the reports of kept runs, relative to `out`, by shop, last day and notebook."""
    return {(one["shop"], one["until"], one["notebook"]): one["html"] for one in everything(out)}


def keep_beside(path: Path, day: str) -> None:
    """Move a file of a shop's folder that is about an earlier day to the runs kept of that day."""
    (path.parent / day).mkdir(exist_ok=True)
    path.replace(path.parent / day / path.name)


def is_day(text: str) -> bool:
    """Return whether this is a day as folders are called, 2026-06-30."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except (TypeError, ValueError):
        return False


def _copy(out: Path, record: Record, day: str) -> None:
    shop, notebook = record["shop"], record["notebook"]
    folder = out / shop / day
    _remove(folder, notebook)
    folder.mkdir(parents=True, exist_ok=True)
    for path in runs.left(out / shop, notebook):
        _copy_one(path, folder / path.name)
    moved = {key: part if key in _TELLING else _moved(part, f"{shop}/", day) for key, part in record.items()}
    write_whole(folder / f"{notebook}.json", runs.written(moved, folder))


def _copy_one(path: Path, to: Path) -> None:
    if path.is_dir():
        to.mkdir(exist_ok=True)
        for one in path.iterdir():
            _copy_one(one, to / one.name)
    elif path.suffix == ".html":  # what it names beside it moves too; what it names above it is further up
        write_whole(to, _UP.sub(rb"\1../\2", path.read_bytes()))
    elif path.suffix != ".json":
        with whole_files.whole(to) as fresh:
            shutil.copy2(path, fresh)


def _moved(part: Any, before: str, day: str) -> Any:
    """Return a part of a record with its paths below `before` one folder further down."""
    if isinstance(part, str):
        return f"{before}{day}/{part.removeprefix(before)}" if part.startswith(before) else part
    if isinstance(part, Mapping):
        return {key: _moved(one, before, day) for key, one in part.items()}
    return [_moved(one, before, day) for one in part] if isinstance(part, list) else part


def _remove(folder: Path, notebook: str) -> None:
    for path in [folder / f"{notebook}.json", *runs.left(folder, notebook)]:
        runs.take_away(path)


def _records(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("*.json"))
