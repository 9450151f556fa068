"""What the benefits of tiers cost: what was given on each order, and for every day of membership."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from clv.tiering.contract import Membership
from clv.tiering.qualifying import Bought, Floats, Ints
from clv.tiering.replay import Spells

YEAR = 365  # days that costs are told for
PARTS = ("discount", "points", "orders_cost", "year_cost")
_Z = float(norm.ppf(0.95))  # 90 % in the middle


@dataclass(frozen=True)
class Estimate:
    """A number, and what chance would make of it with as many customers like these (90 %)."""

    value: float
    low: float
    high: float


def total(values: Floats | pd.Series) -> Estimate:
    """Return a sum over customers with its 90 % interval.

    Customers come and go by chance: as many as there are, give or take, each with an amount like these; so
    the variance is the sum of the squares (a compound Poisson sum).
    """
    values = np.asarray(values, dtype=float)
    half = _Z * float(np.sqrt((values**2).sum()))
    return Estimate(float(values.sum()), float(values.sum()) - half, float(values.sum()) + half)


def prices(found: Bought, spells: Spells, rules: Membership) -> Floats:
    """Return the price of each order before the discount of the tier that was held the evening before.

    What was paid is taken for the price after that discount; of rules that are not in force nobody was given
    one, so there it is the price.
    """
    if not rules.in_force:
        return found.amount
    rank = spells.held_before(found.who, found.day, lowest=rules.lowest)
    return found.amount / (1 - of_ranks(rules, "discount")[rank])


def given(found: Bought, spells: Spells, rules: Membership, *, price: Floats) -> pd.DataFrame:
    """Return what each customer bought in the last year, and what its benefits cost by these rules.

    Parameters
    ----------
    price
        Of each order, as `prices` makes them from the rules that were in force.

    Returns
    -------
    Index customer_id: price (money before discounts of tiers), spend (money paid), orders; discount, points
    (beyond the usual ones), orders_cost, year_cost, and cost, their sum (money).
    """
    rows = found.day > found.until - YEAR
    who, day, n = found.who[rows], found.day[rows], len(found.ids)
    rank = spells.held_before(who, day, lowest=rules.lowest)
    of_orders = {"price": price[rows], "spend": found.amount[rows], "orders": np.ones(len(who))}
    of_orders |= _on_orders(price[rows], rank, rules)
    table = pd.DataFrame({name: np.bincount(who, x, n) for name, x in of_orders.items()}, index=found.ids)
    years = spells.days_within(found.until - YEAR + 1, found.until) / YEAR
    a_year = years * of_ranks(rules, "cost_per_year")[spells.rank]
    table["year_cost"] = np.bincount(spells.who, a_year, n)
    return table.astype({"orders": "int64"}).assign(cost=table[list(PARTS)].sum(axis=1))


def a_year_at(table: pd.DataFrame, rank: Ints, rules: Membership) -> Floats:
    """Return what each customer would cost in a year at a rank, buying the same as in the last year.

    Parameters
    ----------
    table
        As `given` makes it.
    """
    parts = _on_orders(table["price"].to_numpy(), rank, rules)
    on_all = parts["discount"] + parts["points"] + table["orders"].to_numpy() * parts["orders_cost"]
    return on_all + of_ranks(rules, "cost_per_year")[rank]


def _on_orders(price: Floats, rank: Ints, rules: Membership) -> dict[str, Floats]:
    off = price * of_ranks(rules, "discount")[rank]
    more = of_ranks(rules, "points_multiplier")[rank] - 1
    return {
        "discount": off,
        "points": (price - off) * rules.points_back * more,
        "orders_cost": of_ranks(rules, "cost_per_order")[rank],
    }


def of_ranks(rules: Membership, name: str) -> Floats:
    """Return a benefit of every rank; of -1, who hold no tier, it comes last, where numpy looks for it."""
    return np.array([getattr(rules.benefits(rank), name) for rank in (*range(len(rules.tiers)), -1)])
