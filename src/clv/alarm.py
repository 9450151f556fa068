"""The decline alarm: are orders, buyers, second orders or the average order below what chance allows?

The last month, and the last three together, are held against up to two years of months before: their ratio to
the same month a year earlier where two years were seen, which takes the season out, else the months as they
are. A control chart for individual observations (Shewhart 1931), made robust, as festivals move from month to
month and launches fade: the centre is the median, the scatter the Qn of Rousseeuw & Croux (1993, J. Am. Stat.
Assoc. 88:1273), of which half the months may be out of the ordinary; and it never counts for less than the
chance of the counts themselves. Limits are set so that in a shop where nothing changes one look in a hundred
falls below. Eight looks together raise more alarms than one: `FALSE_ALARMS`.
"""

from math import comb
from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import norm

from clv.language import tell
from clv.told import together

NUMBERS = {
    "orders": "orders",
    "buyers": "buyers",
    "second_order": "second orders",
    "average": "average order",
}
LOWER, HIGHER, CANNOT_TELL = "lower", "higher", "cannot tell"
LEAST = 12  # whole months, below which nothing can be said
TWO_YEARS = 24
A_YEAR = 12
LOOKS = (1, 3)  # months looked at together
RATE = 0.01  # of looks that fall below the limit in a shop where nothing changes
# of simulated shops in which nothing changed, those in which any of the eight looks raised an alarm, at most:
# 30 or 300 orders a month, months that scatter by 8 % beyond chance, with and without a season of 40 % each
# way and a growth of 30 % a year (300 shops each; tests/test_growth.py simulates them again)
FALSE_ALARMS = {"a year before": 0.07, "the months before": 0.13}
_WIDTH = {1: (2.362, 5.027, 4.768), 3: (1.389, 4.223, 4.438)}

Mode = Literal["a year before", "the months before", "cannot tell"]
Level = tuple[pd.Series | None, pd.Series | None, Mode]


def watch(table: pd.DataFrame) -> pd.DataFrame:
    """Return the last month and the last three of each number, held against what was to be expected.

    Parameters
    ----------
    table
        As `monthly.numbers` makes it.

    Returns
    -------
    Two rows per number: number; looked_at (months together, 1 or 3); month (the last); against ('a year
    before', 'the months before', or 'cannot tell' with fewer than 12 months); learned_from (months); value
    (of three months the mean per month); expected; low, high (limits: outside one look in a hundred on each
    side by chance); verdict ('lower', 'higher', 'as usual', 'cannot tell').
    """
    months = {number: one.set_index("month") for number, one in table.groupby("number", sort=False)}
    nothing = dict.fromkeys(NUMBERS, table.set_index("month"))  # not one whole month
    rows = [_look(number, one, look) for number, one in (months or nothing).items() for look in LOOKS]
    return pd.DataFrame(rows)


