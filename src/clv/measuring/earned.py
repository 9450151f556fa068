"""What each customer of a campaign spent, was given, and earned the shop.

    profit = margin (paid + taken off) - given - contact

`given` is what the offer's terms allow on the customer's first order that could redeem it, `taken off` the
part of it that is already missing in what was paid (a coupon, a percentage; not a gift). Who redeemed is not
in an order export, so `redeemed` says how many of those who could did; 1 is the cautious end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from clv.arms import SEND
from clv.errors import SettingError
from clv.language import tell
from clv.offering.baskets import Floats
from clv.offering.channels import CHANNELS
from clv.offering.contract import Offer

_CENT = 0.01  # by which an order of just the minimum may miss it, as what was paid is rounded


@dataclass(frozen=True)
class Money:
    """What an order earns and a contact costs.

    Attributes
    ----------
    margin
        After commission, above 0 and at most 1.
    offers
        Terms by name, amounts in money; of other offers nothing is known to have been given.
    contact_costs
        By channel; the kit's where one is missing.
    redeemed
        Part of those who could redeem the offer who did.
    """

    margin: float
    offers: Mapping[str, Offer] = field(default_factory=dict)
    contact_costs: Mapping[str, float] = field(default_factory=dict)
    redeemed: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        if not 0 < self.margin <= 1 or not 0 <= self.redeemed <= 1:
            raise SettingError(
                tell(
                    "the margin is {margin:g} and the redeemed share {redeemed:g}; the first should lie "
                    "above 0, both at most at 1.",
                    margin=self.margin,
                    redeemed=self.redeemed,
                )
            )


def counted(answers: pd.DataFrame, people: pd.DataFrame, money: Money) -> pd.DataFrame:
    """Return bought, orders, spend, given, contact, gross and profit of each customer; see `responses`."""
    by = answers.groupby("customer_id")["amount"]
    count, spend = (x.reindex(people.index, fill_value=0) for x in (by.size(), by.sum()))
    given, off = _given(answers, people, money)
    costs = {name: channel.cost for name, channel in CHANNELS.items()} | dict(money.contact_costs)
    sent = people["arm"] == SEND
    contact = (people["channel"].map(costs).fillna(0.0) + _told(people, money)).where(sent, 0.0)
    gross = money.margin * (spend + off)
    return pd.DataFrame(
        {
            "bought": (count > 0).astype(float),
            "orders": count.astype(float),
            "spend": spend.astype(float),
            "given": given,
            "contact": contact.astype(float),
            "gross": gross,
            "profit": gross - given - contact,
        },
        index=people.index,
    )


def _given(answers: pd.DataFrame, people: pd.DataFrame, money: Money) -> tuple[pd.Series, pd.Series]:
    """Return by customer what was given, and the part of it that was taken off what was paid."""
    given, off = (pd.Series(0.0, index=people.index) for _ in range(2))
    told = answers[answers["arm"] == SEND]
    offer = told["customer_id"].map(people["offer"])
    for name, terms in money.offers.items():
        mine = told[(offer == name) & (told["day"] < terms.valid_days)]
        value, taken = behind(terms, mine["amount"].to_numpy(dtype=float))
        could = mine.assign(value=value, taken=taken)[value > 0].drop_duplicates("customer_id")
        could = could.set_index("customer_id")[["value", "taken"]] * money.redeemed
        given, off = given.add(could["value"], fill_value=0.0), off.add(could["taken"], fill_value=0.0)
    return given, off


def behind(offer: Offer, paid: Floats) -> tuple[Floats, Floats]:
    """Return what a redeemed offer gave on orders of which so much was paid, and the part taken off them.

    An order that would reach the minimum only with the discount added back counts as redeemed: nobody can
    tell, and this is the cautious reading.

    Parameters
    ----------
    paid
        Money that the shop kept of each order, a discount already gone.
    """
    least, nothing = float(offer.minimum_spend or 0), np.zeros(len(paid))
    if offer.kind == "coupon":
        off = np.full(len(paid), float(offer.amount))
    elif offer.kind == "percent":
        off = np.minimum(paid * offer.share / (1 - offer.share), float(offer.at_most or np.inf))
    else:
        fixed = {"gift": offer.cost, "points": (offer.cost or 0.0) * offer.used}.get(offer.kind, 0.0)
        return float(fixed) * (paid >= least), nothing
    off = off * (paid + off >= least - _CENT)
    return off, off


def _told(people: pd.DataFrame, money: Money) -> pd.Series:
    """Return what a service costs for each who is told of it, on average."""
    cost = {n: float(o.cost) * o.taken_up for n, o in money.offers.items() if o.kind == "service"}
    return people["offer"].map(cost).fillna(0.0).astype(float)
