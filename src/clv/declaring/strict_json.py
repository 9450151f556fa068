"""JSON without its traps: what two programs would read differently is refused.

`json.loads` keeps the second of two equal keys, takes NaN, Infinity and 1e400 for numbers, and lets half a
character through that no file can hold.
"""

import json
import re
from math import isfinite
from typing import Any

from clv.language import tell

DEEPEST = 50  # levels; what this program writes has six
_DIGITS = 18  # what every program holds exactly
_HALVES = re.compile("[\ud800-\udfff]")


def read(text: str | bytes) -> Any:
    """Return what `text` says.

    Raises
    ------
    ValueError
        It is no JSON, or names a key twice, nests more than `DEEPEST` levels, or holds a number that is not
        finite or has more than 18 digits, or half a character.
    """
    try:
        found = json.loads(
            text, object_pairs_hook=_mapping, parse_constant=_refused, parse_int=_int, parse_float=_float
        )
    except RecursionError:
        raise ValueError(tell("it is nested too deeply")) from None
    _check(found, DEEPEST)
    return found


def why(error: Exception) -> str:
    """Return for a sentence what was wrong with a text that `read` refused."""
    return tell("it is no JSON") if isinstance(error, json.JSONDecodeError | UnicodeError) else str(error)


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(tell("a key stands twice"))
    return found


def _refused(word: str) -> None:
    raise ValueError(tell("a number is not finite"))


def _int(digits: str) -> int:
    if len(digits.lstrip("-")) > _DIGITS:
        raise ValueError(tell("a number has too many digits"))
    return int(digits)


def _float(digits: str) -> float:
    if not isfinite(float(digits)):
        raise ValueError(tell("a number is not finite"))
    return float(digits)


def _check(value: Any, levels: int) -> None:
    if levels == 0:
        raise ValueError(tell("it is nested too deeply"))
    if isinstance(value, str) and _HALVES.search(value):
        raise ValueError(tell("a text holds half a character"))
    if isinstance(value, dict):
        for key, one in value.items():
            _check(key, levels)
            _check(one, levels - 1)
    if isinstance(value, list):
        for one in value:
            _check(one, levels - 1)
