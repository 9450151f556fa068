"""What a campaign did: the customers who were sent something against those who were left alone.

    list with arms + orders → `responses` → what each arm did → difference with its 95 % interval → `findings`

Everything counts by assignment, never by who opened or redeemed: those would have bought more anyway. One
measure decides, the gross profit per assigned customer; all others explain it.
"""

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from clv import arms
from clv.measuring import cuped, means, pooling, rates
from clv.measuring.means import Difference
from clv.offering.baskets import Floats
from clv.responses import Responses

BUYERS, PROFIT = "buyers", "profit"
MEASURES = {BUYERS: "bought", "orders": "orders", "spend": "spend", PROFIT: "profit"}
_ALONE, _POOLED = ["difference", "low", "high"], ["pooled", "pooled_low", "pooled_high"]
BEFORE = ("total_spend", "orders_before", "days_since_last", "T")
_Z = float(norm.ppf(0.975))


def effects(found: Responses, *, rng: np.random.Generator) -> pd.DataFrame:
    """Return what the campaign changed, per assigned customer.

    Parameters
    ----------
    rng
        Redraws customers where a tail asks for it.

    Returns
    -------
    Index measure: buyers (share), orders, spend and profit (money). send, control (means); difference, low,
    high (95 %), method (Newcombe, Welch, bootstrap; 'none' where nothing can be said); adjusted,
    adjusted_low, adjusted_high (after CUPED with what was known before: the same interval, narrower by the
    root of what is left of the variance), removed (part of the variance that CUPED took off).
    """
    rows = {}
    for measure, column in MEASURES.items():
        send, control = found.arms(column)
        one = _rates(send, control) if measure == BUYERS else _means(found, column, rng=rng)
        row = {"send": send.mean(), "control": control.mean(), "difference": one.value}
        row |= {"low": one.low, "high": one.high, "method": one.method}
        rows[measure] = row | _adjusted(found, column, one)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("measure")


def _rates(send: Floats, control: Floats) -> Difference:
    low, high = rates.newcombe(send.sum(), len(send), control.sum(), len(control))
    return Difference(float(send.mean() - control.mean()), float(low), float(high), "Newcombe")


def _means(
    found: Responses, column: str, *, rng: np.random.Generator, which: NDArray[np.bool_] | None = None
) -> Difference:
    """Return the difference of the means of a column, of all customers or some of them.

    What customers of both arms have in common is, of profit, the margin before the offer and the contact.
    What contacts cost is known, not drawn by lot, so it is taken off afterwards: else an interval would be
    sure of itself where nobody bought.
    """
    people = found.customers if which is None else found.customers[which]
    sent = (people["arm"] == arms.SEND).to_numpy()
    values = people[column].to_numpy(dtype=float)
    if column != MEASURES[PROFIT]:
        return means.difference(values[sent], values[~sent], rng=rng)
    contact, gross = (people[name].to_numpy(dtype=float) for name in ("contact", "gross"))
    earned = values + contact
    common = np.concatenate([gross[sent], gross[~sent]])
    one = means.difference(earned[sent], earned[~sent], rng=rng, common=common)
    cost = float(contact[sent].mean() - contact[~sent].mean())
    return Difference(one.value - cost, one.low - cost, one.high - cost, one.method)


def _adjusted(found: Responses, column: str, one: Difference) -> dict[str, float]:
    known = found.customers[list(BEFORE)]
    x = known.fillna(known.median()).fillna(0.0).to_numpy(dtype=float)
    y, removed = cuped.adjusted(found.customers[column].to_numpy(dtype=float), x, sent=found.sent)
    value, left = float(y[found.sent].mean() - y[~found.sent].mean()), np.sqrt(1 - removed)
    low, high = value - left * (one.value - one.low), value + left * (one.high - one.value)
    return {"adjusted": value, "adjusted_low": low, "adjusted_high": high, "removed": removed}


def balance(found: Responses) -> pd.DataFrame:
    """Return how far the arms differed before anything was sent; see `arms.balance`.

    Returns
    -------
    Index column; send, control, difference (standard deviations), expected (within which chance alone
    keeps it, 19 times in 20). Customers who were not known then are left out.
    """
    known = found.customers.dropna(subset=list(BEFORE))
    table = arms.balance(known["arm"], customers=known, columns=BEFORE)
    sizes = known["arm"].value_counts().reindex([arms.SEND, arms.CONTROL], fill_value=0)
    return table.assign(expected=_Z * np.sqrt((1 / sizes.clip(lower=1)).sum()))


