"""The rules replayed day by day: who rose, kept and fell when, in spells of one tier each."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from clv.tiering.contract import Membership
from clv.tiering.qualifying import Bought, Floats, Ints, Path, fitting

JOINED, ROSE, FELL = range(3)
WHY = ("joined", "rose", "fell")
_FAR = 10**6  # more days than any day since 1970
_EVERY = {"monthly": "ME", "quarterly": "QE", "yearly": "YE"}


@dataclass(frozen=True, eq=False)
class Spells:
    """Stretches of one tier: the customer `who` has `rank` from the evening of `since`.

    By customer and day; a customer's first spell begins with the first order. `why` numbers WHY. `valid_to`
    is the day, by customer, before which no review takes the present tier away.
    """

    who: Ints
    rank: Ints
    since: Ints
    why: Ints
    valid_to: Ints

    @property
    def ends(self) -> Ints:
        """Day in whose evening each spell gave way to the next; far off for the present ones."""
        followed = np.r_[self.who[1:] == self.who[:-1], False]
        return np.where(followed, np.r_[self.since[1:], 0], _FAR)

    def held_before(self, who: Ints, day: Ints, *, lowest: int) -> Ints:
        """Return the rank held on the evening before a day, `lowest` before a customer's first order."""
        at = np.searchsorted(self.who * _FAR + self.since, who * _FAR + day - 1, side="right") - 1
        known = (at >= 0) & (self.who[at] == who)
        return np.where(known, self.rank[at], lowest)

    def days_within(self, first: int, last: int) -> Ints:
        """Return the days of each spell from `first` to `last`, both included."""
        ends = np.minimum(self.ends, last)
        return np.clip(ends - np.maximum(self.since, first - 1), 0, None)

    def on(self, day: int, *, customers: int) -> tuple[Ints, Ints]:
        """Return rank and number of the spell of each customer on the evening of a day; -2 if unknown yet."""
        last = np.full(customers, -1)
        known = np.flatnonzero(self.since <= day)
        last[self.who[known]] = known  # the latest spell comes last
        return np.where(last >= 0, self.rank[last], -2), last


def review_days(rules: Membership, *, first: int, last: int) -> Ints:
    """Return the days of review from `first` to `last`: ends of months, quarters or years."""
    ends = [np.datetime64(day, "D").astype(date) for day in (first, last)]
    days = pd.date_range(*ends, freq=_EVERY[rules.review])
    return days.to_numpy().astype("datetime64[D]").astype(np.int64)


def next_review(rules: Membership, *, after: int) -> int:
    """Return the first day of review after a day."""
    return int(review_days(rules, first=after + 1, last=after + 367)[0])


def spells(path: Path, found: Bought, rules: Membership, reviews: Ints) -> Spells:
    """Return the spells that the rules give, when tiers are looked at on the days `reviews`.

    A rise at once counts from the evening of the order that reached the tier, a change at a review from that
    evening. So an order never enjoys the tier that it earns.
    """
    state = _State.new(path, found, rules, reviews)
    for at, day in enumerate(reviews):
        state.go_on(at)
        state.review(int(day))
    state.go_on(len(reviews))
    return state.spells()


@dataclass(eq=False)
class _State:
    """Everybody's rank and amount while the days go by, and the changes so far."""

    rules: Membership
    first: Ints
    rank: Ints
    amount: Floats
    valid_to: Ints
    steps: "_Steps"
    changes: list[tuple[Ints, ...]]

    @classmethod
    def new(cls, path: Path, found: Bought, rules: Membership, reviews: Ints) -> "_State":
        n, lowest = len(found.ids), rules.lowest
        joined = (np.arange(n), np.full(n, lowest), found.first, np.zeros(n, dtype=np.int64))
        steps = _Steps.of(path, rules, reviews)
        return cls(rules, found.first, joined[1].copy(), np.zeros(n), np.zeros(n, np.int64), steps, [joined])

    def go_on(self, at: int) -> None:
        """Let the days up to the review number `at` pass."""
        who, day, amount, entitled, before = self.steps.until(at)
        if self.rules.upgrade == "at_once":
            rises = entitled > np.maximum(before, self.rank[who])
            self._change(who[rises], entitled[rises], day[rises], ROSE)
        self.amount[who] = amount  # the latest comes last

    def review(self, day: int) -> None:
        """Look at every tier again, in the evening of a day."""
        fit = fitting(self.amount, self.rules.starts)
        up = np.flatnonzero(fit > self.rank)
        due = (self.rank > self.rules.lowest) & (day >= self.valid_to) & (fit <= self.rank)
        enough = self.amount >= np.append(self.rules.keeps, -np.inf)[self.rank]
        stays, falls = np.flatnonzero(due & enough), np.flatnonzero(due & ~enough)
        self.valid_to[stays] = day + self.rules.valid_days
        self._change(up, fit[up], np.full(len(up), day), ROSE)
        if self.rules.downgrade != "never":
            self._change(falls, self._below(falls), np.full(len(falls), day), FELL)

    def _below(self, who: Ints) -> Ints:
        """Return what customers fall to: a step, or as far as they would keep a tier."""
        step = self.rank[who] - 1
        if self.rules.downgrade == "one_step":
            return step
        fit = fitting(self.amount[who], self.rules.keeps)
        return np.clip(fit, self.rules.lowest, step)

    def _change(self, who: Ints, rank: Ints, day: Ints, why: int) -> None:
        self.rank[who] = rank
        self.valid_to[who] = day + self.rules.valid_days
        self.changes.append((who, rank, day, np.full(len(who), why)))

    def spells(self) -> Spells:
        who, rank, since, why = (np.concatenate(parts) for parts in zip(*self.changes, strict=True))
        order = np.lexsort((since, who))  # stable: of one day the later change comes last
        who, rank, since, why = (column[order] for column in (who, rank, since, why))
        last = np.r_[(who[1:] != who[:-1]) | (since[1:] != since[:-1]), True]
        who, rank, since, why = (column[last] for column in (who, rank, since, why))
        start = np.r_[True, who[1:] != who[:-1]]
        news = start | np.r_[True, rank[1:] != rank[:-1]]
        why = np.where(start, JOINED, why)
        return Spells(who[news], rank[news], since[news], why[news], self.valid_to)


@dataclass(frozen=True, eq=False)
class _Steps:
    """The path in the order of the reviews: what each step entitles to, and what those before it did."""

    columns: tuple[Ints, Ints, Floats, Ints, Ints]
    edges: Ints

    @classmethod
    def of(cls, path: Path, rules: Membership, reviews: Ints) -> "_Steps":
        entitled = fitting(path.amount, rules.starts)
        part = np.searchsorted(reviews, path.day)
        table = pd.DataFrame({"who": path.who, "part": part, "entitled": entitled})
        groups = table.groupby(["who", "part"], sort=False)["entitled"]
        best = groups.cummax().to_numpy()
        start = np.r_[True, (path.who[1:] != path.who[:-1]) | (part[1:] != part[:-1])]
        before = np.where(start, -2, np.r_[-2, best[:-1]])
        order = np.argsort(part, kind="stable")
        columns = (path.who, path.day, path.amount, entitled, before)
        edges = np.searchsorted(part[order], np.arange(len(reviews) + 2))
        return cls(tuple(column[order] for column in columns), edges)

    def until(self, at: int) -> tuple[Ints, Ints, Floats, Ints, Ints]:
        """Return who, day, amount, entitled, before of the steps up to the review number `at`."""
        rows = slice(self.edges[at], self.edges[at + 1])
        return tuple(column[rows] for column in self.columns)
