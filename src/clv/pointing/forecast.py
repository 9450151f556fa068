"""What is to be expected of the points that customers hold, and how far it may be believed."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from clv.errors import NoAnswerError
from clv.language import tell
from clv.pointing import checking, levers, liability, rates, reminders, replay
from clv.pointing.checking import Check
from clv.pointing.levers import Assumed
from clv.pointing.lots import Account
from clv.pointing.rates import Rates

UNSEEN = 0.1  # part of the days ahead at ages never seen, from which a forecast is called bold


@dataclass(frozen=True)
class Terms:
    """What the shop says of its points.

    Attributes
    ----------
    value
        Money that a point is worth when it is used.
    remind_from
        Points about to expire from which a customer is worth a reminder.
    valid_days
        Days for which points are valid that name no last day; 0: for ever.
    assumed
        What levers are taken to do.
    draws
        Redrawn sets of customers behind each interval.
    """

    value: float
    remind_from: float = 100.0
    valid_days: int = 0
    assumed: Assumed = field(default_factory=Assumed)
    draws: int = 400


@dataclass(frozen=True, eq=False)
class Forecast:
    """What is to be expected.

    Attributes
    ----------
    rates
        How fast points are used.
    liability, curve
        See `liability.of` and `liability.expiry_curve`.
    in_a_quarter
        Points that customers should hold 91 days from now.
    held, a_year
        What levers would do to the points held, and to those earned in a year; see `levers`.
    reminders
        Whom to remind; see `reminders.counts`.
    check
        The same forecast made at earlier days; None where the history is too short.
    """

    rates: Rates
    liability: pd.DataFrame
    curve: pd.DataFrame
    in_a_quarter: float
    held: pd.DataFrame
    a_year: pd.DataFrame
    reminders: pd.DataFrame
    check: Check | None

    @property
    def trust(self) -> str:
        """How far the forecast of what expires may be believed, in words."""
        said = tell("The history is too short to check the forecast.")
        said = self.check.says("expired") if self.check else said
        unseen = float(self.liability.loc["all", "unseen"])
        if unseen <= UNSEEN:
            return said
        return tell(
            "{said} {unseen:.0%} of the days ahead lie at ages at which too few points were seen so "
            "far; there, use is taken to go on as before.",
            said=said,
            unseen=unseen,
        )


def of(
    points: pd.DataFrame,
    account: Account,
    *,
    terms: Terms,
    rng: np.random.Generator,
    members: pd.DataFrame | None = None,
) -> Forecast:
    """Return what is to be expected.

    Parameters
    ----------
    points
        The POINTS table behind the account.
    members
        A MEMBERS table, for the consents.

    Raises
    ------
    NoAnswerError
        Too few have used points, or nobody holds any.
    """
    found, value = rates.fit(account, rng=rng, draws=terms.draws), terms.value
    told = replay.believed(points, account, found, longer=terms.assumed.longer, rng=rng)
    return Forecast(
        rates=found,
        liability=liability.of(account, found, value=value, rng=rng),
        curve=liability.expiry_curve(account, found, value=value, rng=rng),
        in_a_quarter=checking.balance_in(account, found),
        held=levers.of_held(account, found, value=value, assumed=terms.assumed, believed=told),
        a_year=levers.of_a_year(account, found, value=value, assumed=terms.assumed, believed=told),
        reminders=reminders.counts(account, found, value=value, least=terms.remind_from, members=members),
        check=_check(account, rng),
    )


def _check(account: Account, rng: np.random.Generator) -> Check | None:
    try:
        return checking.held_out(account, rng=rng)
    except NoAnswerError:
        return None
