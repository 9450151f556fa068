"""Each shop's page of readiness, beside its reports: what its files answer, and what one more would."""

from datetime import datetime
from pathlib import Path

import pandas as pd

from clv import readiness
from clv.errors import ClvError
from clv.shop import Shop
from clv.telling import readiness_page
from clv.telling.pages import write_whole

NAME = "readiness.html"


def write(out: Path, shop: Shop) -> pd.DataFrame:
    """Write the page into the shop's folder below `out`, whole or not at all, and return its table.

    Raises
    ------
    ClvError
        The shop's orders cannot be read.
    """
    table = readiness.table(readiness.of(shop))
    page = readiness_page.html(
        table,
        readiness.unreadable(shop),
        shop=shop.name,
        until=shop.until.isoformat(),
        made_at=datetime.now().astimezone().isoformat(timespec="seconds"),
    )
    write_whole(out / shop.id / NAME, page)
    return table


def write_all(out: Path, shops: list[Shop]) -> None:
    """Write the pages of shops whose orders can be read; the others' reports say what is wrong with them."""
    for shop in shops:
        try:
            write(out, shop)
        except ClvError:
            (out / shop.id / NAME).unlink(missing_ok=True)
