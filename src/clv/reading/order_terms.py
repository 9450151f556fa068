"""What an order's price was before anything was taken off, when it arrived, and the price index of its day.

Cells that cannot be read are missing: no order is left out for what is said about it beside its money.
"""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from clv import tables
from clv.errors import InputError
from clv.language import tell
from clv.reading import cells, moments
from clv.reading.settling import Settled

_ADDED = ("list_amount", "taken_off", "postage")


def of(
    settled: Settled,
    *,
    names: Sequence[str],
    until: date | None,
    date_format: str | None,
    timezone: str | None,
) -> pd.DataFrame:
    """Return the TERMS of the kept orders, by order number.

    What was taken off is what the export says; else the list price less what was paid for goods, if that is
    known. Postage is no part of either.
    """
    kept = settled.kept
    money = kept[["order_id"]].assign(**{name: cells.money(kept[name]).abs() for name in _ADDED})
    by = money.groupby("order_id")
    of_lines = settled.level == "line"
    added = by.sum(min_count=1) if of_lines else by.first()
    # a line whose list price is not known leaves that of its order unknown
    partly = money["list_amount"].isna().groupby(money["order_id"]).any()
    added = added.assign(list_amount=added["list_amount"].mask(partly))
    paid = (kept["kept"] + kept["refunded"]).groupby(kept["order_id"]).sum()
    goods = paid - added["postage"].fillna(0.0)
    off = added["taken_off"].fillna((added["list_amount"] - goods).clip(lower=0.0))
    listed = added["list_amount"].fillna(goods.clip(lower=0.0) + added["taken_off"])
    found = pd.DataFrame(
        {
            "list_amount": listed.round(tables.MONEY_DIGITS),
            "discount": off.clip(upper=listed).round(tables.MONEY_DIGITS),
            "delivered_on": _known(_last_day(kept, names, date_format=date_format, timezone=timezone), until),
            "price_index": _index(kept),
        }
    )
    return tables.check(found.rename_axis("order_id").reset_index(), tables.TERMS)


def _last_day(
    kept: pd.DataFrame, names: Sequence[str], *, date_format: str | None, timezone: str | None
) -> pd.Series:
    """Return the day on which the last part of each order arrived; none before it was paid."""
    what = tell("the time of delivery in {names}", names=", ".join(names[:3]))
    try:
        at = moments.moments(kept["delivered_at"], what=what, date_format=date_format, timezone=timezone)
    except InputError:  # day and month could swap: a date nobody needs is no reason to refuse the orders
        at = pd.Series(pd.NaT, index=kept.index, dtype="datetime64[ns]")
    day = at.dt.normalize().where(at.dt.normalize() >= kept["paid_at"].dt.normalize())
    return day.groupby(kept["order_id"]).max()


def _known(arrived: pd.Series, until: date | None) -> pd.Series:
    """Leave out what came after the last day of observation: then nobody knew it yet."""
    return arrived if until is None else arrived.where(arrived <= pd.Timestamp(until))


def _index(kept: pd.DataFrame) -> pd.Series:
    index = cells.money(kept["price_index"])
    return index.where(index > 0).groupby(kept["order_id"]).first()
