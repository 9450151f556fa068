"""Contracts of the notebooks' wording: what their code shows is there in Chinese, whole and fillable."""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import language_texts as texts
from clv import parameters
from clv.language import catalogue

HELD = catalogue.sentences("zh")
SAID_FIRST = {"say", "answer", "tell", "each"}  # calls whose first argument is a text
SHOWN = {"caption", "notes", "alt", "label", "title"}  # arguments that are texts
LONGEST_LABEL = 60  # characters that fit on the card of a key number

notebooks = pytest.mark.parametrize("path", texts.NOTEBOOKS, ids=lambda path: path.stem)


def code(path: Path) -> list[str]:
    """Return the source of each cell of code below the parameters."""
    return ["".join(cell["source"]) for cell in _cells(path) if not _is_parameters(cell)]


def comments(path: Path) -> list[str]:
    """Return what the parameters cell says of each parameter."""
    (cell,) = (cell for cell in _cells(path) if _is_parameters(cell))
    return [line.split("  # ", 1)[1] for line in "".join(cell["source"]).splitlines()]


def _cells(path: Path) -> list[dict]:
    found = json.loads(path.read_text("utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == "code"]


def _is_parameters(cell: dict) -> bool:
    return "parameters" in cell["metadata"].get("tags", [])


def calls(source: str) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", "")), node


def worded(source: str) -> Iterator[ast.expr]:
    """Yield what stands where a text is shown, and what is filled into one."""
    for name, call in calls(source):
        if name in SAID_FIRST:
            yield call.args[0]
        for given in call.keywords:
            if given.arg in SHOWN or name in {"say", "answer", "tell"}:
                yield given.value


def shown(source: str) -> Iterator[str]:
    """Yield every text of ours that a cell shows."""
    for node in worded(source):
        yield from (text for text in _leaves(node) if re.search(r"[A-Za-z]", re.sub(r"\{.*?\}", "", text)))


def _leaves(node: ast.expr) -> Iterator[str]:
    """Yield a text, or all of `a if … else b` and `a or b`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    parts = {ast.IfExp: ("body", "orelse"), ast.BoolOp: ("values",)}.get(type(node), ())
    for part in parts:
        found = getattr(node, part)
        for one in found if isinstance(found, list) else [found]:
            yield from _leaves(one)


@notebooks
def test_every_text_that_code_shows_is_there_in_chinese(path):
    found = {text for source in code(path) for text in shown(source)}
    assert len(found) > 10
    assert not (lacking := missing(found)), lacking


@notebooks
def test_what_is_said_of_each_parameter_is_there_in_chinese(path):
    assert not (lacking := missing(comments(path))), lacking


def missing(found: Iterable[str]) -> str:
    """Return what is not in the catalogue, as entries to be filled in."""
    quoted = (json.dumps(text, ensure_ascii=False) for text in sorted(set(found) - set(HELD)))
    return "\n".join(f'msgid {text}\nmsgstr ""\n' for text in quoted)


@notebooks
def test_translations_ask_for_the_same_values(path):
    for text in (text for source in code(path) for text in shown(source)):
        wanted, asked = texts.placeholders(text), texts.placeholders(HELD.get(text, text))
        assert asked == {name for name in wanted if name in asked or not texts.is_plural(name)}, text


@notebooks
def test_no_text_is_put_together_from_pieces(path):
    for source in code(path):
        for node in worded(source):
            pieces = [one for one in ast.walk(node) if isinstance(one, ast.JoinedStr | ast.BinOp)]
            strings = [one for piece in pieces for one in ast.walk(piece) if _is_words(one)]
            assert not strings, ast.unparse(node)


def _is_words(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip()
    )


@notebooks
def test_a_notebook_answers_once(path):
    said = [call for source in code(path) for name, call in calls(source) if name == "answer"]
    assert len(said) == 1


@notebooks
def test_key_facts_are_recorded_with_a_label_that_fits(path):
    contract = parameters.contract(path.stem)
    assert 3 <= len(contract.key_facts) <= 5
    labels = dict(_labels(path))
    for fact in contract.key_facts:
        found = [text for name, text in labels.items() if Path(fact).match(name)]
        assert found, f"{fact} has no label"
        filled = re.sub(r"\{.*?\}", "1,234", found[0])
        assert 0 < len(filled) <= LONGEST_LABEL, filled


def _labels(path: Path) -> Iterator[tuple[str, str]]:
    """Yield name and longest label of each fact; in a name made of parts, * stands for each of them."""
    for source in code(path):
        for name, call in calls(source):
            given = {one.arg: one.value for one in call.keywords}
            if name == "record" and "label" in given:
                yield _pattern(call.args[0]), max(_told(given["label"]), key=len, default="")


def _told(node: ast.expr) -> list[str]:
    inside = [text for _, call in calls(ast.unparse(node)) if call.args for text in _leaves(call.args[0])]
    return [*_leaves(node), *inside]


def _pattern(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(one.value if isinstance(one, ast.Constant) else "*" for one in node.values)
    return node.value if isinstance(node, ast.Constant) else "*"
