"""What mistakes in joining would do: known customers split, or wrongly joined, at known rates.

Nobody knows the mistakes of a shop's own file. But its customers can be taken for the truth and mistakes made
on purpose; what they do to the answers is what they would do to the truth.
"""

from collections.abc import Sequence
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import t

from clv.errors import SettingError
from clv.language import tell
from clv.merging import levels

Mistake = Literal["split", "joined"]
Ids = npt.NDArray[np.int64]
LEVEL = 0.90
_ASKED = ("f1", "repeat_rate", "purchases", "p_alive")
MOST = 20_000  # customers that are drawn from larger shops: mistakes do the same to a part


def mistakes(
    orders: pd.DataFrame,
    *,
    until: date | str,
    shares: Sequence[float] = (0.02, 0.05, 0.10, 0.20),
    draws: int = 10,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return what each mistake does to F1, the repeat rate, purchases per customer and P(alive).

    Parameters
    ----------
    orders
        ORDERS, whose customers are taken for the truth.
    shares
        Of the customers, how many the mistake befalls.
    draws
        How often each mistake is made.

    Returns
    -------
    One row per mistake and share: mistake ('split': a customer with several orders is known by two ids, each
    order under either; 'joined': two customers go by one id); share (of the customers who could be split, or
    of all); f1 (pairs of orders that are rightly one customer's); of repeat_rate, purchases and p_alive how
    much too high they come out, with `_low` and `_high`, between which nine of ten mistakes of that size lie
    (missing with one draw).

    Raises
    ------
    SettingError
        A share is not between 0 and 1, or there is no draw.
    """
    if draws < 1 or not all(0 < share < 1 for share in shares):
        raise SettingError(tell("mistakes need shares between 0 and 1 and at least one draw."))
    known = _part(orders[orders["customer_id"].notna()], rng)
    truth = pd.factorize(known["customer_id"], sort=True)[0]
    right = levels.numbers(known, until=until)
    rows = [
        {"mistake": mistake, "share": share}
        | _spread([_once(known, truth, right, mistake, share, until, rng) for _ in range(draws)])
        for mistake in ("split", "joined")
        for share in shares
    ]
    return pd.DataFrame(rows)


def _part(orders: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    who = np.sort(orders["customer_id"].unique().astype(object))
    if len(who) <= MOST:
        return orders.sort_values("order_id", ignore_index=True)
    drawn = rng.choice(who, MOST, replace=False)
    return orders[orders["customer_id"].isin(drawn)].sort_values("order_id", ignore_index=True)


def _once(
    orders: pd.DataFrame,
    truth: Ids,
    right: dict[str, float],
    mistake: Mistake,
    share: float,
    until: date | str,
    rng: np.random.Generator,
) -> dict[str, float]:
    seen = split(truth, share, rng=rng) if mistake == "split" else wrongly_joined(truth, share, rng=rng)
    said = levels.numbers(orders.assign(customer_id=pd.Series(seen, orders.index).astype("str")), until=until)
    errors = {name: said[name] - right[name] for name in _ASKED if name != "f1"}
    return {"f1": f1(truth, seen)} | errors


def _spread(draws: list[dict[str, float]]) -> dict[str, float]:
    """Return the mean of each number and the ends of its prediction interval, by Student's t."""
    table = pd.DataFrame(draws)
    reach = t.ppf(0.5 + LEVEL / 2, max(len(table) - 1, 1)) * table.std() * np.sqrt(1 + 1 / len(table))
    found = {}
    for name in _ASKED:
        middle = table[name].mean()
        found |= {name: middle, f"{name}_low": middle - reach[name], f"{name}_high": middle + reach[name]}
    return found | {"f1_high": min(found["f1_high"], 1.0)}


def split(truth: Ids, share: float, *, rng: np.random.Generator) -> Ids:
    """Return ids in which a share of the customers with several orders go by two."""
    size = np.bincount(truth)
    several = np.flatnonzero(size > 1)
    befallen = rng.choice(several, round(share * len(several)), replace=False)
    second = np.isin(truth, befallen) & (rng.random(len(truth)) < 0.5)
    return np.where(second, truth + len(size), truth)


def wrongly_joined(truth: Ids, share: float, *, rng: np.random.Generator) -> Ids:
    """Return ids in which a share of the customers go by one with another, two and two."""
    n = len(np.bincount(truth))
    pairs = rng.permutation(n)[: 2 * round(share * n / 2)].reshape(-1, 2)
    name = np.arange(n)
    name[pairs[:, 1]] = pairs[:, 0]
    return name[truth]


def f1(truth: Ids, seen: Ids) -> float:
    """Return F1 over pairs of orders: how well `seen` tells which two are one customer's; 1 is right."""
    both = pd.Series(pd.factorize(pd.MultiIndex.from_arrays([truth, seen]))[0])
    right, told, true = (_pairs(of) for of in (both, seen, truth))
    return 2 * right / (told + true) if told + true else 1.0


def _pairs(ids: npt.ArrayLike) -> float:
    size = np.unique(np.asarray(ids), return_counts=True)[1].astype(float)
    return float((size * (size - 1) / 2).sum())
