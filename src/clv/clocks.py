"""Whether festivals help to foresee who buys: the shop's clock beside the calendar, at its own past windows.

At every origin the clock is learned from the orders before it, the model is fitted in days of that clock, and
the window counts as many of them as it holds festivals. Both forecasts are put right by the windows before,
as today's is. The clock is used only where it was better at windows that it had not seen, beyond chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv import festivals, past_windows, season
from clv.known import Known
from clv.language import tell
from clv.models import fit_by_name
from clv.offering.baskets import Floats
from clv.origins import Origin
from clv.past_windows import PastWindow
from clv.season import Clock
from clv.seasons import scores

FEWEST = 4  # windows with a year of orders before them, to tell anything
BETTER = 0.1  # by how much smaller the usual miss must be: a clock that changes nothing need not be used
_DRAWS, _SEED = (
    4000,
    20260630,
)  # redrawn windows; the same each time, so that a campaign made again is the same
_COLUMNS = ["day", "effective_days", "bought", "calendar", "clock", "gain"]


@dataclass(frozen=True, eq=False)
class Season:
    """Which days count for the chance to buy, and why.

    Attributes
    ----------
    used
        Whether those of the shop's clock do; else those of the calendar.
    effective_days
        What the coming window counts for.
    table
        The past windows that could be judged, the latest first: day (its first), effective_days, bought
        (buyers), calendar, clock (buyers foreseen), gain (by how much less surprising the clock made what
        each customer did: log-loss, mean of the customers).
    calendar_miss, clock_miss
        How far the number of buyers was missed: root mean square of the logarithms. Missing without windows.
    gain, low, high
        Mean of the windows' gains, with 90 % by redrawing windows. Missing without windows.
    sentence
        For the reader.
    """

    used: bool
    effective_days: float
    table: pd.DataFrame
    calendar_miss: float
    clock_miss: float
    gain: float
    low: float
    high: float
    sentence: str


@dataclass(frozen=True, eq=False)
class Chosen:
    """The season, and what follows from it: past windows, today's chances by the model, festivals to come.

    `coming` are those that a factor of their own may count for; with the clock, none is left over.
    """

    season: Season
    windows: list[PastWindow]
    raw: Floats
    coming: frozenset[str]


@dataclass(frozen=True, eq=False)
class _Window:
    """A past window as calendar and clock saw it."""

    day: date
    days: float
    band: NDArray[np.int64]
    bought: NDArray[np.bool_]
    by_calendar: tuple[Floats, PastWindow]
    by_clock: tuple[Floats, PastWindow]
    seasoned: bool  # whether a year of orders lay before it


def choose(
    past: Sequence[Origin],
    today: Known,
    *,
    until: date,
    starts: date,
    window: int,
    known: pd.DataFrame | None = None,
) -> Chosen:
    """Return whether festivals count for a window of `window` days from `starts`, and the chances then.

    Parameters
    ----------
    past
        Origins with the same window, the latest first.
    today
        What is known at the end of `until`.
    known
        The festivals' windows; see `festivals`.
    """
    known = festivals.table() if known is None else known
    seen = [_seen(origin, known, window=window, place=place) for place, origin in enumerate(past)]
    ends = starts + timedelta(days=window - 1)
    judged = _judged(seen)
    gain, low, high = scores.redrawn(judged["gain"].to_numpy(dtype=float))
    misses = [scores.miss(judged[by], judged["bought"]) for by in ("calendar", "clock")]
    used = len(judged) >= FEWEST and low > 0 and misses[1] <= (1 - BETTER) * misses[0]
    days, raw = float(window), today.p_buy
    if used:
        days, raw = _by_clock(today, known, until=until, starts=starts, ends=ends)
    said = _sentence(judged, misses, used=used, days=days, window=window)
    found = Season(used, days, judged, *misses, gain, low, high, said)
    windows = [one.by_clock[1] if used else one.by_calendar[1] for one in seen]
    return Chosen(found, windows, raw, frozenset() if used else festivals.touched(starts, ends, known=known))


def _seen(origin: Origin, known: pd.DataFrame, *, window: int, place: int) -> _Window:
    starts, ends = origin.day + timedelta(days=1), origin.day + timedelta(days=window)
    days, p_buy = _by_clock(origin.known, known, until=origin.day, starts=starts, ends=ends)
    held = festivals.touched(starts, ends, known=known)
    by_calendar = PastWindow.of(origin, origin.known.p_buy, held=held, window=window, place=place)
    by_clock = PastWindow.of(origin, p_buy, held=frozenset(), window=window, place=place)
    customers = origin.known.customers
    return _Window(
        starts,
        days,
        past_windows.bands(customers["days_since_last"]),
        (origin.later["purchases"] > 0).to_numpy(),
        (origin.known.p_buy, by_calendar),
        (p_buy, by_clock),
        (pd.Timestamp(origin.day) - customers["first_order"].min()).days >= season.YEAR,
    )


def _by_clock(
    known: Known, windows: pd.DataFrame, *, until: date, starts: date, ends: date
) -> tuple[float, Floats]:
    """Return the clock's days from `starts` to `ends`, and each customer's chance to buy within them.

    Learned from the orders up to `until`. The model is fitted anew: what counts as long silent changes too.
    """
    if known.waits is None:
        return float((ends - starts).days + 1), known.p_buy
    clock: Clock = season.learn(known.waits, until=until, known=windows)
    days = clock.days(starts, ends)
    if clock.effects.empty:
        return days, known.p_buy
    customers = clock.customers(known.customers, until=until)
    return days, fit_by_name(known.model, customers).model.p_buy(customers, days=days).to_numpy()


def _judged(seen: Sequence[_Window]) -> pd.DataFrame:
    """Return how both foresaw the windows that have a year before them, each from the windows before it."""
    rows = []
    for at, one in enumerate(seen[:-1]):
        if one.seasoned:
            earlier = [(w.by_calendar[1], w.by_clock[1]) for w in seen[at + 1 :]]
            by_calendar, by_clock = map(past_windows.as_on, zip(*earlier, strict=True))
            calendar = _put_right(one, by_calendar, *one.by_calendar)
            clock = _put_right(one, by_clock, *one.by_clock)
            gain = scores.surprise(calendar, one.bought) - scores.surprise(clock, one.bought)
            rows.append((one.day, one.days, one.bought.sum(), calendar.sum(), clock.sum(), gain))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _put_right(one: _Window, earlier: list[PastWindow], raw: Floats, itself: PastWindow) -> Floats:
    festival, _, _ = past_windows.festival_of(earlier, itself.festivals)
    shape, rate = past_windows.factors(earlier, itself.festivals, festival)
    return past_windows.chance(raw, (shape / rate)[one.band] * festival)


def _sentence(judged: pd.DataFrame, misses: list[float], *, used: bool, days: float, window: int) -> str:
    calendar, clock = (f"{np.expm1(miss):.0%}" for miss in misses)
    told = tell(
        "at {judged} past windows the number of buyers was missed by {calendar}",
        judged=len(judged),
        calendar=calendar,
    )
    if used:
        return tell(
            "Days around festivals count for more: {told} with days as in the calendar, and by "
            "{clock} so; the {window} days to come count as {days:.0f}.",
            told=told,
            clock=clock,
            window=window,
            days=days,
        )
    if len(judged) < FEWEST:
        why = tell(
            "only {judged} past window(s) have a year of orders before them, of {fewest} needed to tell",
            judged=len(judged),
            fewest=FEWEST,
        )
    elif (judged["effective_days"] == window).all():
        why = "of no festival is there a window to learn from"
    else:
        why = tell(
            "{told} so, and by {clock} with festivals, which is no better beyond chance",
            told=told,
            clock=clock,
        )
    return tell("Days count as in the calendar: {why}.", why=why)
