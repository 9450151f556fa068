"""The PDF beside each good report, made where it is missing or older than the report."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from clv.errors import SettingError
from clv.running.memory import Warned
from clv.running.runs import Record
from clv.telling import pdf


def write_all(out: Path, records: Sequence[Record], *, jobs: int, warned: Warned) -> None:
    """Print the reports of good runs; a sentence where that cannot be done, and the reports stay.

    Parameters
    ----------
    out
        Folder of the runs.
    jobs
        Reports at a time.
    warned
        Called with one sentence for each that could not be printed, or once where there is no browser.
    """
    pages = [out / record["html"] for record in records if record["status"] == "ok"]
    if not (todo := [page for page in pages if not _is_printed(page)]):
        return
    try:
        printed = partial(_printed, browser=pdf.browser())
    except SettingError as error:
        return warned(str(error))
    with ThreadPoolExecutor(max_workers=jobs) as threads:
        for trouble in filter(None, threads.map(printed, todo)):
            warned(trouble)


def _is_printed(page: Path) -> bool:
    beside = page.with_suffix(".pdf")
    return beside.is_file() and beside.stat().st_mtime >= page.stat().st_mtime


def _printed(page: Path, *, browser: str) -> str:
    """Print one report and return what went wrong, if anything."""
    try:
        pdf.write(page, page.with_suffix(".pdf"), browser=browser)
    except (SettingError, OSError) as error:
        return f"{page.parent.name} {error}"
    return ""
