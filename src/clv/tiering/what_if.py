"""Other rules instead of these: who would hold what, at what cost, and the cost of taking nothing away."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clv import migration
from clv.errors import SettingError
from clv.language import tell
from clv.tiering import costs
from clv.tiering.contract import Membership
from clv.tiering.costs import Estimate, total
from clv.tiering.history import History, replayed
from clv.tiering.qualifying import Ints
from clv.tiering.rules import scaled


@dataclass(frozen=True, eq=False)
class WhatIf:
    """What other rules would have done, had they always been in force and everybody bought the same.

    Attributes
    ----------
    movers
        Customers who would stand elsewhere, dearest change first; index customer_id: before, after (tiers),
        amount (what counts), spend (money of the last year); cost_before, cost_after, change (money that the
        two tiers would cost in a further year, by the other rules, if they bought as in the last one).
    counts
        Customers by tier before (rows) and after (columns).
    rise, fall
        How many would stand higher, and lower.
    cost_before, cost_after, change
        Cost of the benefits in the last year under both rules, and the difference.
    grandfathering
        What letting those who would fall keep their tier would cost in a further year: less `change` of
        those of the movers.
    """

    movers: pd.DataFrame
    counts: pd.DataFrame
    rise: int
    fall: int
    cost_before: float
    cost_after: float
    change: Estimate
    grandfathering: Estimate


def what_if(now: History, rules: Membership) -> WhatIf:
    """Return what other rules would change on the same orders and day, had they always been in force.

    Behaviour is held fixed: nobody buys more to reach a tier, or less after losing one. That flatters rules
    that take away, as the shop is seen to save and not to lose, and says nothing of what rules that give win.

    Raises
    ------
    SettingError
        The other rules lack a tier of today's by name.
    """
    other = replayed(now.bought, rules)
    mine, theirs = (one.on(one.until) for one in (now, other))
    place = _places(now.membership, other.membership)
    before = place[now.states.on(now.bought.until, customers=now.customers)[0]]
    after, _ = other.states.on(other.bought.until, customers=other.customers)
    price = costs.prices(now.bought, now.states, now.membership)
    accounts = [costs.given(one.bought, one.states, one.membership, price=price) for one in (now, other)]
    cost_before, cost_after = (account["cost"] for account in accounts)
    table = pd.DataFrame({"before": mine, "after": theirs, "amount": now.units.on(now.bought.until)})
    table = table.join(_further_year(accounts[0], before, after, rules))
    return WhatIf(
        movers=table[before != after].sort_values("change", key=abs, ascending=False, kind="stable"),
        counts=migration.matrix(mine, theirs, most=50),
        rise=int((after > before).sum()),
        fall=int((after < before).sum()),
        cost_before=float(cost_before.sum()),
        cost_after=float(cost_after.sum()),
        change=total(cost_after - cost_before),
        grandfathering=total(-table["change"].where(after < before, 0.0)),
    )


def _further_year(account: pd.DataFrame, before: Ints, after: Ints, rules: Membership) -> pd.DataFrame:
    """Return what each customer would cost in a further year at two ranks of the same rules."""
    old, new = (costs.a_year_at(account, rank, rules) for rank in (before, after))
    found = {"spend": account["spend"], "cost_before": old, "cost_after": new, "change": new - old}
    return pd.DataFrame(found, index=account.index)


def _places(now: Membership, other: Membership) -> np.ndarray:
    """Return the rank in the other rules of each rank of today's; of -1 it comes last."""
    ranks = {tier.label: rank for rank, tier in enumerate(other.tiers)}
    lacking = [tier.label for tier in now.tiers if tier.label not in ranks]
    if lacking:
        raise SettingError(
            tell(
                "the other rules lack {lacking} of today's tiers, the first {first!r}; keep their names, "
                "so that it can be said who rises and who falls.",
                lacking=len(lacking),
                first=lacking[0],
            )
        )
    return np.array([ranks[tier.label] for tier in now.tiers] + [other.lowest])


def scales(now: History, *, factors: Sequence[float]) -> pd.DataFrame:
    """Return members and cost if all thresholds were multiplied by each of some factors; see `what_if`.

    Returns
    -------
    Index factor: members (customers above the lowest rank), rise, fall; cost, change, change_low, change_high
    (money of a year, against today's rules), grandfathering (money of a further year).
    """
    rows, lowest = {}, now.membership.labels[0]
    for factor in factors:
        one = what_if(now, scaled(now.membership, by=factor))
        members = one.counts.drop(columns=lowest, errors="ignore").to_numpy().sum()
        sums = {"members": int(members), "rise": one.rise, "fall": one.fall, "cost": one.cost_after}
        ends = {"change": one.change.value, "change_low": one.change.low, "change_high": one.change.high}
        rows[factor] = sums | ends | {"grandfathering": one.grandfathering.value}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("factor")
