"""What each run is made from, as one fingerprint: the same again, and nothing has to be run again."""

import platform
from collections.abc import Iterable, Mapping
from pathlib import Path

from clv import history, parameters, playbooks
from clv.errors import InputError
from clv.keeping import fingerprints
from clv.running import all_shops, notebook_files
from clv.running.all_shops import AllShops
from clv.running.plan import Task

Keys = Mapping[str, str | InputError]


def keys(todo: Iterable[Task]) -> Keys:
    """Return what each run is made from, by its label, or why its shop's files cannot be read."""
    todo = list(todo)
    shops = {task.shop.id: task.shop for task in todo}
    shop_keys = {
        shop_id: all_shops.key_of(shop) for shop_id, shop in shops.items()
    }  # exports are read once a shop
    return {task.label: _key(task, shop_keys[task.shop.id]) for task in todo}


def _key(task: Task, shop_key: str | InputError) -> str | InputError:
    if isinstance(shop_key, InputError):
        return shop_key
    return fingerprints.of_values(
        shop_key,
        task.shop.name,
        notebook_files.source_fingerprint(task.notebook),
        task.parameters.model_dump(mode="json"),
        _playbook_key(task) or _history_key(task) or _rules_key(task),
        fingerprints.library_versions(),
        platform.python_version(),
    )


def _playbook_key(task: Task) -> str:
    """Return what stands for the playbook that the notebook reads; empty for the other notebooks."""
    if not isinstance(task.parameters, parameters.RecallOffers):
        return ""
    return fingerprints.of_files([playbooks.seen_from(task.notebook.parent, task.parameters.playbook)])


def _rules_key(task: Task) -> str:
    """Return what stands for other rules that the notebook compares with; empty where none are named."""
    named = getattr(task.parameters, "what_if_rules", "")
    path = task.shop.file.path.parent / named
    return fingerprints.of_files([path]) if named and path.is_file() else ""


def _history_key(task: Task) -> str:
    """Return what stands for the earlier runs that a notebook about all shops reads; empty for the others."""
    if not isinstance(task.shop, AllShops):
        return ""
    folder = task.notebook.parent / task.parameters.runs
    files = [folder / shop.id / history.FILE for shop in task.shop.shops]
    return fingerprints.of_files(path for path in files if _can_be_read(path))


def _can_be_read(path: Path) -> bool:
    """Return whether this is a file that we may read; of one that is not, the batch's memory warns."""
    try:
        with path.open("rb"):
            return path.is_file()
    except OSError:
        return False
