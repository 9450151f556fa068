"""What campaigns should earn, and what they earned: notebooks 05, 06."""

from collections.abc import Mapping

import pandas as pd

from clv import findings
from clv.decision import LEAVE, SEND, Decision
from clv.findings import Verdict
from clv.language import tell
from clv.responses import Responses
from clv.told import money, percent


def recall(decision: Decision, plan: Mapping[str, float], *, offer: str, currency: str) -> str:
    """Return which offer pays, for how many, and what it should earn.

    Parameters
    ----------
    plan
        contacted, profit, low, high, chance_positive: the plan's row of `prospects.rivals`.
    offer
        What most of them are sent, in words.
    """
    if not plan["contacted"]:
        return tell("No offer pays: {why}", why=decision.sentence)
    numbers = {"offer": offer, "customers": int(plan["contacted"]), "profit": money(plan["profit"], currency)}
    numbers |= {
        "low": money(plan["low"]),
        "high": money(plan["high"]),
        "chance": percent(plan["chance_positive"]),
    }
    if decision.word == SEND:
        return tell(
            "Send it to {customers:,} customers, mostly “{offer}”: it should earn {profit} beyond doing "
            "nothing ({low} to {high}), with a chance of {chance} to earn anything.",
            **numbers,
        )
    if decision.word == LEAVE:
        return tell(
            "Leave it: sent to {customers:,} customers, mostly “{offer}”, it is expected to bring "
            "{profit} ({low} to {high}).",
            **numbers,
        )
    return tell(
        "Test it first: for {customers:,} customers, mostly “{offer}”, {profit} ({low} to {high}) is "
        "expected, and the chance that it earns anything is {chance}.",
        **numbers,
    )


def campaign(verdict: Verdict, found: Responses, *, currency: str) -> str:
    """Return what a campaign earned, or why that cannot be told."""
    numbers = {"campaign": found.campaign, "value": money(abs(verdict.value), currency)}
    numbers |= {"low": money(verdict.low), "high": money(verdict.high)}
    if verdict.word == findings.TOO_EARLY:
        return tell(
            "Too early to say what the campaign {campaign:s} earned: orders count until {day}.",
            campaign=found.campaign,
            day=found.stops_on,
        )
    if verdict.word == findings.UNREADABLE:
        return tell(
            "What the campaign {campaign:s} earned cannot be read: its two groups are not what they were "
            "meant to be.",
            campaign=found.campaign,
        )
    if verdict.word == findings.EARNED:
        return tell(
            "The campaign {campaign:s} earned {value} ({low} to {high}) more than leaving these customers "
            "alone.",
            **numbers,
        )
    if verdict.word == findings.LOST:
        return tell(
            "The campaign {campaign:s} lost: {value} ({low} to {high}) against leaving these "
            "customers alone.",
            **numbers | {"value": money(verdict.value, currency)},
        )
    if pd.isna(verdict.low) or _are_few(found):
        return tell(
            "What the campaign {campaign:s} earned cannot be told: too few customers or buyers.",
            campaign=found.campaign,
        )
    return tell(
        "Whether the campaign {campaign:s} earned anything cannot be told: its effect lies between {low} "
        "and {high}.",
        campaign=found.campaign,
        low=money(verdict.low),
        high=money(verdict.high, currency),
    )


def _are_few(found: Responses) -> bool:
    sent, alone = found.arms("bought")
    return min(len(sent), len(alone), found.customers["bought"].sum()) < findings.FEW
