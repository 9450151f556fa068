"""Rows of text → rows of values: moments, money, states. Nothing is left out here."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from clv.errors import InputError
from clv.language import tell
from clv.reading import cells, moments
from clv.reading.buyers import Buyers
from clv.reading.columns import Gathered
from clv.reading.gifts import KEEP, Gifts, buyer
from clv.sources import Platform

_MONEY = ("total", "discount", "outstanding", "amount", "refund", "quantity", "price")
_SIGNED = ("amount", "total", "price")
NO_BUYER, HIDDEN = "no buyer named", "buyer hidden"


def typed(
    gathered: Gathered,
    people: Buyers,
    platform: Platform,
    *,
    names: Sequence[str],
    timezone: str | None = None,
    date_format: str | None = None,
    gifts: Gifts = KEEP,
) -> pd.DataFrame:
    """Return the rows with values; `names` are those of the files, for errors.

    Text columns stay; money columns become floats; `paid_at` a moment. New are `customer_id`,
    `no_buyer` (why it is missing), `state` (unpaid, closed, refunded or empty), `told_state` (a status cell
    is filled), `has_time` (the cell of `paid_at` is filled), `bad_money` (a filled money cell cannot be read)
    and `is_gift`.
    """
    rows = gathered.rows
    rows = rows.assign(refund=_no_refund(rows["refund"], platform), channel=_channel(gathered, platform))
    numbers = _numbers(rows, gathered.present)
    bad = pd.concat([numbers[f].isna() & rows[f].notna() for f in ("amount", "total", "refund")], axis=1)
    paid_at = moments.moments(
        rows["paid_at"],
        what=tell("the payment time in {names}", names=", ".join(names[:3])),
        date_format=date_format,
        timezone=timezone,
        first_year=platform.first_year,
    )
    is_gift = rows["gift"].notna() & ~rows["gift"].str.lower().isin(["0", "no", "false", "否"])
    return rows.assign(
        **numbers,
        bad_money=bad.any(axis=1),
        has_time=rows["paid_at"].notna(),
        paid_at=paid_at,
        state=_state(rows, platform),
        told_state=rows["status"].notna(),
        is_gift=is_gift,
        **buyer(
            people.customer_id,
            people.hidden.map({True: HIDDEN, False: NO_BUYER}),
            is_gift=is_gift,
            order_id=rows["order_id"],
            recipient=platform.gift_names_recipient,
            gifts=gifts,
        ),
    )


def _numbers(rows: pd.DataFrame, present: frozenset[str]) -> dict[str, pd.Series]:
    nothing = pd.Series(np.nan, index=rows.index)
    numbers = {field: cells.money(rows[field]) if field in present else nothing for field in _MONEY}
    if "amount" not in present:
        pieces, price = numbers["quantity"], numbers["price"]
        # Two minus signs are still a return.
        line = (pieces * price).where(~((pieces < 0) & (price < 0)), -pieces * price)
        numbers["amount"] = cells.believed(line.round(6))
    return numbers | {"refund": numbers["refund"].abs()}


def _no_refund(refund: pd.Series, platform: Platform) -> pd.Series:
    """Read words such as 无退款申请 in a refund column as 0."""
    return refund.mask(cells.says(refund, platform.words.no_refund), "0")


def _channel(gathered: Gathered, platform: Platform) -> pd.Series:
    channel = gathered.rows["channel"]
    if not platform.channels or "channel" not in gathered.present:
        return channel
    known = channel.map(lambda word: platform.channels.get(word, word), na_action="ignore").astype("str")
    return known.fillna(platform.channels[""]) if "" in platform.channels else known


def _state(rows: pd.DataFrame, platform: Platform) -> pd.Series:
    state = pd.Series("", index=rows.index, dtype="str")
    for name in ("refunded", "closed", "unpaid"):
        words = getattr(platform.words, name)
        either = cells.says(rows["status"], words) | (
            cells.says(rows["aftersale"], words) & (name == "refunded")
        )
        state = state.mask(either, name)
    return state


def _code(name: object) -> str:
    """Return a currency code as it is; any other text may be anything, so it stays unsaid."""
    return str(name) if re.fullmatch(r"[A-Z]{2,4}\$?|人民币", str(name)) else "other text"


def currency(gathered: Gathered, platform: Platform) -> str | None:
    """Return the one currency of the export.

    Raises
    ------
    InputError
        Two currencies stand in one export.
    """
    told = cells.each_once(gathered.rows["currency"], lambda distinct: distinct.str.upper())
    signs = [cells.currencies(gathered.rows[field]) for field in _SIGNED if field in gathered.present]
    for found in (told, pd.concat(signs)):
        counts = found.value_counts()
        if len(counts) > 1:
            listed = ", ".join(
                tell("{name} ({rows:,} rows)", name=_code(name), rows=rows)
                for name, rows in counts.head(4).items()
            )
            raise InputError(
                tell(
                    "the export mixes currencies: {listed}; split it and read each as its own shop.",
                    listed=listed,
                )
            )
    named = [found.dropna().iloc[0] for found in (told, *signs) if found.notna().any()]
    return str(named[0]) if named else platform.currency
