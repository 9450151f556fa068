"""How numbers and foreign text are put into words: the same in a notebook, a report and the overview."""

import re
from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any

import numpy as np

from clv.errors import SettingError

Value = float | int | str | bool
# All ASCII marks but "," and "%", and dots inside numbers, which keep the notebook's source readable.
MARKUP = re.compile(r"[!-$&-+\-/:-@\[-`{-~]|\.(?!\d)")


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
    """Return a fact's value with its unit, as people write it: '27 %', '1,234,000 CNY', 'yes'.

    >>> amount({"value": 1234.56, "unit": "CNY"})
    '1,235 CNY'
    """
    return f"{number(fact)} {fact.get('unit') or ''}".strip()


def number(fact: Mapping[str, Any]) -> str:
    """Return a fact's value without its unit: about three figures, thousands separators; yes, no; text."""
    value = fact["value"]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:,.{_decimals(value, fact.get('unit'))}f}"


def interval(fact: Mapping[str, Any]) -> str:
    """Return '[25, 29]', or '' for a fact without an interval.

    >>> interval({"value": 1.0, "low": 0.9, "high": 1.25})
    '[0.900, 1.250]'
    """
    return f"[{', '.join(ends(fact))}]" if ends(fact) else ""


def ends(fact: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return both ends of a fact's interval as people write them, or None for a fact without one."""
    if fact.get("low") is None:
        return None
    decimals = max(_decimals(end, fact.get("unit")) for end in (fact["low"], fact["high"]))
    return f"{fact['low']:,.{decimals}f}", f"{fact['high']:,.{decimals}f}"


def fill(text: str, values: Mapping[str, Any], *, escape: Callable[[str], str]) -> str:
    """Return the text with `{name:spec}` replaced as str.format does, each value escaped after formatting.

    Raises
    ------
    SettingError
        A name without a value, or a format that the value does not take.
    """

    class Filled(Formatter):
        def format_field(self, value: Any, format_spec: str) -> str:
            return escape(format(value, format_spec))

    try:
        return Filled().vformat(text, (), values)
    except (KeyError, IndexError) as missing:
        raise SettingError(f"The sentence {text!r} asks for {missing}, which was not given.") from None
    except (TypeError, ValueError) as bad:
        raise SettingError(f"The sentence {text!r} cannot be filled: {bad}.") from None


def escaped(value: object) -> str:
    """Return the value on one line, in a form that Markdown, HTML and MathJax read as plain text.

    >>> escaped("<b>|")
    '&#60;b&#62;&#124;'
    """
    line = " ".join(str(value).split())
    entities = MARKUP.sub(lambda mark: f"&#{ord(mark[0])};", line)
    # MathJax looks for pairs of dollar signs in the finished page; alone in an element one opens nothing.
    return entities.replace("&#36;", "<span>&#36;</span>")


def _decimals(value: float, unit: str | None) -> int:
    """Three figures; whole numbers and hundreds stay whole, one decimal is enough for per cent."""
    if float(value).is_integer() or abs(value) >= 100:
        return 0
    most = 1 if unit == "%" and abs(value) >= 0.1 else 6
    return int(np.clip(2 - np.floor(np.log10(abs(value))), 0, most))
