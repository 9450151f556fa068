"""Fairness: does what people are offered follow what they are believed to pay, and do equals get the same?

It flags what a shop should look at before sending; it is no legal advice. Results hold groups of five
customers or more and nobody's id.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import pandera.pandas as pa
from scipy.stats import norm, spearmanr

from clv import tables
from clv.language import label, tell

LEAST = 5  # customers of a group that is told
LEAST_CONTACTED = 20  # below that a rank correlation tells nothing
NOTABLE = 0.1  # a correlation nearer to 0 is too weak to be called one
CONFIDENCE = 0.90
RULES = (
    "Rules to respect, as reported and not as legal advice: article 24 of the Personal Information "
    "Protection Law wants automated decisions without unreasonable differences in price; the rules on "
    "platform prices in force since 2026-04-10 forbid different prices for the same goods by willingness to "
    "pay without the customer's knowledge."
)

_FINITE = pa.Check(lambda s: np.isfinite(s), error="should be finite")
CHOSEN = pa.DataFrameSchema(
    {
        "expected_basket": pa.Column(float, [pa.Check.gt(0), _FINITE]),
        "reached": pa.Column(bool),
        "segment": pa.Column(str, coerce=True),
        "offer": pa.Column(str, nullable=True, coerce=True),
        "given": pa.Column(float, [pa.Check.ge(0), _FINITE], nullable=True),
    },
    checks=pa.Check(
        lambda c: c["reached"].ne(other=True) | c[["offer", "given"]].notna().all(axis=1),
        error="who is reached has an offer and what it gives",
    ),
    name="chosen",
)


@dataclass(frozen=True)
class Follows:
    """Whether the discount follows what people are believed to pay.

    Attributes
    ----------
    correlation, low, high
        Rank correlation of the part of the order that is given with the expected order, among those who are
        contacted, with its 90 % interval; nan where there are fewer than 20.
    customers
        Those contacted.
    flagged
        Whether somebody should look at it: offers differ, the interval lies on one side of 0, and the
        correlation is 0.1 or more on either side.
    sentence
        All this in words.
    """

    correlation: float
    low: float
    high: float
    customers: int
    flagged: bool
    sentence: str


@dataclass(frozen=True)
class SameCondition:
    """Whether everybody of a condition who is contacted gets the same offer.

    Attributes
    ----------
    share
        Part of the conditions in which offers differ; 0 where nobody is contacted.
    conditions, different
        Conditions with somebody contacted, and those of them in which offers differ.
    sentence
        All this in words.
    """

    share: float
    conditions: int
    different: int
    sentence: str


def table(chosen: pd.DataFrame, *, currency: str | None = None) -> pd.DataFrame:
    """Return who is contacted and what is given, by fifth of the order that customers are expected to place.

    Customers with equal orders stay together. Fifths of fewer than five customers join the next.

    Parameters
    ----------
    chosen
        One row per customer of the audience: expected_basket (money), reached (whether contacted), segment,
        offer and given (expected part of the order that the offer gives; both may be missing of those who are
        not reached).
    currency
        Such as CNY; for the bands' words.

    Returns
    -------
    band (words), customers, contacted (share), discount (mean of `given` among the contacted; nan for fewer
    than five of them), basket (mean expected order). No row for an audience of fewer than five.

    Raises
    ------
    InputError
        The table is not as described.
    """
    chosen = tables.check(chosen, CHOSEN)
    basket = chosen["expected_basket"].to_numpy()
    edges = _edges(basket)
    band = np.searchsorted(edges, basket, side="right")
    groups = chosen.groupby(band)
    reached = chosen[chosen["reached"]].groupby(band[chosen["reached"]])["given"]
    found = pd.DataFrame(
        {
            "customers": groups.size(),
            "contacted": groups["reached"].mean(),
            "discount": reached.mean().where(reached.size() >= LEAST),
            "basket": groups["expected_basket"].mean(),
        }
    )
    found.insert(0, "band", pd.Series(_bands(edges, currency), dtype="str").reindex(found.index))
    return found[found["customers"] >= LEAST].reset_index(drop=True)


def _edges(basket: np.ndarray) -> list[float]:
    """Return where the bands meet: rounded, so that no one's order shows, and none with too few customers."""
    if not len(basket):
        return []
    edges = sorted({float(f"{edge:.3g}") for edge in np.quantile(basket, (0.2, 0.4, 0.6, 0.8))})
    while edges:
        sizes = np.bincount(np.searchsorted(edges, basket, side="right"), minlength=len(edges) + 1)
        smallest = int(sizes.argmin())
        if sizes[smallest] >= LEAST:
            break
        edges.pop(max(smallest - 1, 0))
    return edges


