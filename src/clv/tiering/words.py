"""The rules in words, and who is near the next tier."""

import pandas as pd

from clv.language import label, tell
from clv.tiering import qualifying, replay
from clv.tiering.contract import Membership
from clv.tiering.costs import YEAR
from clv.tiering.history import History

_COUNTS = {
    "spend": "Money counts",
    "orders": "Orders count",
    "activity": "Calendar months with a purchase count",
}
_UPGRADE = {
    "at_once": "One rises with the order that reaches the threshold",
    "at_review": "One rises at a review",
}
_DOWNGRADE = {
    "one_step": "whoever has too little then falls by one step",
    "to_fit": "whoever has too little then falls to what fits",
    "never": "nobody falls",
}
_REVIEW = {
    "monthly": "Tiers are looked at again at each month's end",
    "quarterly": "Tiers are looked at again at each quarter's end",
    "yearly": "Tiers are looked at again at each year's end",
}


def in_words(rules: Membership) -> pd.DataFrame:
    """Return the tiers and what they give as a table.

    Returns
    -------
    Index tier: from, keep (what counts), discount (share), points (multiples), a_year, an_order (money).
    """
    rows = {
        tier.label: {
            "from": tier.start,
            "keep": tier.kept,
            "discount": tier.benefits.discount,
            "points": tier.benefits.points_multiplier,
            "a_year": tier.benefits.cost_per_year,
            "an_order": tier.benefits.cost_per_order,
        }
        for tier in rules.tiers
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("tier")


def said(rules: Membership) -> str:
    """Return how one rises, keeps and falls, in a few sentences."""
    rolling = rules.window.rolling_days
    window = tell("for {rolling} days", rolling=rolling) if rolling else "until the calendar year ends"
    valid = tell(", but not within {days} days", days=rules.valid_days) if rules.valid_days else ""
    return tell(
        "{counts} {window}. {upgrade}. {review}; {downgrade}{valid}.",
        counts=_COUNTS[rules.by],
        window=window,
        upgrade=_UPGRADE[rules.upgrade],
        review=_REVIEW[rules.review],
        downgrade=_DOWNGRADE[rules.downgrade],
        valid=valid,
    )


def more_or_less(change: float, *, currency: str) -> str:
    """Return a change of what benefits cost: '57 CNY less a year'."""
    if not round(abs(change)):
        return tell("as much as now")
    sum_of = f"{abs(change):,.0f} {label(currency)}".strip()
    if change > 0:
        return tell("{money} more a year", money=sum_of)
    return tell("{money} less a year", money=sum_of)


def usual(rules: Membership, orders: pd.DataFrame) -> float:
    """Return what one usual purchase counts for: the median order of the last year, or 1 where counted."""
    if rules.by != "spend":
        return 1.0
    recent = orders["paid_at"] > orders["paid_at"].max() - pd.Timedelta(days=YEAR)
    return float(orders.loc[recent, "amount"].median())


def near(standing: pd.DataFrame, rules: Membership, orders: pd.DataFrame) -> pd.DataFrame:
    """Return the customers who lack at most one usual purchase to the next tier, the nearest first.

    Parameters
    ----------
    standing
        As `standing` makes it; those of whom nothing counts today are left out.
    """
    close = standing["to_next"].le(usual(rules, orders)) & standing["amount"].gt(0)
    return standing[close].sort_values("to_next", kind="stable")


def next_review(found: History) -> pd.Timestamp:
    """Return the day of the next review."""
    return qualifying.moments([replay.next_review(found.membership, after=found.bought.until)])[0]
