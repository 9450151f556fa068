"""How numbers and foreign text are put into words: the same in a notebook, a report and the overview."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from clv import language
from clv.errors import SettingError
from clv.language import tell, translated

Value = float | int | str | bool
# All ASCII marks but "," and "%", and dots inside numbers, which keep the notebook's source readable.
MARKUP = re.compile(r"[!-$&-+\-/:-@\[-`{-~]|\.(?!\d)")
MINUS = re.compile(r"(?<![\w.)\]-])-(?=[\d.])")  # of a number; no hyphen of a day or of an id


def as_read(fact: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fact in the unit that people read: shares of one become per cent.

    >>> as_read({"value": 0.25, "unit": "share", "low": None, "high": None})
    {'value': 25.0, 'unit': '%', 'low': None, 'high': None}
    """
    if fact.get("unit") != "share":
        return dict(fact)
    scaled = {
        key: round(fact[key] * 100, 10) for key in ("value", "low", "high") if fact.get(key) is not None
    }
    return {**fact, **scaled, "unit": "%"}


def amount(fact: Mapping[str, Any]) -> str:
    """Return a fact's value with its unit, as the reader writes it: '27 %', '1,235 CNY', '27%', '1,235 元'.

    >>> amount({"value": 1234.56, "unit": "CNY"})
    '1,235 CNY'
    """
    return f"{number(fact)}{unit(fact)}".strip()


def number(fact: Mapping[str, Any]) -> str:
    """Return a fact's value without its unit: about three figures, thousands separators; yes, no; text."""
    value = fact["value"]
    if isinstance(value, bool):
        return tell("yes") if value else tell("no")
    if isinstance(value, str):
        return translated(value)
    return _digits(value, _decimals(value, fact.get("unit")))


def unit(fact: Mapping[str, Any]) -> str:
    """Return what follows a fact's number, with the blank that the reader puts before it; '' without a unit.

    >>> unit({"unit": "days"})
    ' days'
    """
    said = fact.get("unit") or ""
    if said == "%" and language.spoken() == "zh":
        return "%"
    key = f"unit: {said}"  # a word that stands in a column's head may be another after a number
    told = translated(key)
    return f" {translated(said) if told == key else told}" if said else ""


def interval(fact: Mapping[str, Any]) -> str:
    """Return '[25, 29]', or '' for a fact without an interval.

    >>> interval({"value": 1.0, "low": 0.9, "high": 1.25})
    '[0.90, 1.25]'
    """
    return f"[{', '.join(ends(fact))}]" if ends(fact) else ""


def span(fact: Mapping[str, Any]) -> str:
    """Return '25 to 29' as the reader writes it, or '' for a fact without an interval.

    >>> span({"value": 27, "low": 25, "high": 29})
    '25 to 29'
    """
    found = ends(fact)
    return tell("{low} to {high}", low=found[0], high=found[1]) if found else ""


def ends(fact: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return both ends of a fact's interval as people write them, or None for a fact without one."""
    if fact.get("low") is None:
        return None
    both = fact["low"], fact["high"]
    found = [_decimals(end, fact.get("unit")) for end in both if not float(end).is_integer()] or [0]
    low, high = (_digits(end, min(found)) for end in both)
    if low == high:  # what is coarse enough for one end hides that they differ
        low, high = (_digits(end, max(found)) for end in both)
    return low, high


def fill(text: str, values: Mapping[str, Any], *, escape: Callable[[str], str]) -> str:
    """Return the text with `{name:spec}` replaced as str.format does, each value escaped after formatting.

    Negative numbers have a true minus, as on the rest of the page.

    Raises
    ------
    SettingError
        A name without a value, or a format that the value does not take.
    """
    try:
        return language.fill(text, values, escape=lambda value: escape(MINUS.sub("−", value)))
    except (KeyError, IndexError) as missing:
        raise SettingError(
            tell("The sentence {text!r} asks for {missing}, which was not given.", text=text, missing=missing)
        ) from None
    except (TypeError, ValueError) as bad:
        raise SettingError(
            tell("The sentence {text!r} cannot be filled: {bad}.", text=text, bad=bad)
        ) from None


def escaped(value: object) -> str:
    """Return the value on one line, in a form that Markdown, HTML and MathJax read as plain text.

    >>> escaped("<b>|")
    '&#60;b&#62;&#124;'
    """
    line = " ".join(str(value).split())
    entities = MARKUP.sub(lambda mark: f"&#{ord(mark[0])};", line)
    # MathJax looks for pairs of dollar signs in the finished page; alone in an element one opens nothing.
    return entities.replace("&#36;", "<span>&#36;</span>")


def _digits(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}".replace("-", "−")


def _decimals(value: float, unit: str | None) -> int:
    """Three figures; whole numbers and hundreds stay whole, one decimal or figure is enough for per cent."""
    if float(value).is_integer() or abs(value) >= 100:
        return 0
    figures, most = (1, 6) if unit == "%" and abs(value) < 0.1 else (3, 1 if unit == "%" else 6)
    return int(np.clip(figures - 1 - np.floor(np.log10(abs(value))), 0, most))
