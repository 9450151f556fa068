"""Orders in PostgreSQL: customers added up by the server against all rows fetched and added up here.

Run with `python benchmarks/databases.py` (two minutes; PostgreSQL installed, psycopg beside the kit). The
server is one of its own, on loopback, as Debian ships it but without fsync.
"""

import os
import sys
import tempfile
from pathlib import Path

import pandas as pd
import psycopg
import results
import simulated_orders

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

ORDERS, UNTIL = 1_000_000, "2026-06-30"
COLUMNS = {
    "order_id": "text", "customer_id": "text", "paid_at": "timestamp", "amount": "double precision",
    "refunded": "double precision", "category": "text", "channel": "text", "is_gift": "boolean",
}  # fmt: skip


def one(what: str, address: str) -> None:
    """Do one of the three things in this process, and say what it took."""
    from clv import customers, databases, orders
    from clv.databases import marks
    from clv.declaring import addresses

    place = addresses.parsed(address)

    def in_place() -> int:
        with databases.clean(place) as table:
            return len(customers.summarise(table, until=UNTIL))

    def fetched() -> int:
        return len(customers.summarise(orders.read(place, platform="clean").orders, until=UNTIL))

    def mark() -> int:
        return len(marks.of(place))

    found, took = results.timed({"in place": in_place, "fetched": fetched, "mark": mark}[what], times=1)
    results.answer(found=found, cpu=took.cpu, wall=took.wall)


def main() -> None:
    """Measure, and write the section."""
    from database_servers import OWNER, SECRET, postgresql

    os.environ["SHOP_DB_PASSWORD"] = SECRET
    with postgresql() as port:
        who = {"host": "127.0.0.1", "port": port, "user": OWNER, "password": SECRET, "dbname": "postgres"}
        with psycopg.connect(**who, autocommit=True) as connection:
            _fill(connection)
        address = f"postgresql://{OWNER}:${{SHOP_DB_PASSWORD}}@127.0.0.1:{port}/postgres?table=orders"
        did = {what: results.fresh(__file__, what, address) for what in ("mark", "in place", "fetched")}
    names = {
        "mark": "what stands for the rows (one pass, one row comes back)",
        "in place": "customers, added up by the server (one row per customer comes back)",
        "fetched": "customers, all rows fetched, cleaned and added up here",
    }
    rows = [
        (names[what], results.seconds(took["wall"]), results.seconds(took["cpu"]), f"{took['peak']:.2f} GiB")
        for what, took in did.items()
    ]
    customers = did["in place"]["found"]
    said = f"{ORDERS:,} clean orders of {customers:,} customers in PostgreSQL on the same machine."
    heads = ("", "on the wall", "CPU here", "most memory here")
    results.section("Orders in a database", f"{said}\n\n{results.table(heads, rows)}")


def _fill(connection: psycopg.Connection) -> None:
    """Put the orders of a simulated jeweller into the table `orders`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.parquet"
        simulated_orders.write(path, ORDERS)
        text = pd.read_parquet(path).to_csv(index=False, header=False)
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"CREATE TABLE orders ({columns})")
    with connection.cursor().copy("COPY orders FROM STDIN (FORMAT csv)") as copy:
        copy.write(text)
    connection.execute("ANALYZE orders")


if __name__ == "__main__":
    one(*sys.argv[1:]) if len(sys.argv) > 1 else main()
