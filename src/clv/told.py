"""Phrases of several parts in the reader's language: lists, ranges, money, a phrase for each row."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from clv.language import label, tell


def listed(parts: Iterable[str]) -> str:
    """Return words of ours, or names, one after the other: 'a, b, c'."""
    return tell(", ").join(map(label, parts))


def together(parts: Iterable[str]) -> str:
    """Return words of ours, or names, as one phrase: 'a', 'a and b', 'a, b and c'."""
    *most, last = map(label, parts)
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
        tell("{low} to {high}", low=_minus(format(a, form)), high=_minus(format(b, form)))
        for a, b in zip(low, high, strict=True)
    ]
    return pd.Series(told, index=low.index, dtype=object).where(low.notna())


def money(value: float, currency: str = "", *, digits: int | None = None) -> str:
    """Return an amount with its currency, if that is known: '1,235 CNY'.

    >>> money(1234.6, "CNY"), money(-3.14159)
    ('1,235 CNY', '−3.14')
    """
    if digits is None:
        digits = 0 if abs(value) >= 100 or not round(value, 2) else 2
    number = f"{round(value, digits) or 0.0:,.{digits}f}"  # no minus before a zero
    return f"{_minus(number)} {label(currency)}".strip()


def percent(share: float, digits: int = 0) -> str:
    """Return a share in per cent, as people write it: '27 %'."""
    return tell("{number} %", number=_minus(f"{round(100 * share, digits) or 0.0:.{digits}f}"))


def in_currency(words: str, currency: str = "") -> str:
    """Return words, already told, with the currency that their numbers are in, if it is known.

    >>> in_currency("Cost of a year", "CNY"), in_currency("Cost of a year")
    ('Cost of a year (CNY)', 'Cost of a year')
    """
    return tell("{words} ({currency})", words=words, currency=label(currency)) if currency else words


def _value(value: Any) -> Any:
    return label(value) if isinstance(value, str) else value


def _minus(number: str) -> str:
    return number.replace("-", "−")
