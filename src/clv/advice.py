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

from clv.arena import Comparison
from clv.errors import SettingError, nearest
from clv.language import label, tell

_BAND = (0.05, 0.95)


@dataclass(frozen=True)
class _Terms:
    """What turns reached money into profit: margin, lift by a contact, and the currency's name."""

    margin: float
    lift: float
    currency: str


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
    sorts = bool(table.at[best, "gini"] > _luck(comparison))
    terms = _Terms(margin, lift, currency)
    price = _price(comparison, chosen, today, terms)
    why = _why(comparison, chosen, best, as_good, sorts=sorts)
    if (
        sorts
        and at_budget != chosen
        and (chosen not in good or _effort(table, at_budget) < _effort(table, chosen))
    ):
        why += _at_budget(comparison, at_budget, loses=chosen not in good)
    if not sorts:
        staying = tell("As long as that is so, no change of scheme earns anything.")
    elif chosen == today:
        staying = tell("{name} is what you use today; stay with it.", name=comparison.table.at[today, "name"])
    else:
        staying = _staying(comparison, today, price, terms, as_good=today in as_good)
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


def _as_good_at_budget(comparison: Comparison) -> list[str]:
    money, drawn = comparison.table["money"], comparison.draws["money"]
    best = money.idxmax()
    error = drawn.sub(drawn[best], axis=0).std()
    return [str(name) for name in money.index if money[best] - money[name] <= error[name]]


def _price(comparison: Comparison, chosen: str, today: str, terms: _Terms) -> pd.Series:
    money, table = comparison.draws["money"], comparison.table
    low, high = np.quantile(money[chosen] - money[today], _BAND)
    more = table.at[chosen, "money"] - table.at[today, "money"]
    ends = {"": more, "_low": low, "_high": high}
    found = {f"money{end}": value for end, value in ends.items()}
    found |= {f"profit{end}": value * terms.margin * terms.lift for end, value in ends.items()}
    return pd.Series(found | {"points": table.at[chosen, "reached"] - table.at[today, "reached"]})


def _why(comparison: Comparison, chosen: str, best: str, as_good: list[str], *, sorts: bool) -> str:
    table = comparison.table
    if not sorts:
        row = table.loc[best]
        return tell(
            "No scheme sorts these customers better than chance: the best, {name}, has a Gini of "
            "{gini:.2f}, and the best of {table} may reach {comparison:.2f} by luck. Treat all "
            "customers alike until there are more orders.",
            name=row["name"],
            gini=row["gini"],
            table=len(table),
            comparison=_luck(comparison),
        )
    row, share = table.loc[chosen], _percent(comparison.contact_share)
    reached, low, high = (_percent(row[f"reached{end}"]) for end in ("", "_low", "_high"))
    return tell(
        "Use {name}. {rank} The first {share} of the customers by it went on to bring {reached} "
        "of the money of the next {horizon} days (90 % interval {low} to {high}); drawn by lot "
        "they would have brought {share}.",
        name=row["name"],
        rank=_rank(table, chosen, best, as_good),
        share=share,
        reached=reached,
        horizon=comparison.horizon,
        low=low,
        high=high,
    )


def _rank(table: pd.DataFrame, chosen: str, best: str, as_good: list[str]) -> str:
    number = len(as_good)
    if number == 1:
        return tell("It saw further than any other scheme, by more than one standard error.")
    if chosen == best:
        others = (
            "the other scheme"
            if number == 2
            else tell("none of the {number} other schemes", number=number - 1)
        )
        return tell(
            "It saw furthest, and {others} within one standard error is{s} simpler.",
            others=others,
            s=" not" * (number == 2),
        )
    return tell(
        "It is the simplest of {number} schemes within one standard error of the best, {name}.",
        number=number,
        name=table.at[best, "name"],
    )


def _at_budget(comparison: Comparison, at_budget: str, *, loses: bool) -> str:
    share, row = _percent(comparison.contact_share), comparison.table.loc[at_budget]
    return tell(
        " If nobody but the first {share} is ever contacted, {name} does {word}: it reached {percent}.",
        share=share,
        name=row["name"],
        word="better" if loses else "as well and is simpler",
        percent=_percent(row["reached"]),
    )


def _staying(comparison: Comparison, today: str, price: pd.Series, terms: _Terms, *, as_good: bool) -> str:
    name, days = comparison.table.at[today, "name"], comparison.horizon
    more, low, high = (_money(price[f"money{end}"], terms.currency) for end in ("", "_low", "_high"))
    if price["money_high"] < 0:
        more, low, high = (_money(-price[f"money{end}"], terms.currency) for end in ("", "_high", "_low"))
        return tell(
            "For campaigns to just so many customers stay with your scheme of today, {name}: it "
            "reaches {more} more (90 % interval {low} to {high}), although it sorts the rest no "
            "better.",
            name=name,
            more=more,
            low=low,
            high=high,
        )
    if price["money_low"] <= 0:
        if as_good:
            return tell(
                "Your scheme of today, {name}, is as good as far as these orders can tell.", name=name
            )
        return tell(
            "Whether your scheme of today, {name}, reaches less money with as many contacts, these "
            "orders cannot tell: the difference lies between {low} and {high} in {days} days.",
            name=name,
            low=low,
            high=high,
            days=days,
        )
    profit = _money(price["profit"], terms.currency)
    lift, part = _percent(terms.lift), "of sales" if terms.margin == 1 else "of profit"
    earned = (
        "" if terms.margin == 1 else tell(" and {margin} of that is margin", margin=_percent(terms.margin))
    )
    return tell(
        "Your scheme of today, {name}, reaches {more} less of that money with as many contacts "
        "(90 % interval {low} to {high} in {days} days). If a contact makes people spend {lift} "
        "more{earned}, staying costs {profit} {part} a campaign.",
        name=name,
        more=more,
        low=low,
        high=high,
        days=days,
        lift=lift,
        earned=earned,
        profit=profit,
        part=part,
    )


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def _money(value: float, currency: str) -> str:
    digits = 0 if abs(value) >= 100 else 2
    return f"{value:,.{digits}f} {label(currency)}".strip()
