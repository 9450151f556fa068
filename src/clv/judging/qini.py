"""The Qini curve: what contacting the first customers of an order would have added (Radcliffe 2007).

N. J. Radcliffe (2007), Using control groups to target on predicted lift, Direct Marketing Analytics Journal
14-21. The arms were drawn by lot, so among the first x of an order those sent and those left alone differ in
the contact alone.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from clv.judging.campaigns import Campaign
from clv.judging.sums import Floats, Order

DEPTHS = np.linspace(0, 1, 101)
_CELLS = 4_000_000  # of customers × draws that are held at once


def gains(campaign: Campaign, ranked: Order, drawn: Floats) -> Floats:
    """Return the curve (depths × draws): outcome added per assigned customer by contacting the first ones.

    At depth x it is x times the difference of means among the first x. Customers of one unit come in random
    order. Before both arms have somebody, the curve runs straight from 0 to where they do.

    Parameters
    ----------
    drawn
        How often each customer (rows) is there in each draw (columns).
    """
    contacted = _running(ranked.sums(drawn)) / len(drawn)
    sent, control = (_means(campaign, ranked, drawn, contacted, rows) for rows in campaign.arms)
    uplift = sent - control
    both = np.argmax(~np.isnan(uplift), axis=0)
    uplift = np.where(np.isnan(uplift), uplift[both, np.arange(len(both))], uplift)
    if ranked.count == 1:  # nobody is told apart: exactly straight, without what rounding leaves
        uplift = np.broadcast_to(uplift[-1], uplift.shape)
    return DEPTHS[:, None] * uplift


def areas(curves: Floats) -> Floats:
    """Return the area between each curve (depths × draws) and the straight line to its end, by trapezoids."""
    return np.trapezoid(curves - DEPTHS[:, None] * curves[-1], DEPTHS, axis=0)


def redrawn(
    campaign: Campaign, ranked: Mapping[str, Order], *, draws: int, rng: np.random.Generator
) -> dict[str, Floats]:
    """Return by rule the curves (depths × draws) if other customers had been assigned: a bootstrap by arm.

    All rules meet the same draws. Orders stay as they are, followed by at most 2,000 units.
    """
    coarse = {rule: one.coarse() for rule, one in ranked.items()}
    parts: dict[str, list[Floats]] = {rule: [] for rule in ranked}
    for drawn in _drawn(campaign.arms, draws, rng):
        for rule, one in coarse.items():
            parts[rule].append(gains(campaign, one, drawn))
    return {rule: np.hstack(found) for rule, found in parts.items()}


def _running(sums: Floats) -> Floats:
    return np.concatenate([np.zeros((1, sums.shape[1])), np.cumsum(sums, axis=0)])


def _means(
    campaign: Campaign, ranked: Order, drawn: Floats, contacted: Floats, rows: NDArray[np.int64]
) -> Floats:
    """Return an arm's mean outcome up to each depth (depths × draws); nan where nobody of it is there."""
    weight = drawn[rows] * campaign.weight[rows, None]
    size = _at_depths(contacted, ranked.sums(weight, rows))
    buyers = np.flatnonzero(campaign.outcome[rows])  # the others add nothing to the sums
    brought = weight[buyers] * campaign.outcome[rows[buyers], None]
    brought = _at_depths(contacted, ranked.sums(brought, rows[buyers]))
    return np.divide(brought, size, out=np.full_like(size, np.nan), where=size > 0)


def _at_depths(contacted: Floats, sums: Floats) -> Floats:
    columns = zip(contacted.T, _running(sums).T, strict=True)
    return np.column_stack([np.interp(DEPTHS, x, y) for x, y in columns])


def _drawn(arms: tuple[NDArray[np.int64], ...], draws: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield how often each customer is drawn (customers × draws), some draws at a time, by arm."""
    customers = sum(map(len, arms))
    at_once = int(np.clip(_CELLS // customers, 1, draws))
    for start in range(0, draws, at_once):
        found = np.empty((customers, min(at_once, draws - start)))
        for column in found.T:
            for rows in arms:
                again = rng.integers(0, len(rows), len(rows))
                column[rows] = np.bincount(again, minlength=len(rows))
        yield found
