"""How shops compare: their key facts with intervals, and which of their differences are more than noise.

    opened = stores.open_all("shops.yml")            # a shop that cannot be read is left out by name
    table = stores.facts(opened.stores)              # the latest year, and quarter by quarter
    found = stores.compare(table, opened.stores, rng=rng)
    stores.changes(table)                            # the last whole quarter against earlier ones
    stores.since(history.read("runs"), table, opened.stores)

Counting, intervals and tests are in `comparing/`; how the results look on a page, in `stores_shown`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from clv import history, shopfile
from clv.comparing import differences, measures, tabled
from clv.comparing import since as runs_since
from clv.comparing.differences import Comparison
from clv.comparing.measures import MEASURES, words
from clv.comparing.over_time import changes
from clv.comparing.store import Store
from clv.comparing.tabled import LATEST
from clv.errors import ClvError, NoAnswerError, NotNowError
from clv.language import tell
from clv.shop import Shop

__all__ = [
    "LATEST", "Comparison", "Opened", "Store", "as_recorded", "changes", "compare", "facts", "latest",
    "open_all", "since", "words",
]  # fmt: skip

NOTEBOOK = "09_stores"
_PER_MONTH = "a month"


@dataclass(frozen=True, eq=False)
class Opened:
    """The shops of a shop file that can be read, and why others cannot.

    Attributes
    ----------
    stores
        By shop id, in the order of the file.
    left_out
        The reason's first sentence, by the shop's name.
    """

    stores: dict[str, Store]
    left_out: dict[str, str]


def open_all(shop_file: Path | str, *, shops: Iterable[str] = (), until: str = "") -> Opened:
    """Return the shops of a shop file; one that cannot be read is left out by name.

    Parameters
    ----------
    shops
        Ids of those that are compared; all of the file where there are none.
    until
        Last day of observation; each shop's own where empty.

    Raises
    ------
    SettingError
        The shop file is wrong, or has no such shop.
    NoAnswerError
        Not one shop can be read.
    """
    file = shopfile.load(shop_file)
    stores, left_out = {}, {}
    for shop_id in list(dict.fromkeys(shops)) or list(file.shops):
        shop = Shop.of(file, shop_id, until)
        try:
            stores[shop_id] = _store(shop)
        except NotNowError:  # no shop is left out of a good report for that
            raise
        except (ClvError, OSError) as error:
            left_out[shop.name] = _first_sentence(error)
    if not stores:
        name, reason = next(iter(left_out.items()))
        raise NoAnswerError(
            tell(
                "not one of {left_out:,} shops can be read; of {name}: {reason}",
                left_out=len(left_out),
                name=name,
                reason=reason,
            )
        )
    return Opened(_told_apart(stores), left_out)


def facts(
    stores: Mapping[str, Store],
    *,
    window_days: int = 365,
    quarters: int = 8,
    return_days: int = 90,
    active_days: int = 90,
) -> pd.DataFrame:
    """Return the key facts of shops, each with its 90 % interval.

    Parameters
    ----------
    window_days
        Days back from a shop's last day that count as the latest; fewer where it has not been seen so long.
    quarters
        How many calendar quarters are counted, the last one back from the last day.
    return_days, active_days
        As `comparing.counting.facts`.

    Returns
    -------
    One row per shop, window and fact: shop; window (LATEST, or a quarter such as 2026Q2); first_day,
    last_day; whole (whether it was seen from end to end); fact (a key of `comparing.measures.MEASURES`);
    value, low, high; scaled, error, events (see `comparing.estimates`). Missing where fewer than ten can
    tell.

    Raises
    ------
    InputError
        A shop's table is not what it should be.
    """
    days = {"return_days": return_days, "active_days": active_days}
    return tabled.facts(stores, window_days=window_days, quarters=quarters, **days)


def latest(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the latest days."""
    return table[table["window"] == LATEST]


def compare(table: pd.DataFrame, stores: Mapping[str, Store], *, rng: np.random.Generator) -> Comparison:
    """Return which shops can be told apart in their latest days; see `comparing.differences.compare`.

    How large shops are is not compared; money only where all count in the same currency.
    """
    keys = measures.compared({store.currency for store in stores.values()})
    mine = latest(table)
    return differences.compare(mine[mine["fact"].isin(keys)], rng=rng)


def as_recorded(table: pd.DataFrame, stores: Mapping[str, Store]) -> pd.DataFrame:
    """Return the known facts of the latest days as a notebook records them.

    Returns
    -------
    name (`stores.SHOP.FACT`), value, unit, low, high.
    """
    mine = latest(table)
    mine = mine[mine[["value", "low", "high"]].notna().all(axis=1)]
    names = "stores." + mine["shop"] + "." + mine["fact"]
    units = [
        _unit(fact, stores[shop].currency) for shop, fact in zip(mine["shop"], mine["fact"], strict=True)
    ]
    found = pd.DataFrame({"name": names, "value": mine["value"], "unit": units})
    # an estimate without the bias of few may lie at the very end of its interval
    low, high = np.minimum(mine["low"], mine["value"]), np.maximum(mine["high"], mine["value"])
    return found.assign(low=low, high=high).reset_index(drop=True)


def since(past: pd.DataFrame, table: pd.DataFrame, stores: Mapping[str, Store]) -> pd.DataFrame:
    """Return what changed since the last run that said something else; see `comparing.since.moved`.

    Parameters
    ----------
    past
        As `history.read` gives it.
    """
    now = as_recorded(table, stores).assign(shop=history.ALL, notebook=NOTEBOOK, label="", at="", key="")
    now = now.assign(until=max(str(store.until) for store in stores.values()))
    ours = "stores.(?:" + "|".join(map(re.escape, stores)) + r")\."
    mine = past["shop"].isin(stores)
    here = (past["shop"] == history.ALL) & (past["notebook"] == NOTEBOOK) & past["name"].str.match(ours)
    found = runs_since.moved(past[mine | here], now=now)
    named = found["name"].where(found["shop"] == history.ALL, "").str.split(".", n=2, expand=True)
    if named.shape[1] < 3:
        return found.assign(fact="")
    return found.assign(shop=named[1].fillna(found["shop"]), fact=named[2].fillna(""))


def _store(shop: Shop) -> Store:
    try:
        first = shop.orders()["paid_at"].min().date()
        return Store(shop.name, shop.currency, first, shop.until, partial(_tables, shop))
    finally:
        shop.forget()


def _tables(shop: Shop) -> tuple[pd.DataFrame, pd.DataFrame]:
    try:
        return shop.orders(), shop.returns()
    finally:
        shop.forget()


def _told_apart(stores: Mapping[str, Store]) -> dict[str, Store]:
    """Return shops with their ids behind names that two of them share."""
    names = [store.name for store in stores.values()]
    twice = {name for name in names if names.count(name) > 1}
    return {
        shop_id: replace(store, name=f"{store.name} ({shop_id})") if store.name in twice else store
        for shop_id, store in stores.items()
    }


def _first_sentence(error: Exception) -> str:
    if isinstance(error, OSError):
        return tell("a file cannot be read ({strerror}).", strerror=error.strerror)
    return re.split(r"(?<=[.?!])\s", str(error), maxsplit=1)[0]


def _unit(fact: str, currency: str) -> str:
    unit = MEASURES[fact].unit
    return {"share": "share", "money": currency, "number": _PER_MONTH, "index": ""}[unit]
