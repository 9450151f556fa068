"""Orders → customers: one row per customer, as BG/NBD and its relatives read them.

Ibis expressions, so orders may be a frame in memory, Parquet of any size, or a table in a database or on a
cluster: whoever holds the orders adds them up. The definitions are those of Fader, Hardie & Lee (2005) as
lifetimes states them: purchases of one customer on one day count once; `frequency` is the number of purchase
days after the first; `recency` the age at the last of them; `T` the age at the end of observation;
`monetary_value` the mean day total without the first day.

Money is added up in whole units of 10^-MONEY_DIGITS: sums of whole numbers depend neither on the order of the
rows nor on the engine, so equal customers are equal everywhere.
"""

from collections.abc import Callable
from datetime import date
from functools import partial

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clv import duck, id_ranges, order_tables, tables
from clv.errors import InputError
from clv.language import tell
from clv.order_tables import Orders

FOR_MODELS = ("frequency", "recency", "T", "monetary_value")
_NAMES = ("category", "channel")
_UNITS = 10**tables.MONEY_DIGITS


def summarise(orders: Orders, *, until: date | str | None = None) -> pd.DataFrame:
    """Return one row per customer with at least one order up to and including the day `until`.

    Parameters
    ----------
    orders
        An ORDERS table: a frame, the path of Parquet, or an Ibis table. Orders without a customer id are
        passed over.
    until
        Last day of observation; the day of the last order when None.

    Returns
    -------
    A CUSTOMERS table in the order of the customer ids; days and money.

    Raises
    ------
    InputError
        `until` is not a date or lies before the first order, or an order breaks the contract.
    NoAnswerError
        No order names a customer.
    """
    bought = order_tables.of_customers(orders)
    end, n = _observed(bought, until)
    return _fetched(bought, n, partial(per_customer, until=end))


def for_models(orders: Orders, *, until: date | str | None = None) -> pd.DataFrame:
    """Return what the models read of each customer, in half the time and memory of `summarise`.

    Takes and raises what `summarise` does.

    Returns
    -------
    Index customer_id, sorted: frequency, recency, T (days); monetary_value.
    """
    bought = order_tables.of_customers(orders)
    end, n = _observed(bought, until)
    return _fetched(bought, n, lambda part: _on_days(part, end).select("customer_id", *FOR_MODELS))


def distinct_histories(orders: Orders, *, until: date | str | None = None) -> pd.DataFrame:
    """Return the distinct histories and how many customers have each: all that a fit needs.

    Takes and raises what `summarise` does.

    Returns
    -------
    frequency, recency, T (days), customers; sorted.
    """
    bought = order_tables.of_customers(orders)
    end, n = _observed(bought, until)
    parts = [duck.rows(histories(part, until=end)) for part in id_ranges.parts(bought, n)]
    names = ["frequency", "recency", "T"]
    found = pa.concat_tables(parts).group_by(names).aggregate([("customers", "sum")])
    found = found.rename_columns([*names, "customers"]).sort_by([(name, "ascending") for name in names])
    return found.to_pandas()


def last_day(bought: ibis.Table, until: date | str | None) -> date:
    """Return the last day of observation: `until`, or that of the last order.

    Raises
    ------
    InputError
        `until` is not a date or lies before the first order.
    """
    return _observed(bought, until)[0]


def _observed(bought: ibis.Table, until: date | str | None) -> tuple[date, int]:
    """Return the last day of observation and the number of orders of all days."""
    found = order_tables.extent(bought)
    end = found.last if until is None else tables.as_day(until)
    if end < found.first:
        raise InputError(
            tell(
                "the last day {end} lies before the first order ({first}); give a later day.",
                end=end,
                first=found.first,
            )
        )
    return end, found.orders


def per_customer(bought: ibis.Table, *, until: date) -> ibis.Table:
    """Return the expression of CUSTOMERS, with customer_id as a column, over orders that name a customer."""
    found = on_days = _on_days(bought, until)
    for name in _NAMES:
        found = _with_main(found, on_days, bought, name, until)
    return found.select("customer_id", *tables.CUSTOMERS.columns)


def histories(bought: ibis.Table, *, until: date) -> ibis.Table:
    """Return the expression of the distinct (frequency, recency, T) and their number of `customers`."""
    days = _up_to(bought, until).select("customer_id", "day").distinct()
    of_each = days.group_by("customer_id").agg(days=days.count(), first=days.day.min(), last=days.day.max())
    found = of_each.select(
        frequency=of_each.days - 1,
        recency=_days_between(of_each.first, of_each.last),
        T=_days_between(of_each.first, ibis.literal(until)),
    )
    return found.group_by("frequency", "recency", "T").agg(customers=found.count())


