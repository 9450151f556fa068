"""The command line in the language of its reader: help texts, and click's own words.

Whose language it is: `--lang` of the call, else CLV_LANG, else that of the system where it is Chinese.
"""

import copy
import inspect
import os
from collections.abc import Sequence

import click
from click import core, decorators, exceptions, formatting, parser, types

from clv import language
from clv.language import LANGUAGES, Language, translated

_SYSTEM = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set decides, as in POSIX


def of_call(arguments: Sequence[str]) -> Language:
    """Return the language that a call is answered in."""
    asked = [*arguments, ""]
    said = next((asked[at + 1] for at, word in enumerate(asked[:-1]) if word == "--lang"), "")
    said = next((word[7:] for word in asked if word.startswith("--lang=")), said)
    system = next((os.environ[name] for name in _SYSTEM if os.environ.get(name)), "")
    for one in (said, os.environ.get("CLV_LANG", ""), system[:2]):
        if one in LANGUAGES:
            return one
    return "en"


def speak(spoken: Language) -> None:
    """Answer in this language, click's own words too: it asks gettext, which knows no Chinese of click."""
    language.speak(spoken)
    for module in (core, decorators, exceptions, formatting, parser, types):
        if hasattr(module, "_"):
            module._ = translated
        if hasattr(module, "ngettext"):
            module.ngettext = _counted


def told(command: click.Command) -> click.Command:
    """Return the command with its help texts in the language spoken."""
    shown = copy.copy(command)
    shown.help = translated(inspect.cleandoc(command.help)) if command.help else command.help
    shown.short_help = translated(command.short_help) if command.short_help else command.short_help
    shown.params = [_told_parameter(one) for one in command.params]
    if isinstance(shown, click.Group):
        shown.commands = {name: told(one) for name, one in shown.commands.items()}
    return shown


def _told_parameter(parameter: click.Parameter) -> click.Parameter:
    shown = copy.copy(parameter)
    if isinstance(shown, click.Option) and shown.help:
        shown.help = translated(shown.help)
    return shown


def _counted(one: str, several: str, number: int) -> str:
    return translated(one if number == 1 else several)
