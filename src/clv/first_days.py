"""The first days of each customer: what was seen in them, and the money that came afterwards."""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv import festivals, purchase_days

_MOST, _FEW = 8, 20  # categories and channels told apart, and customers that one needs
_NAMED = ("category", "channel")


def aged(orders: pd.DataFrame, *, until: date | str) -> pd.DataFrame:
    """Return the orders of named customers up to `until`, in order of time, and how old their customers were.

    Returns
    -------
    The columns of ORDERS, and first_order (the customer's first day), followed (days from it to `until`), age
    (days from it to the order).

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    first = purchase_days.from_orders(orders, until=until).query("step == 1").set_index("customer_id")
    place = first.index.get_indexer(orders["customer_id"])
    named = orders[place >= 0].assign(
        first_order=first["day"].to_numpy()[place[place >= 0]],
        followed=first["followed"].to_numpy()[place[place >= 0]],
    )
    age = (named["paid_at"].dt.normalize() - named["first_order"]).dt.days
    return named.assign(age=age)[age <= named["followed"]].sort_values("paid_at", kind="stable")


def seen(
    aged: pd.DataFrame,
    *,
    early_days: int,
    terms: pd.DataFrame | None = None,
    known: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what each customer's first `early_days` days showed, the first order included.

    Parameters
    ----------
    aged
        As the function `aged` makes it.
    terms
        A TERMS table, for the discount; it is passed over without one.
    known
        Festivals as `festivals.table` gives them; ours when None.

    Returns
    -------
    Index customer_id, only customers whose first days are over: first_order (day), followed (days since
    then), money, orders, days (purchase days), largest (order), last_age (of the last order), categories (how
    many), refunded, gift, festival (first order in a window; 0 or 1), discount (share of the list price;
    missing where unknown), category, channel (of the first order; missing where unknown).
    """
    early = aged[(aged["followed"] >= early_days) & (aged["age"] < early_days)]
    each = early.assign(discount=_discount(early, terms)).groupby("customer_id")
    found = each.agg(
        first_order=("first_order", "first"),
        followed=("followed", "first"),
        money=("amount", "sum"),
        orders=("amount", "size"),
        days=("age", "nunique"),
        largest=("amount", "max"),
        last_age=("age", "max"),
        categories=("category", "nunique"),
        refunded=("refunded", "max"),
        gift=("is_gift", "max"),
        discount=("discount", "mean"),
    )
    first = early.drop_duplicates("customer_id").set_index("customer_id")
    return found.assign(
        refunded=(found["refunded"] > 0).astype(float),
        gift=found["gift"].astype(float),
        festival=in_window(found["first_order"], known).astype(float),
        **{name: first[name] for name in _NAMED},
    )


def later(aged: pd.DataFrame, *, early_days: int, days: int) -> pd.Series:
    """Return the money of the `days` days after each customer's first `early_days`; 0 where nothing came.

    Only customers who were followed to the end of these days.
    """
    whole = aged[aged["followed"] >= early_days + days - 1]
    inside = whole["age"].between(early_days, early_days + days - 1)
    return whole["amount"].where(inside, 0.0).groupby(whole["customer_id"]).sum().rename("later")


def features(found: pd.DataFrame) -> pd.DataFrame:
    """Return numbers to learn from, of `seen`: logarithms, shares, and one column for each common name.

    What is the same for all customers is left out by whoever learns.
    """
    columns = {
        "money": np.log(found["money"]),
        "orders": np.log(found["orders"]),
        "days": np.log(found["days"]),
        "again": (found["days"] > 1).astype(float),
        "largest": np.log(found["largest"] / found["money"]),
        "last_age": found["last_age"].astype(float),
        "categories": np.log1p(found["categories"]),
        "discount": found["discount"].fillna(0.0),
        "discount_unknown": found["discount"].isna().astype(float),
        **{name: found[name] for name in ("refunded", "gift", "festival")},
    }
    for name in _NAMED:
        counts = found[name].value_counts()
        for level in counts.index[counts >= _FEW][:_MOST]:
            columns[f"{name}: {level}"] = (found[name] == level).astype(float)
    return pd.DataFrame(columns, index=found.index)


def in_window(moment: pd.Series, known: pd.DataFrame | None = None) -> NDArray[np.bool_]:
    """Return whether each moment lies in a festival's window, both ends included.

    Parameters
    ----------
    known
        Festivals as `festivals.table` gives them; ours when None.
    """
    windows = festivals.table() if known is None else known
    day = moment.dt.normalize().to_numpy()
    # a day lies in a window if more have begun by then than had ended before
    begun = np.searchsorted(np.sort(windows["from"].to_numpy()), day, side="right")
    return begun > np.searchsorted(np.sort(windows["to"].to_numpy()), day, side="left")


def _discount(aged: pd.DataFrame, terms: pd.DataFrame | None) -> pd.Series:
    if terms is None:
        return pd.Series(np.nan, aged.index)
    mine = terms.drop_duplicates("order_id").set_index("order_id").reindex(aged["order_id"])
    off = mine["discount"].to_numpy(dtype=float)
    paid = (aged["amount"] + aged["refunded"]).to_numpy()
    listed = np.where(np.isnan(mine["list_amount"]), paid + off, mine["list_amount"])
    share = np.divide(off, listed, out=np.full(len(off), np.nan), where=listed > 0)
    return pd.Series(np.clip(share, 0, 1), aged.index)
