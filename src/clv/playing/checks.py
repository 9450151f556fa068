"""Whether everything that a playbook names is there: notebooks, parameters, facts, words for each channel."""

from collections.abc import Mapping
from typing import Any

from clv import parameters
from clv.errors import SettingError, nearest
from clv.playing.contract import RECALL, SET_BY_THE_PLAY, Playbook
from clv.playing.front_matter import Page
from clv.sending import messages


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
    elsewhere = {fact: n for n, model in parameters.CONTRACTS.items() for fact in model.facts}
    named = [(fact, ["guards", fact]) for fact in playbook.guards] + [(playbook.decide, ["decide"])]
    for fact, steps in named:
        if fact not in known:
            hint = f"{elsewhere[fact]} does, so add it to the steps" if fact in elsewhere else None
            raise SettingError(
                f"{page.where(steps)}: no step records the fact {fact!r}; {hint or nearest(fact, known)}"
                f"{'.' if hint else ''}"
            )


def _facts(steps: Mapping[str, Any]) -> list[str]:
    return [fact for notebook in steps for fact in parameters.contract(notebook).facts]


def check_messages(playbook: Playbook, page: Page) -> None:
    """Refuse a channel without words, words without a channel, and templates that cannot be filled.

    Raises
    ------
    SettingError
        Line, channel, what to add or to mend.
    """
    for channel in playbook.channels:
        if channel not in playbook.messages:
            where = page.where(["channels"])
            raise SettingError(
                f"{where}: nothing is said by {channel}; add messages.{channel}, with en and zh."
            )
    for channel, words in playbook.messages.items():
        if channel not in playbook.channels:
            where = page.where(["messages", channel])
            raise SettingError(
                f"{where}: {channel} is none of the playbook's channels; add it or leave it out."
            )
        for language in ("en", "zh"):
            try:
                messages.check_template(getattr(words, language))
            except SettingError as error:
                where = page.where(["messages", channel, language])
                raise SettingError(f"{where}, messages.{channel}.{language}: {error}") from None
