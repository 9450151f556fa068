"""A campaign, worked out: everything that its tables, figures and lists are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv import plan
from clv.arms import SEND
from clv.audience import Audience
from clv.baseline import Baseline
from clv.language import spoken, tell
from clv.offering import words
from clv.offering.contract import Declared
from clv.offering.options import Option
from clv.offers import People, Worth
from clv.plan import Choice, Limits, Options
from clv.recalling.terms import Terms
from clv.sending.suppression import Reachable

PLAN, GREEDY = "the plan", "best value for money first"
NOTHING = -1


@dataclass(frozen=True, eq=False)
class Campaign:
    """A declared campaign, worked out for one shop.

    Attributes
    ----------
    basket
        The usual order (money).
    audience, reachable
        Who it is for, and who of them may be reached.
    baseline, rows
        Chance to buy without an offer, of all customers; rows of the reachable ones in it.
    options
        Offer × channel, amounts in money.
    people, worth, allowed
        The customers who may be reached; what each option pays for each; which options each may get.
    arms
        'send' or 'control' of each of them.
    limits, choice
        What the plan had to keep to; the plan for the send arm, in the order of its customers.
    chosen
        Each customer's option, -1 for nothing; in the control arm the one it would have got.
    notes
        Sentences for the reader.
    """

    declared: Declared
    terms: Terms
    basket: float
    audience: Audience
    reachable: Reachable
    baseline: Baseline
    rows: NDArray[np.int64]
    options: Sequence[Option]
    people: People
    worth: Worth
    allowed: NDArray[np.bool_]
    arms: pd.Series
    limits: Limits
    choice: Choice
    chosen: NDArray[np.int64]
    notes: tuple[str, ...]

    @cached_property
    def sent(self) -> NDArray[np.bool_]:
        """Who is in the send arm."""
        return (self.arms == SEND).to_numpy()

    @cached_property
    def contacted(self) -> NDArray[np.bool_]:
        """Who is sent something."""
        return self.sent & (self.chosen != NOTHING)

    @cached_property
    def held_back(self) -> NDArray[np.bool_]:
        """Who would have been sent something and is left alone, to compare with."""
        return ~self.sent & (self.chosen != NOTHING)

    @cached_property
    def plans(self) -> dict[str, NDArray[np.int64]]:
        """The plan and its rivals, none of which touches the control group: each customer's option."""
        now = self.offered_to(self.sent)
        rivals = {
            PLAN: self.choice.option,
            self.rival: plan.greedy(now, self.limits).option,
            self.everybody: self._cheapest_way(self.biggest, now.allowed),
        }
        return {name: self._spread(option) for name, option in rivals.items()}

    @cached_property
    def biggest(self) -> str:
        """The offer that gives most away: what a shop sends that does not count."""
        people = self.people
        given = {
            o.offer.name: float((people.p0 * o.given(people.baskets)).sum() + o.told * len(people))
            for o in self.options
        }
        return max(given, key=given.get)

    @cached_property
    def main(self) -> str:
        """The option that most are sent; where nobody is, the one that comes nearest to paying."""
        sent = self.chosen[self.contacted]
        if len(sent):
            return self.options[int(np.bincount(sent).argmax())].name
        pays = np.where(self.allowed, self.worth.value, 0.0).sum(axis=0)
        count = self.allowed.sum(axis=0)
        mean = np.where(count > 0, pays / np.maximum(count, 1), -np.inf)
        return self.options[int(mean.argmax())].name

    @property
    def rival(self) -> str:
        """What a good spreadsheet's plan is called; it gives nobody the same on purpose."""
        return tell("{greedy}, offers as they come", greedy=GREEDY) if self.declared.same_offer else GREEDY

    @property
    def everybody(self) -> str:
        """What sending that to everybody is called."""
        return tell("everybody: {offer}", offer=self.words_of(self.biggest))

    @property
    def same_offers(self) -> list[str] | None:
        """Name of the offer of each option, where all of a segment get the same one; else None."""
        return [option.offer.name for option in self.options] if self.declared.same_offer else None

    def label(self, number: int) -> str:
        """Return an option in words: the offer with its amounts, and the channel."""
        option = self.options[number]
        return tell("{offer}, by {channel}", offer=self.words_of(option.offer.name), channel=option.channel)

    def words_of(self, offer: str) -> str:
        """Return an offer in words, with its amounts."""
        mine = next(option.offer for option in self.options if option.offer.name == offer)
        return words.offer(mine, spoken(), currency=self.terms.currency)

    def offered_to(self, which: NDArray[np.bool_]) -> Options:
        """Return the arrays that a plan chooses from, for some of the customers who may be reached."""
        worth = Worth(self.worth.value[which], self.worth.cost[which])
        people = self.people.of_rows(np.flatnonzero(which))
        return options_of(self.options, people, worth, self.allowed[which])

    def _cheapest_way(self, offer: str, allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the option by which each customer gets an offer at the least cost of contact."""
        ways = [number for number, option in enumerate(self.options) if option.offer.name == offer]
        found = np.full(len(allowed), NOTHING)
        for way in sorted(ways, key=lambda number: -self.options[number].via.cost):
            found = np.where(allowed[:, way], way, found)
        return found

    def _spread(self, option: NDArray[np.int64]) -> NDArray[np.int64]:
        found = np.full(len(self.people), NOTHING)
        found[self.sent] = option
        return found


def options_of(
    options: Sequence[Option], people: People, worth: Worth, allowed: NDArray[np.bool_]
) -> Options:
    """Return the arrays that a plan chooses from."""
    return Options(
        value=worth.value,
        cost=worth.cost,
        allowed=allowed,
        is_call=np.array([option.channel == "phone" for option in options]),
        names=tuple(option.name for option in options),
        segment=people.segment,
    )
