"""Whether limits fit the customers: told in one sentence before anything is solved."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from clv.errors import NoAnswerError, SettingError, nearest
from clv.language import tell
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
            tell(
                "the limits name segment {first!r} but the options carry no segments; add them",
                first=named[0],
            )
        )
    known = set(options.segment)
    for name in named:
        if name not in known:
            raise SettingError(
                tell(
                    "no customer is in segment {name!r}, which has a limit; {nearest}",
                    name=name,
                    nearest=nearest(name, known),
                )
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
            told = tell(
                "segment {name!r} has a least of {number}, and of its customers {there}",
                name=name,
                number=number,
                there=there.get(name, 0),
            )
            raise NoAnswerError(
                tell("{told} may be reached; lower the least or allow more options", told=told)
            )


def _calls(problem: Problem) -> None:
    without = np.isfinite(problem.value[~problem.is_call]).any(axis=0)
    needed = sum(max(0, group.least - int(without[group.rows].sum())) for group in problem.groups)
    if needed > problem.capacity[_CALLS]:
        told = tell(
            "the least numbers need {needed} calls and there are {capacity:.0f}",
            needed=needed,
            capacity=problem.capacity[_CALLS],
        )
        raise NoAnswerError(tell("{told}; allow more calls or lower the least numbers", told=told))


def _budget(problem: Problem) -> None:
    spare = np.where(np.isfinite(problem.value), -problem.cost, -np.inf)
    no_budget = np.array([np.inf, problem.capacity[_CALLS]])
    needed = -prices.find(replace(problem, value=spare, capacity=no_budget)).bound
    budget = problem.capacity[_BUDGET]
    if needed > budget + 2 * SLACK * max(budget, 1.0):
        told = tell(
            "the least numbers cost at least {needed:.2f} and the budget is {budget:.2f}",
            needed=needed,
            budget=budget,
        )
        raise NoAnswerError(tell("{told}; raise the budget or lower the least numbers", told=told))
