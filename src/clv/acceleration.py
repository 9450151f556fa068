"""Does a threshold that comes near really speed people up?

Whoever is near a high threshold buys often, threshold or not; so "near the next tier" always looks busy. Here
the share that orders within some days is set against what customers with the same purchases before do, those
just below a threshold against those farther below and those just above, and all of it against placebo
thresholds: the same reckoning at many amounts that mean nothing to anybody. Only what a real threshold shows
beyond them counts. Whether orders are topped up to just above a threshold is told in the same way.

The hypothesis is the goal gradient (Kivetz, Urminsky & Zheng 2006, Journal of Marketing Research 43:39),
found with stamp cards; Lewis 2004 (Journal of Marketing Research 41:281) finds that a reward programme raised
purchases. A tier is no stamp card: many do not know how near it is, and those just above it have its
benefits, which, where they work, make the effect here look smaller than it is.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from clv.errors import SettingError
from clv.language import tell
from clv.tiering import distances, placebos, qualifying
from clv.tiering.approach import Looks, looks, sampled
from clv.tiering.contract import Membership
from clv.tiering.placebos import Compared
from clv.tiering.qualifying import Bought

SPEEDS_UP, NO_SIGN, CANNOT_TELL = "speeds up", "no sign", "cannot tell"
SURE = 0.05  # p-value up to which a difference is called one
WORTH = 0.25  # of the usual rate: an effect that a shop would want to know of
NEAR = 0.15  # of a threshold, that counts as just below it
DAYS = 30
_SPAN = (0.05, 0.99)  # of what customers have, between which placebo thresholds lie


@dataclass(frozen=True, eq=False)
class Acceleration:
    """What was found.

    Attributes
    ----------
    word
        SPEEDS_UP, NO_SIGN (an effect of a quarter of the usual rate would have been seen), or CANNOT_TELL.
    sentence
        The same in plain words, with what would have been seen.
    hurry, topped_up
        Shares that order (parts of one), and the logarithm of the jump in the number of orders, each against
        placebo thresholds; None where too few are near.
    rate
        Share of those just below a threshold who are expected to order within `days` days by their own past.
    days, near
        Days that followed a look, and the share of a threshold that is near.
    bands
        Customers by distance, all thresholds together; see `tiering.distances`.
    """

    word: str
    sentence: str
    hurry: Compared | None
    topped_up: Compared | None
    rate: float
    days: int
    near: float
    bands: pd.DataFrame

    @property
    def tops_up(self) -> str:
        """The word for `topped_up`: whether orders end just above a threshold more often than elsewhere."""
        if self.topped_up is None:
            return CANNOT_TELL
        if self.topped_up.p_value <= SURE:
            return "tops up"
        worth = np.log1p(WORTH)
        return NO_SIGN if max(self.topped_up.smallest, self.topped_up.high) <= worth else CANNOT_TELL

    @property
    def topping_up(self) -> str:
        """What was found of orders that end just above a threshold, in plain words."""
        if self.topped_up is None:
            return tell(
                "Whether orders are topped up to just above a threshold cannot be told: too few end there."
            )
        found = self.topped_up
        low, high = (f"{np.expm1(end) * 100:+.0f} %" for end in (found.low, found.high))
        ends = tell("{low} to {high}", low=low, high=high)
        shown = tell(
            "against other amounts, {expm1:+.0f} % orders ({ends}) end there",
            expm1=np.expm1(found.effect) * 100,
            ends=ends,
        )
        if self.tops_up == NO_SIGN:
            return tell(
                "There is no sign that orders are topped up to just above a threshold: {shown}.", shown=shown
            )
        if self.tops_up == CANNOT_TELL:
            return tell(
                "Whether orders are topped up to just above a threshold cannot be told: {shown}.", shown=shown
            )
        return tell("Orders are topped up to just above a threshold: {shown}.", shown=shown)


def test(
    orders: pd.DataFrame,
    membership: Membership,
    *,
    until: date | str,
    rng: np.random.Generator,
    days: int = DAYS,
    near: float = NEAR,
) -> Acceleration:
    """Test whether customers near the thresholds of these rules order sooner than elsewhere.

    Parameters
    ----------
    orders
        An ORDERS table.
    rng
        Draws customers, where there are more than 60,000.
    days
        Days that follow a look at everybody, and between two looks.
    near
        Share of a threshold that counts as just below it.

    Returns
    -------
    The verdict, its evidence, and what would have been seen.

    Raises
    ------
    InputError, NoAnswerError
        As `tiers.history`.
    SettingError
        `days` or `near` is out of range.
    """
    if not 1 <= days <= 365 or not 0.02 <= near <= 0.4:
        raise SettingError(
            tell(
                "days is {days} and near {near:g}; give 1 to 365 days and a share of 0.02 to 0.4.",
                days=days,
                near=near,
            )
        )
    found = sampled(qualifying.bought(orders, until=until), rng=rng)
    thresholds = [start for start in membership.starts if start > 0]
    if membership.by != "spend":
        return _unsaid("orders and months are counted, and no number of them means nothing", days, near)
    seen = looks(found, membership, days=days)
    if len(seen.amount) < 3 * placebos.FEWEST:
        return _unsaid("hardly anybody was seen for a whole window and the days after it", days, near)
    span = tuple(np.quantile(seen.amount, _SPAN))
    zone = placebos.zone_of_hurry(near)
    hurry = placebos.compare(placebos.hurry(seen, near=near), thresholds, zone=zone, span=span)
    if hurry is None:
        return _unsaid("too few customers are near a threshold, or too few others mean nothing", days, near)
    rate = _rate(seen, hurry.real["threshold"].to_numpy(), near)
    word = _word(hurry, rate)
    return Acceleration(
        word, _sentence(word, hurry, rate, days), hurry, _topped_up(found, membership, near=near, span=span),
        rate, days, near, distances.bands(seen, hurry, near=near),
    )  # fmt: skip


def _unsaid(reason: str, days: int, near: float) -> Acceleration:
    bands = pd.DataFrame(columns=distances.COLUMNS, dtype=float)
    said = tell("Whether a threshold speeds anybody up cannot be told: {reason}.", reason=reason)
    return Acceleration(CANNOT_TELL, said, None, None, float("nan"), days, near, bands)


def _word(found: Compared, rate: float) -> str:
    if found.p_value <= SURE:
        return SPEEDS_UP
    # it would have seen an effect worth having and its interval holds none, or it holds losses alone
    surely = found.high < 0 or max(found.smallest, found.high) <= WORTH * rate
    return NO_SIGN if surely else CANNOT_TELL


def _sentence(word: str, found: Compared, rate: float, days: int) -> str:
    seen = tell(
        "An effect of {smallest:.1f} points would have been seen four times in five.",
        smallest=found.smallest * 100,
    )
    shown = tell(
        "{effect:+.1f} points ({low:+.1f} to {high:+.1f}) on the {rate:.0f} % who are expected "
        "to order within {days} days",
        effect=found.effect * 100,
        low=found.low * 100,
        high=found.high * 100,
        rate=rate * 100,
        days=days,
    )
    if word == SPEEDS_UP:
        return tell("Customers just below a threshold do order sooner: {shown}.", shown=shown)
    if found.high < 0:
        return tell(
            "A threshold speeds nobody up: customers just below it order later than elsewhere, {shown}.",
            shown=shown,
        )
    if word == NO_SIGN:
        return tell(
            "There is no sign that a threshold speeds anybody up: {shown}. {seen}", shown=shown, seen=seen
        )
    return tell(
        "Whether a threshold speeds anybody up cannot be told: {shown}. {seen}", shown=shown, seen=seen
    )


def _rate(seen: Looks, thresholds: np.ndarray, near: float) -> float:
    """Return the expected share that orders among those just below the thresholds."""
    mine = np.zeros(len(seen.amount), dtype=bool)
    for at in thresholds:
        mine |= (seen.amount >= at * (1 - near)) & (seen.amount < at) & (seen.peak < at)
    return float(seen.expected[mine].mean())


def _topped_up(
    found: Bought, rules: Membership, *, near: float, span: tuple[float, float]
) -> Compared | None:
    steps = qualifying.path(qualifying.units(found, rules), until=found.until)
    rises = np.r_[True, (steps.amount[1:] > steps.amount[:-1]) | (steps.who[1:] != steps.who[:-1])]
    statistic = placebos.bunching(steps.who[rises], steps.amount[rises], near=near / 2)
    starts = [start for start in rules.starts if start > 0]
    return placebos.compare(statistic, starts, zone=placebos.zone_of_bunching(near / 2), span=span)
