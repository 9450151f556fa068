"""What is said to each customer of a campaign: templates filled, and looked through before sending."""

import math
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.errors import SettingError
from clv.language import tell
from clv.offering import words
from clv.offering.contract import Declared, Text
from clv.offering.options import Option
from clv.offering.words import Language
from clv.recalling.campaign import Campaign
from clv.sending import message_faults, messages

_SOMETHING = {"zh": "心仪的款式", "en": "what you like"}  # where no category is known
# Placeholders that can be filled only where the audience is chosen by this field.
_NEEDS = {"tier_gap": "to_next_tier", "points_expire": "days_to_points_expiry"}


def check(
    declared: Declared, options: list[Option], language: Language, *, shop: str, currency: str
) -> list[str]:
    """Return what should be known of the messages; each is tried with made-up values.

    Raises
    ------
    SettingError
        A channel has no message, one asks for what is not known of this audience, or may not be sent; with
        the first fault.
    """
    found = []
    for option in options:
        template = _template(declared.messages, option, language)
        for name in sorted(messages.placeholders(template) & _NEEDS.keys()):
            if _NEEDS[name] not in declared.audience:
                raise SettingError(
                    tell(
                        "the message of {option} asks for {{{name}}}, which is known only where the audience "
                        "is chosen by {needs}; add that condition or take it out.",
                        option=option.name,
                        name=name,
                        needs=_NEEDS[name],
                    )
                )
        trial = {**dict.fromkeys(messages.PLACEHOLDERS, "88"), "code": "K7M4TQ9P"}
        trial |= _same_for_all(option, language, shop=shop, currency=currency, send_on=date(2026, 12, 1))
        text = messages.fill(template, trial)
        _refuse(text, option)
        faults = message_faults.faults(text, channel=option.channel)
        found += [f"{option.name}: {fault.sentence}" for fault in faults]
    return found


def messages_of(
    campaign: Campaign,
    mine: list[Option],
    codes: pd.Series,
    *,
    sent: NDArray[np.bool_],
    shop: str,
    currency: str,
    language: Language,
) -> list[str]:
    """Return the message of each customer (index of `codes`); empty for those who are left alone.

    Raises
    ------
    SettingError
        As `check`, and where a filled message may not be sent.
    """
    declared, send_on = campaign.declared, campaign.terms.send_on
    check(declared, list(campaign.options), language, shop=shop, currency=currency)
    found = []
    for customer, option, code, told in zip(codes.index, mine, codes, sent, strict=True):
        values = _of_customer(campaign, customer, language) | {"code": code}
        values |= _same_for_all(option, language, shop=shop, currency=currency, send_on=send_on)
        text = messages.fill(_template(declared.messages, option, language), values) if told else ""
        if told:
            _refuse(text, option)
        found.append(text)
    return found


def last_day(option: Option, send_on: date) -> date:
    """Return the last day on which an offer holds."""
    return send_on + timedelta(days=option.offer.valid_days - 1)


def _same_for_all(
    option: Option, language: Language, *, shop: str, currency: str, send_on: date
) -> dict[str, str]:
    return {
        "shop": shop,
        "offer": words.offer(option.offer, language, currency=currency),
        "expires": words.day(last_day(option, send_on), language),
        "unsubscribe": messages.unsubscribe(option.channel, language),
    }


def _of_customer(campaign: Campaign, customer: str, language: Language) -> dict[str, str]:
    known, terms = campaign.people.customers.loc[customer], campaign.terms
    looked_at = campaign.audience.columns.loc[customer].dropna()
    category = known["category"]
    found = {
        "days_since": f"{known['days_since_last'] + (terms.send_on - terms.until).days:.0f}",
        "last_category": _SOMETHING[language] if pd.isna(category) else str(category),
    }
    if "days_to_points_expiry" in looked_at:
        last = terms.send_on + timedelta(days=int(looked_at["days_to_points_expiry"]))
        found["points_expire"] = words.day(last, language)
    if "points" in looked_at:
        found["points"] = f"{looked_at['points']:.0f}"
    if "to_next_tier" in looked_at:
        gap = f"{math.ceil(looked_at['to_next_tier'])}"  # who spends it shall be there
        found["tier_gap"] = gap if language == "zh" else f"{terms.currency} {gap}".strip()
    if "tier" in looked_at:
        found["tier"] = str(looked_at["tier"])
    return found


def _template(templates: Mapping[str, Text], option: Option, language: Language) -> str:
    templates = {**templates, **option.offer.messages}
    if option.channel not in templates:
        raise SettingError(
            tell(
                "the playbook has no message for {channel}; add one below `messages:`, with en and zh.",
                channel=option.channel,
            )
        )
    return getattr(templates[option.channel], language)


def _refuse(text: str, option: Option) -> None:
    faults = message_faults.faults(text, channel=option.channel)
    must = next((fault for fault in faults if fault.severity == "must"), None)
    if must:
        hint = tell(" `sign:` in the shop file says how it signs.") if must.kind == "sender" else ""
        raise SettingError(
            tell(
                "the message of {option} may not be sent: {sentence}{hint}",
                option=option.name,
                sentence=must.sentence,
                hint=hint,
            )
        )
