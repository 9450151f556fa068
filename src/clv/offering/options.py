"""Offer × channel: what a declared campaign comes to once its amounts are known.

Amounts that are parts of the usual order become round money, as they would be printed on a coupon.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from clv.offering.baskets import Baskets, Floats
from clv.offering.channels import Channel
from clv.offering.contract import OF_BASKET, Declared, Offer, Uplift

_ROUND = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True)
class Option:
    """One offer through one channel.

    Attributes
    ----------
    offer
        With amounts in money.
    channel, via
        The channel's name, and its terms.
    uplift
        What is believed of the shift in the log-odds of buying.
    by_segment
        The same where segments differ.
    window
        Days within which an order counts; 0: as many as the offer holds.
    opinion
        Options of one opinion have their uplift in common: what is wrong about one is wrong about all.
    """

    offer: Offer
    channel: str
    via: Channel
    uplift: Uplift
    by_segment: Mapping[str, Uplift]
    window: int = 0
    opinion: str = ""

    @property
    def name(self) -> str:
        """Offer and channel, for people."""
        return f"{self.offer.name} by {self.channel}"

    def given(self, baskets: Baskets) -> Floats:
        """Return what is given away on one redeemed order of each customer, on average (money)."""
        least, part = float(self.offer.minimum_spend or 0), _part(self.offer)
        if part is not None:
            return _part_given(*part, baskets, least)
        return _fixed(self.offer) * (baskets.chance_from(least) if least else np.ones(len(baskets)))

    def given_on(self, orders: Floats) -> Floats:
        """Return what is given away on redeemed orders of these amounts (money)."""
        holds, part = orders >= float(self.offer.minimum_spend or 0), _part(self.offer)
        if part is not None:
            return np.minimum(part[0] * orders, part[1]) * holds
        return _fixed(self.offer) * holds

    @property
    def anyway(self) -> float:
        """Redemptions for each of those who would have bought anyway within the window.

        An offer that holds for a part of the window can be redeemed in that part alone, and one that holds
        longer is redeemed after it too.
        """
        return self.offer.redeemed_anyway * (self.offer.valid_days / self.window if self.window else 1.0)

    @property
    def told(self) -> float:
        """What everybody who is told costs beside the contact, on average: services taken up (money)."""
        return float(self.offer.cost) * self.offer.taken_up if self.offer.kind == "service" else 0.0

    def believed(self, segments: Floats) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of the shift for customers of these segments (names)."""
        known = {name: (u.mean, u.sd) for name, u in self.by_segment.items()}
        names, code = np.unique(segments, return_inverse=True)
        usual = (self.uplift.mean, self.uplift.sd)
        pairs = np.array([known.get(name, usual) for name in names]).reshape(-1, 2)
        return pairs[code, 0], pairs[code, 1]


def options(
    declared: Declared, *, basket: float, window: int = 0, costs: Mapping[str, float] | None = None
) -> list[Option]:
    """Return every offer through every channel, the offers in the order in which they are declared.

    Parameters
    ----------
    basket
        The usual order (money), which "8 % of basket" is a part of.
    window
        Days within which an order counts; 0: as many as each offer holds.
    costs
        What one contact costs by channel, where the shop's own figures differ.
    """
    found = []
    for offer in declared.offers:
        priced = in_money(offer, basket=basket)
        for name in declared.channels:
            via = declared.channel(name)
            if costs and name in costs:
                via = via.model_copy(update={"cost": float(costs[name])})
            own = offer.uplift_by_channel.get(name)
            opinion = offer.name if own is None else f"{offer.name} by {name}"
            found.append(
                Option(priced, name, via, own or offer.uplift, offer.uplift_by_segment, window, opinion)
            )
    return found


def in_money(offer: Offer, *, basket: float) -> Offer:
    """Return the offer with its parts of the usual order as round money."""
    names = ("at_most", "amount", "cost", "minimum_spend")
    values = {name: getattr(offer, name) for name in names}
    changed = {name: money(value, basket=basket) for name, value in values.items() if isinstance(value, str)}
    return offer.model_copy(update=changed)


def money(value: float | str, *, basket: float) -> float:
    """Return an amount in money; a part of the usual order is rounded to what a shop would print.

    >>> money("8 % of basket", basket=1750), money("8 % of basket", basket=168), money(200, basket=168)
    (150.0, 15.0, 200.0)
    """
    if not isinstance(value, str):
        return float(value)
    exact = float(OF_BASKET.fullmatch(value)[1]) / 100 * basket
    unit = 10.0 ** np.floor(np.log10(exact))
    return float(round(min(_ROUND, key=lambda step: abs(np.log(step * unit / exact))) * unit, 2))


def _part(offer: Offer) -> tuple[float, float] | None:
    """Return the part of an order that is given, and the most; a coupon is the whole up to its amount."""
    if offer.kind == "percent":
        return float(offer.share), float(offer.at_most or np.inf)
    return (1.0, float(offer.amount)) if offer.kind == "coupon" else None


def _fixed(offer: Offer) -> float:
    if offer.kind == "gift":
        return float(offer.cost)
    return float(offer.cost) * offer.used if offer.kind == "points" else 0.0


def _part_given(share: float, most: float, baskets: Baskets, least: float) -> Floats:
    if np.isinf(most):
        return share * baskets.mean_from(least)
    turn = max(most / share, least)  # from here on the most is given
    below = baskets.mean_from(least) - baskets.mean_from(turn)
    return share * below + most * baskets.chance_from(turn)
