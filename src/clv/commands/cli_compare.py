"""`clv compare-schemes`: which scheme sees further, on the shop's own orders."""

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.commands import scheme_options
from clv.commands.cli_tables import refuse_own_input
from clv.commands.model_options import margin_option, seed_option
from clv.commands.progress import Progress
from clv.commands.text_table import aligned
from clv.errors import NoAnswerError, SettingError
from clv.language import label, tell

if TYPE_CHECKING:
    import pandas as pd

    from clv.advice import Advice
    from clv.arena import Comparison

_path = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="Orders → which scheme sees further.")
@click.argument("orders", type=_path)
@click.option("--until", metavar="DAY", help="Last day of observation.  [default: the last order's day]")
@click.option(
    "--horizon", type=click.IntRange(1, 3650), default=90, show_default=True, help="Days to foresee."
)
@click.option("--origins", type=click.IntRange(1), default=3, show_default=True, help="Days to judge from.")
@click.option("--own", type=_path, multiple=True, metavar="FILE", help="A scheme of the shop; repeatable.")
@click.option("--today", default="windows", show_default=True, metavar="NAME", help="The scheme used today.")
@click.option(
    "--contact-share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.2,
    show_default=True,
    help="Part of the customers that can be contacted.",
)
@click.option(
    "--contact-cost", type=click.FloatRange(0), default=0.0, show_default=True, help="Of one contact."
)
@click.option(
    "--lift", type=click.FloatRange(0, 10), default=0.05, show_default=True, help="More spent if contacted."
)
@margin_option
@scheme_options.model_option
@scheme_options.threshold_option
@click.option("--draws", type=click.IntRange(20), default=200, show_default=True, help="Redrawn customers.")
@seed_option
@click.option("--out", type=_path, required=True, help="Where to: a name in .parquet or .csv.")
def compare_schemes(
    orders: Path,
    until: str | None,
    horizon: int,
    origins: int,
    own: tuple[Path, ...],
    today: str,
    contact_share: float,
    contact_cost: float,
    lift: float,
    margin: float,
    model: str | None,
    lines: tuple[str, ...],
    draws: int,
    seed: int,
    out: Path,
) -> None:
    """Judge every scheme on the orders that came after it was learned, and say which one to use.

    Writes one row per scheme, the best first, with 90 % intervals.
    """
    import numpy as np

    from clv import advice, arena, tables
    from clv import schemes as declared
    from clv.commands import table_files

    for name, value in (("contact-cost", contact_cost), ("lift", lift), ("margin", margin)):
        if not isfinite(value):
            raise SettingError(tell("--{name} is {value}; give a number.", name=name, value=value))
    table_files.check_name(out)
    refuse_own_input(out, [orders, *own])
    field = declared.field(
        thresholds=scheme_options.numbers(lines), own=[declared.load_file(path) for path in own]
    )
    declared.find(field, today)
    table = table_files.read(orders, tables.ORDERS)
    with Progress() as progress:
        comparison = arena.compare(
            table,
            field,
            until=until or _last_day(table),
            horizon=horizon,
            count=origins,
            contact_share=contact_share,
            model=model or scheme_options.MODEL,
            draws=draws,
            rng=np.random.default_rng(seed),
            told=progress.tell,
        )
    terms = {"margin": margin, "lift": lift}
    said = advice.advise(comparison, today=today, **terms)
    earned = advice.profits(comparison, contact_cost=contact_cost, **terms).drop(columns="money")
    table_files.write(comparison.table.join(earned), out)
    click.echo(_told(comparison, said, horizon=horizon))
    click.echo(tell("{schemes} schemes → {out}", schemes=len(comparison.table), out=out))


def _told(comparison: "Comparison", said: "Advice", *, horizon: int) -> str:
    """Return the judgement as a person reads it."""
    lines = [_judgement(comparison.table)]
    for name, why in comparison.refused.items():
        lines.append(tell("left out: {name} ({why})", name=name, why=why))
    days = ", ".join(str(origin.day) for origin in comparison.origins)
    words = "\njudged on the {horizon} days after {days}\n{why}\n{staying}"
    lines.append(tell(words, horizon=horizon, days=days, why=said.why, staying=said.staying))
    return "\n".join(lines)


def _last_day(orders: "pd.DataFrame") -> object:
    named = orders.loc[orders["customer_id"].notna(), "paid_at"]
    if named.empty:
        raise NoAnswerError(
            tell("no order names a customer, so there is nobody to segment; export the buyer's id too.")
        )
    return named.max().date()


def _judgement(table: "pd.DataFrame") -> str:
    names = ("scheme", "Gini", "90 %", "top 10 %", "top 20 %", "AUC", "kept")
    rows = [[label(name) for name in names]]
    for name, row in table.iterrows():
        band = tell("{low:.3f} to {high:.3f}", low=row["gini_low"], high=row["gini_high"])
        shares = [f"{row[column]:.1%}" for column in ("top_10", "top_20")]
        rows.append([name, f"{row['gini']:.3f}", band, *shares, f"{row['auc']:.3f}", f"{row['kept']:.0%}"])
    return "\n".join(aligned(rows, numbers=True))
