"""What `clv batch` and `clv play` share: how notebooks are run, and how far they are."""

import math
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.errors import SettingError
from clv.language import LANGUAGES, tell

if TYPE_CHECKING:
    from clv.running.runs import Record

STOPPED = 130
_UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
FOLDER = click.Path(path_type=Path, file_okay=False)


def _a_number(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    if value is not None and math.isnan(value):  # which no range keeps out
        raise click.BadParameter(tell("it should be a number."))
    return value


def _an_address(_context: click.Context, _option: click.Parameter, value: str | None) -> str:
    if value is not None and not value.strip():  # a variable that is not set: not this machine by mistake
        raise click.BadParameter(tell("it is empty; give the address of a scheduler, tcp://HOST:8786."))
    return value or ""


def _empty(_context: click.Context, _option: click.Parameter, value: str | None) -> str:
    return value or ""


class _Memory(click.FloatRange):
    """GiB, or an amount with its unit, written as for CLV_DUCKDB_MEMORY."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the GiB that `value` says."""
        found = re.fullmatch(r"(\d+|\d*\.\d+) ?([MGT]i?B)?", str(value).strip(), re.IGNORECASE)
        if found is None:
            said = tell("{value!r} is no amount of memory; write it as 4GB or 800MB.", value=value)
            self.fail(said, param, ctx)
        unit = _UNITS[found[2].upper()] if found[2] else 2**30
        return super().convert(float(found[1]) * unit / 2**30, param, ctx)


def _limit(name: str, kind: click.FloatRange, unit: str, *, help: str) -> Callable:
    """Return the option of a number at which a notebook is ended."""
    return click.option(name, type=kind, callback=_a_number, metavar=unit, help=help)


_OPTIONS = (
    click.option("--until", default="", metavar="DAY", help="Last day of observation, 2026-06-30."),
    click.option(
        "--jobs", "-j", type=click.IntRange(1), help="Notebooks at a time.  [default: one per core]"
    ),
    click.option("--notebooks", type=FOLDER, help="Folder of the notebooks.  [default: near SHOPS, or here]"),
    click.option("--force", is_flag=True, help="Run again what is good already."),
    _limit(
        "--timeout",
        click.FloatRange(0, 1e9, min_open=True),
        "SECONDS",
        help="End a notebook that takes longer.  [default: never]",
    ),
    _limit(
        "--memory",
        _Memory(0, 1e6, min_open=True),
        "SIZE",
        help="End a notebook that needs more: 4GB, 800MB; a bare number is GiB.  "
        "[default: the machine's memory / JOBS]",
    ),
    click.option(
        "--dask",
        callback=_an_address,
        metavar="ADDRESS",
        help="Run on this Dask cluster, shop by shop: tcp://HOST:8786.",
    ),
)


lang_option = click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    callback=_empty,
    help="Language of reports and messages.  [default: each shop's own]",
)


def run_options(command: Callable) -> Callable:
    """Give a command the options of running notebooks."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def at_a_time(jobs: int | None, dask: str) -> int:
    """Return what --jobs says, else the cores of this machine.

    Raises
    ------
    SettingError
        There is a cluster, which goes by its own workers.
    """
    if jobs and dask:
        raise SettingError(
            tell(
                "--jobs is about this machine; with --dask there run as many shops at a time as the workers "
                "have threads: leave --jobs out."
            )
        )
    return jobs or cores()


def cores() -> int:
    """Return the cores that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


class RunProgress:
    """A bar on a terminal, a line per run elsewhere; on stderr, so that the summary alone is the output."""

    def __init__(self, total: int) -> None:
        from tqdm import tqdm

        self.total, self.done = total, 0
        self._bar = tqdm(total=total, unit="run", file=sys.stderr) if sys.stderr.isatty() else None

    def tell(self, record: "Record") -> None:
        """Say how a run ended."""
        self.done += 1
        line = f"{record['shop']} {record['notebook']}: {_ending(record)}"
        if self._bar is None:
            click.echo(f"[{self.done:>{len(str(self.total))}}/{self.total}] {line}", err=True)
            return
        if record["status"] != "ok":
            self._bar.write(line, file=sys.stderr)
        self._bar.update()

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()

    def __enter__(self) -> "RunProgress":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _ending(record: "Record") -> str:
    if record.get("kept"):
        return tell("good already")
    if record["status"] == "ok":
        return tell("ok, {seconds:.1f} s", seconds=record["seconds"])
    return tell("{name}: {said}", name=record["status"], said=record["message"])
