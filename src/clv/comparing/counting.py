"""A shop's key facts, counted within a stretch of days."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clv import purchase_days, survival, tables
from clv.comparing import estimates
from clv.comparing.estimates import LEVEL, Estimate
from clv.comparing.store import Store, Window
from clv.errors import InputError
from clv.language import tell

_WEEK, _YEAR = 7, 365
_FEWEST_WEEKS = 8  # before anything is said of how weeks jump


@dataclass(frozen=True, eq=False)
class Seen:
    """A shop's tables, ready to be counted in many windows.

    Attributes
    ----------
    orders
        who (a customer, or an order that names nobody), named, day, amount, orders (1), returning (money of
        known customers from their second purchase day on).
    returns
        who, day, refunded.
    waits
        Purchase days of known customers as `purchase_days.from_orders` makes them, with `who`.
    newcomers
        The first of them; new_customers (1).
    """

    first: pd.Timestamp
    until: pd.Timestamp
    orders: pd.DataFrame
    returns: pd.DataFrame
    waits: pd.DataFrame
    newcomers: pd.DataFrame


def seen(store: Store) -> Seen:
    """Return a shop's tables up to its last day.

    Raises
    ------
    InputError
        A table is not what it should be, or there is no order up to that day.
    """
    until = pd.Timestamp(store.until)
    orders, returns = store.tables()
    orders = tables.check(orders, tables.ORDERS)
    orders = orders.assign(day=orders["paid_at"].dt.normalize()).query("day <= @until")
    if orders.empty:
        raise InputError(
            tell(
                "{store:s} has no order up to {until}; give a later day.", store=store.name, until=store.until
            )
        )
    who, ids = pd.factorize(orders["customer_id"])
    orders = orders.assign(named=who >= 0, orders=1.0, who=_numbered(who, len(ids)))
    first = orders.groupby("who")["day"].transform("min")
    orders["returning"] = orders["amount"].where(orders["named"] & (orders["day"] > first), 0.0)
    waits = _waits(orders, ids, until)
    orders = orders[["who", "named", "day", "amount", "orders", "returning"]]
    newcomers = waits[waits["step"] == 1].assign(new_customers=1.0)
    returns = _returns(returns, ids, until)
    return Seen(orders["day"].min(), until, orders, returns, waits, newcomers)


def facts(shop: Seen, window: Window, *, return_days: int = 90, active_days: int = 90) -> dict[str, Estimate]:
    """Return every measure of `measures.MEASURES` for a window; what too few can tell is UNKNOWN.

    Parameters
    ----------
    return_days
        Days within which the second order of those counts who came in the window. They are followed to the
        last day of observation, so those of a late window have had less time: Kaplan & Meier.
    active_days
        Days back from the window's end within which an order makes a customer active.
    """
    return _bought(shop, window) | _came_back(shop, window, return_days=return_days, active_days=active_days)


def _bought(shop: Seen, window: Window) -> dict[str, Estimate]:
    """Return what the orders within the window say."""
    orders = shop.orders[window.holds(shop.orders["day"])]
    sums = orders.groupby("who")[["amount", "orders", "returning"]].sum()
    named = sums[sums.index.isin(orders.loc[orders["named"], "who"])]
    money, count = (sums[name].to_numpy(dtype=float) for name in ("amount", "orders"))
    found = {
        "orders": _total(shop, window, shop.orders, "orders", count),
        "money": _total(shop, window, shop.orders, "amount", money),
        "new_customers": _new_customers(shop, window, orders["named"]),
    }
    kept = named["amount"].to_numpy(dtype=float)
    return found | {
        "average_order": estimates.mean(money, count),
        "returning_share": estimates.share_of_sums(named["returning"].to_numpy(dtype=float), kept),
        "refund": _refund(shop, window, named["amount"]),
        "gini": estimates.gini(kept),
        "known": estimates.share(orders["named"].mean(), len(orders)),
    }


def _total(shop: Seen, window: Window, rows: pd.DataFrame, name: str, sums: np.ndarray) -> Estimate:
    year = Window("", max(window.last - pd.Timedelta(days=_YEAR - 1), shop.first), window.last)
    return estimates.total(sums, months=window.months, dispersion=_dispersion(rows, name, year))


def _new_customers(shop: Seen, window: Window, named: pd.Series) -> Estimate:
    if shop.newcomers.empty or (len(named) and not named.any()):  # nobody named is nobody known, not nobody
        return estimates.UNKNOWN
    newcomers = np.ones(int(window.holds(shop.newcomers["day"]).sum()))
    return _total(shop, window, shop.newcomers, "new_customers", newcomers)


def _refund(shop: Seen, window: Window, kept: pd.Series) -> Estimate:
    if shop.returns.empty:  # the export hardly says so, rather than that nothing ever went back
        return estimates.UNKNOWN
    back = shop.returns[window.holds(shop.returns["day"])].groupby("who")["refunded"].sum()
    both = pd.concat([kept, back], axis=1).fillna(0.0)
    part = both["refunded"].to_numpy(dtype=float)
    return estimates.share_of_sums(part, both["amount"].to_numpy(dtype=float) + part)


def _came_back(shop: Seen, window: Window, *, return_days: int, active_days: int) -> dict[str, Estimate]:
    """Return what the customers up to the window's end say."""
    waits = shop.waits
    newcomers = shop.newcomers[window.holds(shop.newcomers["day"])]
    so_far = waits[waits["day"] <= window.last].groupby("who")["day"].agg(["size", "max"])
    fresh = so_far["max"] >= window.last - pd.Timedelta(days=active_days)
    return {
        "second_order": _second_order(newcomers, return_days),
        "one_time": estimates.share((so_far["size"] == 1).mean(), len(so_far)),
        "active": estimates.share(fresh.mean(), len(so_far)),
    }


