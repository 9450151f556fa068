"""Is the pace of customers even over the year, and steady as they stay? What `pace` says, as two answers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2, f, norm, t

from clv.doubting import pace
from clv.doubting.pace import Exposure, Pace
from clv.doubting.spans import Spans

Floats = NDArray[np.float64]

TWO_YEARS = 715  # days; with fewer, a season cannot be told from a trend, nor seen to come back
_EACH_MONTH = float(norm.ppf(1 - 0.05 / 12))  # 90 % for twelve months together (Bonferroni)


@dataclass(frozen=True, eq=False)
class Months:
    """The year and the trend.

    Attributes
    ----------
    n
        Purchase days that tell of it: those between a customer's first and last one.
    factors
        Index month (1 to 12, those that were seen): bought (purchase days), even (what an even pace leads to
        expect), factor (pace over that of the mean month), low, high (90 %, all months together).
    season_p
        Chance of months that differ as much where the pace is even.
    again_p
        Chance of it where months differ by what each year brings, but not by the season; NaN under two years.
    trend, trend_low, trend_high
        Factor of a customer's pace from one year to the next, with 90 % interval; NaN under two years.
    trend_p
        Chance of such a factor where the pace is steady; NaN under two years.
    """

    n: int
    factors: pd.DataFrame
    season_p: float
    again_p: float
    trend: float
    trend_low: float
    trend_high: float
    trend_p: float


def look(spans: Spans, *, days: int) -> Months:
    """Return what the months tell.

    Parameters
    ----------
    spans
        At least one.
    days
        Length of the history.
    """
    exposure = pace.over_months(spans)
    if days < TWO_YEARS:
        return _one_year(spans, exposure)
    return _years(spans, exposure)


def _one_year(spans: Spans, exposure: Exposure) -> Months:
    """Return what stands out of a slow drift: with regular buyers few purchases lie near either end."""
    year, bend = pace.of_the_year(exposure), pace.bend(exposure)
    both = np.hstack([bend, year])
    season = pace.fit(exposure, year)
    noise = max(pace.scatter(spans, exposure, year @ season.found), 1.0)
    more, less = pace.fit(exposure, both), pace.fit(exposure, bend)
    season_p = _chance(more, less, _free(exposure, both, bend), noise)
    untold = [float("nan")] * 4
    factors = _factors(exposure, season, noise, _EACH_MONTH)
    return Months(int(exposure.bought.sum()), factors, season_p, float("nan"), *untold)


def _years(spans: Spans, exposure: Exposure) -> Months:
    year, time = pace.of_the_year(exposure), pace.years(exposure)
    plan = np.hstack([year, time])
    steady, season = pace.fit(exposure, year), pace.fit(exposure, plan)
    drift, whole = pace.fit(exposure, time), pace.fit(exposure, pace.each(exposure))
    by_chance = max(pace.scatter(spans, exposure, pace.each(exposure) @ whole.found), 1.0)
    free = _free(exposure, plan, time)
    rest = max(_free(exposure, pace.each(exposure), plan), 1)
    noise = max(2 * (whole.height - season.height) / rest, by_chance)  # years differ by more than chance
    again = f.sf(2 * (season.height - drift.height) / free / noise, free, rest)
    moved = f.sf(2 * (season.height - steady.height) / noise, 1, rest)
    slope, sd = season.found[-1], np.sqrt(noise * season.covariance[-1, -1])
    ends = np.exp(slope + sd * t.ppf([0.5, 0.05, 0.95], rest))
    wide = float(t.ppf(1 - 0.05 / 12, rest))
    factors = _factors(exposure, season, noise, wide)
    season_p = _chance(season, drift, free, by_chance)
    return Months(
        int(exposure.bought.sum()), factors, season_p, float(again), *map(float, ends), float(moved)
    )


def _free(exposure: Exposure, more: Floats, less: Floats) -> int:
    """Return how many more numbers one plan has than the other, of months that were seen."""
    seen = exposure.expected > 0
    ranks = [np.linalg.matrix_rank(np.hstack([np.ones((len(plan), 1)), plan])[seen]) for plan in (more, less)]
    return int(ranks[0] - ranks[1])


def _chance(more: Pace, less: Pace, free: int, noise: float) -> float:
    """Return the chance of what `more` explains beyond `less` (McCullagh & Nelder 1989, ch. 9), or NaN."""
    return float(chi2.sf(2 * (more.height - less.height) / noise, free)) if free else float("nan")


def _factors(exposure: Exposure, season: Pace, noise: float, wide: float) -> pd.DataFrame:
    year = pace.of_the_year(exposure)
    seen = np.flatnonzero(exposure.expected @ year > 0)
    factor = np.exp(season.found[seen])
    apart = np.eye(len(seen)) - factor / factor.sum()  # from the mean of the months
    covariance = apart @ season.covariance[np.ix_(seen, seen)] @ apart.T
    log, reach = np.log(factor / factor.mean()), wide * np.sqrt(noise * np.diag(covariance))
    ends = {"factor": np.exp(log), "low": np.exp(log - reach), "high": np.exp(log + reach)}
    of = {"bought": (exposure.bought @ year)[seen], "even": (exposure.expected @ year)[seen]}
    return pd.DataFrame(of | ends, index=pd.Index(seen + 1, name="month"))
