"""Full price: who buys without a discount, who waits for one, and whether those who began with one came back.

What was taken off an order stands in the TERMS of the export. Where it does not, the items' list prices may
tell: their sum beside what was paid. Where neither does, nothing is known, and that is said.

A customer's share of orders at full price is drawn towards the shop's (`clv.following.shares`); where
customers do not differ beyond chance, nothing is said of any. What followed a discount is an association: who
takes one may be another kind of customer.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from clv import purchase_days, survival, tables
from clv.following import against_shop, listed, shares
from clv.measuring import rates

FULL, WAITS, OPEN = "buys at full price", "waits for discounts", "not enough evidence"
EDGES = (0.1, 0.2, 0.3)  # of the share taken off
NAMES = ("full price", "up to 10 % off", "10 to 20 % off", "20 to 30 % off", "over 30 % off")


@dataclass(frozen=True, eq=False)
class Read:
    """What was taken off each order of a customer, as far as it can be known.

    Attributes
    ----------
    orders
        customer_id, order_id, paid_at, amount, off (share taken off the list price, 0 to 1), band (one of
        `NAMES`); only orders of customers of which it is known.
    known
        Share of the orders of customers of which it is known.
    said
        Where that comes from, or why it is not known and what would help.
    """

    orders: pd.DataFrame
    known: float
    said: str


def read(orders: pd.DataFrame, lines: pd.DataFrame | None = None, terms: pd.DataFrame | None = None) -> Read:
    """Return what was taken off each order.

    Parameters
    ----------
    orders, lines, terms
        ORDERS, and the LINES and TERMS of these orders where there are any.
    """
    named = tables.check(orders, tables.ORDERS).dropna(subset="customer_id")
    off, said = listed.taken_off(named, lines, terms)
    at = np.searchsorted(EDGES, off.to_numpy(float), side="left") + 1
    band = np.where(off <= listed.NOTHING, NAMES[0], np.array(NAMES)[np.minimum(at, len(NAMES) - 1)])
    told = named[["customer_id", "order_id", "paid_at", "amount"]].assign(off=off, band=band)
    return Read(
        told[off.notna()].reset_index(drop=True), float(off.notna().mean()) if len(off) else 0.0, said
    )


def shop(found: Read) -> tuple[float, float, float]:
    """Return the share of orders at full price with its 90 % interval; customers are the units of chance.

    Missing where nothing is known.
    """
    if found.orders.empty:
        return np.nan, np.nan, np.nan
    full = (found.orders["band"] == NAMES[0]).groupby(found.orders["customer_id"])
    k, n = full.sum().to_numpy(float), full.size().to_numpy(float)
    return shares.of_all(k, n)


def bands(found: Read) -> pd.DataFrame:
    """Return how deep the discounts were.

    Returns
    -------
    Index band, the full price first, only those that occur: orders, share (of the orders), low, high (90 %,
    customers as the units of chance), money_share (of the money paid).
    """
    told, rows = found.orders, {}
    n = told.groupby("customer_id").size().to_numpy(float)
    for name in NAMES:
        mine = told["band"] == name
        if mine.any():
            k = mine.groupby(told["customer_id"]).sum().to_numpy(float)
            share, low, high = shares.of_all(k, n)
            row = {"orders": int(mine.sum()), "share": share, "low": low, "high": high}
            rows[name] = row | {"money_share": told.loc[mine, "amount"].sum() / told["amount"].sum()}
    columns = ["orders", "share", "low", "high", "money_share"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("band")


def by_customer(found: Read) -> pd.DataFrame:
    """Return each customer's share of orders at full price, and what may be said of it.

    Returns
    -------
    Index customer_id: orders (of which it is known), full (of these, at full price), share (believed), low,
    high (90 %), discounted (chance that the customer buys more often at a discount than not), says ('buys at
    full price', 'waits for discounts', 'not enough evidence'; see `clv.following.shares.by_customer`).
    """
    full = found.orders["band"] == NAMES[0]
    table = shares.by_customer(full, found.orders["customer_id"]).rename(columns={"k": "full", "n": "orders"})
    says = {shares.MOSTLY: FULL, shares.SELDOM: WAITS, shares.OPEN: OPEN}
    return table.assign(discounted=1 - table["half"], says=table["says"].map(says)).drop(columns="half")


def check(found: Read, *, until: date | str, days: int = 0) -> pd.DataFrame:
    """Return whether customers of whom something was said then bought so: their first order after a day.

    Parameters
    ----------
    days
        Days at the end that are hidden; 0: a quarter of the history.

    Returns
    -------
    Index says, only those that occur: customers (who bought later), full (share at full price), low, high
    (90 %, Wilson).
    """
    told, last = found.orders, pd.Timestamp(tables.as_day(until))
    first = told["paid_at"].min() if len(told) else last
    end = last - pd.Timedelta(days=days or (last - first).days // 4) + pd.Timedelta(days=1)
    before = told[told["paid_at"] < end]
    later = told[(told["paid_at"] >= end) & (told["paid_at"] < last + pd.Timedelta(days=1))]
    if before.empty or later.empty:
        return pd.DataFrame(columns=["customers", "full", "low", "high"]).rename_axis("says")
    then = by_customer(Read(before, found.known, found.said))["says"]
    came = later.sort_values("paid_at", kind="stable").drop_duplicates("customer_id").set_index("customer_id")
    both = then.to_frame().join((came["band"] == NAMES[0]).rename("full"), how="inner")
    rows = both.groupby("says")["full"].agg(["size", "sum"])
    low, high = rates.wilson(rows["sum"], rows["size"], level=shares.LEVEL)
    table = {"customers": rows["size"], "full": rows["sum"] / rows["size"], "low": low, "high": high}
    return pd.DataFrame(table).reindex([name for name in (FULL, WAITS, OPEN) if name in rows.index])


def second_orders(
    found: Read, orders: pd.DataFrame, *, until: date | str, days: int = 180
) -> tuple[pd.DataFrame, float]:
    """Return how many came back, by the discount of their first order.

    Returns
    -------
    Index band, only those that occur: customers (new ones whose first order is known), followed (seen for
    `days`), share (with a second purchase day within `days`), low, high (90 %; missing with fewer than ten);
    and how often bands that do not differ would look this different (Cochran's Q), missing where that cannot
    be asked.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    waits = purchase_days.from_orders(orders, until=until).query("step == 1")
    first = found.orders.assign(day=found.orders["paid_at"].dt.normalize())
    first = first.sort_values("paid_at", kind="stable").drop_duplicates("customer_id")
    known = waits.merge(first[["customer_id", "day", "band"]], on=["customer_id", "day"])
    gap = np.minimum(known["gap"], days).to_numpy(np.int64)
    came, rows = (known["returned"] & (known["gap"] <= days)).to_numpy(bool), {}
    for name in NAMES:
        mine = (known["band"] == name).to_numpy()
        if mine.any():
            one = survival.shares_within(known[mine], days=[days]).drop(columns="days").iloc[0]
            error = against_shop.error_of_returns(gap[mine], all_gaps=gap, all_returned=came)
            rows[name] = {"customers": int(mine.sum()), **one, "error": error}
    columns = ["customers", "followed", "share", "low", "high", "error"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("band")
    differ = against_shop.differ(table["share"].to_numpy(float), table["error"].to_numpy(float))
    return table.drop(columns="error").astype({"followed": int}), differ
