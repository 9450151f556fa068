"""The design of a campaign's test: how many to leave alone, and how long to wait.

Leaving more alone shows smaller effects and earns less now. Waiting longer than the offer holds adds orders
that it did not move, and hides what it did; waiting less cuts off answers. Chances scale with the days as if
the rate of ordering stayed the same over these weeks. Profit decides, and takes more customers to tell than
buyers do, since orders differ; both are said.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from clv import power
from clv.decision import Detection, detection
from clv.language import tell
from clv.offering.baskets import Floats
from clv.recalling.campaign import Campaign
from clv.told import percent

SHARES = (0.1, 0.2, 0.3, 0.4, 0.5)
_COLUMNS = [
    "control_share", "send", "control", "smallest", "can_tell", "smallest_profit", "can_tell_profit",
    "forgone",
]  # fmt: skip
MOST_ROUNDS = 24  # campaigns of this size that anybody would wait for
DRAWN = 50  # orders of each customer, behind the spread of profit
_NONE = 1e-9  # a share of buyers won that is none but for rounding


@dataclass(frozen=True, eq=False)
class Design:
    """A test as it is proposed.

    Attributes
    ----------
    shares
        One row per control share: control_share; send, control (customers); smallest (effect on buyers that
        can be told, a share); can_tell (whether that is expected); smallest_profit (per contact, money);
        can_tell_profit; forgone (expected profit of those left alone, money).
    lengths
        One row per number of days: see `lengths`.
    smallest_profit
        The smallest profit per contact that the campaign's own arms can tell (money); inf where one is empty.
    sentence
        What is advised, in words.
    """

    shares: pd.DataFrame
    lengths: pd.DataFrame
    smallest_profit: float
    sentence: str


def propose(campaign: Campaign) -> Design:
    """Return arms, sizes and length that the campaign's test should have, beside those that it has."""
    seen, waits = detection(campaign), lengths(campaign)
    spreads = _spreads(campaign) if seen.send and seen.control else None
    table = _shares(campaign, seen, spreads)
    own = _smallest_profit(spreads, send=seen.send, control=seen.control) if spreads else float("inf")
    return Design(table, waits, own, _sentence(campaign, seen, waits, table))


def _shares(campaign: Campaign, seen: Detection, spreads: tuple[float, float] | None) -> pd.DataFrame:
    """Return what leaving more or fewer alone would show and cost.

    Returns
    -------
    control_share; send, control (customers); smallest (effect on buyers that can be told, a share);
    can_tell (whether that is expected); smallest_profit (per contact, money); can_tell_profit; forgone
    (expected profit of those left alone, money). No row where nobody would be sent anything.
    """
    people = seen.send + seen.control
    if spreads is None:
        return pd.DataFrame(columns=_COLUMNS)
    each = _expected_profit(campaign) / seen.send
    rows = []
    for share in sorted({*SHARES, campaign.declared.control_share}):
        control = min(max(round(share * people), 1), people - 1)
        least = power.detectable(seen.p0, send=people - control, control=control)
        money = _smallest_profit(spreads, send=people - control, control=control)
        seen_by = least <= seen.expected, money, money <= each
        rows.append((share, people - control, control, least, *seen_by, each * control))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _smallest_profit(spreads: tuple[float, float], *, send: int, control: int) -> float:
    return power.in_errors() * float(np.sqrt(spreads[0] / send + spreads[1] / control))


def _spreads(campaign: Campaign) -> tuple[float, float]:
    """Return the variance of one customer's profit, of those sent to and of those left alone."""
    sent, margin = np.flatnonzero(campaign.contacted), campaign.terms.margin
    _, shift, p0 = _moved(campaign, sent)
    many = np.repeat(np.arange(len(sent)), DRAWN)
    orders = campaign.people.baskets.drawn(sent[many], rng=np.random.default_rng(0))
    given = np.zeros(len(many))
    for number, option in enumerate(campaign.options):
        mine = (campaign.chosen[sent] == number)[many]
        given[mine] = option.given_on(orders[mine]) * option.offer.redeemed_by_new
    found = []
    for chance, each in ((expit(logit(p0) + shift), margin * orders - given), (p0, margin * orders)):
        buys = chance[many]
        found.append(float((buys * each**2).mean() - (buys * each).mean() ** 2))
    return found[0], found[1]


def lengths(campaign: Campaign) -> pd.DataFrame:
    """Return what waiting for fewer or more days would show.

    Returns
    -------
    days; p0 (buyers without the offer), expected (buyers won, both a share), smallest (that these arms can
    tell), needed (customers to tell what is expected; missing where nothing is).
    """
    sent, control = np.flatnonzero(campaign.contacted), int(campaign.held_back.sum())
    if not len(sent) or not control:
        return pd.DataFrame(columns=["days", "p0", "expected", "smallest", "needed"])
    window = campaign.terms.window
    holds, shift, p0 = _moved(campaign, sent)
    rows = []
    for days in sorted({window, *_whole_weeks(int(np.median(holds))), 2 * window}):
        base = _over(p0, days / window)
        won = float((_with_offer(p0, shift, holds, days=days, window=window) - base).mean())
        least = power.detectable(float(base.mean()), send=len(sent), control=control)
        needed = _needed(float(base.mean()), won, share=control / (len(sent) + control))
        rows.append(
            {"days": days, "p0": float(base.mean()), "expected": won, "smallest": least, "needed": needed}
        )
    return pd.DataFrame(rows)


