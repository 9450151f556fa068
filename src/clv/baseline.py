"""Who buys if nothing is sent: the model's chance, put right by what the shop's own past windows showed.

On several days in the past the model is asked for the chance to buy within the window, and the days after
tell. Bands of silence and festivals each get a factor, observed over expected, drawn towards the mean of all
by the weight of a few buyers. How far the windows themselves differ is kept, as the next one will differ too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import gamma, norm

from clv import festivals, origins
from clv.errors import NoAnswerError
from clv.known import Known
from clv.offering.baskets import Floats
from clv.origins import Origin

BANDS = (90, 180, 270)  # days of silence that end a band
SHRINK = 20.0  # buyers' worth of the mean of all that each band starts with
MOST_WINDOWS = 12
_ALIKE = 0.5  # festivals in common, of all in either window, from which two windows count as alike
_SURE = 2.58  # standard errors from which a festival counts: one false alarm in a hundred
_SCATTER = 0.05  # that windows are believed to have at least, when festivals are judged
_HALF_LIFE = 365.0  # days
_UNSEEN = 0.25  # how far windows differ where fewer than three could be seen
_LEAST, _MOST = 1e-6, 0.98


@dataclass(frozen=True, eq=False)
class Baseline:
    """The chance to buy within the window if nothing is sent, and what it rests on.

    Attributes
    ----------
    p0
        Calibrated chance, in the order of the customers.
    raw
        What the model alone says.
    band
        Number of the customer's band of silence.
    table
        One row per band: band (text), customers (today's); of the past windows predicted (mean of the model),
        observed, low, high (share that bought, 90 %), used (what the model says when put right); today (mean
        of `p0`, whose customers may be others than the past ones), factor.
    shape, rate
        Gamma distribution of each band's factor.
    between
        Standard deviation of the windows' own factor (its logarithm).
    festival, festival_sd
        Factor of the festivals of the coming window, and how sure that is (logarithm); 1 and 0 where none is
        seen to matter.
    error
        Expected over actual buyers of the latest past window, less 1, when calibrated on the earlier ones;
        missing where there is no earlier one.
    notes
        Sentences for the reader.
    """

    p0: Floats
    raw: Floats
    band: NDArray[np.int64]
    table: pd.DataFrame
    shape: Floats
    rate: Floats
    between: float
    festival: float
    festival_sd: float
    error: float
    notes: tuple[str, ...]

    def drawn(self, rows: NDArray, *, rng: np.random.Generator) -> Floats:
        """Return one draw of the chances of the customers in `rows`: what the past leaves open."""
        factor = rng.gamma(self.shape) / self.rate
        spread = np.hypot(self.between, self.festival_sd)
        window = np.exp(spread * rng.standard_normal() - spread**2 / 2)
        return _chance(self.raw[rows], factor[self.band[rows]] * self.festival * window)

    def at(self, quantile: float) -> Floats:
        """Return everybody's chance if the factors lie at this quantile (the tornado's ends)."""
        spread = np.sqrt(1 / self.shape + self.between**2 + self.festival_sd**2)
        factor = self.shape / self.rate * np.exp(spread * norm.ppf(quantile))
        return _chance(self.raw, factor[self.band] * self.festival)


def baseline(orders: pd.DataFrame, today: Known, *, until: date, window: int, starts: date) -> Baseline:
    """Return the chance of each of today's customers to buy within the window if nothing is sent.

    Parameters
    ----------
    orders
        An ORDERS table.
    today
        What is known at the end of `until`; its horizon is the window.
    window
        Days within which an order counts.
    starts
        The window's first day; tells which festivals it holds.
    """
    try:
        past = origins.rolling(orders, until=until, horizon=window, count=MOST_WINDOWS, model=today.model)
        notes: list[str] = []
    except NoAnswerError as refusal:
        past, notes = [], [f"The chance to buy could not be held against past windows: {refusal}"]
    windows = [_Window.of(origin, window, place) for place, origin in enumerate(past)]
    coming = festivals.touched(starts, starts + timedelta(days=window - 1))
    festival, festival_sd, said = _festival(windows, coming)
    shape, rate = _factors(windows, coming, festival)
    between = _between(windows, coming, festival)
    raw, band = today.p_buy, bands(today.customers["days_since_last"])
    p0 = _chance(raw, (shape / rate)[band] * festival)
    return Baseline(
        p0,
        raw,
        band,
        _table(windows, p0, band, shape / rate),
        shape,
        rate,
        between,
        festival,
        festival_sd,
        _error(windows),
        (*notes, *said),
    )


def bands(days_since_last: pd.Series) -> NDArray[np.int64]:
    """Return the number of each customer's band of silence: 0 up to 90 days, 1 up to 180, ..."""
    return np.searchsorted(BANDS, days_since_last.to_numpy(), side="left")


def names() -> list[str]:
    """Return the bands in words."""
    starts = (0, *(end + 1 for end in BANDS))
    return [*(f"{a}–{b} days" for a, b in zip(starts, BANDS, strict=False)), f"over {BANDS[-1]} days"]


