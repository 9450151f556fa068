"""What the buy-till-you-die models share: how they read customers and how they answer.

Each model says in four array functions how a customer who is still alive goes on buying; alive or not is one
number, so every answer is P(alive) times one of these. A new customer is one with history (0, 0, 0).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import expit

from clv.btyd.histories import Array, History, collapse, distinct, read
from clv.errors import SettingError
from clv.language import tell


def non_negative(value: object, *, name: str) -> Array:
    """Return `value` as a float array, or say that it is no length of time."""
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        found = np.array(np.nan)
    if not (np.isfinite(found) & (found >= 0)).all():
        raise SettingError(
            tell("{name} is {value!r}; give a number that is not negative.", name=name, value=value)
        )
    return found


def scalar(value: object, *, name: str) -> float:
    """Return `value` as one non-negative float."""
    found = non_negative(value, name=name)
    if found.ndim:
        raise SettingError(tell("{name} must be one number here, not {size}.", name=name, size=found.size))
    return float(found)


def whole(value: object, *, name: str) -> int:
    """Return `value` as one non-negative whole number."""
    found = scalar(value, name=name)
    if found != int(found):
        raise SettingError(tell("{name} is {value!r}; give a whole number.", name=name, value=value))
    return int(found)


@dataclass(frozen=True)
class Model(ABC):
    """A buy-till-you-die model is its parameters; every one of them is a positive number."""

    name: ClassVar[str]
    title: ClassVar[str]

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (isinstance(value, (int, float)) and np.isfinite(value) and value > 0):
                raise SettingError(
                    tell(
                        "{title} needs {field} > 0, not {value!r}.",
                        title=self.title,
                        field=field.name,
                        value=value,
                    )
                )

    # What a model has to say, in arrays --------------------------------------------------------------------

    @abstractmethod
    def alive_odds(self, history: History) -> Array:
        """Return log(P(alive) / P(gone)) of each customer; inf where nobody can have gone."""

    @abstractmethod
    def purchases_if_alive(self, x: Array, T: Array, days: Array) -> Array:
        """Return the expected purchases within `days` of a customer who is alive at age T."""

    @abstractmethod
    def pmf_if_alive(self, x: Array, T: Array, n: int, days: Array) -> Array:
        """Return P(n purchases within `days`) of a customer who is alive at age T."""

    @abstractmethod
    def buys_if_alive(self, x: Array, T: Array, days: Array) -> Array:
        """Return P(at least one purchase within `days`) of a customer who is alive at age T."""

    @abstractmethod
    def row_log_likelihood(self, history: History) -> Array:
        """Return the log-likelihood of each customer's history."""

    @abstractmethod
    def individuals(self, customers: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
        """Return one draw of each customer's rate, dropout and alive, given the history."""

    @abstractmethod
    def going_on(self, history: History, *, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return one draw of the rate and dropout of customers who are alive, given their history."""

    @abstractmethod
    def purchases_of(self, individuals: pd.DataFrame, *, days: float, rng: np.random.Generator) -> pd.Series:
        """Return one draw of each individual's purchases within the next `days`."""

    @abstractmethod
    def simulate(self, n: int, *, T: float | Array, rng: np.random.Generator) -> pd.DataFrame:
        """Return `n` new customers observed for `T` days: frequency, recency (continuous time), T."""

    # What follows from it ----------------------------------------------------------------------------------

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters by name."""
        return {name: float(value) for name, value in asdict(self).items()}

    def p_alive(self, customers: pd.DataFrame) -> pd.Series:
        """Return P(alive at T | history), one number in [0, 1] per customer."""
        return pd.Series(expit(self.alive_odds(read(customers))), index=customers.index, name="p_alive")

    def expected_purchases(self, customers: pd.DataFrame, *, days: float) -> pd.Series:
        """Return the expected purchase days within the next `days` days, one number per customer."""
        found = self._given_history(customers, self.purchases_if_alive, scalar(days, name="days"))
        return pd.Series(found, index=customers.index, name="purchases")

    def expected_path(self, customers: pd.DataFrame, *, days: Sequence[float] | Array) -> pd.DataFrame:
        """Return the expected purchase days within each of several horizons, one column per horizon."""
        history, horizons = read(customers), np.atleast_1d(non_negative(days, name="days"))
        (x, T), where = distinct(history.x, history.T)
        alive = expit(self.alive_odds(history))
        columns = {h: alive * self.purchases_if_alive(x, T, np.full(len(x), h))[where] for h in horizons}
        return pd.DataFrame(columns, index=customers.index)

    def survivors(self, customers: pd.DataFrame, *, rng: np.random.Generator) -> tuple[Array, pd.DataFrame]:
        """Return who is alive in one draw (row numbers) and their individuals; who has gone costs nothing."""
        history = read(customers)
        alive = np.flatnonzero(rng.logistic(size=len(history.x)) < self.alive_odds(history))
        rate, dropout = self.going_on(History(*(column[alive] for column in history)), rng=rng)
        found = {"rate": rate, "dropout": dropout, "alive": True}
        return alive, pd.DataFrame(found, index=customers.index[alive])

    def p_buy(self, customers: pd.DataFrame, *, days: float) -> pd.Series:
        """Return P(at least one purchase within the next `days` days | history)."""
        found = self._given_history(customers, self.buys_if_alive, scalar(days, name="days"))
        return pd.Series(found, index=customers.index, name="p_buy")

    def p_exactly(self, customers: pd.DataFrame, *, n: int, days: float) -> pd.Series:
        """Return P(exactly n purchases within the next `days` days | history)."""
        count = whole(n, name="n")
        found = self._given_history(
            customers, lambda x, T, h: self.pmf_if_alive(x, T, count, h), scalar(days, name="days")
        )
        if count == 0:
            found = found + expit(-self.alive_odds(read(customers)))
        return pd.Series(found, index=customers.index, name=f"p_{count}")

    def expected_new(self, *, days: float | Array) -> float | Array:
        """Return the expected repeat purchase days of a new customer in the first `days` days."""
        horizon = non_negative(days, name="days")
        return self._of_new_customer(self.purchases_if_alive, horizon)

    def p_new_exactly(self, *, n: int, days: float | Array) -> float | Array:
        """Return P(a new customer makes exactly n repeat purchases in the first `days` days)."""
        count, horizon = whole(n, name="n"), non_negative(days, name="days")
        found = self._of_new_customer(lambda x, T, h: self.pmf_if_alive(x, T, count, h), horizon)
        return found + (1 - self._new_alive()) if count == 0 else found

    def log_likelihood(self, customers: pd.DataFrame) -> float:
        """Return the log-likelihood of the customers' histories, in units of the table's time."""
        rows, counts = collapse(customers)
        return float(counts @ self.row_log_likelihood(rows))

    def _given_history(self, customers: pd.DataFrame, answer: Callable[..., Array], days: float) -> Array:
        history = read(customers)
        (x, T), where = distinct(history.x, history.T)
        return expit(self.alive_odds(history)) * answer(x, T, np.full(len(x), days))[where]

    def _of_new_customer(self, answer: Callable[..., Array], days: Array) -> float | Array:
        flat = np.atleast_1d(days)
        found = self._new_alive() * answer(np.zeros(len(flat)), np.zeros(len(flat)), flat)
        return found if days.ndim else float(found[0])

    def _new_alive(self) -> float:
        zero = np.zeros(1)
        return float(expit(self.alive_odds(History(zero, zero, zero)))[0])
