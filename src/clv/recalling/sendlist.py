"""A campaign → its list: one row per customer whom the plan chose, those who are left alone too."""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv import tables
from clv.offering import words
from clv.offering.options import Option
from clv.offering.words import Language
from clv.recalling import asked, said
from clv.recalling.campaign import NOTHING, Campaign
from clv.sending import codes, messages

Which = NDArray[np.bool_]
_BASIS = {"zh": "会员资料：同意{channel}联系", "en": "members file: agreed to {channel}"}
_CHANNELS_ZH = {"sms": "短信", "wecom": "企业微信", "phone": "电话", "email": "邮件"}


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
    A SENDLIST table; in the control arm without code, subject and message.

    Raises
    ------
    SettingError
        The playbook has no message for a channel, or one that may not be sent; with the first fault.
    """
    chosen = campaign.chosen != NOTHING
    who = campaign.people.customers.index[chosen]
    mine = [campaign.options[number] for number in campaign.chosen[chosen]]
    ids = pd.Series(who, index=who)
    sent = campaign.sent[chosen]
    redeemable = np.array([option.offer.kind != "notice" for option in mine], dtype=bool)
    own = codes.codes(ids, campaign=name, secret=secret).where(sent & redeemable, "")
    told = said.messages_of(campaign, mine, own, sent=sent, shop=shop, currency=currency, language=language)
    terms = campaign.terms
    offered = [words.offer(option.offer, language, currency=currency) for option in mine]
    found = {
        "customer_id": who,
        "arm": campaign.arms.to_numpy()[chosen],
        "segment": campaign.people.segment[chosen],
        **_of_options(mine, send_on=terms.send_on),
        "offer_text": offered,
        "code": own.to_numpy(),
        "subject": _subjects(mine, offered, sent, shop=shop, language=language),
        "message": told,
        "reason": words.reason(asked.conditions(campaign.declared, basket=campaign.basket), language),
        "consent_basis": _basis(who, mine, members, language),
        "campaign": name,
        "answers_until": terms.last_day.isoformat(),
    }
    return tables.check(pd.DataFrame(found).reset_index(drop=True), tables.SENDLIST)


def _of_options(mine: list[Option], *, send_on: date) -> dict[str, object]:
    """Return what each customer's option alone says: by what, which offer, when."""
    return {
        "channel": [option.channel for option in mine],
        "offer": [option.offer.name for option in mine],
        "send_on": send_on.isoformat(),
        "send_from": [option.via.send_from for option in mine],
        "send_to": [option.via.send_to for option in mine],
        "expires_on": [said.last_day(option, send_on).isoformat() for option in mine],
    }


def _subjects(
    mine: list[Option], offered: list[str], sent: Which, *, shop: str, language: Language
) -> list[str]:
    """Return what stands above an e-mail; nothing for other channels and those who are left alone."""
    return [
        messages.subject(language, shop=shop, offer=offer) if told and option.channel == "email" else ""
        for option, offer, told in zip(mine, offered, sent, strict=True)
    ]


def _basis(who: pd.Index, mine: list[Option], members: pd.DataFrame, language: Language) -> list[str]:
    """Return on what each consent rests: the members file's own words where it has them."""
    if "consent_basis" in members:
        own = members["consent_basis"].reindex(who)
    else:
        own = pd.Series(None, index=who, dtype="str")
    called = _CHANNELS_ZH if language == "zh" else {name: name for name in _CHANNELS_ZH}
    usual = [_BASIS[language].format(channel=called[option.channel]) for option in mine]
    return [text if pd.isna(said) else str(said) for said, text in zip(own, usual, strict=True)]
