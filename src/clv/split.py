"""Orders → a split in time: what was known on a day, and what the same customers did after it.

A model fitted on `calibration` has not seen one order of `later`: every check of the kit rests on that.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import ibis
import pandas as pd

from clv import customers, order_tables, tables
from clv.errors import NoAnswerError, SettingError
from clv.language import tell


@dataclass(frozen=True)
class Split:
    """Customers as known at the end of `end`, and their purchases from the next day to `until`.

    Attributes
    ----------
    calibration
        CUSTOMERS table at `end`.
    later
        Same index: `purchases` (purchase days after `end`) and `spend` (money after `end`).
    repeats
        Indexed by day: repeat purchase days of these customers, all of them together, before and after `end`.
    """

    calibration: pd.DataFrame
    later: pd.DataFrame
    repeats: pd.Series
    end: date
    until: date

    @property
    def days(self) -> int:
        """Length of the holdout."""
        return (self.until - self.end).days


def split(orders: pd.DataFrame | Path | str, *, until: date | str, days: int = 0) -> Split:
    """Hide the last `days` days of the orders; 0 hides a quarter of the history.

    Raises
    ------
    SettingError
        `days` is negative or reaches back to the first order.
    NoAnswerError
        The history is too short to hide any of it (under 8 days).
    """
    source = order_tables.of_customers(orders)
    first = order_tables.extent(source).first
    last = tables.as_day(until)
    history = (last - first).days
    if history < 8:
        raise NoAnswerError(
            tell(
                "the orders span {history} day(s); a check on hidden orders needs at least 8.",
                history=history,
            )
        )
    hidden = days or history // 4
    if not 0 < hidden < history:
        raise SettingError(
            tell(
                "holdout_days must lie between 1 and {history}; it is {days}.", history=history - 1, days=days
            )
        )
    end = last - timedelta(days=hidden)
    calibration = customers.summarise(orders, until=end)
    bought = _purchase_days(source, last)
    return Split(
        calibration, _later(bought, end, calibration.index), _repeats(bought, calibration), end, last
    )


def _purchase_days(source: ibis.Table, last: date) -> pd.DataFrame:
    bought = source.mutate(day=source.paid_at.date()).filter(lambda t: t.day <= ibis.literal(last))
    days = bought.group_by("customer_id", "day").agg(money=bought.amount.sum()).to_pandas()
    return days.assign(day=pd.to_datetime(days["day"]))


def _later(bought: pd.DataFrame, end: date, known: pd.Index) -> pd.DataFrame:
    after = bought[bought["day"] > pd.Timestamp(end)].groupby("customer_id")
    found = after.agg(purchases=("day", "size"), spend=("money", "sum")).reindex(known, fill_value=0)
    return found.astype({"purchases": "int64", "spend": float})


def _repeats(bought: pd.DataFrame, calibration: pd.DataFrame) -> pd.Series:
    first = bought["customer_id"].map(calibration["first_order"])
    return bought.loc[bought["day"] > first, "day"].value_counts().sort_index().rename("repeats")
