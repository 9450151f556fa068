"""Orders → customers: one row per customer, as BG/NBD and its relatives read them.

One Ibis expression that DuckDB runs, so orders may be a frame in memory or a Parquet file of any size.
The definitions are those of Fader, Hardie & Lee (2005) as lifetimes states them: purchases of one customer on
one day count once; `frequency` is the number of purchase days after the first; `recency` the age at the last
of them; `T` the age at the end of observation; `monetary_value` the mean day total without the first day.
"""

from datetime import date
from pathlib import Path

import duckdb
import ibis
import pandas as pd

from clv import tables
from clv.errors import InputError, NoAnswerError
from clv.language import tell


def summarise(orders: pd.DataFrame | Path | str, *, until: date | str | None = None) -> pd.DataFrame:
    """Return one row per customer with at least one order up to and including the day `until`.

    Parameters
    ----------
    orders
        An ORDERS table, or the path of one as Parquet. Orders without a customer id are passed over.
    until
        Last day of observation; the day of the last order when None.

    Returns
    -------
    A CUSTOMERS table in the order of the customer ids; days and money.

    Raises
    ------
    InputError
        `until` is not a date or lies before the first order.
    NoAnswerError
        No order names a customer.
    """
    bought = source(orders)
    first, last = first_and_last_day(bought)
    end = last if until is None else tables.as_day(until)
    if end < first:
        raise InputError(
            tell(
                "the last day {end} lies before the first order ({first}); give a later day.",
                end=end,
                first=first,
            )
        )
    found = _expression(bought, end).to_pandas()
    return tables.check(found.set_index("customer_id").sort_index(), tables.CUSTOMERS)


def source(orders: pd.DataFrame | Path | str) -> ibis.Table:
    """Return the orders that name a customer as an Ibis table, from a frame or a Parquet file."""
    if isinstance(orders, pd.DataFrame):
        table = ibis.memtable(tables.check(orders, tables.ORDERS))
    else:
        table = _from_parquet(Path(orders))
    return table.filter(table.customer_id.notnull())


def _from_parquet(path: Path) -> ibis.Table:
    """Return the file as DuckDB reads it; its columns are looked at, its rows stay where they are."""
    if not path.is_file():
        raise InputError(tell("there is no file {path!r}; `clv orders` writes it.", path=path.name))
    try:
        table = ibis.duckdb.connect().read_parquet(str(path))
    except duckdb.Error:
        raise InputError(
            tell("{path!r} is not a Parquet file; write it again with `clv orders`.", path=path.name)
        ) from None
    lacking = [name for name in tables.ORDERS.columns if name not in table.columns]
    if lacking:
        raise InputError(
            tell("{path}: the orders table lacks the column {first!r}.", path=path.name, first=lacking[0])
        )
    if not (table.paid_at.type().is_timestamp() and table.amount.type().is_numeric()):
        raise InputError(
            tell("{path}: paid_at should hold times and amount numbers; use `clv orders`.", path=path.name)
        )
    return table


def first_and_last_day(bought: ibis.Table) -> tuple[date, date]:
    """Return the days of the first and the last order."""
    found = bought.aggregate(first=bought.paid_at.date().min(), last=bought.paid_at.date().max()).to_pandas()
    if pd.isna(found.at[0, "first"]):
        raise NoAnswerError(
            tell(
                "no order names a customer, so there are no customers to describe; export the buyer's id too."
            )
        )
    return tables.as_day(found.at[0, "first"]), tables.as_day(found.at[0, "last"])


def _expression(source: ibis.Table, end: date) -> ibis.Table:
    bought = source.mutate(day=source.paid_at.date()).filter(lambda t: t.day <= ibis.literal(end))
    # rounded, since the last bits of a sum depend on the order of the file, and equal customers must be equal
    days = bought.group_by("customer_id", "day").agg(
        money=bought.amount.sum().round(tables.MONEY_DIGITS), orders=bought.count()
    )
    customers = days.group_by("customer_id").agg(
        days=days.count(),
        orders=days.orders.sum(),
        total_spend=days.money.sum().round(tables.MONEY_DIGITS),
        first_money=days.money.argmin(days.day),
        first_order=days.day.min(),
        last_order=days.day.max(),
    )
    for name in ("category", "channel"):
        customers = customers.left_join(_main(bought, name), "customer_id").drop("customer_id_right")
    repeats = customers.days - 1
    T = ibis.literal(end).delta(customers.first_order, unit="day")
    recency = customers.last_order.delta(customers.first_order, unit="day")
    return customers.select(
        "customer_id",
        frequency=repeats,
        recency=recency,
        T=T,
        monetary_value=ibis.ifelse(
            repeats > 0, (customers.total_spend - customers.first_money) / repeats, 0.0
        ),
        orders=customers.orders,
        total_spend=customers.total_spend,
        first_order=customers.first_order.cast("timestamp"),
        last_order=customers.last_order.cast("timestamp"),
        days_since_last=T - recency,
        category=customers.category,
        channel=customers.channel,
    )


def _main(bought: ibis.Table, name: str) -> ibis.Table:
    """Each customer's value of `name` with most money; of equals, the first in the alphabet."""
    known = bought.filter(bought[name].notnull())
    money = known.group_by("customer_id", name).agg(money=known.amount.sum())
    rank = ibis.row_number().over(
        group_by="customer_id", order_by=[ibis.desc(money.money), money[name].asc()]
    )
    return money.mutate(rank=rank).filter(lambda t: t.rank == 0).select("customer_id", name)
