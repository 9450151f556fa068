"""Each shop's page of readiness, beside its reports: what its files answer, and what one more would."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pandas as pd

from clv import readiness
from clv.errors import ClvError, NotNowError
from clv.language import speaking, spoken, tell
from clv.running.memory import Warned
from clv.shop import Shop
from clv.telling import readiness_page
from clv.telling.pages import is_up_to_date, write_marked

NAME = "readiness.html"


def write(out: Path, shop: Shop) -> pd.DataFrame:
    """Write the page into the shop's folder below `out`, whole or not at all, and return its table.

    Raises
    ------
    ClvError
        The shop's orders cannot be read.
    """
    try:
        table = readiness.table(readiness.of(shop))
        page = readiness_page.html(
            table,
            readiness.unreadable(shop),
            shop=shop.name,
            until=shop.until.isoformat(),
            made_at=datetime.now().astimezone().isoformat(timespec="seconds"),
            made_from=_made_from(shop),
        )
    finally:
        shop.forget()
    write_marked(out / shop.id / NAME, page)
    return table


def write_all(out: Path, shops: Iterable[tuple[Shop, str]], warned: Warned) -> None:
    """Write the pages that are not up to date, each in the language beside its shop.

    Where a shop's orders cannot be read there is none: its reports say what is wrong with them. What cannot
    be written is one page less and one warning, never a batch less.
    """
    for shop, lang in shops:
        page = out / shop.id / NAME
        try:
            with speaking(lang):
                if not is_up_to_date(page, _made_from(shop)):
                    write(out, shop)
        except NotNowError as error:
            page.unlink(missing_ok=True)
            warned(str(error))
        except ClvError:
            page.unlink(missing_ok=True)
        except OSError as error:
            why = error.strerror or type(error).__name__
            warned(
                tell("the page of readiness of {shop:s} could not be written ({why}).", shop=shop.id, why=why)
            )


def _made_from(shop: Shop) -> str:
    return f"{shop.fingerprint()} {spoken()}"


def pages(out: Path, shop_ids: Iterable[str]) -> dict[str, str]:
    """Return the pages that are there, by shop, relative to `out`."""
    return {shop_id: f"{shop_id}/{NAME}" for shop_id in shop_ids if (out / shop_id / NAME).is_file()}
