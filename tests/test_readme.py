"""Contracts of the two READMEs: what one says the other says too, and what they name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = (ROOT / name for name in ("README.md", "README.zh-CN.md"))


def commands(page: Path) -> list[str]:
    """Return the commands of the page's code, in order, without their comments and arguments in words."""
    lines = re.findall(r"^ {4,}((?:clv|make|pip) .*)$", page.read_text("utf-8"), re.MULTILINE)
    return [" ".join(line.split("  #")[0].replace(" --lang zh", "").split()) for line in lines]


def targets(page: Path) -> list[str]:
    return re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8"))


def test_both_give_the_same_commands_in_the_same_order() -> None:
    assert commands(CHINESE) == commands(ENGLISH)
    assert len(commands(ENGLISH)) >= 20


def test_both_have_as_many_chapters_and_points() -> None:
    for mark in (r"^## ", r"^- ", r"^\| `", r"^\d\. "):
        counts = [len(re.findall(mark, page.read_text("utf-8"), re.MULTILINE)) for page in (ENGLISH, CHINESE)]
        assert counts[0] == counts[1] > 0, mark


@pytest.mark.parametrize("page", [ENGLISH, CHINESE])
def test_what_is_linked_is_there(page: Path) -> None:
    for target in targets(page):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("page", [ENGLISH, CHINESE])
def test_keys_and_commands_that_are_named_exist(page: Path) -> None:
    from clv.cli import cli

    for name in re.findall(r"(?:`|^ +)clv ([a-z][a-z-]+)", page.read_text("utf-8"), re.MULTILINE):
        assert name in cli.commands, name
