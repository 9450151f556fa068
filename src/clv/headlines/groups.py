"""What segmentations, tiers and tastes say: notebooks 04, 07, 08."""

from collections.abc import Mapping

import pandas as pd

from clv import acceleration
from clv.acceleration import Acceleration
from clv.advice import Advice
from clv.arena import Comparison
from clv.language import label, tell
from clv.tasting.judged import Judged
from clv.tasting.rules import POPULAR
from clv.tiering.choosing import PROPOSED, Chosen
from clv.tiering.costs import Estimate
from clv.told import listed, money, percent


def scheme(advice: Advice, comparison: Comparison) -> str:
    """Return which segmentation to use, what it reaches, and how today's stands to it."""
    table = comparison.table
    use, today = table.loc[advice.scheme], table.loc[advice.today]
    if not advice.sorts:
        return tell("No scheme sorts these customers better than chance: treat them alike for now.")
    numbers = {
        "share": percent(comparison.contact_share),
        "reached": percent(use["reached"]),
        "days": comparison.horizon,
    }
    numbers |= {"low": percent(use["reached_low"]), "high": percent(use["reached_high"]), "name": use["name"]}
    if advice.scheme == advice.today:
        return tell(
            "Stay with {name}: its first {share} of customers brought {reached} ({low} to "
            "{high}) of the money of the next {days} days, and nothing simpler does as well.",
            **numbers,
        )
    return tell(
        "Use {name}: its first {share} of customers brought {reached} ({low} to {high}) of "
        "the next {days} days' money; {behind}.",
        **numbers,
        behind=_behind(advice, name=today["name"], reached=percent(today["reached"])),
    )


def _behind(advice: Advice, *, name: str, reached: str) -> str:
    if advice.price["money_low"] > 0:
        return tell("today's scheme, {name}, only {reached}", name=name, reached=reached)
    if advice.price["money_high"] < 0:
        return tell(
            "today's scheme, {name}, {reached}, but sorts the rest less well", name=name, reached=reached
        )
    if advice.today in advice.as_good:
        return tell("today's scheme, {name}, is as good as far as can be told", name=name)
    return tell("whether today's scheme, {name}, reaches less cannot be told", name=name)


def membership(
    chosen: Chosen, *, members: int, of: int, bring: float, cost: Estimate, hurry: Acceleration, currency: str
) -> str:
    """Return who holds a tier, what the benefits cost, and whether a threshold moves anybody.

    Parameters
    ----------
    members, of
        Customers with a tier above the lowest, and all.
    bring
        Their share of the last year's money.
    """
    numbers = {"members": members, "all": of, "bring": percent(bring), "moves": _moves(hurry)}
    numbers |= {"cost": money(cost.value, currency), "low": money(max(cost.low, 0)), "high": money(cost.high)}
    if chosen.source == PROPOSED:
        return tell(
            "By proposed thresholds {members:,} of {all:,} customers would hold a tier, with {bring} of "
            "the last year's money; a discount for them would cost {cost} ({low} to {high}) a year.",
            **numbers,
        )
    return tell(
        "{members:,} of {all:,} customers hold a tier and brought {bring} of the last year's money; the "
        "benefits cost {cost} ({low} to {high}) a year; {moves}.",
        **numbers,
    )


def _moves(hurry: Acceleration) -> str:
    if hurry.word == acceleration.SPEEDS_UP:
        return tell("customers near a threshold do order sooner")
    if hurry.word == acceleration.NO_SIGN:
        return tell("nothing shows that a near threshold speeds anybody up")
    return tell("whether a near threshold speeds anybody up cannot be told")


def tastes(judged: Mapping[str, Judged], *, sure: int, of: int) -> str:
    """Return how many customers have a sure preference, and which choices foretell the next order.

    Parameters
    ----------
    sure, of
        Customers with a preference that is called sure, and all.
    """
    axes = [axis for axis, one in judged.items() if one.rule != POPULAR]
    if not axes:
        return tell(
            "Nobody's own choices foretell the next order here: offer everybody what sells most ({sure:,} of "
            "{all:,} customers surely like one thing best).",
            sure=sure,
            all=of,
        )
    first = judged[axes[0]]
    row = first.rules.loc[first.rule]
    if not sure:
        return tell(
            "Own choices foretell the next order's {axes}, the {first} right in {hit} of cases ({low} to "
            "{high}); of no customer a preference is sure yet.",
            axes=listed(axes),
            first=label(axes[0]),
            **_hits(row),
        )
    return tell(
        "{sure:,} of {all:,} customers have a sure preference; own choices foretell the next order's {axes}, "
        "the {first} right in {hit} of cases ({low} to {high}).",
        sure=sure,
        all=of,
        axes=listed(axes),
        first=label(axes[0]),
        **_hits(row),
    )


def _hits(row: pd.Series) -> dict[str, str]:
    ends = {"hit": "hit", "low": "hit_low", "high": "hit_high"}
    return {name: percent(row[column]) for name, column in ends.items()}
