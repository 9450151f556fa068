"""A linter for messages: what is wrong with a text before it is sent to a thousand people.

    faults("【周记】凭码K7M4TQ9P减50元，6月30日前有效。拒收请回复R", channel="sms")

'must' means that the list is refused, 'should' that it is told. Nothing is raised and nothing corrected.

Sources: for SMS 通信短信息服务管理规定 (2015), which asks for the sender's mark and an easy way to refuse;
Huawei Cloud's content rules for IoT SMS; for words that claim a rank, the Advertising Law (see
`superlatives`).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from clv.errors import SettingError, nearest
from clv.language import tell
from clv.sending import messages, superlatives, wording
from clv.sending.messages import UNSUBSCRIBE, sms_length, sms_parts
from clv.tables import CHANNELS

PROFILES = ("general", "huawei-iot")
KINDS: dict[str, str] = {
    "empty": "nothing is said",
    "characters": "a character is none",
    "sender": "the sender's mark 【…】 is not where it should be",
    "unsubscribe": "no easy way to refuse is told",
    "provider": "the provider's own rules are broken",
    "length": "the text is sent as more than one SMS",
    "link": "the text holds a link",
    "placeholder": "something was never filled in",
    "superlative": "a word claims a rank",
    "privacy": "a phone or identity number stands in the text",
}
MOST_PARTS = 3
_MARK = re.compile(r"【([^【】]*)】")

Severity = Literal["must", "should"]


@dataclass(frozen=True)
class MessageFault:
    """One thing that is wrong with a text.

    Attributes
    ----------
    kind
        One of `KINDS`.
    severity
        'must': the list is refused; 'should': it is told.
    sentence
        What is wrong and what to do, without anybody's number.
    found
        The words it is about, as written; empty where they are missing, or personal.
    """

    kind: str
    severity: Severity
    sentence: str
    found: str = ""


Rule = Callable[[str], Iterator[MessageFault]]


def faults(text: str, *, channel: str, profile: str = "general") -> list[MessageFault]:
    """Return what is wrong with a filled text on its channel; empty for a text that may be sent.

    Parameters
    ----------
    channel
        sms, wecom, phone (the text is then what the caller says) or email.
    profile
        Whose rules for SMS hold: 'general', or 'huawei-iot' for these and the provider's own.

    Raises
    ------
    SettingError
        There is no such channel or profile.
    """
    for noun, given, known in (("channel", channel, CHANNELS), ("profile", profile, PROFILES)):
        if given not in known:
            raise SettingError(
                tell(
                    "there is no {noun} {given!r}; {nearest}",
                    noun=noun,
                    given=given,
                    nearest=nearest(given, known),
                )
            )
    if not text.strip():
        return [MessageFault("empty", "must", tell("the message is empty; write what is to be said."))]
    if messages.is_damaged(text):
        return [MessageFault("characters", "must", messages.damaged())]
    return [fault for rule in _rules(channel, profile) for fault in rule(text)]


def _rules(channel: str, profile: str) -> list[Rule]:
    everywhere: list[Rule] = [_placeholders, _superlatives, _privacy]
    if channel == "sms":
        provider = [_huawei_ending, _huawei_topics] if profile == "huawei-iot" else [_refusal]
        return [_sender, *provider, _length, _links, *everywhere]
    return [_way_out, *everywhere] if channel == "email" else everywhere


def _sender(text: str) -> Iterator[MessageFault]:
    mark = _MARK.match(text)
    if mark is None:
        later = _MARK.search(text)
        where = "has the sender's mark later than" if later else "has no sender's mark 【…】 at"
        yield MessageFault(
            "sender",
            "must",
            tell("the SMS {where} its beginning; begin with 【shop】.", where=where),
            later[0] if later else "",
        )
    elif not 2 <= len(mark[1].strip()) <= 12:
        size = len(mark[1].strip())
        yield MessageFault(
            "sender",
            "must",
            tell("the sender's mark has {size} character(s); it should have 2 to 12.", size=size),
            mark[0],
        )


def _refusal(text: str) -> Iterator[MessageFault]:
    if not wording.tells_how_to_refuse(text):
        sentence = tell(
            "the SMS does not tell how to refuse further ones; end it with {unsubscribe}.",
            unsubscribe=UNSUBSCRIBE,
        )
        yield MessageFault("unsubscribe", "must", sentence)


def _way_out(text: str) -> Iterator[MessageFault]:
    if not wording.has_way_out(text):
        sentence = tell("the e-mail has no line about unsubscribing; add how to do it.")
        yield MessageFault("unsubscribe", "must", sentence)


def _huawei_ending(text: str) -> Iterator[MessageFault]:
    if not text.endswith(UNSUBSCRIBE):
        sentence = tell(
            "Huawei IoT takes only an SMS that ends with exactly {unsubscribe}; let nothing follow it.",
            unsubscribe=UNSUBSCRIBE,
        )
        yield MessageFault("unsubscribe", "must", sentence)


def _huawei_topics(text: str) -> Iterator[MessageFault]:
    for topic, word in wording.banned_by_huawei(text).items():
        sentence = tell(
            "Huawei IoT takes no SMS {topic} ({word}); say it otherwise, or use another provider.",
            topic=topic,
            word=word,
        )
        yield MessageFault("provider", "must", sentence, word)


def _length(text: str) -> Iterator[MessageFault]:
    parts = sms_parts(text)
    if parts > 1:
        severity: Severity = "must" if parts > MOST_PARTS else "should"
        todo = (
            tell("shorten it to {most_parts} at most", most_parts=MOST_PARTS)
            if parts > MOST_PARTS
            else "70 characters would be one"
        )
        sentence = tell(
            "the text has {text} characters: {parts} SMS, at {parts} times the cost; {todo}.",
            text=sms_length(text),
            parts=parts,
            todo=todo,
        )
        yield MessageFault("length", severity, sentence)


def _links(text: str) -> Iterator[MessageFault]:
    for link in wording.links(text):
        sentence = tell(
            "the SMS holds a link; most carriers deliver only links that were registered with them."
        )
        yield MessageFault("link", "should", sentence, link)


def _placeholders(text: str) -> Iterator[MessageFault]:
    for place in wording.open_places(text):
        yield MessageFault(
            "placeholder",
            "must",
            tell("{place} was never filled in; fill it or take it out.", place=place),
            place,
        )


def _superlatives(text: str) -> Iterator[MessageFault]:
    mark = _MARK.match(text)
    for word, severity in superlatives.found(text, start=mark.end() if mark else 0).items():
        what = (
            "claims a rank, as the Advertising Law forbids" if severity == "must" else "needs a proof at hand"
        )
        yield MessageFault(
            "superlative",
            severity,
            tell("{word!r} {what}; say what is so, without it.", word=word, what=what),
            word,
        )


def _privacy(text: str) -> Iterator[MessageFault]:
    nouns = {"phone": "a whole mobile number", "identity": "an identity number"}
    for kind in wording.personal_numbers(text):
        sentence = tell(
            "{nouns} stands in the text; take it out, or give the shop's service number.", nouns=nouns[kind]
        )
        yield MessageFault("privacy", "must", sentence)
