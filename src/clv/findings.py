"""What is to be said of a campaign: earned, lost or cannot tell.

The measure that decides is the gross profit per assigned customer, net of discount and contact. Its interval
of 95 % lies above 0, below 0, or holds 0; a test that is not over, or whose arms are not what they were meant
to be, says nothing yet or nothing at all.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from clv import power
from clv.departures import lost_rows
from clv.experiments import BUYERS, PROFIT
from clv.language import tell
from clv.measuring import ratio
from clv.measuring.ratio import Ratio
from clv.registration import Registration
from clv.responses import Responses
from clv.told import money

EARNED, LOST, CANNOT_TELL = "earned", "lost", "cannot tell"
TOO_EARLY, UNREADABLE = "too early", "cannot be read"
FEW = 10  # customers of an arm, and buyers of both, below which nothing is said, whatever the figures
LEFT_ALONE = (
    5  # buyers of the control group below which no loss is said: it stands and falls with one of them
)
RISE = 0.2  # of what those left alone bring, that is looked for where nothing was expected
CUPED_HELPS = 0.05  # part of the variance from which the adjusted interval decides
_SHOWN = {BUYERS: ("buyers", 100.0, " %"), "orders": ("orders per 100 customers", 100.0, "")}
_NEEDS = power.in_errors()


@dataclass(frozen=True)
class Verdict:
    """What the campaign earned beyond doing nothing, in a word, a sentence, and money.

    Attributes
    ----------
    word
        One of the words above.
    sentence
        For people.
    value, low, high
        Profit of all who were sent something, beyond leaving them alone (money, 95 %).
    smallest
        The smallest profit per customer that these arms can tell from nothing (5 %, power 80 %).
    needed
        Customers, both arms together, that it would have taken to tell the effect that was expected, or else
        a rise by a fifth of what those left alone bring; None where there is none to look for.
    """

    word: str
    sentence: str
    value: float
    low: float
    high: float
    smallest: float
    needed: int | None


def decisive(effects: pd.DataFrame) -> tuple[float, float, float]:
    """Return the profit per customer with its interval: after CUPED where that helps, else as it is."""
    row = effects.loc[PROFIT]
    names = ["difference", "low", "high"]
    if row["removed"] >= CUPED_HELPS:
        names = ["adjusted", "adjusted_low", "adjusted_high"]
    return tuple(float(row[name]) for name in names)


def table(effects: pd.DataFrame, *, currency: str = "") -> pd.DataFrame:
    """Return the effects as people read them: shares in per cent, orders per 100 customers, money.

    Returns
    -------
    Index measure; send, control, difference, interval, how (text). Profit stands twice where CUPED helps.
    """
    rows, money = {}, f" ({currency})" if currency else ""
    for measure, row in effects.iterrows():
        name, times, end = _SHOWN.get(measure, (f"{measure}{money}", 1.0, ""))
        shown = {k: _number(times * row[k]) + end for k in ("send", "control", "difference")}
        ends = _interval(times * row["low"], times * row["high"])
        rows[name] = shown | {"interval": ends, "how": row["method"]}
    row = effects.loc[PROFIT]
    if row["removed"] >= CUPED_HELPS:
        value, low, high = decisive(effects)
        shown = {"send": "", "control": "", "difference": _number(value)}
        shown |= {"interval": _interval(low, high), "how": row["method"]}
        rows[tell("profit, CUPED{money}", money=money)] = shown
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("measure")


def _interval(low: float, high: float) -> str:
    return f"{_number(low)} to {_number(high)}" if np.isfinite(low) else "–"


def _number(value: float) -> str:
    return f"{value:,.2f}".replace("-", "−")


def verdict(
    found: Responses,
    effects: pd.DataFrame,
    *,
    sizes: Ratio | None,
    registered: Registration | None,
    currency: str = "",
) -> Verdict:
    """Return what is to be said of a campaign.

    Parameters
    ----------
    effects
        As `experiments.effects` gives it.
    sizes
        The arms against what was meant, where that is known.
    registered
        What was expected, where that was written down.
    """
    send = int(found.sent.sum())
    value, low, high = decisive(effects)
    error = (high - low) / (2 * norm.ppf(0.975))
    rise = RISE * max(float(found.arms("profit")[1].mean()), 0.0)
    needed = _needed(found, error, expected=_expected(registered) or rise)
    whole = (value * send, low * send, high * send)
    figures = {"value": whole[0], "low": whole[1], "high": whole[2]}
    figures |= {"smallest": _NEEDS * error, "needed": needed}
    few = _too_few(found)
    word, sentence = (CANNOT_TELL, few) if few else _words(found, whole, currency=currency)
    word, sentence = _unread(found, sizes, registered) or (word, sentence)
    if word == CANNOT_TELL and not few and np.isfinite(error):
        sentence += " " + _what_it_takes(_NEEDS * error, needed, registered=registered, currency=currency)
    return Verdict(word, sentence, **figures)


def _unread(found: Responses, sizes: Ratio | None, registered: Registration | None) -> tuple[str, str] | None:
    """Return why nothing may be read off the figures, or not yet; None where it may."""
    lost = lost_rows(found, registered) if registered else []
    if lost:
        return UNREADABLE, tell("It cannot be read: {first}", first=lost[0])
    if sizes is not None and sizes.is_wrong:
        return UNREADABLE, (
            tell(
                "It cannot be read: the arms are not what they were meant to be, {send:,} and "
                "{control:,} with {meant:.0%} to be left alone; chance hardly does that (p = "
                "{p_value:.1g}). Find out who is missing before believing any figure below.",
                send=sizes.send,
                control=sizes.control,
                meant=sizes.meant,
                p_value=sizes.p_value,
            )
        )
    if not found.is_over:
        return TOO_EARLY, (
            tell(
                "Too early: orders count until {stops_on} and are known until {seen_until}. Nothing "
                "should be decided on a first look.",
                stops_on=found.stops_on,
                seen_until=found.seen_until,
            )
        )
    return None


def _too_few(found: Responses) -> str:
    """Return that too few were in an arm or bought to say anything; empty where there were enough."""
    send, control = (len(arm) for arm in found.arms("bought"))
    few, arm = (control, "left alone") if control <= send else (send, "sent something")
    if few < FEW:
        who = "customer was" if few == 1 else "customers were"
        return tell(
            "It cannot tell: only {few:,} {who} {arm}, and any figure from so few is chance.",
            few=few,
            who=who,
            arm=arm,
        )
    buyers = int(found.customers["bought"].sum())
    if buyers < FEW:
        who = "customer" if buyers == 1 else "customers"
        return tell(
            "It cannot tell: only {buyers:,} {who} bought, and any figure from so few is chance.",
            buyers=buyers,
            who=who,
        )
    return ""


def _words(found: Responses, whole: tuple[float, float, float], *, currency: str) -> tuple[str, str]:
    value, (low, high) = money(whole[0], currency, digits=0), (money(x, digits=0) for x in whole[1:])
    if np.isnan(whole[1]):
        return CANNOT_TELL, tell("It cannot tell: nobody in either arm did anything that differs.")
    if whole[1] > 0:
        return EARNED, tell(
            "It earned {value} [{low}, {high}] more than leaving these customers alone.",
            value=value,
            low=low,
            high=high,
        )
    if whole[2] < 0 and found.arms("bought")[1].sum() >= LEFT_ALONE:
        return LOST, tell(
            "It lost {money}: [{low}, {high}] against leaving them alone.",
            money=money(-whole[0], currency, digits=0),
            low=low,
            high=high,
        )
    return CANNOT_TELL, (
        tell(
            "It cannot tell whether it earned or lost: {value} [{low}, {high}] against leaving these "
            "customers alone.",
            value=value,
            low=low,
            high=high,
        )
    )


def _what_it_takes(
    smallest: float, needed: int | None, *, registered: Registration | None, currency: str
) -> str:
    least = tell(
        "The smallest effect that these arms can tell is {money} per customer",
        money=money(smallest, currency, digits=2),
    )
    if needed is None:
        return f"{least}."
    what = "the one expected" if _expected(registered) else "a rise by a fifth"
    return tell(
        "{least}; to tell {what} would have taken {needed:,} customers.",
        least=least,
        what=what,
        needed=_rounded_up(needed),
    )


def _expected(registered: Registration | None) -> float:
    """Return the profit per contact that was expected; 0 where none was."""
    if registered is None or not registered.send:
        return 0.0
    return max(registered.expected_profit / registered.send, 0.0)


def _needed(found: Responses, error: float, *, expected: float) -> int | None:
    """Return the customers with which an effect is found, arms in the proportion of these."""
    if not expected or not np.isfinite(error) or not error:
        return None
    needed = len(found.customers) * (_NEEDS * error / expected) ** 2
    return int(np.ceil(needed)) if needed < 1e10 else None


def _rounded_up(number: int) -> int:
    unit = 10 ** max(len(str(number)) - 3, 0)
    return -(-number // unit) * unit


def sizes(found: Responses, *, control_share: float) -> Ratio | None:
    """Return the arms against the share that was meant to be left alone; None where that is 0, unknown.

    For lists that were not registered; those that were are compared with what was drawn (`departures`).
    """
    if not control_share:
        return None
    send = int(found.sent.sum())
    return ratio.check(send=send, control=len(found.sent) - send, meant=control_share)


def planned_and_found(found: Verdict, registered: Registration | None) -> pd.DataFrame:
    """Return what was planned beside what was found (money of the whole campaign).

    Returns
    -------
    Index in words; value, low, high: of the plan 5 to 95 % of its futures, of what was found 95 %.
    """
    rows = {}
    if registered is not None:
        ends = (registered.expected_profit, registered.expected_profit_low, registered.expected_profit_high)
        rows["planned: the plan's forecast, 5 to 95 %"] = ends
    rows["found: against those left alone, 95 %"] = (found.value, found.low, found.high)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high"])
