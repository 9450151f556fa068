"""A browser for each file of tests, the pages to open, and a folder of screenshots for a person."""

import os
from pathlib import Path

import pytest

from browser import chromium
from conftest import SCREENSHOTS


@pytest.fixture(scope="session")
def executable() -> str:
    """The Chromium to use, looked for before a notebook runs."""
    pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install playwright")
    return chromium.installed()


@pytest.fixture(scope="session")
def sites(executable, request) -> dict[str, Path]:
    """The folder of the pages by language."""
    return {"en": request.getfixturevalue("english_runs"), "zh": request.getfixturevalue("chinese_runs")}


@pytest.fixture(scope="module")
def browser(executable):
    """Chromium for one module: Playwright keeps an event loop running that other tests would trip over."""
    with chromium.started(executable) as found:
        yield found


@pytest.fixture(scope="session")
def screenshots(request, tmp_path_factory) -> Path:
    """The folder that CLV_SCREENSHOTS names, or a temporary one; where it is is told at the end."""
    named = os.environ.get("CLV_SCREENSHOTS")
    folder = Path(named).absolute() if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    request.config.stash[SCREENSHOTS] = folder
    if hasattr(request.config, "workeroutput"):  # one process of several, which tells nobody itself
        request.config.workeroutput["screenshots"] = str(folder)
    return folder
