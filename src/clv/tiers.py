"""Tiers of members: what the rules are, where everybody stands, what it costs, and who moves.

    rules (YAML) + orders → `history` → `standing_of`, `overview`, `sizes`, `migration`, `what_if`

Rules are replayed from the first order, review by review. What counts is money, orders, or months: calendar
months with a purchase, so that two orders in a month are one and splitting an order earns nothing.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.stats import norm

from clv import migration as segments
from clv.errors import InputError, NoAnswerError
from clv.language import tell
from clv.measuring import rates
from clv.tiering import costs
from clv.tiering.choosing import Chosen, chosen
from clv.tiering.contract import ALL, NONE, Benefits, Membership, Tier
from clv.tiering.costs import Estimate, total
from clv.tiering.history import History, changes, history, sizes, standing, standing_of
from clv.tiering.rules import assuming, load, of_thresholds, parse, proposed, scaled
from clv.tiering.what_if import WhatIf, scales, what_if
from clv.tiering.words import in_words, more_or_less, near, next_review, said, usual

__all__ = [
    "ALL", "NONE", "Agreement", "Benefits", "Chosen", "Estimate", "History", "Membership", "Migration",
    "Tier", "WhatIf", "agreement", "assuming", "changes", "chosen", "costs_of", "history", "in_words",
    "load", "migration", "more_or_less", "near", "next_review", "of_members", "of_thresholds", "overview",
    "parse", "proposed", "said", "scaled", "scales", "sizes", "standing", "standing_of", "total", "usual",
    "what_if",
]  # fmt: skip

LEVEL = 0.90
_Z = float(norm.ppf((1 + LEVEL) / 2))


@dataclass(frozen=True, eq=False)
class Migration:
    """Where the customers of each tier went between two days.

    Attributes
    ----------
    counts
        Customers: a row per tier on the first day and, last, those who joined since; a column per tier on the
        second.
    shares, low, high
        Of each row, and their 90 % intervals (Wilson).
    kept
        Share of those with a tier above the lowest who held it or a higher one on the second day; missing
        where nobody held one.
    before, after
        The two days.
    """

    counts: pd.DataFrame
    shares: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    kept: Estimate
    before: date
    after: date


@dataclass(frozen=True, eq=False)
class Agreement:
    """The members file against the rules.

    Attributes
    ----------
    compared, differ
        Customers of both whose tier in the file the rules know, and how many of them the rules give another.
    share
        Of those who differ.
    table
        Customers by tier in the file (rows) and by the rules (columns).
    strangers
        Names in the file that are no tiers of the rules.
    """

    compared: int
    differ: int
    share: Estimate
    table: pd.DataFrame
    strangers: tuple[str, ...]


def costs_of(found: History) -> pd.DataFrame:
    """Return what each customer bought in the last 365 days, and what its benefits cost.

    What was paid is taken for the price after the discount of the tier that was held the evening before; for
    the price itself where the discount is only assumed.

    Returns
    -------
    Index customer_id: price, spend (money before and after the tier's discount), orders; discount, points
    (beyond the usual ones, as though all were used), orders_cost, year_cost; cost, their sum (money).
    """
    price = costs.prices(found.bought, found.states, found.membership)
    return costs.given(found.bought, found.states, found.membership, price=price)


def overview(found: History) -> pd.DataFrame:
    """Return how many hold each tier today, what they bought in the last 365 days, and what they cost.

    Returns
    -------
    Index tier, lowest first, and 'all' last: customers; share of them, low, high (Wilson); spend of those who
    hold it today; spend_share, spend_low, spend_high; orders; discount, points, orders_cost, year_cost, cost
    (money, see `costs_of`), cost_low, cost_high. Intervals are 90 %: what chance would make of it with
    customers like these.
    """
    account, tier = costs_of(found), found.on(found.until)
    groups = {name: tier == name for name in tier.cat.categories}
    groups[ALL] = pd.Series(data=True, index=tier.index)
    rows = {name: _of_group(account, mine) for name, mine in groups.items()}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("tier")
    table.loc[ALL, ["low", "high", "spend_low", "spend_high"]] = np.nan  # all of all is no estimate
    return table.astype({"customers": "int64", "orders": "int64"})


def _of_group(account: pd.DataFrame, mine: pd.Series) -> dict[str, float]:
    people, money = _part(int(mine.sum()), len(mine)), _share(account["spend"], mine)
    sums, cost = account[mine].sum(), total(account["cost"].where(mine, 0.0))
    return {
        "customers": mine.sum(), "share": people.value, "low": people.low, "high": people.high,
        "spend": sums["spend"], "spend_share": money.value, "spend_low": money.low, "spend_high": money.high,
        "orders": sums["orders"], **sums[[*costs.PARTS, "cost"]],
        "cost_low": max(cost.low, 0.0), "cost_high": cost.high,
    }  # fmt: skip


def of_members(found: History) -> tuple[Estimate, Estimate]:
    """Return the share of customers above the lowest rank, and their share of the last 365 days' money."""
    tier = found.on(found.until)
    mine = tier > tier.cat.categories[0]
    return _part(int(mine.sum()), len(mine)), _share(costs_of(found)["spend"], mine)


def _share(money: pd.Series, mine: pd.Series) -> Estimate:
    """Return a group's share of the money: a ratio of two sums over the same customers."""
    whole = money.sum()
    if not whole > 0:
        return Estimate(*(float("nan"),) * 3)
    share = float(money[mine].sum() / whole)
    half = _Z * float(np.sqrt(((money * (mine - share)) ** 2).sum()) / whole)
    return Estimate(share, max(share - half, 0.0), min(share + half, 1.0))


def migration(
    found: History, *, before: date | str | None = None, after: date | str | None = None
) -> Migration:
    """Return where the customers of each tier went between two days; every customer is in one cell.

    Parameters
    ----------
    before, after
        The days; without them the last review and the one a year earlier, or else the first.

    Raises
    ------
    InputError
        The second day is not after the first, or beyond the history.
    NoAnswerError
        No two reviews had a whole window before them.
    """
    end = _reviewed(found)[-1] if after is None else pd.Timestamp(after)
    start = _year_before(found, end) if before is None else pd.Timestamp(before)
    if not start < end <= pd.Timestamp(found.until):
        raise InputError(
            tell(
                "{start:%Y-%m-%d} and {end:%Y-%m-%d} are no two days of this history, in order.",
                start=start,
                end=end,
            )
        )
    counts = segments.matrix(found.on(start), found.on(end), most=len(found.membership.labels))
    people = counts.sum(axis=1)
    low, high = rates.wilson(counts, np.broadcast_to(people.to_numpy()[:, None], counts.shape), level=LEVEL)
    ends = (pd.DataFrame(side, index=counts.index, columns=counts.columns) for side in (low, high))
    kept = _kept(found.on(start), found.on(end))
    return Migration(counts, counts.div(people, axis=0), *ends, kept, start.date(), end.date())


def _kept(before: pd.Series, after: pd.Series) -> Estimate:
    held = before[before > before.cat.categories[0]]
    kept = int((after.reindex(held.index) >= held).sum())
    return _part(kept, len(held))


def _part(hits: int, n: int) -> Estimate:
    low, high = rates.wilson(hits, n, level=LEVEL)
    return Estimate(hits / n if n else float("nan"), float(low), float(high))


def _reviewed(found: History) -> pd.DatetimeIndex:
    if len(found.whole_reviews) < 2:
        raise NoAnswerError(
            tell(
                "{whole_reviews} review(s) had the whole window before them, which is seen from "
                "{first_whole:%Y-%m-%d} on; who moved needs two.",
                whole_reviews=len(found.whole_reviews),
                first_whole=found.first_whole,
            )
        )
    return found.whole_reviews


def _year_before(found: History, day: pd.Timestamp) -> pd.Timestamp:
    whole = _reviewed(found)
    earlier = whole[whole <= day - pd.DateOffset(years=1) + pd.Timedelta(days=1)]
    return earlier[-1] if len(earlier) else whole[0]


def agreement(found: History, members: pd.DataFrame) -> Agreement:
    """Compare the tiers of a members file with those that the rules give on the last day.

    A name that the rules do not know stands for no tier, where the rules leave anybody without one; else its
    members are left out.

    Parameters
    ----------
    members
        A MEMBERS table.

    Raises
    ------
    InputError
        It has no column tier.
    """
    if "tier" not in members:
        raise InputError(tell("the members file has no column tier to compare the rules with."))
    rules, mine = found.membership, found.on(found.until)
    names = {name: t.label for t in rules.tiers for name in (t.name.en, t.name.zh, t.label)}
    said = members["tier"].dropna()
    said = said[said.index.isin(mine.index)]
    theirs = said.map(names)
    strangers = tuple(sorted(said[theirs.isna()].unique()))
    theirs = (theirs.fillna(NONE) if rules.lowest < 0 else theirs.dropna()).rename("file")
    ours = mine.reindex(theirs.index).astype("str").rename("rules")
    differ = int((theirs != ours).sum())
    order = [name for name in rules.labels if name in {*theirs, *ours}]
    table = pd.crosstab(theirs, ours).reindex(index=order, columns=order, fill_value=0)
    return Agreement(len(theirs), differ, _part(differ, len(theirs)), table, strangers)
