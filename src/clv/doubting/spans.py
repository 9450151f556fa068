"""Purchase days → spans: each customer's days from the first to the last purchase, and those between."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Spans:
    """Customers with a purchase day between their first and last one; days count from the first of all.

    Attributes
    ----------
    start
        The day that is day 0.
    first, last
        Of each customer.
    inner
        Purchase days between these, of each customer; at least 1.
    who, day
        Of each such day: the customer's place, and the day; sorted.
    """

    start: pd.Timestamp
    first: Ints
    last: Ints
    inner: Ints
    who: Ints
    day: Ints

    @property
    def between(self) -> Ints:
        """Days from which those of `inner` are drawn."""
        return self.last - self.first - 1


def of(bought: pd.DataFrame) -> Spans:
    """Take the spans out of purchase days, as `purchase_days.from_orders` makes them."""
    start = bought["day"].min()
    day = (bought["day"] - start).dt.days.to_numpy()
    ends = np.flatnonzero(~bought["returned"].to_numpy())
    begins = np.append(0, ends[:-1] + 1)
    inner = ends - begins - 1
    some = inner > 0
    place = np.cumsum(some) - 1
    step = bought["step"].to_numpy()
    is_inner = (step > 1) & bought["returned"].to_numpy()
    who = np.repeat(place, ends - begins + 1)[is_inner]
    return Spans(start, day[begins[some]], day[ends[some]], inner[some], who, day[is_inner])
