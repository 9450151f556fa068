"""A campaign's registration: what it is meant to show, written with its plan, for people and for programs.

OUT/<shop>/registration.json, registration.html
"""

from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import pandas as pd

from clv import registration, shop_campaign
from clv.arms import CONTROL, SEND
from clv.design import Design
from clv.language import tell
from clv.offering import words
from clv.offering.contract import Offer
from clv.offering.options import Option
from clv.parameters import RecallOffers
from clv.playbooks import Playbook
from clv.recalling.campaign import Campaign
from clv.registration import Registration
from clv.shop import Shop
from clv.telling import registration_page
from clv.telling.pages import write_whole
from clv.whole_files import OWNER_ONLY

FILE, PAGE = "registration.json", "registration.html"
_READING = (
    "difference of the arms with its 95 % interval: Welch, or the bootstrap where the tail asks for it; "
    "after CUPED where that takes off 5 % of the variance or more; buyers by Newcombe. Above 0: earned; "
    "below 0: lost; else: cannot tell"
)


def of(
    campaign: Campaign,
    playbook: Playbook,
    shop: Shop,
    parameters: RecallOffers,
    *,
    proposed: Design,
    facts: Mapping[str, Any],
    at: str,
) -> Registration:
    """Return what is to be written down of a campaign before its list goes out.

    Parameters
    ----------
    proposed
        Its design, for what the arms can tell.
    facts
        Of notebook 05.
    at
        ISO time of writing.
    """
    terms = campaign.terms
    sizes = {SEND: int(campaign.contacted.sum()), CONTROL: int(campaign.held_back.sum())}
    offers = {option.offer.name: option.offer for option in _used(campaign)}
    return Registration(
        campaign=shop_campaign.name(shop, playbook, parameters),
        shop=shop.id,
        playbook=playbook.name,
        registered_at=at,
        send_on=terms.send_on.isoformat(),
        stops_on=terms.last_day.isoformat(),
        **sizes,
        control_share=playbook.control_share,
        expected_effect=facts["recall.expected_effect"],
        smallest_effect=facts.get("recall.detectable"),
        smallest_profit=_known(proposed.smallest_profit),
        expected_profit=facts["recall.incremental_profit"],
        expected_profit_low=facts["recall.incremental_profit_p05"],
        expected_profit_high=facts["recall.incremental_profit_p95"],
        margin=terms.margin,
        currency=shop.currency,
        offers=list(offers.values()),
        contact_costs={option.channel: option.via.cost for option in _used(campaign)},
    )


def _known(value: float) -> float | None:
    return value if isfinite(value) else None


def _used(campaign: Campaign) -> list[Option]:
    """Return the options that somebody is sent, or would have been."""
    return [option for number, option in enumerate(campaign.options) if (campaign.chosen == number).any()]


def write(made: Registration, proposed: Design, *, shop: str, title: str, place: Path) -> None:
    """Write the file and the page of a registration, each whole or not at all.

    Parameters
    ----------
    proposed
        The design beside which it is shown.
    shop
        Its name for people.
    title
        The playbook's.
    place
        Folder of the shop in the play.
    """
    page = registration_page.html(
        _rows(made),
        proposed.shares,
        proposed.lengths,
        advice=proposed.sentence,
        title=title,
        shop=shop,
        made_at=made.registered_at,
        currency=made.currency,
    )
    write_whole(place / PAGE, page, mode=OWNER_ONLY)
    write_whole(place / FILE, registration.text(made), mode=OWNER_ONLY)


def clear(place: Path) -> None:
    """Take away what an earlier play registered."""
    for name in (FILE, PAGE):
        (place / name).unlink(missing_ok=True)


def _offer(offer: Offer, currency: str) -> str:
    """Return an offer as customers read it, and what it costs the shop where they do not see that."""
    cost = (
        ""
        if offer.cost is None
        else tell("costs {cost:,.0f} {currency}", cost=offer.cost, currency=currency).strip() + ", "
    )
    return tell(
        "{offer} ({cost}holds for {valid_days} days)",
        offer=words.offer(offer, "en", currency=currency),
        cost=cost,
        valid_days=offer.valid_days,
    )


def _rows(made: Registration) -> pd.DataFrame:
    """Return what was settled, in words, in the order in which it is read."""
    money, smallest = made.currency, made.smallest_effect
    offers = "; ".join(_offer(offer, money) for offer in made.offers)
    ends = f"[{made.expected_profit_low:,.0f}, {made.expected_profit_high:,.0f}]"
    profit = f"{made.expected_profit:,.0f} {money} {ends}"
    least = "none" if smallest is None else tell("{smallest:.2g} points of buyers", smallest=100 * smallest)
    if made.smallest_profit is not None:
        least += tell(
            "; {smallest_profit:,.2f} {money} of profit per contact (5 %, power 80 %)",
            smallest_profit=made.smallest_profit,
            money=money,
        )
    rows = {
        "campaign": made.campaign,
        "what is sent": f"{offers}; by {', '.join(made.contact_costs)}",
        "to whom": tell(
            "{send:,} customers are sent something, {control:,} like them are left alone",
            send=made.send,
            control=made.control,
        ),
        "the measure that decides": tell(
            "{primary}, net of discount and contact, by assignment", primary=made.primary
        ),
        "besides": tell(
            "{secondary}; effects of segments, pulled towards each other", secondary=", ".join(made.secondary)
        ),
        "sent on": made.send_on,
        "last day that counts": tell(
            "{stops_on}; nothing is decided before it is over", stops_on=made.stops_on
        ),
        "expected": tell(
            "{expected_effect:.2g} points more buyers; {profit} in all",
            expected_effect=100 * made.expected_effect,
            profit=profit,
        ).replace("-", "−"),
        "smallest effect that can be told": least,
        "how it is read": _READING,
        "margin after commission": f"{made.margin:.0%}".replace("%", " %"),
    }
    found = pd.DataFrame({"settled": rows.values()}, index=pd.Index(rows, name="what"))
    return found.astype("str")
