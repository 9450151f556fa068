"""Whether limits fit the customers: told in one sentence before anything is solved."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from clv.errors import NoAnswerError, SettingError, nearest
from clv.planning import prices
from clv.planning.contract import SLACK, Limits, Options
from clv.planning.problem import Problem

_BUDGET, _CALLS = 0, 1


def segments(options: Options, limits: Limits) -> None:
    """Refuse limits of segments that no customer has.

    Raises
    ------
    SettingError
        The segment, and the nearest that there is.
    """
    named = sorted({*limits.least, *limits.most})
    if not named or not len(options):
        return
    if options.segment is None:
        raise SettingError(
            f"the limits name segment {named[0]!r} but the options carry no segments; add them"
        )
    known = set(options.segment)
    for name in named:
        if name not in known:
            raise SettingError(
                f"no customer is in segment {name!r}, which has a limit; {nearest(name, known)}"
            )


def least_numbers(problem: Problem, limits: Limits) -> None:
    """Refuse least numbers that cannot be met within reach, calls and budget.

    The cheapest way to meet them is a flow through a network, so its linear programme has whole solutions
    (Ahuja, Magnanti & Orlin 1993, Network Flows, theorem 9.10) and the answer is exact.

    Raises
    ------
    NoAnswerError
        What is missing, and how much.
    """
    if not any(limits.least.values()):
        return
    _reach(problem, limits.least.items())
    _calls(problem)
    if np.isfinite(problem.capacity[_BUDGET]):
        _budget(problem)


def _reach(problem: Problem, least: Iterable[tuple[str, int]]) -> None:
    reached = np.isfinite(problem.value).any(axis=0)
    there = {group.name: int(reached[group.rows].sum()) for group in problem.groups}
    for name, number in least:
        if number > there.get(name, 0):
            told = f"segment {name!r} has a least of {number}, and of its customers {there.get(name, 0)}"
            raise NoAnswerError(f"{told} may be reached; lower the least or allow more options")


def _calls(problem: Problem) -> None:
    without = np.isfinite(problem.value[~problem.is_call]).any(axis=0)
    needed = sum(max(0, group.least - int(without[group.rows].sum())) for group in problem.groups)
    if needed > problem.capacity[_CALLS]:
        told = f"the least numbers need {needed} calls and there are {problem.capacity[_CALLS]:.0f}"
        raise NoAnswerError(f"{told}; allow more calls or lower the least numbers")


def _budget(problem: Problem) -> None:
    spare = np.where(np.isfinite(problem.value), -problem.cost, -np.inf)
    no_budget = np.array([np.inf, problem.capacity[_CALLS]])
    needed = -prices.find(replace(problem, value=spare, capacity=no_budget)).bound
    budget = problem.capacity[_BUDGET]
    if needed > budget + 2 * SLACK * max(budget, 1.0):
        told = f"the least numbers cost at least {needed:.2f} and the budget is {budget:.2f}"
        raise NoAnswerError(f"{told}; raise the budget or lower the least numbers")
