"""How often the rules were right, how they compare on the same customers, and which one is to be used."""

import numpy as np
import pandas as pd

from clv.tasting.histories import Floats
from clv.tasting.rules import RULES

MEASURES = ("hit", "loss")
_CELLS = 4_000_000  # of customers × draws that are held at once
_ENDS = (0.05, 0.95)
_SLACK = 1e-9


def compare(
    trials: pd.DataFrame, *, draws: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how the rules did, and how each did against each other one, on the same customers.

    Parameters
    ----------
    trials
        As `trials.gather` gives them.

    Returns
    -------
    Of the rules: index rule, the simplest first; trials, hit, hit_low, hit_high (share of next choices that
    were foretold), loss, loss_low, loss_high (mean log loss, in nats). Of the pairs: index rule, than; hit,
    loss (differences) with low and high ends. 90 %, by the bootstrap over customers with all their days.
    """
    sums, names = _sums(trials)
    redrawn = _redrawn(sums, draws, rng)
    count = sums[:, 0].sum()
    table, pairs = {}, {}
    for at, name in enumerate(names):
        point, drawn = _both(sums.sum(axis=0), at), _both(redrawn, at)
        table[name] = {"trials": int(count)} | _row(point / count, drawn / redrawn[:, :1])
        for other, than in enumerate(names):
            if other != at:
                apart = (point - _both(sums.sum(axis=0), other)) / count
                pairs[name, than] = _row(apart, (drawn - _both(redrawn, other)) / redrawn[:, :1])
    index = pd.MultiIndex.from_tuples(pairs, names=["rule", "than"])
    of_rules = pd.DataFrame.from_dict(table, orient="index").rename_axis("rule")
    return of_rules, pd.DataFrame(list(pairs.values()), index=index)


def used(table: pd.DataFrame, pairs: pd.DataFrame) -> str:
    """Return the rule to use: the simplest that none beats beyond noise, in log loss or in hits.

    Beyond noise: the whole interval of their difference lies on one side of 0.
    """
    return next((rule for rule in table.index if not _beaten(rule, pairs)), table["loss"].idxmin())


def _beaten(rule: str, pairs: pd.DataFrame) -> bool:
    others = pairs.xs(rule, level="rule")
    return bool(((others["loss_low"] > _SLACK) | (others["hit_high"] < -_SLACK)).any())


def _sums(trials: pd.DataFrame) -> tuple[Floats, list[str]]:
    """Return per customer the number of trials and, rule by rule, the sums of hits and losses."""
    told = set(trials["rule"].unique())
    names = [name for name in RULES if name in told]
    customer = pd.Series(pd.factorize(trials["who"])[0], index=trials.index)
    first = customer[trials["rule"] == names[0]]
    columns = [np.bincount(first, minlength=customer.max() + 1).astype(float)]
    for name in names:
        rows = trials[trials["rule"] == name]
        at = customer[rows.index]
        columns += [np.bincount(at, weights=rows[m], minlength=len(columns[0])) for m in MEASURES]
    return np.column_stack(columns), names


def _both(sums: Floats, at: int) -> Floats:
    """Return hits and losses of one rule, of one row of sums or of many."""
    return sums[..., 1 + 2 * at : 3 + 2 * at]


def _redrawn(sums: Floats, draws: int, rng: np.random.Generator) -> Floats:
    customers = len(sums)
    at_once = int(np.clip(_CELLS // customers, 1, draws))
    parts = []
    for start in range(0, draws, at_once):
        weights = [
            np.bincount(rng.integers(0, customers, customers), minlength=customers)
            for _ in range(min(at_once, draws - start))
        ]
        parts.append(np.stack(weights) @ sums)
    return np.concatenate(parts)


def _row(point: Floats, drawn: Floats) -> dict[str, float]:
    low, high = np.quantile(drawn, _ENDS, axis=0)
    return {
        f"{measure}{end}": float(values[at])
        for at, measure in enumerate(MEASURES)
        for end, values in (("", point), ("_low", low), ("_high", high))
    }
