"""What came of new customers, by the thing that they bought first: second purchases, and later money."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv import survival
from clv.following import against_shop

CAP = 0.99  # of the later money of those who came back: one large order should crown nothing
Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Members = Sequence[Rows]


def of_new(days: pd.DataFrame, who: NDArray, *, within: int) -> pd.DataFrame:
    """Return the wait for a second purchase and the later money of new customers.

    Parameters
    ----------
    days
        What `purchase_days.from_orders` returns.
    who
        Customer ids.
    within
        Days after the first purchase in which money counts.

    Returns
    -------
    Index customer_id, as `who`: gap, returned, followed; later (money after the first purchase day; missing
    of those who were not seen for all these days).
    """
    first = days[days["step"] == 1].set_index("customer_id")
    after = days[days["step"] > 1]
    since = (after["day"] - after["customer_id"].map(first["day"])).dt.days
    money = after[since <= within].groupby("customer_id")["amount"].sum()
    people = first.loc[who, ["gap", "returned", "followed"]]
    spent = money.reindex(people.index).fillna(0.0)
    return people.assign(later=spent.where(people["followed"] >= within))


def returns(
    members: Members, people: pd.DataFrame, everybody: Rows, *, horizon: int
) -> tuple[pd.DataFrame, float]:
    """Return the share that bought again within the horizon, one row per group of customers, and the shop's.

    Parameters
    ----------
    members
        Rows of `people` in each group.
    everybody
        Rows of `people` that are the shop's; one row may stand there several times.

    Returns
    -------
    back, back_low, back_high (90 %), back_pooled, back_pooled_low, back_pooled_high, back_found; the shop's
    share, missing with fewer than ten customers who were seen for so long.
    """
    waits = people.reset_index(names="customer_id")
    gap = np.minimum(waits["gap"], horizon).to_numpy(np.int64)
    in_time = (waits["returned"] & (waits["gap"] <= horizon)).to_numpy(bool)
    plain, error = np.full((len(members), 3), np.nan), np.full(len(members), np.nan)
    for row, at in enumerate(members):
        plain[row] = _share(waits.iloc[at], horizon)
        error[row] = against_shop.error_of_returns(
            gap[at], all_gaps=gap[everybody], all_returned=in_time[everybody]
        )
    shop = _share(waits.iloc[everybody], horizon)[0]
    return _named("back", plain, against_shop.pulled(plain[:, 0], error, shop=shop)), shop


def _share(waits: pd.DataFrame, horizon: int) -> tuple[float, float, float]:
    one = survival.shares_within(waits, days=[horizon]).iloc[0]
    return float(one["share"]), float(one["low"]), float(one["high"])


def money(
    members: Members, people: pd.DataFrame, everybody: Rows, *, draws: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, float]:
    """Return the later money per customer, one row per group of customers, and the shop's.

    Returns
    -------
    followed (customers seen for long enough), value, value_low, value_high (90 %), value_pooled,
    value_pooled_low, value_pooled_high (of money capped at the 99th percentile of those who came back),
    value_found; the shop's money per customer. Missing with fewer than ten customers.
    """
    later = people["later"].to_numpy(float)
    everybody = everybody[np.isfinite(later[everybody])]
    groups = [at[np.isfinite(later[at])] for at in members]
    plain = np.array([_mean(later[at], draws, rng) for at in groups], dtype=float).reshape(-1, 3)
    some = later[everybody][later[everybody] > 0]
    capped = np.minimum(later, np.quantile(some, CAP) if len(some) else 0.0)
    enough = len(everybody) >= survival.ENOUGH
    n = np.array([len(at) for at in groups], dtype=float)
    spread = capped[everybody].std(ddof=1) if enough else np.nan
    means = np.array([capped[at].mean() if len(at) else np.nan for at in groups], dtype=float)
    error = spread / np.sqrt(np.where(n > 0, n, np.nan))
    shop = float(later[everybody].mean()) if enough else np.nan
    held = against_shop.pulled(means, error, shop=float(capped[everybody].mean()) if enough else np.nan)
    found = _named("value", plain, held)
    found.insert(0, "followed", n.astype(int))
    return found, shop


def _mean(values: Floats, draws: int, rng: np.random.Generator) -> tuple[float, float, float]:
    if len(values) < survival.ENOUGH:
        return np.nan, np.nan, np.nan
    return float(values.mean()), *against_shop.redrawn_mean(values, draws=draws, rng=rng)


def _named(name: str, plain: Floats, held: pd.DataFrame) -> pd.DataFrame:
    ends = {name: plain[:, 0], f"{name}_low": plain[:, 1], f"{name}_high": plain[:, 2]}
    ends |= {f"{name}_pooled": held["pooled"], f"{name}_pooled_low": held["low"]}
    return pd.DataFrame(ends | {f"{name}_pooled_high": held["high"], f"{name}_found": held["found"]})
