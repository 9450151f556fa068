"""Who buys if nothing is sent: the model's chance, put right by what the shop's own past windows showed.

On several days in the past the model is asked for the chance to buy within the window, and the days after
tell. Where a clock that knows the festivals foresaw those windows better (`clocks`), its days count, else
those of the calendar. Bands of silence, and with the calendar festivals, each get a factor, observed over
expected, drawn towards the mean of all by the weight of a few buyers. How far the windows themselves differ
is kept, as the next one will differ too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import gamma, norm

from clv import clocks, origins, past_windows
from clv.clocks import Season
from clv.errors import NoAnswerError
from clv.known import Known
from clv.language import tell
from clv.offering.baskets import Floats
from clv.past_windows import PastWindow, chance

MOST_WINDOWS = 12


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
    season
        Which days count, the calendar's or those of a clock that knows the festivals, and why.
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
    season: Season

    def drawn(self, rows: NDArray, *, rng: np.random.Generator) -> Floats:
        """Return one draw of the chances of the customers in `rows`: what the past leaves open."""
        factor = rng.gamma(self.shape) / self.rate
        spread = np.hypot(self.between, self.festival_sd)
        window = np.exp(spread * rng.standard_normal() - spread**2 / 2)
        return chance(self.raw[rows], factor[self.band[rows]] * self.festival * window)

    def at(self, quantile: float) -> Floats:
        """Return everybody's chance if the factors lie at this quantile (the tornado's ends)."""
        spread = np.sqrt(1 / self.shape + self.between**2 + self.festival_sd**2)
        factor = self.shape / self.rate * np.exp(spread * norm.ppf(quantile))
        return chance(self.raw, factor[self.band] * self.festival)


def baseline(
    orders: pd.DataFrame,
    today: Known,
    *,
    until: date,
    window: int,
    starts: date,
    known: pd.DataFrame | None = None,
) -> Baseline:
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
    known
        The festivals' windows; see `festivals`.
    """
    try:
        past = origins.rolling(orders, until=until, horizon=window, count=MOST_WINDOWS, model=today.model)
        notes: list[str] = []
    except NoAnswerError as refusal:
        past, notes = (
            [],
            [tell("The chance to buy could not be held against past windows: {refusal}", refusal=refusal)],
        )
    chosen = clocks.choose(past, today, until=until, starts=starts, window=window, known=known)
    windows, coming, raw = chosen.windows, chosen.coming, chosen.raw
    festival, festival_sd, said = past_windows.festival_of(windows, coming)
    shape, rate = past_windows.factors(windows, coming, festival)
    between = past_windows.between(windows, coming, festival)
    band = past_windows.bands(today.customers["days_since_last"])
    p0 = chance(raw, (shape / rate)[band] * festival)
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
        (*notes, *([chosen.season.sentence] if chosen.season.used else []), *said),
        chosen.season,
    )


def _table(windows: Sequence[PastWindow], p0: Floats, band: NDArray, factor: Floats) -> pd.DataFrame:
    n = len(past_windows.BANDS) + 1
    count = sum((w.customers for w in windows), np.zeros(n))
    bought = sum((w.bought for w in windows), np.zeros(n))
    expected = sum((w.expected for w in windows), np.zeros(n))
    here = np.bincount(band, minlength=n)
    with np.errstate(divide="ignore", invalid="ignore"):
        table = pd.DataFrame(
            {
                "band": past_windows.names(),
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


def _error(windows: Sequence[PastWindow]) -> float:
    """Return how far the latest window's buyers were missed by the calibration that the earlier ones give."""
    if len(windows) < 2 or not windows[0].bought.sum():
        return float("nan")
    latest, earlier = windows[0], past_windows.as_on(windows[1:])
    festival, _, _ = past_windows.festival_of(earlier, latest.festivals)
    shape, rate = past_windows.factors(earlier, latest.festivals, festival)
    return float((latest.expected * shape / rate * festival).sum() / latest.bought.sum() - 1)
