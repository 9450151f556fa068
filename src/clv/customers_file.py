"""Orders in Parquet of any size → customers in Parquet, in bounded memory.

What is added up per customer has to be somewhere until it is done. So more orders than fit are first
dealt out by ranges of customer ids into files of their own, each small enough; then each is added up and its
customers are appended, which leaves them in the order of their ids. Every row is written and read once more,
whatever their number: time grows in proportion to the orders, memory does not grow.
"""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import ibis
import pyarrow.parquet as pq

from clv import customers, duck, order_tables

_ORDERS_AT_ONCE = 4_000_000
_SAMPLE = 20_000  # customer ids that the ranges are cut by
_READ = ("customer_id", "paid_at", "amount", "category", "channel")


def write(orders: Path | str, path: Path, *, until: date | str | None = None) -> tuple[int, int]:
    """Write the CUSTOMERS of the ORDERS in Parquet at `orders` to `path`; return how many, and who came back.

    `path` is written piece by piece: give a name that nobody reads yet. Raises as `customers.summarise`.
    """
    bought = order_tables.of_customers(orders)
    end = customers.last_day(bought, until)
    n, again = 0, 0
    with tempfile.TemporaryDirectory(prefix="clv-orders-", dir=path.parent) as folder:
        writer = None
        for part in _parts(bought, Path(folder)):
            rows = customers.rows(customers.per_customer(part, until=end))
            writer = writer or pq.ParquetWriter(path, rows.schema, compression="zstd")
            writer.write_table(rows)
            n, again = n + len(rows), again + int((rows["frequency"].to_numpy() > 0).sum())
        writer.close()
    return n, again


def _parts(bought: ibis.Table, folder: Path) -> Iterator[ibis.Table]:
    """Yield the orders by ranges of customer ids, ascending, each few enough to be added up at once."""
    parts = -(-bought.count().to_pandas() // _ORDERS_AT_ONCE)
    if parts == 1:
        yield bought
        return
    duck.deal_out(_ranged(bought, parts), folder, by="range")
    for number in range(parts):
        place = folder / f"range={number}"
        if place.is_dir():
            yield duck.connect().read_parquet(str(place / "*.parquet"))


def _ranged(bought: ibis.Table, parts: int) -> ibis.Table:
    """Return the orders with the number of the range that their customer's id falls into."""
    cuts = _cuts(bought, parts)
    numbers = [(bought.customer_id < cut, number) for number, cut in enumerate(cuts)]
    return bought.select(*_READ, range=ibis.cases(*numbers, else_=len(cuts)))


def _cuts(bought: ibis.Table, parts: int) -> Sequence[str]:
    """Return the ids between which about equally many orders lie."""
    share = min(1.0, _SAMPLE / bought.count().to_pandas())
    ids = bought.select("customer_id").sample(share, seed=1).to_pandas()["customer_id"].sort_values()
    return list(dict.fromkeys(ids.iloc[len(ids) * number // parts] for number in range(1, parts)))
