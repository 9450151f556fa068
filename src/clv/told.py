"""Phrases of several parts in the reader's language: lists, ranges, money, a phrase for each row."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from clv.language import label, tell, translated


def listed(parts: Iterable[str]) -> str:
    """Return words of ours, or names, one after the other: 'a, b, c'."""
    return tell(", ").join(map(_word, parts))


def together(parts: Iterable[str]) -> str:
    """Return words of ours, or names, as one phrase: 'a', 'a and b', 'a, b and c'."""
    *most, last = map(_word, parts)
    return tell("{most} and {last}", most=tell(", ").join(most), last=last) if most else last


def each(template: str, rows: pd.DataFrame | Iterable[Mapping[str, Any]]) -> str:
    """Return the template told of each row, one after the other: 'a 27 %; b 31 %'.

    Parameters
    ----------
    rows
        A table, whose columns and named index levels fill the placeholders, or such rows.
    """
    if isinstance(rows, pd.DataFrame):
        rows = rows.reset_index().to_dict("records")
    return tell("; ").join(
        tell(template, **{str(key): _value(one) for key, one in row.items()}) for row in rows
    )


def ranges(low: pd.Series, high: pd.Series, form: str) -> pd.Series:
    """Return intervals as text, '25% to 29%', in this format; nothing where there is none."""
    told = [
        tell("{low} to {high}", low=format(a, form), high=format(b, form))
        for a, b in zip(low, high, strict=True)
    ]
    return pd.Series(told, index=low.index, dtype=object).where(low.notna())


def money(value: float, currency: str = "") -> str:
    """Return an amount with its currency, if that is known: '1,235 CNY'.

    >>> money(1234.6, "CNY"), money(-3.14159)
    ('1,235 CNY', '−3.14')
    """
    digits = 0 if abs(value) >= 100 or not round(value, 2) else 2
    return f"{value:,.{digits}f} {label(currency)}".strip().replace("-", "−")


def percent(share: float, digits: int = 0) -> str:
    """Return a share in per cent, as people write it: '27 %'."""
    return tell("{number} %", number=f"{100 * share:.{digits}f}".replace("-", "−"))


def in_currency(words: str, currency: str = "") -> str:
    """Return words, already told, with the currency that their numbers are in, if it is known.

    >>> in_currency("Cost of a year", "CNY"), in_currency("Cost of a year")
    ('Cost of a year (CNY)', 'Cost of a year')
    """
    return tell("{words} ({currency})", words=words, currency=label(currency)) if currency else words


def _value(value: Any) -> Any:
    return _word(value) if isinstance(value, str) else value


def _word(word: str) -> str:
    """Return a word of our tables, or a text of ours, in the language spoken now; any other as it is."""
    found = label(word)
    return found if found != word else translated(word)
