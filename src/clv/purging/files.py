"""What becomes of each file that holds a customer: lists lose rows, reports are taken away whole.

Below a folder of the shop the kit made every file itself. A file elsewhere that is no list is somebody's own:
it is named, and left. Nothing is changed here; `Change.make` does that.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from shutil import rmtree
from typing import Literal

from clv.history import ALL
from clv.purging import rows
from clv.purging.traces import Traces
from clv.running import runs
from clv.sending import lists

What = Literal["report", "rows", "left"]
_TEXTS = (
    ".html", ".json", ".jsonl", ".csv", ".ipynb", ".md", ".txt", ".svg", ".log", ".yml", ".yaml", ".vega",
)  # fmt: skip
_LOCK = "~$"  # Excel's note beside an open workbook of who has it open
_OVERVIEWS = ("index.html", "play.html")


@dataclass(frozen=True)
class Change:
    """What is to become of a file, or of a report with all that stands beside it.

    Attributes
    ----------
    what
        'report': taken away; 'rows': so many rows, pages or lines are taken out; 'left': it is not the kit's.
    """

    what: What
    paths: tuple[Path, ...]
    rows: int = 0

    def make(self, traces: Traces) -> None:
        """Do it, each file whole or not at all; what is gone already is gone."""
        if self.what == "rows":
            (path,) = self.paths
            rows.take_out(path, traces)
        if self.what == "report":
            for path in self.paths:
                rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def look(
    folder: Path, traces: Traces, *, shop_id: str, others: Collection[str], exports: Collection[Path]
) -> Iterator[Change]:
    """Yield what is to become of the files in a folder that hold the customer; links are not followed.

    Parameters
    ----------
    others
        Ids of further shops, whose folders are not looked into: a pseudonym there is a customer of theirs.
    exports
        The shop's own files, which are never changed; a list of ours among them is ours.
    """
    for place, below, names in os.walk(folder):
        here, done = Path(place), set()
        ours = bool({shop_id, ALL} & {folder.name, *here.relative_to(folder).parts})
        for report in _reports(here):
            done.update(report)
            if any(_holds(path, traces) for path in _inside(report)):
                yield Change("report", report)
        below[:] = sorted(name for name in below if name not in others and here / name not in done)
        for path in (here / name for name in sorted(names)):
            theirs = path.resolve() in exports and not (ours and _is_list(path))
            if not (path in done or path.is_symlink() or theirs):
                yield from _alone(path, traces, ours=ours or path.name in _OVERVIEWS)


def _reports(folder: Path) -> Iterator[tuple[Path, ...]]:
    """Yield what each run left in a folder: its record, and all that is named after it."""
    for path in sorted(folder.glob("*.json")):
        if runs.load(path) is not None:
            yield (path, *(one for one in runs.left(folder, path.stem) if one != path))


def _is_list(path: Path) -> bool:
    """Return whether a file is called as the lists of a play, which come back as past campaigns."""
    return any(fnmatch(path.name, name) for name in lists.OURS)


def _inside(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from (one for one in (path.rglob("*") if path.is_dir() else [path]) if one.is_file())


def _alone(path: Path, traces: Traces, *, ours: bool) -> Iterator[Change]:
    count = rows.count(path, traces)
    if count:
        yield Change("rows", (path,), count)
    elif count is None and _holds(path, traces):
        beside = [path.with_suffix(".pdf")] if ours and path.suffix == ".html" else []
        yield Change("report" if ours else "left", (path, *(one for one in beside if one.is_file())))


def _holds(path: Path, traces: Traces) -> bool:
    """Return whether a file holds the customer; of a printed one its report tells."""
    if count := rows.count(path, traces):
        return True
    if count is None and path.suffix.lower() == ".parquet":
        return traces.in_parquet(path)
    if count is None and path.suffix.lower() == ".xlsx":  # a sound one has rows: it cannot be read, and may
        return not path.name.startswith(_LOCK)
    if count is None and path.suffix.lower() in _TEXTS:  # a list too that is damaged
        try:
            return traces.in_text(path.read_text("utf-8", errors="replace"))
        except OSError:  # as of Parquet: one that cannot be read may
            return True
    return False
