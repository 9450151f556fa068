"""The seasons of a shop: its weeks, how far festivals stand out of them, and a clock that knows festivals.

    orders → days → windows of each year → festivals (index) → clock → days that count for more or for less

A window is compared with what ordinary days lead to expect of the same customers.
"""

from datetime import date

import numpy as np
import pandas as pd
from scipy.stats import norm

from clv import festivals, purchase_days, tables
from clv.language import tell
from clv.seasons import days, levels, pooling
from clv.seasons.clock import YEAR, Clock, learn
from clv.seasons.days import NEW, RETURNING

__all__ = [
    "FEWER",
    "MORE",
    "NEW",
    "RETURNING",
    "UNTOLD",
    "YEAR",
    "Clock",
    "by_week",
    "index",
    "learn",
    "sentence",
    "standing_out",
]

MORE, FEWER, UNTOLD = "more", "fewer", "cannot tell"
_SIDE = float(norm.ppf(0.95))
_INDEX = [
    *("name_zh", "name", "who", "years", "bought", "usual"),
    *("factor", "low", "high", "told", "shared"),
]
_SHARED = 0.5  # of its days, from which a window counts as another festival's too


def index(orders: pd.DataFrame, *, until: date | str, known: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return how much more is bought in each festival's window than on ordinary days.

    Parameters
    ----------
    orders
        An ORDERS table.
    until
        Last day of observation.
    known
        The festivals' windows; see `festivals`.

    Returns
    -------
    One row per festival and kind of customer, festivals in the order of the year: name_zh; name; who ('new':
    first purchase days; 'returning': later ones); years (windows of which at least half was seen); bought
    (purchase days in them); usual (what ordinary days lead to expect of them); factor (mean of the years'
    bought / usual); low, high (90 %); told ('more' or 'fewer' where the interval leaves out 1 and there are
    two years, else 'cannot tell'); shared (other festivals that share at least half of the window's days).
    No rows where no window was seen, or too few ordinary days to compare with.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    known = festivals.table() if known is None else known
    bought = purchase_days.from_orders(orders, until=until)
    seen = days.table(bought, until=pd.Timestamp(tables.as_day(until)))
    found = {who: levels.fit(seen, known, who=who) for who in (RETURNING, NEW)}
    tables_of = [_index(one, who) for who, one in found.items() if one is not None]
    if not tables_of:
        return pd.DataFrame(columns=_INDEX)
    both = pd.concat(tables_of, ignore_index=True)
    return both.sort_values(["place", "who"], ascending=[True, False], ignore_index=True)[_INDEX]


def standing_out(table: pd.DataFrame, *, who: str = RETURNING) -> pd.DataFrame:
    """Return the festivals of an index that stand out for `who`, the farthest from ordinary days first."""
    told = table[(table["who"] == who) & (table["told"] != UNTOLD)]
    farthest = told["factor"].map(lambda factor: max(factor, 1 / factor)).sort_values(ascending=False)
    return told.loc[farthest.index].reset_index(drop=True)


def sentence(table: pd.DataFrame) -> str:
    """Return in words what an index shows."""
    if table.empty:
        return tell(
            "No festival can be held against ordinary days: none is known in these years, or orders are few."
        )
    if table["years"].max() == 1:
        return tell(
            "Every festival was seen once, so nobody can tell what belongs to it and what to that year."
        )
    return " ".join(_said(table, who) for who in (RETURNING, NEW) if (table["who"] == who).any())


def _said(table: pd.DataFrame, who: str) -> str:
    out, of = standing_out(table, who=who), (table["who"] == who).sum()
    if out.empty:
        return tell(
            "For {who} none of {of} festivals stands out of ordinary days beyond chance.",
            who=f"{who} customers",
            of=of,
        )
    most = out.iloc[0]
    return tell(
        "For {who} {out} of {of} festivals stand out, {name} most: {factor:.1f} times "
        "what ordinary days lead to expect ({low:.1f} to {high:.1f}).",
        who=f"{who} customers",
        out=len(out),
        of=of,
        name=most["name"],
        factor=most["factor"],
        low=most["low"],
        high=most["high"],
    )


def _index(found: levels.Levels, who: str) -> pd.DataFrame:
    windows = found.windows.assign(bought=found.bought, usual=found.usual)
    windows["place"] = windows["day"].dt.day_of_year
    sums = windows.groupby("name_zh").agg(
        {"name": "first", "bought": "sum", "usual": "sum", "place": "median"}
    )
    pooled = pooling.over_years(found.windows["name_zh"], found.ratio, found.ratio_covariance)
    both = sums.join(pooled).reset_index().assign(who=who, shared=lambda t: _shared(t["name_zh"], windows))
    both["factor"] = np.exp(both["mean"])
    both["low"], both["high"] = (np.exp(both["mean"] + side * both["sd"]) for side in (-_SIDE, _SIDE))
    told = np.select([both["low"] > 1, both["high"] < 1], [MORE, FEWER], UNTOLD)
    return both.assign(told=np.where(both["years"] > 1, told, UNTOLD))


def _shared(names: pd.Series, windows: pd.DataFrame) -> list[str]:
    """Return for each festival the others in whose windows at least half of its days lie."""
    first, last = windows["from"].to_numpy(), windows["to"].to_numpy()
    common = np.minimum(last[:, None], last) - np.maximum(first[:, None], first)
    common = (common / np.timedelta64(1, "D") + 1).clip(0)
    code = windows["name_zh"].to_numpy()
    length = (last - first) / np.timedelta64(1, "D") + 1
    share = pd.DataFrame(common, index=code, columns=code).T.groupby(level=0).sum().T.groupby(level=0).sum()
    whole = pd.Series(length, index=code).groupby(level=0).sum()
    near = share.div(whole, axis=0) >= _SHARED
    return ["、".join(other for other in near.columns[near.loc[name]] if other != name) for name in names]


def by_week(orders: pd.DataFrame, *, until: date | str) -> pd.DataFrame:
    """Return orders and money by week, Monday to Sunday, of new and returning customers.

    Returns
    -------
    One row per week from the first to the last order, weeks without orders included: week (its Monday);
    new_orders, returning_orders, unnamed_orders; new_money, returning_money, unnamed_money (kept); whole
    (whether the week was over at `until`). New are the orders of a customer's first purchase day.
    """
    end = pd.Timestamp(tables.as_day(until))
    day = tables.check(orders, tables.ORDERS)["paid_at"].dt.normalize()
    bought, day = orders[day <= end], day[day <= end]
    first = day.groupby(bought["customer_id"]).transform("min")
    who = np.select([bought["customer_id"].isna(), day == first], ["unnamed", NEW], RETURNING)
    week = day - pd.to_timedelta(day.dt.day_of_week, unit="D")
    parts = pd.DataFrame({"week": week, "who": who, "orders": 1, "money": bought["amount"]})
    sums = parts.groupby(["week", "who"])[["orders", "money"]].sum().unstack("who", fill_value=0)
    weeks = pd.date_range(week.min(), week.max(), freq="7D", name="week")
    sums = sums.reindex(weeks, fill_value=0)
    kinds = (NEW, RETURNING, "unnamed")
    found = {f"{kind}_{what}": sums.get((what, kind), 0) for what in ("orders", "money") for kind in kinds}
    return pd.DataFrame(found, index=weeks).reset_index().assign(whole=weeks + pd.Timedelta(days=6) <= end)
