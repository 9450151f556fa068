"""Changes of points → lots: what was earned together, and what of it was used, expired, or is still there.

Every point that leaves an account is taken from the points that expire first, of those that are there on the
day (first in, first out, where all are valid equally long); points without a last day come after all others.
`expires_on` is the last day on which a point can be used: at its end the rest is gone, whether or not the
ledger has a row that says so. Such a row within the month after it speaks of the same points, and they are
not taken twice. On one day, points are earned first, then taken back, then used, then expired.

What was taken beyond all that was ever earned stands apart: such an account had points before the ledger
begins, nobody knows how many. So nothing gets lost, for each customer and for all:

    beyond + earned + adjusted = used + expired + balance

Nothing here looks ahead: what is known of a day does not depend on what came later (`Account.at`).
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv import tables
from clv.errors import NoAnswerError
from clv.language import tell

USED, EXPIRED, ADJUSTED, EARNED = "used", "expired", "adjusted", "earned"
LATE = 31  # days after `expires_on` within which the ledger may write down that points expired
_PARTS = 100  # of a point: counted in whole ones, so that sums are exact
_ON_ONE_DAY = {ADJUSTED: 0, USED: 1, EXPIRED: 2}
_NEVER = np.iinfo(np.int64).max // 4

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Account:
    """All accounts of a shop, on a day.

    Attributes
    ----------
    lots
        One row per lot: customer_id, at (the day it was earned), kind ('earned'; or 'adjusted', given by
        hand), reason, expires_on (missing where never), points, left (what is still there).
    parts
        One row per part of a lot that is gone: lot (row of `lots`), at, kind ('used', 'expired', 'adjusted':
        taken back), points.
    beyond
        What was taken and had not been earned: customer_id, at, kind, points.
    until
        The day, at whose end everything is as it stands here.
    """

    lots: pd.DataFrame
    parts: pd.DataFrame
    beyond: pd.DataFrame
    until: pd.Timestamp

    def at(self, day: date | str | pd.Timestamp) -> "Account":
        """Return the accounts as they stood at the end of an earlier day."""
        day = pd.Timestamp(tables.as_day(day))
        keep = (self.lots["at"] <= day).to_numpy()
        row = np.cumsum(keep) - 1
        parts = self.parts[self.parts["at"] <= day].reset_index(drop=True)
        parts["lot"] = row[parts["lot"].to_numpy()]
        lots = self.lots[keep].reset_index(drop=True)
        lots["left"] = (_units(lots["points"]) - _taken(parts, len(lots))) / _PARTS
        beyond = self.beyond[self.beyond["at"] <= day].reset_index(drop=True)
        return Account(lots, parts, beyond, day)

    def outstanding(self) -> pd.DataFrame:
        """Return the lots of which something is left."""
        return self.lots[self.lots["left"] > 0].reset_index(drop=True)


def of(points: pd.DataFrame, *, until: date | str | pd.Timestamp) -> Account:
    """Return the accounts behind a ledger of points.

    Parameters
    ----------
    points
        A POINTS table; parts of a point are counted to the hundredth.
    until
        The last day that counts.

    Raises
    ------
    InputError
        The table breaks its contract, or `until` is no day.
    NoAnswerError
        Nothing happened up to that day.
    """
    day = pd.Timestamp(tables.as_day(until))
    known = tables.check(points, tables.POINTS)
    known = known[known["at"].dt.normalize() <= day]
    if known.empty:
        raise NoAnswerError(tell("the ledger of points has no row up to {day:%Y-%m-%d}.", day=day))
    units = _units(known["points"])
    gives = known["kind"].eq(EARNED) | (known["kind"].eq(ADJUSTED) & units.gt(0))
    known = known.assign(units=units.abs(), at=known["at"].dt.normalize())
    lots = _lots(known[gives])
    taken = _debits(known[~gives])
    lot, debit, units = _matched(lots, taken)
    return _account(lots, taken, pd.DataFrame({"lot": lot, "debit": debit, "units": units}), day)


def _lots(given: pd.DataFrame) -> pd.DataFrame:
    """Return lots by customer, those that are used first first."""
    by = ["customer_id", "expires_on", "at", "units", "reason"]
    columns = ["customer_id", "at", "kind", "reason", "expires_on", "units"]
    last = given["expires_on"].dt.normalize()
    within = given.assign(expires_on=last.where(~last.lt(given["at"]), given["at"]))
    return within[columns].sort_values(by, kind="stable", ignore_index=True)


def _debits(taken: pd.DataFrame) -> pd.DataFrame:
    order = taken.assign(turn=taken["kind"].map(_ON_ONE_DAY))
    columns = ["customer_id", "at", "kind", "units"]
    return order.sort_values(["customer_id", "at", "turn"], kind="stable", ignore_index=True)[columns]


def _days(moments: pd.Series) -> Ints:
    days = moments.to_numpy("datetime64[D]").astype("int64")
    return np.where(moments.isna(), _NEVER, days)


def _matched(lots: pd.DataFrame, taken: pd.DataFrame) -> tuple[Ints, Ints, Ints]:
    """Return which lot gave how much to which debit: lot, debit, units.

    The lot that expires first comes first wherever it is there, so lots may be served one after the other:
    round k takes, for the k-th lot of every customer at once, from what is left of the debits in its time.
    Customers with most lots come first, so that a round is a slice.
    """
    ids = pd.Index(lots["customer_id"].unique())
    of_lot, of_debit = (ids.get_indexer(t["customer_id"]) for t in (lots, taken))
    count = np.bincount(of_lot, minlength=len(ids))
    first_lot = np.concatenate([[0], np.cumsum(count)[:-1]])
    place = np.argsort(np.argsort(-count, kind="stable"))
    rows = np.flatnonzero(of_debit >= 0)
    rows = rows[np.argsort(place[of_debit[rows]], kind="stable")]
    who, at = of_debit[rows], _days(taken["at"])[rows]
    late = np.where(taken["kind"].to_numpy()[rows] == EXPIRED, LATE, 0)
    left = taken["units"].to_numpy()[rows].copy()
    start, end, units = _days(lots["at"]), _days(lots["expires_on"]), lots["units"].to_numpy()
    found, lots_of_it = [(rows[:0],) * 3], -count[who]
    for k in range(count.max(initial=0)):
        has_lot = np.searchsorted(lots_of_it, -k)  # as those with most lots come first
        live = np.flatnonzero(left[:has_lot])
        if not len(live):
            break
        lot = first_lot[who[live]] + k
        fits = (at[live] >= start[lot]) & (at[live] <= end[lot] + late[live])
        live, lot = live[fits], lot[fits]
        got = _in_turn(left[live], who[live], units[lot])
        left[live] -= got
        found.append((lot[got > 0], rows[live[got > 0]], got[got > 0]))
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))


def _in_turn(wanted: Ints, who: Ints, there: Ints) -> Ints:
    """Return how much each debit gets of its customer's lot, the earliest first."""
    before = np.cumsum(wanted) - wanted
    starts = np.flatnonzero(np.diff(who, prepend=-1))
    before -= np.repeat(before[starts], np.diff(np.append(starts, len(who))))
    return np.clip(there - before, 0, wanted)


