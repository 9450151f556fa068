"""Ids that Excel has rounded: it keeps 15 digits and writes zeros behind, or writes 2.14E+16.

A rounded id still names its order as long as no two orders share it; where they could, reading stops.
"""

import pandas as pd
from scipy.special import bdtrc

from clv.reading.cells import each_once

_DIGITS_KEPT = 15
_CHANCE = 1e-3
_POWER = r"[+-]?\d(\.\d+)?[eE]\+?\d{2}"


def rounded(ids: pd.Series) -> pd.Series:
    """Return which ids of ONE file look rounded, as a boolean column.

    Text in powers of ten always is. Digits behind the fifteenth that are all zero count only when ids of that
    length have such tails more often than chance allows (binomial, 1 in 1,000).
    """
    return each_once(ids, _rounded_of_distinct).eq(other=True)


def _rounded_of_distinct(ids: pd.Series) -> pd.Series:
    found = ids.str.fullmatch(_POWER)
    number = ids.where(ids.str.fullmatch(r"\d{16,24}"))
    zeros = number.str.slice(_DIGITS_KEPT).str.fullmatch("0+").eq(other=True)
    for digits, members in number.dropna().groupby(number.str.len()).groups.items():
        hits, tail = int(zeros.loc[members].sum()), int(digits) - _DIGITS_KEPT
        if hits and bdtrc(hits - 1, len(members), 10.0**-tail) < _CHANCE:
            found = found | (zeros & zeros.index.isin(members))
    return found
