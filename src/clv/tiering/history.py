"""The rules replayed over a shop's orders, and where everybody stands on the last day."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from clv import tables
from clv.tiering import qualifying, replay
from clv.tiering.contract import Membership
from clv.tiering.qualifying import Bought, Ints, Units, moments
from clv.tiering.replay import Spells


@dataclass(frozen=True, eq=False)
class History:
    """Rules as they would have run from the first order to the last day.

    Attributes
    ----------
    membership, until
        The rules, and the last day.
    reviews
        The days of review up to the last day.
    spells
        One row per customer and stretch of one tier, in order: customer_id, tier, rank (0 the lowest tier, -1
        none), since (from the evening of this day), why (joined, rose, fell).
    bought, units, states
        The same in numbers, for what is built on it.
    """

    membership: Membership
    until: date
    reviews: pd.DatetimeIndex
    spells: pd.DataFrame
    bought: Bought
    units: Units
    states: Spells

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return len(self.bought.ids)

    @property
    def first_whole(self) -> pd.Timestamp:
        """The first day of which the whole window was seen; before it amounts are too low."""
        first = int(self.bought.day.min())
        rolling = self.membership.window.rolling_days
        if rolling:
            return moments(np.array([first + rolling - 1]))[0]
        year = moments(np.array([first]))[0]
        whole = year if year.dayofyear == 1 else pd.Timestamp(year.year + 1, 1, 1)
        return pd.Timestamp(whole.year, 12, 31)

    @property
    def whole_reviews(self) -> pd.DatetimeIndex:
        """The reviews that had a whole window before them."""
        return self.reviews[self.reviews >= self.first_whole]

    def on(self, day: date | str | pd.Timestamp) -> pd.Series:
        """Return the tier of every customer known on the evening of a day, in the order of the tiers."""
        rank, _ = self.states.on(qualifying.number(day), customers=self.customers)
        known = rank >= self.membership.lowest
        return self.named(rank[known], self.bought.ids[known])

    def named(self, rank: Ints, index: pd.Index) -> pd.Series:
        """Return ranks as names of tiers, ordered."""
        labels = self.membership.labels
        names = pd.Categorical.from_codes(rank - self.membership.lowest, categories=labels, ordered=True)
        return pd.Series(names, index=index, name="tier")


def history(orders: pd.DataFrame, membership: Membership, *, until: date | str) -> History:
    """Replay the rules from the first order up to and including a day.

    Everybody begins without a tier (or in the base tier) at the first order that is known, so what happened
    before is missing until a whole window has been seen.

    Parameters
    ----------
    orders
        An ORDERS table; orders without a customer are passed over.

    Raises
    ------
    InputError, NoAnswerError
        As `qualifying.bought`.
    """
    return replayed(qualifying.bought(orders, until=until), membership)


def replayed(found: Bought, membership: Membership) -> History:
    """Replay rules over orders that are read already; see `history`."""
    units = qualifying.units(found, membership)
    path = qualifying.path(units, until=found.until)
    reviews = replay.review_days(membership, first=int(found.day.min()), last=found.until)
    states = replay.spells(path, found, membership, reviews)
    spells = pd.DataFrame(
        {
            "customer_id": found.ids[states.who],
            "rank": states.rank,
            "since": moments(states.since),
            "why": np.array(replay.WHY)[states.why],
        }
    )
    until = moments(np.array([found.until]))[0].date()
    whole = History(membership, until, moments(reviews), spells, found, units, states)
    spells.insert(1, "tier", whole.named(states.rank, spells.index))
    return whole


def standing(orders: pd.DataFrame, membership: Membership, *, until: date | str) -> pd.DataFrame:
    """Return where every customer stands on the evening of a day; see `standing_of`."""
    return standing_of(history(orders, membership, until=until))


def standing_of(found: History) -> pd.DataFrame:
    """Return where every customer stands on the last day of a history.

    Returns
    -------
    Index customer_id: tier (ordered), rank; amount (what counts today: money, orders or months); since (day);
    next_tier and to_next (the amount missing to it; missing for the highest); expires_30, expires_90 (what of
    the amount no longer counts in 30, 90 days); to_keep (what is missing to keep the tier at the next review
    if nothing is bought until then; 0 where it is safe, missing without a tier that can be lost).
    """
    rules, day = found.membership, found.bought.until
    rank, spell = found.states.on(day, customers=found.customers)
    amount = found.units.on(day)
    following, missing = qualifying.to_next(amount, rank, rules.starts)
    names = np.array([*(tier.label for tier in rules.tiers), None], dtype=object)
    return pd.DataFrame(
        {
            "tier": found.named(rank, found.bought.ids),
            "rank": rank,
            "amount": amount,
            "since": moments(found.states.since[spell]),
            "next_tier": pd.array(names[following], dtype="str"),
            "to_next": missing,
            "expires_30": found.units.leaving(day, within=30),
            "expires_90": found.units.leaving(day, within=90),
            "to_keep": _to_keep(found, rank, amount),
        },
        index=found.bought.ids,
    )


def _to_keep(found: History, rank: Ints, amount: np.ndarray) -> np.ndarray:
    rules, day = found.membership, found.bought.until
    review = replay.next_review(rules, after=day)
    left = amount - found.units.leaving(day, within=review - day)
    missing = (np.append(rules.keeps, np.nan)[rank] - left).clip(min=0).round(tables.MONEY_DIGITS)
    at_stake = (found.states.valid_to <= review) & (rules.downgrade != "never")
    return np.where(rank > rules.lowest, np.where(at_stake, missing, 0.0), np.nan)


def sizes(found: History) -> pd.DataFrame:
    """Return how many customers held each tier in the evening of every review: by day, a column per tier."""
    days = [qualifying.number(day) for day in found.reviews]
    states, ends = found.states, found.states.ends
    table = pd.DataFrame(index=found.reviews.rename("day"))
    for rank, name in enumerate(found.membership.labels, start=found.membership.lowest):
        mine = states.rank == rank
        table[name] = _by(states.since[mine], days) - _by(ends[mine], days)
    return table


def changes(found: History) -> pd.DataFrame:
    """Return what changed at, and since the last of, every review.

    Returns
    -------
    Index day: joined, rose, fell (changes of which one customer may make several); kept (customers above the
    lowest rank who held the same tier all the time); whole: whether all of the window had been seen by then.
    """
    days = [qualifying.number(day) for day in found.reviews]
    states, ends = found.states, found.states.ends
    table = pd.DataFrame(index=found.reviews.rename("day"))
    for code, name in enumerate(replay.WHY):
        table[name] = np.diff(_by(states.since[states.why == code], days), prepend=0)
    mine = states.rank > found.membership.lowest
    before = [-1, *days][: len(days)]
    kept = [(mine & (states.since <= b) & (ends > d)).sum() for b, d in zip(before, days, strict=True)]
    return table.assign(kept=np.array(kept, dtype=np.int64), whole=found.reviews >= found.first_whole)


def _by(happened: Ints, days: list[int]) -> Ints:
    """Return how many things had happened by each of the days."""
    return np.searchsorted(np.sort(happened), days, side="right")