def _account(lots: pd.DataFrame, taken: pd.DataFrame, matched: pd.DataFrame, day: pd.Timestamp) -> Account:
    debit = taken.loc[matched["debit"], ["at", "kind"]].reset_index(drop=True)
    last = lots["expires_on"].reindex(matched["lot"]).reset_index(drop=True)
    late = debit["kind"].eq(EXPIRED) & debit["at"].gt(last)
    parts = matched[["lot", "units"]].join(debit.assign(at=debit["at"].mask(late, last)))
    left = lots["units"] - np.bincount(parts["lot"], parts["units"], len(lots)).astype("int64")
    over = lots["expires_on"].le(day) & left.gt(0)
    lapsed = pd.DataFrame({"lot": np.flatnonzero(over), "units": left[over].to_numpy(), "kind": EXPIRED})
    parts = pd.concat([parts, lapsed.assign(at=lots.loc[over, "expires_on"].to_numpy())], ignore_index=True)
    parts = parts.sort_values(["lot", "at"], kind="stable", ignore_index=True)
    more = taken["units"] - np.bincount(matched["debit"], matched["units"], len(taken)).astype("int64")
    beyond = taken.assign(points=more / _PARTS)[more > 0].drop(columns="units").reset_index(drop=True)
    lots = lots.assign(points=lots["units"] / _PARTS, left=left.mask(over, 0) / _PARTS)
    parts = parts.assign(points=parts["units"] / _PARTS)[["lot", "at", "kind", "points"]]
    return Account(lots.drop(columns="units"), parts, beyond, day)


def _units(points: pd.Series) -> pd.Series:
    return np.rint(points * _PARTS).astype("int64")


def _taken(parts: pd.DataFrame, lots: int) -> Ints:
    return np.bincount(parts["lot"], _units(parts["points"]), minlength=lots).astype("int64")
