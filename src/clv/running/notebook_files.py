"""Notebooks as files: where they are, what they ask, and whether each keeps its contract."""

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import clv
from clv import parameters
from clv.errors import InputError, SettingError
from clv.keeping import fingerprints
from clv.language import tell, translated
from clv.parameters import Contract

if TYPE_CHECKING:  # loading nbformat takes seconds
    from nbformat import NotebookNode


def folder(shop_file: Path, given: Path | None = None) -> Path:
    """Return the notebooks' folder: the given one, else the one near the shop file, here or at the source.

    Raises
    ------
    SettingError
        There is none that holds a notebook of ours.
    """
    here = [*shop_file.resolve().parents, Path.cwd(), Path(clv.__file__).resolve().parents[2]]
    places = [given] if given else [place / "notebooks" for place in here]
    for place in places:
        if any((place / f"{name}.ipynb").is_file() for name in parameters.CONTRACTS):
            return place.resolve()
    looked = given or "this folder, beside the shop file or at the program's source"
    raise SettingError(
        tell("there are no notebooks in {looked}; name their folder with --notebooks DIR.", looked=looked)
    )


def chosen(place: Path, names: Iterable[str] = ()) -> list[Path]:
    """Return the notebooks with these names, or every one that has a contract; each keeps its contract.

    Raises
    ------
    SettingError
        There is no such notebook (with the nearest), or one breaks its contract.
    """
    names = list(dict.fromkeys(names)) or [
        n for n in parameters.CONTRACTS if (place / f"{n}.ipynb").is_file()
    ]
    paths = [place / f"{parameters.contract(name).name}.ipynb" for name in names]
    for path in paths:
        problems = contract_problems(path)
        if problems:
            raise SettingError(f"{path.name}: {problems[0]}")
    return paths


def question(path: Path) -> str:
    """Return the first heading of the notebook, the question that it answers, in the language spoken."""
    for cell in _cells(path):
        text = translated(_source(cell)) if _is(cell, "markdown") else ""
        if heading := re.search(r"^#\s+(.+)$", text, re.MULTILINE):
            return heading[1].strip()
    return path.stem


def told(notebook: "NotebookNode") -> "NotebookNode":
    """Return the notebook with its prose in the language that is spoken."""
    shown = deepcopy(notebook)
    for cell in shown.cells:
        if cell.cell_type == "markdown":
            cell.source = translated(cell.source)
    return shown


def source_fingerprint(path: Path) -> str:
    """Return what stands for the notebook's cells; outputs and counts do not change it."""
    return fingerprints.of_values(
        [[c["cell_type"], _source(c), c.get("metadata", {}).get("tags", [])] for c in _cells(path)]
    )


def contract_problems(path: Path) -> list[str]:
    """Return what in the notebook departs from its contract in `clv.parameters`; nothing when it keeps it.

    Its cell tagged `parameters` sets the contract's names to the contract's defaults, each with a comment,
    and every one of them is read further down.
    """
    model = parameters.contract(path.stem)
    cells = _cells(path)
    tagged = [i for i, cell in enumerate(cells) if "parameters" in cell.get("metadata", {}).get("tags", ())]
    if len(tagged) != 1:
        return [
            tell("{tagged} cells are tagged 'parameters'; there should be exactly one.", tagged=len(tagged))
        ]
    cell = _source(cells[tagged[0]])
    below = "\n".join(_code(c) for c in cells[tagged[0] + 1 :] if _is(c, "code"))
    try:
        found, read = dict(_assignments(cell)), set(_names_read(below))
    except (SyntaxError, ValueError) as error:
        return [tell("it cannot be checked: {error}.", error=error)]
    return [*_differences(found, model), *_uncommented(cell, found), *_unread(found, read)]


def _differences(found: Mapping[str, Any], model: type[Contract]) -> Iterator[str]:
    wanted = {name: field.default for name, field in model.model_fields.items()}
    for name in wanted.keys() - found.keys():
        yield tell("the parameters cell does not set {name!r}.", name=name)
    for name in found.keys() - wanted.keys():
        yield tell(
            "the parameters cell sets {name!r}, which {name2} in clv.parameters does not know.",
            name=name,
            name2=model.__name__,
        )
    for name in sorted(wanted.keys() & found.keys()):
        if found[name] != wanted[name] or type(found[name]) is not type(wanted[name]):
            yield tell(
                "{name} is {found!r} in the notebook, {wanted!r} in clv.parameters.",
                name=name,
                found=found[name],
                wanted=wanted[name],
            )


def _uncommented(cell: str, found: Iterable[str]) -> Iterator[str]:
    for name in found:
        if not re.search(rf"^{name}\b.*#\s*\S", cell, re.MULTILINE):
            yield tell("no comment explains the parameter {name!r} on its line.", name=name)


def _unread(found: Iterable[str], read: set[str]) -> Iterator[str]:
    for name in found:
        if name not in read:
            yield tell("nothing below the parameters cell reads {name!r}.", name=name)


def _assignments(cell: str) -> Iterator[tuple[str, Any]]:
    for line in ast.parse(cell).body:
        targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
        if len(targets) != 1 or not isinstance(targets[0], ast.Name):
            raise ValueError("the parameters cell should hold lines like `name = value  # meaning` only")
        yield targets[0].id, ast.literal_eval(line.value)


def _names_read(code: str) -> Iterator[str]:
    """Yield names that the code reads, and attributes of whatever `check(...)` gave."""
    tree = ast.parse(code)
    checked = {
        node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func).endswith("parameters.check")
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute) and getattr(node.value, "id", None) in checked:
            yield node.attr


def _cells(path: Path) -> list[dict[str, Any]]:
    try:
        return json.loads(path.read_text("utf-8"))["cells"]
    except FileNotFoundError:
        raise SettingError(
            tell(
                "there is no notebook {path} in the folder {parent!r}.",
                path=path.name,
                parent=path.parent.name,
            )
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            tell("{path} is not a notebook that can be read; restore it.", path=path.name)
        ) from None


def _is(cell: Mapping[str, Any], kind: str) -> bool:
    return cell.get("cell_type") == kind


def _source(cell: Mapping[str, Any]) -> str:
    return "".join(cell["source"])


def _code(cell: Mapping[str, Any]) -> str:
    return "\n".join(line for line in _source(cell).splitlines() if not line.lstrip().startswith(("%", "!")))
