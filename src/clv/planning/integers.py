"""The integer programme of a core: how many customers of each kind get which option, by HiGHS."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint

from clv.planning.contract import NOTHING, SLACK, Floats, Ints
from clv.planning.problem import Problem, profit, use
from clv.planning.quiet import milp

_LEAST_GAP = 1e-9
_TRIES = 4


@dataclass(frozen=True, eq=False)
class Core:
    """What is open: pairs of kind and option, sorted; all customers of these kinds are free in `fixed`.

    Attributes
    ----------
    kind, option
        One per pair.
    first
        By kind: one of its customers.
    fixed
        By customer: the choice outside of the core.
    """

    kind: Ints
    option: Ints
    first: Ints
    fixed: Ints

    @property
    def who(self) -> Ints:
        """One customer per pair."""
        return self.first[self.kind]


def keeps(problem: Problem, option: Ints) -> bool:
    """Return whether a choice keeps all limits."""
    over = use(problem, option) - problem.capacity
    chosen = [int((option[group.rows] != NOTHING).sum()) for group in problem.groups]
    within = all(group.least <= n <= group.most for group, n in zip(problem.groups, chosen, strict=True))
    return within and over[0] <= _slack(problem) and over[1] <= 0


def best_within(problem: Problem, core: Core, *, aim: float, close: float, nodes: int) -> Ints | None:
    """Return the best choice in which only the core may change; None if none keeps the limits.

    Parameters
    ----------
    aim
        The bound of the whole problem.
    close
        How near to the best, as a part of `aim`, is near enough.
    nodes
        Of the search tree; with so many the search ends.
    """
    if not len(core.kind):
        return core.fixed if keeps(problem, core.fixed) else None
    open_profit = max(abs(aim - profit(problem, core.fixed)), np.finfo(float).tiny)
    near = max(close * abs(aim) / open_profit, _LEAST_GAP)
    room = problem.capacity - use(problem, core.fixed)
    for _ in range(_TRIES):
        numbers = _numbers(problem, core, room, near, nodes)
        if numbers is None:
            return None
        found = _handed_out(problem, core, numbers)
        over = use(problem, found)[0] - problem.capacity[0]
        if over <= _slack(problem):
            return found
        room = room - [2 * over, 0]  # the solver's tolerance is wider than ours
    return None


def _slack(problem: Problem) -> float:
    return SLACK * max(float(problem.capacity[0]), 1.0)


def _numbers(problem: Problem, core: Core, room: Floats, near: float, nodes: int) -> Ints | None:
    value = problem.value[core.option, core.who]
    count = np.bincount(problem.kind, minlength=len(core.first))[core.kind]
    found = milp(
        -value / max(np.abs(value).max() / 1000, np.finfo(float).tiny),  # HiGHS has absolute tolerances too
        integrality=np.ones(len(value)),
        bounds=Bounds(0, count),
        constraints=[_each(core, count), _scarce(problem, core, room), _segments(problem, core)],
        options={"mip_rel_gap": near, "node_limit": nodes},
    )
    return None if found.x is None else np.rint(found.x).astype(np.int64)


def _handed_out(problem: Problem, core: Core, numbers: Ints) -> Ints:
    """Return the choice in which the customers of each kind get their options one after the other."""
    by_kind = np.argsort(problem.kind, kind="stable")
    begin = np.searchsorted(problem.kind[by_kind], core.kind)
    before = np.cumsum(numbers) - numbers
    new = np.flatnonzero(np.r_[True, core.kind[1:] != core.kind[:-1]])
    before -= np.repeat(before[new], np.diff(np.r_[new, len(numbers)]))
    within = np.arange(numbers.sum()) - np.repeat(np.cumsum(numbers) - numbers, numbers)
    found = core.fixed.copy()
    found[by_kind[np.repeat(begin + before, numbers) + within]] = np.repeat(core.option, numbers)
    return found


def _each(core: Core, count: Ints) -> LinearConstraint:
    _, first, place = np.unique(core.kind, return_index=True, return_inverse=True)
    rows = sparse.csr_array((np.ones(len(place)), (place, np.arange(len(place)))))
    return LinearConstraint(rows, -np.inf, count[first])


def _scarce(problem: Problem, core: Core, room: Floats) -> LinearConstraint:
    cost, is_call = problem.cost[core.option, core.who], problem.is_call[core.option]
    return LinearConstraint(sparse.csr_array(np.vstack([cost, is_call])), -np.inf, room)


def _segments(problem: Problem, core: Core) -> LinearConstraint:
    rows, least, most = [np.zeros(len(core.kind))], [0], [0]
    for group in problem.groups:
        member = np.zeros(problem.customers, bool)
        member[group.rows] = True
        chosen = int((core.fixed[group.rows] != NOTHING).sum())
        rows.append(member[core.who].astype(float))
        least.append(group.least - chosen)
        most.append(group.most - chosen)
    return LinearConstraint(sparse.csr_array(np.vstack(rows)), least, most)
