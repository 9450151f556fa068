"""Where points come from and go to: reasons, unusual earners, and the discount that used points amount to."""

import numpy as np
import pandas as pd

from clv.pointing import redrawn
from clv.pointing.lots import ADJUSTED, EARNED, USED
from clv.pointing.redrawn import ENDS, Floats

PURCHASE = "购|消费|交易|下单|订单|purchase|order|bought|buy"  # a reason that has one of these is a purchase
UNSAID = "not said"
_TURN = {EARNED: 0, USED: 1, ADJUSTED: 2}


def by_reason(points: pd.DataFrame) -> pd.DataFrame:
    """Return what was earned, used and adjusted, by reason.

    Parameters
    ----------
    points
        A POINTS table.

    Returns
    -------
    One row per kind and reason, most points first: kind, reason ('not said' where missing), changes,
    customers (who had any), points (of what was adjusted with their sign), share (of all points of the kind).
    """
    known = points[points["kind"].isin(list(_TURN))]
    known = known.assign(reason=known["reason"].fillna(UNSAID), size=known["points"].abs())
    by = known.groupby(["kind", "reason"])
    table = pd.DataFrame(
        {
            "changes": by.size(),
            "customers": by["customer_id"].nunique(),
            "points": by["points"].sum(),
            "size": by["size"].sum(),
        }
    )
    table["share"] = table["size"] / table.groupby(level="kind")["size"].transform("sum")
    table = table.reset_index().assign(turn=lambda t: t["kind"].map(_TURN))
    table = table.sort_values(["turn", "size"], ascending=[True, False], kind="stable", ignore_index=True)
    return table.drop(columns=["size", "turn"])


def not_from_purchases(points: pd.DataFrame) -> float:
    """Return the part of the points earned for another reason than a purchase; missing without reasons.

    Points without a reason are left out of both.
    """
    earned = points[points["kind"].eq(EARNED) & points["reason"].notna()]
    total = earned["points"].sum()
    return float(earned.loc[~_bought(earned["reason"]), "points"].sum() / total) if total else np.nan


def top_earners(points: pd.DataFrame, *, share: float = 0.001) -> pd.DataFrame:
    """Return the customers who earned most without buying: a flag for somebody to look at, no proof of abuse.

    Parameters
    ----------
    share
        Part of all who earned any points; at least one customer.

    Returns
    -------
    Index customer_id, most first: not_from_purchases (points), earned (all), changes (that were no purchase),
    most_on_one_day (of these), times_usual (not_from_purchases, to the median of those who have any). No rows
    where no reasons are known.
    """
    earned = points[points["kind"].eq(EARNED)]
    free = earned[earned["reason"].notna()]
    free = free[~_bought(free["reason"])]
    by = free.groupby("customer_id")["points"]
    table = pd.DataFrame({"not_from_purchases": by.sum(), "changes": by.size()})
    table["earned"] = earned.groupby("customer_id")["points"].sum().reindex(table.index)
    per_day = free.groupby(["customer_id", "at"]).size().groupby("customer_id").max()
    table["most_on_one_day"] = per_day.reindex(table.index)
    table["times_usual"] = table["not_from_purchases"] / table["not_from_purchases"].median()
    count = max(round(share * earned["customer_id"].nunique()), 1)
    columns = ["not_from_purchases", "earned", "changes", "most_on_one_day", "times_usual"]
    ordered = table.sort_index().sort_values("not_from_purchases", ascending=False, kind="stable")
    return ordered[columns].head(count)


def discount(
    points: pd.DataFrame, orders: pd.DataFrame, *, value: float, rng: np.random.Generator, draws: int = 400
) -> pd.DataFrame:
    """Return what used points amount to as a discount on what customers bought, by year.

    Parameters
    ----------
    orders
        An ORDERS table; only orders that name a customer, from the ledger's first day to its last, count, and
        only what these customers used: whoever bought nothing here took nothing off what was bought.
    value
        Money that a point is worth when it is used.

    Returns
    -------
    Index year, 'all' last: points_used, money_off, money (that the shop kept), discount (money_off / money),
    low, high (90 %, customers redrawn). Years without orders are left out.
    """
    moved = _moved(points, orders)
    moved = pd.concat([moved, moved.assign(year="all")], ignore_index=True)
    moved = moved[moved.groupby("year")["money"].transform("sum") > 0]
    code = pd.factorize(moved["customer_id"])[0]
    group = redrawn.groups_of(int(code.max(initial=-1)) + 1, rng)
    weights = redrawn.weights(int(group.max(initial=0)) + 1, draws, rng)
    by = moved.assign(group=group[code]).groupby(["year", "group"])[["points_used", "money"]].sum()
    rows = {year: _rate(by.loc[year], weights, value) for year in by.index.unique("year")}
    columns = ["points_used", "money_off", "money", "discount", "low", "high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("year")


def _moved(points: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Return customer_id, year, points_used, money of each use and order while there is a ledger."""
    first, last = points["at"].min(), points["at"].max() + pd.Timedelta(days=1)
    bought = orders[orders["customer_id"].notna() & orders["paid_at"].between(first, last, inclusive="left")]
    used = points[(points["kind"] == USED) & points["customer_id"].isin(bought["customer_id"])]
    used = used.rename(columns={"at": "day", "points": "points_used"})
    both = [used.assign(money=0.0), bought.rename(columns={"paid_at": "day", "amount": "money"})]
    moved = pd.concat(both, ignore_index=True)[["customer_id", "day", "points_used", "money"]]
    return moved.assign(year=moved["day"].dt.year.astype("str")).fillna({"points_used": 0.0})


def _rate(by: pd.DataFrame, weights: Floats, value: float) -> tuple[float, ...]:
    groups = by.reindex(range(weights.shape[1]), fill_value=0.0)
    points, money = (float(groups[name].sum()) for name in ("points_used", "money"))
    drawn = weights @ groups["points_used"].to_numpy() * value / (weights @ groups["money"].to_numpy())
    return points, points * value, money, points * value / money, *np.quantile(drawn, ENDS)


def _bought(reason: pd.Series) -> pd.Series:
    return reason.str.contains(PURCHASE, case=False)
