"""The advice on schemes in words: what to use and why, and what staying with today's costs."""

from dataclasses import dataclass

import pandas as pd

from clv.arena import Comparison
from clv.language import tell
from clv.told import money, percent


@dataclass(frozen=True)
class Terms:
    """What turns reached money into profit: margin, lift by a contact, and the currency's name."""

    margin: float
    lift: float
    currency: str


def nothing_sorts(comparison: Comparison, best: str, *, luck: float) -> str:
    """Return that no scheme does better than the best of as many would by luck."""
    table = comparison.table
    row = table.loc[best]
    return tell(
        "No scheme sorts these customers better than chance: the best, {name}, has a Gini of "
        "{gini:.2f}, and the best of {schemes} may reach {luck:.2f} by luck. Treat all "
        "customers alike until there are more orders.",
        name=row["name"],
        gini=row["gini"],
        schemes=len(table),
        luck=luck,
    )


def why(comparison: Comparison, chosen: str, best: str, as_good: list[str]) -> str:
    """Return what to use, why, and what it reaches."""
    table = comparison.table
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


def at_budget(comparison: Comparison, scheme: str, *, loses: bool) -> str:
    """Return which scheme to use where nobody but the first `contact_share` is ever contacted."""
    share, row = _percent(comparison.contact_share), comparison.table.loc[scheme]
    return tell(
        " If nobody but the first {share} is ever contacted, {name} does {word}: it reached {percent}.",
        share=share,
        name=row["name"],
        word="better" if loses else "as well and is simpler",
        percent=_percent(row["reached"]),
    )


def staying(comparison: Comparison, today: str, price: pd.Series, terms: Terms, *, as_good: bool) -> str:
    """Return what staying with today's scheme costs; `price`: as `Advice` has it."""
    name, days = comparison.table.at[today, "name"], comparison.horizon
    more, low, high = (money(price[f"money{end}"], terms.currency) for end in ("", "_low", "_high"))
    if price["money_high"] < 0:
        more, low, high = (money(-price[f"money{end}"], terms.currency) for end in ("", "_high", "_low"))
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
    profit = money(price["profit"], terms.currency)
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
    return percent(share, 0 if share == 0 or share * 100 >= 10 else 1)
