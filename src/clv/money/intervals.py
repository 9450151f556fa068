"""90 % intervals of every score, from drawn futures, in bounded memory.

One draw takes one set of parameters (how sure the fit is), one individual per history (how much customers
differ) and one future of it (chance). Customers with the same history share their draws. The bounds are order
statistics, so that a new draw falls between them with a chance of 90 %, however few draws there are.

Histories are worked on in blocks, each with random numbers of its own, on all cores at once: what comes out
depends on the generator alone, not on how many cores there are or which of them was faster.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from clv.btyd.histories import Array, distinct, read
from clv.btyd.model import Model
from clv.money import futures
from clv.money.futures import Course
from clv.money.gammagamma import GammaGamma

_CELLS = 2_000_000  # histories x draws of a block, in memory at once for each score
_MOST_THREADS = 8  # each has a block, some 100 MB, in memory
NAMES = ("p_alive", "p_buy", "purchases", "clv", "residual_value", "next_purchase_days")


class Terms(NamedTuple):
    """What the values are asked for: days, days, delta per day, share of money that the shop keeps."""

    days: float
    clv_days: float
    delta: float
    margin: float


def intervals(
    customers: pd.DataFrame,
    models: Sequence[Model],
    spends: Sequence[GammaGamma],
    terms: Terms,
    *,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return name_low and name_high (5 % and 95 %) of every score, one row per customer.

    `models` and `spends` are the parameter draws, one pair per drawn future.
    """
    x, t_x, T = read(customers)
    columns, where = distinct(x, t_x, T, customers["monetary_value"].to_numpy(dtype=float))
    rows = pd.DataFrame(dict(zip(("frequency", "recency", "T", "monetary_value"), columns, strict=True)))
    work = partial(_bounds, models=models, spends=spends, terms=terms)
    names = [name + end for name in NAMES for end in ("_low", "_high")]
    parts = [np.zeros((0, len(names))), *_in_blocks(work, rows, len(models), rng)]
    found = np.concatenate(parts)[where]
    return pd.DataFrame(found, index=customers.index, columns=names)


def _in_blocks(
    work: Callable[[pd.DataFrame, np.random.Generator], Array],
    rows: pd.DataFrame,
    draws: int,
    rng: np.random.Generator,
) -> list[Array]:
    """Return what `work` makes of each block of rows, in order; NumPy lets go of Python while it computes."""
    size = max(1, _CELLS // draws)
    blocks = [rows.iloc[i : i + size] for i in range(0, len(rows), size)]
    with ThreadPoolExecutor(min(_cores(), _MOST_THREADS)) as pool:
        return list(pool.map(work, blocks, rng.spawn(len(blocks))))


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _bounds(
    rows: pd.DataFrame,
    rng: np.random.Generator,
    *,
    models: Sequence[Model],
    spends: Sequence[GammaGamma],
    terms: Terms,
) -> Array:
    drawn = np.empty((len(NAMES), len(rows), len(models)))
    for k, (model, spend) in enumerate(zip(models, spends, strict=True)):
        drawn[:, :, k] = _one_draw(rows, model, spend, terms, rng=rng)
    low, high = ends(len(models))
    drawn.sort(axis=2)  # with the instructions that processors have for it, faster than to find two places
    return np.column_stack([drawn[i, :, end] for i in range(len(NAMES)) for end in (low, high)])


def of_exactly(
    customers: pd.DataFrame, models: Sequence[Model], *, n: int, days: float, rng: np.random.Generator
) -> Array:
    """Return the 5 % and 95 % bounds (rows) of each customer's P(exactly `n` purchases within `days`)."""
    columns, where = distinct(*read(customers))
    rows = pd.DataFrame(dict(zip(("frequency", "recency", "T"), columns, strict=True)))
    work = partial(_chances, models=models, n=n, days=days)
    found = np.concatenate([np.zeros((2, 0)), *_in_blocks(work, rows, len(models), rng)], axis=1)
    return found[:, where]


def _chances(
    rows: pd.DataFrame, rng: np.random.Generator, *, models: Sequence[Model], n: int, days: float
) -> Array:
    drawn = np.sort([_own_chance(rows, model, n, days, rng=rng) for model in models], axis=0)
    return drawn[list(ends(len(models)))]


def _own_chance(rows: pd.DataFrame, model: Model, n: int, days: float, *, rng: np.random.Generator) -> Array:
    individuals = model.individuals(rows, rng=rng)
    alive = futures.own_p_alive(model, individuals, read(rows))
    chance = alive * futures.own_p_exactly(futures.course(model, individuals, rng=rng), n, days)
    return chance + (1 - alive) if n == 0 else chance


def ends(draws: int) -> tuple[int, int]:
    """Return the places, in order, of the 5 % and 95 % bound among sorted draws: a new one is 90 % inside."""
    low = max(int(0.05 * (draws + 1)) - 1, 0)
    return low, draws - 1 - low


def _one_draw(
    rows: pd.DataFrame, model: Model, spend: GammaGamma, terms: Terms, *, rng: np.random.Generator
) -> Array:
    """Return one drawn value of every score (rows, as in NAMES) for every customer (columns)."""
    individuals = model.individuals(rows, rng=rng)
    going = futures.course(model, individuals, rng=rng)
    alive = futures.own_p_alive(model, individuals, read(rows))
    buys = alive * futures.own_p_buy(going, terms.days)
    future = _future(going, rows, spend, terms, rng=rng)
    return np.stack([alive, buys, *future, futures.next_purchase(going, rng=rng)])


def one_future(
    rows: pd.DataFrame, model: Model, spend: GammaGamma, terms: Terms, *, rng: np.random.Generator
) -> Array:
    """Return purchases, clv and residual value (rows of the answer) of one drawn future of each customer."""
    alive, individuals = model.survivors(rows, rng=rng)
    found = np.zeros((3, len(rows)))
    going = futures.course(model, individuals, rng=rng)
    found[:, alive] = _future(going, rows.iloc[alive], spend, terms, rng=rng)
    return found


def _future(
    going: Course, rows: pd.DataFrame, spend: GammaGamma, terms: Terms, *, rng: np.random.Generator
) -> Array:
    found = np.zeros((3, len(rows)))
    left = np.flatnonzero(going.left_at > 0)
    alive = Course(going.buys[left], going.leaves[left], going.last, going.left_at[left])
    amounts = futures.Amounts(spend.p, spend.individuals(rows.iloc[left], rng=rng))
    found[0, left] = futures.purchases(alive, terms.days, rng=rng)
    for i, window in enumerate(((0.0, terms.clv_days), (terms.clv_days, np.inf)), start=1):
        found[i, left] = terms.margin * futures.money(alive, amounts, window, terms.delta, rng=rng)
    return found
