"""A campaign whose arms were drawn by lot, and what a contact added among the first of an order."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t

from clv.errors import InputError, SettingError
from clv.judging.sums import Floats, Order, order
from clv.language import tell

CONFIDENCE = 0.95  # of every interval, as the effects of campaigns with a control group are told
BAND = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
_DIGITS = 9  # that share × customers is rounded to, so that 0.1 × 30 is 3
BY_LOT = "by lot"  # the rule that tells nobody apart


@dataclass(frozen=True, eq=False)
class Campaign:
    """What came of it: per customer the outcome, whether sent, and the inverse chance of that arm."""

    outcome: Floats
    sent: NDArray[np.bool_]
    weight: Floats

    @property
    def arms(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of the customers sent and of those left alone."""
        return np.flatnonzero(self.sent), np.flatnonzero(~self.sent)


@dataclass(frozen=True, eq=False)
class Uplift:
    """What a contact added, per customer contacted.

    Attributes
    ----------
    size
        Mean outcome of those sent less that of those left alone; nan where an arm has fewer than 2 there.
    pulls
        Each customer's part in its error: the squares add up to the variance.
    freedom
        Degrees of freedom (Welch 1947, Biometrika 34:28).
    """

    size: float
    pulls: Floats
    freedom: float

    @property
    def interval(self) -> tuple[float, float]:
        """Welch's interval; nan where it has no size, or where nothing varies in either arm."""
        error = np.linalg.norm(self.pulls)
        if not error > 0:
            return math.nan, math.nan
        low, high = t.interval(CONFIDENCE, self.freedom, loc=self.size, scale=error)
        return float(low), float(high)


def judged(
    outcome: ArrayLike, sent: ArrayLike, scores: Mapping[str, ArrayLike], chance: ArrayLike | None
) -> tuple[Campaign, dict[str, Order]]:
    """Return the campaign and the orders of its customers, both checked."""
    seen = campaign(outcome, sent, chance=chance)
    return seen, orders(scores, len(seen.sent))


def campaign(
    outcome: ArrayLike, sent: ArrayLike, *, chance: ArrayLike | None = None, least: int = 2
) -> Campaign:
    """Return the campaign, checked: plain rows of numbers, at least `least` customers in each arm.

    Raises
    ------
    InputError
        Arrays differ in length or are no row of what they should hold, or an arm is too small.
    SettingError
        A chance does not lie between 0 and 1.
    """
    outcome = numbers(outcome, "outcome")
    if not np.isfinite(outcome).all():
        raise InputError(
            tell(
                "{value:,} of {outcome:,} outcomes are missing or infinite; give 0 to customers who "
                "bought nothing.",
                value=int((~np.isfinite(outcome)).sum()),
                outcome=len(outcome),
            )
        )
    sent = np.asarray(sent)
    if sent.dtype != bool or sent.ndim != 1:
        raise InputError(
            tell(
                "`sent` holds {dtype} in the shape {shape}; give a row of True and False.",
                dtype=sent.dtype,
                shape=sent.shape,
            )
        )
    _same_length(len(sent), len(outcome), "sent")
    smallest = min(int(sent.sum()), int((~sent).sum()))
    if smallest < least:
        raise InputError(
            tell(
                "of {sent:,} customers {sent2:,} were sent to and {value:,} left alone; nothing can be "
                "compared with fewer than {least} in an arm.",
                sent=len(sent),
                sent2=int(sent.sum()),
                value=int((~sent).sum()),
                least=least,
            )
        )
    return Campaign(outcome, sent, _weights(sent, chance))


def _weights(sent: NDArray[np.bool_], chance: ArrayLike | None) -> Floats:
    if chance is None:  # one chance for all cancels out of every mean
        return np.ones(len(sent))
    found = numbers(np.atleast_1d(chance), "chance")
    if np.ndim(chance):
        _same_length(len(found), len(sent), "chance")
    wrong = ~((found > 0) & (found < 1))
    if wrong.any():
        raise SettingError(
            tell(
                "{wrong:,} of the chances to be sent to do not lie between 0 and 1, the first is "
                "{first}; where nobody could be left alone, nothing can be learned.",
                wrong=int(wrong.sum()),
                first=found[wrong][0],
            )
        )
    return 1 / np.where(sent, found, 1 - found)


def orders(scores: Mapping[str, ArrayLike], customers: int) -> dict[str, Order]:
    """Return each rule's order of the customers, the highest first, missing scores last; 'by lot' at the end.

    Raises
    ------
    InputError
        A rule has not one number per customer.
    SettingError
        A rule is called 'by lot'.
    """
    if BY_LOT in scores:
        raise SettingError(
            tell(
                "a rule is called {by_lot!r}, as is the one that tells nobody apart; rename it.",
                by_lot=BY_LOT,
            )
        )
    found = {}
    for rule, given in scores.items():
        score = numbers(given, rule)
        _same_length(len(score), customers, rule)
        found[rule] = order(np.where(np.isnan(score), -np.inf, score))
    return found | {BY_LOT: order(np.zeros(customers))}


def numbers(given: ArrayLike, name: str) -> Floats:
    """Return a row of numbers.

    Raises
    ------
    InputError
        It is something else.
    """
    try:
        found = np.asarray(given, dtype=float)
    except (TypeError, ValueError) as refusal:
        raise InputError(
            tell("{name!r} holds what is no number; give one number per customer.", name=name)
        ) from refusal
    if found.ndim != 1:
        raise InputError(
            tell(
                "{name!r} has the shape {shape}; give a row with one number per customer.",
                name=name,
                shape=found.shape,
            )
        )
    return found


def _same_length(length: int, customers: int, name: str) -> None:
    if length != customers:
        raise InputError(
            tell(
                "{name!r} has {length:,} entries for {customers:,} customers; give one each, in the same "
                "order.",
                name=name,
                length=length,
                customers=customers,
            )
        )


def first(ranked: Order, share: float) -> Floats:
    """Return the chance of each customer to be among the first `share`: 1, 0, or that of the last unit."""
    size = np.bincount(ranked.unit, minlength=ranked.count)
    before = np.cumsum(size) - size
    taken = round(share * size.sum(), _DIGITS)
    return np.clip((taken - before) / size, 0, 1)[ranked.unit]


def uplift(campaign: Campaign, taken: Floats) -> Uplift:
    """Return what a contact added among customers taken with these chances (0 to 1 each).

    Means are weighted by `taken` over the chance of the arm and divided by the sum of these weights (Hájek
    1971). With weights of 1 this is the difference of means with Welch's error.
    """
    means, pulls, variances, freedoms = [], np.zeros(len(taken)), [], []
    for rows, sign in zip(campaign.arms, (1, -1), strict=True):
        weight, outcome = (campaign.weight * taken)[rows], campaign.outcome[rows]
        many = np.count_nonzero(weight)
        if many < 2:
            return Uplift(math.nan, np.full(len(taken), math.nan), math.nan)
        weight = weight / weight.sum()
        means.append(weight @ outcome)
        pulls[rows] = sign * weight * (outcome - means[-1]) * math.sqrt(many / (many - 1))
        variances.append((pulls[rows] ** 2).sum())
        freedoms.append(many - 1)
    by_arm = sum(v**2 / f for v, f in zip(variances, freedoms, strict=True))
    return Uplift(means[0] - means[1], pulls, sum(variances) ** 2 / by_arm if by_arm else math.nan)
