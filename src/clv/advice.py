"""Which scheme should this shop use? The simplest that its own orders cannot tell from the best.

A scheme counts as good as the best where its Gini lies below it by no more than one standard error of the
difference, on common draws of the customers. (Breiman et al. 1984, 3.4.3, take the best one's own error, a
larger one. Chosen one horizon earlier and judged on the latest, over 14 pairs of shop and horizon, the error
of the difference left the choice .015 behind the best on average, the own error .025.) Of these the one that
takes least to apply is taken: by hand before by program, then by how many numbers and cells one has to hold.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clv import advice_words
from clv.advice_words import Terms
from clv.arena import Comparison
from clv.errors import SettingError, nearest
from clv.language import tell

_BAND = (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class Advice:
    """The recommendation.

    Attributes
    ----------
    scheme, best, today
        Ids: the one to use, the one with the highest Gini, today's.
    as_good
        Ids of all schemes within one standard error of the best, the best first.
    at_budget
        Id of the simplest scheme that reaches as much money with the first `contact_share` as any, within one
        standard error: the one to use where nobody else is ever contacted.
    sorts
        Whether the best scheme sorts better than the best of as many would by luck.
    price
        What staying with today's scheme costs in one horizon at the same number of contacts: money, profit,
        each with _low and _high (90 %); and points (of all money, reached less). Below 0 where today's
        reaches more, 0 where it is the one to use.
    why
        In words: what to use, why, what it reaches.
    staying
        In words: what staying with today's scheme costs.
    """

    scheme: str
    best: str
    today: str
    as_good: list[str]
    at_budget: str
    sorts: bool
    price: pd.Series
    why: str
    staying: str


def advise(
    comparison: Comparison, *, today: str, margin: float = 1.0, lift: float = 0.05, currency: str = ""
) -> Advice:
    """Return the scheme to use, and what it costs to stay with today's.

    Parameters
    ----------
    today
        Id of the scheme in use.
    margin
        Part of the money that is margin.
    lift
        How much more the contacted spend because they were contacted; an assumption that only a test can
        check.

    Raises
    ------
    SettingError
        Today's scheme did not take part; with the nearest that did, or why it could not.
    """
    _check_today(comparison, today)
    table = comparison.table
    best = str(table.index[0])
    as_good = [str(name) for name in table.index[-table["difference"] <= table["standard_error"]]]
    chosen = _simplest(table, as_good, "gini")
    good = _as_good_at_budget(comparison)
    at_budget = _simplest(table, good, "money")
    luck = _luck(comparison)
    sorts = bool(table.at[best, "gini"] > luck)
    terms = Terms(margin, lift, currency)
    price = _price(comparison, chosen, today, terms)
    if sorts:
        why = advice_words.why(comparison, chosen, best, as_good)
        if _differs_at_budget(table, chosen, at_budget, good):
            why += advice_words.at_budget(comparison, at_budget, loses=chosen not in good)
    else:
        why = advice_words.nothing_sorts(comparison, best, luck=luck)
    if not sorts:
        staying = tell("As long as that is so, no change of scheme earns anything.")
    elif chosen == today:
        staying = tell("{name} is what you use today; stay with it.", name=table.at[today, "name"])
    else:
        staying = advice_words.staying(comparison, today, price, terms, as_good=today in as_good)
    return Advice(chosen, best, today, as_good, at_budget, sorts, price, why, staying)


def profits(
    comparison: Comparison, *, margin: float = 1.0, lift: float = 0.05, contact_cost: float = 0.0
) -> pd.DataFrame:
    """Return by scheme the profit of one campaign to the first `contact_share` of the customers.

    lift × margin × the money of those contacted, less contacts × cost. Every scheme contacts equally many.

    Returns
    -------
    Index scheme, in the table's order: contacts, money, profit, profit_low, profit_high (90 %).
    """
    contacts = comparison.contact_share * comparison.customers
    money = comparison.table["money"]
    drawn = comparison.draws["money"] * lift * margin - contacts * contact_cost
    low, high = (drawn.quantile(end) for end in _BAND)
    return pd.DataFrame(
        {
            "contacts": contacts,
            "money": money,
            "profit": money * lift * margin - contacts * contact_cost,
            "profit_low": low,
            "profit_high": high,
        },
        index=money.index,
    )


def _check_today(comparison: Comparison, today: str) -> None:
    if today in comparison.refused:
        raise SettingError(
            tell(
                "today's scheme {today!r} could not take part: {refused}",
                today=today,
                refused=comparison.refused[today],
            )
        )
    if today not in comparison.table.index:
        raise SettingError(
            tell(
                "today's scheme {today!r} did not take part; {nearest}",
                today=today,
                nearest=nearest(today, comparison.table.index),
            )
        )


def _luck(comparison: Comparison) -> float:
    """Return what the best of so many schemes reaches by luck: 95 % of draws move no scheme up by more."""
    moved = comparison.draws["gini"] - comparison.table["gini"]
    return float(moved.max(axis=1).quantile(_BAND[1]))


def _effort(table: pd.DataFrame, name: str) -> tuple[bool, int]:
    return bool(table.at[name, "program"]), int(table.at[name, "effort"])


def _simplest(table: pd.DataFrame, names: list[str], measure: str) -> str:
    """Return the one that takes least to apply; of equals, the one with more of the measure."""
    return min(names, key=lambda name: (*_effort(table, name), -table.at[name, measure]))


def _differs_at_budget(table: pd.DataFrame, chosen: str, at_budget: str, good: list[str]) -> bool:
    """Return whether another scheme is to be named for campaigns to just so many: better, or simpler."""
    if at_budget == chosen:
        return False
    return chosen not in good or _effort(table, at_budget) < _effort(table, chosen)


def _as_good_at_budget(comparison: Comparison) -> list[str]:
    money, drawn = comparison.table["money"], comparison.draws["money"]
    best = money.idxmax()
    error = drawn.sub(drawn[best], axis=0).std()
    return [str(name) for name in money.index if money[best] - money[name] <= error[name]]


def _price(comparison: Comparison, chosen: str, today: str, terms: Terms) -> pd.Series:
    money, table = comparison.draws["money"], comparison.table
    low, high = np.quantile(money[chosen] - money[today], _BAND)
    more = table.at[chosen, "money"] - table.at[today, "money"]
    ends = {"": more, "_low": low, "_high": high}
    found = {f"money{end}": value for end, value in ends.items()}
    found |= {f"profit{end}": value * terms.margin * terms.lift for end, value in ends.items()}
    return pd.Series(found | {"points": table.at[chosen, "reached"] - table.at[today, "reached"]})
