"""The same measures when the shop had met other customers: the bootstrap over customers.

A customer is drawn with everything that is known of it, at all origins together, so the origins' common luck
stays common, and two schemes are compared on the same draws.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from clv.judging import measures
from clv.judging.sums import Floats, Ints, Order

_CELLS = 4_000_000  # of customers × draws that are held at once

RESAMPLED = ("gini", "top_10", "top_20", "reached", "money", "auc", "log_loss", "brier")


@dataclass(frozen=True, eq=False)
class Trial:
    """One origin: who was there, what each did afterwards, and how each scheme ordered them.

    Attributes
    ----------
    rows
        Places of these customers among all customers that are redrawn.
    spend, bought
        Money, and 1 or 0, after the day.
    by_value, by_chance
        By scheme: the order for money and the order for purchases.
    losses
        Log loss and Brier score of each customer (rows): two columns for each scheme, in the order of
        `by_value`.
    """

    rows: Ints
    spend: Floats
    bought: Floats
    by_value: Mapping[str, Order]
    by_chance: Mapping[str, Order]
    losses: Floats

    def coarse(self) -> "Trial":
        """Return the trial with orders of fewer units, which redrawn customers do not need."""
        value = {scheme: one.coarse() for scheme, one in self.by_value.items()}
        chance = {
            scheme: value[scheme] if one is self.by_value[scheme] else one.coarse()
            for scheme, one in self.by_chance.items()
        }
        return replace(self, by_value=value, by_chance=chance)


def point(trial: Trial, *, share: float) -> dict[str, dict[str, float]]:
    """Return the measures of each scheme on the customers as they are."""
    found = _measured(trial, np.ones((len(trial.rows), 1)), share)
    return {scheme: {name: float(value[0]) for name, value in row.items()} for scheme, row in found.items()}


def redrawn(
    trials: Sequence[Trial],
    *,
    customers: int,
    share: float,
    draws: int,
    rng: np.random.Generator,
    told: Callable[[int], None] = lambda _: None,
) -> dict[str, dict[str, Floats]]:
    """Return by scheme and measure the means over the trials, one number per draw of the customers.

    Parameters
    ----------
    customers
        How many there are to draw from.
    share
        Share of the customers that are contacted, for `reached` and `money`.
    told
        Is called with the number of draws that are done since the last call.
    """
    trials = [trial.coarse() for trial in trials]
    parts: list[dict[str, dict[str, Floats]]] = []
    for weights in _weights(customers, draws, rng):
        found = [_measured(trial, weights[trial.rows], share) for trial in trials]
        parts.append({scheme: _mean([one[scheme] for one in found]) for scheme in trials[0].by_value})
        told(weights.shape[1])
    return {
        scheme: {name: np.concatenate([part[scheme][name] for part in parts]) for name in RESAMPLED}
        for scheme in trials[0].by_value
    }


def _weights(customers: int, draws: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield how often each customer (rows) is drawn in each draw (columns), some draws at a time."""
    at_once = int(np.clip(_CELLS // customers, 1, draws))
    for start in range(0, draws, at_once):
        drawn = [
            np.bincount(rng.integers(0, customers, customers), minlength=customers)
            for _ in range(min(at_once, draws - start))
        ]
        yield np.column_stack(drawn).astype(float)


def _measured(trial: Trial, weights: Floats, share: float) -> dict[str, dict[str, Floats]]:
    buyers = np.flatnonzero(trial.bought)
    bought, spend = weights[buyers], weights[buyers] * trial.spend[buyers, None]
    losses = (trial.losses.T @ weights) / weights.sum(axis=0)
    found = {}
    for at, scheme in enumerate(trial.by_value):
        value, chance = trial.by_value[scheme], trial.by_chance[scheme]
        people = value.sums(weights)
        x, y = measures.gain(people, value.sums(spend, buyers))
        reached = measures.captured(x, y, share)
        if chance.unit is not value.unit:
            people = chance.sums(weights)
        found[scheme] = {
            "gini": measures.gini(x, y),
            "top_10": measures.captured(x, y, 0.1),
            "top_20": measures.captured(x, y, 0.2),
            "reached": reached,
            "money": reached * spend.sum(axis=0),
            "auc": measures.auc(people, chance.sums(bought, buyers)),
            "log_loss": losses[2 * at],
            "brier": losses[2 * at + 1],
        }
    return found


def _mean(rows: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
    return {name: np.mean([row[name] for row in rows], axis=0) for name in RESAMPLED}
