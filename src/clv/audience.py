"""Audience: the customers who meet every condition of a campaign, and how many each condition left over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from clv import tables
from clv.errors import NoAnswerError, SettingError
from clv.language import tell
from clv.offering.columns import Sources, column
from clv.offering.contract import FIELDS, Bounds, Condition


@dataclass(frozen=True, eq=False)
class Audience:
    """Who a campaign is for.

    Attributes
    ----------
    customers
        The CUSTOMERS rows that meet every condition, in the order given.
    steps
        One row per condition in the order declared, after one for all customers: field, condition (in words),
        left (customers left over after it).
    columns
        What was looked at of each of these customers, a column per field; for messages and reasons.
    """

    customers: pd.DataFrame
    steps: pd.DataFrame
    columns: pd.DataFrame


def choose(
    customers: pd.DataFrame,
    conditions: Mapping[str, Condition],
    *,
    on: date,
    members: pd.DataFrame | None = None,
    orders: pd.DataFrame | None = None,
    p_alive: pd.Series | None = None,
    tiers: Mapping[str, float] | None = None,
    festivals: pd.DataFrame | None = None,
    also: Sequence[str] = (),
) -> Audience:
    """Return the customers who meet every condition on a day.

    A customer of whom a condition cannot be known (no birthday on file, say) does not meet it; consent that
    cannot be known is not given.

    Parameters
    ----------
    customers
        A CUSTOMERS table as of the day; ranks are taken over all of it.
    conditions
        What to meet by field of `clv.offering.contract.FIELDS`: bounds (both ends included, amounts already
        numbers), true or false, or words of which one should fit.
    on
        The day; orders after it are not looked at.
    members, orders
        MEMBERS and ORDERS; only some fields need them.
    p_alive
        Chance of still being a customer, by customer.
    tiers
        Spend of the last 365 days from which each tier holds.
    festivals
        The festivals' windows, as `festivals.table` returns them; the kit's where None.
    also
        Further fields that messages speak of, for `columns`.

    Raises
    ------
    InputError
        A field needs a file or a column that is not there.
    SettingError
        There is no such field, festival or tier, or an amount is still a part of the usual order.
    NoAnswerError
        Nobody is left; names the condition that left nobody.
    """
    tables.check(customers, tables.CUSTOMERS)
    sources = Sources(customers, pd.Timestamp(on), members, orders, p_alive, tiers or {}, festivals)
    columns = {name: _column(sources, name, conditions.get(name)) for name in [*conditions, *also]}
    left = np.ones(len(customers), dtype=bool)
    steps = [("", "all customers", len(customers))]
    for name, condition in conditions.items():
        left &= _meets(columns[name], name, condition)
        said = tell("{key}: {what}", key=FIELDS[name], what=_words(condition))
        steps.append((name, said, int(left.sum())))
        _refuse_nobody(steps)
    return Audience(
        customers[left],
        pd.DataFrame(steps, columns=["field", "condition", "left"]),
        pd.DataFrame(columns, index=customers.index)[left],
    )


def _column(sources: Sources, name: str, condition: Condition | None) -> pd.Series:
    festival_names = condition if isinstance(condition, list) and name == "festival_buyer" else ()
    return column(sources, name, festival_names=festival_names)


def _refuse_nobody(steps: list[tuple[str, str, int]]) -> None:
    (_, _, before), (name, condition, left) = steps[-2:]
    if not left:
        raise NoAnswerError(
            tell(
                "the condition {name!r} ({condition}) leaves nobody of the {before:,} customers before "
                "it; widen it.",
                name=name,
                condition=condition,
                before=before,
            )
        )


def _meets(values: pd.Series, name: str, condition: Condition) -> np.ndarray:
    """Return who meets the condition; missing values never do."""
    if isinstance(condition, bool):
        found = values == condition
    elif isinstance(condition, Bounds):
        found = values.between(*_ends(name, condition))
    else:
        found = values.notna() if name == "festival_buyer" else values.isin(condition)
    return found.to_numpy(dtype=bool)


def _ends(name: str, bounds: Bounds) -> tuple[float, float]:
    if isinstance(bounds.min, str) or isinstance(bounds.max, str):
        raise SettingError(
            tell("the audience's {name!r} is still a part of the usual order; make it an amount.", name=name)
        )
    low = -np.inf if bounds.min is None else bounds.min
    return low, np.inf if bounds.max is None else bounds.max


def _words(condition: Condition) -> str:
    if isinstance(condition, bool):
        return tell("yes") if condition else tell("no")
    if not isinstance(condition, Bounds):
        return tell(" or ").join(condition)
    if condition.max is None:
        return tell("at least {min}", min=_number(condition.min))
    if condition.min is None:
        return tell("at most {max}", max=_number(condition.max))
    return tell("{low} to {high}", low=_number(condition.min), high=_number(condition.max))


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")
