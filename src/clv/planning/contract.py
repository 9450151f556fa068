"""What a plan is made of: the options of every customer, the limits, and what was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from clv.errors import InputError, SettingError
from clv.language import tell

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NOTHING = -1
SLACK = 1e-9  # of a budget: sums of money are equal where they are equal


@dataclass(frozen=True, eq=False)
class Options:
    """What each customer may get: at most one of the options, an option being an offer by a channel.

    Attributes
    ----------
    value
        Customers × options: expected extra profit, in money.
    cost
        Customers × options: expected use of the budget, in money, at least 0.
    allowed
        Customers × options: whether the customer may get it. Value and cost are not read where not.
    is_call
        One per option: whether somebody has to call.
    names
        One per option.
    segment
        One label per customer; None if there are no segments.

    Raises
    ------
    InputError
        Shapes differ, a value or cost of an allowed option is no number, a cost is negative, a segment
        is missing.
    """

    value: Floats
    cost: Floats
    allowed: Bools
    is_call: Bools
    names: tuple[str, ...]
    segment: pd.Series | NDArray | None = None

    def __post_init__(self) -> None:
        for name, kind in (("value", float), ("cost", float), ("allowed", bool), ("is_call", bool)):
            object.__setattr__(self, name, np.asarray(getattr(self, name), kind))
        object.__setattr__(self, "names", tuple(self.names))
        _check_shapes(self)
        _check_numbers(self)
        if self.segment is not None:
            object.__setattr__(self, "segment", labels(self.segment, what="segment", customers=len(self)))

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True)
class Limits:
    """What a plan must keep to; None and {} are no limit.

    Attributes
    ----------
    budget
        The most that may be used, in money.
    calls
        The most customers who may get an option that is a call.
    least, most
        By segment: how many customers must, and may, get an option.

    Raises
    ------
    SettingError
        A limit is negative or no number, or a least lies above its most.
    """

    budget: float | None = None
    calls: int | None = None
    least: Mapping[str, int] = field(default_factory=dict)
    most: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.budget is not None and not (np.isfinite(self.budget) and self.budget >= 0):
            raise SettingError(
                tell(
                    "the budget is {budget}; give an amount of at least 0, or None for no limit",
                    budget=self.budget,
                )
            )
        if self.calls is not None:
            _check_count("the number of calls", self.calls)
        for word in ("least", "most"):
            for segment, number in getattr(self, word).items():
                _check_count(tell("the {word} of segment {segment!r}", word=word, segment=segment), number)
        for segment, number in self.least.items():
            if number > self.most.get(segment, number):
                told = tell(
                    "segment {segment!r} has a least of {number} above its most of {most}",
                    segment=segment,
                    number=number,
                    most=self.most[segment],
                )
                raise SettingError(tell("{told}; lower the least or raise the most", told=told))


@dataclass(frozen=True, eq=False)
class Plan:
    """Who gets what.

    Attributes
    ----------
    option
        One number of an option per customer, in the order of the customers; -1 is nothing.
    profit
        Expected extra profit of all who get something.
    spent
        Expected use of the budget.
    calls
        Customers to call.
    """

    option: Ints
    profit: float
    spent: float
    calls: int


@dataclass(frozen=True, eq=False)
class Choice(Plan):
    """The best plan found, how far it may be from the best possible, and what the limits cost.

    Attributes
    ----------
    bound
        No plan earns more: the optimum of the linear programme, in which customers may be split.
    gap
        (bound - profit) / |bound|; 0 where both are the same.
    budget_price
        What the next 1 of budget would earn; 0 where money is left or the budget has no limit.
    call_price
        What one more call would earn.
    segment_prices
        By limited segment: what one more customer of it would earn where its most holds back; what one more
        would earn where its least presses (then negative); otherwise 0.
    """

    bound: float
    gap: float
    budget_price: float
    call_price: float
    segment_prices: dict[str, float]


def gap(profit: float, bound: float) -> float:
    """Return how far a profit lies below its bound, as a part of the bound."""
    return 0.0 if profit >= bound else (bound - profit) / max(abs(bound), np.finfo(float).tiny)


def labels(given: ArrayLike, *, what: str, customers: int) -> NDArray:
    """Return one text per customer.

    Raises
    ------
    InputError
        There are not as many as customers, or one is missing.
    """
    found = pd.Series(given).reset_index(drop=True)
    if len(found) != customers:
        raise InputError(
            tell(
                "{what} has {found} labels for {customers} customers; give one to each",
                what=what,
                found=len(found),
                customers=customers,
            )
        )
    if found.isna().any():
        raise InputError(
            tell(
                "{what} is missing for {isna} customers; give a label to each",
                what=what,
                isna=int(found.isna().sum()),
            )
        )
    return found.astype(str).to_numpy(object)


def _check_shapes(options: Options) -> None:
    shape = options.value.shape
    wanted = {"cost": shape, "allowed": shape, "is_call": shape[1:], "names": shape[1:]}
    if len(shape) != 2:
        raise InputError(
            tell("value has the shape {shape}; give one row per customer, one column per option", shape=shape)
        )
    for name, want in wanted.items():
        has = np.shape(getattr(options, name))
        if has != want:
            raise InputError(
                tell(
                    "{name} has the shape {has} where value asks for {want}; make them alike",
                    name=name,
                    has=has,
                    want=want,
                )
            )


def _check_numbers(options: Options) -> None:
    for name in ("value", "cost"):
        bad = options.allowed & ~np.isfinite(getattr(options, name))
        if bad.any():
            told = tell(
                "{name} is no finite number for {bad} allowed options of customers",
                name=name,
                bad=int(bad.sum()),
            )
            raise InputError(tell("{told}; fill them in, or do not allow them", told=told))
    bad = options.allowed & (options.cost < 0)
    if bad.any():
        told = tell("cost is negative for {bad} allowed options of customers", bad=int(bad.sum()))
        raise InputError(tell("{told}; a cost is at least 0, so put what comes in into value", told=told))


def _check_count(what: str, number: object) -> None:
    if isinstance(number, bool) or not isinstance(number, Integral) or number < 0:
        raise SettingError(
            tell("{what} is {number}; give a whole number of at least 0", what=what, number=number)
        )
