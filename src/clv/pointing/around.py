"""Do customers buy more shortly before their points expire?

Who holds points that expire in thirty days (20 to 30 days ahead) is compared, over these thirty days, with
holders of as many points of which none expires soon, on the same day, with their last purchase as long ago
and as many orders in the last year. Points expire a fixed time after a purchase, and purchases have
anniversaries; so the comparison is made again for points that expire only months later (placebos), where
nothing should show. What shows there as strongly is no effect of expiry. Nobody drew lots, so even what is
left may be due to something else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.language import tell
from clv.pointing import redrawn
from clv.pointing.days import FAR, KINDS, SOON, Bought, Held, Ints, number
from clv.pointing.lots import Account
from clv.pointing.redrawn import ENDS, Floats

PLACEBOS = (60, 90, 120, 150)  # days later that points expire
ENOUGH = 100  # holders and others, before anything is said
STEP = 10  # days, between those looked ahead from
_MOST = 72  # days in the past from which is looked ahead
_GROUPS = 200
_AMPLE = (1, 2, 5)  # times the least points, between bands of what is held
COLUMNS = ["later", "holders", "others", "rate", "rate_others", "difference", "low", "high"]
TOO_FEW, CANNOT, NOT_BELIEVED, MORE, FEWER = (
    "too few", "cannot tell", "the placebos show as much", "more buy", "fewer buy",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Around:
    """Buying before points expire, against matched holders.

    Attributes
    ----------
    table
        One row for points that expire in thirty days (later 0) and one per placebo: later (days), holders
        (how often a customer with such points had a match), others (matched), rate (of holders who buy
        within thirty days), rate_others (as matched), difference, low, high (90 %; missing where too few).
    verdict
        One of the words of this module; `sentence` says it.
    """

    table: pd.DataFrame
    verdict: str

    @property
    def sentence(self) -> str:
        """What may be said."""
        real = self.table.iloc[0]
        low, gap, high = (f"{100 * real[name]:+.1f}" for name in ("low", "difference", "high"))
        against = tell(
            "{gap} in 100 [{low}, {high}] against holders like them whose points do not expire then",
            gap=gap,
            low=low,
            high=high,
        )
        return {
            TOO_FEW: tell(
                "Only {holders:,} times did somebody with a match hold enough points that were about to "
                "expire, too few to say whether people then buy.",
                holders=int(real["holders"]),
            ),
            CANNOT: tell(
                "Whether people buy more before points expire cannot be told: {against}.", against=against
            ),
            NOT_BELIEVED: tell(
                "Before points expire the buyers differ by {against}; but where nothing expires they "
                "differ as much, so nothing can be said of expiry.",
                against=against,
            ),
            MORE: tell("In the 30 days before points expire more people buy: {against}.", against=against),
            FEWER: tell("In the 30 days before points expire fewer people buy: {against}.", against=against),
        }[self.verdict]


def expiry(
    account: Account,
    orders: pd.DataFrame,
    *,
    least: float,
    rng: np.random.Generator,
    placebos: Sequence[int] = PLACEBOS,
    draws: int = 400,
) -> Around:
    """Return whether customers buy more before points expire.

    Parameters
    ----------
    orders
        An ORDERS table.
    least
        Points that must be about to expire to count.
    """
    if account.lots.empty:  # a ledger that only knows what was used
        nothing = pd.DataFrame(np.nan, index=[0], columns=COLUMNS)
        return Around(nothing.assign(later=0, holders=0.0, others=0.0), TOO_FEW)
    held, bought = Held.of(account, rng), Bought.of(orders)
    group = redrawn.groups_of(len(held.ids), rng, most=_GROUPS)
    weights = redrawn.weights(int(group.max()) + 1, draws, rng)
    like = bought.customers(held.ids)
    first = max(int(held.start.min()) + SOON, number(orders["paid_at"].min()))
    days = [day for n in range(_MOST) if (day := held.until - SOON - n * STEP) >= first]
    rows: dict[int, list[Floats]] = {later: [] for later in (0, *placebos)}
    for day in days:
        left, kind, buys = held.left(day), *bought.like(like, day)
        for later, found in rows.items():
            found.append(_counts(held, left, day, later, least, kind, buys, group))
    table = pd.DataFrame([(later, *_compared(one, weights)) for later, one in rows.items()], columns=COLUMNS)
    return Around(table, _verdict(table))


def _verdict(table: pd.DataFrame) -> str:
    real, placebos = table.iloc[0], table.iloc[1:]
    if np.isnan(real["low"]):
        return TOO_FEW
    if real["low"] <= 0 <= real["high"]:
        return CANNOT
    if abs(real["difference"]) <= placebos["difference"].abs().max():
        return NOT_BELIEVED
    return MORE if real["difference"] > 0 else FEWER


def _counts(
    held: Held,
    left: Floats,
    day: int,
    later: int,
    least: float,
    like: Ints,
    buys: NDArray[np.bool_],
    group: Ints,
) -> Floats:
    """Return holders, of them buying, others, of them buying (4 × kinds of customers that match × groups)."""
    total = held.sums(left, FAR)
    expiring = held.sums(left, day + later + SOON) - held.sums(left, day + later + SOON - STEP)
    holder = (expiring >= least) & ((later == 0) | (held.sums(left, day + SOON) == 0))
    other = (total >= least) & (held.sums(left, day + later + 2 * SOON) == 0)
    kinds, groups = KINDS * (len(_AMPLE) + 1), int(group.max()) + 1
    ample = np.searchsorted(np.array(_AMPLE) * least, total, side="right")
    cell = (like * (len(_AMPLE) + 1) + ample) * groups + group
    sides = [side & which for side in (holder, other) for which in (True, buys)]
    counts = [np.bincount(cell[side], minlength=kinds * groups) for side in sides]
    found = np.reshape(counts, (4, kinds, groups)).astype(float)
    return found[:, found[[0, 2]].sum(axis=2).all(axis=0)]


def _compared(months: list[Floats], weights: Floats) -> tuple[float, ...]:
    """Return holders against others of their kind: counts, rates, the difference and its interval."""
    cells = np.concatenate(months, axis=1) if months else np.zeros((4, 0, weights.shape[1]))
    holders, others = cells[0].sum(), cells[2].sum()
    if min(holders, others) < ENOUGH:
        return holders, others, *[np.nan] * 5
    rate, rate_others = (float(one[0]) for one in _rates(cells.sum(axis=2)[:, :, None]))
    drawn, drawn_others = _rates(cells @ weights.T)
    low, high = np.nanquantile(drawn - drawn_others, ENDS)
    return holders, others, rate, rate_others, rate - rate_others, low, high


def _rates(cells: Floats) -> tuple[Floats, Floats]:
    """Return the share of holders that buys, and of others weighted as the holders (4 × kinds × draws)."""
    holders, buying, others, others_buying = cells
    both = (holders > 0) & (others > 0)
    weight = np.where(both, holders, 0.0)
    share = np.divide(others_buying, others, out=np.zeros_like(others), where=others > 0)
    total = np.maximum(weight.sum(axis=0), 1)
    return np.where(both, buying, 0.0).sum(axis=0) / total, (weight * share).sum(axis=0) / total
