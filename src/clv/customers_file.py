"""Orders in Parquet of any size → customers in Parquet, in bounded memory.

What is added up per customer has to be somewhere until it is done. So more orders than fit are first
dealt out by ranges of customer ids into files of their own, each small enough; then each is added up and its
customers are appended, which leaves them in the order of their ids. Every row is written and read once more,
whatever their number: time grows in proportion to the orders, memory does not grow.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import ibis
import pyarrow.parquet as pq

from clv import customers, duck, id_ranges, order_tables, parquet_files, scratch

_ORDERS_AT_ONCE = 4_000_000
_READ = ("customer_id", "paid_at", "amount", "category", "channel")


def write(orders: Path | str, path: Path, *, until: date | str | None = None) -> tuple[int, int]:
    """Write the CUSTOMERS of the ORDERS in Parquet at `orders` to `path`; return how many, and who came back.

    `path` is written piece by piece: give a name that nobody reads yet.

    Raises
    ------
    InputError, NoAnswerError
        As `customers.summarise`; InputError too where an order of a customer stands more than once.
    """
    n, again = 0, 0
    with closing(scratch.folder(scratch.NEW, place=path.parent)) as room:
        bought = order_tables.of_customers(orders, writes=room.path)
        end = customers.last_day(bought, until)
        places, writer = _dealt_out(bought, room.path), None
        order_tables.check_once(_parts(bought, places), name=Path(orders).name)
        for part in _parts(bought, places):
            rows = customers.rows(customers.per_customer(part, until=end))
            writer = writer or pq.ParquetWriter(path, rows.schema, compression="zstd")
            writer.write_table(rows)
            n, again = n + len(rows), again + int((rows["frequency"].to_numpy() > 0).sum())
        writer.close()
    return n, again


def _dealt_out(bought: ibis.Table, folder: Path) -> Sequence[Path]:
    """Deal the orders out by ranges of customer ids, ascending; to nowhere where they are few enough."""
    orders = bought.count().to_pandas()
    parts = -(-orders // _ORDERS_AT_ONCE)
    if parts == 1:
        return []
    cut = id_ranges.cuts(bought, parts, orders=orders)
    number = ibis.ifelse(bought.order_id.isnull(), ibis.null(), bought.order_id.hash())  # shorter than text
    ranged = bought.select(*_READ, order_id=number, range=id_ranges.numbered(bought, cut))
    duck.deal_out(ranged, folder, by="range")
    places = (folder / f"range={number}" for number in range(parts))
    return [place for place in places if place.is_dir()]


def _parts(bought: ibis.Table, places: Sequence[Path]) -> Iterator[ibis.Table]:
    """Yield the orders of each place; all of them where there is none."""
    if not places:
        yield bought
    for place in places:
        yield parquet_files.opened(place)
