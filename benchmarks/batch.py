"""Shops × notebooks per hour: `clv batch` beside a shell loop over the papermill command.

    python benchmarks/batch.py              # all of it, about a quarter of an hour on two cores
    python benchmarks/batch.py ours 10      # the batch alone, on ten shops

Forty small shops are drawn from the orders of one sample shop (each some of its customers, several hundred
orders) and reported on with notebooks 01, 02 and 03. The loop starts one papermill process per shop and
notebook, one after the other, as one would write it in a shell; a few shops stand for all of them. Everybody
has a cache of orders of their own, empty at the start, and Python's compiled files.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import batch_cells
import numpy as np
import pandas as pd
import results

REPO = Path(__file__).parents[1]
NOTEBOOKS = ("01_orders", "02_customers", "03_lifetime_value")
SHOPS, LOOPED = 40, 4
ENTRY = """  {name}:
    platform: csv
    orders: {name}.csv
    columns: {{order_id: Order no, customer_id: Client, paid_at: Paid on, amount: Sum, refund: Refund,
              status: State, title: Item, category: Group, channel: Where}}
    date_format: "%d/%m/%Y %H:%M"
    currency: CNY
    until: 2026-06-30
"""


class Took(NamedTuple):
    """Seconds on the wall and of CPU, and for how many runs of a notebook."""

    wall: float
    cpu: float
    runs: int

    @property
    def an_hour(self) -> float:
        return self.runs / self.wall * 3600


def make_shops(folder: Path, shops: int) -> None:
    """Write the shop file and its exports; shop by shop other customers, and ids of its own."""
    whole = pd.read_csv(REPO / "data/samples/gift/orders.csv", dtype=str, keep_default_na=False)
    rng = np.random.default_rng(20260630)
    entries = []
    for number in range(shops):
        name = f"shop{number:02d}"
        people = whole["Client"].unique()
        some = rng.choice(people, size=int(len(people) * rng.uniform(0.35, 0.9)), replace=False)
        mine = whole[whole["Client"].isin(some)]
        mine = mine.assign(**{column: name + mine[column] for column in ("Order no", "Client")})
        mine.to_csv(folder / f"{name}.csv", index=False)
        entries.append(ENTRY.format(name=name))
    (folder / "shops.yml").write_text("shops:\n" + "".join(entries), "utf-8")


def loop(folder: Path, *, html: bool) -> Took:
    """Run papermill, and nbconvert where HTML is asked for, over the first shops."""
    commands = []
    for number in range(LOOPED):
        for notebook in NOTEBOOKS:
            out = folder / f"{number}-{notebook}.ipynb"
            given = f"-p shop_file {folder}/shops.yml -p shop_id shop{number:02d}"
            commands.append(f"papermill --no-progress-bar -k python3 {notebook}.ipynb {out} {given}")
            if html:
                commands.append(f"jupyter nbconvert --log-level ERROR --to html {out}")
    cache = folder / f"loop-{html}"
    return took(["bash", "-ec", "\n".join(commands)], cache, runs=LOOPED * len(NOTEBOOKS))


def ours(folder: Path, shops: int) -> Took:
    """Run our batch, all of it: reports, workbooks, tables, overview; what is good already is kept."""
    words = [str(folder / "shops.yml"), "--out", str(folder / "runs")]
    words += [word for notebook in NOTEBOOKS for word in ("--notebook", notebook)]
    command = [sys.executable, "-m", "clv.cli", "batch", *words]
    return took(command, folder / "ours", runs=shops * len(NOTEBOOKS))


def took(command: Sequence[str], cache: Path, *, runs: int) -> Took:
    """Run a command beside the notebooks; what it says is shown where it fails."""
    environment = {
        **os.environ,
        "CLV_CACHE": str(cache),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    ran = subprocess.run(
        command, cwd=REPO / "notebooks", env=environment, capture_output=True, text=True, check=False
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if ran.returncode:
        sys.exit(f"{ran.stdout[-2000:]}\n{ran.stderr[-3000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(wall, cpu, runs)


def change_one(folder: Path) -> None:
    """Leave out one order of one shop."""
    path = folder / "shop01.csv"
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")


def stages(folder: Path, shops: int, *, beside: bool) -> Iterator[tuple[str, Took]]:
    """Yield what the loops took, and our batch: at first, when nothing has changed, when one shop has."""
    if beside:
        yield "a loop over `papermill`", loop(folder, html=False)
        yield "the same, and `jupyter nbconvert --to html`", loop(folder, html=True)
    yield "`clv batch`: reports, workbooks, overview", ours(folder, shops)
    yield "again, nothing changed", ours(folder, shops)
    change_one(folder)
    yield "again, one shop changed", ours(folder, shops)


def main(shops: int, *, beside: bool) -> None:
    """Measure, print, and where all was measured write the section."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="clv-bench-") as name:
        make_shops(Path(name), shops)
        for told, one in stages(Path(name), shops, beside=beside):
            rows.append((told, one))
            print(
                told, f"{one.wall:.1f} s, {one.cpu:.1f} s of CPU, {one.an_hour:,.0f} runs an hour", flush=True
            )
        if beside:
            cells = batch_cells.of(
                Path(name), shops=LOOPED, notebooks=[REPO / "notebooks" / f"{one}.ipynb" for one in NOTEBOOKS]
            )
            results.section("Batch", text(rows, shops, cells=cells["cells"], figures=cells["figures"]))


def text(rows: Sequence[tuple[str, Took]], shops: int, *, cells: float, figures: float) -> str:
    """Return the section; `cells` and, of them, `figures` are CPU seconds a run that nothing else is in."""
    most = rows[0][1].wall / rows[0][1].runs / (cells / os.cpu_count())
    base = rows[0][1].an_hour
    told = [
        (
            name, f"{one.runs}", f"{one.wall:.1f} s", f"{one.cpu / one.runs:.2f} s", f"{one.an_hour:,.0f}",
            f"{one.an_hour / base:.1f} ×",
        )
        for name, one in rows
    ]  # fmt: skip
    columns = ("", "runs measured", "wall clock", "CPU per run", "runs per hour", "beside papermill")
    return (
        f"{shops} shops of several hundred orders each, notebooks {', '.join(NOTEBOOKS)}; caches empty at "
        f"the start. The loops ran {LOOPED} of the shops, one process per shop and notebook; runs per hour "
        "follow from that. nbdime was installed for everybody, and with it most of JupyterLab's packages.\n\n"
        f"{results.table(columns, told)}\n\n"
        f"The cells alone take {cells:.2f} s of CPU a run, {figures:.2f} s of it in Matplotlib's layout and "
        "drawing, where everything is imported and nothing else is done: no process, no kernel, no messages, "
        f"no report. On {os.cpu_count()} cores that is the floor of any way to run these notebooks, "
        f"{most:.1f} × the loop over papermill at the most.\n"
    )


if __name__ == "__main__":
    alone = sys.argv[1:2] == ["ours"]
    main(int(sys.argv[2]) if alone and len(sys.argv) > 2 else SHOPS, beside=not alone)