def buyers_since(found: Responses) -> pd.DataFrame:
    """Return the share of customers who had bought by each day since the sending, in both arms.

    Returns
    -------
    Index day (0: the day of sending); send, send_low, send_high, control, control_low, control_high (95 %,
    Wilson, each day for itself).
    """
    first = found.answers.groupby("customer_id")["day"].min()
    arm = found.customers["arm"].reindex(first.index)
    table = {}
    for name in (arms.SEND, arms.CONTROL):
        per_day = first[arm == name].value_counts().reindex(range(found.days), fill_value=0)
        hits, n = per_day.cumsum().to_numpy(), int((found.customers["arm"] == name).sum())
        low, high = rates.wilson(hits, n)
        table |= {name: hits / n, f"{name}_low": low, f"{name}_high": high}
    return pd.DataFrame(table, index=pd.RangeIndex(found.days, name="day"))


def over_days(found: Responses, *, stretches: int = 6) -> pd.DataFrame:
    """Return the effect on buyers in stretches of the window, to see whether it is only news.

    Returns
    -------
    first_day, last_day (0: the day of sending); difference, low, high: of the shares who bought within the
    stretch (95 %, Newcombe).
    """
    edges = np.unique(np.linspace(0, found.days, stretches + 1).round().astype(int))
    rows = []
    for first, end in pairwise(edges):
        send, control = _within(found, first, end)
        one = _rates(send, control)
        ends = {"difference": one.value, "low": one.low, "high": one.high}
        rows.append({"first_day": int(first), "last_day": int(end) - 1, **ends})
    return pd.DataFrame(rows)


def fading(found: Responses, *, rng: np.random.Generator) -> Difference:
    """Return the effect on buyers in the second half of the window less that in the first, per customer.

    Both halves have the same number of days; of an odd number the one in the middle is passed over. Below 0
    the effect fades; missing ends where nothing can be said.
    """
    half = found.days // 2
    early, late = _within(found, 0, half), _within(found, found.days - half, found.days)
    send, control = (after - before for before, after in zip(early, late, strict=True))
    return means.difference(send, control, rng=rng)


def _within(found: Responses, first: int, end: int) -> tuple[Floats, Floats]:
    """Return who bought from the day `first` to before the day `end`, in both arms (0 or 1)."""
    rows = found.answers["day"].between(first, end - 1)
    hit = found.customers.index.isin(found.answers.loc[rows, "customer_id"]).astype(float)
    return hit[found.sent], hit[~found.sent]


def by_segment(
    found: Responses, effects: pd.DataFrame, *, measure: str = BUYERS, rng: np.random.Generator
) -> tuple[pd.DataFrame, float]:
    """Return the effect in each segment, alone and pulled towards the others; and whether they differ.

    Parameters
    ----------
    effects
        As `effects` gives them, for the row of all customers.
    measure
        A key of MEASURES.

    Returns
    -------
    Index segment ('unknown' where the list names none), largest first, and 'all' last. customers; difference,
    low, high (each alone, 95 %; missing with fewer than two customers in an arm); pooled, pooled_low,
    pooled_high (see `measuring.pooling`; for 'all' the overall difference). And the p-value of the hypothesis
    that segments do not differ (nan with fewer than two).
    """
    names = found.customers["segment"].fillna("unknown").astype(str)
    rows = {
        name: _one(found, (names == name).to_numpy(), measure, rng) for name in names.value_counts().index
    }
    table = pd.DataFrame.from_dict(rows, orient="index").assign(**dict.fromkeys(_POOLED, np.nan))
    differ = float("nan")
    if (np.isfinite(table["error"]) & (table["error"] > 0)).any():
        pooled = pooling.pool(table["difference"].to_numpy(), table["error"].to_numpy())
        table[_POOLED] = np.column_stack([pooled.mean, pooled.low, pooled.high])
        differ = pooled.differ
    whole = effects.loc[measure, _ALONE].tolist()
    table.loc["all", ["customers", *_ALONE, *_POOLED]] = [len(names), *whole, *whole]
    table = table[["customers", *_ALONE, *_POOLED]].astype(float).astype({"customers": "int64"})
    return table.rename_axis("segment"), differ


def _one(
    found: Responses, which: NDArray[np.bool_], measure: str, rng: np.random.Generator
) -> dict[str, float]:
    """Return one segment's own effect, with a standard error that is sane for few buyers too."""
    values = found.customers[MEASURES[measure]].to_numpy(dtype=float)
    send, control = values[which & found.sent], values[which & ~found.sent]
    sizes = {"customers": int(which.sum())}
    if min(len(send), len(control)) < 2:
        return sizes | dict.fromkeys(("difference", "low", "high", "error"), np.nan)
    if measure == BUYERS:
        one = _rates(send, control)
        # from both arms together and one buyer and one other more: an error of each arm's own buyers would be
        # least where chance left the control group without any, and such segments would count most
        share = (send.sum() + control.sum() + 1) / (len(send) + len(control) + 2)
        error = float(np.sqrt(share * (1 - share) * (1 / len(send) + 1 / len(control))))
    else:
        one = _means(found, MEASURES[measure], rng=rng, which=which)
        error = (one.high - one.low) / (2 * _Z)
    return sizes | {"difference": one.value, "low": one.low, "high": one.high, "error": error}
