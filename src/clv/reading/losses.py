"""Why a row, or part of its money, is not in the orders: each reason marked once, then counted.

The balance law: money read = money kept + money of all reasons of stage 'read', to the cent.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from clv import tables
from clv.errors import InputError
from clv.language import tell
from clv.reading import refunds
from clv.reading.refunds import HALF_CENT, Identity
from clv.sources import RefundIs

UNPAID, CLOSED_BEFORE, CLOSED_AFTER = "not paid", "closed before payment", "closed after payment"
BAD_DATE, BAD_MONEY, TOO_LATE = "unreadable date", "unreadable amount", "after the last day"
REFUNDED, PART_BACK, NOT_POSITIVE = (
    "fully refunded",
    "part of kept orders paid back",
    "negative or zero amount",
)
DIFFERENCE = "discount between total and paid"
_FEW = 0.01
_MOST_OF_ALL = 1e13  # what adds up to more, a float no longer holds to the cent
_NOTHING = 1e-6  # money; a price of a tenth of a cent is still a price


def judge(
    units: pd.DataFrame, *, names: Sequence[str], until: date | None, platform_says: RefundIs
) -> tuple[pd.DataFrame, Identity]:
    """Return `units` with every reason and with `gross`, `kept`, `refunded` money, and the identity found.

    Raises
    ------
    InputError
        As `mark_unusable` does; or the money adds up to more than a float holds to the cent.
    """
    marked = mark_unusable(units, names=names, until=until)
    identity = identity_of(marked, platform_says)
    weighed = weigh(marked, identity)
    _refuse_too_much(weighed, names)
    return set_returns_against_orders(weighed), identity


def mark_unusable(units: pd.DataFrame, *, names: Sequence[str], until: date | None) -> pd.DataFrame:
    """Return `units` with reasons that need no arithmetic: unpaid, closed, unreadable, too late.

    Raises
    ------
    InputError
        More than 1 % of the paid rows have an unreadable date or amount.
    """
    marked = _because(units, CLOSED_BEFORE, (units["state"] == "closed") & ~units["has_time"])
    no_time = ~marked["has_time"] & ~marked["told_state"]
    marked = _because(marked, UNPAID, (marked["state"] == "unpaid") | no_time)
    paid = marked["reason"].isna()
    bad_date, bad_money = (
        paid & marked["paid_at"].isna(),
        paid & (marked["amount"].isna() | marked["bad_money"]),
    )
    _refuse_many(
        marked, bad_date, paid, names, "payment time",
        "expected is 2026-06-30 18:05 or the like (2000 to 2100); else give date_format, as '%d/%m/%Y %H:%M'",
    )  # fmt: skip
    _refuse_many(
        marked, bad_money, paid, names, "amount", "expected is a number such as 1234.50 or ￥1,234.50"
    )
    marked = _because(_because(marked, BAD_DATE, bad_date), BAD_MONEY, bad_money)
    if until is None:
        return marked
    late = marked["paid_at"].dt.normalize() > pd.Timestamp(until)
    sound = marked["reason"].isna()
    if sound.any() and late[sound].all():
        first = marked.loc[sound, "paid_at"].min().date()
        raise InputError(
            tell(
                "the last day {until} lies before the first paid order ({first}); give a later day.",
                until=until,
                first=first,
            )
        )
    return _because(marked, TOO_LATE, late)


def _because(units: pd.DataFrame, reason: str, where: pd.Series) -> pd.DataFrame:
    return units.assign(reason=units["reason"].mask(units["reason"].isna() & where, reason))


def _refuse_many(
    units: pd.DataFrame, bad: pd.Series, paid: pd.Series, names: Sequence[str], what: str, expected: str
) -> None:
    if bad.sum() <= _FEW * paid.sum():
        return
    first = units[bad].iloc[0]
    raise InputError(
        tell(
            "{bad:,} of {paid:,} paid rows have an unreadable {what}, first row {row} of {names}; "
            "{expected}.",
            bad=bad.sum(),
            paid=paid.sum(),
            what=what,
            row=first["row"],
            names=names[first["file"]],
            expected=expected,
        )
    )


def _refuse_too_much(units: pd.DataFrame, names: Sequence[str]) -> None:
    money = units[["gross", "kept", "refunded"]].abs()
    if not money.sum().max() > _MOST_OF_ALL:
        return
    first = units.loc[money.max(axis=1).idxmax()]
    raise InputError(
        tell(
            "the money adds up to more than {most:,.0f}, which no shop takes; the largest stands in row "
            "{row} of {names}: is a column of numbers or phones taken for money?",
            most=_MOST_OF_ALL,
            row=first["row"],
            names=names[first["file"]],
        )
    )


def weigh(units: pd.DataFrame, identity: Identity) -> pd.DataFrame:
    """Return `units` with `gross`, `kept` and `refunded` money, and reasons that follow from them."""
    due, back = units["amount"], units["refund"].fillna(0.0)
    amount = due - units["outstanding"].fillna(0.0)
    kept = refunds.kept(identity, total=_due(units), amount=amount, refund=back)
    gross = units["total"].fillna(due + back.where(kept.eq(amount), 0.0)).fillna(0.0)
    weighed = units.assign(gross=gross, kept=kept, refunded=back)
    wholly = (units["state"] == "refunded") & (back <= HALF_CENT) & (kept > _NOTHING)
    gone = wholly | ((back > HALF_CENT) & (kept <= HALF_CENT))
    weighed = _because(weighed, REFUNDED, gone)
    weighed = _because(weighed, CLOSED_AFTER, units["state"] == "closed")
    return _because(weighed, NOT_POSITIVE, kept <= _NOTHING)


def identity_of(units: pd.DataFrame, platform_says: RefundIs) -> Identity:
    """Test the refund identity on the units that nothing speaks against yet."""
    paid = units[units["reason"].isna()]
    amount = paid["amount"] - paid["outstanding"].fillna(0.0)
    return refunds.identify(
        total=_due(paid), amount=amount, refund=paid["refund"], platform_says=platform_says
    )


def _due(units: pd.DataFrame) -> pd.Series:
    return units["total"] - units["discount"].fillna(0.0)


def set_returns_against_orders(units: pd.DataFrame) -> pd.DataFrame:
    """Take returned lines (negative money) off the order whose number they carry.

    The lines stay left out; what they take off goes to `refunded` of the order's kept lines, largest first.
    """
    back = units["reason"].eq(NOT_POSITIVE) & (units["kept"] < 0)
    good = units["reason"].isna()
    owed = -units[back].groupby("order_id")["kept"].sum()
    rows = units[good & units["order_id"].isin(owed.index)]
    if rows.empty:
        return units.assign(tied=False)
    rows = rows.sort_values("kept", ascending=False, kind="stable")
    before = rows.groupby("order_id")["kept"].cumsum() - rows["kept"]
    left = (rows["order_id"].map(owed) - before).clip(lower=0.0)
    taken = np.minimum(left, rows["kept"]).reindex(units.index).fillna(0.0)
    settled = units.assign(
        kept=units["kept"] - taken,
        refunded=units["refunded"] + taken,
        tied=back & units["order_id"].isin(rows["order_id"]),
    )
    left_of_order = settled.loc[rows.index].groupby("order_id")["kept"].sum()
    gone = left_of_order.index[left_of_order <= HALF_CENT]
    return _because(settled, REFUNDED, good & units["order_id"].isin(gone))


def tally(units: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Return the LOSSES table of weighed units and the orders made of them."""
    left_out = units[units["reason"].notna()]
    counted = left_out.groupby("reason", sort=True).agg(
        rows=("n_rows", "sum"), orders=("order_id", "nunique"), money=("gross", "sum")
    )
    kept = units[units["reason"].isna()]
    gap = kept["gross"] - kept["kept"] - kept["refunded"]
    parts = pd.DataFrame(
        [_part(PART_BACK, kept, kept["refunded"]), _part(DIFFERENCE, kept, gap)],
        columns=["reason", "rows", "orders", "money"],
    )
    read = pd.concat([counted.reset_index(), parts[parts["rows"] > 0]]).assign(stage="read")
    nameless = kept[kept["order_id"].isin(orders.loc[orders["customer_id"].isna(), "order_id"])]
    why = nameless.groupby("order_id")["no_buyer"].first()
    nobody = nameless.groupby(nameless["order_id"].map(why)).agg(
        rows=("n_rows", "sum"), orders=("order_id", "nunique"), money=("kept", "sum")
    )
    named = nobody.rename_axis("reason").reset_index().assign(stage="customers")
    both = pd.concat([read, named])[["stage", "reason", "rows", "orders", "money"]]
    return tables.check(both.reset_index(drop=True), tables.LOSSES)


def _part(reason: str, kept: pd.DataFrame, money: pd.Series) -> tuple[str, int, int, float]:
    there = money.abs() > HALF_CENT
    return reason, int(kept.loc[there, "n_rows"].sum()), kept.loc[there, "order_id"].nunique(), money.sum()
