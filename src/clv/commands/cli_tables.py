"""`clv orders`, `clv customers`: one table from another, file by file."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.commands.engine_options import engine_option, out_file, out_table, refuse_addresses, table_path
from clv.commands.text_table import aligned
from clv.errors import SettingError
from clv.language import label, tell, translated

if TYPE_CHECKING:
    import pandas as pd

    from clv.orders import OrdersRead


@click.command(short_help="Exports → orders, and what was left out and why.")
@click.argument("export", nargs=-1, required=True)
@click.option("--platform", required=True, metavar="NAME", help="taobao, youzan, wechat, shopify, csv, ...")
@click.option("--items", multiple=True, metavar="FILE", help="Item export beside the orders; repeatable.")
@click.option("--column", "columns", multiple=True, metavar="NAME=HEADER", help="Our name for a header.")
@click.option("--until", metavar="DAY", help="Last day of observation, 2026-06-30.")
@click.option("--timezone", metavar="ZONE", help="The shop's, Asia/Shanghai; for stamps with an offset.")
@click.option("--date-format", metavar="FORMAT", help="How the export writes times, %d/%m/%Y.")
@click.option(
    "--customer-ids",
    type=click.Choice(["pseudonyms", "raw"]),
    default="pseudonyms",
    show_default=True,
    help="What stands for a customer in the table.",
)
@out_file
def orders(
    export: tuple[str, ...],
    platform: str,
    items: tuple[str, ...],
    columns: tuple[str, ...],
    until: str | None,
    timezone: str | None,
    date_format: str | None,
    customer_ids: str,
    out: Path,
) -> None:
    """Read the order exports EXPORT... of one shop and write one row per order that it kept money from.

    Prints what was read, and what was left out and why.
    """
    from clv import orders as reading
    from clv import pseudonyms
    from clv.commands import table_files

    table_files.check_name(out)
    refuse_own_input(out, [*export, *items])
    read = reading.read(
        export,
        platform=platform,
        items=items,
        columns=_named(columns),
        until=until,
        timezone=timezone,
        date_format=date_format,
    )
    table = read.orders
    if customer_ids == "pseudonyms":
        hidden = pseudonyms.pseudonym(table["customer_id"], secret=pseudonyms.local_secret())
        table = table.assign(customer_id=hidden)
    table_files.write(table, out)
    click.echo(_reading(read))
    click.echo(tell("{orders:,} orders → {out}", orders=len(table), out=out))


@click.command(short_help="Orders → one row per customer.")
@click.argument("orders", type=table_path)
@click.option("--until", metavar="DAY", help="Last day of observation.  [default: the last order's day]")
@engine_option
@out_table
def customers(orders: str, until: str | None, engine: str, out: str) -> None:
    """Read the table ORDERS and write one row per customer: frequency, recency, T, monetary_value, ...

    With `--engine spark` the cluster of SPARK_HOME, MASTER or SPARK_REMOTE reads Parquet and writes it: OUT
    becomes a folder of Parquet parts.
    """
    if engine == "spark":
        from clv.commands import at_scale

        made = at_scale.write_customers(orders, out, until=until)
        number, again = made.customers, made.sums["again"] / max(made.customers, 1)
    else:
        number, again = _customers_here(orders, Path(out), until)
    click.echo(
        tell(
            "{table:,} customers, {again:.1%} of them bought on more than one day → {out}",
            table=number,
            again=again,
            out=out,
        )
    )


def _customers_here(orders: str, out: Path, until: str | None) -> tuple[int, float]:
    from clv import customers as describing
    from clv import parquet_files, tables
    from clv.commands import table_files
    from clv.declaring import addresses

    in_database = addresses.names_table(orders)
    refuse_addresses(*([] if in_database else [orders]), str(out))
    table_files.check_name(out)
    if in_database:
        return _written(_customers_of_a_table(orders, until), out)
    given = Path(orders)
    refuse_own_input(out, [given])
    if not given.is_dir():
        table_files.check_name(given)
        if given.suffix.lower() == ".csv":
            read = table_files.read(given, tables.ORDERS)
            return _written(describing.summarise(read, until=until), out)
    with parquet_files.told(given):
        return _customers_of_parquet(given, out, until)


def _customers_of_parquet(orders: Path, out: Path, until: str | None) -> tuple[int, float]:
    from clv import customers as describing
    from clv import customers_file, order_tables, whole_files

    if out.suffix.lower() == ".parquet":  # of any size
        with whole_files.whole(out, mode=whole_files.OWNER_ONLY) as fresh:
            n, again = customers_file.write(orders, fresh, until=until)
        return n, again / n
    order_tables.check_once([order_tables.of_customers(orders)], name=orders.name)
    return _written(describing.summarise(orders, until=until), out)


def _written(customers: "pd.DataFrame", out: Path) -> tuple[int, float]:
    """Write the customers; return how many they are, and the share that bought on several days."""
    from clv.commands import table_files

    table_files.write(customers, out)
    return len(customers), (customers["frequency"] > 0).mean()


def _customers_of_a_table(address: str, until: str | None) -> "pd.DataFrame":
    """Return the customers of a clean table in a database, which adds them up itself."""
    from clv import customers as describing
    from clv import databases, order_tables
    from clv.declaring import addresses

    place = addresses.parsed(address)
    with databases.clean(place) as table:
        bought = order_tables.of_customers(order_tables.checked(table, place.name))
        order_tables.check_once([bought], name=place.name)
        return describing.summarise(table, until=until)


def _named(columns: tuple[str, ...]) -> dict[str, str] | None:
    pairs = [column.partition("=") for column in columns]
    wrong = next((f"{a}{b}{c}" for a, b, c in pairs if not (a and b and c)), None)
    if wrong is not None:
        raise SettingError(
            tell("--column {wrong!r} should be NAME=HEADER, such as customer_id=买家ID.", wrong=wrong)
        )
    return {name.strip(): header for name, _, header in pairs} or None


def refuse_own_input(out: Path, inputs: list) -> None:
    """Say in one sentence when a command would write over what it reads."""
    own = os.path.realpath(out)  # which leaves a link that leads to itself as it is
    if any(os.path.realpath(given) == own for given in inputs):
        raise SettingError(
            tell("{out} is also an input and would be lost; choose another name.", out=out.name)
        )


def _reading(read: "OrdersRead") -> str:
    lines = [
        tell("{name}: {rows:,} rows, {encoding}", name=name, rows=rows, encoding=encoding)
        for name, encoding, rows in read.files
    ]
    rows = [[label(name) for name in ("left out", "rows", "orders", "money")]]
    rows += [
        [_reason(r), f"{r.rows:,}", f"{r.orders:,}", f"{r.money:,.2f}"] for r in read.losses.itertuples()
    ]
    return "\n".join(
        [*lines, "", *aligned(rows, numbers=True), "", read.refund_identity, *map(translated, read.notes)]
    )


def _reason(loss: tuple) -> str:
    return (
        label(loss.reason)
        if loss.stage == "read"
        else tell("kept, but of no customer: {reason}", reason=loss.reason)
    )
