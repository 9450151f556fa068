"""The key facts by which shops are compared: what they are called, and what they are counted in."""

from dataclasses import dataclass
from typing import Literal

from clv.language import tell

Unit = Literal["share", "money", "number", "index"]


@dataclass(frozen=True)
class Measure:
    """One key fact.

    Attributes
    ----------
    key
        What programs call it.
    words
        What people call it; {return_days} and {active_days} stand for the days that were asked for.
    unit
        'share' (0 to 1), 'index' (0 to 1, but no share of anything), 'money', or 'number' (per month).
    of_size
        Whether it says how large a shop is, so that shops need not be alike in it.
    so_far
        Whether it is about all customers so far, so that it moves as a shop grows older.
    """

    key: str
    words: str
    unit: Unit
    of_size: bool = False
    so_far: bool = False

    @property
    def lies_in_one(self) -> bool:
        """Whether it lies between 0 and 1."""
        return self.unit in ("share", "index")


MEASURES: dict[str, Measure] = {
    one.key: one
    for one in (
        Measure("orders", "orders a month", "number", of_size=True),
        Measure("money", "money a month", "money", of_size=True),
        Measure("new_customers", "new customers a month", "number", of_size=True),
        Measure("average_order", "money an order", "money"),
        Measure("returning_share", "returning customers' money", "share"),
        Measure("second_order", "second order within {return_days} days", "share"),
        Measure("one_time", "bought on one day only", "share", so_far=True),
        Measure("active", "bought in the last {active_days} days", "share", so_far=True),
        Measure("refund", "money paid back", "share"),
        Measure("gini", "concentration (Gini)", "index"),
        Measure("known", "orders that name the buyer", "share"),
    )
}


def words(*, return_days: int = 90, active_days: int = 90) -> dict[str, str]:
    """Return what people call each measure, by its key, the days filled in."""
    days = {"return_days": return_days, "active_days": active_days}
    return {key: tell(one.words, **days) for key, one in MEASURES.items()}


def compared(currencies: set[str]) -> list[str]:
    """Return the measures by which shops of these currencies can be compared: no sizes; money of one only."""
    one_money = len(currencies) == 1 and "" not in currencies
    return [key for key, one in MEASURES.items() if not one.of_size and (one.unit != "money" or one_money)]
