"""docs/coverage.md: every name in it exists, every row of A and B has an answer, every C a page."""

import re
from importlib.util import find_spec

import pytest

from clv import parameters
from clv.cli import cli
from conftest import REPO

PAGE = (REPO / "docs" / "coverage.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("|") and not re.match(r"\| (asked|---)", line)
]
NAMES = sorted({name for row in ROWS for name in re.findall(r"`([^`]+)`", row[2])})
PLAYBOOKS = {path.stem for path in (REPO / "playbooks").glob("*.md")} - {"README"}
NOTEBOOKS = {path.stem for path in (REPO / "notebooks").glob("*.ipynb")}


@pytest.mark.parametrize("name", NAMES)
def test_what_answers_a_row_exists(name):
    command = name.removeprefix("clv ")
    if command != name:
        assert command in cli.commands
    elif re.match(r"\d\d_", name):
        assert name in NOTEBOOKS & set(parameters.CONTRACTS)
    else:
        assert name in PLAYBOOKS or find_spec(f"clv.{name}") is not None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_every_row_says_what_answers_it(row):
    asked, scope, answer, tried = row
    assert asked
    assert re.match(r"[ABCX](/[ABX])?\b", scope)
    if scope.startswith(("A", "B")):
        assert "`" in answer or answer == "all notebooks, one question each"
        assert tried
    if scope.startswith("C"):
        links = re.findall(r"\]\(\.\./([^)]+)\)", answer)
        assert links
        assert all((REPO / link).is_file() for link in links)


def test_every_notebook_and_playbook_answers_something():
    named = set(re.findall(r"`([^`]+)`", PAGE))
    assert named >= NOTEBOOKS | PLAYBOOKS
