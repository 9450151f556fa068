"""`clv orders`, `clv customers`, `clv fit`, `clv score`: one table or model from another, file by file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.commands.text_table import aligned
from clv.errors import SettingError
from clv.language import label, tell, translated

if TYPE_CHECKING:
    import pandas as pd

    from clv.btyd.fits import Fit
    from clv.orders import OrdersRead
    from clv.spend import SpendFit

_path = click.Path(path_type=Path, dir_okay=False)
_MODELS = ("auto", "bgnbd", "mbgnbd", "paretonbd", "nbd")
_out = click.option("--out", type=_path, required=True, help="Where to: a name in .parquet or .csv.")


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
@_out
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
@click.argument("orders", type=_path)
@click.option("--until", metavar="DAY", help="Last day of observation.  [default: the last order's day]")
@_out
def customers(orders: Path, until: str | None, out: Path) -> None:
    """Read the table ORDERS and write one row per customer: frequency, recency, T, monetary_value, ..."""
    from clv import customers as describing
    from clv import tables
    from clv.commands import table_files

    table_files.check_name(out)
    refuse_own_input(out, [orders])
    is_csv = orders.suffix.lower() == ".csv"
    table_files.check_name(orders)
    source = table_files.read(orders, tables.ORDERS) if is_csv else orders  # DuckDB reads Parquet of any size
    table = describing.summarise(source, until=until)
    table_files.write(table, out)
    again = (table["frequency"] > 0).mean()
    click.echo(
        tell(
            "{table:,} customers, {again:.1%} of them bought on more than one day → {out}",
            table=len(table),
            again=again,
            out=out,
        )
    )


@click.command(short_help="Customers → a fitted model.")
@click.argument("customers", type=_path)
@click.option("--model", type=click.Choice(_MODELS), default="auto", show_default=True, help="Which model.")
@click.option("--orders", type=_path, help="The orders behind CUSTOMERS; auto tries the models on them.")
@click.option("--holdout-days", type=click.IntRange(0), default=0, help="Held out by auto; 0: a quarter.")
@click.option("--out", type=_path, required=True, help="Where to: a name in .json.")
def fit(customers: Path, model: str, orders: Path | None, holdout_days: int, out: Path) -> None:
    """Fit a model of purchases, and one of money, to the table CUSTOMERS.

    With `auto` the models are compared on the last part of the orders, which they have not seen, and the one
    with the best log score is taken.
    """
    from clv import models, spend, tables
    from clv.commands import model_files, table_files

    model_files.check_name(out)
    table = table_files.read(customers, tables.CUSTOMERS)
    name, why = _chosen(table, orders, holdout_days) if model == "auto" else (model, "")
    fitted = models.fit_by_name(name, table)
    money = spend.fit(table)
    model_files.save(model_files.Fitted(fitted, money, why), out)
    click.echo(_fitting(fitted, money, why))
    click.echo(tell("{customers:,} customers → {out}", customers=fitted.n_customers, out=out))


@click.command(short_help="Customers and a model → chances, purchases, CLV.")
@click.argument("customers", type=_path)
@click.option("--model", type=_path, required=True, help="A model that `clv fit` wrote.")
@click.option("--horizon", type=click.IntRange(1), default=90, show_default=True, help="Days ahead.")
@click.option("--clv-days", type=click.IntRange(1), default=365, show_default=True, help="Days of CLV.")
@click.option(
    "--yearly-discount",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.10,
    show_default=True,
    help="What money is worth less a year from now.",
)
@click.option(
    "--margin",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="Part of the money that is margin.",
)
@click.option("--seed", type=click.IntRange(0), default=20260630, show_default=True, help="Random numbers.")
@_out
def score(
    customers: Path,
    model: Path,
    horizon: int,
    clv_days: int,
    yearly_discount: float,
    margin: float,
    seed: int,
    out: Path,
) -> None:
    """Write what the model says of each customer: still there, buys again, how often, CLV; with intervals."""
    import numpy as np

    from clv import tables, values
    from clv.commands import model_files, table_files

    table_files.check_name(out)
    refuse_own_input(out, [customers])
    fitted = model_files.load(model)
    table = table_files.read(customers, tables.CUSTOMERS)
    scores = values.score(
        table,
        fitted.fit,
        fitted.spend,
        days=horizon,
        clv_days=clv_days,
        yearly_discount=yearly_discount,
        margin=margin,
        rng=np.random.default_rng(seed),
    )
    table_files.write(scores, out)
    expected = tell(
        "{purchases:,.1f} purchases expected in {horizon} days",
        purchases=scores["purchases"].sum(),
        horizon=horizon,
    )
    click.echo(
        tell(
            "{expected}, {clv:,.0f} of money in {clv_days} days",
            expected=expected,
            clv=scores["clv"].sum(),
            clv_days=clv_days,
        )
    )
    click.echo(tell("{customers:,} customers → {out}", customers=len(scores), out=out))


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
    if any(Path(given).resolve() == out.resolve() for given in inputs):
        raise SettingError(
            tell("{out} is also an input and would be lost; choose another name.", out=out.name)
        )


def _chosen(customers: "pd.DataFrame", orders: Path | None, holdout_days: int) -> tuple[str, str]:
    import pandas as pd

    from clv import choose, tables
    from clv.commands import table_files
    from clv.split import split

    if orders is None:
        others = ", ".join(_MODELS[1:])
        raise SettingError(
            tell(
                "--model auto tries the models on --orders ORDERS; give it, or choose: {others}.",
                others=others,
            )
        )
    last = (customers["first_order"] + pd.to_timedelta(customers["T"], unit="D")).max()
    parts = split(table_files.read(orders, tables.ORDERS), until=last.date(), days=holdout_days)
    choice = choose.choose(parts.calibration, parts.later["purchases"], days=parts.days)
    return choice.name, choice.sentence


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


def _fitting(fit: "Fit", money: "SpendFit", why: str) -> str:
    errors = fit.standard_errors
    said = ", ".join(
        f"{name} {value:.4g} ± {errors[name]:.2g}" for name, value in fit.model.parameters.items()
    )
    notes = [why, fit.limit, *fit.warnings, money.limit, *money.warnings]
    head = tell(
        "{title}: {said} (days); log-likelihood {log_likelihood:,.2f}",
        title=fit.model.title,
        said=said,
        log_likelihood=fit.log_likelihood,
    )
    return "\n".join([head, *(note for note in notes if note)])
