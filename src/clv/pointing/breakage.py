"""How many of the points that are there will expire unused, with an interval.

The interval knows three things: that the rates were learned from these customers and not others (they are
redrawn), that use goes up and down from quarter to quarter (`rates`), and that what a customer does with the
points is an all-or-nothing matter, which is the cautious end of what it may be.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clv.pointing import exposure
from clv.pointing.rates import Rates
from clv.pointing.redrawn import ENDS, Floats

_FAR = 100_000  # days, more than any life has


@dataclass(frozen=True, eq=False)
class Chances:
    """The chance of points to be unused on a day.

    Attributes
    ----------
    case
        Which case each lot is: lots of one age and life are alike (n).
    value
        The chance of each case.
    drawn
        The same with redrawn customers (draws × cases).
    unseen
        Part of the days ahead, of each case, at ages at which too few points were ever seen.
    """

    case: np.ndarray
    value: Floats
    drawn: Floats
    unseen: Floats

    def summed(self, points: Floats) -> tuple[float, Floats]:
        """Return how many of the points of each lot (n) are unused: the number, and drawn ones."""
        weight = np.bincount(self.case, points, minlength=len(self.value))
        return float(weight @ self.value), self.drawn @ weight


def unused(
    rates: Rates, lots: pd.DataFrame, *, day: pd.Timestamp, within: int | None = None, longer: int = 0
) -> Chances:
    """Return the chance that points are unused at the end of their life, or after `within` days if sooner.

    Parameters
    ----------
    lots
        Lots that are there at the end of `day`: at, expires_on.
    longer
        Days by which their life is made longer.

    Notes
    -----
    Points without a last day are unused for ever with the chance 0, as sooner or later they may be used.
    """
    age = ((day - lots["at"]).dt.days + 1).to_numpy(dtype=float)
    told = (lots["expires_on"] - lots["at"]).dt.days.to_numpy(dtype=float) + 1
    life = np.where(np.isnan(told), np.inf, told)
    _, first, case = np.unique(
        age * _FAR + np.minimum(life, _FAR - 1), return_index=True, return_inverse=True
    )
    age, life = age[first], life[first]
    start, ends = np.maximum(age, 0), life + longer  # before 0 where it is yet to be earned
    until = ends if within is None else np.minimum(ends, age + within)
    known = np.isfinite(until)
    days = exposure.days_in_cells(start, np.where(known, until, start), ends)
    place = exposure.kind_of_life(life)
    rate = rates.rate.reshape(-1, exposure.BANDS)[place]
    drawn = rates.drawn.reshape(len(rates.drawn), -1, exposure.BANDS)[:, place]
    seen = rates.table["seen"].to_numpy().reshape(-1, exposure.BANDS)[place]
    total = np.maximum(days.sum(axis=1), 1e-9)
    return Chances(
        case=case,
        value=np.where(known, np.exp(-(days * rate).sum(axis=1)), 0.0),
        drawn=np.where(known, np.exp(-np.einsum("cb,dcb->dc", days, drawn)), 0.0),
        unseen=(days * ~seen).sum(axis=1) / total,
    )


def expiring(
    rates: Rates,
    lots: pd.DataFrame,
    *,
    day: pd.Timestamp,
    rng: np.random.Generator,
    by: pd.Series | None = None,
) -> pd.DataFrame:
    """Return how many of the points that are there will expire unused.

    Parameters
    ----------
    lots
        Lots that are there at the end of `day`: customer_id, at, expires_on, left.
    by
        What to add up by, one label per lot; all together without it.

    Returns
    -------
    Index: the labels, sorted, or 'all'; customers, points, expired (expected), low, high (90 %), unseen (part
    of the days ahead at ages at which too few points were ever seen).
    """
    chances = unused(rates, lots, day=day)
    labels = pd.Series("all", index=lots.index) if by is None else by
    rows = {name: _row(chances, lots, labels.eq(name).to_numpy(), rng) for name in sorted(labels.unique())}
    columns = ["customers", "points", "expired", "low", "high", "unseen"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis(labels.name or "what")
    return table.astype({"customers": "int64"})


def _row(chances: Chances, lots: pd.DataFrame, mine: np.ndarray, rng: np.random.Generator) -> tuple:
    points = np.where(mine, lots["left"], 0.0)
    value, drawn = chances.summed(points)
    chance = chances.value[chances.case]
    own = (
        pd.DataFrame({"points": points, "lost": points * chance})[mine]
        .groupby(lots["customer_id"][mine])
        .sum()
    )
    spread = np.sqrt((own["lost"] * (own["points"] - own["lost"])).clip(lower=0).sum())
    total = float(own["points"].sum())
    ends = np.quantile(drawn + spread * rng.standard_normal(len(drawn)), ENDS).clip(0, total)
    unseen = float((points * chances.unseen[chances.case]).sum() / total) if total else 0.0
    return len(own), total, value, min(ends[0], value), max(ends[1], value), unseen
