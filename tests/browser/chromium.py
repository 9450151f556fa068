"""Find a Chromium that is installed, start it through Playwright, and watch what its pages do."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
)
LOCAL = ("file:", "data:")
WINDOW = {"width": 1440, "height": 900}
PATIENCE = 30_000  # milliseconds


def installed() -> str:
    """Return the path of the Chromium to use, the one of CLV_CHROMIUM first; skip the test without one."""
    named = os.environ.get("CLV_CHROMIUM", "")
    found = next(filter(None, map(shutil.which, [named] if named else NAMES)), None)
    if found is None:
        pytest.skip(f"no Chromium at CLV_CHROMIUM={named}" if named else f"no {', '.join(NAMES)} on the PATH")
    return found


@contextmanager
def started(executable: str) -> Iterator["Browser"]:
    """Start Chromium. Playwright drives the one that is installed and downloads none."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page, what it told on the console or threw, and what it asked for."""

    page: "Page"
    troubles: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def asked_of_others(self) -> list[str]:
        """Return the requests for anything but the page's own file and what is written in it."""
        own = self.page.url.split("#")[0]
        return [url for url in self.requests if url.split("#")[0] != own and not url.startswith("data:")]


@contextmanager
def watched(browser: "Browser", **options: Any) -> Iterator[Watched]:
    """Open a page with the network cut off; what it asks of it fails and is remembered."""
    context = browser.new_context(**{"offline": True, "viewport": WINDOW, **options})
    context.set_default_timeout(PATIENCE)
    context.route(lambda url: not url.startswith(LOCAL), lambda route: route.abort())
    seen = Watched(context.new_page())
    seen.page.on("console", lambda said: _note(seen, said.type, said.text))
    seen.page.on("pageerror", lambda error: seen.troubles.append(str(error)))
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    try:
        yield seen
    finally:
        context.close()


def _note(seen: Watched, kind: str, text: str) -> None:
    if kind in ("error", "warning"):  # a breach of the Content-Security-Policy is an error
        seen.troubles.append(f"{kind}: {text}")
