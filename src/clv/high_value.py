"""High-value customers: among the tenth with most money, those who also buy the dear things of a category.

A line's price is its money by piece, and it is dear above the 75 % point of its category's prices. A customer
buys dear things if at least half of the lines are dear. Where the export has no lines, orders stand for them.
Whether such customers stay so is seen by splitting the time in two.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from clv import kpi_words, purchase_days, survival, tables
from clv.language import tell
from clv.measuring import rates

TOP = 0.1  # of the customers by money
DEAR = 0.75  # point of a category's prices
GROUPS = ("high-value", "much money only", "all others")
_ROUGH = "rough share"  # how shares of few customers are written
_FEW = 20  # prices of a category, below which those of all categories are taken
_LONGEST = 365  # days of each of the two times that are compared
_SHORTEST = 30
_Z = float(norm.ppf((1 + survival.LEVEL) / 2))


@dataclass(frozen=True, eq=False)
class Stability:
    """What became of high-value customers in a second time as long as the first.

    Attributes
    ----------
    table
        Index group (GROUPS); customers; spend (mean in the first time); bought_again (share, in the second),
        again_low, again_high; stayed (share that is high-value in the second time too), stayed_low,
        stayed_high (Wilson); next_spend (mean in the second time, those who bought nothing included),
        next_low, next_high (90 %). Groups without customers are left out; no rows where nothing can be told.
    days
        Length of each of the two times.
    why_not
        Why nothing can be told; empty otherwise.
    """

    table: pd.DataFrame
    days: int
    why_not: str = ""


def members(
    orders: pd.DataFrame, lines: pd.DataFrame, *, until: date | str, days: int = _LONGEST
) -> pd.DataFrame:
    """Return every customer of the last `days` days, and who of them is high-value.

    Parameters
    ----------
    orders, lines
        ORDERS and LINES; lines may be empty.

    Returns
    -------
    Index customer_id: orders, spend, last_order, dear_share (of the lines, or orders, that are dear), top (of
    the tenth with most money), group (of GROUPS), most money first; no rows where nobody bought.

    Raises
    ------
    InputError
        `until` is not a date.
    """
    end = pd.Timestamp(tables.as_day(until))
    day = orders["paid_at"].dt.normalize()
    bought = orders[(day > end - pd.Timedelta(days=days)) & (day <= end)].dropna(subset="customer_id")
    each = bought.assign(dear=_dear(bought, lines)).groupby("customer_id")
    found = each.agg(
        orders=("amount", "size"),
        spend=("amount", "sum"),
        last_order=("paid_at", "max"),
        dear_share=("dear", "mean"),
    )
    found["spend"] = found["spend"].round(tables.MONEY_DIGITS)
    found["last_order"] = found["last_order"].dt.normalize()
    found["top"] = found["spend"].rank(method="max", ascending=False) <= max(TOP * len(found), 1)
    dear = found["top"] & (found["dear_share"] >= 0.5)
    found["group"] = np.select([dear, found["top"]], GROUPS[:2], GROUPS[2])
    return found.sort_values("spend", ascending=False, kind="stable")


def stability(orders: pd.DataFrame, lines: pd.DataFrame, *, until: date | str) -> Stability:
    """Return what became of the high-value customers of the time before last, in the last time.

    The two times are as long as each other: half the history each, at most 365 days.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    history = int(purchase_days.from_orders(orders, until=until)["followed"].max()) + 1
    days = min(history // 2, _LONGEST)
    if days < _SHORTEST:
        why = tell(
            "The history of {history} days is too short to see whether customers stay so.", history=history
        )
        return Stability(pd.DataFrame(), days, why)
    middle = tables.as_day(until) - pd.Timedelta(days=days)
    before = members(orders, lines, until=middle, days=days)
    after = members(orders, lines, until=until, days=days).reindex(before.index)
    later = before[["group", "spend"]].assign(
        next_spend=after["spend"].fillna(0.0),
        again=after["spend"].notna(),
        stayed=after["group"] == GROUPS[0],
    )
    rows = {group: _row(later[later["group"] == group]) for group in GROUPS}
    table = pd.DataFrame.from_dict({g: row for g, row in rows.items() if row["customers"]}, orient="index")
    if table.empty:
        return Stability(
            table, days, tell("Nobody bought in the {days} days before the last {days}.", days=days)
        )
    return Stability(table.rename_axis("group").astype({"customers": "int64"}), days)


def in_words(found: Stability) -> pd.DataFrame:
    """Return the table of `stability` as text, each number with its interval: what people read."""
    units = {
        "next_spend": ("next", "money"),
        "bought_again": ("again", _ROUGH),
        "stayed": ("stayed", _ROUGH),
    }
    table = found.table
    told = {
        name: [
            kpi_words.written(*row, unit=unit)
            for row in table[[name, f"{short}_low", f"{short}_high"]].itertuples(index=False)
        ]
        for name, (short, unit) in units.items()
    }
    return table[["customers", "spend"]].assign(**told)


def _row(later: pd.DataFrame) -> dict[str, float]:
    n, money = len(later), later["next_spend"]
    error = _Z * money.std(ddof=1) / np.sqrt(n) if n > 1 else np.nan
    row = {"customers": n, "spend": later["spend"].mean()}
    for name, column in (("again", "bought_again"), ("stayed", "stayed")):
        low, high = rates.wilson(later[name].sum(), n, level=survival.LEVEL)
        row |= {column: later[name].mean(), f"{name}_low": float(low), f"{name}_high": float(high)}
    mean = money.mean()
    return row | {"next_spend": mean, "next_low": max(mean - error, 0.0), "next_high": mean + error}


def _dear(bought: pd.DataFrame, lines: pd.DataFrame) -> NDArray[np.float64]:
    """Return the share of dear lines of each order; an order without lines is judged by its own money."""
    place = pd.Index(bought["order_id"]).get_indexer(lines["order_id"])
    good = (place >= 0) & (lines["quantity"] > 0).to_numpy() & (lines["amount"] > 0).to_numpy()
    mine, of = lines[good], place[good]
    category = mine["category"].where(mine["category"].notna(), bought["category"].to_numpy()[of])
    dear = _is_dear(mine["amount"] / mine["quantity"], category)
    count = np.bincount(of, minlength=len(bought))
    share = np.bincount(of, weights=dear, minlength=len(bought)) / np.maximum(count, 1)
    return np.where(count > 0, share, _is_dear(bought["amount"], bought["category"]))


def _is_dear(price: pd.Series, category: pd.Series) -> pd.Series:
    named = category.astype("str").where(category.notna(), "")
    known = price.groupby(named).agg(size="size", point=lambda p: p.quantile(DEAR))
    point = known["point"].where(known["size"] >= _FEW, price.quantile(DEAR) if len(price) else np.nan)
    return price > named.map(point).astype(float)