def lanes(table: pd.DataFrame) -> pd.DataFrame:
    """Return how far each month of each number lies from the centre, in units of the limit of one month.

    Returns
    -------
    number, month, distance (-1: at the lower limit, 1: at the upper one), latest (one of the last three).
    Without the numbers that nothing can be told of.
    """
    found = []
    for number, one in table.groupby("number", sort=False):
        level, error, _ = _watched(one.set_index("month"))
        if level is None:
            continue
        centre, width = _limits(level, error, look=1)
        rows = {"number": number, "month": level.index, "distance": (level - centre) / width}
        found.append(pd.DataFrame(rows).assign(latest=np.arange(len(level)) >= len(level) - max(LOOKS)))
    columns = ["number", "month", "distance", "latest"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def in_words(found: pd.DataFrame) -> pd.DataFrame:
    """Return `watch` as text: number, looked_at, value, expected, usual (the limits), verdict."""
    rows = [(*_named(row), *_written(row), row.verdict) for row in found.itertuples()]
    return pd.DataFrame(rows, columns=["number", "looked_at", "value", "expected", "usual", "verdict"])


def verdicts(found: pd.DataFrame) -> dict[str, str]:
    """Return what is said of each number: an alarm of either look before all else."""
    said = {}
    for number, one in found.groupby("number", sort=False):
        words = list(one["verdict"])
        said[number] = next((word for word in (LOWER, HIGHER) if word in words), words[0])
    return said


def sentence(found: pd.DataFrame) -> str:
    """Return whether there is an alarm, and how often there is one for nothing."""
    told = found[found["verdict"] != CANNOT_TELL]
    if told.empty:
        return tell(
            "Cannot tell: that needs {least} whole months, and numbers in the last of them.", least=LEAST
        )
    low = [NUMBERS[number] for number, word in verdicts(found).items() if word == LOWER]
    word = tell("Alarm: {low} below what chance allows.", low=together(low)) if low else tell("No alarm.")
    often = max(FALSE_ALARMS[against] for against in told["against"])
    return tell(
        "{word} Where nothing changed, up to {often:.0f} of 100 simulated shops raised one.",
        word=word,
        often=100 * often,
    )


def moved(month: pd.Period, known: pd.DataFrame) -> list[str]:
    """Return the festivals that lie in this month or in the same month a year before, but not in both.

    Parameters
    ----------
    known
        Festivals as `festivals.table` gives them.
    """
    at = known["day"].dt.to_period("M")
    now, then = (set(known.loc[at == when, "name_zh"]) for when in (month, month - A_YEAR))
    return sorted(now ^ then)


def _named(row: object) -> tuple[str, str]:
    last = f"{row.month:%b %Y}" if pd.notna(row.month) else "–"
    return NUMBERS[row.number], last if row.looked_at == 1 else tell(
        "{looked_at} months to {last}", looked_at=row.looked_at, last=last
    )


def _written(row: object) -> tuple[str, str, str]:
    def write(value: float) -> str:
        if pd.isna(value):
            return "–"
        return f"{100 * value:.1f} %" if row.number == "second_order" else f"{value:,.0f}"

    usual = f"{write(row.low)} to {write(row.high)}" if pd.notna(row.low) else "–"
    return write(row.value), write(row.expected), usual


def width(learned_from: int, *, look: int) -> float:
    """Return how many Qn the limit lies from the median of the months learned from.

    The 99 % point of (mean of `look` normal months - median of the others) / their Qn, from 400,000 draws for
    each of 9 to 24 others; the formula is right to 3 per cent.
    """
    a, b, c = _WIDTH[look]
    return a + b / (learned_from - c)


def qn(values: np.ndarray) -> float:
    """Return Qn, the scatter of at least 9 values: for normal ones their standard deviation.

    About the quarter point of the distances of all pairs; factors for few values after Croux & Rousseeuw
    (1992, COMPSTAT 1:411).
    """
    n = len(values)
    near = comb(n // 2 + 1, 2)
    pairs = np.abs(values[:, None] - values)[np.triu_indices(n, 1)]
    return 2.2219 * n / (n + (1.4 if n % 2 else 3.8)) * float(np.sort(pairs)[near - 1])


def _watched(one: pd.DataFrame) -> Level:
    """Return what is compared, its chance error, and with what; nothing with too few months."""
    known = one.dropna(subset="level")
    if len(known) < LEAST or one["level"].iloc[-1:].isna().any():
        return None, None, CANNOT_TELL
    if len(known) < TWO_YEARS:
        return known["level"], known["error"], "the months before"
    before = known.reindex(known.index - A_YEAR)
    apart = known["level"] - before["level"].to_numpy()
    error = np.hypot(known["error"], before["error"].to_numpy())
    return apart.dropna(), error[apart.notna()], "a year before"


def _limits(level: pd.Series, error: pd.Series, *, look: int) -> tuple[float, float]:
    """Return the centre of the months before the last `look`, and how far the limit lies from it."""
    before, chance = level.iloc[-look - TWO_YEARS : -look], error.iloc[-look - TWO_YEARS : -look]
    m = len(before)
    # the least that the mean of the months looked at and the median of the others scatter
    least = np.sqrt((error.iloc[-look:] ** 2).mean() / look + np.pi / 2 * (chance**2).mean() / m)
    reach = max(width(m, look=look) * qn(before.to_numpy()), norm.ppf(1 - RATE) * least)
    return float(before.median()), float(reach)


def _look(number: str, one: pd.DataFrame, look: int) -> dict[str, object]:
    value = one["value"].iloc[-look:].mean()
    row = {"number": number, "looked_at": look, "month": one.index[-1] if len(one) else pd.NaT}
    level, error, against = _watched(one)
    if level is None:
        nothing = dict.fromkeys(("expected", "low", "high"), np.nan)
        return row | {"against": against, "learned_from": 0, "value": value, **nothing, "verdict": against}
    centre, reach = _limits(level, error, look=look)
    now = level.iloc[-look:].mean()
    verdict = LOWER if now < centre - reach else HIGHER if now > centre + reach else "as usual"
    ends = (_read(number, one, value, shift - now) for shift in (centre, centre - reach, centre + reach))
    told = dict(zip(("expected", "low", "high"), ends, strict=True))
    learned = {"against": against, "learned_from": min(len(level) - look, TWO_YEARS)}
    return row | learned | {"value": value} | told | {"verdict": verdict}


def _read(number: str, one: pd.DataFrame, value: float, apart: float) -> float:
    """Return the value that would lie `apart` from the one seen, on the scale that is watched."""
    if number == "second_order":
        odds = value / max(1 - value, 1e-9) * np.exp(apart)
        return float(odds / (1 + odds))
    return float(value * np.exp(apart))
