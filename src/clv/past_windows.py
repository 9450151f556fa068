"""Windows of the shop's past: what the model said of each band of silence, who bought, and what it teaches.

Bands of silence and festivals each get a factor, observed over expected, drawn towards the mean of all by the
weight of a few buyers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.language import tell
from clv.offering.baskets import Floats
from clv.origins import Origin

BANDS = (90, 180, 270)  # days of silence that end a band
SHRINK = 20.0  # buyers' worth of the mean of all that each band starts with
_ALIKE = 0.5  # festivals in common, of all in either window, from which two windows count as alike
_SURE = 2.58  # standard errors from which a festival counts: one false alarm in a hundred
_SCATTER = 0.05  # that windows are believed to have at least, when festivals are judged
_HALF_LIFE = 365.0  # days
_UNSEEN = 0.25  # how far windows differ where fewer than three could be seen
_LEAST, _MOST = 1e-6, 0.98


def bands(days_since_last: pd.Series) -> NDArray[np.int64]:
    """Return the number of each customer's band of silence: 0 up to 90 days, 1 up to 180, ..."""
    return np.searchsorted(BANDS, days_since_last.to_numpy(), side="left")


def names() -> list[str]:
    """Return the bands in words."""
    starts = (0, *(end + 1 for end in BANDS))
    return [
        *(f"{a}–{b} days" for a, b in zip(starts, BANDS, strict=False)),
        tell("over {last} days", last=BANDS[-1]),
    ]


@dataclass(frozen=True)
class PastWindow:
    """A past window by band: customers, expected buyers (by the model), buyers; its festivals; its weight.

    Older windows weigh less, by half for each year: shops drift.
    """

    customers: Floats
    expected: Floats
    bought: Floats
    festivals: frozenset[str]
    weight: float = 1.0

    @classmethod
    def of(
        cls, origin: Origin, p_buy: Floats, *, held: frozenset[str], window: int, place: int
    ) -> "PastWindow":
        """Return the window after an origin, as the model's chances saw it.

        Parameters
        ----------
        held
            Its festivals.
        place
            Counted from the latest, which is 0.
        """
        band, n = bands(origin.known.customers["days_since_last"]), len(BANDS) + 1
        bought = (origin.later["purchases"] > 0).to_numpy(dtype=float)
        sums = (np.bincount(band, weights=w, minlength=n) for w in (p_buy, bought))
        weight = 0.5 ** (place * window / _HALF_LIFE)
        return cls(np.bincount(band, minlength=n).astype(float), *sums, held, weight)

    def like(self, coming: frozenset[str]) -> bool:
        """Whether it holds much the same festivals."""
        either = self.festivals | coming
        return bool(coming) and len(self.festivals & coming) >= _ALIKE * len(either)


def as_on(windows: Sequence[PastWindow]) -> list[PastWindow]:
    """Return windows with their weights counted from the first of them: how its own day saw them."""
    return [replace(w, weight=w.weight / windows[0].weight) for w in windows]


def chance(raw: Floats, factor: Floats | float) -> Floats:
    """Return the model's chances put right by a factor."""
    return np.clip(raw * factor, _LEAST, _MOST)


def festival_of(windows: Sequence[PastWindow], coming: frozenset[str]) -> tuple[float, float, list[str]]:
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
        return (
            1.0,
            0.0,
            [tell("No earlier window can tell what {called} adds, so nothing was added.", called=called)],
        )
    seen, hoped = _buyers([windows[n] for n in alike])
    seen_else, hoped_else = _buyers(others)
    usual = (seen_else + SHRINK) / (hoped_else + SHRINK)
    ratio = (seen + SHRINK) / (hoped * usual + SHRINK)
    scatter = max(_SCATTER, between([w for n, w in enumerate(windows) if n not in alike], frozenset(), 1.0))
    error = np.sqrt(1 / (seen + SHRINK) + 1 / (seen_else + SHRINK) + scatter**2)
    told = tell(
        "The coming window holds {called}; {alike} earlier window(s) with much the same "
        "festivals had {ratio:.2f} times the buyers of those around them",
        called=called,
        alike=len(alike),
        ratio=ratio,
    )
    if abs(np.log(ratio)) <= _SURE * error:
        return 1.0, 0.0, [tell("{told}, which chance alone can do, so nothing was added.", told=told)]
    return float(ratio), float(error), [tell("{told}, and the chances are multiplied by that.", told=told)]


def factors(windows: Sequence[PastWindow], coming: frozenset[str], festival: float) -> tuple[Floats, Floats]:
    """Return shape and rate of each band's factor: a gamma around all bands' mean, then what the band saw."""
    n = len(BANDS) + 1
    bought = sum((w.weight * w.bought for w in windows), np.zeros(n))
    hoped = sum((w.weight * _hoped(w, coming, festival) for w in windows), np.zeros(n))
    usual = (bought.sum() + SHRINK) / (hoped.sum() + SHRINK)
    return SHRINK + bought, SHRINK / usual + hoped


def between(windows: Sequence[PastWindow], coming: frozenset[str], festival: float) -> float:
    """Return how far the windows' own factors differ beyond chance (log, by moments)."""
    if len(windows) < 3:
        return _UNSEEN
    bought = np.array([w.bought.sum() for w in windows])
    hoped = np.array([_hoped(w, coming, festival).sum() for w in windows])
    ratio = np.log((bought + 0.5) / (hoped * bought.sum() / hoped.sum() + 0.5))
    return float(np.sqrt(max(np.var(ratio, ddof=1) - np.mean(1 / (bought + 0.5)), 0.0)))


def _buyers(windows: Sequence[PastWindow]) -> tuple[float, float]:
    return sum(w.bought.sum() for w in windows), sum(w.expected.sum() for w in windows)


def _hoped(w: PastWindow, coming: frozenset[str], festival: float) -> Floats:
    return w.expected * (festival if w.like(coming) else 1.0)
