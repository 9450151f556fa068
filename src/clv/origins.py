"""Rolling origins: days in the shop's past on which somebody stood, knew so much, and waited for what came.

    history ────────────┬────────────┬────────────┬────────────┐ until
                       day 3        day 2        day 1 (latest)
                 learned before    judged        judged

An origin is a day with what was known on it, what the known customers did in the `horizon` days after it, and
the day one horizon before, from which the order of segments (and rules that are held) was learned.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from clv import customers, purchase_days, tables
from clv.errors import NoAnswerError, SettingError
from clv.known import MODEL, Known
from clv.language import tell

FEWEST_CUSTOMERS = 30  # on the earliest day
FEWEST_BUYERS = 10  # among them within the horizon; below it every order of the schemes is chance


@dataclass(frozen=True, eq=False)
class Origin:
    """A day, what was known on it and what came of it.

    Attributes
    ----------
    day
        The last day that counts as known.
    known
        The customers at the end of that day.
    later
        Same customers: `purchases` (purchase days) and `spend` (money) in the horizon after the day.
    before
        The origin one horizon earlier, whose `later` ends on `day`; None for the one that only teaches.
    """

    day: date
    known: Known
    later: pd.DataFrame
    before: "Origin | None"


def rolling(
    orders: pd.DataFrame, *, until: date | str, horizon: int, count: int = 3, model: str = MODEL
) -> list[Origin]:
    """Return up to `count` origins, one horizon apart, the latest first; each has one before it to learn by.

    Fewer come back where the history is shorter than `count` + 2 horizons, or where too few customers stood
    on the earlier days.

    Parameters
    ----------
    orders
        An ORDERS table.
    until
        Last day of observation: the latest origin lies one horizon before it.
    horizon
        Days ahead that are to be foreseen.
    model
        The model of purchases that model-based schemes ask.

    Raises
    ------
    SettingError
        The horizon or the count is below 1.
    NoAnswerError
        The history does not hold three horizons, or on the two latest days too few customers stand, or all
        are alike.
    """
    if horizon < 1 or count < 1:
        raise SettingError(
            tell(
                "horizon is {horizon} and origins {count}; both should be at least 1.",
                horizon=horizon,
                count=count,
            )
        )
    last = tables.as_day(until)
    days = purchase_days.from_orders(orders, until=last)
    held = min(count, _horizons(days, last, horizon) - 2)
    stood: list[Origin] = []
    for back in range(1, held + 2):
        try:
            stood.append(_origin(orders, days, last - timedelta(days=back * horizon), horizon, model))
        except NoAnswerError:
            if len(stood) < 2:  # one to judge and one to learn from are the least
                raise
            break
    return _linked(stood)


def _linked(stood: list[Origin]) -> list[Origin]:
    """Return all but the earliest, each with the one before it."""
    found: list[Origin] = []
    before = stood[-1]
    for origin in reversed(stood[:-1]):
        before = replace(origin, before=before)
        found.append(before)
    return found[::-1]


def today(orders: pd.DataFrame, *, until: date | str, horizon: int, model: str = MODEL) -> Known:
    """Return what is known at the end of the last day, of which nothing has come yet.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders` and `customers.summarise`.
    """
    waits = purchase_days.from_orders(orders, until=until)
    return Known(customers.summarise(orders, until=until), horizon=horizon, waits=waits, model=model)


def _horizons(days: pd.DataFrame, last: date, horizon: int) -> int:
    """Return how many whole horizons the history holds; three are the least to learn and to judge."""
    history = (pd.Timestamp(last) - days["day"].min()).days
    if history < 3 * horizon:
        raise NoAnswerError(
            tell(
                "the orders span {history} days, and a horizon of {horizon} days needs three times as "
                "many ({horizon2}): one to know the customers by, one to learn from, one held out to "
                "judge. ",
                history=history,
                horizon=horizon,
                horizon2=3 * horizon,
            )
            + (
                tell("Choose a horizon of at most {history} days.", history=history // 3)
                if history >= 3
                else "Give a longer history."
            )
        )
    return history // horizon


def _origin(orders: pd.DataFrame, days: pd.DataFrame, day: date, horizon: int, model: str) -> Origin:
    waits = purchase_days.as_of(days, until=day)
    table = customers.summarise(orders, until=day)
    later = _later(days, day, horizon, table.index)
    _check(table, later, day, horizon)
    return Origin(day, Known(table, horizon=horizon, waits=waits, model=model), later, None)


def _later(days: pd.DataFrame, day: date, horizon: int, known: pd.Index) -> pd.DataFrame:
    first, last = pd.Timestamp(day), pd.Timestamp(day + timedelta(days=horizon))
    after = days[(days["day"] > first) & (days["day"] <= last)].groupby("customer_id")
    found = after.agg(purchases=("day", "size"), spend=("amount", "sum")).reindex(known, fill_value=0)
    return found.astype({"purchases": "int64", "spend": float}).round({"spend": tables.MONEY_DIGITS})


def _check(table: pd.DataFrame, later: pd.DataFrame, day: date, horizon: int) -> None:
    n, buyers = len(table), int((later["purchases"] > 0).sum())
    if n < FEWEST_CUSTOMERS:
        raise NoAnswerError(
            tell(
                "on {day} the shop had {n} customer(s); a comparison of schemes needs at least "
                "{fewest_customers}. Give a longer history or a shorter horizon.",
                day=day,
                n=n,
                fewest_customers=FEWEST_CUSTOMERS,
            )
        )
    if buyers < FEWEST_BUYERS:
        raise NoAnswerError(
            tell(
                "in the {horizon} days after {day} {buyers} of {n:,} customers bought; a comparison of "
                "schemes needs at least {fewest_buyers}. Choose a longer horizon.",
                horizon=horizon,
                day=day,
                buyers=buyers,
                n=n,
                fewest_buyers=FEWEST_BUYERS,
            )
        )
    if all(np.ptp(table[name]) == 0 for name in ("days_since_last", "frequency", "total_spend")):
        raise NoAnswerError(
            tell(
                "on {day} all {n:,} customers had the same recency, purchases and spend; no scheme can "
                "tell them apart. Give a longer history.",
                day=day,
                n=n,
            )
        )