@dataclass(frozen=True)
class _Window:
    """A past window by band: customers, expected buyers (by the model), buyers; its festivals; its weight.

    Older windows weigh less, by half for each year: shops drift.
    """

    customers: Floats
    expected: Floats
    bought: Floats
    festivals: frozenset[str]
    weight: float = 1.0

    @classmethod
    def of(cls, origin: Origin, window: int, place: int) -> "_Window":
        band, n = bands(origin.known.customers["days_since_last"]), len(BANDS) + 1
        bought = (origin.later["purchases"] > 0).to_numpy(dtype=float)
        sums = (np.bincount(band, weights=w, minlength=n) for w in (origin.known.p_buy, bought))
        held = festivals.touched(origin.day + timedelta(days=1), origin.day + timedelta(days=window))
        weight = 0.5 ** (place * window / _HALF_LIFE)
        return cls(np.bincount(band, minlength=n).astype(float), *sums, held, weight)

    def like(self, coming: frozenset[str]) -> bool:
        """Whether it holds much the same festivals."""
        either = self.festivals | coming
        return bool(coming) and len(self.festivals & coming) >= _ALIKE * len(either)


def _chance(raw: Floats, factor: Floats | float) -> Floats:
    return np.clip(raw * factor, _LEAST, _MOST)


def _festival(windows: Sequence[_Window], coming: frozenset[str]) -> tuple[float, float, list[str]]:
    """Return the factor of the coming festivals, how sure it is, and what is to be said of it.

    Windows with much the same festivals are compared with those around them, so that a shop that grows or
    shrinks is not taken for a festival.
    """
    if not coming:
        return 1.0, 0.0, []
    called = "、".join(sorted(coming))
    alike = [n for n, w in enumerate(windows) if w.like(coming)]
    around = {n + step for n in alike for step in (-2, -1, 1, 2)} - set(alike)
    others = [w for n, w in enumerate(windows) if n in around]
    if not alike or not others:
        return 1.0, 0.0, [f"No earlier window can tell what {called} adds, so nothing was added."]
    seen, hoped = _buyers([windows[n] for n in alike])
    seen_else, hoped_else = _buyers(others)
    usual = (seen_else + SHRINK) / (hoped_else + SHRINK)
    ratio = (seen + SHRINK) / (hoped * usual + SHRINK)
    scatter = max(_SCATTER, _between([w for n, w in enumerate(windows) if n not in alike], frozenset(), 1.0))
    error = np.sqrt(1 / (seen + SHRINK) + 1 / (seen_else + SHRINK) + scatter**2)
    told = (
        f"The coming window holds {called}; {len(alike)} earlier window(s) with much the same festivals had "
        f"{ratio:.2f} times the buyers of those around them"
    )
    if abs(np.log(ratio)) <= _SURE * error:
        return 1.0, 0.0, [f"{told}, which chance alone can do, so nothing was added."]
    return float(ratio), float(error), [f"{told}, and the chances are multiplied by that."]


def _buyers(windows: Sequence[_Window]) -> tuple[float, float]:
    return sum(w.bought.sum() for w in windows), sum(w.expected.sum() for w in windows)


def _hoped(w: _Window, coming: frozenset[str], festival: float) -> Floats:
    return w.expected * (festival if w.like(coming) else 1.0)


def _factors(windows: Sequence[_Window], coming: frozenset[str], festival: float) -> tuple[Floats, Floats]:
    """Return shape and rate of each band's factor: a gamma around all bands' mean, then what the band saw."""
    n = len(BANDS) + 1
    bought = sum((w.weight * w.bought for w in windows), np.zeros(n))
    hoped = sum((w.weight * _hoped(w, coming, festival) for w in windows), np.zeros(n))
    usual = (bought.sum() + SHRINK) / (hoped.sum() + SHRINK)
    return SHRINK + bought, SHRINK / usual + hoped


def _between(windows: Sequence[_Window], coming: frozenset[str], festival: float) -> float:
    """Return how far the windows' own factors differ beyond chance (log, by moments)."""
    if len(windows) < 3:
        return _UNSEEN
    bought = np.array([w.bought.sum() for w in windows])
    hoped = np.array([_hoped(w, coming, festival).sum() for w in windows])
    ratio = np.log((bought + 0.5) / (hoped * bought.sum() / hoped.sum() + 0.5))
    return float(np.sqrt(max(np.var(ratio, ddof=1) - np.mean(1 / (bought + 0.5)), 0.0)))


def _table(windows: Sequence[_Window], p0: Floats, band: NDArray, factor: Floats) -> pd.DataFrame:
    n = len(BANDS) + 1
    count = sum((w.customers for w in windows), np.zeros(n))
    bought = sum((w.bought for w in windows), np.zeros(n))
    expected = sum((w.expected for w in windows), np.zeros(n))
    here = np.bincount(band, minlength=n)
    with np.errstate(divide="ignore", invalid="ignore"):
        table = pd.DataFrame(
            {
                "band": names(),
                "customers": here,
                "predicted": expected / count,
                "observed": bought / count,
                "low": gamma.ppf(0.05, bought) / count,
                "high": gamma.ppf(0.95, bought + 1) / count,
                "used": expected / count * factor,
                "today": np.bincount(band, weights=p0, minlength=n) / here,
                "factor": factor,
            }
        )
    table["low"] = table["low"].where(bought > 0, 0.0).where(count > 0)
    return table


def _error(windows: Sequence[_Window]) -> float:
    """Return how far the latest window's buyers were missed by the calibration that the earlier ones give."""
    if len(windows) < 2 or not windows[0].bought.sum():
        return float("nan")
    latest, *earlier = windows
    festival, _, _ = _festival(earlier, latest.festivals)
    shape, rate = _factors(earlier, latest.festivals, festival)
    return float((latest.expected * shape / rate * festival).sum() / latest.bought.sum() - 1)
