"""Orders where they lie, as an Ibis table: a frame, Parquet of any size, or a table that is one already.

Nothing is read here but columns' names, how many orders there are, and the first and the last day.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import ibis
import pandas as pd

from clv import duck, parquet_files, tables
from clv.errors import InputError, NoAnswerError
from clv.language import tell

Orders = pd.DataFrame | Path | str | ibis.Table


class Extent(NamedTuple):
    """The days of the first and the last order, and how many orders there are."""

    first: date
    last: date
    orders: int


def of_customers(orders: Orders, *, writes: Path | None = None) -> ibis.Table:
    """Return the orders that name a customer.

    Parameters
    ----------
    orders
        An ORDERS table as a frame; the path of Parquet: a file, a folder of parts, or a glob; or an Ibis
        table with the columns of ORDERS, whatever its backend. Each order stands once: in a frame that is
        looked at, elsewhere it costs time and is left to `check_once`.
    writes
        A folder that the rows of Parquet may be dealt out to, by `duck.deal_out`.

    Raises
    ------
    InputError
        There is no such file, it is no Parquet, or a column is missing or of another kind.
    """
    if isinstance(orders, pd.DataFrame):
        table = duck.of_frame(tables.check(orders, tables.ORDERS))
    elif isinstance(orders, ibis.Table):
        table = checked(orders, getattr(orders.op(), "name", None) or tell("the given table"))
    else:
        table = _from_parquet(Path(orders), writes)
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


def extent(bought: ibis.Table) -> Extent:
    """Return the days that the orders span and their number; in passing, every order's money is looked at.

    Raises
    ------
    InputError
        An order has no time of payment or one in no year of a shop, or its money is missing, not above 0,
        or beyond all money, or so is all of it together.
    NoAnswerError
        There is no order.
    """
    sane = (bought.amount > 0) & (bought.amount < tables.MOST_MONEY) & bought.paid_at.notnull()
    day = bought.paid_at.date()
    found = bought.aggregate(
        first=day.min(),
        last=day.max(),
        orders=bought.count(),
        sane=bought.count(where=sane),
        money=bought.amount.sum(),
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
    if found.at[0, "money"] > tables.MOST_OF_ALL:
        raise InputError(
            tell(
                "all orders together hold {money:,.0f}, more than can be added up to the cent "
                "({most:,.0f}); check the amounts, or count in thousands.",
                money=found.at[0, "money"],
                most=tables.MOST_OF_ALL,
            )
        )
    first, last = (tables.as_day(found.at[0, end]) for end in ("first", "last"))
    _check_years(first, last)
    return Extent(first, last, orders)


def _check_years(*days: date) -> None:
    strange = [day.year for day in days if day.year not in tables.YEARS]
    if strange:
        raise InputError(
            tell(
                "an order was paid in the year {year}, which is no year of a shop; leave such orders out, or "
                "give them the time of payment.",
                year=strange[0],
            )
        )


def check_once(parts: Iterable[ibis.Table], *, name: str) -> None:
    """Say in one sentence when an order of a customer stands more than once.

    The same number at two customers is not looked for: then the parts need hold all orders of a customer,
    no more.

    Parameters
    ----------
    parts
        Orders that name a customer: all in one, or dealt out by customers.
    name
        What the error calls them.

    Raises
    ------
    InputError
        It does, or an order has no number.
    """
    counts = [_counted(part) for part in parts]
    orders, own = map(sum, zip(*counts, strict=True))
    if own < orders:
        raise InputError(
            tell(
                "{path}: {again:,} of {orders:,} orders have no order number of their own, so money would "
                "count twice; keep each once, as one `clv orders` over all exports does.",
                path=name,
                again=orders - own,
                orders=orders,
            )
        )


def _counted(bought: ibis.Table) -> tuple[int, int]:
    """Return how many orders there are, and how many differ in their customer or their number."""
    found = bought.aggregate(orders=bought.count(), own=bought.order_id.nunique()).to_pandas()
    if found.at[0, "orders"] > found.at[0, "own"]:  # perhaps of two customers: that takes longer to see
        found = _counted_by_customer(bought)
    return int(found.at[0, "orders"]), int(found.at[0, "own"])


def _counted_by_customer(bought: ibis.Table) -> pd.DataFrame:
    each = bought.group_by("customer_id", "order_id").agg(orders=bought.count())
    return each.aggregate(orders=each.orders.sum(), own=each.order_id.count()).to_pandas()


def _from_parquet(path: Path, writes: Path | None) -> ibis.Table:
    """Return the files as DuckDB reads them; their columns are looked at, their rows stay where they are."""
    if not path.exists() and not any(sign in path.name for sign in "*?["):
        raise InputError(tell("there is no file {path!r}; `clv orders` writes it.", path=path.name))
    return checked(parquet_files.opened(path, writes=writes), path.name)
