"""`python -m mutants --part 1/6`: break the code in thousands of small ways and count which the tests notice.

mutmut works on a copy of the checkout, so that nothing here is touched. What is broken, and by which tests it
should be noticed, stands in pyproject.toml under [tool.mutmut].
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

REPO = Path(__file__).parents[2]
_MUTMUT = Path(sys.executable).with_name("mutmut")
_FIRST = "clv.nbd.x_fit__mutmut_1"  # makes all the mutants, and times the tests on the true code
_NOTICED = ("killed", "timeout")


def main() -> int:
    """Run a part of the mutants of every module; print the figures and the survivors."""
    ask = argparse.ArgumentParser(prog="mutants", description=__doc__)
    ask.add_argument(
        "--part", default="1/1", help="which part of each module's mutants: 2/6 is the second sixth"
    )
    ask.add_argument("--only", nargs="+", default=["*.py"], help="which modules: 'holdout.py' 'reading/*.py'")
    ask.add_argument("--folder", type=Path, default=REPO / "runs" / "mutants")
    ask.add_argument("--processes", type=int, default=1)
    said = ask.parse_args()
    place, parts = map(int, said.part.split("/"))
    _copy(said.folder)
    _mutmut(said, _FIRST)
    chosen = _chosen(said.folder, said.only, place - 1, parts)
    if not chosen:  # without names mutmut would run them all
        sys.stderr.write(
            f"no mutant is in part {said.part} of {' '.join(said.only)}; look at [tool.mutmut].\n"
        )
        return 2
    _mutmut(said, *chosen)
    _tell(said.folder)
    return 0


def _copy(folder: Path) -> None:
    for name in ("src", "tests", "data", "docs", "playbooks"):
        shutil.copytree(
            REPO / name, folder / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(REPO / "pyproject.toml", folder)


def _mutmut(said: argparse.Namespace, *mutants: str) -> None:
    environment = {**os.environ, "PYTHONPATH": "tests", "OPENBLAS_NUM_THREADS": "1"}
    command = [_MUTMUT, "run", "--max-children", str(said.processes), *mutants]
    subprocess.run(command, cwd=said.folder, env=environment, check=True)


def _results(folder: Path) -> dict[str, dict[str, int | None]]:
    """Return of each module the exit code of the tests under each mutant, None where it was not tried."""
    files = sorted((folder / "mutants").rglob("*.meta"))
    found = {str(file.relative_to(folder / "mutants"))[:-5]: json.loads(file.read_text()) for file in files}
    return {name: one["exit_code_by_key"] for name, one in found.items() if one["exit_code_by_key"]}


def _chosen(folder: Path, only: list[str], place: int, parts: int) -> list[str]:
    """Return every `parts`-th mutant of each such module, in an order drawn once and for all."""
    chosen = []
    for module, codes in _results(folder).items():
        if not any(pattern and Path(module).match(pattern) for pattern in only):
            continue
        names = sorted(codes)
        random.Random(f"20261129 {Path(module).name}.meta").shuffle(names)
        chosen += names[place::parts]
    return chosen


def _tell(folder: Path) -> None:
    from mutmut.stats import status_by_exit_code  # of an extra, which the test of this module does without

    survivors, all_of_them = [], Counter()
    for module, codes in _results(folder).items():
        known = Counter(status_by_exit_code[code] for code in codes.values() if code is not None)
        survivors += [
            name for name, code in codes.items() if status_by_exit_code[code] in ("survived", "no tests")
        ]
        all_of_them += known
        if known:
            sys.stdout.write(_row(module, known))
    sys.stdout.write(_row("all", all_of_them))
    sys.stdout.flush()
    for name in survivors:
        subprocess.run([_MUTMUT, "show", name], cwd=folder, check=True)


def _row(name: str, known: Counter) -> str:
    tried, noticed = known.total(), sum(known[status] for status in _NOTICED)
    share = f"{noticed / tried:.1%}" if tried else "-"
    return f"{name:<48} {tried:>5} tried {noticed:>5} noticed ({known['timeout']} by time) {share:>7}\n"


if __name__ == "__main__":
    sys.exit(main())
