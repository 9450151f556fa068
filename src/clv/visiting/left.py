"""What was looked at and not come back to, and how likely such visitors are to order; checked once."""

from datetime import date

import numpy as np
import pandas as pd

from clv.errors import InputError
from clv.language import tell
from clv.measuring import rates
from clv.visiting.moments import DAY, comparable, days_between

STRENGTH = ("logged_in", "viewed", "favourited", "carted")  # weakest first
LEVEL = 0.90
_CHECKED = ["learned_n", "learned", "n", "ordered", "share", "low", "high", "fits"]


def left_lying(visits: pd.DataFrame, orders: pd.DataFrame, *, on: date, at_most: int = 14) -> pd.DataFrame:
    """Return what customers looked at and have not come back to: one row each, by their strongest sign.

    Who ordered anything since is left out, and log-ins, which look at nothing. Where orders or visits are
    written in whole days, an order of the visit's day counts as one that came after it.

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
        raise InputError(
            tell("visits of the last {at_most} days are none; look back 1 day or more.", at_most=at_most)
        )
    end = pd.Timestamp(on) + DAY
    looked = visits["kind"].ne("logged_in") & (visits["at"] < end) & (visits["at"] >= end - at_most * DAY)
    recent, before = visits[looked], orders[orders["paid_at"] < end]
    at, paid_at = comparable(recent["at"], before["paid_at"])
    bought = paid_at.groupby(before["customer_id"]).max()
    last = bought.reindex(recent["customer_id"]).astype("datetime64[ns]")  # without any order too
    open_ones = recent[~(last.to_numpy() >= at.to_numpy())]
    # whoever ordered after an earlier visit and looked again is open by the later one only
    open_ones = open_ones.assign(strength=open_ones["kind"].map(STRENGTH.index))
    ranked = open_ones.sort_values(
        ["strength", "at", "category", "sku"], ascending=[False, False, True, True]
    )
    best = ranked.drop_duplicates("customer_id").set_index("customer_id")
    days = days_between(best["at"], pd.Timestamp(on))
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
    day), fits (whether both shares may be the same: the 90 % interval of their difference, Newcombe's, holds
    0). Cells without visitors on either day are left out; empty where the visits do not reach back far
    enough.
    """
    last = pd.Timestamp(until)
    first = visits["at"].min() if len(visits) else last
    if first > last - (2 * horizon + look_back) * DAY:
        return pd.DataFrame(columns=["kind", "has_bought", *_CHECKED])
    learned, later = (
        _counted(visits, orders, on=(last - days * DAY).date(), horizon=horizon, look_back=look_back)
        for days in (2 * horizon, horizon)
    )
    both = learned.add_suffix("_then").join(later, how="inner").astype(int)
    low, high = rates.wilson(both["ordered"], both["n"], level=LEVEL)
    less, more = rates.newcombe(both["ordered"], both["n"], both["ordered_then"], both["n_then"], level=LEVEL)
    found = both.assign(
        learned_n=both["n_then"], learned=both["ordered_then"] / both["n_then"],
        share=both["ordered"] / both["n"], low=low, high=high, fits=(less <= 0) & (more >= 0),
    )  # fmt: skip
    return (
        found[_CHECKED]
        .reset_index()
        .sort_values(["has_bought", "learned"], ascending=False, ignore_index=True)
    )


def _counted(
    visits: pd.DataFrame, orders: pd.DataFrame, *, on: date, horizon: int, look_back: int
) -> pd.DataFrame:
    """Return who stood where on a day, and how many of them ordered within the horizon: n, ordered."""
    there = left_lying(visits, orders, on=on, at_most=look_back)
    start = pd.Timestamp(on) + DAY
    after = orders[(orders["paid_at"] >= start) & (orders["paid_at"] < start + horizon * DAY)]
    ordered = np.asarray(there.index.isin(after["customer_id"]))
    return (
        there.assign(ordered=ordered).groupby(["kind", "has_bought"])["ordered"].agg(n="size", ordered="sum")
    )
