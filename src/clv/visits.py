"""Visits: what was looked at and not bought, how many come back by themselves, and who never bought yet.

What a message after so many days would add, only a test with a control group can tell; what comes of a cart
without any message is counted here, and it is the part that a coupon would only be given away on.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from clv.errors import InputError
from clv.measuring import rates

STRENGTH = ("logged_in", "viewed", "favourited", "carted")  # weakest first
DELAYS = (1, 3, 7, 14)
LEVEL = 0.90
_CHECKED = ["learned_n", "learned", "n", "ordered", "share", "low", "high", "fits"]
_DAY = pd.Timedelta(days=1)


def came_back(
    visits: pd.DataFrame, orders: pd.DataFrame, *, until: date, within: Sequence[int] = DELAYS
) -> pd.DataFrame:
    """Return how many of those who looked at something ordered within so many days, by themselves.

    Each customer counts once for each kind, by the first such visit; visits younger than the days asked for
    are left out, since nobody knows yet.

    Parameters
    ----------
    visits, orders
        VISITS and ORDERS tables.
    until
        Last day of observation.

    Returns
    -------
    kind, days, visitors, ordered, share, low, high (Wilson, 90 %).
    """
    seen = visits.drop_duplicates(["customer_id", "kind"])[["customer_id", "kind", "at"]]
    end = pd.Timestamp(until) + _DAY
    gap = _until_next_order(seen, orders)
    rows = []
    for kind in STRENGTH[::-1]:
        for days in within:
            old = seen["kind"].eq(kind) & (seen["at"] + days * _DAY <= end)
            hits = int((gap[old] <= days).sum())
            rows.append((kind, days, int(old.sum()), hits))
    found = pd.DataFrame(rows, columns=["kind", "days", "visitors", "ordered"])
    found = found[found["visitors"] > 0].reset_index(drop=True)
    low, high = rates.wilson(found["ordered"], found["visitors"], level=LEVEL)
    return found.assign(share=found["ordered"] / found["visitors"], low=low, high=high)


def _until_next_order(seen: pd.DataFrame, orders: pd.DataFrame) -> pd.Series:
    """Return the days from each visit to the customer's next order; infinite where there is none yet."""
    bought = orders.dropna(subset="customer_id")[["customer_id", "paid_at"]].sort_values("paid_at")
    left = seen.reset_index().sort_values("at")
    met = pd.merge_asof(left, bought, left_on="at", right_on="paid_at", by="customer_id", direction="forward")
    days = (met["paid_at"] - met["at"]) / _DAY
    return days.fillna(np.inf).set_axis(met["index"]).reindex(seen.index)


def left_lying(visits: pd.DataFrame, orders: pd.DataFrame, *, on: date, at_most: int = 14) -> pd.DataFrame:
    """Return what customers looked at and have not come back to: one row each, by their strongest sign.

    Who ordered anything since is left out.

    Parameters
    ----------
    on
        The day; later visits and orders are not looked at.
    at_most
        Days back to which visits are looked at.

    Returns
    -------
    customer_id (index); kind (the strongest), at (its last time), days_since, sku, category (of that visit),
    has_bought (whether the customer ever did).

    Raises
    ------
    InputError
        `at_most` is below 1.
    """
    if at_most < 1:
        raise InputError(f"visits of the last {at_most} days are none; look back 1 day or more.")
    end = pd.Timestamp(on) + _DAY
    recent = visits[(visits["at"] < end) & (visits["at"] >= end - at_most * _DAY)]
    bought = orders[orders["paid_at"] < end].groupby("customer_id")["paid_at"].max()
    last = recent["customer_id"].map(bought)
    open_ones = recent[~(last >= recent["at"])]
    # whoever ordered after an earlier visit and looked again is open by the later one only
    open_ones = open_ones.assign(strength=open_ones["kind"].map(STRENGTH.index))
    ranked = open_ones.sort_values(
        ["strength", "at", "category", "sku"], ascending=[False, False, True, True]
    )
    best = ranked.drop_duplicates("customer_id").set_index("customer_id")
    days = ((end - best["at"]) / _DAY).astype(int)
    found = best.assign(days_since=days, has_bought=best.index.isin(bought.index))
    return found[["kind", "at", "days_since", "sku", "category", "has_bought"]].sort_values(
        ["days_since", "kind"], kind="stable"
    )