def _moved(campaign: Campaign, sent: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Return of each customer who is sent something: days that the offer holds, shift, chance without it."""
    holds, shift = np.zeros(len(sent)), np.zeros(len(sent))
    for number, option in enumerate(campaign.options):
        mine = campaign.chosen[sent] == number
        holds[mine] = option.offer.valid_days
        shift[mine], _ = option.believed(campaign.people.segment[sent][mine])
    return holds, shift, campaign.people.p0[sent]


def _whole_weeks(days: int) -> tuple[int, int]:
    """Return half of the days that the offer holds, in whole weeks, and all of them."""
    return max(days // 2 // 7 * 7, 7), days


def _over(p0: Floats, windows: float) -> Floats:
    """Return the chance to buy within so many windows, at a rate that stays the same."""
    return 1 - (1 - p0) ** windows


def _with_offer(p0: Floats, shift: Floats, holds: Floats, *, days: int, window: int) -> Floats:
    """Return the chance to buy within so many days of those who are sent something.

    While the offer holds they buy at one rate, and then at that without it; the rate is the one that gives
    over the window what the shift says.
    """
    usual = np.log1p(-p0) / window  # logarithm of the chance to stay away, per day
    within = np.minimum(holds, window)
    shifted = np.log1p(-expit(logit(p0) + shift)) - usual * (window - within)
    now = np.minimum(shifted / within, 0.0)
    return -np.expm1(now * np.minimum(holds, days) + usual * np.maximum(days - holds, 0))


def _needed(p0: float, won: float, *, share: float) -> float:
    if won <= _NONE or p0 + won >= 1 or p0 <= 0:
        return float("nan")
    return float(power.customers_needed(p0, won, control_share=share))


def _expected_profit(campaign: Campaign) -> float:
    sent = np.flatnonzero(campaign.contacted)
    return float(campaign.worth.value[sent, campaign.chosen[sent]].sum())


def _sentence(campaign: Campaign, seen: Detection, waits: pd.DataFrame, table: pd.DataFrame) -> str:
    if not seen.send or not seen.control:
        return seen.sentence
    if seen.expected <= _NONE:
        return tell("No rise in buyers is expected, so no test would show one; what may be told is a loss.")
    money = _how_much(table, _expected_profit(campaign) / seen.send, currency=campaign.terms.currency)
    return f"{_how_many(seen)} {money} {_how_long(waits, campaign.terms.window)}".rstrip()


def _how_much(table: pd.DataFrame, each: float, *, currency: str) -> str:
    """Return what telling the profit takes, which decides."""
    if each <= 0:
        return tell("No profit is expected, so only a loss may be told.")
    half = table.loc[table["control_share"].sub(0.5).abs().idxmin()]
    if table["can_tell_profit"].any():
        least = table.loc[table["can_tell_profit"], "control_share"].min()
        return tell(
            "The profit of {each:,.2f} {currency} per contact shows from {least} left alone.",
            each=each,
            currency=currency,
            least=percent(least),
        )
    people = (half["send"] + half["control"]) * (half["smallest_profit"] / each) ** 2
    unit = 10.0 ** max(int(np.log10(people)) - 1, 0)
    return tell(
        "Profit, which decides, takes about {ceil:,.0f} customers to tell the {each:,.2f} "
        "{currency} per contact that are expected, with half left alone.",
        ceil=np.ceil(people / unit) * unit,
        each=each,
        currency=currency,
    )


def _how_many(seen: Detection) -> str:
    people, points = seen.send + seen.control, tell("{expected:.2g} points", expected=100 * seen.expected)
    share = power.share_needed(seen.p0, seen.expected, customers=people)
    if share is not None:
        return tell(
            "Leave {ceil:.0f} % of {people:,} customers alone: that shows the {points} that are expected.",
            ceil=np.ceil(100 * share),
            people=people,
            points=points,
        )
    half = power.customers_needed(seen.p0, seen.expected, control_share=0.5)
    rounds = int(np.ceil(half / people))
    none = tell(
        "No control share shows the {points} that are expected of {people:,} customers",
        points=points,
        people=people,
    )
    if rounds <= MOST_ROUNDS:
        return tell(
            "{none}. Leave half alone in {rounds} campaigns and read them together, through the ledger.",
            none=none,
            rounds=rounds,
        )
    return tell(
        "{none}; with half left alone it would take {rounds:,} campaigns of this size. Treat "
        "each as a contribution to what is learned of the offer, not as a test of its own.",
        none=none,
        rounds=rounds,
    )


def _how_long(waits: pd.DataFrame, window: int) -> str:
    known = waits.dropna(subset="needed")
    if known.empty:
        return ""
    best = known.loc[known["needed"].idxmin()]
    if best["days"] == window:
        return tell("Orders of {window} days tell most.", window=window)
    return tell(
        "Orders of {days:.0f} days would tell more than those of the {window} that are planned.",
        days=best["days"],
        window=window,
    )
