"""Orders where they lie, as an Ibis table: a frame, Parquet of any size, or a table that is one already.

Nothing is read here but columns' names, and the days of the first and the last order.
"""

from datetime import date
from pathlib import Path

import duckdb
import ibis
import pandas as pd

from clv import duck, tables
from clv.errors import InputError, NoAnswerError
from clv.language import tell

Orders = pd.DataFrame | Path | str | ibis.Table


def of_customers(orders: Orders) -> ibis.Table:
    """Return the orders that name a customer.

    Parameters
    ----------
    orders
        An ORDERS table as a frame; the path of Parquet: a file, a folder of parts, or a glob; or an Ibis
        table with the columns of ORDERS, whatever its backend.

    Raises
    ------
    InputError
        There is no such file, it is no Parquet, or a column is missing or of another kind.
    """
    if isinstance(orders, pd.DataFrame):
        table = duck.of_frame(tables.check(orders, tables.ORDERS))
    elif isinstance(orders, ibis.Table):
        table = checked(orders, getattr(orders.op(), "name", None) or tell("the orders table"))
    else:
        table = _from_parquet(Path(orders))
    # one kind of number and of text, whatever the columns have: a DECIMAL would keep its own few digits
    plain = table.mutate(
        customer_id=table.customer_id.cast("string").nullif(""), amount=table.amount.cast("float64")
    )
    return plain.filter(plain.customer_id.notnull())


def checked(table: ibis.Table, name: str) -> ibis.Table:
    """Return `table` if it has the columns of ORDERS; `name` is what errors call it."""
    lacking = [column for column in tables.ORDERS.columns if column not in table.columns]
    if lacking:
        raise InputError(
            tell("{path}: the orders table lacks the column {first!r}.", path=name, first=lacking[0])
        )
    if not (table.paid_at.type().is_timestamp() and table.amount.type().is_numeric()):
        raise InputError(
            tell("{path}: paid_at should hold times and amount numbers; use `clv orders`.", path=name)
        )
    if table.paid_at.type().timezone is not None:
        raise InputError(
            tell(
                "{path}: {column} holds moments of a time zone, whose days depend on it; write the "
                "shop's local time (TIMESTAMP_NTZ in Spark).",
                path=name,
                column="paid_at",
            )
        )
    if not (table.customer_id.type().is_string() or table.customer_id.type().is_integer()):
        raise InputError(tell("{path}: customer_id should hold text; use `clv orders`.", path=name))
    return table


def first_and_last_day(bought: ibis.Table) -> tuple[date, date]:
    """Return the days of the first and the last order; in passing, every order's money is looked at.

    Raises
    ------
    InputError
        An order has no time of payment, or its money is missing, not above 0, or beyond all money.
    NoAnswerError
        There is no order.
    """
    sane = (bought.amount > 0) & (bought.amount < tables.MOST_MONEY) & bought.paid_at.notnull()
    day = bought.paid_at.date()
    found = bought.aggregate(
        first=day.min(), last=day.max(), orders=bought.count(), sane=bought.count(where=sane)
    ).to_pandas()
    orders, kept = int(found.at[0, "orders"]), int(found.at[0, "sane"])
    if not orders:
        raise NoAnswerError(
            tell(
                "no order names a customer, so there are no customers to describe; export the buyer's id too."
            )
        )
    if orders > kept:
        raise InputError(
            tell(
                "{broken:,} of {orders:,} orders have no time of payment or an amount that is missing, not "
                "above 0 or beyond all money; write the orders with `clv orders`.",
                broken=orders - kept,
                orders=orders,
            )
        )
    return tables.as_day(found.at[0, "first"]), tables.as_day(found.at[0, "last"])


def _from_parquet(path: Path) -> ibis.Table:
    """Return the files as DuckDB reads them; their columns are looked at, their rows stay where they are."""
    where = path / "**" / "*.parquet" if path.is_dir() else path
    if not path.exists() and not any(sign in path.name for sign in "*?["):
        raise InputError(tell("there is no file {path!r}; `clv orders` writes it.", path=path.name))
    try:
        table = duck.connect().read_parquet(str(where))
    except duckdb.Error:
        raise InputError(
            tell("{path!r} is not a Parquet file; write it again with `clv orders`.", path=path.name)
        ) from None
    return checked(table, path.name)
