"""Sentences for the reader about what an import met; counts and shares, never an id, a name or a phone."""

import pandas as pd

from clv.reading.losses import NOT_POSITIVE

_MANY, _NEARLY_ALL = 5, 0.9


def of_ids(rounded: pd.DataFrame, *, ordered: bool) -> tuple[str, ...]:
    """Return how many ids Excel has rounded, and whether rows stand for orders."""
    notes = []
    if not ordered:
        notes.append("The export has no order numbers, so each row is read as one order.")
    for name, what in (("order_id", "order numbers"), ("customer_id", "buyer ids")):
        count = int(rounded[name].sum())
        if count:
            notes.append(
                f"Excel has rounded the {what} of {count:,} rows ({count / len(rounded):.1%}); none of them "
                "fall together, so they can be used, but they will not match the platform's own."
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
    notes = [f"{tied:,} returned lines were set against the orders whose number they carry."] if tied else []
    if len(loose):
        money = -loose["kept"].sum()
        share = f", up to {money / kept:.1%} of it" if kept > 0 else ""
        notes.append(
            f"{len(loose):,} returned lines ({money:,.2f}) carry no number of a kept order and could not be "
            f"set against one: the kept money may be overstated by that much{share}."
        )
    return tuple(notes)


def of_lines(of_items: pd.DataFrame, orders: pd.DataFrame, *, asked: bool) -> tuple[str, ...]:
    """Return how many orders the item export explains."""
    if not asked or orders.empty:
        return ()
    known = orders["order_id"].isin(of_items["order_id"]).mean()
    return (f"The item export holds lines for {known:.1%} of the kept orders.",)


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
        f"In {same:,} of {len(several):,} orders with several rows every row carries the same money; if that "
        "is the order's total, it was counted once per row: keep one row per order, or map the line's money.",
    )
