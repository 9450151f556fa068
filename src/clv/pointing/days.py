"""Who held points and who bought, on any day: tables as numbers, so that many days can be looked at."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.pointing.lots import Account
from clv.pointing.redrawn import Floats

SOON = 30  # days looked ahead
FAR = 1_000_000  # a day that never comes
KINDS = 24  # of customers that are alike
_YEAR = 365
_CUSTOMERS = 50_000  # that are looked at, drawn by lot
_SINCE = (30, 60, 90, 180, 365)  # days since the last purchase, between the bands
_OFTEN = (1, 2, 4)  # orders in the last year

Ints = NDArray[np.int64]


def number(day: pd.Timestamp) -> int:
    """Return a day as a number."""
    return int(np.datetime64(day, "D").astype(np.int64))


def _days(days: pd.Series) -> Ints:
    return np.where(days.isna(), FAR, days.to_numpy("datetime64[D]").astype(np.int64))


@dataclass(frozen=True, eq=False)
class Held:
    """Lots and what became of them, as numbers, for the customers looked at (`ids`, at most so many)."""

    ids: pd.Index
    who: Ints
    start: Ints
    end: Ints
    points: Floats
    lot: Ints
    at: Ints
    gone: Floats
    until: int

    @classmethod
    def of(cls, account: Account, rng: np.random.Generator) -> "Held":
        """Return the accounts as numbers."""
        lots, parts = account.lots, account.parts
        who, ids = pd.factorize(lots["customer_id"])
        chosen = rng.permutation(len(ids)) < _CUSTOMERS
        mine = chosen[who]
        row, of_mine = np.cumsum(mine) - 1, mine[parts["lot"]]
        lots, parts = lots[mine], parts[of_mine]
        return cls(
            ids=pd.Index(ids[chosen]),
            who=(np.cumsum(chosen) - 1)[who[mine]],
            start=_days(lots["at"]),
            end=_days(lots["expires_on"]),
            points=lots["points"].to_numpy(),
            lot=row[parts["lot"]],
            at=_days(parts["at"]),
            gone=parts["points"].to_numpy(),
            until=number(account.until),
        )

    def left(self, day: int) -> Floats:
        """Return what was left of each lot at the end of a day."""
        gone = np.bincount(self.lot, self.gone * (self.at <= day), minlength=len(self.points))
        return np.where(self.start <= day, self.points - gone, 0.0)

    def sums(self, left: Floats, upto: int) -> Floats:
        """Return by customer how much of it expires up to a day."""
        return np.bincount(self.who, left * (self.end <= upto), minlength=len(self.ids))


@dataclass(frozen=True, eq=False)
class Bought:
    """Purchase days as sorted numbers, customer × FAR + day, to be asked for any customer and day."""

    ids: pd.Index
    keys: Ints

    @classmethod
    def of(cls, orders: pd.DataFrame) -> "Bought":
        """Return the purchase days of an ORDERS table."""
        named = orders.dropna(subset="customer_id")
        ids = pd.Index(named["customer_id"].unique())
        keys = ids.get_indexer(named["customer_id"]) * FAR + _days(named["paid_at"])
        return cls(ids, np.append(np.unique(keys), -FAR))

    def customers(self, ids: pd.Index) -> Ints:
        """Return the number of each customer; -1 where one never bought."""
        return self.ids.get_indexer(ids)

    def like(self, who: Ints, day: int) -> tuple[Ints, NDArray[np.bool_]]:
        """Return who is alike by last purchase and orders in a year (a number), and who buys soon after."""
        keys = self.keys[:-1]
        key = np.where(who < 0, -FAR, who * FAR + day)
        upto, year, soon = (np.searchsorted(keys, key + days, side="right") for days in (0, -_YEAR, SOON))
        last = self.keys[upto - 1]  # of nobody's, which stands at the end, where there is none
        since = np.where((who >= 0) & (last // FAR == who), day - last % FAR, FAR)
        often = np.searchsorted(_OFTEN, np.where(since <= _YEAR, upto - year, 0), side="right")
        return np.searchsorted(_SINCE, since) * (len(_OFTEN) + 1) + often, soon > upto
