"""One fact of one shop with its interval, and the same on a scale on which shops can be compared.

Shares are read as if they had been counted in so many independent customers ("events"): the number whose
binomial variance is that of the share (effective sample size; Korn & Graubard 1998, Survey Methodology
24:193). Wilson's interval of that many is theirs. Totals are sums of what customers brought, who come like a
Poisson process; the interval is the gamma interval of as many events (Garwood 1936, Biometrika 28:437, made
wider as for a quasi-Poisson). Shares of money, means and Gini's coefficient are jackknifed: each customer,
with all orders, is left out in turn (Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 11;
for Gini Karagiannis & Kovacevic 2000, Oxford Bulletin of Economics and Statistics 62:119).

The scale is the log-odds for what lies between 0 and 1, and the logarithm for all else; half an event is
added to counts, so that 0 of 20 says something too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import gamma, norm
from scipy.stats import t as student

from clv.measuring import rates
from clv.survival import ENOUGH

LEVEL = 0.90
_TAIL = (1 - LEVEL) / 2
_FINEST = 1e-4  # standard error on the logarithm; a shop with one price for all knows it no better
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A fact with its interval.

    Attributes
    ----------
    value, low, high
        In its own unit, 90 %; missing where too little is known.
    scaled, error
        On the log-odds (shares) or the logarithm, with the standard error.
    events
        Customers, orders or other events that the fact is as good as counted in.
    """

    value: float
    low: float
    high: float
    scaled: float
    error: float
    events: float


def quantile(level: float) -> float:
    """Return how many standard errors an interval of this level reaches to each side."""
    return float(norm.ppf(0.5 + level / 2))


UNKNOWN = Estimate(*[float("nan")] * 5, events=0.0)


def share(value: float, events: float, *, ends: tuple[float, float] | None = None) -> Estimate:
    """Return a share that is as good as counted in `events` customers.

    Parameters
    ----------
    ends
        The interval, where it comes from elsewhere; Wilson's otherwise.
    """
    if events < ENOUGH or not np.isfinite(value):
        return UNKNOWN
    hits = float(np.clip(value * events, 0, events))
    low, high = ends or [float(end) for end in rates.wilson(hits, events, level=LEVEL)]
    yes, no = hits + 0.5, events - hits + 0.5
    return Estimate(value, low, high, float(np.log(yes / no)), float(np.sqrt(1 / yes + 1 / no)), events)


def share_of_sums(part: Floats, whole: Floats) -> Estimate:
    """Return sum(part) / sum(whole) over customers who each bring a part of their own whole.

    Parameters
    ----------
    part, whole
        By customer, 0 <= part <= whole.
    """
    if len(whole) < ENOUGH or whole.sum() <= 0:
        return UNKNOWN
    value = float(part.sum() / whole.sum())
    _, error = _jackknife(value, _ratios_without_one(part, whole))
    # where nothing varies, customers count as much as their money (Kish 1965)
    events = value * (1 - value) / error**2 if error > 0 else whole.sum() ** 2 / (whole**2).sum()
    return share(value, float(events))


def total(sums: Floats, *, months: float, dispersion: float) -> Estimate:
    """Return a total per month.

    Parameters
    ----------
    sums
        What each customer brought: orders, money, or 1 for each who came.
    dispersion
        How many times as large the variance is as customers who come by chance would make it.
    """
    if months <= 0:
        return UNKNOWN
    whole, squares = float(sums.sum()), float((sums**2).sum())
    one = squares / whole if whole > 0 else 1.0  # what one customer brings who comes
    half, one = one / 2, one * dispersion
    events = whole / one
    low, high = one * gamma.ppf(_TAIL, events) if events > 0 else 0.0, one * gamma.isf(_TAIL, events + 1)
    error = float(1 / np.sqrt(events + 0.5))
    scaled = float(np.log((whole + half) / months))
    return Estimate(whole / months, float(low / months), float(high / months), scaled, error, events)


def mean(money: Floats, orders: Floats) -> Estimate:
    """Return the money per order; customers, with all their orders, are what is counted."""
    n = len(orders)
    if n < ENOUGH:
        return UNKNOWN
    value = float(money.sum() / orders.sum())
    scaled, error = _jackknife(np.log(value), np.log(_ratios_without_one(money, orders)))
    error = max(error, _FINEST)
    low, high = (float(np.exp(scaled + side * quantile(LEVEL) * error)) for side in (-1, 1))
    return Estimate(value, min(low, value), max(high, value), scaled, error, float(n))


def gini(spend: Floats) -> Estimate:
    """Return Gini's coefficient of money per customer, less the bias that few customers bring."""
    n = len(spend)
    if n < ENOUGH:
        return UNKNOWN
    y, place = np.sort(spend), np.arange(1, n + 1)
    whole, ranked = y.sum(), (place * y).sum()
    if y[0] == y[-1]:
        return share(0.0, n)
    value = 2 * ranked / (n * whole) - (n + 1) / n
    above = whole - np.cumsum(y)
    without_one = 2 * (ranked - place * y - above) / ((n - 1) * (whole - y)) - n / (n - 1)
    scaled, error = _jackknife(float(logit(value)), logit(without_one))
    low, value, high = (float(expit(scaled + side * quantile(LEVEL) * error)) for side in (-1, 0, 1))
    return Estimate(value, low, high, scaled, error, value * (1 - value) / (error * value * (1 - value)) ** 2)


def _ratios_without_one(part: Floats, whole: Floats) -> Floats:
    """Return the ratio of the sums without each customer in turn."""
    return (part.sum() - part) / (whole.sum() - whole)


def _jackknife(value: float, without_one: Floats) -> tuple[float, float]:
    """Return a figure without the bias of few customers, and its standard error, as wide as a normal's.

    A few large orders make the variance itself uncertain: as if it were known with 2 n / (kurtosis - 1)
    degrees of freedom (the variance of a variance; after Satterthwaite 1946, Biometrics Bulletin 2:110).
    """
    n, middle = len(without_one), without_one.mean()
    pulls = (n - 1) * (middle - without_one)  # how far each customer pulls the figure
    squares = float((pulls**2).sum())
    if squares <= 0:
        return value, 0.0
    kurtosis = n * float((pulls**4).sum()) / squares**2
    freedom = np.clip(2 * n / max(kurtosis - 1, 1e-9), 1, n - 1)
    wider = student.isf(_TAIL, freedom) / quantile(LEVEL)
    return float(n * value - (n - 1) * middle), float(wider * np.sqrt(squares / (n * (n - 1))))
