"""Whether everything that a playbook names is there: notebooks, parameters, facts, words for each channel."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from clv import parameters
from clv.errors import SettingError, nearest
from clv.language import tell
from clv.offering.contract import Offer, Text
from clv.playing.contract import RECALL, SET_BY_THE_PLAY, Playbook
from clv.playing.front_matter import Page
from clv.sending import messages

LANGUAGES = ("en", "zh")
TO_REDEEM = ("code", "expires")  # placeholders that only make sense where something is given


def check_steps(playbook: Playbook, page: Page) -> None:
    """Refuse steps that are no notebooks, parameters that these do not have, and a page without RECALL.

    Raises
    ------
    SettingError
        Line, name, and the nearest right name.
    """
    for n, (notebook, given) in enumerate(playbook.steps.items()):
        where = page.where(["steps", n, notebook])
        try:
            model = parameters.contract(notebook)
        except SettingError as error:
            raise SettingError(f"{where}: {error}") from None
        if model.of_all_shops:
            raise SettingError(
                tell(
                    "{where}: {notebook} is about all shops, so it is no step; leave it out.",
                    where=where,
                    notebook=notebook,
                )
            )
        reserved = (*parameters.SET_BY_THE_BATCH, *SET_BY_THE_PLAY.get(notebook, ()))
        taken = next((key for key in given if key in reserved), None)
        if taken:
            where = page.where(["steps", n, notebook, taken])
            raise SettingError(
                tell(
                    "{where}: the play sets {taken!r} of {notebook}; leave it out here.",
                    where=where,
                    taken=taken,
                    notebook=notebook,
                )
            )
        parameters.build(model, given, where=f"{where}, {notebook}")
    if RECALL not in playbook.steps:
        raise SettingError(
            tell(
                "{where}: the steps lack {recall}, which makes the list; add it.",
                where=page.where(["steps"]),
                recall=RECALL,
            )
        )


def check_facts(playbook: Playbook, page: Page) -> None:
    """Refuse guards and `decide` where they name a fact that no step records.

    Raises
    ------
    SettingError
        Line, fact, and the nearest one or the notebook that records it.
    """
    known = _facts(playbook.steps)
    elsewhere = {fact: name for name in parameters.CONTRACTS for fact in _facts({name: {}})}
    named = [(fact, ["guards", fact]) for fact in playbook.guards] + [(playbook.decide, ["decide"])]
    for fact, steps in named:
        if fact not in known:
            hint = (
                tell("{elsewhere} does, so add it to the steps", elsewhere=elsewhere[fact])
                if fact in elsewhere
                else None
            )
            raise SettingError(
                tell(
                    "{where}: no step records the fact {fact!r}; {value}{word}",
                    where=page.where(steps),
                    fact=fact,
                    value=hint or nearest(fact, known),
                    word="." if hint else "",
                )
            )


def _facts(steps: Mapping[str, Any]) -> list[str]:
    models = [parameters.contract(notebook) for notebook in steps]
    return [fact for model in models for fact in (*model.facts, *model.may_lack)]


def check_messages(playbook: Playbook, page: Page) -> None:
    """Refuse what cannot be said: a channel without words, words without a channel, a template with a fault.

    Raises
    ------
    SettingError
        Line, channel, what to add or to mend.
    """
    for offer, channel in product(playbook.offers, playbook.channels):
        if channel not in playbook.messages and channel not in offer.messages:
            raise SettingError(
                tell(
                    "{where}: nothing is said by {channel} of the offer {offer!r}; add messages.{channel}, "
                    "with en and zh.",
                    where=page.where(["channels"]),
                    channel=channel,
                    offer=offer.name,
                )
            )
    for path, words in _templates(playbook):
        _check_words(path, words, playbook, page)
    for offer, channel in product(enumerate(playbook.offers), playbook.channels):
        if offer[1].kind == "notice":
            _check_notice(*offer, channel, playbook, page)


def _templates(playbook: Playbook) -> Iterator[tuple[list[str | int], Text]]:
    """Yield the path of everything that is said, and its words: the playbook's, then the offers' own."""
    for channel, words in playbook.messages.items():
        yield ["messages", channel], words
    for n, offer in enumerate(playbook.offers):
        for channel, words in offer.messages.items():
            yield ["offers", n, "messages", channel], words


def _check_words(path: list[str | int], words: Text, playbook: Playbook, page: Page) -> None:
    channel = str(path[-1])
    if channel not in playbook.channels:
        raise SettingError(
            tell(
                "{where}: {channel} is none of the playbook's channels; add it or leave it out.",
                where=page.where(path),
                channel=channel,
            )
        )
    for language in LANGUAGES:
        try:
            messages.check_template(getattr(words, language))
        except SettingError as error:
            raise SettingError(
                f"{page.where([*path, language])}, {_dotted(path, language)}: {error}"
            ) from None


def _check_notice(n: int, offer: Offer, channel: str, playbook: Playbook, page: Page) -> None:
    """Refuse a code or a last day in what a notice says: it gives nothing that one could redeem."""
    own = channel in offer.messages
    words = offer.messages[channel] if own else playbook.messages[channel]
    path = ["offers", n, "messages", channel] if own else ["messages", channel]
    for language in LANGUAGES:
        named = messages.placeholders(getattr(words, language)) & set(TO_REDEEM)
        if named:
            todo = (
                "take it out"
                if own
                else tell("give it words of its own, messages.{channel} below the offer", channel=channel)
            )
            where = f"{page.where([*path, language])}, {_dotted(path, language)}"
            raise SettingError(
                tell(
                    "{where}: {{{named}}} stands in what {offer!r} says, which is a notice and gives nothing "
                    "to redeem; {todo}.",
                    where=where,
                    named=min(named),
                    offer=offer.name,
                    todo=todo,
                )
            )


def _dotted(path: list[str | int], language: str) -> str:
    return ".".join(map(str, [*path, language]))
