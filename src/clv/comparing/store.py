"""What is known of a shop that is compared, and the stretches of days in which it is looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True, eq=False)
class Store:
    """What is known of a shop that is compared.

    Attributes
    ----------
    name, currency
        For people; the currency may be empty.
    first, until
        Day of the first order, last day of observation.
    tables
        Gives ORDERS and RETURNS, read when they are asked for: of many shops none is held.
    """

    name: str
    currency: str
    first: date
    until: date
    tables: Callable[[], tuple[pd.DataFrame, pd.DataFrame]]


@dataclass(frozen=True)
class Window:
    """A stretch of days, both ends included."""

    name: str
    first: pd.Timestamp
    last: pd.Timestamp

    @property
    def months(self) -> float:
        """How many months of 30.4 days it holds."""
        return ((self.last - self.first).days + 1) / DAYS_A_MONTH

    def holds(self, days: pd.Series) -> pd.Series:
        """Return which of the days lie in it."""
        return days.between(self.first, self.last)
