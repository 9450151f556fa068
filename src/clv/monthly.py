"""The numbers that a shop watches month by month: orders, buyers, second orders, the average order."""

from datetime import date

import numpy as np
import pandas as pd

from clv import purchase_days, tables
from clv.errors import NoAnswerError
from clv.language import tell

BACK_WITHIN = 90  # days after the first order within which a second one counts
_A_WEEK = 7  # days by which the first order must lie in a month for the month to count as whole


def numbers(orders: pd.DataFrame, *, until: date | str | None = None) -> pd.DataFrame:
    """Return the numbers that are watched, for each whole month.

    Parameters
    ----------
    orders
        An ORDERS table.
    until
        Last day of observation; the day of the last order when None. A month that is not over by then is left
        out, and so is a first month whose first order came after its first week.

    Returns
    -------
    Long: number (orders, buyers, second_order, average), month (pandas Period, no gaps), value (orders and
    buyers: count; second_order: of the customers whose 90th day since the first order fell into the month the
    share that had come back by then; average: money kept per order), days (of the month), level (value on the
    scale that is watched: log per day, logit, log), error (standard error of `level` by chance alone). Value,
    level and error are missing in months that hold nothing to reckon it from.

    Raises
    ------
    InputError
        `until` is not a date.
    NoAnswerError
        There are no orders up to it.
    """
    bought = tables.check(orders, tables.ORDERS)
    end = bought["paid_at"].max() if until is None else pd.Timestamp(tables.as_day(until))
    bought = bought[bought["paid_at"].dt.normalize() <= end.normalize()]
    if bought.empty:
        if until:
            raise NoAnswerError(tell("there are no orders to describe up to {until}.", until=until))
        raise NoAnswerError(tell("there are no orders to describe."))
    spans = _whole(bought["paid_at"].min(), end.normalize())
    by_month = bought.groupby(bought["paid_at"].dt.to_period("M"))
    count, buyers = by_month.size(), by_month["customer_id"].nunique()
    money = by_month["amount"].agg(["size", "mean", "std"])
    rows = [
        _counts("orders", count.reindex(spans, fill_value=0)),
        _counts("buyers", buyers.reindex(spans, fill_value=0)),
        _shares("second_order", _second_orders(bought, end).reindex(spans)),
        _means("average", money.reindex(spans)),
    ]
    named = rows if buyers.any() else [rows[0], rows[3]]
    return pd.concat(named, ignore_index=True)


def _whole(first: pd.Timestamp, end: pd.Timestamp) -> pd.PeriodIndex:
    start = first.to_period("M")
    start += 1 if first >= start.start_time + pd.Timedelta(days=_A_WEEK) else 0
    last = end.to_period("M")
    last -= 0 if end == last.end_time.normalize() else 1
    return pd.period_range(start, last, freq="M", name="month")


def _second_orders(bought: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """Return by month how many customers' 90th day fell into it, and how many had come back by then."""
    if bought["customer_id"].isna().all():
        return pd.DataFrame({"n": [], "k": []}, index=pd.PeriodIndex([], freq="M"))
    first = purchase_days.from_orders(bought, until=end.date()).query("step == 1")
    first = first[first["followed"] >= BACK_WITHIN]
    month = (first["day"] + pd.Timedelta(days=BACK_WITHIN)).dt.to_period("M")
    back = first["returned"] & (first["gap"] <= BACK_WITHIN)
    return pd.DataFrame({"n": back.groupby(month).size(), "k": back.groupby(month).sum()})


def _counts(number: str, count: pd.Series) -> pd.DataFrame:
    days = count.index.days_in_month.to_numpy()
    level, error = np.log((count + 0.5) / days), 1 / np.sqrt(count + 0.5)
    return _rows(number, count.astype(float), level, error)


def _shares(number: str, found: pd.DataFrame) -> pd.DataFrame:
    n, k = found["n"].where(found["n"] > 0), found["k"]
    level = np.log((k + 0.5) / (n - k + 0.5))
    return _rows(number, k / n, level, np.sqrt(1 / (k + 0.5) + 1 / (n - k + 0.5)))


def _means(number: str, found: pd.DataFrame) -> pd.DataFrame:
    error = (found["std"] / found["mean"] / np.sqrt(found["size"])).fillna(1.0)
    return _rows(number, found["mean"], np.log(found["mean"]), error.where(found["mean"].notna()))


def _rows(number: str, value: pd.Series, level: pd.Series, error: pd.Series) -> pd.DataFrame:
    days = value.index.days_in_month
    told = {"value": value.to_numpy(), "days": days, "level": level.to_numpy(), "error": error.to_numpy()}
    return pd.DataFrame({"number": number, "month": value.index, **told})
