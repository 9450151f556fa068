"""What an executed notebook holds for a reader: its settings, how it ended, and the cells worth showing."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from clv import errors
from clv.language import tell, translated
from clv.telling.facts import ANSWER_MIME, FACT_MIME

if TYPE_CHECKING:  # loading nbformat takes seconds
    from nbformat import NotebookNode

PARAMETERS = ("parameters", "injected-parameters")
MACHINERY = {*PARAMETERS, "papermill-error-cell-tag"}
TOLD_ELSEWHERE = {FACT_MIME, ANSWER_MIME}  # on the first screen, or among the other numbers
OBJECT = re.compile(r"\s*\[?<[^\n]*>\]?\s*\Z|None\Z")


@dataclass(frozen=True, slots=True)
class Setting:
    """One parameter as it was in this run, and what its comment says about it."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a notebook stopped early: the error's name, its sentence, and whether clv refused on purpose."""

    error: str
    message: str
    refused: bool


def settings(nb: "NotebookNode") -> list[Setting]:
    """Return the parameters of the run: the defaults' names and comments, with the injected values."""
    found: dict[str, Setting] = {}
    for tag in PARAMETERS:
        for cell in (cell for cell in nb.cells if tag in _tags(cell)):
            for name, value, meaning in _assignments(cell.source):
                earlier = found.get(name)
                kept = meaning or (earlier.meaning if earlier else "")
                found[name] = Setting(name, _shown(name, value), translated(kept))
    return list(found.values())


def ending(nb: "NotebookNode") -> Ending | None:
    """Return why the notebook stopped, or None where it ran to its end."""
    for cell in nb.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                return Ending(output.ename, output.evalue.strip(), output.ename in errors.own_names())
    return None


def readable(nb: "NotebookNode") -> "NotebookNode":
    """Return a copy without machinery, warnings, facts, the answer and what follows the cell that failed."""
    shown = deepcopy(nb)
    shown.cells = []
    for cell in nb.cells:
        if MACHINERY.isdisjoint(_tags(cell)):
            shown.cells.append(deepcopy(cell))
        if any(output.output_type == "error" for output in cell.get("outputs", ())):
            break
    for cell in shown.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if _is_for_readers(output)]
    return shown


def _is_for_readers(output: "NotebookNode") -> bool:
    if output.output_type == "stream":
        return output.name == "stdout"
    if output.output_type == "error" or not TOLD_ELSEWHERE.isdisjoint(output.data):
        return False
    return set(output.data) != {"text/plain"} or not OBJECT.match(output.data["text/plain"])


def _assignments(source: str) -> Iterator[tuple[str, object, str]]:
    """Yield name, value and trailing comment of each `name = literal` line."""
    try:
        body = ast.parse(source).body
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        comments = {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
    except (SyntaxError, tokenize.TokenError):
        return
    for line in body:
        target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
        if isinstance(target, ast.Name) and _is_literal(line.value):
            yield target.id, ast.literal_eval(line.value), comments.get(line.end_lineno, "").lstrip("# ")


def _is_literal(node: ast.expr | None) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError):
        return False
    return True


def _shown(name: str, value: object) -> str:
    if isinstance(value, bool):
        return tell("yes") if value else tell("no")
    if value in ("", None, [], (), {}):
        return tell("not set")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if name == "shop_file":  # its folder is nobody's business but the analyst's
        return PurePath(str(value).replace("\\", "/")).name
    return str(value)


def _tags(cell: "NotebookNode") -> list[str]:
    return cell.metadata.get("tags", [])
