"""Every text of ours that a person may read, found in the source: what a catalogue has to hold."""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import click
import yaml

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "clv"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
_WORD = re.compile(r"[A-Za-z]{2,}")
_IN_TEMPLATE = re.compile(r"""\btell\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def modules() -> Iterator[tuple[str, str]]:
    """Yield name and source of every module of the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), path.read_text("utf-8")


def templates() -> Iterator[tuple[str, str]]:
    """Yield name and source of every template of a page."""
    for path in sorted((PACKAGE / "telling" / "templates").rglob("*.j2")):
        yield path.relative_to(PACKAGE).as_posix(), path.read_text("utf-8")


def cells(kind: str) -> Iterator[tuple[str, str]]:
    """Yield the notebook's name and the source of each of its cells of this kind."""
    for path in NOTEBOOKS:
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == kind:
                yield path.name, "".join(cell["source"])


def declared() -> Iterator[tuple[str, list[str]]]:
    """Yield name and texts of each file that declares a platform, a scheme or the answers."""
    answers = yaml.safe_load((PACKAGE / "answers.yml").read_text("utf-8"))
    yield "answers.yml", [one["answer"] for one in answers]
    for path in sorted((PACKAGE / "sources").glob("*.yml")):
        said = yaml.safe_load(path.read_text("utf-8"))
        hints = [said[key] for key in ("why_no_customers", "what_would_help") if key in said]
        yield path.name, [*said.get("notes", []), *hints]
    for path in sorted((PACKAGE / "schemes").glob("*.yml")):
        yield path.name, [yaml.safe_load(path.read_text("utf-8"))["rule"]]


def told(source: str) -> Iterator[str]:
    """Yield the text of each call `tell("…")` of a module or a cell."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node) == "tell" and node.args:
            yield from _texts(node.args[0])


def told_in_template(source: str) -> Iterator[str]:
    """Yield the text of each `tell("…")` of a template."""
    yield from (ast.literal_eval(found) for found in _IN_TEMPLATE.findall(source))


def sentences(source: str) -> Iterator[str]:
    """Yield whole sentences that stand as they are in a module: constants, and texts that are told."""
    tree = ast.parse(source)
    skipped = {id(one) for node in ast.walk(tree) for one in _no_texts(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            text = node.value
            if len(_WORD.findall(text)) >= 4 and text.rstrip().endswith((".", "?")):
                yield text


def helps(command: click.Command) -> Iterator[str]:
    """Yield the help texts of a command, its options and the commands below it."""
    yield from filter(None, (inspect.cleandoc(command.help or ""), command.short_help))
    yield from (one.help for one in command.params if getattr(one, "help", None))
    for below in getattr(command, "commands", {}).values():
        yield from helps(below)


def placeholders(template: str) -> set[str]:
    """Return the names that a text asks for, those inside format specifications too."""
    found = set()
    for _, name, spec, _ in Formatter().parse(template):
        found |= {name} - {None, ""} | (placeholders(spec) if spec else set())
    return found


def is_plural(name: str) -> bool:
    """Return whether a placeholder is the end of an English plural, which other languages may not have."""
    return name == "s" or name.endswith("_s")


def _no_texts(node: ast.AST) -> Iterator[ast.AST]:
    """Yield constants that nobody reads: docstrings, parts of f-strings, help texts (`helps` has them)."""
    if isinstance(node, ast.Expr):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from node.values
    elif isinstance(node, ast.keyword) and node.arg in {"help", "short_help"}:
        yield node.value


def _name(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield a text, or both of `a if … else b`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
