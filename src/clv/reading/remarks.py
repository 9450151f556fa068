"""Sentences for the reader about what an import met; counts and shares, never an id, a name or a phone."""

import pandas as pd

from clv.language import tell
from clv.reading.losses import NOT_POSITIVE

_MANY, _NEARLY_ALL = 5, 0.9


def of_ids(rounded: pd.DataFrame, *, ordered: bool) -> tuple[str, ...]:
    """Return how many ids Excel has rounded, and whether rows stand for orders."""
    notes = []
    if not ordered:
        notes.append(tell("The export has no order numbers, so each row is read as one order."))
    for name, what in (("order_id", "order numbers"), ("customer_id", "buyer ids")):
        count = int(rounded[name].sum())
        if count:
            notes.append(
                tell(
                    "Excel has rounded the {what} of {count:,} rows ({count2:.1%}); none of them fall "
                    "together, so they can be used, but they will not match the platform's own.",
                    what=what,
                    count=count,
                    count2=count / len(rounded),
                )
            )
    return tuple(notes)


def of_money(units: pd.DataFrame, *, level: str) -> tuple[str, ...]:
    """Return what may make the kept money too high: returns without an order, totals counted per line."""
    repeated = _repeated_totals(units[units["reason"].isna()]) if level == "line" else ()
    return (*_returns(units), *repeated)


def _returns(units: pd.DataFrame) -> tuple[str, ...]:
    """Return how much returned money could not be set against an order."""
    back = units[units["reason"].eq(NOT_POSITIVE) & (units["kept"] < 0)]
    loose, kept = back[~back["tied"]], units.loc[units["reason"].isna(), "kept"].sum()
    tied = len(back) - len(loose)
    notes = (
        [tell("{tied:,} returned lines were set against the orders whose number they carry.", tied=tied)]
        if tied
        else []
    )
    if len(loose):
        money = -loose["kept"].sum()
        share = tell(", up to {money:.1%} of it", money=money / kept) if kept > 0 else ""
        notes.append(
            tell(
                "{loose:,} returned lines ({money:,.2f}) carry no number of a kept order and could not "
                "be set against one: the kept money may be overstated by that much{share}.",
                loose=len(loose),
                money=money,
                share=share,
            )
        )
    return tuple(notes)


def of_lines(of_items: pd.DataFrame, orders: pd.DataFrame, *, asked: bool) -> tuple[str, ...]:
    """Return how many orders the item export explains."""
    if not asked or orders.empty:
        return ()
    known = orders["order_id"].isin(of_items["order_id"]).mean()
    return (tell("The item export holds lines for {known:.1%} of the kept orders.", known=known),)


def _repeated_totals(kept: pd.DataFrame) -> tuple[str, ...]:
    """Warn where the lines of nearly every order carry the same money: it may be the order's total."""
    if kept["price"].notna().any():
        return ()
    by = kept.groupby("order_id")["kept"]
    several = by.nunique()[by.size() > 1]
    same = int((several == 1).sum())
    if same < _MANY or same < _NEARLY_ALL * len(several):
        return ()
    return (
        tell(
            "In {same:,} of {several:,} orders with several rows every row carries the same money; "
            "if that is the order's total, it was counted once per row: keep one row per order, or "
            "map the line's money.",
            same=same,
            several=len(several),
        ),
    )