def _second_order(newcomers: pd.DataFrame, days: int) -> Estimate:
    """Return the share that is back within so many days, as if counted in customers who were all followed."""
    if newcomers.empty:
        return estimates.UNKNOWN
    row = survival.shares_within(newcomers, days=[days]).iloc[0]
    back, low, high = float(row["share"]), float(row["low"]), float(row["high"])
    if not 0 < back < 1:  # missing, too
        return estimates.share(back, float(row["followed"]), ends=(low, high))
    # the band is even on log(-log), where its width is the standard error's
    wide = np.log(np.log1p(-high) / np.log1p(-low)) / (2 * estimates.quantile(LEVEL))
    variance = ((1 - back) * np.log1p(-back) * wide) ** 2
    return estimates.share(back, back * (1 - back) / variance, ends=(low, high))


def _numbered(who: np.ndarray, known: int) -> np.ndarray:
    """Return customers' numbers, with a number of its own for each order that names nobody."""
    return np.where(who >= 0, who, known + np.arange(len(who)))


def _waits(orders: pd.DataFrame, ids: pd.Index, until: pd.Timestamp) -> pd.DataFrame:
    if not len(ids):
        kinds = {"day": "datetime64[ns]", "returned": bool}
        names = ["customer_id", "day", "amount", "step", "gap", "returned", "followed", "who"]
        return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "int64")) for name in names})
    found = purchase_days.from_orders(orders[list(tables.ORDERS.columns)], until=until.date())
    return found.assign(who=ids.get_indexer(found["customer_id"]))


def _returns(returns: pd.DataFrame, ids: pd.Index, until: pd.Timestamp) -> pd.DataFrame:
    """Return what went back; who got everything back has no order and is a customer of its own here."""
    found = tables.check(returns, tables.RETURNS)
    found = found.assign(day=found["paid_at"].dt.normalize()).query("day <= @until")
    strangers, _ = pd.factorize(found["customer_id"])
    known = ids.get_indexer(found["customer_id"])
    return found.assign(who=np.where(known >= 0, known, -1 - strangers))[["who", "day", "refunded"]]


def _dispersion(rows: pd.DataFrame, name: str, year: Window) -> float:
    """Return how far a year's weeks jump from one to the next, against customers who come by chance; from 1.

    Sales and festivals bring many at once. The mean square successive difference (von Neumann 1941, Annals of
    Mathematical Statistics 12:367) takes little notice of growth and season.
    """
    weeks = ((year.last - year.first).days + 1) // _WEEK
    if weeks < _FEWEST_WEEKS:
        return 1.0
    week = (year.last - rows["day"]).dt.days // _WEEK
    each = rows.assign(week=week)[week.between(0, weeks - 1)].groupby(["week", "who"])[name].sum()
    by_week = pd.DataFrame({"sum": each, "square": each**2}).groupby("week").sum()
    by_week = by_week.reindex(range(weeks), fill_value=0.0)
    jumps, chance = (by_week["sum"].diff() ** 2).sum(), by_week["square"].rolling(2).sum().sum()
    return max(1.0, float(jumps / chance)) if chance > 0 else 1.0
