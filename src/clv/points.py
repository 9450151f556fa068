"""Points of a shop: what customers hold, what will expire unused, what the rest costs, whom to remind.

POINTS → account (lots, first in first out) → balances, reasons, buying around expiry
                                            → rates of use → breakage, liability, levers, checked
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from clv.errors import NoAnswerError
from clv.language import tell
from clv.pointing import (
    around,
    balances,
    checking,
    forecast,
    levers,
    liability,
    lots,
    rates,
    reasons,
    reminders,
)
from clv.pointing.around import Around
from clv.pointing.forecast import Forecast, Terms
from clv.pointing.levers import Assumed
from clv.pointing.lots import Account

__all__ = [
    "Account", "Around", "Assumed", "Forecast", "Study", "Terms", "around", "balances", "checking", "levers",
    "liability", "lots", "of", "rates", "reasons", "reminders", "with_last_day",
]  # fmt: skip
DISAGREE = 0.02  # part of the customers whose two balances may differ


@dataclass(frozen=True, eq=False)
class Study:
    """All that can be said of a shop's points.

    Attributes
    ----------
    account
        The accounts on the last day.
    flows, months
        What came and went, in all and by month; see `balances`.
    members
        Against the members file; None where that has no points.
    reasons, earners, discount
        See `reasons`.
    free
        Part of the points earned otherwise than by buying; missing without reasons.
    around
        Whether people buy before points expire.
    forecast
        What is to be expected; None where too few have used points, or nobody holds any: `why` says which.
    notes
        What of the ledger counts nowhere, or not everywhere, in sentences.
    """

    account: Account
    flows: pd.DataFrame
    months: pd.DataFrame
    members: pd.DataFrame | None
    reasons: pd.DataFrame
    free: float
    earners: pd.DataFrame
    discount: pd.DataFrame
    around: Around
    forecast: Forecast | None
    why: str
    notes: tuple[str, ...]

    @property
    def agreement(self) -> str:
        """How the balances of the ledger agree with those in the members file, in a sentence."""
        if self.members is None:
            return tell("There is no members file with points, so the balances cannot be compared with it.")
        both = self.members["customers"].drop([balances.OURS_ALONE, balances.THEIRS_ALONE])
        if not both.sum():
            return tell(
                "No customer stands in both the ledger and the members file, so nothing can be compared."
            )
        apart = int(both.sum() - both[balances.AGREE])
        trusted = apart <= DISAGREE * both.sum()
        return tell(
            "{apart:,} of {both:,} customers who stand in both have another balance in the members "
            "file: {word}.",
            apart=apart,
            both=both.sum(),
            word="few enough" if trusted else "find out which is right before anybody is written to",
        )


def of(
    points: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    until: date | str,
    terms: Terms,
    rng: np.random.Generator,
    members: pd.DataFrame | None = None,
) -> Study:
    """Return all that can be said of a shop's points.

    Parameters
    ----------
    points, orders, members
        POINTS, ORDERS and MEMBERS tables.
    until
        The last day that counts.
    terms
        What the shop says of its points.

    Raises
    ------
    InputError
        A table breaks its contract.
    NoAnswerError
        The ledger has no row up to that day.
    """
    points = with_last_day(points, days=terms.valid_days) if terms.valid_days else points
    account = lots.of(points, until=until)
    known = points[points["at"] <= account.until]
    expected, why = _expected(known, account, terms, rng, members)
    knows_points = members is not None and "points" in members
    return Study(
        account=account,
        flows=balances.in_all(account),
        months=balances.by_month(account),
        members=balances.against_members(account, members) if knows_points else None,
        reasons=reasons.by_reason(known),
        free=reasons.not_from_purchases(known),
        earners=reasons.top_earners(known),
        discount=reasons.discount(known, orders, value=terms.value, rng=rng, draws=terms.draws),
        around=around.expiry(account, orders, least=terms.remind_from, rng=rng, draws=terms.draws),
        forecast=expected,
        why=why,
        notes=_notes(points, known, orders, account),
    )


def _notes(
    points: pd.DataFrame, known: pd.DataFrame, orders: pd.DataFrame, account: Account
) -> tuple[str, ...]:
    """Return what the last day leaves out, and who of the ledger is not in the orders."""
    later = len(points) - len(known)
    ids = pd.Index(known["customer_id"].unique())
    unknown = int((~ids.isin(orders["customer_id"].dropna())).sum())
    left_out = tell(
        "{later:,} changes of points lie after the last day, {until:%Y-%m-%d}, and are left out.",
        later=later,
        until=account.until,
    )
    nobody = tell(
        "Not one of the {ids:,} customers of the ledger is in the orders, so nothing can be said "
        "of points as a discount, or of buying before they expire; see that both have customer "
        "ids of one kind.",
        ids=len(ids),
    )
    some = tell(
        "{unknown:,} of {ids:,} customers of the ledger are not in the orders; what they used is "
        "no discount on what was bought here.",
        unknown=unknown,
        ids=len(ids),
    )
    return (left_out,) * (later > 0) + (nobody if unknown == len(ids) else some,) * (unknown > 0)


def told(
    points: pd.DataFrame | None,
    orders: pd.DataFrame,
    *,
    until: date | str,
    terms: Terms,
    rng: np.random.Generator,
    members: pd.DataFrame | None = None,
) -> tuple[Study | None, str]:
    """Return the same where there is a ledger, or a sentence that says why nothing can be said."""
    if points is None:
        return None, tell(
            "The shop file names no ledger of points, `points:`, so nothing can be said of them."
        )
    try:
        return of(points, orders, until=until, terms=terms, rng=rng, members=members), ""
    except NoAnswerError as error:
        return None, tell("Nothing can be said of points: {error}", error=error)


def _expected(
    points: pd.DataFrame,
    account: Account,
    terms: Terms,
    rng: np.random.Generator,
    members: pd.DataFrame | None,
) -> tuple[Forecast | None, str]:
    try:
        return forecast.of(points, account, terms=terms, rng=rng, members=members), ""
    except NoAnswerError as error:
        return None, str(error)


def with_last_day(points: pd.DataFrame, *, days: int) -> pd.DataFrame:
    """Return a POINTS table in which earned points without a last day are valid for `days` days.

    For ledgers that do not name the day, where the shop's rule is known.
    """
    open_ = points["kind"].eq(lots.EARNED) & points["expires_on"].isna()
    last = points["at"] + pd.Timedelta(days=days)
    return points.assign(expires_on=points["expires_on"].mask(open_, last))