def chances(
    visits: pd.DataFrame, orders: pd.DataFrame, *, until: date, horizon: int = 14, look_back: int = 14
) -> pd.DataFrame:
    """Return how likely visitors are to order, by what they did and whether they had bought; checked once.

    Rates are learned on a day two horizons before the last and held against what happened on a day one
    horizon before it.

    Returns
    -------
    kind, has_bought, learned_n, learned (share), n, ordered, share, low, high (Wilson, 90 %, of the later
    day), fits (whether the learned share lies within). Empty where the visits do not reach back far enough.
    """
    last = pd.Timestamp(until)
    first = visits["at"].min() if len(visits) else last
    if first > last - (2 * horizon + look_back) * _DAY:
        return pd.DataFrame(
            columns=[
                "kind",
                "has_bought",
                "learned_n",
                "learned",
                "n",
                "ordered",
                "share",
                "low",
                "high",
                "fits",
            ]
        )
    learned, later = (
        _counted(visits, orders, on=(last - days * _DAY).date(), horizon=horizon, look_back=look_back)
        for days in (2 * horizon, horizon)
    )
    both = learned.add_suffix("_then").join(later, how="outer").fillna(0).astype(int)
    low, high = rates.wilson(both["ordered"], both["n"], level=LEVEL)
    with np.errstate(invalid="ignore", divide="ignore"):
        before, after = both["ordered_then"] / both["n_then"], both["ordered"] / both["n"]
    found = both.assign(learned_n=both["n_then"], learned=before, share=after, low=low, high=high)
    found = found.assign(fits=found["learned"].between(found["low"], found["high"]))
    names = ["learned_n", "learned", "n", "ordered", "share", "low", "high", "fits"]
    return (
        found[names].reset_index().sort_values(["has_bought", "learned"], ascending=False, ignore_index=True)
    )


def _counted(
    visits: pd.DataFrame, orders: pd.DataFrame, *, on: date, horizon: int, look_back: int
) -> pd.DataFrame:
    """Return who stood where on a day, and how many of them ordered within the horizon: n, ordered."""
    there = left_lying(visits, orders, on=on, at_most=look_back)
    start = pd.Timestamp(on) + _DAY
    after = orders[(orders["paid_at"] >= start) & (orders["paid_at"] < start + horizon * _DAY)]
    ordered = there.index.isin(after["customer_id"])
    return (
        there.assign(ordered=ordered).groupby(["kind", "has_bought"])["ordered"].agg(n="size", ordered="sum")
    )


def first_coupon(
    *, visitors: int, p0: float, basket: float, margin: float, amounts: Sequence[float], contact: float = 0.0
) -> pd.DataFrame:
    """Return what a coupon for the first order has to move before it pays, by its amount.

    Whoever would have ordered anyway takes it too: needed = (p0 · amount + contact) / (margin · basket -
    amount), the break-even of domain arithmetic (gross profit of those won against what is given away).

    Parameters
    ----------
    visitors
        How many could be sent it.
    p0
        Their chance to order without it.
    basket, margin
        Money of a first order, and the part of it that is margin.

    Returns
    -------
    amount, needed (points of buyers that it must add; nan where no order pays for it), relative (needed /
    p0), given_away (money on those who come anyway).
    """
    amount = np.asarray(amounts, dtype=float)
    won = margin * basket - amount
    needed = np.where(won > 0, (p0 * amount + contact) / np.where(won > 0, won, np.nan), np.nan)
    needed = np.where(needed > 1 - p0, np.nan, needed)
    return pd.DataFrame(
        {
            "amount": amount,
            "needed": needed,
            "relative": needed / p0 if p0 > 0 else np.full(len(amount), np.nan),
            "given_away": visitors * p0 * amount,
        }
    )
