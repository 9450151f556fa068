"""Numbers and dates as the reader writes them: ¥1.2M, 27 %, Jul 2026; ¥123万, 27%, 2026年7月."""

from datetime import date

import pandas as pd

from clv.language import spoken

_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP¥", "TWD": "NT$"}
_STEPS = {
    "en": ((1e9, "bn"), (1e6, "M"), (1e3, "k")),
    "zh": ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")),
}


def money(value: float, *, currency: str | None = None) -> str:
    """Write money short: ¥1.2M, −$340, CHF 12k; in Chinese ¥123万; the bare number without a currency.

    >>> money(1234567, currency="CNY"), money(-340.4, currency="USD"), money(0.5)
    ('¥1.23M', '−$340', '0.5')
    """
    sign = "−" if value < 0 else ""
    return sign + _symbol(currency) + _short(abs(value))


def _short(size: float) -> str:
    """Return about three figures of a size, in the steps that the language counts by."""
    for unit, name in _STEPS[spoken()]:
        if size >= unit * 0.9995:
            return (f"{size / unit:.3g}" if size < 999.5 * unit else f"{size / unit:,.0f}") + name
    return f"{size:.3g}" if size < 999.5 else f"{size:,.0f}"


def _symbol(currency: str | None) -> str:
    return _SYMBOLS.get(currency, f"{currency} ") if currency else ""


def count(value: float) -> str:
    """Write a whole number of an axis: 120,000, in Chinese 12万."""
    if spoken() == "zh" and abs(value) >= 1e4:
        unit, name = next(step for step in _STEPS["zh"] if abs(value) >= step[0])
        return minus(f"{value / unit:,.6g}{name}")
    return minus(f"{value:,.0f}")


def percent(value: float, *, digits: int | None = None) -> str:
    """Write a share as per cent; one decimal below 10 % unless `digits` says otherwise.

    >>> [percent(share).replace("\u00a0", " ") for share in (0.1234, 0.0567, 1, 0, 0.0001)]
    ['12 %', '5.7 %', '100 %', '0 %', '<0.1 %']
    """
    if digits is None and 0 < abs(value) < 0.0005:
        return ("<" if value > 0 else "−<") + per_cent("0.1")
    if digits is None:
        digits = 0 if value == 0 or abs(value) >= 0.0995 else 1
    return minus(per_cent(f"{value * 100:.{digits}f}"))


def per_cent(number: str) -> str:
    """Return a number, already written, with its sign for per cent."""
    return number + ("%" if spoken() == "zh" else "\u00a0%")


def minus(text: str) -> str:
    """Return a written number with a true minus."""
    return text.replace("-", "−")


def month(day: date | pd.Period) -> str:
    """Write a month: Jul 2026, 2026年7月."""
    return f"{day.year}年{day.month}月" if spoken() == "zh" else f"{day:%b} {day.year}"


def day(moment: date) -> str:
    """Write a day: 1 Jul 2026, 2026年7月1日."""
    return f"{month(moment)}{moment.day}日" if spoken() == "zh" else f"{moment.day} {month(moment)}"


def month_name(day: date | pd.Period) -> str:
    """Write a month whose year is said elsewhere: Jul, 7月."""
    return f"{day.month}月" if spoken() == "zh" else f"{day:%b}"


def year(number: int) -> str:
    """Write a year: 2026, 2026年."""
    return f"{number}年" if spoken() == "zh" else str(number)


def period(when: pd.Period) -> str:
    r"""Write a month or a quarter in two short lines, its year below; a year in one: Jul\n2026, Q3\n2026."""
    first = {"M": f"{month_name(when)}\n", "Q": f"Q{when.quarter}\n"}.get(when.freqstr[0], "")
    return first + year(when.year)
