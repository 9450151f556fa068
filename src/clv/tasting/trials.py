"""Trials: on days in the past every rule foretells each customer's next choice, and is told what it was.

all that a rule learns ────────────┤ day ├── horizon ──┤
                                         the next choice
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clv.errors import NoAnswerError
from clv.language import tell
from clv.tasting import dirichlet, histories, rules, scales
from clv.tasting.histories import Floats, State
from clv.tasting.rules import Rule
from clv.tasting.scales import Ints, Scale

FEWEST = 30  # customers with a choice before and after, over all days


@dataclass(frozen=True, eq=False)
class Learned:
    """All that is known along an axis at the end of a day: scale, history, rules, and each rule's state."""

    day: pd.Timestamp
    scale: Scale
    history: histories.History
    rules: dict[str, Rule]

    def state(self, rule: str, who: Ints | None = None) -> State:
        """Return what a rule knows of every customer, or of those at the places `who`."""
        found = histories.on(self.history, day=self.day, half_life=self.rules[rule].half_life)
        return found if who is None else State(found.counts[who], found.last[who])

    def answers(self, rule: str, who: Ints | None = None) -> pd.DataFrame:
        """Return what a rule says of every customer, or of those at the places `who`.

        Returns
        -------
        Index who (number of the customer); place (of the value, on the scale), probability, favourite (chance
        that no named value has a larger share, by the posterior), evidence (purchase days), own (of these,
        with the value).
        """
        plain = self.state(rules.POPULAR, who)
        chances = self.rules[rule].chances(self.state(rule, who))
        best = np.where(self.scale.named, chances, -1.0).argmax(axis=1)
        rows = np.arange(len(best))
        found = {"place": best, "probability": chances[rows, best]}
        found["favourite"] = self._favourite(rule, best, who)
        found |= {"evidence": plain.counts.sum(axis=1), "own": plain.counts[rows, best]}
        numbers = self.history.customers if who is None else self.history.customers[who]
        index = pd.Index(numbers, name="who")
        return pd.DataFrame(found, index=index).astype({"evidence": "int64", "own": "int64"})

    def ends(self, rule: str, place: Ints) -> tuple[Floats, Floats]:
        """Return the 90 % bounds of the chance of one value of every customer; see `rules.Rule.ends`."""
        return self.rules[rule].ends(self.state(rule), place)

    def _favourite(self, rule: str, best: Ints, who: Ints | None) -> Floats:
        judge = rule if rule == rules.RECENT else rules.POSTERIOR
        if judge not in self.rules:
            return np.zeros(len(best))
        asked, named = self.rules[judge], self.scale.named
        prior = asked.weight * asked.shares[named]
        return dirichlet.favourite(self.state(judge, who).counts[:, named], prior, best)


def learned(table: pd.DataFrame, *, axis: str, day: pd.Timestamp, bands: int) -> Learned:
    """Return what is known along an axis at the end of `day`, of a table of choices."""
    known = table[table["day"] <= day]
    scale = scales.learn(known, axis=axis, bands=bands)
    history = histories.of(known, scale)
    return Learned(day, scale, history, rules.learn(history))


def gather(
    table: pd.DataFrame, *, axis: str, until: pd.Timestamp, horizon: int, origins: int, bands: int
) -> pd.DataFrame:
    """Return one row per day in the past, customer and rule.

    Returns
    -------
    day, who (number of the customer), rule; hit (the rule's value was chosen next), loss (minus the log of
    the chance that it gave to what was chosen), probability (that it gave to its own value), favourite,
    evidence, own.

    Raises
    ------
    NoAnswerError
        Too few customers have a choice on both sides of these days.
    """
    days = [until - pd.Timedelta(days=back * horizon) for back in range(1, origins + 1)]
    parts = [_on(table, axis=axis, day=day, horizon=horizon, bands=bands) for day in days]
    found = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    count = int((found["rule"] == rules.POPULAR).sum()) if len(found) else 0
    if count < FEWEST:
        raise NoAnswerError(
            tell(
                "only {count} customer(s) have an order with a known {axis} on both sides of {last} to "
                "{first}, and {fewest} are needed to judge a rule; give a longer history or choose a "
                "longer horizon.",
                count=count,
                axis=axis,
                last=days[-1].date(),
                first=days[0].date(),
                fewest=FEWEST,
            )
        )
    return found


def _on(table: pd.DataFrame, *, axis: str, day: pd.Timestamp, horizon: int, bands: int) -> pd.DataFrame:
    if not (table["day"] <= day).any():
        return pd.DataFrame()
    then = learned(table, axis=axis, day=day, bands=bands)
    if rules.POSTERIOR not in then.rules:
        return pd.DataFrame()
    after = table[(table["day"] > day) & (table["day"] <= day + pd.Timedelta(days=horizon))]
    place = then.scale.places(after)
    later = after.assign(place=place)[place >= 0].drop_duplicates("who")
    at = pd.Index(then.history.customers).get_indexer(later["who"])
    who, chosen = at[at >= 0], later["place"].to_numpy()[at >= 0]
    return pd.concat([_told(then, name, who, chosen) for name in then.rules], ignore_index=True)


def _told(then: Learned, rule: str, who: Ints, chosen: Ints) -> pd.DataFrame:
    chance = then.rules[rule].chances(then.state(rule, who))
    said = then.answers(rule, who).reset_index()
    loss = -np.log(chance[np.arange(len(who)), chosen])
    kept = said[["who", "probability", "favourite", "evidence", "own"]]
    return kept.assign(day=then.day, rule=rule, hit=said["place"].to_numpy() == chosen, loss=loss)
