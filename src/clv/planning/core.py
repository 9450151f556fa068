"""From prices to a plan: only the customers whose choice hangs on them are left to an integer programme.

Everybody else has one choice that is clearly best at the prices. How clearly is measured by what another
would lose; whatever loses more than the gap that is left cannot be part of a better plan (reduced-cost fixing
and cores: Kellerer, Pferschy & Pisinger 2004, Knapsack Problems). So the core grows until nothing outside of
it could matter, or until the gap is one that nobody would notice.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from clv.planning.contract import NOTHING, Floats, Ints
from clv.planning.integers import Core, best_within, keeps
from clv.planning.prices import Prices
from clv.planning.problem import Problem, answer, net, profit

_FINE = 1e-4  # of the bound: with a gap so small it ends when the core has been enlarged once
_FIRST = 200  # options in the first core
_GROWTH = 4


class Effort(NamedTuple):
    """How long to look: the gap, as a part of the bound, that ends the search; nodes of the search tree."""

    enough: float
    nodes: int


# Nodes, not seconds, which would make the plan depend on the machine.
THOROUGH, SKETCH = Effort(1e-5, 2_000), Effort(1e-4, 100)


@dataclass(frozen=True, eq=False)
class _Field:
    """Kinds of customers: one customer and the number of each, and what each choice loses at the prices."""

    first: Ints
    losses: Floats  # choices × kinds, nothing last; inf where not allowed, or where all choose so already
    start: Ints


def solve(problem: Problem, prices: Prices, *, effort: Effort = THOROUGH) -> Ints | None:
    """Return the best choice found, one option per customer; None if none keeps the limits."""
    enough = effort.enough
    start = _mixed(problem, prices)
    field = _field(problem, prices.prices, start)
    best = start if keeps(problem, start) else None
    open_choices = int(np.isfinite(field.losses).sum())
    size = min(_FIRST, open_choices)
    while best is None or prices.bound - profit(problem, best) > enough * abs(prices.bound):
        core, outside = _core(problem, field, size)
        new = best_within(problem, core, aim=prices.bound, close=enough / 2, nodes=effort.nodes)
        best = _better(problem, best, new)
        missing = np.inf if best is None else prices.bound - profit(problem, best)
        is_fine = size > _FIRST and missing <= _FINE * abs(prices.bound)
        if size == open_choices or outside >= missing or is_fine:
            break
        needed = open_choices if best is None else int((field.losses <= missing).sum())
        size = min(max(needed, size + 1), size * _GROWTH, open_choices)
    return best


def _mixed(problem: Problem, prices: Prices) -> Ints:
    """Return a choice in which the planes' own choices are mixed in their shares, customer by customer.

    Nearly all customers choose the same at all of them; for the others the mixture uses about what there is.
    """
    used = np.flatnonzero(prices.shares > 1e-12)
    ends = np.cumsum(prices.shares[used])
    place = (np.arange(problem.customers) + 0.5) / max(problem.customers, 1) * ends[-1]
    whose = np.searchsorted(ends, place)
    choices = [answer(problem, prices.planes[n].prices).option for n in used]
    return np.choose(np.minimum(whose, len(used) - 1), choices)


def _better(problem: Problem, one: Ints | None, other: Ints | None) -> Ints | None:
    if one is None or other is None:
        return other if one is None else one
    return other if profit(problem, other) > profit(problem, one) else one


def _field(problem: Problem, prices: Floats, start: Ints) -> _Field:
    _, first = np.unique(problem.kind, return_index=True)
    losses = _losses(problem, prices)[:, first]
    one = start[first]
    differ = np.zeros(len(first), bool)
    differ[problem.kind[start != one[problem.kind]]] = True
    same = np.flatnonzero(~differ)
    losses[one[same], same] = np.inf  # the row of nothing is the last, where -1 points
    return _Field(first, losses, start)


def _losses(problem: Problem, prices: Floats) -> Floats:
    """Return what each option, nothing in the last row, loses at the prices against the customer's best."""
    options = [net(problem, k, prices) for k in range(len(problem.value))]
    worth = np.vstack([*options, np.zeros(problem.customers)])
    for group, price in zip(problem.groups, answer(problem, prices).group_prices, strict=True):
        worth[:-1, group.rows] -= price
    return worth.max(axis=0) - worth


def _core(problem: Problem, field: _Field, size: int) -> tuple[Core, float]:
    """Return the core of the `size` choices that lose least, and what the best choice outside of it loses."""
    flat = field.losses.ravel()
    ranked = np.argpartition(flat, min(size, flat.size - 1))
    outside = float(flat[ranked[size]]) if size < flat.size else np.inf
    option, kind = np.unravel_index(ranked[:size], field.losses.shape)
    inside = np.unique(kind)
    fixed = field.start.copy()
    fixed[np.isin(problem.kind, inside)] = NOTHING
    option, kind = np.append(option, field.start[field.first[inside]]), np.append(kind, inside)
    pairs = np.unique(
        np.column_stack([kind, option])[(option != NOTHING) & (option < len(problem.value))], axis=0
    )
    return Core(kind=pairs[:, 0], option=pairs[:, 1], first=field.first, fixed=fixed), outside
