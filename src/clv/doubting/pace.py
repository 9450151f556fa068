"""Does the pace of customers change with the month, or as they stay?

A self-controlled case series (Farrington 1995, Biometrics 51:228-235): each customer's purchase days between
the first and the last, spread over the months of that span. A conditional Poisson regression tells by what
factor each month's pace differs from an even one; who buys often or leaves early drops out of it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.doubting.spans import Ints, Spans

Floats = NDArray[np.float64]

_BLOCK = 20_000  # customers looked at together, so that a large shop needs no more memory
_HOLD = 0.02  # holds what the days cannot tell near 0: a prior of standard deviation 7 on logarithms
_STEPS, _STILL = 40, 1e-8


@dataclass(frozen=True, eq=False)
class Exposure:
    """Spans laid over months: how many days of each distinct span (rows) lie in each month (columns).

    Attributes
    ----------
    months
        The months of the history.
    days
        Spans × months.
    inner
        Purchase days within each span, of all customers who have that span.
    bought
        Purchase days in each month.
    """

    months: pd.PeriodIndex
    days: Floats
    inner: Floats
    bought: Floats

    @property
    def expected(self) -> Floats:
        """Purchase days that an even pace leads to expect of each month."""
        return (self.inner / self.days.sum(axis=1)) @ self.days


@dataclass(frozen=True, eq=False)
class Pace:
    """Coefficients of logarithms of the pace, their covariance, and the log-likelihood (penalised)."""

    found: Floats
    covariance: Floats
    height: float


def over_months(spans: Spans) -> Exposure:
    """Lay the spans over the months of the history."""
    months, edges = _months(spans)
    ends, place = np.unique(np.column_stack([spans.first, spans.last]), axis=0, return_inverse=True)
    inner = np.bincount(place.ravel(), weights=spans.inner)
    days = _overlap(ends[:, 0], ends[:, 1], edges)
    bought = np.bincount(_month_of(spans.day, edges), minlength=len(months)).astype(float)
    return Exposure(months, days, inner, bought)


def _months(spans: Spans) -> tuple[pd.PeriodIndex, Ints]:
    """Return the months of the history, and the days on which they begin, and the last one ends."""
    end = spans.start + pd.Timedelta(days=int(spans.last.max()))
    months = pd.period_range(spans.start, end, freq="M")
    begins = [*months.start_time, (months[-1] + 1).start_time]
    return months, np.array([(day - spans.start).days for day in begins])


def _month_of(day: Ints, edges: Ints) -> Ints:
    return np.searchsorted(edges, day, side="right") - 1


def _overlap(first: Ints, last: Ints, edges: Ints) -> Floats:
    """Return how many of the days between `first` and `last` lie in each month."""
    low = np.maximum(first[:, None] + 1, edges[:-1])
    return np.clip(np.minimum(last[:, None], edges[1:]) - low, 0, None).astype(float)


def scatter(spans: Spans, exposure: Exposure, logs: Floats) -> float:
    """Return how far customers' months lie from a pace (logarithms by month), over what chance makes of it.

    1 where purchases come by chance; below it for regular buyers, above it where they come in clumps.
    """
    edges = _months(spans)[1]
    pace = np.exp(logs - logs.max())
    weight = 1 / np.maximum(exposure.bought, 1.0)
    seen = chance = 0.0
    for at in range(0, len(spans.first), _BLOCK):
        rows = slice(at, at + _BLOCK)
        share = _overlap(spans.first[rows], spans.last[rows], edges) * pace
        share /= share.sum(axis=1, keepdims=True)
        inner = spans.inner[rows]
        low, high = np.searchsorted(spans.who, [at, at + len(inner)])
        counts = np.zeros_like(share)
        np.add.at(counts, (spans.who[low:high] - at, _month_of(spans.day[low:high], edges)), 1.0)
        seen += float((((counts - inner[:, None] * share) ** 2) @ weight).sum())
        chance += float(inner @ ((share * (1 - share)) @ weight))
    return seen / chance if chance > 0 else 1.0


def fit(exposure: Exposure, plan: Floats) -> Pace:
    """Return what `plan` (months × coefficients; of none, an even pace) explains, by Newton's method."""
    found = np.zeros(plan.shape[1])
    height, slope, information = _climb(exposure, plan, found)
    for _ in range(_STEPS):
        step = np.linalg.solve(information, slope)
        part = 1.0
        while (at := _climb(exposure, plan, found + part * step))[0] < height and part > 1e-6:
            part /= 2
        found, gained = found + part * step, at[0] - height
        height, slope, information = at
        if gained < _STILL:
            break
    return Pace(found, np.linalg.inv(information), height)


def _climb(exposure: Exposure, plan: Floats, found: Floats) -> tuple[float, Floats, Floats]:
    """Return the penalised conditional log-likelihood with its slope and information."""
    logs = plan @ found
    pace = exposure.days * np.exp(logs - logs.max())
    whole = pace.sum(axis=1)
    height = exposure.bought @ logs - exposure.inner @ (np.log(whole) + logs.max())
    share = pace / whole[:, None]
    of_month = exposure.inner @ share
    together = (share * exposure.inner[:, None]).T @ share
    slope = plan.T @ (exposure.bought - of_month) - _HOLD * found
    information = plan.T @ (np.diag(of_month) - together) @ plan + _HOLD * np.eye(len(found))
    return float(height - _HOLD * (found @ found) / 2), slope, information


def of_the_year(exposure: Exposure) -> Floats:
    """Return which months are January, February …: months × 12, 0 or 1."""
    return (exposure.months.month.to_numpy()[:, None] == np.arange(1, 13)).astype(float)


def each(exposure: Exposure) -> Floats:
    """Return every month by itself: months × months."""
    return np.eye(len(exposure.months))


def years(exposure: Exposure) -> Floats:
    """Return the time of each month in years, from the middle of the history: months × 1."""
    n = len(exposure.months)
    return ((np.arange(n) - (n - 1) / 2) / 12)[:, None]


def bend(exposure: Exposure) -> Floats:
    """Return time and its square: a slow drift, and the hump that even gaps leave: months × 2."""
    time = years(exposure)
    return np.hstack([time, time**2 - (time**2).mean()])
