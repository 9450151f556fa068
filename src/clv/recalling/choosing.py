"""The plan of a campaign: chosen for those who are sent something, and carried over to the control group."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv import plan
from clv.plan import Choice, Limits, Options
from clv.recalling.campaign import NOTHING

Ints = NDArray[np.int64]
Which = NDArray[np.bool_]


def curve(
    given: Options, limits: Limits, *, budgets: Sequence[float], offers: Sequence[str] | None
) -> pd.DataFrame:
    """Return what each budget would earn; all other limits as they are.

    Parameters
    ----------
    offers
        Name of the offer of each option, where all of a segment get the same one; else None.

    Returns
    -------
    One row per budget, rising: budget, profit (money), contacted, price (of the next 1 of budget).
    """
    if offers is None:
        return plan.curve(given, limits, budgets=budgets)
    rows = []
    for budget in sorted(budgets):
        choice = _for_all(given, replace(limits, budget=budget), offers=offers)
        contacted = int((choice.option != NOTHING).sum())
        rows.append((budget, choice.profit, contacted, choice.budget_price))
    return pd.DataFrame(rows, columns=["budget", "profit", "contacted", "price"])


def useful(given: Options, limits: Limits, *, offers: Sequence[str] | None) -> float:
    """Return about how much budget a plan without a bound on it would use; `offers` as in `curve`."""
    if offers is not None:
        return _for_all(given, replace(limits, budget=None), offers=offers).spent
    calls = len(given) if limits.calls is None else limits.calls
    worth = np.where(given.allowed & ~given.is_call, given.value, 0.0)
    best, rows = worth.argmax(axis=1), np.arange(len(given))
    quiet = given.cost[rows, best][worth[rows, best] > 0].sum()
    called = np.where(given.allowed & given.is_call & (given.value > 0), given.cost, 0.0).max(axis=1)
    return float(quiet + np.sort(called)[::-1][:calls].sum())


def _for_all(given: Options, limits: Limits, *, offers: Sequence[str]) -> Choice:
    return same_for_all(given, limits, np.ones(len(given), dtype=bool), offers=offers)[0]


def each_best(given: Options, limits: Limits, sent: Which) -> tuple[Choice, Ints]:
    """Return the plan in which each customer may get another offer, and everybody's option.

    Parameters
    ----------
    given
        What everybody who may be reached could get.
    sent
        Who is in the send arm; budget, calls and places are theirs. The others get what the plan would have
        chosen for them at its prices.
    """
    choice = plan.choose(part_of(given, sent), limits)
    found = np.full(len(sent), NOTHING)
    found[sent], found[~sent] = choice.option, _at_prices(part_of(given, ~sent), choice)
    return choice, found


def same_for_all(
    given: Options, limits: Limits, sent: Which, *, offers: Sequence[str]
) -> tuple[Choice, Ints]:
    """Return the plan in which all of a segment get the same offer, each by the channel that pays best.

    Calls are made only where the offer has no other channel, as they could not reach all.

    Parameters
    ----------
    offers
        Name of the offer of each option.
    """
    joined, way = _by_offer(given, offers)
    part = part_of(joined, sent)
    choice = plan.same_offer(part, limits, conditions=part.segment)
    found = np.full(len(sent), NOTHING)
    found[sent], found[~sent] = choice.option, _same_as(part, choice, part_of(joined, ~sent))
    by_channel = np.where(found != NOTHING, way[np.arange(len(found)), np.maximum(found, 0)], NOTHING)
    return replace(choice, option=by_channel[sent]), by_channel


def part_of(given: Options, which: Which) -> Options:
    """Return what some of the customers could get."""
    return Options(
        value=given.value[which],
        cost=given.cost[which],
        allowed=given.allowed[which],
        is_call=given.is_call,
        names=given.names,
        segment=given.segment[which],
    )


def _by_offer(given: Options, offers: Sequence[str]) -> tuple[Options, Ints]:
    """Return offers instead of options (the channel that pays best), and the option that stands for each."""
    names = list(dict.fromkeys(offers))
    everybody = np.arange(len(given.value))
    ways, calls = [], []
    for name in names:
        mine = np.flatnonzero([offer == name for offer in offers])
        quiet = mine[~given.is_call[mine]]
        mine = quiet if len(quiet) else mine
        worth = np.where(given.allowed[:, mine], given.value[:, mine], -np.inf)
        ways.append(mine[worth.argmax(axis=1)])
        calls.append(not len(quiet))
    way = np.column_stack(ways)
    found = [table[everybody[:, None], way] for table in (given.value, given.cost, given.allowed)]
    return Options(*found, is_call=np.array(calls), names=tuple(names), segment=given.segment), way


def _at_prices(rest: Options, choice: Choice) -> Ints:
    """Return what the plan would have chosen for others at its prices of budget, calls and places."""
    if not len(rest.value):
        return np.zeros(0, dtype=int)
    place = np.array([choice.segment_prices.get(name, 0.0) for name in rest.segment])
    net = rest.value - choice.budget_price * rest.cost - choice.call_price * rest.is_call - place[:, None]
    net = np.where(rest.allowed, net, -np.inf)
    return np.where(net.max(axis=1) > 0, net.argmax(axis=1), NOTHING)


def _same_as(part: Options, choice: Choice, rest: Options) -> Ints:
    """Return the offer of each one's segment, where it may reach them."""
    got = choice.option != NOTHING
    by_segment = dict(zip(part.segment[got], choice.option[got], strict=True))
    wanted = np.array([by_segment.get(name, NOTHING) for name in rest.segment], dtype=int)
    may = rest.allowed[np.arange(len(wanted)), np.maximum(wanted, 0)]
    return np.where(may & (wanted != NOTHING), wanted, NOTHING)
