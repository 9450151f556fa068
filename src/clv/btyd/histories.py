"""Customers as the models see them: frequency, recency and T, checked, and collapsed to distinct rows.

Likelihoods and predictions depend on a customer only through these three numbers, so a hundred million
customers cost what their distinct rows cost.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from clv.errors import InputError
from clv.language import tell

COLUMNS = ("frequency", "recency", "T")
PEOPLE = "customers"  # of a collapsed table: how many customers have this row's history
Array = np.ndarray
_DENSE = 4.0  # whole numbers up to this many times their count are worth a place each
_EXACT = 2.0**53  # below this a float holds every whole number


class History(NamedTuple):
    """Repeat purchase days x, age t_x at the last of them and age T now, as floats of one length."""

    x: Array
    t_x: Array
    T: Array


def read(customers: pd.DataFrame) -> History:
    """Return the history of each customer, checked.

    Raises
    ------
    InputError
        A column is missing, or a row breaks a rule: how many do, and the first one's number.
    """
    missing = [name for name in COLUMNS if name not in customers.columns]
    if missing:
        raise InputError(
            tell(
                "the customers table lacks the column {first!r}; `clv customers` writes it.", first=missing[0]
            )
        )
    try:
        x, t_x, T = (np.asarray(customers[name].to_numpy(dtype=float, na_value=np.nan)) for name in COLUMNS)
    except (TypeError, ValueError):
        raise InputError(tell("frequency, recency and T of the customers table must be numbers.")) from None
    for rule, broken in _broken(x, t_x, T):
        if broken.any():
            raise InputError(
                tell(
                    "the customers table has {broken} row(s) where {rule} (the first is row {argmax}); make "
                    "it with `clv customers`, or drop these rows.",
                    broken=broken.sum(),
                    rule=rule,
                    argmax=int(np.argmax(broken)) + 1,
                )
            )
    return History(x, t_x, T)


def _broken(x: Array, t_x: Array, T: Array) -> list[tuple[str, Array]]:
    return [
        ("frequency, recency or T is missing or infinite", ~np.isfinite(x + t_x + T)),
        ("frequency, recency or T is negative", (x < 0) | (t_x < 0) | (T < 0)),
        ("frequency is not a whole number", x != np.floor(x)),
        ("recency is larger than T", t_x > T),
        ("frequency is above 0 but recency is 0", (x > 0) & (t_x == 0)),
        ("frequency is 0 but recency is not", (x == 0) & (t_x > 0)),
    ]


def distinct(*columns: Array) -> tuple[tuple[Array, ...], Array]:
    """Return the distinct rows of some columns, sorted, and for each row the number of its distinct one."""
    sizes = [float(column.max(initial=0)) + 1 for column in columns]
    if np.prod(sizes) <= _DENSE * len(columns[0]) and all((c == np.floor(c)).all() for c in columns):
        codes, where = levels(_in_one(columns, sizes))  # few whole numbers: counted, not looked up
        return _apart(codes, sizes), where
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        codes, values = pd.factorize(column)
        code = pd.factorize(code * max(len(values), 1) + codes)[0]
    first = np.zeros(code.max(initial=-1) + 1, dtype=np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]
    order = np.lexsort([column[first] for column in reversed(columns)])
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return tuple(column[first][order] for column in columns), place[code]


def _in_one(columns: Sequence[Array], sizes: Sequence[float]) -> Array:
    """Return whole numbers below `sizes`, row by row, as digits of one number."""
    code = columns[0]
    for column, size in zip(columns[1:], sizes[1:], strict=True):
        code = code * size + column
    return code


def _apart(code: Array, sizes: Sequence[float]) -> tuple[Array, ...]:
    digits = []
    for size in reversed(sizes[1:]):
        code, digit = np.divmod(code, size)
        digits.append(digit)
    return (code, *reversed(digits))


def levels(column: Array) -> tuple[Array, Array]:
    """Return the distinct values of a column of numbers from 0 on, sorted, and where each one stands."""
    top = column.max(initial=0.0)
    if top > _DENSE * len(column) or (column != np.floor(column)).any():
        return np.unique(column, return_inverse=True)
    whole = column.astype(np.int64)  # whole numbers without great gaps are counted, not sorted
    there = np.bincount(whole, minlength=int(top) + 1) > 0
    return np.flatnonzero(there).astype(float), (np.cumsum(there) - 1)[whole]


def collapse(customers: pd.DataFrame) -> tuple[History, Array]:
    """Return the distinct histories, sorted, and how many customers have each (as floats).

    A table that has been collapsed already says in its column `customers` how many each row stands for.

    Raises
    ------
    InputError
        As `read`; also when `customers` holds anything but whole numbers from 1 on.
    """
    _, t_x, T = history = read(customers)
    stands_for = people(customers)
    sizes = [float(column.max(initial=0)) + 1 for column in history]
    if np.prod(sizes) < _EXACT and all((column == np.floor(column)).all() for column in (t_x, T)):
        # Whole days fit into one number: sorting it is ten times faster than three look-ups.
        codes, counts = _counted(_in_one(history, sizes), stands_for)
        return History(*_apart(codes, sizes)), counts
    columns, where = distinct(*history)
    return History(*columns), np.bincount(where, stands_for, minlength=len(columns[0])).astype(float)


def _counted(codes: Array, stands_for: Array | None) -> tuple[Array, Array]:
    if stands_for is None:
        codes, counts = np.unique(codes, return_counts=True)
        return codes, counts.astype(float)
    codes, where = np.unique(codes, return_inverse=True)
    return codes, np.bincount(where, stands_for, minlength=len(codes))


def people(customers: pd.DataFrame) -> Array | None:
    """Return how many customers each row of a collapsed table stands for; None where each row is one.

    Raises
    ------
    InputError
        A row's number is no whole number from 1 on: how many rows, and which is the first.
    """
    if PEOPLE not in customers.columns:
        return None
    found = pd.to_numeric(customers[PEOPLE], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = ~(np.isfinite(found) & (found >= 1) & (found == np.floor(found)))
    if wrong.any():
        raise InputError(
            tell(
                "the column 'customers' says how many customers a row stands for, but {wrong} row(s) hold no "
                "whole number from 1 on (the first is row {first}); count them again, or drop the column.",
                wrong=wrong.sum(),
                first=int(np.argmax(wrong)) + 1,
            )
        )
    return found
