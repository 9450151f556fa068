"""A shop and a playbook → the campaign, worked out: what notebook 05 and `clv play` both stand on."""

from datetime import date, timedelta

from clv import pseudonyms, recall, schemes
from clv.arms import CONTROL, SEND
from clv.errors import SettingError
from clv.language import tell
from clv.parameters import RecallOffers
from clv.playbooks import Playbook
from clv.recalling.campaign import Campaign
from clv.recalling.terms import Tables, Terms
from clv.shop import Shop

FARTHEST = 31  # days from the last known day to the day of sending


def of(shop: Shop, playbook: Playbook, parameters: RecallOffers) -> Campaign:
    """Return a playbook's campaign worked out for a shop.

    Where the shop has no members file, nobody is known to have agreed to anything: the campaign is worked out
    as if everybody in the audience had, and no list can be made of it.

    Raises
    ------
    SettingError, InputError, NoAnswerError
        As `recall.prepare`; also when the day of sending lies in the past.
    """
    tables = Tables(
        shop.orders(),
        shop.members(),
        shop.contacts(),
        shop.returns(),
        shop.past_campaigns(),
        shop.tiers,
        shop.ledger(),
        _doubtful(shop),
        shop.festivals(),
    )
    return recall.prepare(
        tables,
        playbook,
        terms(shop, parameters),
        scheme=schemes.find(schemes.field(own=shop.schemes()), parameters.scheme),
        campaign=name(shop, playbook, parameters),
        secret=pseudonyms.local_secret(),
        require_consent=tables.members is not None,
    )


def _doubtful(shop: Shop) -> tuple[str, ...]:
    """Return the past campaigns whose arms are not of the sizes that were registered."""
    sizes = shop.past_campaigns().groupby("campaign")["arm"].value_counts().unstack(fill_value=0)
    sizes = sizes.reindex(columns=[SEND, CONTROL], fill_value=0)
    known = {name: shop.registration(str(name)) for name in sizes.index}
    return tuple(
        str(name)
        for name, one in known.items()
        if one is not None and (one.send, one.control) != tuple(sizes.loc[name, [SEND, CONTROL]])
    )


def terms(shop: Shop, parameters: RecallOffers) -> Terms:
    """Return what the shop can spend and earns, from a notebook's parameters."""
    return Terms(
        until=shop.until,
        send_on=send_on(shop, parameters),
        window=parameters.window_days,
        budget=parameters.budget,
        calls=parameters.calls,
        margin=parameters.margin - parameters.commission,
        contact_costs=dict(parameters.contact_costs),
        rest_days=parameters.rest_days,
        model=parameters.model,
        currency=shop.currency,
    )


def send_on(shop: Shop, parameters: RecallOffers) -> date:
    """Return the day of sending: the one given, else the day after the last day of observation.

    Raises
    ------
    SettingError
        It does not lie after the last day, or more than a month after it.
    """
    if not parameters.send_on:
        return shop.until + timedelta(days=1)
    day = date.fromisoformat(parameters.send_on)
    if not 0 < (day - shop.until).days <= FARTHEST:
        raise SettingError(
            tell(
                "send_on is {day}, and the orders are known up to {until}; send after that day, and at "
                "most {farthest} days after it, as nobody knows who orders meanwhile.",
                day=day,
                until=shop.until,
                farthest=FARTHEST,
            )
        )
    return day


def name(shop: Shop, playbook: Playbook, parameters: RecallOffers) -> str:
    """Return the campaign's name, which fixes its arms and codes."""
    return f"{playbook.name} {shop.id} {send_on(shop, parameters)}"
