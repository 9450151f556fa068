"""What if budget, offers, margin or uplift were others: the profit curve, worked out anew at once."""

from dataclasses import replace

import numpy as np
import pandas as pd

from clv import offers
from clv.offering.contract import Uplift
from clv.offering.options import Option
from clv.plan import Limits
from clv.recalling import choosing
from clv.recalling.campaign import Campaign, options_of

# Customers that the curve is worked out from; of more, every so-many-th stands for its neighbours.
MOST = 2000
_MONEY = ("amount", "at_most", "cost")


def profit_curve(
    campaign: Campaign, *, discount: float, margin: float, uplift: float, points: int = 10
) -> pd.DataFrame:
    """Return the plan's profit by budget under other assumptions.

    Parameters
    ----------
    discount
        What is given away, as a multiple of what the offers say; 1 leaves them as they are.
    margin
        Gross margin after commission.
    uplift
        The mean shift of the log-odds, as a multiple of what is believed.
    points
        Budgets on the curve.

    Returns
    -------
    budget, profit (money), contacted, price (what the next 1 of budget earns); as `plan.curve`.
    """
    rows = np.flatnonzero(campaign.sent)
    step = max(1, -(-len(rows) // MOST))
    rows, scale = rows[::step], len(rows) / len(rows[::step])
    options = [_other(option, discount=discount, uplift=uplift) for option in campaign.options]
    people = campaign.people.of_rows(rows)
    now = options_of(options, people, offers.worth(people, options, margin=margin), campaign.allowed[rows])
    calls = campaign.limits.calls
    most = {name: int(number / scale) for name, number in campaign.limits.most.items() if name in now.segment}
    free = Limits(calls=None if calls is None else int(calls / scale), most=most)
    top = 1.15 * max(choosing.useful(now, free, offers=campaign.same_offers), 1.0)
    budgets = (top * np.linspace(0, 1, points) ** 2).tolist()
    found = choosing.curve(now, free, budgets=budgets, offers=campaign.same_offers)
    return found.assign(**{name: found[name] * scale for name in ("budget", "profit", "contacted")})


def _other(option: Option, *, discount: float, uplift: float) -> Option:
    offer = option.offer
    given = {name: getattr(offer, name) * discount for name in _MONEY if getattr(offer, name) is not None}
    if offer.share is not None:
        given["share"] = min(offer.share * discount, 0.99)
    by_segment = {name: _times(one, uplift) for name, one in option.by_segment.items()}
    return replace(
        option,
        offer=offer.model_copy(update=given),
        uplift=_times(option.uplift, uplift),
        by_segment=by_segment,
    )


def _times(believed: Uplift, factor: float) -> Uplift:
    return believed.model_copy(update={"mean": believed.mean * factor})
