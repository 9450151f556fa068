"""Choices as numbers, and what they showed of each customer: before every choice, and on a day."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.tasting.scales import Ints, Scale

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class History:
    """Choices along an axis, by customer and day.

    Attributes
    ----------
    customers
        Numbers of the customers who chose anything, rising.
    customer, day, value
        One element per choice: place of the customer, day number, place on the scale.
    values
        How many places the scale has.
    """

    customers: Ints
    customer: Ints
    day: Ints
    value: Ints
    values: int


@dataclass(frozen=True, eq=False)
class State:
    """What was known of customers: counts (customers × values), and the last choice's place."""

    counts: Floats
    last: Ints

    def most(self, shares: Floats) -> Ints:
        """Return each one's most frequent value; of equals the last choice, then what the shop sells most."""
        latest = self.last[:, None] == np.arange(self.counts.shape[1])
        return (self.counts + 0.5 * latest + 0.25 * shares).argmax(axis=1)


def of(table: pd.DataFrame, scale: Scale) -> History:
    """Return the choices of a table (by customer and day) that say something."""
    value = scale.places(table)
    rows = table[value >= 0]
    customer, customers = pd.factorize(rows["who"].to_numpy(dtype="int64"))
    day = (rows["day"] - pd.Timestamp(0)).dt.days.to_numpy(dtype="int64")
    return History(customers, customer.astype("int64"), day, value[value >= 0], len(scale.names))


def before(history: History, *, half_life: float = np.inf) -> tuple[Ints, State]:
    """Return the choices that had one before (their rows), and what was known of the customer by then.

    Parameters
    ----------
    half_life
        Days after which a choice counts half.
    """
    customer, value = history.customer, history.value
    rows = np.flatnonzero(customer[1:] == customer[:-1]) + 1
    first = np.flatnonzero(np.r_[True, customer[1:] != customer[:-1]])[: len(history.customers)]
    age = (history.day - history.day[first][customer]) / half_life
    chosen = np.zeros((len(value), history.values))
    chosen[np.arange(len(value)), value] = np.exp2(age)
    until = chosen.cumsum(axis=0) - chosen
    known = (until[rows] - until[first[customer[rows]]]) * np.exp2(-age[rows])[:, None]
    return rows, State(known.clip(min=0.0), value[rows - 1])


def on(history: History, *, day: pd.Timestamp, half_life: float = np.inf) -> State:
    """Return what is known of every customer at the end of `day`, when no choice is later than that."""
    today = (day - pd.Timestamp(0)).days
    weight = np.exp2((history.day - today) / half_life)
    shape = (len(history.customers), history.values)
    cell = history.customer * history.values + history.value
    counts = np.bincount(cell, weights=weight, minlength=shape[0] * shape[1]).reshape(shape)
    last = np.flatnonzero(np.r_[history.customer[1:] != history.customer[:-1], True])
    return State(counts, history.value[last] if len(history.value) else history.value)
