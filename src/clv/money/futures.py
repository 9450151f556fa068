"""One drawn future per customer: does it buy, how often, and what money, discounted to today.

For one customer whose own rate and drop-out are known, all the models say the same. While alive, the customer
makes purchases that it stays after at the rate `buys` and leaves at the rate `leaves`, both constant:

    BG/NBD, MBG/NBD   buys = rate (1 - p), leaves = rate p; leaving is itself a purchase (the last)
    Pareto/NBD, NBD   buys = rate,         leaves = mu (0: never); leaving is silent

(A Poisson stream of purchases, each the last with chance p, is two independent streams.) So the moment of
leaving is exponential and the purchases before it lie evenly over the time.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit, exprel, gammainc, gammaln, xlogy

from clv.btyd.beta_geometric import BetaGeometric
from clv.btyd.histories import Array, History
from clv.btyd.model import Model

TOO_LATE = 3650.0  # days; a purchase due later than ten years from now is no date to plan with
_MOST = 30.0  # purchases in a window that are drawn one by one; more are drawn as one sum (see `_as_one_sum`)
_FAR = 16.0  # exp(-16) of a purchase: later ones are left out of "for ever"


class Course(NamedTuple):
    """How individuals go on from now: rates per day, `last` whether leaving is a purchase, `left_at` in days.

    `left_at` is one drawn moment of leaving, 0 for who has left already.
    """

    buys: Array
    leaves: Array
    last: bool
    left_at: Array


class Amounts(NamedTuple):
    """Amounts of an individual are Gamma(shape) divided by the individual's own rate."""

    shape: float
    rate: Array


def course(model: Model, individuals: pd.DataFrame, *, rng: np.random.Generator) -> Course:
    """Return the rates of drawn individuals (see `Model.individuals`) and when each leaves."""
    rate, dropout, alive = (individuals[name].to_numpy() for name in ("rate", "dropout", "alive"))
    last = isinstance(model, BetaGeometric)
    buys, leaves = (rate * (1 - dropout), rate * dropout) if last else (rate, dropout)
    with np.errstate(divide="ignore", over="ignore"):
        stays = rng.standard_exponential(len(rate)) / leaves
    return Course(buys, leaves, last, np.where(alive, stays, 0.0))


def own_p_alive(model: Model, individuals: pd.DataFrame, history: History) -> Array:
    """Return each individual's P(alive | own rate, own drop-out, history); on average it is `p_alive`."""
    rate, dropout = individuals["rate"].to_numpy(), individuals["dropout"].to_numpy()
    silent = history.T - history.t_x
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        if isinstance(model, BetaGeometric):
            asked = history.x + model.first_chance > 0
            gone = np.log(dropout) - np.log1p(-dropout) + rate * silent
            return np.where(asked, expit(-gone), 1.0)
        gone = dropout * silent * exprel((rate + dropout) * silent)
    return 1 / (1 + np.where(dropout > 0, gone, 0.0))


def own_p_buy(going: Course, days: float) -> Array:
    """Return P(a purchase within `days` | own rates, alive now)."""
    both = going.buys + going.leaves
    seen = both if going.last else going.buys
    return seen * days * exprel(-both * days)


def own_p_exactly(going: Course, n: int, days: float) -> Array:
    """Return P(exactly `n` purchases within `days` | own rates, alive now): still there, or gone before."""
    both = going.buys + going.leaves
    stays = np.divide(going.buys, both, out=np.ones_like(both), where=both > 0)
    if not going.last:
        there = np.exp(-going.leaves * days) * _poisson(n, going.buys * days)
        return there + stays**n * (1 - stays) * gammainc(n + 1, both * days)
    there = _poisson(n, both * days) * stays**n
    return there + stays ** (n - 1) * (1 - stays) * gammainc(n, both * days) if n else there


def _poisson(n: int, mean: Array) -> Array:
    return np.exp(xlogy(n, mean) - mean - gammaln(n + 1))


def next_purchase(going: Course, *, rng: np.random.Generator) -> Array:
    """Return days until the next purchase, inf for who does not buy again within TOO_LATE days."""
    with np.errstate(divide="ignore", over="ignore"):
        quiet = rng.standard_exponential(len(going.buys)) / going.buys
    if going.last:
        quiet = np.minimum(quiet, np.where(going.left_at > 0, going.left_at, np.inf))
    return np.where(quiet <= np.minimum(going.left_at, TOO_LATE), quiet, np.inf)


def purchases(going: Course, days: float, *, rng: np.random.Generator) -> Array:
    """Return the number of purchases within `days`."""
    found = rng.poisson(going.buys * np.minimum(going.left_at, days)).astype(float)
    return found + _leaves_with_a_purchase(going, 0.0, days)


def money(
    going: Course, amounts: Amounts, window: tuple[float, float], delta: float, *, rng: np.random.Generator
) -> Array:
    """Return the discounted money of purchases in the window (start, end], days from now; end may be inf."""
    start, end = window
    if np.isinf(end):
        end = start + _FAR / delta
    length = np.clip(np.minimum(going.left_at, end) - start, 0.0, None)
    many = going.buys * length > _MOST
    found = _one_by_one(np.where(many, 0.0, going.buys), length, amounts, start, delta, rng=rng)
    if many.any():
        found[many] = _as_one_sum(going.buys[many], length[many], _of(amounts, many), start, delta, rng=rng)
    final = np.flatnonzero(_leaves_with_a_purchase(going, start, end))
    worth = rng.standard_gamma(amounts.shape, len(final)) / amounts.rate[final]
    found[final] += worth * np.exp(-delta * going.left_at[final])
    return found


def _leaves_with_a_purchase(going: Course, start: float, end: float) -> Array:
    return going.last & (going.left_at > start) & (going.left_at <= end)


def _of(amounts: Amounts, which: Array) -> Amounts:
    return Amounts(amounts.shape, amounts.rate[which])


def _one_by_one(
    buys: Array, length: Array, amounts: Amounts, start: float, delta: float, *, rng: np.random.Generator
) -> Array:
    who = np.repeat(np.arange(len(buys)), rng.poisson(buys * length))
    when = start + length[who] * rng.random(len(who))
    worth = rng.standard_gamma(amounts.shape, len(who)) * np.exp(-delta * when)
    return np.bincount(who, weights=worth, minlength=len(buys)) / amounts.rate


def _as_one_sum(
    buys: Array, length: Array, amounts: Amounts, start: float, delta: float, *, rng: np.random.Generator
) -> Array:
    """Draw the sum of many purchases as one Gamma with the sum's exact mean and variance (Campbell 1909)."""
    first, second = (_area(delta * k, start, length) for k in (1, 2))
    mean = buys * first * amounts.shape
    variance = buys * second * amounts.shape * (amounts.shape + 1)
    return rng.standard_gamma(mean**2 / variance) * variance / mean / amounts.rate


def _area(delta: float, start: float, length: Array) -> Array:
    """Integral of exp(-delta t) from `start` over `length`."""
    if delta == 0:
        return length
    return np.exp(-delta * start) * -np.expm1(-delta * length) / delta
