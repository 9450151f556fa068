"""A page as PDF, printed by a Chromium, Chrome or Edge of this machine, which never sees the network."""

import os
import shutil
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

from clv import scratch
from clv.errors import SettingError
from clv.language import tell
from clv.telling.pages import write_whole

CHOSEN = "CLV_CHROMIUM"  # a browser that has another name, or stands elsewhere
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_NAMES += ("microsoft-edge", "microsoft-edge-stable", "msedge")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
_QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # no name is looked up, so nothing can be asked
    "--no-pdf-header-footer",
)


def browser() -> str:
    """Return the browser that prints.

    Raises
    ------
    SettingError
        There is none, or the one that CLV_CHROMIUM names is not there.
    """
    if chosen := os.environ.get(CHOSEN):
        if found := shutil.which(chosen):
            return found
        raise SettingError(
            tell("No PDF was made: {chosen}, which {name} names, is no program.", chosen=chosen, name=CHOSEN)
        )
    for name in (*_NAMES, *_PLACES):
        if found := shutil.which(name):
            return found
    raise SettingError(
        tell(
            "No PDF was made, as no Chromium, Chrome or Edge was found; install one, or name it in {name}.",
            name=CHOSEN,
        )
    )


def write(page: Path, pdf: Path, *, browser: str, timeout: float = 120) -> None:
    """Print a page of ours to `pdf`, whole or not at all.

    Raises
    ------
    SettingError
        The browser failed, or took more than `timeout` seconds.
    """
    with closing(scratch.folder("clv-pdf-", place=Path(tempfile.gettempdir()))) as room:
        printed = room.path / "page.pdf"
        _print(page, printed, str(room.path), browser=browser, timeout=timeout)
        write_whole(pdf, printed.read_bytes())


def _print(page: Path, printed: Path, folder: str, *, browser: str, timeout: float) -> None:
    # As root, which a container may be, Chromium starts without its sandbox only.
    rootless = () if getattr(os, "geteuid", lambda: 1)() else ("--no-sandbox",)
    command = [browser, *_QUIET, *rootless, f"--user-data-dir={folder}/profile", f"--print-to-pdf={printed}"]
    try:
        subprocess.run([*command, page.resolve().as_uri()], check=True, capture_output=True, timeout=timeout)
        if printed.read_bytes()[:4] == b"%PDF":
            return
        reason = tell("what it left is no PDF")
    except subprocess.TimeoutExpired:
        reason = tell("it took more than {seconds:g} seconds", seconds=timeout)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = type(error).__name__
    raise SettingError(
        tell(
            "{page} could not be printed by {browser}: {reason}.",
            page=page.name,
            browser=Path(browser).name,
            reason=reason,
        )
    )
