"""Cells of an export → tidy text and money. Each function takes and returns a whole column.

Distinct texts are worked on once: an export repeats itself, so this is what makes half a million rows cheap.
"""

import re
import unicodedata
from collections.abc import Callable

import numpy as np
import pandas as pd

# unseen, and copied along; not \u202e, which lets a person read 00.21 as 12.00
_DIRECTIONS = "\u200e\u200f\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069"
_BLANKS = " \t\r\n\u00a0\u3000\ufeff\u200b" + _DIRECTIONS
_MISSING = ["", "null", "none", "nan", "n/a", "#n/a", "-", "--", "—", "——"]
MOST_MONEY = 1e12
_CURRENCIES = {"￥": "CNY", "¥": "CNY", "元": "CNY", "RMB": "CNY", "£": "GBP", "€": "EUR"}
_CURRENCIES |= {"$": "USD", "US$": "USD", "HK$": "HKD", "NT$": "TWD"}
_SYMBOL = r"(￥|¥|元|RMB|[A-Z]{3}(?=\s*-?[\d.])|(?<=\d)\s*[A-Z]{3}$|[A-Z]{0,2}\$|£|€)"
_SIGN = r"[A-Z]{0,2}\$|¥|£|€|元|[A-Z]{3}"
_BEFORE, _AFTER = rf"^([+-]?)\s*(\(?)(?:{_SIGN})\s*", rf"\s*(?:{_SIGN})(\)?)$"
_GROUPED = r"[+-]?\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+)(?:\.\d+)?"
_WIDE = {at: at - 0xFEE0 for at in range(0xFF01, 0xFF5F)} | {0xFFE5: "¥", 0xFFE1: "£"}
_WIDE |= dict.fromkeys((0x3000, 0xA0, 0x2009, 0x202F), " ")  # the last two stand between thousands


def each_once(text: pd.Series, work: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Apply `work` to the distinct values of a column and spread the answers over its rows."""
    codes, distinct = pd.factorize(text, use_na_sentinel=True)
    done = work(pd.Series(distinct, dtype="str"))
    return done.reindex(codes).set_axis(text.index).rename(text.name)


def header(name: object) -> str:
    """Return a column name without blanks, byte-order mark, `="…"` and full-width forms."""
    plain = unicodedata.normalize("NFKC", "" if name is None or name != name else str(name))
    return plain.strip(_BLANKS).removeprefix("=").strip('"').lstrip("'").strip(_BLANKS)


def tidy(text: pd.Series) -> pd.Series:
    """Return text without tabs, `="…"` and leading apostrophes; what stands for nothing is missing."""

    def work(distinct: pd.Series) -> pd.Series:
        bare = distinct.str.strip(_BLANKS).str.replace(r'^="(.*)"$', r"\1", regex=True)
        bare = bare.str.lstrip("'").str.strip(_BLANKS)
        return bare.mask(bare.str.lower().isin(_MISSING))

    return each_once(text, work)


def says(text: pd.Series, words: tuple[str, ...]) -> pd.Series:
    """Return where the whole cell is one of the words; case apart; `*` stands for anything."""
    if not words or text.isna().all():
        return pd.Series(index=text.index, data=np.False_)
    pattern = "|".join(re.escape(word.casefold()).replace(r"\*", ".*") for word in words)
    said = each_once(text, lambda distinct: distinct.str.casefold().str.fullmatch(pattern))
    return said.eq(other=True)


def narrow(text: pd.Series) -> pd.Series:
    """Return text with full-width forms, and the digits of any script, as ASCII has them."""
    wide = ~text.str.isascii().eq(other=True) & text.notna()
    if not wide.any():
        return text
    return text.mask(wide, text[wide].map(_narrow).astype("str").reindex(text.index))


def _narrow(cell: str) -> str:
    plain = cell.translate(_WIDE)
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in plain)


def money(text: pd.Series) -> pd.Series:
    """Return a column of money as floats; missing where the cell is missing or cannot be read.

    ￥, 元, $, £, €, currency codes, blanks and well-placed thousands commas are taken off; (12.00) is -12.
    A trillion and more is not believed.
    """

    def work(distinct: pd.Series) -> pd.Series:
        whole = ~distinct.str.contains(r"\s").eq(other=True)  # to pandas +6E, a blank and 6 are six million
        number = pd.to_numeric(distinct.where(whole), errors="coerce")
        odd = number.isna() & distinct.notna()
        if odd.any():
            number = number.where(~odd, _odd_money(distinct[odd]).reindex(number.index))
        return believed(number.astype(float))

    return each_once(text, work)


def believed(money: pd.Series) -> pd.Series:
    """Return money without what no row can be worth: an id, or more than a float holds to the cent."""
    return money.where(money.abs() < MOST_MONEY)


def _odd_money(text: pd.Series) -> pd.Series:
    """Read money with its currency, brackets or groups of thousands; two numbers in a cell are none."""
    bare = narrow(text).str.replace(_BEFORE, r"\1\2", regex=True).str.replace(_AFTER, r"\1", regex=True)
    bare = bare.str.replace(r"(?s)^\((.*)\)$", r"-\1", regex=True).str.replace(
        r"^([+-])\s+", r"\1", regex=True
    )
    grouped = bare.str.fullmatch(_GROUPED)
    bare = bare.mask(grouped, bare.str.replace(r"[, ]", "", regex=True))
    return pd.to_numeric(bare.mask(bare.str.contains(r"\s")), errors="coerce")


def currencies(text: pd.Series) -> pd.Series:
    """Return the currency that each cell of a money column names by symbol or code; missing where none."""

    def work(distinct: pd.Series) -> pd.Series:
        found = distinct.str.extract(_SYMBOL, expand=False).str.strip()
        return found.map(lambda sign: _CURRENCIES.get(sign, sign), na_action="ignore").astype("str")

    return each_once(text, work)
