"""Contract of Chinese reports: no sentence of ours comes in English, in any notebook or overview."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

# Four plain words in a row: sentences have them, names of models, products and files have not.
SENTENCE = re.compile(r"\b[a-z]{2,}(?: [a-z]{2,}){3,}\b")


def english(page: Path) -> list[str]:
    """Return what a reader sees, or hears of pictures, that is in English."""
    found = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    for one in found(["script", "style", "pre", "code"]):
        one.decompose()
    said = [str(text) for text in found.find_all(string=True)]
    said += [one[name] for name in ("alt", "aria-label", "title") for one in found(attrs={name: True})]
    return [text for text in (" ".join(one.split()) for one in said) if SENTENCE.search(text)]


@pytest.mark.slow
def test_every_page_is_chinese_throughout(chinese_runs: Path) -> None:
    pages = sorted(chinese_runs.rglob("*.html"))
    assert len(pages) > 10
    left = {page.relative_to(chinese_runs).as_posix(): found for page in pages if (found := english(page))}
    assert not left, left


@pytest.mark.slow
def test_the_same_pages_in_english_have_sentences(english_runs: Path) -> None:
    assert len(english(english_runs / "index.html")) > 3