def _up_to(bought: ibis.Table, until: date) -> ibis.Table:
    """Return the orders up to the day `until`, each with its day and its money in whole units."""
    units = (bought.amount * _UNITS + 0.5).floor().cast("int64")
    names = {name: bought[name].cast("string") for name in _NAMES}  # a file of none has them as numbers
    dated = bought.mutate(day=bought.paid_at.date(), units=units, **names)
    return dated.filter(dated.day <= ibis.literal(until))


def _days_between(first: ibis.Value, last: ibis.Value) -> ibis.Value:
    return last.delta(first, unit="day").cast("int64")


def _on_days(bought: ibis.Table, until: date) -> ibis.Table:
    """Return everything about each customer but the names of what was bought and where.

    Those come as the first and last in the alphabet, which are one for most customers.
    """
    known = _up_to(bought, until)
    days = known.group_by("customer_id", "day").agg(
        # DuckDB adds up to 128 bits, twice as much to hold; "!" since Ibis leaves out a cast from 64 to 64
        units=known.units.sum().cast("!int64"),
        orders=known.count(),
        **{f"least_{name}": known[name].min() for name in _NAMES},
        **{f"most_{name}": known[name].max() for name in _NAMES},
    )
    by = days.group_by("customer_id").agg(
        days=days.count(),
        orders=days.orders.sum(),
        units=days.units.sum(),
        first_units=days.units.argmin(days.day),
        first=days.day.min(),
        last=days.day.max(),
        **{f"least_{name}": days[f"least_{name}"].min() for name in _NAMES},
        **{f"most_{name}": days[f"most_{name}"].max() for name in _NAMES},
    )
    repeats = by.days - 1
    later = (by.units - by.first_units).cast("float64") / _UNITS
    return by.select(
        "customer_id",
        *(f"{end}_{name}" for name in _NAMES for end in ("least", "most")),
        orders=by.orders.cast("!int64"),
        frequency=repeats,
        recency=_days_between(by.first, by.last),
        T=_days_between(by.first, ibis.literal(until)),
        monetary_value=ibis.ifelse(repeats > 0, later / ibis.greatest(repeats, 1), 0.0),
        total_spend=by.units.cast("float64") / _UNITS,
        first_order=by.first.cast("timestamp"),
        last_order=by.last.cast("timestamp"),
        days_since_last=_days_between(by.last, ibis.literal(until)),
    )


def _with_main(
    customers: ibis.Table, on_days: ibis.Table, bought: ibis.Table, name: str, until: date
) -> ibis.Table:
    """Add each customer's value of `name` with most money; of equals, the first in the alphabet.

    Most customers have one value, which needs no money; only for the others are the orders looked at again.
    Who they are is asked of `on_days`: a cluster would work out all that `customers` adds to it twice.
    """
    torn = on_days.filter(on_days[f"least_{name}"] != on_days[f"most_{name}"])
    known = _up_to(bought, until).filter(lambda t: t[name].notnull()).semi_join(torn, "customer_id")
    money = known.group_by("customer_id", name).agg(units=known.units.sum())
    rank = ibis.row_number().over(
        group_by="customer_id", order_by=[ibis.desc(money.units), money[name].asc()]
    )
    first = money.mutate(rank=rank).filter(lambda t: t.rank == 0).select("customer_id", main=money[name])
    found = customers.left_join(first, "customer_id").drop("customer_id_right")
    return found.mutate(**{name: ibis.coalesce(found.main, found[f"least_{name}"])}).drop("main")


def rows(expression: ibis.Table) -> pa.Table:
    """Return what `per_customer` stands for, in the order of the customer ids."""
    return _by_id(duck.rows(expression.order_by("customer_id")))


def _by_id(found: pa.Table) -> pa.Table:
    """Sort by characters what a database may have sorted by the rules of a language."""
    ids = found["customer_id"]
    sorted_already = pc.all(pc.less(ids[:-1], ids[1:])).as_py()
    return found if sorted_already else found.sort_by("customer_id")


def _fetched(bought: ibis.Table, orders: int, described: Callable[[ibis.Table], ibis.Table]) -> pd.DataFrame:
    """Return what `described` says of the orders' customers, worked out range by range of their ids."""
    parts = (described(part).order_by("customer_id") for part in id_ranges.parts(bought, orders))
    made = _by_id(pa.concat_tables(map(duck.rows, parts)))
    # in one block: giving columns back one by one as they are copied took longer; DuckDB held more before
    found = made.to_pandas(coerce_temporal_nanoseconds=True)
    return found.set_index("customer_id")
