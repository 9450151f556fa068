"""Same condition, same offer: everybody who meets a published condition gets the same option, or nobody."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog

from clv.errors import NoAnswerError
from clv.language import tell
from clv.planning.contract import NOTHING, SLACK, Bools, Choice, Floats, Ints, Limits, Options, gap, labels
from clv.planning.quiet import milp

_TRIES = 4
_NODES = 100_000  # of the search tree; a limit in seconds would make the choice depend on the machine
_NONE = "no plan with the same offer for each condition keeps budget, calls and segments"


@dataclass(frozen=True, eq=False)
class _Whole:
    """One integer programme: a column per condition and option that reaches somebody of it."""

    condition: Ints
    option: Ints
    value: Floats
    rows: sparse.csr_array  # conditions, then limits, each at most `most`
    most: Floats
    limits: tuple[str, ...]  # names of the last rows: 'budget', 'calls', 'most …', 'least …'


def choose(options: Options, limits: Limits, *, conditions: ArrayLike) -> Choice:
    """Return the best choice in which all of a condition who may be reached get one option, or none does."""
    code, names = pd.factorize(labels(conditions, what="conditions", customers=len(options)), sort=True)
    whole = _whole(options, limits, code, len(names))
    if not len(whole.value):
        return _choice(options, np.full(len(options), NOTHING), 0.0, dict.fromkeys(whole.limits, 0.0))
    relaxed = linprog(-whole.value, A_ub=whole.rows, b_ub=whole.most, bounds=(0, 1), method="highs")
    if relaxed.status == 2:
        raise NoAnswerError(
            tell("{none}; raise the budget, allow more calls or lower the least numbers", none=_NONE)
        )
    found = _solved(whole)
    bound = min(-relaxed.fun, -found.mip_dual_bound)
    prices = dict(zip(whole.limits, (-relaxed.ineqlin.marginals[len(names) :]).tolist(), strict=True))
    return _choice(options, _options_of(options, whole, found.x > 0.5, code, len(names)), bound, prices)


def _whole(options: Options, limits: Limits, code: Ints, number: int) -> _Whole:
    """Return sums by condition and option of what every limit counts."""
    size = _sums(options.allowed, code, number)
    condition, option = np.nonzero(size)
    amounts, most, names = _limits(options, limits, size, code, number)
    each = sparse.csr_array(
        (np.ones(len(condition)), (condition, np.arange(len(condition)))), (number, len(condition))
    )
    table = np.array([amount[condition, option] for amount in amounts]).reshape(len(amounts), len(condition))
    value = _sums(np.where(options.allowed, options.value, 0.0), code, number)[condition, option]
    rows = sparse.csr_array(sparse.vstack([each, sparse.csr_array(table)]))
    return _Whole(condition, option, value, rows, np.r_[np.ones(number), most], names)


def _limits(
    options: Options, limits: Limits, size: Floats, code: Ints, number: int
) -> tuple[list[Floats], list[float], tuple[str, ...]]:
    rows = {}
    if limits.budget is not None:
        rows["budget"] = _sums(np.where(options.allowed, options.cost, 0.0), code, number), limits.budget
    if limits.calls is not None:
        rows["calls"] = size * options.is_call, limits.calls
    for name in {**limits.least, **limits.most}:
        inside = _sums(options.allowed & _is_in(options, name)[:, None], code, number)
        if name in limits.most:
            rows[f"most {name}"] = inside, limits.most[name]
        if name in limits.least:
            rows[f"least {name}"] = -inside, -limits.least[name]
    return [row for row, _ in rows.values()], [float(end) for _, end in rows.values()], tuple(rows)


def _is_in(options: Options, segment: str) -> Bools:
    none = options.segment is None
    return np.zeros(len(options), bool) if none else options.segment == segment


def _sums(table: Floats, code: Ints, number: int) -> Floats:
    columns = [np.bincount(code, weights=column, minlength=number) for column in table.T]
    return np.array(columns).reshape(table.shape[1], number).T


def _solved(whole: _Whole) -> OptimizeResult:
    room = whole.most.copy()
    for _ in range(_TRIES):
        found = milp(
            -whole.value,
            integrality=np.ones(len(whole.value)),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(whole.rows, -np.inf, room),
            options={"mip_rel_gap": 0.0, "node_limit": _NODES},
        )
        if found.x is None:
            break
        over = whole.rows @ np.rint(found.x) - whole.most
        if (over <= SLACK * np.maximum(np.abs(whole.most), 1.0)).all():
            return found
        room -= 2 * np.maximum(over, 0)  # the solver's tolerance is wider than ours
    raise NoAnswerError(
        tell("{none}; raise the budget, lower the least numbers or make the conditions finer", none=_NONE)
    )


def _options_of(options: Options, whole: _Whole, chosen: Floats, code: Ints, number: int) -> Ints:
    of_condition = np.full(number, NOTHING)
    of_condition[whole.condition[chosen]] = whole.option[chosen]
    option = of_condition[code]
    reached = (option != NOTHING) & options.allowed[np.arange(len(option)), option]
    return np.where(reached, option, NOTHING)


def _choice(options: Options, option: Ints, bound: float, prices: dict[str, float]) -> Choice:
    who = np.flatnonzero(option != NOTHING)
    profit, spent = (float(table[who, option[who]].sum()) for table in (options.value, options.cost))
    segments = sorted({name.split(" ", 1)[1] for name in prices if " " in name})
    return Choice(
        option,
        profit,
        spent,
        int(options.is_call[option[who]].sum()),
        bound=float(max(bound, profit)),
        gap=gap(profit, bound),
        budget_price=prices.get("budget", 0.0),
        call_price=prices.get("calls", 0.0),
        segment_prices={s: prices.get(f"most {s}", 0.0) - prices.get(f"least {s}", 0.0) for s in segments},
    )
