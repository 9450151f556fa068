"""Rules of thumb: what a spreadsheet would do, to be compared with the plan."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clv.errors import InputError, SettingError
from clv.language import tell
from clv.planning.contract import NOTHING, SLACK, Floats, Ints, Limits, Options, Plan


def greedy(options: Options, limits: Limits) -> Plan:
    """Return the plan that takes the highest value per cost first, until the budget is used.

    Each customer gets the option of the highest value per cost, or the one of the highest value, whichever
    of the two earns more in all: the second wins where there is money enough.

    Segments with a least are served first, up to it, as far as budget and calls go. When the calls are used
    up, the others go on with the options that are none; a segment that has its most is passed over.
    """
    per_cost = _per_cost(options)
    best = np.where(options.allowed, options.value, -np.inf).argmax(axis=1)[:, None]
    of_best = np.where(np.arange(options.value.shape[1]) == best, per_cost, -np.inf)
    return max((_by_score(options, limits, score) for score in (per_cost, of_best)), key=lambda p: p.profit)


def _by_score(options: Options, limits: Limits, score: Floats) -> Plan:
    chosen = np.full(len(options), NOTHING)
    if any(limits.least.values()):
        chosen = _filled(options, limits, score, chosen, room=limits.least, otherwise=0)
    score = np.where(score > 0, score, -np.inf)
    return _plan(options, _filled(options, limits, score, chosen, room=limits.most))


def everybody(options: Options, limits: Limits, *, option: int, order: ArrayLike | None = None) -> Plan:
    """Return the plan that gives one option to all who may get it, in order, until the budget ends.

    Calls and the most of each segment are kept; least numbers are not looked at.

    Parameters
    ----------
    option
        Its number.
    order
        One number per customer, such as the days since the last purchase: the lowest is served first.
        None: as the rows stand.

    Raises
    ------
    SettingError
        There is no such option.
    InputError
        `order` has not one number per customer.
    """
    if option not in range(len(options.names)):
        raise SettingError(
            tell(
                "there is no option {option}; give a number from 0 to {names}",
                option=option,
                names=len(options.names) - 1,
            )
        )
    order = np.arange(len(options)) if order is None else np.asarray(order, float)
    if order.shape != (len(options),) or np.isnan(order).any():
        raise InputError(
            tell(
                "order is not one number for each of {options} customers; give one to each",
                options=len(options),
            )
        )
    score = np.full(options.value.shape, -np.inf)
    score[:, option] = np.where(options.allowed[:, option], -order, -np.inf)
    nobody = np.full(len(options), NOTHING)
    return _plan(options, _filled(options, limits, score, nobody, room=limits.most))


def _per_cost(options: Options) -> Floats:
    """Return value per cost: what costs nothing comes first, what loses last, -inf is not allowed."""
    value = np.where(options.allowed, options.value, -np.inf)
    gains = value > 0
    ratio = np.full(value.shape, np.finfo(float).max)
    np.divide(value, options.cost, out=ratio, where=gains & (options.cost > 0))
    return np.where(gains, ratio, value)


def _filled(
    options: Options,
    limits: Limits,
    score: Floats,
    chosen: Ints,
    *,
    room: Mapping[str, int],
    otherwise: float = np.inf,
) -> Ints:
    """Return `chosen` after those with nothing were served by falling score, until a limit stops all."""
    score, chosen = score.copy(), chosen.copy()
    code, names = _segments(options)
    rooms = np.array([room.get(name, otherwise) for name in names], float)
    while score.size:
        best = score.max(axis=1)
        who = np.flatnonzero((chosen == NOTHING) & (best > -np.inf))
        who = who[np.argsort(-best[who], kind="stable")]
        option = score[who].argmax(axis=1)
        n, limit = _first_refused(options, limits, chosen, who, option, code, rooms)
        chosen[who[:n]] = option[:n]
        if limit == "segment":
            score[code == code[who[n]]] = -np.inf
        elif limit == "calls":
            score[:, options.is_call] = -np.inf
        else:
            break
    return chosen


def _first_refused(
    options: Options, limits: Limits, chosen: Ints, who: Ints, option: Ints, code: Ints, rooms: Floats
) -> tuple[int, str]:
    """Return how many of `who` can be served, and the limit that refuses the next; '' if none does."""
    so_far = _plan(options, chosen)
    has = np.bincount(code[chosen != NOTHING], minlength=len(rooms))
    nth = pd.Series(code[who]).groupby(code[who]).cumcount().to_numpy() + 1
    fits = {"segment": has[code[who]] + nth <= rooms[code[who]]}
    if limits.calls is not None:
        fits["calls"] = so_far.calls + np.cumsum(options.is_call[option]) <= limits.calls
    if limits.budget is not None:
        most = limits.budget + SLACK * max(limits.budget, 1.0)
        fits["budget"] = so_far.spent + np.cumsum(options.cost[who, option]) <= most
    served = {limit: len(who) if fit.all() else int(fit.argmin()) for limit, fit in fits.items()}
    limit = min(served, key=served.get)
    return (served[limit], limit) if served[limit] < len(who) else (len(who), "")


def _segments(options: Options) -> tuple[Ints, list[str]]:
    labels = np.full(len(options), "", object) if options.segment is None else options.segment
    code, names = pd.factorize(labels)
    return code, list(names)


def _plan(options: Options, chosen: Ints) -> Plan:
    who = np.flatnonzero(chosen != NOTHING)
    value, cost = (table[who, chosen[who]].sum() for table in (options.value, options.cost))
    return Plan(chosen, float(value), float(cost), int(options.is_call[chosen[who]].sum()))
