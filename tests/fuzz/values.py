"""Declarations as values, saved models as numbers: what their text says, without reading a text.

Reading YAML is most of what a case of `shop_file` or `playbook` costs, and `yaml_text` fuzzes it alone. Here
a sound file has one to six things wrong, as YAML can say them, and goes where its text would have gone.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest import mock

from clv.declaring import strict_yaml
from clv.errors import SettingError
from clv.playing.front_matter import MARK
from fuzz import damage, declared, declared_files
from fuzz.choices import Choices

_LINES = (
    "# x",
    "## When",
    "## Steps",
    "```",
    "<!--",
    "-->",
    MARK,
    "",
    "~~~",
    "#",
    "## 1. x",
    "- a",
    "{offer}",
)
_FACTORS = (0.0, -1.0, 0.5, 2.0, 1e-6, 1e6, 1 + 1e-9, 1e300, 1e-300)
_PIECES = (
    "",
    " ",
    "*",
    "..",
    "/",
    "{",
    "}",
    "{shop}",
    "=",
    "@",
    "\u202e",
    "é",
    "'",
    '"',
    "\n",
    "%",
    "8",
    "-",
    ":",
)


@cache
def _plain() -> tuple[Any, ...]:
    """Return those values of `damage` that a YAML file can say."""
    found = []
    for one in (*damage.PLAIN, *damage.RAW["yaml"]):
        try:
            found.append(strict_yaml.read(damage.text(one))[0])
        except SettingError:
            continue
    return tuple(found)


def _hurt(value: Any, whole: Any, choices: Choices) -> Any:
    """Return a value with one thing in it changed, left out, renamed, added, or taken from elsewhere."""
    if isinstance(value, dict) and value:
        return _hurt_mapping(value, whole, choices)
    if isinstance(value, list) and value and choices.below(4):
        at = choices.below(len(value))
        how = choices.below(4)
        if how == 0:
            return [*value[:at], *value[at + 1 :]]
        if how == 1:
            return [*value, value[at]]
        return [*value[:at], _hurt(value[at], whole, choices), *value[at + 1 :]]
    if isinstance(value, str) and choices.below(2):
        at = choices.below(len(value) + 1)
        return value[:at] + choices.of(_PIECES) + value[at + choices.below(4) :]
    if isinstance(value, int | float) and not isinstance(value, bool) and choices.below(3):
        found = value * choices.of(_FACTORS)
        return found if abs(found) < 1e308 else 1e308
    return choices.of(_plain()) if choices.below(3) else _elsewhere(whole, choices)


def _hurt_mapping(value: dict[str, Any], whole: Any, choices: Choices) -> dict[str, Any]:
    keys = list(value)
    key, how = choices.of(keys), choices.below(16)
    if how == 0:
        return {name: one for name, one in value.items() if name != key}
    if how == 1:
        return {choices.of(_names()) if name == key else name: one for name, one in value.items()}
    if how == 2:
        return {**value, choices.of(_names()): choices.of(_plain())}
    if how == 3:
        return {**value, key: value[choices.of(keys)]}
    if how == 4:
        return {**value, choices.of(_names()): _elsewhere(whole, choices)}
    return {**value, key: _hurt(value[key], whole, choices)}


def _elsewhere(value: Any, choices: Choices) -> Any:
    """Return a part of the whole, so that what is right in one place stands in another."""
    while isinstance(value, dict | list) and value and choices.below(4):
        value = choices.of(list(value.values()) if isinstance(value, dict) else value)
    return value


@cache
def _names() -> tuple[str, ...]:
    """Return keys that files have somewhere, and some that none has."""

    def inside(value: Any) -> Iterator[str]:
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from [key] if isinstance(key, str) else []
            yield from inside(one) if isinstance(one, dict | list) else ()

    wholes = (*_shops(), *(keys for keys, _ in _pages()), *_texts("scheme"), *_texts("tier_rules"))
    known = {key for whole in wholes for key in inside(whole)}
    return (*sorted(known), "", "a", "<<", "x" * 200, "../x", "con", "__class__", "model_config", "😀")


@cache
def _shops() -> tuple[Any, ...]:
    sample = (declared.REPO / "data/samples/shops.yml").read_bytes()
    return tuple(strict_yaml.read(seed.decode())[0] for seed in (declared.SHOPS, sample))


@cache
def _pages() -> tuple[tuple[Any, str], ...]:
    parts = [seed.decode().split(f"{MARK}\n", 2) for seed in declared.SEEDS["playbook"]]
    return tuple((strict_yaml.read(keys)[0], body) for _, keys, body in parts)


@cache
def _texts(target: str) -> tuple[Any, ...]:
    return tuple(strict_yaml.read(seed.decode())[0] for seed in declared.SEEDS[target])


@cache
def _models() -> tuple[Any, ...]:
    return tuple(json.loads(seed) for seed in declared_files.SEEDS["model"])


def _damaged(whole: Any, choices: Choices) -> Any:
    for _ in range(choices.of([1, 1, 2, 3, 6])):
        whole = _hurt(whole, whole, choices)
    return whole


@contextmanager
def _said(value: Any) -> Iterator[None]:
    """Let any text of YAML say this; a file that is written again says what it says."""

    def read(text: str) -> tuple[Any, None]:
        return (json.loads(text) if text.startswith("{") else value), None

    with mock.patch.object(strict_yaml, "read", read):
        yield


def shop_values(data: bytes) -> dict[str, int]:
    """As `shop_file`."""
    choices = Choices(data)
    with _said(_damaged(choices.of(_shops()), choices)):
        return declared.shop_file(b"shops: and so on")


def playbook_values(data: bytes) -> dict[str, int]:
    """As `playbook`; one in three times the page has a line more, too."""
    choices = Choices(data)
    keys, body = choices.of(_pages())
    keys = _damaged(keys, choices)
    if choices.one_in(3):
        at = choices.below(len(body))
        body = f"{body[:at]}\n{choices.of(_LINES)}\n{body[at + choices.below(40) :]}"
    with _said(keys):
        return declared.playbook(f"{MARK}\nkeys: and so on\n{MARK}\n{body}".encode())


def scheme_values(data: bytes) -> dict[str, int]:
    """As `scheme`."""
    choices = Choices(data)
    with _said(_damaged(choices.of(_texts("scheme")), choices)):
        return declared.scheme(b"name: and so on")


def tier_values(data: bytes) -> dict[str, int]:
    """As `tier_rules`."""
    choices = Choices(data)
    with _said(_damaged(choices.of(_texts("tier_rules")), choices)):
        return declared.tier_rules(b"tiers: and so on")


def model_values(data: bytes) -> dict[str, int]:
    """As `model`."""
    choices = Choices(data)
    return declared_files.model(json.dumps(_damaged(choices.of(_models()), choices)).encode())


TARGETS = {
    "shop_values": shop_values,
    "playbook_values": playbook_values,
    "scheme_values": scheme_values,
    "tier_values": tier_values,
    "model_values": model_values,
}
_ANY = [bytes([n, *range(n, 40 + n)]) for n in range(0, 200, 9)]
SEEDS = dict.fromkeys(TARGETS, _ANY)
