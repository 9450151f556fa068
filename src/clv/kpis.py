"""The key numbers that shops speak of, each with one formula, its interval, and what it is made of.

Words such as repurchase rate, churn or stickiness have many meanings; here each has one, written beside it.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.stats import norm

from clv import purchase_days, second_order, survival, tables, visits
from clv.language import tell
from clv.measuring import rates

A_YEAR = 365
QUIET = 90  # days without an order after which an active customer counts as churned
WITHIN = 7  # days after a visit within which an order counts as its fruit
HORIZONS = (90, 180, 365)
_Z = float(norm.ppf((1 + survival.LEVEL) / 2))
Ends = tuple[float, float, float]
_UNKNOWN: Ends = (np.nan, np.nan, np.nan)


@dataclass(frozen=True)
class _Seen:
    """Orders up to the last day, and the purchase days of the customers whom they name."""

    orders: pd.DataFrame
    days: pd.DataFrame
    end: pd.Timestamp

    def since(self, back: int, until: int = 0) -> pd.DataFrame:
        """Return purchase days that lie from `back` - 1 to `until` days before the last day."""
        ago = (self.end - self.days["day"]).dt.days
        return self.days[(ago < back) & (ago >= until)]


def table(orders: pd.DataFrame, *, until: date | str, visited: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the key numbers of the last year.

    Parameters
    ----------
    orders
        An ORDERS table.
    until
        Last day of observation.
    visited
        A VISITS table; without one the conversion rate is missing.

    Returns
    -------
    One row per number: number (English), number_zh, value, low, high (90 %; missing where money is merely
    counted), unit ('share', 'money', 'orders'), formula (in words). A number that the data do not carry has
    no value, and its formula says what it would need.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    end = pd.Timestamp(tables.as_day(until))
    bought = orders[orders["paid_at"].dt.normalize() <= end]
    seen = _Seen(bought, purchase_days.from_orders(bought, until=until), end)
    rows = [*_repurchase(seen), *_the_rest(seen, visited)]
    return pd.DataFrame(rows, columns=["number", "number_zh", "value", "low", "high", "unit", "formula"])


def by_cohort(orders: pd.DataFrame, *, until: date | str, days: tuple[int, ...] = HORIZONS) -> pd.DataFrame:
    """Return the repurchase rate of each quarter's new customers.

    Returns
    -------
    One row per quarter: cohort (pandas Period), customers; for each horizon within_90 and so on (share with a
    second purchase day by then, Kaplan-Meier), within_90_low, within_90_high (90 %). Missing where fewer than
    ten customers were followed that long.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    first = purchase_days.from_orders(orders, until=until).query("step == 1")
    rows = []
    for cohort, mine in first.groupby(first["day"].dt.to_period("Q")):
        row = {"cohort": cohort, "customers": len(mine)}
        for one in survival.shares_within(mine, days=days).itertuples():
            name = f"within_{one.days}"
            row |= {name: one.share, f"{name}_low": one.low, f"{name}_high": one.high}
        rows.append(row)
    return pd.DataFrame(rows)


def _repurchase(seen: _Seen) -> list[tuple]:
    rows = []
    for one in second_order.chances(seen.orders, until=seen.end.date(), days=HORIZONS).itertuples():
        formula = tell(
            "of all customers, those who bought again within {days} days of the first purchase day; "
            "those seen for less count for the time seen (Kaplan-Meier)",
            days=one.days,
        )
        names = tell("repurchase, {days} days", days=one.days), "复购率"
        rows.append((*names, one.share, one.low, one.high, "share", formula))
    return rows


def _the_rest(seen: _Seen, visited: pd.DataFrame | None) -> list[tuple]:
    year = seen.since(A_YEAR)
    recent = seen.orders[(seen.end - seen.orders["paid_at"].dt.normalize()).dt.days < A_YEAR]
    each = year.groupby("customer_id").size()
    per_buyer = recent.dropna(subset="customer_id").groupby("customer_id").size()
    known = "of the buyers of the last 365 days"
    return [
        ("repeat buyers", "年度复购率", *_share((each > 1).sum(), len(each)), "share",
         tell("{known}, those who bought on two or more of these days", known=known)),
        ("new buyers", "新客占比", *_share((year["step"] == 1).sum(), len(each)), "share",
         tell("{known}, those whose first purchase day is one of these", known=known)),
        ("orders per buyer", "人均订单数", *_mean(per_buyer), "orders",
         tell("orders {known}, over these buyers", known=known)),
        ("average order", "客单价", *_mean(recent["amount"]), "money",
         "money kept of the orders of the last 365 days, over these orders"),
        ("churn", "流失率", *_churn(seen), "share",
         tell("of those who bought in the {quiet} days before the last {quiet}, who has bought nothing "
              "since; without contracts nobody is seen to leave, only to fall silent", quiet=QUIET)),
        ("stickiness", "品牌黏性", *_stickiness(year), "share",
         "of the money of named buyers of the last 365 days, what came after their first purchase day"),
        ("refund share", "退款率", *_refunds(recent), "share",
         "of the money paid for orders of the last 365 days, what was paid back (not whole orders)"),
        _conversion(seen, visited),
        ("bounce rate", "跳失率", *_UNKNOWN, "share",
         "visits of one page over all visits; needs the platform's traffic report, as strangers bounce too"),
    ]  # fmt: skip


def _share(hits: float, n: int) -> Ends:
    if not n:
        return _UNKNOWN
    low, high = rates.wilson(hits, n, level=survival.LEVEL)
    return hits / n, float(low), float(high)


def _mean(values: pd.Series) -> Ends:
    if len(values) < 2:
        return (float(values.mean()), np.nan, np.nan) if len(values) else _UNKNOWN
    half = _Z * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(values.mean() - half), float(values.mean() + half)


def _stickiness(year: pd.DataFrame) -> Ends:
    """Return the share of the money that came on later purchase days; its error as customers differ."""
    total = year["amount"].sum()
    if not total:
        return _UNKNOWN
    later = year["amount"].where(year["step"] > 1, 0.0)
    share = later.sum() / total
    miss = (later - share * year["amount"]).groupby(year["customer_id"]).sum()
    half = _Z * np.sqrt((miss**2).sum()) / total
    return float(share), float(max(share - half, 0)), float(min(share + half, 1))


def _refunds(recent: pd.DataFrame) -> Ends:
    paid = recent["amount"].sum() + recent["refunded"].sum()
    return float(recent["refunded"].sum() / paid) if paid else np.nan, np.nan, np.nan


def _churn(seen: _Seen) -> Ends:
    active = seen.since(2 * QUIET, QUIET)["customer_id"].drop_duplicates()
    silent = ~active.isin(seen.since(QUIET)["customer_id"])
    return _share(int(silent.sum()), len(active))


def _conversion(seen: _Seen, visited: pd.DataFrame | None) -> tuple:
    name, found = ("visitors who buy", "转化率"), pd.DataFrame()
    if visited is not None and len(visited):
        found = visits.came_back(visited, seen.orders, until=seen.end.date(), within=[WITHIN])
        found = found[found["kind"] == "viewed"]
    if found.empty:
        return *name, *_UNKNOWN, "share", "orders after visits; it needs a file of visits (`visits:`)"
    formula = tell(
        "of customers in the visits file, those who ordered within {within} days of their first "
        "look; strangers are in no file, so it lies above what platforms call conversion",
        within=WITHIN,
    )
    return *name, *found[["share", "low", "high"]].iloc[0], "share", formula
