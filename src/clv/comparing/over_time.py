"""What changed from one quarter to another, and which of it is noise.

A quarter is set against the one before it, and, because of the season, against the same one a year before.
The customers of two quarters are taken for different ones; where many are the same, the interval is wider
than it need be. Over all changes Benjamini & Hochberg (1995, JRSS B 57:289) keep the part of false ones at
one in ten.
"""

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, norm

from clv.comparing.differences import FALSE, difference
from clv.comparing.estimates import LEVEL, quantile
from clv.comparing.measures import MEASURES
from clv.comparing.tabled import LATEST

BEFORE, YEAR_BEFORE = "quarter before", "year before"
_BACK = {BEFORE: 1, YEAR_BEFORE: 4}
CHANGES = [
    *("shop", "fact", "against", "quarter_before", "quarter", "before", "now"),
    *("difference", "low", "high", "beyond_noise"),
]


def changes(table: pd.DataFrame) -> pd.DataFrame:
    """Return how each shop's last whole quarter stands against earlier ones.

    Parameters
    ----------
    table
        As `tabled.facts` makes it. Of each fact the last whole quarter counts in which it is known; a second
        order needs its time. What is about all customers so far is left out: it moves as a shop grows older.

    Returns
    -------
    One row per shop, comparison and fact: shop, fact; against (BEFORE, YEAR_BEFORE); quarter_before, quarter;
    before, now; difference, low, high (90 %; in points for what lies between 0 and 1, else as a part of what
    it was); beyond_noise.
    """
    whole = table[(table["window"] != LATEST) & table["whole"] & table["scaled"].notna()]
    whole = whole[~whole["fact"].isin([key for key, one in MEASURES.items() if one.so_far])]
    rows, p_values = [], []
    for (shop, fact), quarters in whole.groupby(["shop", "fact"], sort=False):
        by_quarter = {row.window: row for row in quarters.itertuples()}
        now = by_quarter[list(by_quarter)[-1]]
        for against, back in _BACK.items():
            before = by_quarter.get(str(pd.Period(now.window, "Q") - back))
            if before is not None:
                ends = difference(fact, now, before, reach=quantile(LEVEL))
                about = (shop, fact, against, before.window, now.window)
                rows.append((*about, before.value, now.value, *ends))
                p_values.append(_p_value(now, before))
    beyond = false_discovery_control(p_values) <= FALSE if rows else []
    found = pd.DataFrame(rows, columns=CHANGES[:-1]).assign(beyond_noise=beyond)
    found = found.astype({"beyond_noise": bool})
    order = [*dict.fromkeys(table["shop"]), BEFORE, YEAR_BEFORE, *MEASURES]
    place = {name: at for at, name in enumerate(order)}
    return found.sort_values(
        ["shop", "against", "fact"], key=lambda column: column.map(place), ignore_index=True
    )


def _p_value(now: object, before: object) -> float:
    return float(2 * norm.sf(abs(now.scaled - before.scaled) / np.hypot(now.error, before.error)))
