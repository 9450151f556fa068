"""Whether everything that a playbook names is there: notebooks, parameters, facts, words for each channel."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from clv import parameters
from clv.errors import SettingError, nearest
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
            raise SettingError(f"{where}: {notebook} is about all shops, so it is no step; leave it out.")
        reserved = (*parameters.SET_BY_THE_BATCH, *SET_BY_THE_PLAY.get(notebook, ()))
        taken = next((key for key in given if key in reserved), None)
        if taken:
            where = page.where(["steps", n, notebook, taken])
            raise SettingError(f"{where}: the play sets {taken!r} of {notebook}; leave it out here.")
        parameters.build(model, given, where=f"{where}, {notebook}")
    if RECALL not in playbook.steps:
        raise SettingError(f"{page.where(['steps'])}: the steps lack {RECALL}, which makes the list; add it.")


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
            hint = f"{elsewhere[fact]} does, so add it to the steps" if fact in elsewhere else None
            raise SettingError(
                f"{page.where(steps)}: no step records the fact {fact!r}; {hint or nearest(fact, known)}"
                f"{'.' if hint else ''}"
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
                f"{page.where(['channels'])}: nothing is said by {channel} of the offer {offer.name!r}; add "
                f"messages.{channel}, with en and zh."
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
            f"{page.where(path)}: {channel} is none of the playbook's channels; add it or leave it out."
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
            todo = "take it out" if own else f"give it words of its own, messages.{channel} below the offer"
            where = f"{page.where([*path, language])}, {_dotted(path, language)}"
            raise SettingError(
                f"{where}: {{{min(named)}}} stands in what {offer.name!r} says, which is a notice and gives "
                f"nothing to redeem; {todo}."
            )


def _dotted(path: list[str | int], language: str) -> str:
    return ".".join(map(str, [*path, language]))
