"""Cells that reports may show (goods, channels, tiers, reasons …) without what tells who somebody is.

Everything with a form of its own is taken out (`clv.veils`). Of the few words that a shop has for its
categories, channels or tiers, what a cell or two have behind one of them is taken off too: a name
stands there, which has no form.
"""

import re
from collections.abc import Collection

import pandas as pd

from clv.reading.cells import each_once
from clv.veils import veiled

_FEW, _MANY = 3, 20  # rows: fewer are somebody's, so many make a word of the shop's
_ENDS_A_WORD = re.compile(r"[\s()（）\[\]【】,，;；:：/|·—_-]")
_LONGEST = 200  # signs of a word that are looked at
_OF_A_SHOP = 0.5  # of the rows


def goods(text: pd.Series) -> pd.Series:
    """Return names of goods, of which there may be any number, with nothing of a form in them."""
    return each_once(text, lambda distinct: distinct.map(veiled, na_action="ignore").astype("str"))


def codes(text: pd.Series) -> pd.Series:
    """Return codes of goods as `goods` does; as they are where most look like phones: so the shop numbers."""
    shown = goods(text)
    told = text.notna()
    return text if text[told].ne(shown[told]).mean() > _OF_A_SHOP else shown


def words(text: pd.Series) -> pd.Series:
    """Return words of which a shop has few, such as its tiers, with nothing in them that one row has."""
    shown = goods(text)
    rows = shown.value_counts()
    known, rare = set(rows.index[rows >= _MANY]), rows.index[rows < _FEW]
    said = {word: head for word in rare if (head := _known_head(word, known))}
    return shown.mask(shown.isin(said), shown.map(said, na_action="ignore").astype("str"))


def _known_head(word: str, known: Collection[str]) -> str:
    """Return the longest known word that a word begins with and goes on behind; empty where there is none."""
    ends = [end.start() for end in _ENDS_A_WORD.finditer(word, 0, _LONGEST)]
    return next((word[:end] for end in reversed(ends) if word[:end] in known), "")


_OF_COLUMN = {"title": goods, "sku": codes, "campaign": goods} | dict.fromkeys(
    ("category", "channel", "tier", "reason", "segment", "offer", "consent_basis"), words
)


def columns(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows under our field names with the cells that reports may show as they may be shown."""
    told = {name: _OF_COLUMN[name](rows[name]) for name in rows if name in _OF_COLUMN}
    return rows.assign(**told)
