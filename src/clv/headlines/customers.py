"""What orders, customers and their values say: notebooks 01, 02, 03."""

from collections.abc import Mapping, Sequence

import pandas as pd

from clv import alarm
from clv.holdout import too
from clv.language import label, tell
from clv.told import listed, money, percent, together

_MOST_NAMED = 0.5  # share of orders that name the buyer, under which the others may be the most


def orders(losses: pd.DataFrame, *, money_in: float, kept: float, named: float) -> str:
    """Return whether orders can be used: what was kept of the money, the largest loss, known buyers.

    Parameters
    ----------
    losses
        A LOSSES table.
    named
        Share of the orders that name their buyer.
    """
    lost = losses[(losses["stage"] == "read") & (losses["money"] > 0)]
    share = kept / money_in if money_in else 0.0
    if lost.empty:
        kept_of_it = tell("all the money in the files was kept")
    else:
        most = lost.loc[lost["money"].idxmax(), "reason"]
        kept_of_it = tell(
            "{share} of the money in the files was kept, and the largest loss is “{reason}”",
            share=percent(share),
            reason=label(most),
        )
    if not named:
        return tell("Good for sales, not for customers: {kept}; no order names its buyer.", kept=kept_of_it)
    if named < _MOST_NAMED:
        return tell(
            "Good for sales, hardly for customers: {kept}; only {named} of the orders name their buyer.",
            kept=kept_of_it,
            named=percent(named),
        )
    return tell(
        "These orders can be used: {kept}; {named} of the orders name their buyer.",
        kept=kept_of_it,
        named=percent(named),
    )


def customers(chances: pd.DataFrame, verdicts: Mapping[str, str], *, once: float) -> str:
    """Return how many come back, and whether anything is going down.

    Parameters
    ----------
    chances
        As `second_order.chances`.
    verdicts
        As `alarm.verdicts`.
    once
        Share of customers who have bought on one day only.
    """
    known = chances.dropna(subset="share")
    if known.empty:
        back = tell(
            "How many first-time buyers come back cannot be told yet; {once} have bought on one day only",
            once=percent(once),
        )
    else:
        last = known.iloc[-1]
        back = tell(
            "Of 100 first-time buyers {share:.0f} ({low:.0f} to {high:.0f}) come back within {days} days",
            share=100 * last["share"],
            low=100 * last["low"],
            high=100 * last["high"],
            days=int(last["days"]),
        )
    return tell("{back}; {falling}.", back=back, falling=_falling(verdicts))


def _falling(verdicts: Mapping[str, str]) -> str:
    lower = [alarm.NUMBERS[number] for number, word in verdicts.items() if word == alarm.LOWER]
    if lower:
        return tell("lately below what chance allows: {numbers}", numbers=listed(lower))
    if set(verdicts.values()) == {alarm.CANNOT_TELL}:
        return tell("whether anything is going down cannot be told yet")
    return tell("no key number has fallen lately beyond what chance makes of it")


def lifetime_value(
    total: Mapping[str, float],
    *,
    days: int,
    top_tenth: float,
    came_back: float,
    error: float,
    currency: str,
    failing: Sequence[str] = (),
) -> str:
    """Return what today's customers should bring, how the same model did on hidden orders, what it ignores.

    Parameters
    ----------
    total
        clv, clv_low, clv_high, as a row of `values.total`.
    top_tenth
        Share of it with the best tenth.
    came_back, error
        Purchases of the hidden days, and the relative error of their forecast.
    failing
        What the model's assumptions miss, in few words each, the gravest first, as
        `assumptions.Assumptions.failing`.
    """
    if came_back:
        held = tell("on hidden orders its forecast was {too}", too=too(error))
    else:
        held = tell("on hidden orders it could not be checked, as nobody came back")
    if failing:
        named = failing if len(failing) < 3 else [failing[0], tell("{n} more", n=len(failing) - 1)]
        held = tell("{held}; it ignores {missed}", held=held, missed=together(named))
    return tell(
        "Today's customers should bring {value} ({low} to {high}) in {days} days, {share} of it from the "
        "best tenth; {held}.",
        value=money(total["clv"], currency),
        low=money(total["clv_low"]),
        high=money(total["clv_high"]),
        days=days,
        share=percent(top_tenth),
        held=held,
    )
