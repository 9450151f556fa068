"""Shops whose truth is known: parameters of the models, ages of the customers, and lives lived by them.

`lives` lets each customer buy one purchase after the other and uses no formula of the package.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from clv.bgnbd import BGNBD
from clv.btyd.model import Model
from clv.mbgnbd import MBGNBD
from clv.money.gammagamma import GammaGamma
from clv.paretonbd import ParetoNBD


class Shop(NamedTuple):
    """A truth: `ages` are the least and most days since a first purchase."""

    truth: Model
    amounts: GammaGamma
    ages: tuple[float, float]


class Lives(NamedTuple):
    """Repeat purchases of all customers: who, days from now (negative: before today), what amount."""

    ages: np.ndarray
    who: np.ndarray
    when: np.ndarray
    amount: np.ndarray


MUSIC, JEWELLERY, EVERYDAY = "music by post", "jewellery", "everyday goods"
_AMOUNTS = {
    MUSIC: GammaGamma(6.25, 3.74, 15.44),
    JEWELLERY: GammaGamma(2.0, 3.0, 1500.0),
    EVERYDAY: GammaGamma(4.0, 6.0, 100.0),
}
_AGES = {MUSIC: (189.0, 273.0), JEWELLERY: (30.0, 730.0), EVERYDAY: (30.0, 400.0)}
_TRUTHS = {
    MUSIC: (  # as on CDNOW
        BGNBD(0.243, 30.9, 0.793, 2.426),
        MBGNBD(0.525, 43.3, 0.891, 1.614),
        ParetoNBD(0.553, 74.0, 0.606, 81.7),
    ),
    JEWELLERY: (  # four in five bought once
        BGNBD(0.35, 400.0, 0.6, 1.8),
        MBGNBD(0.8, 300.0, 1.2, 0.9),
        ParetoNBD(0.6, 300.0, 0.5, 150.0),
    ),
    EVERYDAY: (  # one in ten bought once
        BGNBD(1.5, 30.0, 0.5, 6.0),
        MBGNBD(1.5, 30.0, 0.5, 6.0),
        ParetoNBD(1.5, 30.0, 0.8, 200.0),
    ),
}
SHOPS = {
    (truth.name, name): Shop(truth, _AMOUNTS[name], _AGES[name])
    for name, truths in _TRUTHS.items()
    for truth in truths
}


def lives(shop: Shop, n: int, *, horizon: float, rng: np.random.Generator) -> Lives:
    """Let `n` customers live until `horizon` days from now."""
    ages = rng.uniform(*shop.ages, n)
    truth = shop.truth
    rate = rng.gamma(truth.r, 1 / truth.alpha, n)
    if isinstance(truth, ParetoNBD):
        chance, until = np.zeros(n), rng.exponential(size=n) / rng.gamma(truth.s, 1 / truth.beta, n)
    else:
        chance, until = rng.beta(truth.a, truth.b, n), np.full(n, np.inf)
    until = np.minimum(until, ages + horizon)
    here, now = np.arange(n), np.zeros(n)
    if isinstance(truth, MBGNBD):
        here = here[rng.random(n) >= chance]
    who, when = [here[:0]], [now[:0]]
    while len(here):
        now[here] += rng.exponential(size=len(here)) / rate[here]
        here = here[now[here] <= until[here]]
        who.append(here)
        when.append(now[here])
        here = here[rng.random(len(here)) >= chance[here]]
    who, when = np.concatenate(who), np.concatenate(when)
    pays = rng.gamma(shop.amounts.q, 1 / shop.amounts.v, n)
    return Lives(ages, who, when - ages[who], rng.gamma(shop.amounts.p, size=len(who)) / pays[who])


def history(lived: Lives) -> pd.DataFrame:
    """Return frequency, recency, T and monetary_value of each customer, as known today."""
    n, before = len(lived.ages), lived.when <= 0
    who, when = lived.who[before], lived.when[before]
    x = np.bincount(who, minlength=n)
    last = np.full(n, -np.inf)
    np.maximum.at(last, who, when)
    spent = np.bincount(who, weights=lived.amount[before], minlength=n)
    return pd.DataFrame(
        {
            "frequency": x,
            "recency": np.where(x > 0, lived.ages + np.where(x > 0, last, 0), 0.0),
            "T": lived.ages,
            "monetary_value": spent / np.maximum(x, 1),
        },
        index=pd.Index([f"c{i}" for i in range(n)], name="customer_id"),
    )


def future(lived: Lives, *, days: float, money_days: float, delta: float) -> pd.DataFrame:
    """Return what each customer then did: purchases within `days`, discounted money within `money_days`."""
    n = len(lived.ages)
    soon = (lived.when > 0) & (lived.when <= days)
    paid = (lived.when > 0) & (lived.when <= money_days)
    worth = lived.amount[paid] * np.exp(-delta * lived.when[paid])
    return pd.DataFrame(
        {
            "purchases": np.bincount(lived.who[soon], minlength=n),
            "money": np.bincount(lived.who[paid], weights=worth, minlength=n),
        },
        index=pd.Index([f"c{i}" for i in range(n)], name="customer_id"),
    )
