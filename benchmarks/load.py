"""How much memory the kit needs as shops, customers and exports grow: what docs/scale.md promises.

    python benchmarks/load.py               # all of it, about an hour on two cores
    python benchmarks/load.py shops 200     # one measurement: shops N, customers N or export MEGABYTES

Shops: small ones in one batch, more and more of them, three notebooks each. Customers: one shop whose orders
lie in Parquet, every notebook that orders alone answer. Export: one Taobao order export in GB18030, its
orders those of the sample shop under ever new numbers, read by `clv orders`. Memory is that of the command
and all its processes together, pages that several of them share counted once (PSS), looked at four times a
second.
"""

import re
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

import batch
import psutil
import results
import simulated_orders

REPO = Path(__file__).parents[1]
SHOPS, CUSTOMERS, EXPORTS = (25, 50, 100, 200), (100_000, 1_000_000), (100, 300, 1000)
_EXPORT = REPO / "data/samples/gold/ExportOrderList202607010915.csv"
_ORDERS_PER_CUSTOMER = 1.32
_BIG = """shops:
  big: {platform: clean, orders: orders.parquet, currency: CNY, until: 2026-06-30}
"""


class Load(NamedTuple):
    """What a command took: GiB at most, and minutes on the wall."""

    memory: float
    minutes: float


def took(command: Sequence[str], *, cwd: Path, cache: Path) -> Load:
    """Run a command of ours with a cache of its own; what it says is shown where it fails."""
    started, most = time.perf_counter(), 0.0
    with tempfile.TemporaryFile() as said:
        surroundings = {"CLV_CACHE": str(cache), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
        ran = psutil.Popen(
            [sys.executable, "-m", "clv.cli", *command], cwd=cwd, env=surroundings, stdout=said, stderr=said
        )
        while ran.poll() is None:
            most = max(most, _held(ran))
            time.sleep(0.25)
        if ran.returncode:
            said.seek(0)
            sys.exit(said.read()[-3000:].decode(errors="replace"))
    return Load(most / 2**30, (time.perf_counter() - started) / 60)


def _held(root: psutil.Process) -> float:
    held = 0.0
    try:
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0.0
    for one in family:
        try:
            held += one.memory_full_info().pss
        except (psutil.Error, OSError):  # it has ended meanwhile
            continue
    return held


def shops(folder: Path, number: int) -> Load:
    """Run a batch of small shops."""
    batch.make_shops(folder, number)
    words = ["batch", "shops.yml", "--out", "runs"]
    words += [word for notebook in batch.NOTEBOOKS for word in ("--notebook", notebook)]
    return took(words, cwd=folder, cache=folder / "cache")


def customers(folder: Path, number: int) -> Load:
    """Run all notebooks that orders alone answer, for one shop with so many customers."""
    simulated_orders.write(folder / "orders.parquet", int(number * _ORDERS_PER_CUSTOMER))
    (folder / "shops.yml").write_text(_BIG, "utf-8")
    words = ["batch", "shops.yml", "--out", "runs", "--timeout", "7200", "--memory", "16GB"]
    return took(words, cwd=folder, cache=folder / "cache")


def export(folder: Path, megabytes: int) -> Load:
    """Read one export of so many megabytes."""
    write_export(folder / "orders.csv", megabytes * 1_000_000)
    words = ["orders", "orders.csv", "--platform", "taobao", "--out", "orders.parquet"]
    return took(words, cwd=folder, cache=folder / "cache")


def write_export(path: Path, size: int) -> None:
    """Write the sample shop's orders again and again, each time under new numbers and buyers."""
    head, *rows = _EXPORT.read_text("gb18030").splitlines()
    cut = [re.fullmatch(r'="(\d+)",([^,]*)(.*)', row) for row in rows]
    with path.open("w", encoding="gb18030") as file:
        file.write(head + "\n")
        for nth in count():
            if path.stat().st_size >= size:
                return
            file.writelines(f'="{int(row[1]) + 7 * nth}",{row[2]}{nth:05d}{row[3]}\n' for row in cut if row)
            file.flush()


MEASURED = {"shops": (shops, SHOPS), "customers": (customers, CUSTOMERS), "export": (export, EXPORTS)}
TOLD = {"shops": "{:,} shops", "customers": "{:,} customers in one shop", "export": "an export of {:,} MB"}


def measured(what: str, size: int) -> Load:
    """Measure one size in a folder of its own, which goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="clv-load-") as name:
        return MEASURED[what][0](Path(name), size)


def main() -> None:
    """Measure all sizes and write the section."""
    rows = []
    for what, (_, sizes) in MEASURED.items():
        for size in sizes:
            load = measured(what, size)
            rows.append((TOLD[what].format(size), f"{load.memory:.2f} GiB", f"{load.minutes:.1f} min"))
            print(*rows[-1], flush=True)
    columns = ("", "memory at most", "on the wall")
    results.section("Load", results.table(columns, rows))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(*measured(sys.argv[1], int(sys.argv[2])))
    else:
        main()
