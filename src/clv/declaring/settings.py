"""Typed settings, and one clear sentence for each way to get them wrong."""

import re
import reprlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from clv.errors import SettingError, nearest
from clv.language import tell

_repr = reprlib.Repr()  # a few lines of YAML can name a value of a billion parts
_repr.maxstring = _repr.maxother = _repr.maxlong = 80
# Steps of a path that pydantic adds where a value may be of several kinds; no file has such keys.
_KIND = re.compile(r"bool|float|int|str|(list|function-\w+|constrained-\w+)\b.*")

_LONGEST = 1500  # characters of a rule
_YEARS = range(1900, 2201)  # tables.YEARS, which takes a while to import
_ADDRESS = re.compile(r"[^\s'\"]*(?::/|:[^\s'\"]*@|\bpassword=)[^'\"]*", re.IGNORECASE)


class Settings(BaseModel):
    """Root of all typed settings: unknown names are refused, nothing is converted behind your back."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Model = TypeVar("Model", bound=Settings)
Where = Callable[[tuple[str | int, ...]], str]


def validated(model: type[Model], values: Mapping[str, Any], *, noun: str, where: Where) -> Model:
    """Return `values` as a `model`, or say what is wrong with the first bad one.

    Parameters
    ----------
    noun
        What one of the values is called: 'key', 'parameter'.
    where
        Takes the path of the bad value and returns the place to look at, such as 'shops.yml, line 3'.

    Raises
    ------
    SettingError
        Place, name, what is wrong, what to do.
    """
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        problems = error.errors(include_url=False)
    first = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
    raise SettingError(f"{where(first['loc'])}: {_sentence(first, model, noun)}")


def _sentence(problem: Mapping[str, Any], model: type[Settings], noun: str) -> str:
    name = ".".join(str(step) for step in problem["loc"] if not _KIND.fullmatch(str(step)))
    if not name or (problem["type"] == "value_error" and isinstance(problem["input"], Mapping)):
        # a rule about the whole, not about one value
        return _ended(_rule(problem))
    if problem["type"] == "extra_forbidden":
        *steps, key = problem["loc"]
        return tell(
            "unknown {noun} {name!r}; {nearest}",
            noun=noun,
            name=name,
            nearest=nearest(str(key), _model_at(model, steps).model_fields),
        )
    if problem["type"] == "missing":
        return tell(
            "the {noun} {name!r} is missing; {meaning}.", noun=noun, name=name, meaning=_meaning(model, name)
        )
    return _ended(f"{name} is {_short(problem['input'])}; {_rule(problem)}")


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("?") else f"{sentence}."


def _model_at(model: type[Settings], steps: list[str | int]) -> type[Settings]:
    """Return the settings that stand at a path of keys, so that hints name their keys and not the root's."""
    for step in steps:
        field = model.model_fields.get(str(step))
        model = next(_settings_in(field.annotation), model) if field else model
    return model


def _settings_in(annotation: Any) -> Iterator[type[Settings]]:
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        yield annotation
    for part in get_args(annotation):
        yield from _settings_in(part)


def _meaning(model: type[Settings], name: str) -> str:
    field = model.model_fields.get(name)
    return (
        tell("it says {description}", description=field.description)
        if field and field.description
        else "add it"
    )


def _rule(problem: Mapping[str, Any]) -> str:
    if problem["type"] == "string_type":
        return "it should be text, so put it in quotes"
    bound = problem.get("ctx", {})
    if problem["type"] in ("too_short", "string_too_short"):
        least = bound["min_length"]
        return (
            "it should not be empty"
            if least == 1
            else tell("it should hold at least {least} of them", least=least)
        )
    if problem["type"] == "too_long":
        return tell("it should hold at most {max_length} of them", max_length=bound["max_length"])
    rule = problem["msg"].removeprefix("Value error, ").replace("Input should be", "it should be")
    rule = rule.replace("it should be a valid ", "it should be of type ").rstrip(".")
    return rule if len(rule) <= _LONGEST else f"{rule[:_LONGEST]}…"  # some quote what they refuse


def _short(value: object) -> str:
    text = _ADDRESS.sub("…", _repr.repr(value))  # which may hold a password
    return text if len(text) <= 60 else text[:57] + "..."


def iso_day(text: str) -> str:
    """Return `text` when it is empty or a day written as 2026-06-30; for use as a pydantic validator."""
    if not text:
        return text
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise ValueError(tell("it should be a day of the calendar, written as 2026-06-30"))
    in_years(day)
    return text


def in_years(day: date) -> None:
    """Refuse a day, with a ValueError, that lies in no year of a shop: tables would not hold it."""
    if day.year not in _YEARS:
        raise ValueError(
            tell("it should be a day of the years {first} to {last}", first=_YEARS[0], last=_YEARS[-1])
        )
