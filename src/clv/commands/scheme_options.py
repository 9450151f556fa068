"""What the commands about segments share: options, and the customers that a scheme learns from."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.commands.model_options import MODELS
from clv.errors import NoAnswerError, SettingError
from clv.language import tell

if TYPE_CHECKING:
    from clv.known import Known

HORIZON, MODEL = 90, "mbgnbd"
horizon_option = click.option(
    "--horizon", type=click.IntRange(1, 3650), help=f"Days ahead, of models.  [default: {HORIZON}]"
)
model_option = click.option(
    "--model", type=click.Choice(MODELS), help=f"What value schemes ask.  [default: {MODEL}]"
)
threshold_option = click.option(
    "--threshold", "lines", multiple=True, metavar="R|F|M=NUMBER", help="The shop's own, for eight-fixed."
)


def known(
    customers: Path, orders: Path | None, *, horizon: int | None = None, model: str | None = None
) -> "Known":
    """Return the customers of a file, with their waits where the orders are given."""
    import pandas as pd

    from clv import purchase_days, tables
    from clv.commands import table_files
    from clv.known import Known

    table = table_files.read(customers, tables.CUSTOMERS)
    if table.empty:
        raise NoAnswerError(
            tell("{customers} holds no customer, so there is nobody to segment.", customers=customers.name)
        )
    waits = None
    if orders is not None:
        last = (table["first_order"] + pd.to_timedelta(table["T"], unit="D")).max()
        waits = purchase_days.from_orders(table_files.read(orders, tables.ORDERS), until=last.date())
    return Known(table, horizon=horizon or HORIZON, waits=waits, model=model or MODEL)


def numbers(lines: tuple[str, ...]) -> dict[str, float]:
    """Return `M=2000` lines as thresholds by letter."""
    found = {}
    for line in lines:
        name, equals, number = line.partition("=")
        letter = name.strip().upper()
        if letter in found:
            raise SettingError(tell("--threshold {letter} is given twice; keep one of them.", letter=letter))
        try:
            found[letter] = float(number)
        except ValueError:
            equals = ""
        if not equals or not letter:
            raise SettingError(
                tell("--threshold {line!r} should be a letter and a number, such as M=2000.", line=line)
            )
    return found
