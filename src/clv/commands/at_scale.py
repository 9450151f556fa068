"""The commands' work on tables that no machine should load: on an engine, Parquet in and Parquet out."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis

from clv import cluster_scores, collapsed, engines, order_tables, parquet_files, spark_files, tables
from clv import customers as describing
from clv.commands import customer_rows
from clv.commands.engine_options import refuse_tables
from clv.commands.folders import check_folder_of
from clv.errors import SettingError
from clv.language import tell

if TYPE_CHECKING:
    from clv.collapsed import Collapsed
    from clv.commands.model_files import Fitted


@dataclass(frozen=True)
class Summed:
    """What is said of a table that was written: how many customers, and the sums of some columns."""

    customers: int
    sums: dict[str, float]


def check_out(out: str, given: str) -> None:
    """Say in one sentence when Parquet cannot be put there.

    Raises
    ------
    SettingError
        The name does not end in .parquet, its folder is not there, or it is also the input; or one of them
        is the address of a table.
    """
    refuse_tables(given, out)
    name = Path(out).name
    if Path(out).suffix.lower() != ".parquet":
        raise SettingError(
            tell("{out!r} should end in .parquet: an engine writes a folder of Parquet parts.", out=name)
        )
    if not spark_files.is_address(out):
        check_folder_of(Path(out))
    if spark_files.place(out) == spark_files.place(given):
        raise SettingError(tell("{out} is also an input and would be lost; choose another name.", out=name))


def write_customers(orders: str, out: str, *, until: str | None) -> Summed:
    """Let Spark write the customers of the ORDERS at `orders`; `out` becomes a folder of Parquet parts."""
    check_out(out, orders)
    with engines.opened("spark") as backend:
        found = engines.read(backend, orders, tables.ORDERS)
        bought = order_tables.of_customers(order_tables.checked(found, Path(orders).name))
        end = describing.last_day(bought, until)
        order_tables.check_once([bought], name=Path(orders).name)
        made = describing.per_customer(bought, until=end)
        spark_files.write_parquet(spark_files.as_frame(made), out)
        written = engines.read(backend, out, tables.CUSTOMERS)
        return _summed(written, again=(written.frequency > 0).cast("int64"))


def rows_for_fit(customers: str, *, engine: str) -> "Collapsed":
    """Return what the fits need of the Parquet CUSTOMERS at `customers`."""
    refuse_tables(customers)
    with parquet_files.told(Path(customers)), engines.opened(engine) as backend:
        return collapsed.collapse(customer_rows.read(backend, customers))


def write_scores(customers: str, fitted: "Fitted", out: str, *, seed: int, **terms: Any) -> Summed:
    """Let Spark write the scores of the Parquet CUSTOMERS at `customers`, as `write_customers` does."""
    check_out(out, customers)
    with engines.opened("spark") as backend:
        table = customer_rows.read(backend, customers)
        scores = cluster_scores.score(table, fitted.fit, fitted.spend, seed=seed, **terms)
        spark_files.write_parquet(spark_files.as_frame(scores), out)
        written = engines.read(backend, out, tables.SCORES)
        return _summed(written, purchases=written.purchases, clv=written.clv)


def _summed(table: ibis.Table, **columns: ibis.Value) -> Summed:
    found = table.aggregate(
        customers=table.count(), **{name: column.sum() for name, column in columns.items()}
    ).to_pandas()
    return Summed(int(found.at[0, "customers"]), {name: float(found.at[0, name]) for name in columns})
