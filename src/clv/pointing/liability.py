"""What the points that customers hold may cost: by the month in which they expire, and in all.

    liability = points × value of a point × (1 - part that expires unused)

Points without a last day count in full: nothing says that they will not be used.
"""

import numpy as np
import pandas as pd

from clv.errors import NoAnswerError
from clv.language import tell
from clv.pointing import breakage
from clv.pointing.lots import Account
from clv.pointing.rates import Rates

NEVER, LATER = "never", "later"
_LAST = {LATER: 1, NEVER: 2}  # after all months
_MONTHS = 24  # that are named


def expiry_curve(account: Account, rates: Rates, *, value: float, rng: np.random.Generator) -> pd.DataFrame:
    """Return the points that are there by the month in which they expire.

    Parameters
    ----------
    value
        Money that a point is worth when it is used.

    Returns
    -------
    Index month ('2026-07'; 'later' beyond two years; 'never'): customers (who hold such points), points,
    money (if all were used), expired (points that will be unused), low, high (90 %), money_lost (what these
    are worth to the customers).

    Raises
    ------
    NoAnswerError
        Nobody holds points.
    """
    out = _held(account)
    month = out["expires_on"].dt.to_period("M")
    far = month > account.until.to_period("M") + _MONTHS
    name = month.astype("str").mask(far, LATER).mask(out["expires_on"].isna(), NEVER)
    table = breakage.expiring(rates, out, day=account.until, rng=rng, by=name.rename("month"))
    table = table.loc[sorted(table.index, key=lambda word: (_LAST.get(word, 0), word))]
    table = table.assign(money=table["points"] * value, money_lost=table["expired"] * value)
    return table[["customers", "points", "money", "expired", "low", "high", "money_lost"]]


def of(account: Account, rates: Rates, *, value: float, rng: np.random.Generator) -> pd.DataFrame:
    """Return what the points that are there may cost.

    Returns
    -------
    Index what: 'with a last day', 'without' (where there are both), 'all'; customers, points, money (if all
    were used), breakage (part that will expire unused), breakage_low, breakage_high, liability (money to be
    expected), low, high (90 %), unseen (part of the days ahead at ages at which too few points were seen).

    Raises
    ------
    NoAnswerError
        Nobody holds points.
    """
    out = _held(account)
    kind = out["expires_on"].isna().map({True: "without", False: "with a last day"}).rename("what")
    both = breakage.expiring(rates, out, day=account.until, rng=rng)
    if kind.nunique() == 1:
        return _priced(both, value)
    parts = breakage.expiring(rates, out, day=account.until, rng=rng, by=kind)
    return _priced(pd.concat([parts, both]), value)


def _held(account: Account) -> pd.DataFrame:
    out = account.outstanding()
    if out.empty:
        raise NoAnswerError(tell("nobody holds points at the end of {until:%Y-%m-%d}.", until=account.until))
    return out


def _priced(table: pd.DataFrame, value: float) -> pd.DataFrame:
    points = table["points"]
    priced = table[["customers", "points"]].assign(money=points * value)
    for name, end in (("breakage", "expired"), ("breakage_low", "low"), ("breakage_high", "high")):
        priced[name] = table[end] / points
    priced["liability"] = (points - table["expired"]) * value
    priced["low"], priced["high"] = (points - table["high"]) * value, (points - table["low"]) * value
    return priced.assign(unseen=table["unseen"])