def _bands(edges: list[float], currency: str | None) -> list[str]:
    if not edges:
        return ["all"]
    unit = f" {label(currency)}" if currency else ""
    texts = [f"{edge:,.10g}" for edge in edges]
    inner = [tell("{low} to {high}{unit}", low=low, high=high, unit=unit) for low, high in pairwise(texts)]
    return [
        tell("under {first}{unit}", first=texts[0], unit=unit),
        *inner,
        tell("{last}{unit} or more", last=texts[-1], unit=unit),
    ]


def follows(chosen: pd.DataFrame) -> Follows:
    """Return whether the discount among the contacted follows what they are believed to pay.

    Spearman's rank correlation; its interval by Fisher's z with the variance of Bonett & Wright (2000,
    Psychometrika 65:23-28). One offer for all is never flagged: a fixed sum is a smaller part of a larger
    order without anybody having been singled out.

    Parameters
    ----------
    chosen
        As for `table`.

    Raises
    ------
    InputError
        The table is not as described.
    """
    chosen = tables.check(chosen, CHOSEN)
    reached = chosen[chosen["reached"]]
    n = len(reached)
    if n < LEAST_CONTACTED:
        few = tell(
            "Fewer than {least_contacted} customers are contacted: too few to tell what discounts follow.",
            least_contacted=LEAST_CONTACTED,
        )
        return Follows(math.nan, math.nan, math.nan, n, flagged=False, sentence=few)
    correlation = _rank_correlation(reached)
    low, high = _interval(correlation, n)
    one = reached["offer"].nunique() == 1
    flagged = not one and abs(correlation) >= NOTABLE and (low > 0 or high < 0)
    told = _told(correlation, low, high, n, one=one, flagged=flagged)
    return Follows(correlation, low, high, n, flagged, told)


def _rank_correlation(reached: pd.DataFrame) -> float:
    if reached["given"].nunique() == 1 or reached["expected_basket"].nunique() == 1:
        return 0.0  # nothing differs, so nothing follows
    return float(spearmanr(reached["expected_basket"], reached["given"]).statistic)


def _interval(correlation: float, n: int) -> tuple[float, float]:
    centre = math.atanh(np.clip(correlation, -1 + 1e-12, 1 - 1e-12))
    reach = norm.ppf((1 + CONFIDENCE) / 2) * math.sqrt((1 + correlation**2 / 2) / (n - 3))
    return math.tanh(centre - reach), math.tanh(centre + reach)


def _told(correlation: float, low: float, high: float, n: int, *, one: bool, flagged: bool) -> str:
    if one:
        return tell(
            "All {n:,} contacted customers get the same offer, so it does not depend on what anybody "
            "is believed to pay.",
            n=n,
        )
    how = tell(
        "rank correlation {correlation:.2f}, 90 % interval {low:.2f} to {high:.2f}",
        correlation=correlation,
        low=low,
        high=high,
    )
    who = tell("among {n:,} contacted customers", n=n)
    if not flagged:
        return tell(
            "No sign {who} that the discount follows the order that they are expected to place ({how}).",
            who=who,
            how=how,
        )
    verb = "grows" if correlation > 0 else "shrinks"
    return tell(
        "The discount {verb} {who} with the order that they are expected to place ({how}). "
        "{rules} Tie offers to a condition that can be published, or give everybody of a "
        "condition the same.",
        verb=verb,
        who=who,
        how=how,
        rules=RULES,
    )


def same_condition(chosen: pd.DataFrame) -> SameCondition:
    """Return in which part of the conditions (segments) people who are contacted get different offers.

    Parameters
    ----------
    chosen
        As for `table`.

    Raises
    ------
    InputError
        The table is not as described.
    """
    chosen = tables.check(chosen, CHOSEN)
    reached = chosen[chosen["reached"]]
    offers = reached.groupby("segment")["offer"].nunique()
    conditions, different = len(offers), int((offers > 1).sum())
    if not conditions:
        return SameCondition(
            0.0, 0, 0, tell("Nobody is contacted, so nobody gets another offer than their equals.")
        )
    sentence = tell(
        "Everybody of a segment who is contacted gets the same offer (segments: {conditions}).",
        conditions=conditions,
    )
    if different:
        sentence = tell(
            "In {different} of {conditions} segments people who are contacted get different offers. "
            "{rules} With `same_offer: true` everybody of a segment gets the same.",
            different=different,
            conditions=conditions,
            rules=RULES,
        )
    return SameCondition(different / conditions, conditions, different, sentence)
