"""Expected orders and units of each category in the next days: known customers by taste, and new ones.

What the model expects of each known customer is shared out by the customer's taste; new customers are taken
to come and to buy as lately. The interval holds what the fit does not know, chance, and how far past
forecasts of the same length missed, as seasons do. Where the past shows that 'as in the days before' does as
well, the sentence says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv import customers, models, tables
from clv.errors import NoAnswerError, SettingError
from clv.following import ahead, bought, missed
from clv.following.ahead import Basis
from clv.language import tell
from clv.told import percent

MODEL = "mbgnbd"
MOST = 6  # periods of the past on which a forecast is tried
_BAND = (0.05, 0.95)
_FEWEST = 30  # customers
WITHOUT = (
    "No order names a category, so nothing can be expected of any; export the items with their categories, "
    "or with titles that name them."
)
_UNTRIED = pd.DataFrame(columns=["opens", "category", "expected", "before", "came"])
_NOTHING = pd.DataFrame(
    columns=[
        "orders",
        "orders_low",
        "orders_high",
        "units",
        "units_low",
        "units_high",
        "known",
        "new",
        "before",
    ],
    index=pd.Index([], name="category"),
    dtype=float,
)
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Demand:
    """What is expected of one length of time.

    Attributes
    ----------
    days
        Days ahead.
    table
        Index category, the most first: orders (purchase days that hold it), orders_low, orders_high, units,
        units_low, units_high (90 %), known, new (orders of customers known today, and of new ones), before
        (orders in as many days just past).
    tried
        One row per past period and category: opens (first day), category, expected, before, came (orders).
    error, before_error
        Sum of the misses over the sum of what came, over all past periods: of the forecast, and of 'as in the
        days before'; missing where none could be tried.
    better, better_low, better_high
        before_error less error, mean over the periods, with its 90 % interval (Student); the ends are missing
        with fewer than three periods.
    sentence
        Whether the forecast should be used, in plain words.
    """

    days: int
    table: pd.DataFrame
    tried: pd.DataFrame
    error: float
    before_error: float
    better: float
    better_low: float
    better_high: float
    sentence: str


def expected(
    orders: pd.DataFrame,
    lines: pd.DataFrame | None = None,
    *,
    until: date | str,
    days: int,
    draws: int = 200,
    rng: np.random.Generator,
) -> Demand:
    """Return the orders and units of each category that are expected in the next `days` days.

    Parameters
    ----------
    orders, lines
        ORDERS, and the LINES of these orders where there are any: their categories and pieces. Without pieces
        an order counts as one.

    Raises
    ------
    InputError
        As `customers.summarise`.
    SettingError
        `days` is below 1, or `draws` below 20.
    NoAnswerError
        Too few customers are known for a model.
    """
    if days < 1 or draws < 20:
        raise SettingError(
            tell(
                "days is {days} and draws {draws}; give at least 1 day and 20 draws.", days=days, draws=draws
            )
        )
    last = pd.Timestamp(tables.as_day(until))
    found = bought.of_orders(orders, lines, item="category")
    if found.empty:
        return Demand(days, _NOTHING, _UNTRIED, *([np.nan] * 5), WITHOUT)
    holds = found.groupby(["customer_id", "day", "item"], as_index=False, observed=True)["units"].sum()
    tried = _tried(orders, holds, last, days)
    now = _basis(orders, holds, last)
    return _told(now, tried, _came(holds, last, now.items, -days), days, draws, rng)


def _basis(orders: pd.DataFrame, holds: pd.DataFrame, last: pd.Timestamp) -> Basis:
    people = customers.summarise(orders, until=last.date())
    if len(people) < _FEWEST:
        raise NoAnswerError(
            tell(
                "{people} customers are known on {last}; a forecast needs {fewest}.",
                people=len(people),
                last=last.date(),
                fewest=_FEWEST,
            )
        )
    return ahead.basis(holds, people, models.fit_by_name(MODEL, people), last=last)


def _mean(now: Basis, days: int) -> tuple[Floats, Floats]:
    """Return the expected orders with each item of known and of new customers."""
    purchases = now.fit.model.expected_purchases(now.people, days=days).to_numpy(float)
    return now.of_purchases(purchases), now.new_customers(days)


def _came(holds: pd.DataFrame, last: pd.Timestamp, items: pd.Index, days: int) -> Floats:
    """Return the orders with each item in the days after `last`; before it where `days` is below 0."""
    ends = sorted([last, last + pd.Timedelta(days=days)])
    rows = holds[(holds["day"] > ends[0]) & (holds["day"] <= ends[1])]
    return rows["item"].value_counts().reindex(items, fill_value=0).to_numpy(float)


def _tried(orders: pd.DataFrame, holds: pd.DataFrame, last: pd.Timestamp, days: int) -> pd.DataFrame:
    """Return what was expected of past periods, the latest first, and what came."""
    first, parts = holds["day"].min(), []
    for back in range(1, MOST + 1):
        end = last - pd.Timedelta(days=back * days)
        if end - pd.Timedelta(days=max(days, ahead.RECENT)) < first:
            break
        try:
            then = _basis(orders, holds, end)
        except NoAnswerError:
            break
        known, new = _mean(then, days)
        row = {"opens": end + pd.Timedelta(days=1), "category": then.items, "expected": known + new}
        row |= {"before": _came(holds, end, then.items, -days), "came": _came(holds, end, then.items, days)}
        parts.append(pd.DataFrame(row))
    return pd.concat(parts, ignore_index=True) if parts else _UNTRIED


def _told(
    now: Basis, tried: pd.DataFrame, before: Floats, days: int, draws: int, rng: np.random.Generator
) -> Demand:
    known, new = _mean(now, days)
    orders, units = ahead.drawn(now, days, spread=missed.spread(tried), draws=draws, rng=rng)
    ends = {"orders": np.quantile(orders, _BAND, axis=0), "units": np.quantile(units, _BAND, axis=0)}
    table = pd.DataFrame({"orders": known + new}, index=now.items.rename("category"))
    table = table.assign(orders_low=ends["orders"][0], orders_high=ends["orders"][1])
    table = table.assign(
        units=(known + new) * now.units, units_low=ends["units"][0], units_high=ends["units"][1]
    )
    table = table.assign(known=known, new=new, before=before.astype(int))
    error, before_error, better = missed.errors(tried)
    said = _sentence(tried, error, before_error, better, days)
    return Demand(
        days, table.sort_values("orders", ascending=False), tried, error, before_error, *better, said
    )


def _sentence(tried: pd.DataFrame, error: float, before: float, better: Sequence[float], days: int) -> str:
    if not np.isfinite(error):
        return tell("No past {days} days could be tried, so this forecast is not checked.", days=days)
    said = tell(
        "On {opens} past period(s) of {days} days the forecast missed by {error} of what came, "
        "'as in the days before' by {before}.",
        opens=tried["opens"].nunique(),
        days=days,
        error=percent(error),
        before=percent(before),
    )
    if better[1] > 0:
        return said + tell(" The forecast does better.")
    if better[2] < 0:
        return said + tell(" 'As in the days before' does better, so use that.")
    return said + tell(" The two cannot be told apart, so the simple rule is enough.")
