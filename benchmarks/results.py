"""What the benchmarks share: results.md, clocks, and fresh processes for peaks of memory.

A script measures, prints nothing that is kept nowhere, and ends with `section(name, text)`: its part of
results.md is replaced, the others stay. `fresh` runs a piece of a script in a process of its own and returns
what that piece gave to `answer`; so imports, caches and memory of one measurement are not those of the next.
"""

import json
import os
import platform
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple, TypeVar

RESULTS = Path(__file__).with_name("results.md")
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "NUMBA")}
LIBRARIES = ("numpy", "scipy", "pandas", "pyarrow", "duckdb", "ibis-framework", "lifetimes", "pymc-marketing")
_MARK = "\nANSWER "
_HEAD = """# Results of the benchmarks

Written by `make bench`, which measures all of them again; one by one: `python benchmarks/fit.py` and so on.

{machine}

Ratios stand beside what they are ratios of, and both were measured in one run on this machine. Seconds of CPU
are those of the process and its threads; a wall clock says so.
"""
Found = TypeVar("Found")


class Taken(NamedTuple):
    """What a piece of work took: seconds of CPU and on the wall."""

    cpu: float
    wall: float


def section(name: str, text: str, *, path: Path = RESULTS) -> None:
    """Replace the section `## name` of results.md by `text` (Markdown), or add it at the end."""
    kept = sections(path.read_text("utf-8")) if path.exists() else {}
    kept[name] = f"Measured {date.today().isoformat()}.\n\n{text.strip()}\n"
    body = "".join(f"\n## {title}\n\n{said}" for title, said in kept.items())
    path.write_text(_HEAD.format(machine=machine()) + body, "utf-8")


def sections(text: str) -> dict[str, str]:
    """Return the sections of a Markdown page by their title."""
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)[1:]
    return {title.strip(): said.strip() + "\n" for title, said in zip(parts[::2], parts[1::2], strict=True)}


def machine() -> str:
    """Return one paragraph: cores, memory, processor, system, Python and libraries."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {found}" for name in LIBRARIES if (found := installed(name)))
    return (
        f"Machine: {os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB of memory, {platform.system()}; "
        f"Python {platform.python_version()}, {libraries}."
    )


def installed(name: str) -> str | None:
    """Return the version of a package, None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    named = re.search(r"^model name\s*:\s*(.+)$", facts.read_text(), re.MULTILINE) if facts.exists() else None
    return named[1] if named else platform.processor() or platform.machine()


def timed(work: Callable[[], Found], *, times: int = 3, enough: float = 20.0) -> tuple[Found, Taken]:
    """Return what `work` returned and the least it took in up to `times` runs, no more after `enough` s."""
    best, begun = Taken(float("inf"), float("inf")), time.perf_counter()
    for _ in range(times):
        cpu, wall = time.process_time(), time.perf_counter()
        found = work()
        best = Taken(min(best.cpu, time.process_time() - cpu), min(best.wall, time.perf_counter() - wall))
        if time.perf_counter() - begun > enough:
            break
    return found, best


def peak() -> float:
    """Return the most memory that this process has held so far, in GiB."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss counts what the parent held before this program was started in its place
        return int(re.search(r"VmHWM:\s*(\d+)", status.read_text())[1]) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**30


def fresh(
    script: str, *arguments: object, threads: int | None = 1, patience: float | None = None
) -> dict | None:
    """Run `script` with `arguments` in a process of its own and return what it gave to `answer`.

    `threads=1` holds the libraries of linear algebra to one thread, None leaves them alone. None comes back
    where the process ended without an answer, or had none after `patience` seconds; what it said is printed.
    """
    environment = os.environ | (ONE_THREAD if threads == 1 else {})
    command = [sys.executable, "-W", "ignore", script, *map(str, arguments)]
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, env=environment, check=False, timeout=patience
        )
    except subprocess.TimeoutExpired:
        print(f"{Path(script).name} {arguments}: no answer in {patience} s", file=sys.stderr, flush=True)
        return None
    if ran.returncode or _MARK not in ran.stdout:
        print(f"{Path(script).name} {arguments}: {ran.stderr.strip()[-500:]}", file=sys.stderr, flush=True)
        return None
    return json.loads(ran.stdout.rsplit(_MARK, 1)[1])


def printed(script: str, *arguments: object) -> str:
    """Run `script` with `arguments` in its own process; return what it printed, as a block of Markdown."""
    command = [sys.executable, script, *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    told = ran.stdout if ran.returncode == 0 else "failed: " + ran.stderr.strip()[-300:]
    return f"```\n{told.strip()}\n```"


def answer(**found: object) -> None:
    """Hand what a fresh process found back to `fresh`, with its peak of memory (`peak`, GiB)."""
    print(_MARK + json.dumps(found | {"peak": peak()}), flush=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table, numbers to the right."""
    marks = ["---", *["---:"] * (len(columns) - 1)]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in (columns, marks, *rows))


def seconds(value: float | None) -> str:
    """Return seconds with three digits; a dash for None."""
    if value is None:
        return "-"
    digits = 3 if value < 0.1 else 2 if value < 1 else 1 if value < 100 else 0
    return f"{value * 1000:.1f} ms" if value < 0.05 else f"{value:,.{digits}f} s"


def times(slow: float | None, fast: float | None) -> str:
    """Return how many times faster; a dash where one of the two is not known."""
    return (
        "-"
        if not slow or not fast
        else f"{slow / fast:,.3g} ×"
        if slow / fast < 100
        else f"{slow / fast:,.0f} ×"
    )
