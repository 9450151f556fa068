"""Orders → customers, distinct histories and scores: DuckDB on this machine beside a local Spark.

    python benchmarks/cluster.py [MILLIONS ...]      # 1 5 10 without

Both read the same Parquet and write Parquet; Spark's seconds begin when it has started. Memory is that of all
processes together (Java and its Python workers too), at its highest.
"""

import sys
import tempfile
import threading
import time
from pathlib import Path

import results

MILLIONS = (1, 5, 10)
_SCORED = 1  # million orders up to which scores are timed, too


class Memory(threading.Thread):
    """Looks at the memory of this process and all below it, five times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.highest = 0.0

    def run(self) -> None:
        import psutil

        me = psutil.Process()
        while True:
            held = 0
            for process in [me, *me.children(recursive=True)]:
                try:
                    held += process.memory_full_info().pss
                except psutil.Error:
                    continue
            self.highest = max(self.highest, held / 2**30)
            time.sleep(0.2)


def measure(name: str, orders: Path, folder: Path, *, scored: bool) -> None:
    """Time one engine; this runs in a process of its own."""
    from clv import engines, models, spend, tables
    from clv.collapsed import collapse

    memory = Memory()
    memory.start()
    begun = time.perf_counter()
    with engines.opened(name) as backend:
        started, clock = time.perf_counter() - begun, Clock()
        out = folder / f"{name}.parquet"
        write_customers(backend, orders, out)
        wrote = clock.lap()
        rows = collapse(engines.read(backend, out, tables.CUSTOMERS))
        found = {"collapsed": clock.lap(), "customers": rows.customers, "histories": len(rows.histories)}
        fit, money = models.fit_by_name("bgnbd", rows.histories), spend.fit(rows.amounts)
        found |= {"fit": clock.lap(), "started": started, "wrote": wrote}
        if scored:
            score(name, backend, out, fit, money, folder)
            found["scored"] = clock.lap()
    results.answer(**found, memory=memory.highest)


def write_customers(backend: object, orders: Path, out: Path) -> None:
    from clv import customers, customers_file, engines, order_tables, spark_files, tables

    if backend.name == "duckdb":
        customers_file.write(orders, out)
        return
    bought = order_tables.of_customers(engines.read(backend, orders, tables.ORDERS))
    made = customers.per_customer(bought, until=customers.last_day(bought, None))
    spark_files.write_parquet(spark_files.as_frame(made), out)


def score(name: str, backend: object, made: Path, fit: object, money: object, folder: Path) -> None:
    import numpy as np
    import pandas as pd

    from clv import cluster_scores, engines, spark_files, tables, values

    if name == "spark":
        scores = cluster_scores.score(engines.read(backend, made, tables.CUSTOMERS), fit, money, seed=1)
        spark_files.write_parquet(spark_files.as_frame(scores), folder / "scores.spark.parquet")
        return
    known = pd.read_parquet(made).set_index("customer_id")
    values.score(known, fit, money, rng=np.random.default_rng(1)).to_parquet(folder / "scores.parquet")


class Clock:
    """Seconds on the wall since it was looked at last."""

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def lap(self) -> float:
        now = time.perf_counter()
        last, self._last = self._last, now
        return now - last


def row(millions: int, name: str, found: dict | None) -> list[object]:
    if found is None:
        return [f"{millions},000,000", name, *["-"] * 7]
    return [
        f"{millions},000,000",
        name,
        f"{found['customers']:,}",
        f"{found['histories']:,}",
        *(results.seconds(found.get(part)) for part in ("wrote", "collapsed", "fit", "scored")),
        f"{found['memory']:.1f} GiB",
    ]


def main(millions: list[int]) -> None:
    import simulated_orders

    rows, started = [], []
    for million in millions:
        with tempfile.TemporaryDirectory() as there:
            folder = Path(there)
            simulated_orders.write(folder / "orders.parquet", million * 1_000_000)
            for name in ("duckdb", "spark"):
                arguments = (name, folder / "orders.parquet", folder, int(million <= _SCORED))
                found = results.fresh(__file__, *arguments, threads=None)
                rows.append(row(million, name, found))
                started += [found["started"]] if found and name == "spark" else []
        tell(rows, started)


def tell(rows: list[list[object]], started: list[float]) -> None:
    """Write what was measured so far."""
    columns = ["orders", "engine", "customers", "distinct histories", "→ customers", "→ rows for the fit"]
    head = results.table([*columns, "fits", "scores with intervals", "memory"], rows)
    begin = f"Starting Spark took {results.seconds(max(started))}; it is not in the table." if started else ""
    results.section("Cluster", f"{head}\n\nSeconds on the wall, Parquet in and Parquet out. {begin}")


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in ("duckdb", "spark"):
        measure(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), scored=sys.argv[4] == "1")
    else:
        main([int(text) for text in sys.argv[1:]] or list(MILLIONS))
