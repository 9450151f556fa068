"""One run of a shop, as it lies on disk: what a comparison needs of each side."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from clv import notebook_formats
from clv.errors import InputError, NoAnswerError, SettingError
from clv.language import tell
from clv.running import runs, segments_kept
from clv.running.runs import Record
from clv.telling import facts

if TYPE_CHECKING:  # loading nbformat takes seconds
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Side:
    """The good runs in one folder, by notebook; `folder` is where their executed copies lie."""

    folder: Path
    records: Mapping[str, Record]

    @property
    def shop(self) -> str:
        """The shop's name."""
        one = next(iter(self.records.values()))
        return one.get("shop_name") or one["shop"]

    @property
    def until(self) -> str:
        """The last day of observation."""
        return max(str(one.get("until") or "") for one in self.records.values())

    @property
    def made_at(self) -> str:
        """When the latest of the runs was made."""
        return max(str(one.get("made_at") or "") for one in self.records.values())

    @cached_property
    def segments(self) -> pd.DataFrame | None:
        """Who is in which segment; None where that was not kept."""
        return segments_kept.read(self.folder)

    def notebook(self, name: str) -> "NotebookNode | None":
        """Return the executed copy; None where it cannot be read."""
        path = self.folder / f"{name}.ipynb"
        try:
            return _read(path)
        except InputError:
            return None


def of_folder(folder: Path) -> Side | None:
    """Return the good runs of a shop's folder; of several last days those of the latest."""
    found = [record for path in sorted(folder.glob("*.json")) if (record := runs.load(path))]
    good = [record for record in found if record["status"] == "ok"]
    last = max((str(one.get("until") or "") for one in good), default="")
    mine = {one["notebook"]: one for one in good if str(one.get("until") or "") == last}
    return Side(folder, mine) if mine else None


def pairs(before: Path, now: Path) -> list[tuple[Side, Side]]:
    """Return the runs that are to be compared: of one shop, of one notebook, or shop by shop.

    Parameters
    ----------
    before, now
        Folders of a shop's runs, folders of several shops' runs, or executed notebooks (or their records).

    Raises
    ------
    SettingError
        There is no run.
    NoAnswerError
        They have no shop or no notebook in common.
    """
    one, other = _found(before), _found(now)
    if len(one) == len(other) == 1:
        found = [(*one.values(), *other.values())]
    else:
        found = [(one[shop], other[shop]) for shop in other if shop in one]
    same = [pair for pair in found if pair[0].records.keys() & pair[1].records.keys()]
    if not same:
        raise _unlike(before, now)
    return same


def _unlike(before: Path, now: Path) -> NoAnswerError:
    return NoAnswerError(
        tell(
            "{before} and {now} have no shop and no notebook in common; name two runs of one shop.",
            before=before.name or str(before),
            now=now.name or str(now),
        )
    )


def _found(path: Path) -> dict[str, Side]:
    """Return the runs at a path, by shop."""
    if path.is_file():
        side = _alone(path)
        return {next(iter(side.records.values()))["shop"]: side}
    if not path.is_dir():
        raise SettingError(
            tell("there is no run at {path}; name a folder such as runs/gold, or a notebook.", path=path)
        )
    if side := of_folder(path):
        return {next(iter(side.records.values()))["shop"]: side}
    below = {folder.name: side for folder in sorted(path.glob("*")) if (side := of_folder(folder))}
    if not below:
        raise SettingError(tell("{path} holds no good run; name a folder that `clv batch` wrote.", path=path))
    return below


def _alone(path: Path) -> Side:
    """Return one notebook's run, from the executed copy or the record beside it."""
    copy = path.with_suffix(".ipynb")
    record = runs.load(path.with_suffix(".json"))
    if record is None or record["notebook"] != path.stem:
        notebook = _read(copy)
        told = facts.collect(notebook)
        record = {"shop": "", "notebook": path.stem, "status": "ok", "key": "", "facts": told}
    return Side(path.parent, {path.stem: record})


def _read(path: Path) -> "NotebookNode":
    notebook_formats.load()
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, AttributeError, KeyError, nbformat.ValidationError):
        raise InputError(
            tell("{path} is not a notebook that can be read; name another.", path=path.name)
        ) from None


def parts(records: Mapping[str, Record], key: str) -> dict[str, Any]:
    """Return one part of each record, by notebook."""
    return {notebook: record.get(key) or [] for notebook, record in records.items()}
