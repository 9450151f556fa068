"""What a batch has to do: every shop with every notebook, all checked before anything starts."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clv import parameters, playbooks, schemes
from clv.declaring import strict_yaml
from clv.errors import InputError, SettingError
from clv.keeping import fingerprints
from clv.running import notebook_files
from clv.schemes.contract import Scheme
from clv.shop import Shop
from clv.shopfile import ShopFile

Keys = Mapping[str, str | InputError]
Values = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Task:
    """One notebook to be run for one shop."""

    shop: Shop
    notebook: Path
    parameters: parameters.Notebook
    question: str

    @property
    def name(self) -> str:
        """The notebook's name."""
        return self.notebook.stem

    @property
    def label(self) -> str:
        """Shop and notebook, for people."""
        return f"{self.shop.id} {self.name}"


def settings(lines: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return `NOTEBOOK.NAME=VALUE` lines as parameters of notebooks; values are read as YAML reads them.

    >>> settings(["03_lifetime_value.horizon_days=180"])
    {'03_lifetime_value': {'horizon_days': 180}}
    """
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        name, equals, value = line.partition("=")
        notebook, dot, parameter = name.strip().partition(".")
        if not (equals and dot and parameter):
            raise SettingError(f"--set {line!r} should be NOTEBOOK.NAME=VALUE, 03_lifetime_value.top=50.")
        parameters.contract(notebook)
        found.setdefault(notebook, {})[parameter] = strict_yaml.scalar(value)
    return found


def tasks(
    file: ShopFile,
    notebooks: Iterable[Path],
    *,
    shops: Iterable[str] = (),
    given: Values | None = None,
    until: str = "",
) -> list[Task]:
    """Return the runs, shop by shop, each with its checked parameters: `given` over the shop file's.

    Raises
    ------
    SettingError
        An unknown shop or parameter, a value of the wrong type or out of range.
    """
    given, notebooks = given or {}, list(notebooks)
    unused = sorted(given.keys() - {path.stem for path in notebooks})
    if unused:
        raise SettingError(f"--set names {unused[0]}, which is not among the notebooks of this run.")
    ids = list(dict.fromkeys(shops)) or list(file.shops)
    opened = [Shop.of(file, shop_id, until) for shop_id in ids]
    own = {shop.id: shop.schemes() for shop in opened}  # a wrong scheme file is told before anything starts
    todo = [_task(shop, path, given.get(path.stem, {})) for shop in opened for path in notebooks]
    for task in todo:
        _check_names(task, own[task.shop.id])
    return todo


def answerable(todo: Iterable[Task]) -> list[Task]:
    """Return the runs whose shops have the files that the notebook cannot do without."""
    return [t for t in todo if all(getattr(t.shop.file.entry(t.shop.id), key) for key in t.parameters.needs)]


def _check_names(task: Task, own: Sequence[Scheme]) -> None:
    """Say which scheme or playbook, named by a parameter, is not there or is wrong."""
    asked = task.parameters
    try:
        if isinstance(asked, parameters.RfmSchemes):
            schemes.find(schemes.field(thresholds=asked.thresholds, own=own), asked.today)
        elif isinstance(asked, parameters.RecallOffers):
            schemes.find(schemes.field(own=own), asked.scheme)
            playbooks.load(playbooks.seen_from(task.notebook.parent, asked.playbook))
    except SettingError as error:
        raise SettingError(f"shop {task.shop.id!r}, {task.name}: {error}") from None


def _task(shop: Shop, notebook: Path, given: Mapping[str, Any]) -> Task:
    model = parameters.contract(notebook.stem)
    reserved = sorted(given.keys() & set(parameters.SET_BY_THE_BATCH))
    if reserved:
        raise SettingError(f"--set {notebook.stem}.{reserved[0]} is not possible; the shop file sets it.")
    values = {**shop.file.entry(shop.id).notebooks.get(notebook.stem, {}), **given}
    values |= {"shop_file": seen_from(notebook.parent, shop.file.path), "shop_id": shop.id}
    built = parameters.build(
        model, {**values, "until": shop.last_day}, where=f"shop {shop.id!r}, {model.name}"
    )
    return Task(shop, notebook, built, notebook_files.question(notebook))


def seen_from(folder: Path, path: Path) -> str:
    """Return `path` as a notebook in `folder` names it, so that no report tells where things stand."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return str(path)


def keys(todo: Iterable[Task]) -> Keys:
    """Return what each run is made from, by its label, or why its shop's files cannot be read."""
    todo = list(todo)
    shops = {task.shop.id: task.shop for task in todo}
    shop_keys = {shop_id: _shop_key(shop) for shop_id, shop in shops.items()}  # exports are read once a shop
    return {task.label: _key(task, shop_keys[task.shop.id]) for task in todo}


def _key(task: Task, shop_key: str | InputError) -> str | InputError:
    if isinstance(shop_key, InputError):
        return shop_key
    return fingerprints.of_values(
        shop_key,
        task.shop.name,
        notebook_files.source_fingerprint(task.notebook),
        task.parameters.model_dump(mode="json"),
        _playbook_key(task),
        fingerprints.library_versions(),
        platform.python_version(),
    )


def _playbook_key(task: Task) -> str:
    """Return what stands for the playbook that the notebook reads; empty for the other notebooks."""
    if not isinstance(task.parameters, parameters.RecallOffers):
        return ""
    return fingerprints.of_files([playbooks.seen_from(task.notebook.parent, task.parameters.playbook)])


def _shop_key(shop: Shop) -> str | InputError:
    try:
        return shop.fingerprint()
    except InputError as error:
        return error
    except OSError as error:
        return InputError(f"shop {shop.id!r}: an export cannot be read ({error.strerror}).")
