"""docs/security.md names tests that are there, and every command and folder that it names exists."""

import re

from clv import purged
from clv.cli import cli
from conftest import REPO

PAGE = (REPO / "docs" / "security.md").read_text("utf-8")


def test_every_test_that_it_names_is_there() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", PAGE))
    assert len(named) > 15
    assert [name for name in named if not (REPO / name).is_file()] == []


def test_every_command_that_it_names_is_one() -> None:
    named = set(re.findall(r"(?:`|^    )clv ([a-z-]+)", PAGE, re.MULTILINE))
    assert named >= {"purge", "serve", "addressees"} and named <= set(cli.commands)


def test_every_page_that_it_leads_to_is_there() -> None:
    assert [
        page for page in re.findall(r"\]\(([\w.]+)\)", PAGE) if not (REPO / "docs" / page).is_file()
    ] == []


def test_it_calls_what_is_purged_as_the_losses_do() -> None:
    assert f'"{purged.REASON}"' in PAGE
