"""The customers in an order of their own, and who would get what if what is scarce had a price.

The order is that of a hash of the customers' numbers, so that a file sorted otherwise gives the same plan;
and it mixes them well, so that any stretch of it is a fair sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.planning.contract import NOTHING, Bools, Floats, Ints, Limits, Options


@dataclass(frozen=True, eq=False)
class Group:
    """A segment with limits: the places of its customers, and how many must and may get something."""

    name: str
    rows: Ints
    least: int
    most: int


@dataclass(frozen=True, eq=False)
class Problem:
    """Options and limits, made ready.

    Attributes
    ----------
    value, cost
        Options × customers; the value is -inf and the cost 0 where an option is not allowed.
    is_call
        One per option.
    capacity
        Budget and calls; inf where there is no limit.
    groups
        The segments that have a limit.
    order
        The row in the options of each customer here.
    kind
        A number per customer; customers alike in everything have the same.
    """

    value: Floats
    cost: Floats
    is_call: Bools
    capacity: Floats
    groups: tuple[Group, ...]
    order: Ints
    kind: Ints

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return self.value.shape[1]


@dataclass(frozen=True, eq=False)
class Answer:
    """What is best for everybody at given prices, when budget and calls may be bought without limit.

    Attributes
    ----------
    option
        One per customer; -1 is nothing.
    worth
        What all choices are worth after prices.
    use
        Budget and calls used.
    group_prices
        One per limited segment: the worth of its next customer where a limit holds, otherwise 0.
    """

    option: Ints
    worth: float
    use: Floats
    group_prices: Floats


def prepare(options: Options, limits: Limits) -> Problem:
    """Return the customers of `options` in an order of their own, with `limits`."""
    value = np.where(options.allowed, options.value, -np.inf).T
    cost = np.where(options.allowed, options.cost, 0.0).T
    segment = np.full(len(options), "") if options.segment is None else options.segment
    code, names = pd.factorize(segment, sort=True)
    order, kind = _own_order([*value, *cost, code])
    limited = [n for n, name in enumerate(names) if name in limits.least or name in limits.most]
    groups = tuple(_group(names[n], np.flatnonzero(code[order] == n), limits) for n in limited)
    capacity = [np.inf if limit is None else float(limit) for limit in (limits.budget, limits.calls)]
    value, cost = (np.ascontiguousarray(table[:, order]) for table in (value, cost))
    return Problem(value, cost, options.is_call, np.array(capacity), groups, order, kind)


def _group(name: str, rows: Ints, limits: Limits) -> Group:
    return Group(name, rows, limits.least.get(name, 0), min(limits.most.get(name, len(rows)), len(rows)))


def _own_order(columns: Sequence[NDArray]) -> tuple[Ints, Ints]:
    """Return the rows in an order that only the numbers decide, and the number of each one's kind."""
    mark = pd.util.hash_pandas_object(pd.DataFrame(dict(enumerate(columns))), index=False).to_numpy()
    order = np.argsort(mark, kind="stable")
    return order, pd.factorize(mark[order])[0]


def net(problem: Problem, option: int, prices: Floats) -> Floats:
    """Return what an option is worth to each customer after the prices of budget and calls."""
    budget_price, call_price = prices
    worth = problem.value[option] - call_price * problem.is_call[option]
    if budget_price:
        worth -= budget_price * problem.cost[option]
    return worth


def answer(problem: Problem, prices: Floats) -> Answer:
    """Return who gets what at these prices; segments keep their limits, ties go to the earlier option."""
    best = np.full(problem.customers, -np.inf)
    option = np.full(problem.customers, NOTHING)
    for k in range(len(problem.value)):
        worth = net(problem, k, prices)
        better = worth > best
        np.maximum(best, worth, out=best)
        option[better] = k
    taken = best > 0
    group_prices = [_keep_to(group, best, taken) for group in problem.groups]
    option[~taken] = NOTHING
    return Answer(option, float(best[taken].sum()), use(problem, option), np.array(group_prices))


def _keep_to(group: Group, best: Floats, taken: Bools) -> float:
    """Mark in `taken` the best customers of a group, as many as its limits ask for; return their price."""
    worth = best[group.rows]
    free = int((worth > 0).sum())
    number = int(np.clip(free, group.least, group.most))
    if number == free:
        return 0.0
    ranked = np.argpartition(-worth, min(number, len(worth) - 1))
    taken[group.rows] = False
    taken[group.rows[ranked[:number]]] = True
    if number < len(worth) and np.isfinite(worth[ranked[number]]):
        return float(worth[ranked[number]])
    return float(worth[ranked[:number]].min())


def use(problem: Problem, option: Ints) -> Floats:
    """Return the budget and the calls that a choice uses."""
    who = np.flatnonzero(option != NOTHING)
    return np.array([problem.cost[option[who], who].sum(), problem.is_call[option[who]].sum()])


def profit(problem: Problem, option: Ints) -> float:
    """Return the value of a choice."""
    who = np.flatnonzero(option != NOTHING)
    return float(problem.value[option[who], who].sum())
