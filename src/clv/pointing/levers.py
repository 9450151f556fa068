"""What four levers would do to the points that expire and to what the rest costs.

    longer validity    at most what the same rates of use add with a later last day (the last thirty days move
                       along), at least the part of it that a replay of the last year bears out (`replay`)
    a reminder         the rate of use in the last thirty days is so much higher
    more uses          the rate of use is so much higher at every age
    a promotion        so many of those who hold enough points use the oldest of them at once

The effect of the first follows from the shop's own ledger; those of the others are assumptions until a test
has shown them. More points used cost more. Whether they bring orders is not in it: that takes customers who
are left alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clv.language import tell
from clv.pointing import breakage
from clv.pointing.lots import Account
from clv.pointing.rates import Rates
from clv.pointing.redrawn import ENDS, Floats

Believed = Mapping[int, tuple[float, Floats]]
AS_IT_IS = "as it is"
_YEAR = 365


@dataclass(frozen=True)
class Assumed:
    """What is assumed of the levers.

    Attributes
    ----------
    longer
        Days by which points would be valid longer, one lever each.
    reminder
        How much higher the rate of use in the last thirty days would be (0.5: by half).
    more_uses
        How much higher it would be at every age.
    promotion
        Part of those who hold `promotion_points` that would use them at once.
    """

    longer: Sequence[int] = (90, 180, 365)
    reminder: float = 0.5
    more_uses: float = 0.2
    promotion: float = 0.1
    promotion_points: float = 500.0


def of_held(
    account: Account, rates: Rates, *, value: float, assumed: Assumed, believed: Believed | None = None
) -> pd.DataFrame:
    """Return what each lever would do to the points that customers hold and that have a last day.

    Parameters
    ----------
    value
        Money that a point is worth when it is used.
    believed
        What part of the effect of longer validity a replay bears out, by days, as `replay.believed` returns
        it; where it says nothing, all or nothing of it may be true.

    Returns
    -------
    Index lever, 'as it is' first: assumed (in words), expired (points that will be unused), used, more_used
    (than as it is), liability (money of what will be used), change (of the liability), low, high (90 %, of
    what the rates are; an assumption has no interval). No rows where no points have a last day.
    """
    lots = account.outstanding()
    lots = lots[lots["expires_on"].notna()].reset_index(drop=True)
    day = account.until
    promotion = _promotion(lots, rates, day, assumed) if len(lots) else None
    return _table(lots, rates, day, value, assumed, believed or {}, promotion)


def of_a_year(
    account: Account, rates: Rates, *, value: float, assumed: Assumed, believed: Believed | None = None
) -> pd.DataFrame:
    """Return the same for the points earned in a year, at the pace of the last one; without the promotion."""
    past = min((account.until - account.lots["at"].min()).days + 1, _YEAR)
    lots = account.lots[account.lots["at"] > account.until - pd.Timedelta(days=past)]
    lots = lots[lots["expires_on"].notna()].reset_index(drop=True)
    start = account.until + pd.Timedelta(days=1)
    life = lots["expires_on"] - lots["at"]
    lots = lots.assign(at=start, expires_on=start + life, left=lots["points"] * _YEAR / past)
    return _table(lots, rates, account.until, value, assumed, believed or {}, None)


@dataclass(frozen=True)
class _Effect:
    """How many fewer points would expire: expected, and drawn ones at the least and at the most."""

    words: str
    fewer: float
    least: Floats
    most: Floats


def _table(
    lots: pd.DataFrame,
    rates: Rates,
    day: pd.Timestamp,
    value: float,
    assumed: Assumed,
    believed: Believed,
    promotion: _Effect | None,
) -> pd.DataFrame:
    columns = ["lever", "assumed", "expired", "used", "more_used", "liability", "change", "low", "high"]
    if lots.empty:
        return pd.DataFrame(columns=columns).set_index("lever")
    points = lots["left"].to_numpy()
    base = breakage.unused(rates, lots, day=day).summed(points)
    none = np.zeros(len(base[1]))
    found = {AS_IT_IS: _Effect("nothing changes", 0.0, none, none)}
    for days in assumed.longer:
        later = breakage.unused(rates, lots, day=day, longer=days).summed(points)
        found[f"valid {days} days longer"] = _longer(base, later, believed.get(days))
    for name, words, faster in _faster(rates, assumed):
        expired, drawn = breakage.unused(faster, lots, day=day).summed(points)
        found[name] = _Effect(words, base[0] - expired, base[1] - drawn, base[1] - drawn)
    if promotion is not None:
        found["a promotion"] = promotion
    rows = [_row(name, one, base[0], float(points.sum()), value) for name, one in found.items()]
    return pd.DataFrame(rows, columns=columns).set_index("lever")


def _longer(
    base: tuple[float, Floats], later: tuple[float, Floats], part: tuple[float, Floats] | None
) -> _Effect:
    """Return what longer validity does: from what the replay bears out to all that the rates say."""
    most, drawn = base[0] - later[0], base[1] - later[1]
    if part is None:
        return _Effect("0% to 100% of what the rates say", most / 2, 0 * drawn, drawn)
    words = tell("{first:.0%} to 100% of what the rates say", first=part[0])
    return _Effect(words, most * (1 + part[0]) / 2, np.minimum(drawn, drawn * part[1]), drawn)


def _faster(rates: Rates, assumed: Assumed) -> list[tuple[str, str, Rates]]:
    reminded = rates.times(1 + assumed.reminder, last_days_only=True)
    return [
        (
            "a reminder",
            tell("use in the last 30 days up by {reminder:.0%}", reminder=assumed.reminder),
            reminded,
        ),
        (
            "more uses",
            tell("use up by {more_uses:.0%} at every age", more_uses=assumed.more_uses),
            rates.times(1 + assumed.more_uses),
        ),
    ]


def _promotion(lots: pd.DataFrame, rates: Rates, day: pd.Timestamp, assumed: Assumed) -> _Effect:
    oldest = _promoted(lots, assumed.promotion_points) * assumed.promotion
    fewer, drawn = breakage.unused(rates, lots, day=day).summed(oldest)
    words = tell(
        "{promotion:.0%} of those who hold {promotion_points:,.0f} use them",
        promotion=assumed.promotion,
        promotion_points=assumed.promotion_points,
    )
    return _Effect(words, fewer, drawn, drawn)


def _row(name: str, effect: _Effect, expired: float, points: float, value: float) -> tuple:
    low, high = np.quantile(effect.least, ENDS[0]), np.quantile(effect.most, ENDS[1])
    ends = min(low, effect.fewer) * value, max(high, effect.fewer) * value
    left = expired - effect.fewer
    return (
        name,
        effect.words,
        left,
        points - left,
        effect.fewer,
        (points - left) * value,
        effect.fewer * value,
        *ends,
    )


def _promoted(lots: pd.DataFrame, least: float) -> Floats:
    """Return how much of each lot is among the oldest `least` points of a customer who holds as many."""
    order = lots.sort_values(["customer_id", "expires_on"], kind="stable")
    by = order.groupby("customer_id")["left"]
    before = by.cumsum() - order["left"]
    part = (least - before).clip(lower=0).clip(upper=order["left"])
    return part.where(by.transform("sum") >= least, 0.0).reindex(lots.index).to_numpy(dtype=float)
