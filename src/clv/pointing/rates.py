"""How fast points are used: the rate per day at each age of a point, and in the last days before it expires.

A point is used, or taken back, or it expires; what is still there has not had the time. Where the rate of use
is constant within an age band, its estimate is what left divided by the days that points were there
(occurrence over exposure; Aalen, Borgan & Gjessing 2008, Survival and Event History Analysis, section 5.1).
A point that is there is unused at the end of its life with the chance exp(-sum of rate × days to come).
Points with a short life (half a year at most), with a long one and with none at all are counted apart, as the
short ones are used first. The last thirty days of a life have a rate of their own: who hears that points
expire may use them, and with a later last day would do so later.

A customer's points go together, so customers are redrawn for the intervals, not points. Seasons, reminders
and habits that change move all customers at once: how much they did in the quarters of the last year, beyond
what chance does, they are taken to do in the time ahead.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.errors import NoAnswerError
from clv.language import tell
from clv.pointing import exposure, redrawn
from clv.pointing.exposure import AGES, BANDS, LAST, LIVES
from clv.pointing.lots import Account
from clv.pointing.redrawn import Floats

QUARTER = 91  # days
WINDOW = 365  # days that are learned from: every season once, and not what was long ago
ENOUGH = 30  # customers who used points, before anything is said; and with points, before a cell counts


@dataclass(frozen=True, eq=False)
class Rates:
    """Rates of use.

    Attributes
    ----------
    table
        One row per cell: life (of LIVES), age (in words), customers (who had such points), point_days, used,
        rate (of the points, per day), seen (whether enough customers had such points; else the rate is that
        of the age before).
    drawn
        Rates of redrawn customers (draws × cells), all of one draw as much faster or slower as quarters are.
    unsteady
        How much use went up and down between quarters beyond chance (deviation of the logarithm).
    """

    table: pd.DataFrame
    drawn: Floats
    unsteady: float = 0.0

    @property
    def rate(self) -> Floats:
        """The rate of each cell."""
        return self.table["rate"].to_numpy()

    def times(self, factor: float, *, last_days_only: bool = False) -> "Rates":
        """Return the rates `factor` times as high, everywhere or in the last thirty days alone."""
        last = self.table["age"].eq(_words()[-1]).to_numpy()
        by = np.where(last | (not last_days_only), factor, 1.0)
        return replace(self, table=self.table.assign(rate=self.rate * by), drawn=self.drawn * by)


def fit(account: Account, *, rng: np.random.Generator, draws: int = 400, window: int = WINDOW) -> Rates:
    """Return the rates at which points were used in the last `window` days up to the account's day.

    Raises
    ------
    NoAnswerError
        Fewer than thirty customers ever used points.
    """
    found = exposure.pieces(account, window)
    users = found.loc[found["gone"], "customer"].nunique()
    if users < ENOUGH:
        raise NoAnswerError(
            tell(
                "{users:,} customers used points in the last {window} days; it takes {enough} to say how "
                "fast points are used.",
                users=users,
                window=window,
                enough=ENOUGH,
            )
        )
    group = redrawn.groups_of(int(found["customer"].max()) + 1, rng)
    days, used, customers = exposure.counts(found, group[found["customer"]], int(group.max()) + 1)
    weights = redrawn.weights(len(days), draws, rng)
    seen = customers >= ENOUGH
    table = _table(customers, days.sum(axis=0), used.sum(axis=0), seen)
    rate = _rate(days.sum(axis=0)[None], used.sum(axis=0)[None], seen)[0]
    unsteady = _unsteady(found, group, rate, window)
    times = np.exp(unsteady * rng.standard_normal((draws, 1)))
    drawn = _rate(weights @ days, weights @ used, seen) * times
    return Rates(table.assign(rate=rate, seen=seen), drawn, unsteady)


def _unsteady(found: pd.DataFrame, group: NDArray, rate: Floats, window: int) -> float:
    """Return how much use went up and down between quarters beyond chance: the deviation of its logarithm.

    In each quarter of the window, what was used is divided by what the rates of the whole window say; what
    customers' own lots make of it is taken off the spread. 0 with fewer than three quarters of use.
    """
    logs, chance = [], []
    for last in range(0, window - QUARTER + 1, QUARTER):
        some = exposure.between(found, last + QUARTER, last)
        days, used, _ = exposure.counts(some, group[some["customer"]], int(group.max()) + 1)
        total, said = used.sum(), float((days.sum(axis=0) * rate).sum())
        if total > 0 and said > 0:
            logs.append(np.log(total / said))
            chance.append(len(used) * used.sum(axis=1).var(ddof=1) / total**2)
    return float(np.sqrt(max(np.var(logs, ddof=1) - np.mean(chance), 0.0))) if len(logs) > 2 else 0.0


def _rate(exposure: Floats, used: Floats, seen: NDArray[np.bool_]) -> Floats:
    """Return rates (draws × cells): where too few were seen, that of the age before, or of all points."""
    usual = used.sum(axis=1) / np.maximum(exposure.sum(axis=1), 1e-9)
    rate = np.divide(used, exposure, out=np.zeros_like(used), where=exposure > 0)
    for cell in np.flatnonzero(~seen):
        rate[:, cell] = usual if cell % BANDS == 0 else rate[:, cell - 1]
    return rate


def _words() -> list[str]:
    spans = [tell("{low} to {high} days", low=low, high=high - 1) for low, high in pairwise(AGES)]
    return [*spans, tell("{last} days and more", last=AGES[-1]), tell("the last {last} days", last=LAST)]


def _table(customers: NDArray, exposure: Floats, used: Floats, seen: NDArray[np.bool_]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "life": np.repeat(LIVES, BANDS),
            "age": _words() * len(LIVES),
            "customers": customers,
            "point_days": exposure,
            "used": used,
        }
    )
