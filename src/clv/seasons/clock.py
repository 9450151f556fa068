"""A clock that knows the festivals: days that count for more or for less, and the customers in its days.

The clock lets a day count for more where festivals were seen to raise purchases: a change of time under which
the models of purchases, Poisson while a customer is alive, stay what they are (mapping theorem: Kingman 1993,
Poisson Processes, section 2.3; rates that follow the season in such models: Bachmann, Meierer & Näf 2021,
Marketing Science 40).
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from clv import festivals, tables
from clv.seasons import days, levels, pooling

YEAR = 365  # days before which no festival has come round


@dataclass(frozen=True, eq=False)
class Clock:
    """Days that count for more where festivals raise purchases, and for less elsewhere.

    Attributes
    ----------
    effects
        Logarithm of each festival's factor, by its Chinese name; empty where every day counts as one.
    known
        The festivals' windows.
    """

    effects: pd.Series
    known: pd.DataFrame

    def weights(self, start: date, end: date) -> pd.Series:
        """Return what each day from `start` to `end` counts; the mean over every calendar year is 1."""
        whole = pd.date_range(f"{pd.Timestamp(start).year}-01-01", f"{pd.Timestamp(end).year}-12-31")
        near = (self.known["to"] >= whole[0]) & (self.known["from"] <= whole[-1])
        mine = self.known[near & self.known["name_zh"].isin(self.effects.index)]
        effect = self.effects[mine["name_zh"]].to_numpy()
        steps = np.zeros(len(whole) + 1)
        np.add.at(steps, (mine["from"] - whole[0]).dt.days.clip(0, len(whole)), effect)
        np.add.at(steps, (mine["to"] - whole[0]).dt.days.add(1).clip(0, len(whole)), -effect)
        raw = pd.Series(np.exp(np.cumsum(steps)[:-1]), index=whole)
        return (raw / raw.groupby(whole.year).transform("mean"))[pd.Timestamp(start) : pd.Timestamp(end)]

    def days(self, start: date, end: date) -> float:
        """Return how many days of average weight the days from `start` to `end` make, both included."""
        return float(self.weights(start, end).sum())

    def customers(self, customers: pd.DataFrame, *, until: date) -> pd.DataFrame:
        """Return a CUSTOMERS table as of `until` with recency and T in days of this clock."""
        start = customers["first_order"].min()
        count = self.weights(start, until).cumsum().to_numpy()
        first, last = (count[(customers[name] - start).dt.days] for name in ("first_order", "last_order"))
        return customers.assign(recency=last - first, T=count[-1] - first)


def learn(bought: pd.DataFrame, *, until: date | str, known: pd.DataFrame | None = None) -> Clock:
    """Return the clock that the returns of a shop's customers show up to a day.

    Effects are drawn to none (`pooling`); before a year has passed there are none.

    Parameters
    ----------
    bought
        Purchase days up to `until`, as `purchase_days.from_orders` makes them.
    """
    known = festivals.table() if known is None else known
    end = pd.Timestamp(tables.as_day(until))
    if (end - bought["day"].min()).days >= YEAR:
        found = levels.fit(days.table(bought, until=end), known, who=days.RETURNING)
        if found is not None:
            effects = pooling.drawn_to_none(found.windows["name_zh"], found.alone, found.alone_covariance)
            return Clock(effects, known)
    return Clock(pd.Series(dtype=float), known)
