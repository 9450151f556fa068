"""Which recall offer pays, and for whom: from a declared campaign and a shop's tables to a plan.

    audience → who may be reached → chance without an offer → what each offer pays → control group → plan

The control group is drawn before the plan, from everybody who may be reached. The plan goes to the others.
Whom of the control group it would have chosen at the same prices is noted, to compare like with like.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv import arms, baseline, offers, origins, rfm
from clv.audience import Audience
from clv.baseline import Baseline
from clv.errors import InputError, NoAnswerError
from clv.known import Known
from clv.language import tell
from clv.offering.baskets import Baskets, Floats
from clv.offering.contract import Declared
from clv.offering.options import Option
from clv.offers import People
from clv.plan import Limits
from clv.recalling import asked, choosing, names
from clv.recalling.campaign import Campaign, options_of
from clv.recalling.terms import Tables, Terms
from clv.schemes.contract import Scheme
from clv.sending import suppression
from clv.sending.suppression import Reachable

REACH_SHARE = 0.1  # part of next year's margin that hangs on being allowed to write to a customer


def prepare(
    tables: Tables,
    declared: Declared,
    terms: Terms,
    *,
    scheme: Scheme,
    campaign: str,
    secret: bytes,
    require_consent: bool = True,
) -> Campaign:
    """Return the campaign worked out for a shop.

    Parameters
    ----------
    scheme
        The segments that limits, uplifts, strata and the fairness switch go by.
    campaign
        Its name; with `secret` it fixes who is left alone, so that the same list can be made again.
    require_consent
        Whether only those count as reachable who agreed; without, as if everybody had.

    Raises
    ------
    SettingError, InputError
        A condition, a segment or an amount is wrong; an offer can never pay; consent is not known.
    NoAnswerError
        Nobody is in the audience, nobody of it may be reached, or the limits cannot be kept.
    """
    today = origins.today(tables.orders, until=terms.until, horizon=terms.window, model=terms.model)
    basket = asked.usual_order(tables.orders, until=terms.until)
    audience = asked.chosen_audience(tables, declared, terms, today, basket=basket)
    rule = rfm.learn(scheme, today)
    options, learned = asked.offered(tables, declared, terms, basket=basket, segments=rule.segments)
    when = {"until": terms.until, "window": terms.window, "starts": terms.send_on}
    base = baseline.baseline(tables.orders, today, known=tables.festivals, **when)
    known = _people(today, base, rfm.segments(rule, today)["segment"].to_numpy(), margin=terms.margin)
    meant = today.customers.index.get_indexer(audience.customers.index)
    offers.check_can_pay(known.of_rows(meant), options, margin=terms.margin)
    reachable = _reachable(tables, declared, terms, audience, require_consent=require_consent)
    rows = meant[reachable.allowed.any(axis=1).to_numpy()]
    limits = Limits(terms.budget, terms.calls, *names.of_limits(declared.limits, rule.segments))
    planned = _planned(
        known.of_rows(rows), options, reachable, declared, limits, terms, campaign=campaign, secret=secret
    )
    return Campaign(
        declared=declared,
        terms=terms,
        basket=basket,
        audience=audience,
        reachable=reachable,
        baseline=base,
        rows=rows,
        options=options,
        limits=limits,
        notes=(*base.notes, *learned),
        **planned,
    )


def _planned(
    people: People,
    options: Sequence[Option],
    reachable: Reachable,
    declared: Declared,
    limits: Limits,
    terms: Terms,
    *,
    campaign: str,
    secret: bytes,
) -> dict[str, Any]:
    """Return what the plan adds to a campaign: people, worth, allowed, arms, choice, chosen."""
    worth = offers.worth(people, options, margin=terms.margin)
    channels = [option.channel for option in options]
    allowed = reachable.allowed.loc[people.customers.index, channels].to_numpy()
    split = _arms(people, worth.value, declared, campaign=campaign, secret=secret)
    given, sent = options_of(options, people, worth, allowed), (split == arms.SEND).to_numpy()
    if declared.same_offer:
        offers_of = [option.offer.name for option in options]
        choice, chosen = choosing.same_for_all(given, limits, sent, offers=offers_of)
    else:
        choice, chosen = choosing.each_best(given, limits, sent)
    found = {"people": people, "worth": worth, "allowed": allowed, "arms": split}
    return {**found, "choice": choice, "chosen": chosen}


def require_members(members: pd.DataFrame | None) -> None:
    """Say that no list can be made where nothing is known of consent.

    Raises
    ------
    InputError
        The shop has no members file.
    """
    if members is None:
        raise InputError(
            tell(
                "no list can be made: the shop file names no `members:` file, so nobody is known to have "
                "agreed; add one with the columns customer_id and consent_sms (or another channel)."
            )
        )


def _people(today: Known, base: Baseline, segment: NDArray, *, margin: float) -> People:
    spend = today.spend_fit.model
    yearly = today.fit.model.expected_purchases(today.customers, days=asked.YEAR)
    reach = REACH_SHARE * margin * (yearly * spend.expected_spend(today.customers)).to_numpy()
    return People(today.customers, base.p0, Baskets.of(spend, today.customers), reach, segment)


def _reachable(
    tables: Tables, declared: Declared, terms: Terms, audience: Audience, *, require_consent: bool
) -> Reachable:
    found = suppression.allowed(
        audience.customers,
        channels={name: declared.channel(name) for name in declared.channels},
        on=terms.send_on,
        members=tables.members,
        contacts=tables.contacts,
        orders=tables.orders,
        returns=tables.returns,
        campaigns=tables.past,
        rest_days=terms.rest_days,
        require_consent=require_consent,
    )
    if not found.allowed.to_numpy().any():
        most = found.reasons.sort_values("customers", ascending=False, kind="stable").iloc[0]
        raise NoAnswerError(
            tell(
                "none of the {customers:,} customers of the audience may be reached; the most frequent "
                "reason: {reason} ({channel}, {customers2:,} customers).",
                customers=len(audience.customers),
                reason=most["reason"],
                channel=most["channel"],
                customers2=most["customers"],
            )
        )
    return found


def _arms(people: People, value: Floats, declared: Declared, *, campaign: str, secret: bytes) -> pd.Series:
    """Return who is left alone: drawn within segment × upper or lower half by what the best option pays."""
    ids = people.customers.index
    best, segment = pd.Series(value.max(axis=1), index=ids), pd.Series(people.segment, index=ids)
    upper = best > best.groupby(segment).transform("median")
    return arms.split(
        pd.Series(ids, index=ids),
        strata=segment + np.where(upper, ", upper half", ", lower half"),
        share=declared.control_share,
        campaign=campaign,
        secret=secret,
    )
