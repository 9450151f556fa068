"""What a scheme says on a day about the days after it: whom it would contact first, and how likely each buys.

A scheme that only names cells says nothing about their order. The order is learned where it can be: from
what the cells of one horizon earlier brought until the day, drawn towards the mean of all customers by the
weight of twenty, so that a cell of three lucky ones does not lead. Nothing after the day is looked at, or
even given.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clv import rfm
from clv.known import Floats, Known
from clv.schemes.contract import ISO_VALUE, Scheme
from clv.segmenting.rule import Ints, Placed, Rule

SHRINK = 20  # customers' worth of the overall mean that each segment starts with


@dataclass(frozen=True, eq=False)
class Foresight:
    """What the scheme says of each customer of a day, in the order of that day's customers.

    Attributes
    ----------
    rule
        The learned scheme.
    segment
        Number of the segment in `rule.segments`.
    by_value
        Whom to contact first if money counts; higher is first.
    by_chance
        Whom to contact first if a purchase counts; higher is first.
    chance
        P(at least one purchase within the horizon), as learned.
    kept
        Share of the earlier day's customers who still carry the same label.
    """

    scheme: Scheme
    rule: Rule
    segment: Ints
    by_value: Floats
    by_chance: Floats
    chance: Floats
    kept: float


def foresee(scheme: Scheme, *, now: Known, then: Known, came: pd.DataFrame) -> Foresight:
    """Return what the scheme says at `now`, having learned from `then` and what came between the two.

    Parameters
    ----------
    now, then
        The customers on the day, and one horizon before.
    came
        Of the customers of `then`: purchases and spend until `now`.

    Raises
    ------
    NoAnswerError
        The scheme cannot be learned from these customers.
    """
    before = rfm.learn(scheme, then)
    rule = before if scheme.is_held else rfm.learn(scheme, now)
    earlier, placed = before.place(then), rule.place(now)
    number = len(rule.segments)
    spend, bought = came["spend"].to_numpy(), (came["purchases"] > 0).to_numpy(float)
    places = rule.places
    rate = segment_means(earlier.segment, bought, number, places=places)[placed.segment]
    by_segment = _sorts_by_segment(scheme)
    chance = now.p_buy if scheme.by in ("p_buy", "value") and not by_segment else rate
    if by_segment:
        value = segment_means(earlier.segment, spend, number, places=places)
        by_value, by_chance = value[placed.segment], rate
    else:
        by_value = by_chance = placed.score
    return Foresight(
        scheme, rule, placed.segment, by_value, by_chance, chance, _kept(then, earlier, now, placed)
    )


def segment_means(
    segment: Ints, outcome: Floats, number: int, *, places: Floats | None = None, shrink: float = SHRINK
) -> Floats:
    """Return the mean outcome of each of `number` segments, drawn towards the mean of all customers.

    A segment that nobody was in, such as those silent for longer than the shop was old, takes after the
    nearest that somebody was in, by `places` (segments × axes); without places it has the overall mean.
    """
    size = np.bincount(segment, minlength=number)
    total = np.bincount(segment, weights=outcome, minlength=number)
    found = (total + shrink * outcome.mean()) / (size + shrink)
    empty = size == 0
    if places is not None and empty.any():
        far = np.abs(places[empty][:, None, :] - places[~empty][None, :, :]).sum(axis=2)
        nearest = far == far.min(axis=1, keepdims=True)
        found[empty] = nearest @ found[~empty] / nearest.sum(axis=1)
    return found


def _sorts_by_segment(scheme: Scheme) -> bool:
    return scheme.kind in ("segments", "clusters") or scheme.bands == ISO_VALUE


def _kept(then: Known, earlier: Placed, now: Known, placed: Placed) -> float:
    """Return the share of the earlier customers whose label is the same now; they are all still known."""
    place = now.customers.index.get_indexer(then.customers.index)
    return float((placed.segment[place] == earlier.segment).mean())
