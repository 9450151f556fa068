"""What a campaign should earn, from whom, and what that hangs on.

Everything here is asked of a `Campaign` that `recall.prepare` worked out; the control group earns nothing.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import norm

from clv import offers, outcomes, sensitivity
from clv.plan import Limits
from clv.recalling import choosing
from clv.recalling.campaign import NOTHING, PLAN, Campaign

NOBODY = "nothing"
_SIDE = float(norm.ppf(0.95))
_FAR = 8.0  # standard deviations


def futures(campaign: Campaign, *, draws: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return the incremental profit of the plan and its rivals in drawn futures; see `outcomes.simulate`."""
    return outcomes.simulate(
        campaign.people,
        campaign.options,
        campaign.plans,
        margin=campaign.terms.margin,
        draws=draws,
        rng=rng,
        baseline=campaign.baseline,
        rows=campaign.rows,
    )


def rivals(campaign: Campaign, drawn: pd.DataFrame) -> pd.DataFrame:
    """Return the plan beside its rivals: how many are sent something, what it uses, what it should earn.

    Returns
    -------
    Index plan; contacted, spent, profit (expected), low, high (5 to 95 %), chance_positive.
    """
    rows = []
    for name, chosen in campaign.plans.items():
        sent = np.flatnonzero(chosen != NOTHING)
        spent, profit = (
            table[sent, chosen[sent]].sum() for table in (campaign.worth.cost, campaign.worth.value)
        )
        found = outcomes.summary(drawn[name])
        rows.append({"contacted": len(sent), "spent": spent, **found, "profit": profit})
    return pd.DataFrame(rows, index=pd.Index(campaign.plans, name="plan"))


def chances(campaign: Campaign) -> pd.DataFrame:
    """Return for each option, over all who may get it, how its uplift stands to what it must reach.

    Returns
    -------
    Index option; label, customers, uplift, uplift_low, uplift_high (buyers won per contact, 5 to 95 %),
    break_even (the same; inf where it never pays), chance_positive, profit, profit_low, profit_high (money
    per contact). Options that may reach nobody are left out.
    """
    rows = [_chance(campaign, number) for number in range(len(campaign.options))]
    found = pd.DataFrame([row for row in rows if row])
    return found.set_index("option")


def terms_of(campaign: Campaign) -> pd.DataFrame:
    """Return what each option says, gives and costs.

    Returns
    -------
    Index option (in words); given (on an average redeemed order, money), odds (text: what it is
    believed to do to the odds to buy, with its 5 to 95 % range).
    """
    rows = {}
    for number, option in enumerate(campaign.options):
        mean, sd = option.uplift.mean, option.uplift.sd
        low, middle, high = (np.exp(mean + at * sd) for at in (-_SIDE, 0.0, _SIDE))
        rows[campaign.label(number)] = {
            "given": float(option.given(campaign.people.baskets).mean()) + option.told,
            "odds": f"{middle:.2f} [{low:.2f}, {high:.2f}]",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("option")


def tornado(campaign: Campaign) -> pd.DataFrame:
    """Return what the plan's profit hangs on; see `sensitivity.tornado`."""
    return sensitivity.tornado(
        campaign.people,
        campaign.options,
        campaign.plans[PLAN],
        margin=campaign.terms.margin,
        baseline=campaign.baseline,
        rows=campaign.rows,
    )


def curve(campaign: Campaign, *, points: int = 15) -> pd.DataFrame:
    """Return the plan's profit by budget, from nothing to more than pays; see `plan.curve`."""
    limits, now = campaign.limits, campaign.offered_to(campaign.sent)
    free, offers_of = Limits(calls=limits.calls, most=limits.most), campaign.same_offers
    top = 1.15 * max(choosing.useful(now, free, offers=offers_of), 1.0)
    budgets = {*(top * np.linspace(0, 1, points) ** 2).tolist(), min(limits.budget or top, top)}
    return choosing.curve(now, free, budgets=sorted(budgets), offers=offers_of)


def who(campaign: Campaign) -> pd.DataFrame:
    """Return how many of each segment are sent what.

    Returns
    -------
    segment, option ('nothing' where none), customers, profit (expected, money); those of the send arm.
    """
    sent = np.flatnonzero(campaign.sent)
    chosen = campaign.chosen[sent]
    names = np.array([*map(campaign.label, range(len(campaign.options))), NOBODY])
    profit = np.where(chosen == NOTHING, 0.0, campaign.worth.value[sent, chosen])
    frame = pd.DataFrame(
        {"segment": campaign.people.segment[sent], "option": names[chosen], "profit": profit, "customers": 1}
    )
    return frame.groupby(["segment", "option"], as_index=False)[["customers", "profit"]].sum()


def given(campaign: Campaign) -> pd.DataFrame:
    """Return what each customer who may be reached is given, as `fairness` asks for it.

    Returns
    -------
    Index customer_id, without the control group: expected_basket (money), reached, segment, offer, given
    (part of an order, on average; both missing of those who are sent nothing).
    """
    people = campaign.people
    offer = np.full(len(people), None, dtype=object)
    share = np.full(len(people), np.nan)
    for number, option in enumerate(campaign.options):
        rows = np.flatnonzero(campaign.chosen == number)
        offer[rows] = option.offer.name
        baskets = people.baskets.of_rows(rows)
        share[rows] = option.given(baskets) / baskets.mean
    found = pd.DataFrame(
        {
            "expected_basket": people.baskets.mean,
            "reached": campaign.contacted,
            "segment": people.segment,
            "offer": pd.Series(offer, dtype="str").to_numpy(),
            "given": share,
        },
        index=people.customers.index,
    )
    return found[campaign.sent]


def _chance(campaign: Campaign, number: int) -> dict[str, object]:
    option, margin = campaign.options[number], campaign.terms.margin
    people = campaign.people.of_rows(np.flatnonzero(campaign.allowed[:, number]))
    if not len(people):
        return {}
    mean, sd = option.believed(people.segment)

    def pays(at: float) -> float:
        return float(offers.pays(people, option, shift=mean + at * sd, margin=margin).mean())

    def uplift(at: float) -> float:
        won, lost, _ = offers.moved(people.p0, mean + at * sd)
        return float((won - lost).mean())

    profit = campaign.worth.value[campaign.allowed[:, number], number].mean()
    return {
        "label": campaign.label(number),
        "option": option.name,
        "customers": len(people),
        "uplift": uplift(0.0),
        "uplift_low": uplift(-_SIDE),
        "uplift_high": uplift(_SIDE),
        "break_even": offers.break_even(people, option, margin=margin),
        "chance_positive": _chance_above(pays),
        "profit": float(profit),
        "profit_low": pays(-_SIDE),
        "profit_high": pays(_SIDE),
    }


def _chance_above(pays: Callable[[float], float]) -> float:
    """Return P(pays > 0) where it rises with a standard normal."""
    if pays(-_FAR) >= 0:
        return 1.0
    if pays(_FAR) <= 0:
        return 0.0
    return float(norm.sf(brentq(pays, -_FAR, _FAR)))
