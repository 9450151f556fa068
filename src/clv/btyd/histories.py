"""Customers as the models see them: frequency, recency and T, checked, and collapsed to distinct rows.

Likelihoods and predictions depend on a customer only through these three numbers, so a hundred million
customers cost what their distinct rows cost.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from clv.errors import InputError
from clv.language import tell

COLUMNS = ("frequency", "recency", "T")
Array = np.ndarray
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


def collapse(customers: pd.DataFrame) -> tuple[History, Array]:
    """Return the distinct histories, sorted, and how many customers have each (as floats)."""
    x, t_x, T = history = read(customers)
    t_size, T_size = (column.max(initial=0) + 1 for column in (t_x, T))
    days = all((column == np.floor(column)).all() for column in (t_x, T))
    if days and (x.max(initial=0) + 1) * t_size * T_size < _EXACT:
        # Whole days fit into one number: sorting it is ten times faster than three look-ups.
        codes, counts = np.unique((x * t_size + t_x) * T_size + T, return_counts=True)
        rest, T = np.divmod(codes, T_size)
        return History(*np.divmod(rest, t_size), T), counts.astype(float)
    columns, where = distinct(*history)
    return History(*columns), np.bincount(where, minlength=len(columns[0])).astype(float)
