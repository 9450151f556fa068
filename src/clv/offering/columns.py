"""What is known of every customer on a day, by field of an audience.

Orders after the day are not looked at. What is not known of a customer is missing; consent that is not known
is not given.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from clv import festivals, tables
from clv.errors import InputError, SettingError, nearest
from clv.language import tell
from clv.offering.contract import FIELDS
from clv.tiering import qualifying


@dataclass(frozen=True, eq=False)
class Sources:
    """What fields are read from; `clv.audience.choose` says what each is."""

    customers: pd.DataFrame
    on: pd.Timestamp
    members: pd.DataFrame | None
    orders: pd.DataFrame | None
    p_alive: pd.Series | None
    tiers: Mapping[str, float]
    festivals: pd.DataFrame | None = None


def column(sources: Sources, name: str, *, festival_names: Sequence[str] = ()) -> pd.Series:
    """Return a field of `clv.offering.contract.FIELDS` for every customer, in the order of the customers.

    Units are those of FIELDS. `festival_buyer` is the last of `festival_names`, in Chinese, around which the
    customer bought in an earlier year.

    Raises
    ------
    InputError
        The field needs a file or a column that is not there.
    SettingError
        There is no such field or festival, or no tiers are declared.
    """
    if name not in FIELDS:
        raise SettingError(
            tell("the audience names {name!r}; {nearest}", name=name, nearest=nearest(name, FIELDS))
        )
    if name in sources.customers:
        return sources.customers[name]
    if name == "festival_buyer":
        return _festival(sources, festival_names)
    if name.startswith("consent_"):
        return _member(sources, name, name).fillna(value=False).eq(other=True)
    if name in ("tier", "points"):
        return _member(sources, name, name)
    return _DERIVED[name](sources)


def _member(sources: Sources, name: str, column: str) -> pd.Series:
    """Return a column of the members file for every customer; missing for those who are no members."""
    if sources.members is None:
        raise InputError(
            tell(
                "the audience's {name!r} needs the column {column} of a members file, and the shop names "
                "none; add `members:` to the shop file.",
                name=name,
                column=column,
            )
        )
    if column not in sources.members:
        raise InputError(
            tell(
                "the members file (`members:` in the shop file) has no column {column}, which the "
                "audience's {name!r} needs; add it or drop the condition.",
                column=column,
                name=name,
            )
        )
    return sources.members[column].reindex(sources.customers.index)


def _orders(sources: Sources, name: str) -> pd.DataFrame:
    """Return customer_id, day and amount of the orders of these customers up to the day."""
    if sources.orders is None:
        raise InputError(
            tell("the audience's {name!r} needs the orders table, column paid_at; pass it.", name=name)
        )
    day = sources.orders["paid_at"].dt.normalize()
    ours = sources.orders["customer_id"].isin(sources.customers.index) & (day <= sources.on)
    return sources.orders.loc[ours, ["customer_id", "amount"]].assign(day=day[ours])


def _rank(sources: Sources) -> pd.Series:
    rank = sources.customers["total_spend"].rank(ascending=False, method="average")
    return (rank - 1) / max(len(rank) - 1, 1)


def _p_alive(sources: Sources) -> pd.Series:
    if sources.p_alive is None:
        raise InputError(
            tell("the audience's 'p_alive' needs what a fitted model says; pass its column p_alive.")
        )
    return sources.p_alive.reindex(sources.customers.index)


def _festival(sources: Sources, names: Sequence[str]) -> pd.Series:
    orders = _orders(sources, "festival_buyer")
    found = pd.Series(None, index=sources.customers.index, dtype="str")
    for _, window in _windows(sources, names).iterrows():
        within = orders["day"].between(window["from"], window["to"])
        found[found.index.isin(orders.loc[within, "customer_id"])] = window["name_zh"]
    return found


def _windows(sources: Sources, names: Sequence[str]) -> pd.DataFrame:
    return festivals.windows_of(names, before=sources.on.date(), known=sources.festivals)


def _to_next_tier(sources: Sources) -> pd.Series:
    """Return the money that is missing to the next tier; missing for those who hold the highest."""
    if not sources.tiers:
        raise SettingError(tell("the audience's 'to_next_tier' needs tiers; add `tiers:` to the playbook."))
    orders = _orders(sources, "to_next_tier")
    recent = orders[orders["day"] > sources.on - pd.Timedelta(days=qualifying.SHORT)]
    spend = recent.groupby("customer_id")["amount"].sum().reindex(sources.customers.index, fill_value=0.0)
    spend = spend.round(tables.MONEY_DIGITS)
    starts = np.sort(np.array([*sources.tiers.values()], dtype=float))
    held = qualifying.fitting(_held(sources).to_numpy(), starts)
    _, missing = qualifying.to_next(spend.to_numpy(), held, starts)
    return pd.Series(missing, index=spend.index)


def _held(sources: Sources) -> pd.Series:
    """Return the spend from which each customer's tier in the members file holds; below all where unknown."""
    starts = pd.Series(dict(sources.tiers), dtype=float)
    if sources.members is None or "tier" not in sources.members:
        return pd.Series(float("-inf"), index=sources.customers.index)
    tier = sources.members["tier"].reindex(sources.customers.index)
    return tier.map(starts).fillna(float("-inf")).astype(float)


def days_to_birthday(birthday: str, *, on: date) -> float:
    """Return the days from `on` to the next birthday, written MM-DD: 0 on the day itself.

    Who was born on 29 February has it on the 28th in common years. A day that no calendar has gives nan.
    """
    month, day = (int(part) for part in birthday.split("-"))
    try:
        date(2000, month, day)  # a leap year
    except ValueError:
        return float("nan")
    coming = (_in_year(on.year + later, month, day) for later in (0, 1))
    return float(next((when - on).days for when in coming if when >= on))


def _in_year(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, 2, 28)


def _days_to_birthday(sources: Sources) -> pd.Series:
    birthdays = _member(sources, "days_to_birthday", "birthday")
    on = sources.on.date()
    return birthdays.map({text: days_to_birthday(text, on=on) for text in birthdays.dropna().unique()})


def _days_to_points_expiry(sources: Sources) -> pd.Series:
    """Return the days until points expire; missing where they have expired or there are none."""
    days = (_member(sources, "days_to_points_expiry", "points_expire_on") - sources.on).dt.days
    if "points" in sources.members:
        days = days.where(_member(sources, "points", "points") > 0)
    return days.where(days >= 0)


_DERIVED: dict[str, Callable[[Sources], pd.Series]] = {
    "purchases": lambda sources: sources.customers["frequency"] + 1,
    "mean_purchase": lambda sources: sources.customers["total_spend"] / (sources.customers["frequency"] + 1),
    "age_days": lambda sources: sources.customers["T"],
    "spend_rank": _rank,
    "p_alive": _p_alive,
    "to_next_tier": _to_next_tier,
    "days_to_birthday": _days_to_birthday,
    "days_to_points_expiry": _days_to_points_expiry,
}
