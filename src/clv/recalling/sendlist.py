"""A campaign → its list: one row per customer whom the plan chose, those who are left alone too."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from clv import tables
from clv.errors import SettingError
from clv.offering import words
from clv.offering.contract import Text
from clv.offering.options import Option
from clv.offering.words import Language
from clv.recalling.campaign import NOTHING, Campaign
from clv.sending import codes, message_faults, messages

_SOMETHING = {"zh": "心仪的款式", "en": "what you like"}  # where no category is known
_BASIS = {"zh": "会员资料：{channel}已同意", "en": "members file: agreed to {channel}"}


def rows(
    campaign: Campaign,
    *,
    name: str,
    shop: str,
    currency: str,
    language: Language,
    secret: bytes,
    members: pd.DataFrame,
) -> pd.DataFrame:
    """Return the campaign's list.

    Parameters
    ----------
    name
        The campaign's name; with `secret` it fixes the codes.
    shop
        What the shop calls itself in messages.
    members
        MEMBERS, for the basis of consent.

    Returns
    -------
    A SENDLIST table; in the control arm without code and message.

    Raises
    ------
    SettingError
        The playbook has no message for a channel, or one that may not be sent; with the first fault.
    """
    chosen = campaign.chosen != NOTHING
    who = campaign.people.customers.index[chosen]
    mine = [campaign.options[number] for number in campaign.chosen[chosen]]
    ids = pd.Series(who, index=who)
    own = codes.codes(ids, campaign=name, secret=secret).where(campaign.sent[chosen], "")
    told = _messages(campaign, mine, own, shop=shop, currency=currency, language=language)
    terms = campaign.terms
    found = pd.DataFrame(
        {
            "customer_id": who,
            "channel": [option.channel for option in mine],
            "arm": campaign.arms.to_numpy()[chosen],
            "segment": campaign.people.segment[chosen],
            "offer": [option.offer.name for option in mine],
            "offer_text": [words.offer(option.offer, language, currency=currency) for option in mine],
            "code": own.to_numpy(),
            "send_on": terms.send_on.isoformat(),
            "send_from": [option.via.send_from for option in mine],
            "send_to": [option.via.send_to for option in mine],
            "message": told,
            "reason": words.reason(campaign.declared.audience, language),
            "consent_basis": _basis(who, mine, members, language),
            "expires_on": [_last_day(option, terms.send_on).isoformat() for option in mine],
        }
    )
    return tables.check(found.reset_index(drop=True), tables.SENDLIST)


def check_messages(
    templates: Mapping[str, Text], options: list[Option], language: Language, *, shop: str, currency: str
) -> list[str]:
    """Return what should be known of the messages; each is tried with made-up values.

    Raises
    ------
    SettingError
        A channel has no message, or one that may not be sent; with the first fault.
    """
    said = []
    for option in options:
        trial = {**dict.fromkeys(messages.PLACEHOLDERS, "88"), "shop": shop, "code": "K7M4TQ9P"}
        trial |= {"offer": words.offer(option.offer, language, currency=currency)}
        trial |= {"expires": words.day(date(2026, 12, 31), language), "unsubscribe": messages.UNSUBSCRIBE}
        text = messages.fill(_template(templates, option, language), trial)
        faults = message_faults.faults(text, channel=option.channel)
        must = next((fault for fault in faults if fault.severity == "must"), None)
        if must:
            hint = " `sign:` in the shop file says how it signs." if must.kind == "sender" else ""
            raise SettingError(f"the message of {option.name} may not be sent: {must.sentence}{hint}")
        said += [f"{option.name}: {fault.sentence}" for fault in faults]
    return said


def _messages(
    campaign: Campaign, mine: list[Option], own: pd.Series, *, shop: str, currency: str, language: Language
) -> list[str]:
    templates = campaign.declared.messages
    check_messages(templates, list(campaign.options), language, shop=shop, currency=currency)
    looked_at = campaign.audience.columns
    found = []
    for customer, option, code in zip(own.index, mine, own, strict=True):
        values = _values(campaign, looked_at.loc[customer], customer, language)
        values |= {"shop": shop, "code": code, "unsubscribe": messages.UNSUBSCRIBE}
        values |= {"offer": words.offer(option.offer, language, currency=currency)}
        values |= {"expires": words.day(_last_day(option, campaign.terms.send_on), language)}
        found.append(messages.fill(_template(templates, option, language), values) if code else "")
    return found


def _values(campaign: Campaign, looked_at: pd.Series, customer: str, language: Language) -> dict[str, str]:
    known = campaign.people.customers.loc[customer]
    category = known["category"]
    found = {
        "days_since": f"{known['days_since_last']:.0f}",
        "last_category": _SOMETHING[language] if pd.isna(category) else str(category),
    }
    expires = looked_at.get("days_to_points_expiry", np.nan)
    if pd.notna(expires):
        last = campaign.terms.until + timedelta(days=int(expires))
        found["points_expire"] = words.day(last, language)
    for name, key, form in (
        ("points", "points", "{:.0f}"),
        ("to_next_tier", "tier_gap", "{:.0f}"),
        ("tier", "tier", "{}"),
    ):
        if pd.notna(looked_at.get(name, np.nan)):
            found[key] = form.format(looked_at[name])
    return found


def _template(templates: Mapping[str, Text], option: Option, language: Language) -> str:
    if option.channel not in templates:
        raise SettingError(
            f"the playbook has no message for {option.channel}; add one below `messages:`, with en and zh."
        )
    return getattr(templates[option.channel], language)


def _last_day(option: Option, send_on: date) -> date:
    return send_on + timedelta(days=option.offer.valid_days - 1)


def _basis(who: pd.Index, mine: list[Option], members: pd.DataFrame, language: Language) -> list[str]:
    """Return on what each consent rests: the members file's own words where it has them."""
    if "consent_basis" in members:
        own = members["consent_basis"].reindex(who)
    else:
        own = pd.Series(None, index=who, dtype="str")
    usual = [_BASIS[language].format(channel=option.channel) for option in mine]
    return [text if pd.isna(said) else str(said) for said, text in zip(own, usual, strict=True)]
