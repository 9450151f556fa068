"""What to do about a campaign: send it, test it first or leave it; and whether one would see what it did."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from clv import power
from clv import trial as trials
from clv.language import tell
from clv.offering.options import Option
from clv.offers import People
from clv.recalling.campaign import PLAN, Campaign
from clv.told import percent

SEND, TEST, LEAVE = "send", "test first", "leave"
_SURE, _OPEN, _EVEN = 0.8, 0.55, 0.45  # chances from which it is sent, and below which it is a test
_WORTH_IT = 0.02  # part of the expected profit that a test first must add before it is advised


@dataclass(frozen=True)
class Detection:
    """Whether the campaign can show what is hoped of it.

    Attributes
    ----------
    p0
        Chance to buy of those who are sent something, without it.
    expected
        Buyers won per contact that are expected (a share).
    smallest
        The smallest such effect that these arms can tell from nothing (5 % two-sided, power 80 %).
    send, control
        Customers who are sent something, and like ones who are left alone.
    sentence
        All of it in words.
    """

    p0: float
    expected: float
    smallest: float
    send: int
    control: int
    sentence: str


@dataclass(frozen=True)
class Decision:
    """What to do: 'send', 'test first' or 'leave', and why in a sentence."""

    word: str
    sentence: str


def detection(campaign: Campaign) -> Detection:
    """Return whether the campaign can show the effect that is expected of it."""
    sent = np.flatnonzero(campaign.contacted)
    control = int(campaign.held_back.sum())
    if not len(sent) or not control:
        why = "nobody is sent anything" if not len(sent) else "nobody like them is left alone"
        return Detection(
            0.0,
            0.0,
            float("inf"),
            len(sent),
            control,
            tell("This campaign cannot tell anything: {why}.", why=why),
        )
    p0 = campaign.people.p0[sent]
    won = np.zeros(len(sent))
    for number, option in enumerate(campaign.options):
        mine = campaign.chosen[sent] == number
        mean, _ = option.believed(campaign.people.segment[sent][mine])
        won[mine] = expit(logit(p0[mine]) + mean) - p0[mine]
    sizes = {"send": len(sent), "control": control}
    base, expected = float(p0.mean()), float(won.mean())
    return Detection(
        base,
        expected,
        power.detectable(base, **sizes),
        *sizes.values(),
        power.verdict(base, expected, **sizes),
    )


def powers(seen: Detection) -> pd.DataFrame:
    """Return the smallest effect that could be told, by the share left alone; no row where nobody is sent."""
    if not seen.send or not seen.control:
        return pd.DataFrame({"control_share": [], "detectable": []}, dtype=float)
    return power.curve(seen.p0, customers=seen.send + seen.control)


def trial(campaign: Campaign) -> pd.DataFrame:
    """Return what it would be worth to test each offer of the plan first, on some of those whom it goes to.

    Returns
    -------
    Index offer (in words; by channel where channels are believed to differ); customers, now, share, tested,
    worth, perfect (money; see `trial.Trial`).
    """
    parts: dict[str, list[tuple[People, Option]]] = {}
    for number, option in enumerate(campaign.options):
        mine = np.flatnonzero(campaign.contacted & (campaign.chosen == number))
        if len(mine):
            parts.setdefault(option.opinion, []).append((campaign.people.of_rows(mine), option))
    rows = {}
    for opinion, pairs in parts.items():
        found = trials.trial(pairs, margin=campaign.terms.margin)
        offer, channel = pairs[0][1].offer.name, pairs[0][1].channel
        name = campaign.words_of(offer)
        name = tell("{offer}, by {channel}", offer=name, channel=channel) if opinion != offer else name
        rows[name] = {"customers": sum(len(p) for p, _ in pairs), **vars(found), "worth": found.worth}
    columns = ["customers", "now", "share", "tested", "worth", "perfect"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("offer")


def decide(found: pd.DataFrame, tests: pd.DataFrame, *, price: float = 0.0) -> Decision:
    """Return what to do, from `prospects.rivals`, `trial`, and what more budget or calls would earn."""
    mine = found.loc[PLAN]
    if not mine["contacted"] and price > 0:
        return Decision(
            LEAVE,
            tell(
                "The budget and the calls allow nothing, though more of them would pay: raise them, or "
                "leave it."
            ),
        )
    if not mine["contacted"]:
        return Decision(
            LEAVE,
            tell(
                "Within these limits no offer is expected to pay for anybody: leave these customers in peace."
            ),
        )
    likely = round(mine["chance_positive"], 2)  # as it is read
    chance = tell("the chance that it earns anything is {likely}", likely=percent(likely))
    if mine["profit"] <= 0:
        return Decision(
            LEAVE,
            tell(
                "It is expected to lose, as a limit wants customers for whom nothing pays; {chance}.",
                chance=chance,
            ),
        )
    if mine["low"] > 0 or likely >= _SURE:
        return Decision(SEND, tell("Send it, with the control group: {chance}.", chance=chance))
    if likely < _OPEN:
        often = "more often than not" if likely < _EVEN else "about as often as it earns"
        return Decision(
            TEST,
            tell(
                "Send it as a test at most, with its control group: {chance}. It loses {often}, mostly "
                "little.",
                chance=chance,
                often=often,
            ),
        )
    if tests["worth"].clip(lower=0).sum() > _WORTH_IT * abs(mine["profit"]):
        return Decision(
            TEST, tell("Test it first: {chance}, and knowing more before sending to all pays.", chance=chance)
        )
    return Decision(
        SEND,
        tell(
            "On balance worth sending, with the control group: {chance}, so this one may well lose.",
            chance=chance,
        ),
    )
