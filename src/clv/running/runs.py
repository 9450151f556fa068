"""The records of runs on disk: one JSON file per shop and notebook, beside what the run left.

OUT/<shop>/<notebook>.json    how the run ended, its facts, what it was made from
OUT/<shop>/<notebook>.ipynb   the executed copy
OUT/<shop>/<notebook>.html    the report; of good runs only
OUT/<shop>/<notebook>.xlsx    its tables, and each as CSV in <notebook>-tables/
OUT/<shop>/<last day>/        the same of earlier runs; see `earlier`

Of a notebook about all shops, `<shop>` is `history.ALL`.
"""

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from clv.running.plan import Task
from clv.telling.pages import write_whole

Record = dict[str, Any]


def now() -> str:
    """Return the present second, with its offset."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def place(out: Path, shop_id: str, notebook: str, ending: str) -> Path:
    """Return where a run's file of this kind stands."""
    return out / shop_id / f"{notebook}.{ending}"


def record(task: Task, *, status: str, message: str = "", **known: Any) -> Record:
    """Return the record of a run, as the index page reads it; what is not `known` is empty."""
    empty = {"seconds": 0.0, "until": task.shop.last_day, "facts": [], "figures": [], "html": "", "ipynb": ""}
    return {
        "shop": task.shop.id,
        "shop_name": task.shop.name,
        "notebook": task.name,
        "of_all_shops": task.parameters.of_all_shops,
        "question": task.question,
        "keys": list(task.parameters.key_facts),
        "status": status,
        "message": message,
        "made_at": now(),
        "key": "",
        "parameters": task.parameters.model_dump(mode="json"),
        "made_from": {},
        **empty,
        **known,
    }


def save(out: Path, record: Mapping[str, Any]) -> None:
    """Keep one record."""
    write_whole(place(out, record["shop"], record["notebook"], "json"), written(record))


def written(record: Mapping[str, Any]) -> str:
    """Return the record as it stands in its file."""
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def load(path: Path) -> Record | None:
    """Return the record at `path`; None where there is none that can be read."""
    try:
        record = json.loads(path.read_text("utf-8"))
        return record if {"shop", "notebook", "status", "key"} <= record.keys() else None
    except (OSError, ValueError, AttributeError):
        return None


def good_already(out: Path, shop_id: str, notebook: str, key: str) -> Record | None:
    """Return the record of a good run made from the same things, if its files are still there."""
    record = load(place(out, shop_id, notebook, "json"))
    if record is None or record["status"] != "ok" or record["key"] != key:
        return None
    return record if all((out / record[kind]).is_file() for kind in ("ipynb", "html")) else None


def everything(out: Path, shops: Iterable[str]) -> list[Record]:
    """Return all records below `out`: the shops in the given order, others after them; notebooks by name."""
    order = {shop: position for position, shop in enumerate(shops)}
    found = [load(path) for path in sorted(out.glob("*/*.json"))]
    records = [record for record in found if record is not None]
    return sorted(records, key=lambda r: (order.get(r["shop"], len(order)), r["shop"], r["notebook"]))


def clear(out: Path, shop_id: str, notebook: str) -> None:
    """Take away what an earlier run left, so that nobody shares it for the present one's."""
    place(out, shop_id, notebook, "json").unlink(missing_ok=True)  # first: without it the rest is no run
    for path in left(out / shop_id, notebook):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def left(folder: Path, notebook: str) -> list[Path]:
    """Return everything that a run left in its shop's folder: files named after the notebook."""
    names = re.compile(rf"{re.escape(notebook)}(?:[.-].*)?")
    return sorted(path for path in folder.glob("*") if names.fullmatch(path.name))
