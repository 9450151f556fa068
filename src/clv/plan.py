"""Who gets which offer, by which channel: the most profit within budget, calls and limits of segments.

Every customer gets at most one option: a multiple-choice knapsack (Sinha & Zoltners 1979, Oper. Res. 27,
503-515) with a few limits that all customers share. Up to a million customers: prices of budget and calls are
found first (`planning.prices`), then HiGHS settles the few customers whose choice hangs on them
(`planning.core`). The same customers in another order get the same profit.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clv.errors import NoAnswerError
from clv.planning import checks, core, prices
from clv.planning import conditions as by_condition
from clv.planning.contract import NOTHING, Choice, Ints, Limits, Options, Plan, gap
from clv.planning.prices import Prices
from clv.planning.problem import Problem, answer, prepare, profit, use
from clv.planning.thumb import everybody, greedy

__all__ = [
    "NOTHING",
    "Choice",
    "Limits",
    "Options",
    "Plan",
    "choose",
    "curve",
    "everybody",
    "greedy",
    "same_offer",
]


def choose(options: Options, limits: Limits) -> Choice:
    """Return the choice with the highest expected profit that keeps the limits.

    Nobody has to get anything, unless a segment's least asks for it. Without customers the choice is empty.
    The bound beside the profit tells how far any other plan could be better.

    Raises
    ------
    SettingError
        A limit names a segment that no customer has.
    NoAnswerError
        The least numbers cannot be met within reach, calls and budget.
    """
    checks.segments(options, limits)
    problem = prepare(options, limits)
    checks.least_numbers(problem, limits)
    found = prices.find(problem)
    return _choice(problem, found, _solved(problem, found))


def curve(options: Options, limits: Limits, *, budgets: Sequence[float]) -> pd.DataFrame:
    """Return what each budget would earn, all other limits as they are; the limits' own budget is not used.

    Returns
    -------
    One row per budget, rising: budget, profit (in money), contacted (customers), price (what the next 1 of
    budget would earn). Profit never falls, and bends down up to the gap of the plans.

    Raises
    ------
    SettingError, NoAnswerError
        As `choose`, for any of the budgets.
    """
    steps = [replace(limits, budget=budget) for budget in sorted(budgets)]
    checks.segments(options, limits)
    rows, planes, best = [], (), None
    problem = prepare(options, steps[0] if steps else limits)
    if steps:
        checks.least_numbers(problem, limits)  # the lowest budget is the one that may not do
    for step in steps:
        problem = replace(problem, capacity=np.array([float(step.budget), problem.capacity[1]]))
        found = prices.find(problem, planes=planes)
        planes, new = found.planes, _solved(problem, found, effort=core.SKETCH)
        best = new if best is None or profit(problem, new) > profit(problem, best) else best
        contacted = int((best != NOTHING).sum())
        rows.append((float(step.budget), profit(problem, best), contacted, float(found.least[0])))
    return pd.DataFrame(rows, columns=["budget", "profit", "contacted", "price"])


def same_offer(options: Options, limits: Limits, *, conditions: ArrayLike) -> Choice:
    """Return the best choice in which one published condition means one offer.

    All customers of a condition who may be reached by an option get it, or nobody of the condition gets
    anything. Solved exactly by HiGHS, one binary per condition and option. Prices are those of the linear
    programme, in which parts of a condition may be chosen.

    Parameters
    ----------
    conditions
        One label per customer.

    Raises
    ------
    InputError
        There is not one label per customer.
    SettingError
        A limit names a segment that no customer has.
    NoAnswerError
        No such choice keeps the limits.
    """
    checks.segments(options, limits)
    checks.least_numbers(prepare(options, limits), limits)
    return by_condition.choose(options, limits, conditions=conditions)


def _solved(problem: Problem, found: Prices, *, effort: core.Effort = core.THOROUGH) -> Ints:
    option = core.solve(problem, found, effort=effort)
    if option is None:
        raise NoAnswerError("no plan keeps all limits; raise the budget or lower the least numbers")
    return option


def _choice(problem: Problem, found: Prices, option: Ints) -> Choice:
    earned, (spent, calls) = profit(problem, option), use(problem, option)
    in_file_order = np.empty_like(option)
    in_file_order[problem.order] = option
    group_prices = answer(problem, found.prices).group_prices
    return Choice(
        in_file_order,
        earned,
        float(spent),
        int(calls),
        bound=max(found.bound, earned),
        gap=gap(earned, found.bound),
        budget_price=float(found.least[0]),
        call_price=float(found.least[1]),
        segment_prices={group.name: float(p) for group, p in zip(problem.groups, group_prices, strict=True)},
    )
