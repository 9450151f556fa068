"""`clv fit`, `clv score`: a model from customers, and what it says of each."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.commands.cli_tables import refuse_own_input
from clv.commands.engine_options import engine_option, out_table, refuse_addresses, table_path
from clv.commands.model_options import MODELS, margin_option, seed_option
from clv.errors import SettingError
from clv.language import tell

if TYPE_CHECKING:
    import pandas as pd

    from clv.btyd.fits import Fit
    from clv.spend import SpendFit

_path = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="Customers → a fitted model.")
@click.argument("customers", type=table_path)
@click.option(
    "--model", type=click.Choice(["auto", *MODELS]), default="auto", show_default=True, help="Which model."
)
@click.option("--orders", type=_path, help="The orders behind CUSTOMERS; auto tries the models on them.")
@click.option("--holdout-days", type=click.IntRange(0), default=0, help="Held out by auto; 0: a quarter.")
@engine_option
@click.option("--out", type=_path, required=True, help="Where to: a name in .json.")
def fit(customers: str, model: str, orders: Path | None, holdout_days: int, engine: str, out: Path) -> None:
    """Fit a model of purchases, and one of money, to the table CUSTOMERS.

    With `auto` the models are compared on the last part of the orders, which they have not seen, and the one
    with the best log score is taken. A model that is named is fitted to the distinct rows of a Parquet table,
    which the engine adds up: it may hold any number of customers.
    """
    from clv import models, spend
    from clv.commands import model_files

    model_files.check_name(out)
    if model == "auto":
        table = _loaded(customers, engine)
        name, why = _chosen(table, orders, holdout_days)
        histories, amounts = table, table
    else:
        name, (histories, amounts, why) = model, _collapsed(customers, engine)
    fitted = models.fit_by_name(name, histories)
    money = spend.fit(amounts)
    model_files.save(model_files.Fitted(fitted, money, why), out)
    click.echo(_fitting(fitted, money, why))
    click.echo(tell("{customers:,} customers → {out}", customers=fitted.n_customers, out=out))


@click.command(short_help="Customers and a model → chances, purchases, CLV.")
@click.argument("customers", type=table_path)
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
@margin_option
@seed_option
@engine_option
@out_table
def score(
    customers: str,
    model: Path,
    horizon: int,
    clv_days: int,
    yearly_discount: float,
    margin: float,
    seed: int,
    engine: str,
    out: str,
) -> None:
    """Write what the model says of each customer: still there, buys again, how often, CLV; with intervals.

    With `--engine spark` the workers of the cluster score, and OUT becomes a folder of Parquet parts.
    """
    terms = {"days": horizon, "clv_days": clv_days, "yearly_discount": yearly_discount, "margin": margin}
    if engine == "spark":
        from clv.commands import at_scale, model_files

        made = at_scale.write_scores(customers, model_files.load(model), out, seed=seed, **terms)
        number, sums = made.customers, made.sums
    else:
        number, sums = _scores_here(customers, model, Path(out), seed, terms)
    expected = tell(
        "{purchases:,.1f} purchases expected in {horizon} days",
        purchases=sums["purchases"],
        horizon=horizon,
    )
    click.echo(
        tell(
            "{expected}, {clv:,.0f} of money in {clv_days} days",
            expected=expected,
            clv=sums["clv"],
            clv_days=clv_days,
        )
    )
    click.echo(tell("{customers:,} customers → {out}", customers=number, out=out))


def _scores_here(
    customers: str, model: Path, out: Path, seed: int, terms: dict[str, float]
) -> tuple[int, dict[str, float]]:
    import numpy as np

    from clv import values
    from clv.commands import model_files, table_files

    refuse_addresses(str(out))
    table_files.check_name(out)
    refuse_own_input(out, [customers])
    fitted = model_files.load(model)
    table = _loaded(customers, "duckdb")
    scores = values.score(table, fitted.fit, fitted.spend, rng=np.random.default_rng(seed), **terms)
    table_files.write(scores, out)
    return len(scores), {name: scores[name].sum() for name in ("purchases", "clv")}


def _loaded(customers: str, engine: str) -> "pd.DataFrame":
    """Return the table CUSTOMERS with all its rows."""
    from clv import tables
    from clv.commands import table_files

    if engine == "spark":
        others = ", ".join(MODELS)
        raise SettingError(
            tell("--model auto loads all customers; with --engine spark choose: {others}.", others=others)
        )
    refuse_addresses(customers)
    return table_files.read(Path(customers), tables.CUSTOMERS)


def _collapsed(customers: str, engine: str) -> "tuple[pd.DataFrame, pd.DataFrame, str]":
    """Return what the models of purchases and of money are fitted to, and what is to be said of it."""
    if customers.lower().endswith(".csv"):
        table = _loaded(customers, engine)
        return table, table, ""
    from clv.commands import at_scale

    rows = at_scale.rows_for_fit(customers, engine=engine)
    if not rows.sampled:
        return rows.histories, rows.amounts, ""
    why = tell(
        "The model of money saw {seen:,} of {customers:,} customers, a sample by a hash of their ids.",
        seen=len(rows.amounts),
        customers=rows.customers,
    )
    return rows.histories, rows.amounts, why


def _chosen(customers: "pd.DataFrame", orders: Path | None, holdout_days: int) -> tuple[str, str]:
    import pandas as pd

    from clv import choose, tables
    from clv.commands import table_files
    from clv.split import split

    if orders is None:
        others = ", ".join(MODELS)
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
