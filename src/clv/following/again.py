"""Who bought at a festival again: those of the window before, beside those who bought in the days around it.

Keen and recent customers buy at any time, so the ones of a festival's last window are held against customers
who bought about when they did, but not in the window.
"""

import numpy as np
import pandas as pd
from scipy.stats import binom, false_discovery_control, hypergeom

from clv.following import festival_chance, windows
from clv.following.windows import Seen
from clv.measuring import rates

FALSE = 0.10  # part of the festivals found that may be chance
SURE = 0.9  # chance of keeping a festival, from which a customer is said to
_LEVEL = 0.90
_COLUMNS = [
    *("windows", "factor", "then", "again", "low", "high"),
    *("others", "others_again", "difference", "difference_low", "difference_high"),
]


def customers(days: pd.DataFrame, known: pd.DataFrame, *, last: pd.Timestamp) -> pd.DataFrame:
    """Return one row per festival and customer who bought at it; see `clv.gift_buyers.festival_buyers`."""
    seen = windows.seen(known, first=days["day"].min(), last=last)
    columns = ["festival", "customer_id", "purchases", "years", "windows", "expected", "factor", "keeps"]
    told = {one.name: festival_chance.own(one, days) for one in seen}
    parts = [own[own["years"] > 0].assign(festival=name).reset_index() for name, own in told.items()]
    found = pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
    n, expected = found["windows"].to_numpy(float), found["expected"].to_numpy(float)
    # of unequal windows the binomial of their mean makes many years no less likely (Hoeffding 1956)
    chance = np.minimum(expected / np.maximum(n, 1), 1.0)
    found = found.assign(by_chance=binom.sf(found["years"].to_numpy(float) - 1, n, chance))
    found = found.assign(found=found["keeps"] >= SURE)
    return found.sort_values(
        ["keeps", "by_chance", "festival", "customer_id"],
        ascending=[False, True, True, True],
        ignore_index=True,
    )


def table(days: pd.DataFrame, known: pd.DataFrame, *, last: pd.Timestamp) -> pd.DataFrame:
    """Return one row per festival with two windows or more; see `clv.gift_buyers.festivals`."""
    found = windows.seen(known, first=days["day"].min(), last=last) if len(days) else []
    rows = {one.name: _row(one, days) for one in found if len(one.table) > 1}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=[*_COLUMNS, "p"]).rename_axis("festival")
    asked = frame["p"].notna()
    q = pd.Series(np.nan, index=frame.index)
    if asked.any():
        q[asked] = false_discovery_control(frame.loc[asked, "p"])
    frame = frame.drop(columns="p").assign(q=q, found=q <= FALSE)
    return frame.astype({"windows": int, "then": int, "others": int})


def _row(one: Seen, days: pd.DataFrame) -> dict[str, float]:
    before, now = (Seen(one.name, one.table.iloc[[at]]) for at in (-2, -1))
    bought = pd.Index(days.loc[now.holds(days["day"]), "customer_id"].unique())
    then = pd.Index(days.loc[before.holds(days["day"]), "customer_id"].unique())
    others = pd.Index(days.loc[before.around(days["day"]), "customer_id"].unique()).difference(then)
    hits, hits_else = then.isin(bought).sum(), others.isin(bought).sum()
    low, high = rates.wilson(hits, len(then), level=_LEVEL)
    d_low, d_high = rates.newcombe(hits, len(then), hits_else, len(others), level=_LEVEL)
    share, other = (k / n if n else np.nan for k, n in ((hits, len(then)), (hits_else, len(others))))
    everybody = len(then) + len(others)
    p = (
        hypergeom.sf(hits - 1, everybody, hits + hits_else, len(then))
        if len(then) and len(others)
        else np.nan
    )
    row = (len(one.table), windows.factor(one, days["day"]), len(then), share, low, high)
    return dict(
        zip([*_COLUMNS, "p"], (*row, len(others), other, share - other, d_low, d_high, p), strict=True)
    )
