"""What a batch has to do: every shop with every notebook, all checked before anything starts."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clv import parameters, playbooks, schemes
from clv.declaring import strict_yaml
from clv.errors import SettingError
from clv.language import Language, speaking, tell
from clv.running import notebook_files
from clv.running.all_shops import AllShops
from clv.schemes.contract import Scheme
from clv.shop import Shop
from clv.shop_files import ShopFile

Values = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Task:
    """One notebook to be run for one shop, or once for all."""

    shop: Shop | AllShops
    notebook: Path
    parameters: parameters.Contract
    question: str

    @property
    def lang(self) -> Language:
        """The language of the report: that of this run, else the shop's."""
        return self.parameters.lang or self.shop.lang

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
            raise SettingError(
                tell(
                    "--set {line!r} should be NOTEBOOK.NAME=VALUE, 03_lifetime_value.top=50.",
                    line=line[:80],
                )
            )
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
    lang: str = "",
    out: Path | None = None,
) -> list[Task]:
    """Return the runs, shop by shop, each with its checked parameters: `given` over the shop file's.

    Notebooks about all shops come last, each once.

    Parameters
    ----------
    shops
        Ids of the shops that are asked for; all of the file where there are none.
    lang
        Language of all reports of this run; where empty each shop's own.
    out
        Folder of the runs, in which notebooks about all shops find what earlier ones said.

    Raises
    ------
    SettingError
        An unknown shop or parameter, a value of the wrong type or out of range.
    """
    given, notebooks = given or {}, list(notebooks)
    unused = sorted(given.keys() - {path.stem for path in notebooks})
    if unused:
        raise SettingError(
            tell("--set names {first}, which is not among the notebooks of this run.", first=unused[0])
        )
    asked = list(dict.fromkeys(shops))
    ids = asked or list(file.shops)
    opened = [Shop.of(file, shop_id, until) for shop_id in ids]
    own = {shop.id: shop.schemes() for shop in opened}  # a wrong scheme file is told before anything starts
    across = [path for path in notebooks if parameters.contract(path.stem).of_all_shops]
    alone = [path for path in notebooks if path not in across]
    todo = [_task(shop, path, given.get(path.stem, {}), lang) for shop in opened for path in alone]
    for task in todo:
        _check_names(task, own[task.shop.id])
    where = {"file": file, "asked": asked, "until": until, "lang": lang, "out": out}
    return todo + [_task_of_all(path, given.get(path.stem, {}), **where) for path in across]


def answerable(todo: Iterable[Task]) -> list[Task]:
    """Return the runs that have what the notebook cannot do without: files of the shop, or several shops."""
    return [task for task in todo if _has_an_answer(task)]


def _has_an_answer(task: Task) -> bool:
    if isinstance(task.shop, AllShops):
        return len(task.shop.shops) > 1 and not task.shop.narrowed
    entry = task.shop.file.entry(task.shop.id)
    return all(getattr(entry, key) for key in task.parameters.needs)


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
        raise SettingError(
            tell("shop {shop!r}, {task:s}: {error}", shop=task.shop.id, task=task.name, error=error)
        ) from None


def _task(shop: Shop, notebook: Path, given: Mapping[str, Any], lang: str) -> Task:
    model = parameters.contract(notebook.stem)
    _check_reserved(notebook.stem, given)
    values = {**shop.file.entry(shop.id).notebooks.get(notebook.stem, {}), **given}
    values |= {"shop_file": seen_from(notebook.parent, shop.file.path), "shop_id": shop.id}
    values |= {"lang": lang or shop.lang}
    built = parameters.build(
        model,
        {**values, "until": shop.last_day},
        where=tell("shop {shop!r}, {model:s}", shop=shop.id, model=model.name),
    )
    return Task(shop, notebook, built, _question(notebook, built.lang))


def _question(notebook: Path, lang: str) -> str:
    with speaking(lang):
        return notebook_files.question(notebook)


def _task_of_all(
    notebook: Path,
    given: Mapping[str, Any],
    *,
    file: ShopFile,
    asked: Sequence[str],
    until: str,
    lang: str,
    out: Path | None,
) -> Task:
    model = parameters.contract(notebook.stem)
    _check_reserved(model.name, given)
    narrowed = bool(asked) and set(asked) != set(file.shops)
    values = {**_said_by_all(file, model.name), **given, **({"shops": list(asked)} if narrowed else {})}
    values |= {"shop_file": seen_from(notebook.parent, file.path), "until": until}
    values |= {"lang": lang or file.lang}
    values |= {"runs": seen_from(notebook.parent, Path(os.path.realpath(out))) if out else ""}
    built = parameters.build(model, values, where=model.name)
    shops = tuple(Shop.of(file, shop_id, until) for shop_id in built.shops or file.shops)
    everybody = AllShops(file, shops, built.until, narrowed)
    return Task(everybody, notebook, built, _question(notebook, built.lang))


def _said_by_all(file: ShopFile, notebook: str) -> Mapping[str, Any]:
    """Return the shop file's parameters of a notebook about all shops; they cannot be one shop's own."""
    said = {shop_id: entry.notebooks.get(notebook, {}) for shop_id, entry in file.shops.items()}
    (first, common), *others = said.items()
    for shop_id, own in others:
        if own != common:
            raise SettingError(
                tell(
                    "{path}: shops {first!r} and {shop_id!r} say different things of {notebook}, which is "
                    "about all shops; put it below `defaults:`.",
                    path=file.path.name,
                    first=first,
                    shop_id=shop_id,
                    notebook=notebook,
                )
            )
    return common


def _check_reserved(notebook: str, given: Mapping[str, Any]) -> None:
    reserved = sorted(given.keys() & set(parameters.SET_BY_THE_BATCH))
    if reserved:
        raise SettingError(
            tell(
                "--set {notebook}.{first} is not possible; the shop file sets it.",
                notebook=notebook,
                first=reserved[0],
            )
        )


def seen_from(folder: Path, path: Path) -> str:
    """Return `path` as a notebook in `folder` names it, so that no report tells where things stand."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return str(path)
