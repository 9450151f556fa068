"""When the next order is due: by the customer's own gaps, and by the model of purchases.

The own gap is the median of the days between a customer's purchase days; who has waited longer is overdue. It
knows nothing of those who bought once, and nothing of those who will not come back. The model knows both, in
its way: it gives the chance to buy within a time, and the days until that chance reaches one half. Which of
them to believe is asked of the past, on days one window apart.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from clv import origins
from clv.errors import NoAnswerError
from clv.following import gaps, lists_compared
from clv.following.gaps import GROUPS, MODEL, ONCE, OWN
from clv.language import tell
from clv.measuring import rates
from clv.told import each, percent

EDGES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)  # of the promised chance
_LEVEL = 0.90


def table(days: pd.DataFrame, scores: pd.DataFrame, *, within: int) -> pd.DataFrame:
    """Return when each customer's next order is due.

    Parameters
    ----------
    days
        What `purchase_days.from_orders` returns, up to the last day.
    scores
        The SCORES of these customers, with `within` as the horizon of p_buy.
    within
        Days ahead.

    Returns
    -------
    Index customer_id: purchases (days), days_since_last, own_gap (median days between purchases; missing of
    those who bought once), overdue (days_since_last / own_gap), group (one of `gaps.GROUPS`), chance (to buy
    within these days), chance_low, chance_high, next_days (until the chance reaches one half, infinite beyond
    ten years), next_low, next_high (90 %), by ('own gap and model', or 'model only': one purchase).
    """
    names = {"p_buy": "chance", "next_purchase_days": "next"}
    said = {
        f"{new}{end}": scores[f"{old}{end}"] for old, new in names.items() for end in ("", "_low", "_high")
    }
    told = pd.DataFrame(said).rename(columns={"next": "next_days"})
    found = gaps.own(days, within=within).join(told, how="inner")
    return found.assign(by=np.where(found["group"] == ONCE, "model only", "own gap and model"))


def by_category(found: pd.DataFrame, *, days: tuple[int, ...] = (90, 180)) -> pd.DataFrame:
    """Return how soon customers come back after a purchase of each category.

    Parameters
    ----------
    found
        What `next_category.steps` returns.
    days
        Horizons.

    Returns
    -------
    Index category, the most waits first, and last 'all': customers, waits; for each horizon back_90,
    back_90_low, back_90_high (share that bought again within it, Kaplan-Meier, 90 %); half (days by which
    half of those had come who come within a year, of waits that were seen for a year), half_low, half_high
    (90 %, order statistics). Missing with fewer than ten customers; categories of fewer have no row.
    """
    return gaps.by_category(found, days=days)


@dataclass(frozen=True, eq=False)
class Checked:
    """What was promised on days of the past, and what happened.

    Attributes
    ----------
    promised
        Index band (of the promised chance): customers (and days), promised (mean chance), happened (share
        that bought), low, high (90 %, Wilson).
    groups
        The same by what the own gap says; index group.
    rules
        Index rule: lists of as many customers as are due by their own gap; see
        `clv.following.lists_compared.together`.
    days
        Days on which it was asked, the latest first.
    total, total_low, total_high
        Buyers that came over those that the model promised, and its 90 % interval; missing without days.
    rule
        Which rule to go by; empty where nothing could be compared.
    sentence
        Whether the promises held and which rule to use, in plain words.
    """

    promised: pd.DataFrame
    groups: pd.DataFrame
    rules: pd.DataFrame
    days: tuple[date, ...]
    total: float
    total_low: float
    total_high: float
    rule: str
    sentence: str


def check(orders: pd.DataFrame, *, until: date | str, within: int = 30, count: int = 6) -> Checked:
    """Return whether those who were due within some days really bought.

    Parameters
    ----------
    within
        Days ahead that were asked about.
    count
        Days of the past, at most; each lies `within` days before the next.

    Raises
    ------
    InputError, NoAnswerError, SettingError
        As `purchase_days.from_orders`; `within` or `count` is below 1.
    """
    try:
        past = origins.rolling(orders, until=until, horizon=within, count=count)
    except NoAnswerError as refusal:
        nothing = pd.DataFrame()
        said = tell("It cannot be checked: {refusal}", refusal=refusal)
        return Checked(nothing, nothing, nothing, (), np.nan, np.nan, np.nan, "", said)
    asked = [gaps.asked(one, within=within) for one in past]
    rules = lists_compared.together([gaps.lists(rows) for rows in asked], ours=MODEL)
    rows = pd.concat(asked)
    bands = pd.cut(rows["promised"], [0, *EDGES, 1], labels=_labels(), include_lowest=True).rename("band")
    by_group = _held(rows, rows["group"]).reindex([name for name in GROUPS if name in set(rows["group"])])
    ends = gaps.ratio(rows)
    rule, found = _verdict(rules)
    said = f"{_promises(rows, ends, len(past), within)} {found}"
    return Checked(_held(rows, bands), by_group, rules, tuple(one.day for one in past), *ends, rule, said)


def _labels() -> list[str]:
    ends = [0, *EDGES, 1]
    return [f"{low:.0%} to {high:.0%}".replace("%", " %") for low, high in pairwise(ends)]


def _held(rows: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
    found = rows.groupby(by, observed=True).agg(
        customers=("happened", "size"), promised=("promised", "mean"), happened=("happened", "mean")
    )
    low, high = rates.wilson(found["happened"] * found["customers"], found["customers"], level=_LEVEL)
    return found.assign(low=low, high=high)


def _promises(rows: pd.DataFrame, ends: tuple[float, float, float], days: int, within: int) -> str:
    total, low, high = ends
    promised, came = rows["promised"].sum(), int(rows["happened"].sum())
    said = tell(
        "On {days} past day(s), asked about the next {within} days, the model promised "
        "{promised:,.0f} buyers and {came:,} came: {total:.2f} times as many [{low:.2f} to "
        "{high:.2f}].",
        days=days,
        within=within,
        promised=promised,
        came=came,
        total=total,
        low=low,
        high=high,
    )
    if low <= 1 <= high:
        return said + tell(" That is what chance and seasons make of a true promise.")
    return said + tell(
        " Promises were too {word}; take them times {total:.2f}.",
        word="low" if total > 1 else "high",
        total=total,
    )


def _verdict(rules: pd.DataFrame) -> tuple[str, str]:
    if not len(rules) or not rules["listed"].sum():
        return "", tell("Nobody was due by an own gap, so the rules cannot be compared.")
    told = each(
        "“{rule}” {share}",
        [{"rule": rule, "share": percent(row["precision"], 1)} for rule, row in rules.iterrows()],
    )
    said = tell(
        "Of customers who bought twice or more, of equally long lists this share then bought: {told}.",
        told=told,
    )
    gap = rules.loc[OWN]
    if gap["better_low"] > 0:
        return MODEL, said + tell(" The model finds them better than the own gap does.")
    if gap["better_high"] < 0:
        return OWN, said + tell(" The own gap finds them better than the model does, so go by it.")
    return OWN, said + tell(" The own gap cannot be told apart from the model, so the simple rule is enough.")
