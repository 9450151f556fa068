"""Which rules a shop's tiers are worked out by: its file, its short `tiers:`, or a proposal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from clv.language import tell
from clv.tiering.contract import Membership
from clv.tiering.rules import assuming, of_thresholds, proposed

DECLARED, SHORT, PROPOSED = "rules", "thresholds", "proposal"
_SOURCES = {
    DECLARED: "The rules are the shop's own, from its file of membership rules.",
    SHORT: "The shop file names thresholds only, so tiers go by the money of the last 365 days: one rises at "
    "once, and at each month's end falls to what fits; a file of rules (membership:) says more.",
    PROPOSED: "The shop declares no tiers. These are a proposal: thresholds that about one in five and one "
    "in twenty of a year's buyers reach. Nobody knows of them, and nothing says that they would pay.",
}


@dataclass(frozen=True, eq=False)
class Chosen:
    """The rules to work with.

    Attributes
    ----------
    membership, source
        The rules, and where they come from: DECLARED, SHORT or PROPOSED.
    assumed
        Whether a discount was assumed, as the shop declares no benefits.
    notes
        Sentences for the reader.
    """

    membership: Membership
    source: str
    assumed: bool
    notes: tuple[str, ...]


def chosen(
    declared: Membership | None,
    thresholds: Mapping[str, float],
    *,
    orders: pd.DataFrame,
    until: date | str,
    discount: float,
) -> Chosen:
    """Return the rules that a shop's tiers are worked out by.

    Parameters
    ----------
    declared
        The rules of the shop's file, if it has one.
    thresholds
        The shop file's `tiers:`, empty where there are none.
    orders
        An ORDERS table; thresholds are proposed from it where nothing is declared.
    discount
        Of the highest tier, where no benefit is declared; those below are given evenly less.

    Raises
    ------
    NoAnswerError, SettingError
        As `rules.proposed` and `rules.of_thresholds`.
    """
    source = DECLARED if declared else SHORT if thresholds else PROPOSED
    rules = declared or (of_thresholds(thresholds) if thresholds else proposed(orders, until=until))
    notes = [_SOURCES[source]]
    if declared and thresholds and not _same(declared, thresholds):
        notes.append(
            tell(
                "The thresholds under tiers: in the shop file are not those of the rules; playbooks go "
                "by the first, so put both right."
            )
        )
    assumed = not rules.gives_something
    if assumed:
        rules = assuming(rules, discount=discount)
        notes.append(
            tell(
                "No benefits are declared: what tiers cost is worked out for an assumed discount of "
                "{discount:.1%} in the highest tier, and evenly less below it.",
                discount=discount,
            )
        )
    return Chosen(rules, source, assumed, tuple(notes))


def _same(rules: Membership, thresholds: Mapping[str, float]) -> bool:
    """Return whether the short tiers begin where the tiers of these names do in the rules."""
    starts = {name: t.start for t in rules.tiers for name in (t.name.en, t.name.zh, t.label)}
    return rules.by == "spend" and all(starts.get(name) == start for name, start in thresholds.items())
