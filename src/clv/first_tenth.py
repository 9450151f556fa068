"""The tenth of the customers that a score puts first: how many of the best are in it, and how much money.

precision   of the tenth that is put first, the share that is among the tenth that brought most, and any
lift        precision over that of a blind choice
capture     share of all money that the tenth put first brought

Customers with equal scores are taken in random order, so ties are averaged.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.judging import measures, sums

Floats = NDArray[np.float64]

TOP = 0.1
_BAND = (0.05, 0.95)
_CELLS = 4_000_000  # of customers × draws that are held at once


def measured(
    scores: Mapping[str, Floats], money: Floats, *, rng: np.random.Generator, draws: int = 400
) -> tuple[pd.DataFrame, tuple[float, float, float]]:
    """Return how well each score put first those who brought most, and how far the first beats the second.

    Parameters
    ----------
    scores
        By name, what each customer was expected to bring, or anything that sorts alike; two of them.
    money
        What each brought; of some customers more than 0.
    rng
        Redraws the customers, for all scores alike.

    Returns
    -------
    Index rule; precision, lift, capture, each with _low and _high (90 %). And the precision of the first
    score less that of the second: value, low, high.
    """
    n = len(money)
    best = money >= max(np.sort(money)[-max(round(TOP * n), 1)], np.min(money[money > 0]))
    drawn, ranked = {by: [] for by in scores}, {by: sums.order(one).coarse() for by, one in scores.items()}
    for at in range(0, draws, at_once := max(_CELLS // n, 1)):
        many = min(at_once, draws - at)
        weights = [np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(many)]
        columns = np.column_stack([np.ones(n), *weights])  # the customers as they are stand first
        for by, order in ranked.items():
            drawn[by].append(_of(order, best, money, columns)[:, (at > 0) :])
    by_rule = {by: np.hstack(found) for by, found in drawn.items()}
    rows = {by: _row(found) for by, found in by_rule.items()}
    first, second = by_rule.values()
    gap = first[0] - second[0]
    low, high = np.quantile(gap[1:], _BAND)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("rule")
    return table, (float(gap[0]), float(low), float(high))


def _of(ranked: sums.Order, best: NDArray[np.bool_], money: Floats, weights: Floats) -> Floats:
    """Return precision, lift and capture (rows) of the first tenth, by draw."""
    people = ranked.sums(weights)
    first, buyers = np.flatnonzero(best), np.flatnonzero(money)
    x, found = measures.gain(people, ranked.sums(weights[first], first))
    _, brought = measures.gain(people, ranked.sums(weights[buyers] * money[buyers, None], buyers))
    lift = measures.captured(x, found, TOP) / TOP
    base = weights[first].sum(axis=0) / weights.sum(axis=0)
    return np.array([lift * base, lift, measures.captured(x, brought, TOP)])


def _row(found: Floats) -> dict[str, float]:
    row = {}
    for name, values in zip(("precision", "lift", "capture"), found, strict=True):
        low, high = np.nanquantile(values[1:], _BAND)
        row |= {name: values[0], f"{name}_low": low, f"{name}_high": high}
    return row
