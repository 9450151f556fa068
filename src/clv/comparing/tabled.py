"""The facts of all shops as one table: the latest stretch of days, and quarter by quarter."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from clv.comparing import counting
from clv.comparing.counting import Seen
from clv.comparing.measures import MEASURES
from clv.comparing.store import Store, Window

LATEST = "latest"


def facts(
    stores: Mapping[str, Store],
    *,
    window_days: int = 365,
    quarters: int = 8,
    return_days: int = 90,
    active_days: int = 90,
) -> pd.DataFrame:
    """Return the key facts of shops; see `stores.facts`."""
    days = {"return_days": return_days, "active_days": active_days}
    rows = []
    for shop_id, store in stores.items():
        rows += _rows(shop_id, store, {"window_days": window_days, "quarters": quarters}, days)
    names = ["shop", "window", "first_day", "last_day", "whole", "fact"]
    return pd.DataFrame(rows, columns=[*names, "value", "low", "high", "scaled", "error", "events"])


def _rows(
    shop_id: str, store: Store, looked_at: Mapping[str, int], days: Mapping[str, int]
) -> Iterator[tuple[Any, ...]]:
    """Yield the facts of one shop, window by window; its tables go with the last."""
    shop = counting.seen(store)
    for window, whole in windows(shop, **looked_at):
        found = counting.facts(shop, window, **days)
        about = (shop_id, window.name, window.first, window.last, whole)
        yield from ((*about, key, *vars(found[key]).values()) for key in MEASURES)


def windows(shop: Seen, *, window_days: int, quarters: int) -> Iterator[tuple[Window, bool]]:
    """Yield the latest days of a shop, then its last quarters in order, and whether each was seen whole."""
    start = shop.until - pd.Timedelta(days=window_days - 1)
    yield Window(LATEST, max(start, shop.first), shop.until), start >= shop.first
    for quarter in pd.period_range(shop.first, shop.until, freq="Q")[-quarters:]:
        first, last = quarter.start_time, quarter.end_time.normalize()
        whole = first >= shop.first and last <= shop.until
        yield Window(str(quarter), max(first, shop.first), min(last, shop.until)), whole
