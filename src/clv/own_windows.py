"""Recency windows of the shop's own: where its customers cool off, in place of 90, 180 and 270 days.

From the hazard of the next purchase (events by days waited over those still waiting) comes the chance that
somebody who has been silent for R days comes back within the horizon. Customers cool off, so for the windows
the chance may only fall (isotonic regression): a late ripple of a few returns opens no window. The windows
are those that tell these chances apart best: of all ways to cut the days into so many windows, the one with
the highest binomial log-likelihood of the customers as they stand, found exactly by dynamic programming
(Fisher 1958, J. Am. Stat. Assoc. 53, 789-798, for grouping along a line).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.special import xlogy

from clv.errors import NoAnswerError
from clv.language import tell

Floats = NDArray[np.float64]

ENOUGH_RETURNS = 20  # with fewer, the ends of the windows follow single customers
NARROWEST = 7  # days; below a week, weekdays are what is told apart
_STILL_WAITING = 0.05  # of all waits; the hazard is not read beyond the day when fewer are left
_LEAST_WAITING = 10
_SPARE = 1e-3  # of a customer, on days where nobody stands: a weight must not be 0
_CANDIDATES = 400  # ends that are tried; every day where the history is no longer than this


@dataclass(frozen=True)
class _Seen:
    """Waits and silences in plain arrays; `who` numbers the customers."""

    gap: NDArray[np.int64]
    returned: NDArray[np.bool_]
    who: NDArray[np.int64]
    silence: NDArray[np.int64]
    silent: NDArray[np.int64]


def cuts(waits: pd.DataFrame, *, horizon: int, windows: int = 4) -> list[int]:
    """Return the last days of all windows but the open one, rising; a day belongs to the window it ends.

    Parameters
    ----------
    waits
        As `purchase_days.from_orders` makes them: one row per customer and purchase day.
    horizon
        Days ahead within which a return counts.
    windows
        How many windows, the open last one included.

    Raises
    ------
    NoAnswerError
        Too few customers have come back, or the days seen are too few for so many windows.
    """
    seen = _seen(waits)
    chance = _chance(seen, np.ones(_customers(seen)), horizon=horizon, last=_last_day(seen))
    return _best_cuts(seen, np.ones(_customers(seen)), chance, windows)


def learned(
    waits: pd.DataFrame, *, horizon: int, windows: int = 4, rng: np.random.Generator, draws: int = 100
) -> pd.DataFrame:
    """Return the windows' ends, and where they lie when customers are drawn again.

    Read low and high as how far the ends wander, not as a test: a bootstrap of a change point has no
    guaranteed coverage (60 simulated shops of 2,000 customers: 73 and 82 % for the two ends).

    Returns
    -------
    One row per window but the last: to_day; low, high (5 and 95 % of the ends of redrawn customers).

    Raises
    ------
    NoAnswerError
        As `cuts`.
    """
    seen, n = _seen(waits), _customers(_seen(waits))
    found, last = cuts(waits, horizon=horizon, windows=windows), _last_day(seen)
    drawn = []
    for _ in range(draws):
        weight = np.bincount(rng.integers(0, n, n), minlength=n).astype(float)
        chance = _chance(seen, weight, horizon=horizon, last=last)
        drawn.append(_best_cuts(seen, weight, chance, windows))
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0).round().astype(int)
    return pd.DataFrame({"to_day": found, "low": low, "high": high})


def chances(waits: pd.DataFrame, *, horizon: int) -> pd.DataFrame:
    """Return the chance of coming back within the horizon by days of silence so far.

    Returns
    -------
    One row per day: silence (days); chance; customers (who stand there now). Only days for which enough
    customers were seen.

    Raises
    ------
    NoAnswerError
        As `cuts`.
    """
    seen = _seen(waits)
    last = _last_day(seen)
    chance = _chance(seen, np.ones(_customers(seen)), horizon=horizon, last=last)
    standing = np.bincount(seen.silence[seen.silence <= last], minlength=last + 1)
    return pd.DataFrame({"silence": np.arange(last + 1), "chance": chance, "customers": standing})


def _seen(waits: pd.DataFrame) -> _Seen:
    returned = waits["returned"].to_numpy(bool)
    if returned.sum() < ENOUGH_RETURNS:
        raise NoAnswerError(
            tell(
                "customers came back {returned} time(s); windows of the shop's own need at least "
                "{enough_returns}, so keep to 90, 180 and 270 days.",
                returned=int(returned.sum()),
                enough_returns=ENOUGH_RETURNS,
            )
        )
    who = pd.factorize(waits["customer_id"])[0]
    gap = waits["gap"].to_numpy(np.int64)
    return _Seen(gap, returned, who, gap[~returned], who[~returned])


def _customers(seen: _Seen) -> int:
    return int(seen.who.max()) + 1


def _last_day(seen: _Seen) -> int:
    """Return the last day of silence that is looked at: enough waits went on at least as long."""
    waiting = np.bincount(seen.gap)[::-1].cumsum()[::-1]
    return int((waiting >= max(_LEAST_WAITING, _STILL_WAITING * waiting[0])).sum()) - 1


def _chance(seen: _Seen, weight: Floats, *, horizon: int, last: int) -> Floats:
    """Return the chance to come back within the horizon, by days of silence from 0 to `last`."""
    weights = weight[seen.who]
    waiting = np.bincount(seen.gap, weights=weights)[::-1].cumsum()[::-1][: last + 1]
    events = np.bincount(seen.gap, weights=weights * seen.returned)[: last + 1]
    # beyond the last day that is looked at, people come back as they did in the last part of it
    tail = slice(max(last - max(horizon, 30), 0) + 1, last + 1)
    afterwards = events[tail].sum() / max(waiting[tail].sum(), 1)
    hazard = np.divide(events, waiting, out=np.zeros(last + 1), where=waiting > 0)
    whole = np.concatenate([[0.0], hazard[1:], np.full(horizon, afterwards)])
    total = np.cumsum(-np.log1p(-np.minimum(whole, 1 - 1e-9)))
    return -np.expm1(total[: last + 1] - total[horizon : last + 1 + horizon])


def _best_cuts(seen: _Seen, weight: Floats, chance: Floats, windows: int) -> list[int]:
    last = len(chance) - 1
    near = seen.silence <= last
    standing = np.bincount(seen.silence[near], weights=weight[seen.silent[near]], minlength=last + 1)
    ends = np.unique(np.linspace(0, last + 1, min(last + 1, _CANDIDATES) + 1).round().astype(int))
    step = max(int(np.diff(ends).min()), 1)
    narrowest = -(-NARROWEST // step)
    if len(ends) - 1 < windows * narrowest:
        raise NoAnswerError(
            tell(
                "customers were seen waiting for {last} days only; {windows} windows need at least "
                "{windows2}. Ask for fewer windows.",
                last=last,
                windows=windows,
                windows2=windows * NARROWEST,
            )
        )
    cooling = isotonic_regression(chance, weights=standing + _SPARE, increasing=False).x
    returning = np.concatenate([[0.0], np.cumsum(standing * cooling)])[ends]
    everybody = np.concatenate([[0.0], np.cumsum(standing)])[ends]
    return [int(ends[place]) - 1 for place in _grouped(returning, everybody, windows, narrowest)]


def _grouped(yes: Floats, n: Floats, groups: int, narrowest: int) -> list[int]:
    """Return the inner borders of the best grouping; `yes` and `n` are running totals at every border."""
    borders = len(n)
    best = np.full((groups + 1, borders), -np.inf)
    origin = np.zeros((groups + 1, borders), dtype=int)
    best[0, 0] = 0.0
    for group in range(1, groups + 1):
        for end in range(narrowest * group, borders):
            start = np.arange(narrowest * (group - 1), end - narrowest + 1)
            value = best[group - 1, start] + _log_likelihood(yes[end] - yes[start], n[end] - n[start])
            top = int(value.argmax())
            best[group, end], origin[group, end] = value[top], start[top]
    places, end = [], borders - 1
    for group in range(groups, 1, -1):
        end = int(origin[group, end])
        places.append(end)
    return places[::-1]


def _log_likelihood(yes: Floats, n: Floats) -> Floats:
    share = np.divide(yes, n, out=np.zeros(len(n)), where=n > 0)
    return xlogy(yes, share) + xlogy(n - yes, 1 - share)
