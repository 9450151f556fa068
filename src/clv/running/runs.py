"""The records of runs on disk: one JSON file per shop and notebook, beside what the run left.

OUT/<shop>/<notebook>.json    how the run ended, its facts, what it was made from
OUT/<shop>/<notebook>.ipynb   the executed copy
OUT/<shop>/<notebook>.html    the report; of good runs only
OUT/<shop>/<notebook>.xlsx    its tables, and each as CSV in <notebook>-tables/
OUT/<shop>/<last day>/        the same of earlier runs; see `earlier`

A record holds fingerprints of what stands beside it, and one of itself: what was damaged since is no run.

Of a notebook about all shops, `<shop>` is `history.ALL`.
"""

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from clv.keeping import fingerprints
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
    """Keep one record, when all that it is about stands beside it."""
    write_whole(place(out, record["shop"], record["notebook"], "json"), written(record, out / record["shop"]))


def written(record: Mapping[str, Any], folder: Path) -> str:
    """Return the record as it stands in its file in `folder`."""
    said = json.loads(json.dumps({**record, "left": _marks(folder, record["notebook"])}))
    return json.dumps({**said, "seal": _seal(said)}, ensure_ascii=False, indent=1) + "\n"


def load(path: Path) -> Record | None:
    """Return the record at `path`; None where there is none that can be read, or it is not as it was."""
    try:
        record = json.loads(path.read_text("utf-8"))
        if not {"shop", "notebook", "status", "key"} <= record.keys():
            return None
        return record if record.get("seal") in (None, _seal(record)) else None  # older programs wrote none
    except (OSError, ValueError, AttributeError, RecursionError):
        return None


def good_already(out: Path, shop_id: str, notebook: str, key: str) -> Record | None:
    """Return the record of a good run made from the same things, if its files are still as it left them."""
    record = load(place(out, shop_id, notebook, "json"))
    if record is None or record["status"] != "ok" or record["key"] != key:
        return None
    if not all((out / record[kind]).is_file() for kind in ("ipynb", "html")):
        return None
    return record if record.get("left") == _marks(out / shop_id, notebook) else None


def everything(out: Path, shops: Iterable[str]) -> list[Record]:
    """Return all records below `out`: the shops in the given order, others after them; notebooks by name."""
    order = {shop: position for position, shop in enumerate(shops)}
    found = [load(path) for path in sorted(out.glob("*/*.json"))]
    records = [record for record in found if record is not None]
    return sorted(records, key=lambda r: (order.get(r["shop"], len(order)), r["shop"], r["notebook"]))


def clear(out: Path, shop_id: str, notebook: str) -> None:
    """Take away what an earlier run left, so that nobody shares it for the present one's."""
    take_away(place(out, shop_id, notebook, "json"))  # first: without it the rest is no run
    for path in left(out / shop_id, notebook):
        take_away(path)


def take_away(path: Path) -> None:
    """Take away a file, a folder or a link."""
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)


def left(folder: Path, notebook: str) -> list[Path]:
    """Return everything that a run left in its shop's folder: files named after the notebook."""
    names = re.compile(rf"{re.escape(notebook)}(?:[.-].*)?")
    return sorted(path for path in folder.glob("*") if names.fullmatch(path.name))


def _marks(folder: Path, notebook: str) -> dict[str, str]:
    """Return fingerprints of all that a run left but its record, and the PDF, which is printed later."""
    found = [path for top in left(folder, notebook) for path in (top, *top.rglob("*"))]
    files = (path for path in found if path.is_file() and path.suffix not in (".json", ".pdf"))
    return {path.relative_to(folder).as_posix(): fingerprints.of_files([path]) for path in files}


def _seal(record: Mapping[str, Any]) -> str:
    return fingerprints.of_values({name: part for name, part in record.items() if name != "seal"})
