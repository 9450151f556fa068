"""Which shops can be told apart, in which fact, and which differences are noise.

First whether shops differ in a fact at all, by Cochran's Q; over the facts that are looked at, Benjamini &
Hochberg (1995, JRSS B 57:289) keep the part of false ones at one in ten. Only within a fact that differs are
pairs looked at, by joint intervals: their critical value is the quantile of the largest of all standardised
differences, drawn from as many normal facts with these standard errors (Tukey's range for unequal ones). They
are as much wider as fewer facts differ (Benjamini & Bogomolov 2014, JRSS B 76:297), so that of the facts in
which somebody is said to stand above somebody, one in ten is wrong on average. What stands above whom says
which ranks are possible (Mogstad, Romano, Shaikh & Wilhelm 2024, Review of Economic Studies 91:476).

Each shop's own fact is also pulled towards those of the others, the more the less it knows (see
`measuring.pooling`): a small shop is neither first nor last by luck.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import false_discovery_control, norm

from clv.comparing.estimates import LEVEL, quantile
from clv.comparing.measures import MEASURES
from clv.measuring import pooling, rates

FALSE = 1 - LEVEL  # part of what is said to differ that may be noise
DRAWS = 20_000
Floats = NDArray[np.float64]

FACTS = ["shops", "p_value", "differ", "chain", "chain_low", "chain_high"]
SHOPS = ["fact", "shop", "value", "low", "high", "pooled", "pooled_low", "pooled_high"]
PAIRS = ["fact", "shop", "other", "difference", "low", "high", "apart"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What can be told apart.

    Attributes
    ----------
    facts
        Index fact; shops (how many know it); p_value (of Q: how often shops that are alike would look this
        different); differ; chain, chain_low, chain_high (where another shop of the kind would be expected).
    shops
        fact, shop, highest first: value, low, high (alone, 90 %); pooled, pooled_low, pooled_high (pulled
        towards the others); above, below (how many shops it can be told apart from); rank_low, rank_high (1:
        the highest).
    pairs
        Of facts that differ: fact, shop, other (shop's fact is the higher); difference, low, high (joint
        interval): in points for what lies between 0 and 1, else as a part of the other's; apart.
    """

    facts: pd.DataFrame
    shops: pd.DataFrame
    pairs: pd.DataFrame


def compare(table: pd.DataFrame, *, rng: np.random.Generator) -> Comparison:
    """Return what can be told apart.

    Parameters
    ----------
    table
        One row per shop and fact: shop, fact, value, low, high, scaled, error, events, as `tabled.facts`
        makes them for one stretch of days. Only facts that two shops know are compared.
    """
    known = table[table["scaled"].notna() & table["value"].notna()]
    by_fact = {key: rows for key in MEASURES if len(rows := known[known["fact"] == key]) > 1}
    pooled = {key: _pooled(rows) for key, rows in by_fact.items()}
    facts = _facts(by_fact, pooled)
    level = 1 - FALSE * facts["differ"].mean() if len(facts) else LEVEL
    rows = [row for key in facts.index[facts["differ"]] for row in _pairs(key, by_fact[key], level, rng)]
    pairs = pd.DataFrame(rows, columns=PAIRS).astype({"apart": bool})
    return Comparison(facts, _standing(by_fact, pooled, pairs), pairs)


def natural(fact: str, scaled: Floats) -> Floats:
    """Return facts in their own unit from the scale on which they are compared."""
    return expit(scaled) if MEASURES[fact].lies_in_one else np.exp(scaled)


def _pooled(rows: pd.DataFrame) -> pooling.Pooled:
    """Return the shops' facts pulled together; the last is a shop of which nothing is known."""
    effect, error = (rows[name].to_numpy(dtype=float) for name in ("scaled", "error"))
    return pooling.pool(np.append(effect, np.nan), np.append(error, np.inf), level=LEVEL)


def _facts(by_fact: dict[str, pd.DataFrame], pooled: dict[str, pooling.Pooled]) -> pd.DataFrame:
    p_values = [found.differ for found in pooled.values()]
    differ = false_discovery_control(p_values) <= FALSE if p_values else []
    rows = [
        (len(by_fact[key]), found.differ, bool(differs), *(natural(key, end[-1]) for end in _ends(found)))
        for (key, found), differs in zip(pooled.items(), differ, strict=True)
    ]
    index = pd.Index(list(pooled), name="fact", dtype="str")
    return pd.DataFrame(rows, columns=FACTS, index=index).astype({"differ": bool})


def _ends(found: pooling.Pooled) -> tuple[Floats, Floats, Floats]:
    return found.mean, found.low, found.high


def _pairs(fact: str, rows: pd.DataFrame, level: float, rng: np.random.Generator) -> Iterator[tuple]:
    """Yield every pair of shops, the higher one first, with its joint interval."""
    reach = critical(rows["error"].to_numpy(dtype=float), level=level, rng=rng)
    best_first = rows.sort_values(["scaled", "shop"], ascending=[False, True])
    for one, other in combinations(best_first.itertuples(), 2):
        value, low, high = difference(fact, one, other, reach=reach)
        yield fact, one.shop, other.shop, value, low, high, low > 0


def difference(fact: str, one: object, other: object, *, reach: float) -> tuple[float, float, float]:
    """Return by how much one row of facts is above another, with an interval of `reach` standard errors.

    What lies between 0 and 1 by Newcombe, in points; else by the logarithm, as a part of the other's.
    """
    if MEASURES[fact].lies_in_one:
        counts = [(np.clip(row.value, 0, 1) * row.events, row.events) for row in (one, other)]
        low, high = rates.newcombe(*counts[0], *counts[1], level=float(2 * norm.cdf(reach) - 1))
        return one.value - other.value, float(low), float(high)
    apart, half = one.scaled - other.scaled, reach * np.hypot(one.error, other.error)
    return tuple(float(np.expm1(end)) for end in (apart, apart - half, apart + half))


def critical(error: Floats, *, level: float, rng: np.random.Generator) -> float:
    """Return how many standard errors the differences of all pairs reach at most, in `level` of all cases."""
    drawn = rng.standard_normal((DRAWS, len(error))) * error
    largest = np.zeros(DRAWS)
    for at in range(1, len(error)):
        apart = np.abs(drawn[:, :at] - drawn[:, [at]]) / np.hypot(error[:at], error[at])
        largest = np.maximum(largest, apart.max(axis=1))
    return max(float(np.quantile(largest, level)), quantile(level))


def _standing(
    by_fact: dict[str, pd.DataFrame], pooled: dict[str, pooling.Pooled], pairs: pd.DataFrame
) -> pd.DataFrame:
    """Return each shop's fact, alone and pulled towards the others, and the ranks that it may have."""
    found = []
    for key, rows in by_fact.items():
        named = zip(SHOPS[-3:], _ends(pooled[key]), strict=True)
        ends = {name: natural(key, end[:-1]) for name, end in named}
        mine = rows.assign(**ends)[SHOPS].sort_values(["pooled", "shop"], ascending=[False, True])
        told = pairs[(pairs["fact"] == key) & pairs["apart"]]
        above, below = (mine["shop"].map(told[side].value_counts()) for side in ("shop", "other"))
        mine = mine.assign(above=above.fillna(0).astype(int), below=below.fillna(0).astype(int))
        found.append(mine.assign(rank_low=1 + mine["below"], rank_high=len(mine) - mine["above"]))
    if not found:
        return pd.DataFrame(columns=[*SHOPS, "above", "below", "rank_low", "rank_high"])
    return pd.concat(found, ignore_index=True)
