"""What is said to one customer: a template with {placeholders}, filled; and what a text costs as an SMS.

fill("【{shop}】{offer}，码{code}，{expires}前有效。{unsubscribe}", values)

A placeholder is a name in braces. Values are put in as they are: braces in a value are text, never a
placeholder.
"""

import math
import re
from collections.abc import Mapping

from clv.errors import SettingError, nearest
from clv.language import tell
from clv.offering.words import Language

UNSUBSCRIBE = "拒收请回复R"  # of an SMS, in every language: it is what carriers look for
_UNSUBSCRIBE: dict[str, dict[Language, str]] = {
    "sms": {"zh": UNSUBSCRIBE, "en": UNSUBSCRIBE},
    "wecom": {"zh": "回复“退订”即不再打扰", "en": "Reply “stop” and I will not write again"},
    "email": {"zh": "回复“退订”即不再收到此类邮件", "en": "Reply “unsubscribe” to stop these mails"},
    "phone": {"zh": "", "en": ""},  # nobody replies to a call: its script may not ask for it
}

PLACEHOLDERS: dict[str, str] = {
    "shop": "the shop's name",
    "offer": "the offer in words",
    "code": "the customer's own code",
    "expires": "the offer's last day",
    "unsubscribe": "how to refuse further messages, as the channel has it; not for calls",
    "days_since": "days since the last purchase",
    "last_category": "category of the last purchase",
    "tier": "tier in the members file",
    "tier_gap": "money that is missing to the next tier",
    "points": "points that can be used",
    "points_expire": "the day on which they expire",
}

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_BRACE = re.compile(r"[{}｛｝]")
_NAMED = 40  # characters of an unknown placeholder that are told
_ONE, _EACH = 70, 67  # UCS-2 characters of a single SMS, and of each part of a longer one


def placeholders(template: str) -> set[str]:
    """Return the names in braces, known or not.

    >>> sorted(placeholders("{shop}: {offer}, {offer}"))
    ['offer', 'shop']
    """
    return set(_PLACEHOLDER.findall(template))


def check_template(template: str) -> None:
    """Check that a template can be filled: known placeholders, braces in pairs, and something said.

    Raises
    ------
    SettingError
        The first thing that is wrong, with the nearest placeholder where one is unknown.
    """
    if not template.strip():
        raise SettingError(tell("the message is empty; write what is to be said."))
    if is_damaged(template):
        raise SettingError(damaged())
    unknown = sorted(placeholders(template) - PLACEHOLDERS.keys())
    if unknown:
        raise SettingError(
            tell(
                "the message asks for {{{first}}}; {nearest}",
                first=_on_one_line(unknown[0]),
                nearest=nearest(unknown[0], PLACEHOLDERS),
            )
        )
    strays = len(_BRACE.findall(_PLACEHOLDER.sub("", template)))
    if strays:
        raise SettingError(
            tell(
                "the message has {strays} brace(s) that are no placeholder's; write placeholders as "
                "{{offer}}.",
                strays=strays,
            )
        )


def is_damaged(text: str) -> bool:
    """Return whether a text holds halves of characters: what was not UTF-8 when it was handed over."""
    return any("\ud800" <= mark <= "\udfff" for mark in text)


def damaged() -> str:
    """Return what is said of such a text."""
    return tell("the message holds bytes that are no text; write it again.")


def _on_one_line(name: str) -> str:
    """Return a name that stands in braces as a sentence can hold it."""
    return "".join(mark if mark.isprintable() else " " for mark in name[:_NAMED])


def unsubscribe(channel: str, language: Language) -> str:
    """Return what a message says on how to refuse further ones; empty for phone, where it has no place.

    Raises
    ------
    SettingError
        There is no such channel.

    >>> unsubscribe("sms", "en"), unsubscribe("wecom", "en"), unsubscribe("phone", "en")
    ('拒收请回复R', 'Reply “stop” and I will not write again', '')
    """
    if channel not in _UNSUBSCRIBE:
        raise SettingError(
            tell(
                "there is no channel {channel!r}; {nearest}",
                channel=channel,
                nearest=nearest(channel, _UNSUBSCRIBE),
            )
        )
    return _UNSUBSCRIBE[channel][language]


def subject(language: Language, *, shop: str, offer: str) -> str:
    """Return the subject of an e-mail: who writes, and what is offered, in one line.

    >>> subject("zh", shop="周记", offer="减50元"), subject("en", shop="Zhou & Co", offer="CNY 50 off")
    ('周记：减50元', 'Zhou & Co: CNY 50 off')
    """
    mark = "：" if language == "zh" else ": "
    return mark.join(" ".join(text.split()) for text in (shop, offer))


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return the template with each {placeholder} replaced by its value, as it is.

    Parameters
    ----------
    values
        By the names in `PLACEHOLDERS`; more than the template asks for does no harm. Where `unsubscribe` is
        left out it is that of an SMS.

    Raises
    ------
    SettingError
        The template cannot be filled, or a value that it asks for is missing or blank.
    """
    check_template(template)
    known = {"unsubscribe": UNSUBSCRIBE, **values}
    missing = sorted(name for name in placeholders(template) if _is_missing(known.get(name)))
    if "unsubscribe" in missing:
        raise SettingError(
            tell("the message asks for {unsubscribe}, and nobody replies to a call; take it out.")
        )
    if missing:
        name = missing[0]
        more = tell(" and {missing} more", missing=len(missing) - 1) if len(missing) > 1 else ""
        raise SettingError(
            tell(
                "the message asks for {{{name}}} ({placeholders}){more}, which has no value here; take "
                "it out, or send only to those who have one.",
                name=name,
                placeholders=PLACEHOLDERS[name],
                more=more,
            )
        )
    return _PLACEHOLDER.sub(lambda found: str(known[found[1]]), template)


def sms_parts(text: str) -> int:
    """Return how many SMS a text is sent and charged as: one up to 70 characters, else one per 67.

    Characters are UCS-2 units: an emoji, like all characters beyond the basic plane, counts two. Carriers in
    China count letters and digits as they count Chinese. An SMS holds 140 octets, of which a part of a longer
    message gives six to its header (3GPP TS 23.040, 9.2.3.24.1).

    >>> sms_parts("好" * 70), sms_parts("好" * 71), sms_parts("好" * 135)
    (1, 2, 3)
    """
    units = sms_length(text)
    return 1 if units <= _ONE else math.ceil(units / _EACH)


def sms_length(text: str) -> int:
    """Return the length of a text in UCS-2 characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _is_missing(value: object) -> bool:
    return value is None or value != value or not str(value).strip()
