"""Channels by the customers whom they brought: what they bring in their first days, and whether they return.

A customer belongs to the channel of the first order. Customers who came lately count for as long as they were
seen (`money_by_age`; returning is Kaplan-Meier, as everywhere). Small channels are then pulled towards the
others as far as their own evidence is weak (`measuring.pooling`), so that a winner by luck is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from clv import money_by_age, purchase_days, survival
from clv.language import tell
from clv.measuring import pooling

Floats = NDArray[np.float64]

MOST = 8  # channels told apart; the smaller ones are one
OTHERS, UNKNOWN = "all others", "unknown"
SURE = 0.05  # p-value of Cochran's Q below which channels differ by more than chance
_ENDS_VALUE, _ENDS_BACK = ("value", "value_low", "value_high"), ("back", "back_low", "back_high")
_COLUMNS = ["customers", "followed", *_ENDS_VALUE, *_ENDS_BACK, "value_alone", "back_alone", "said"]
_LEVEL = survival.LEVEL
_LEAST = 1e-6  # relative error of a channel whose customers all brought the same
_Z = float(norm.ppf((1 + _LEVEL) / 2))


@dataclass(frozen=True, eq=False)
class Channels:
    """Customers by the channel of their first order.

    Attributes
    ----------
    table
        One row per channel, most customers first, and 'all' last; no rows where nothing can be compared.
        customers; followed (seen for the whole time); value, value_low, value_high (money per customer within
        `days` of the first order, that order included); back, back_low, back_high (share with a second
        purchase day by then): both steadied by the other channels, 90 %; value_alone, back_alone (the channel
        by itself; missing where fewer than ten were followed); said ('more', 'less', 'cannot be told apart').
    days
        The time looked at.
    value_differs, back_differs
        p-value of Cochran's Q: how often channels that do not differ would look this different; missing with
        one channel.
    why_not
        Why there are no rows; empty otherwise.
    """

    table: pd.DataFrame
    days: int
    value_differs: float
    back_differs: float
    why_not: str = ""

    @property
    def several(self) -> bool:
        """Whether there are two channels or more."""
        return len(self.table) > 2

    @property
    def sentence(self) -> str:
        """Whether the channels can be told apart, in words."""
        if self.why_not:
            return self.why_not
        if not self.several:
            return tell("All customers came through one channel, so there is nothing to compare.")
        found = {"what their customers bring": self.value_differs, "how many return": self.back_differs}
        if sure := [name for name, p_value in found.items() if p_value < SURE]:
            return tell("Channels differ by more than chance in {sure}.", sure=" and in ".join(sure))
        return tell("The channels cannot be told apart: differences as large as these come about by chance.")


def compare(
    orders: pd.DataFrame, *, until: date | str | None = None, days: Sequence[int] = (365, 180, 90)
) -> Channels:
    """Return what customers of each first channel bring and how many return, within the longest time seen.

    Parameters
    ----------
    orders
        An ORDERS table.
    until
        Last day of observation; the day of the last order that names a customer when None.
    days
        Times that will do, the best first; taken is the first for which at least ten customers were followed.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    people = _people(orders, until)
    horizon = next((d for d in days if (people["followed"] >= d).sum() >= survival.ENOUGH), None)
    if (people["channel"] == UNKNOWN).all():
        return _nothing(tell("The export names no channel of these orders, so channels cannot be compared."))
    if horizon is None:
        return _nothing(
            tell(
                "Fewer than {enough} customers were followed for {days} days: too early to tell.",
                enough=survival.ENOUGH,
                days=min(days),
            )
        )
    spent = _spent(orders, people, horizon)
    names = people["channel"].value_counts().index
    alone = pd.DataFrame([_alone(people, spent, name, horizon) for name in names], index=names)
    if (alone["followed"] < survival.ENOUGH).all():
        return _nothing(
            tell(
                "No channel has {enough} customers followed for {horizon} days: too early to tell.",
                enough=survival.ENOUGH,
                horizon=horizon,
            )
        )
    whole = _alone(people.assign(channel="all"), spent, "all", horizon)
    found, value_differs, back_differs = _pooled(alone)
    last = {"value": whole["value_alone"], "back": whole["back_alone"]} | whole
    table = pd.concat([found, pd.DataFrame([last], index=["all"])]).rename_axis("channel")
    table["said"] = _said(table)
    return Channels(table[_COLUMNS], horizon, value_differs, back_differs)


def may_cost(found: Channels, *, margin: float) -> pd.DataFrame:
    """Return what a new customer of each channel may cost at most, for the margin of the time to pay it back.

    Parameters
    ----------
    margin
        Part of the money that is left after goods, above 0 and up to 1.

    Returns
    -------
    Index channel; may_cost (on average it just pays), surely, at_most (5 and 95 %): money per new customer.
    """
    columns = {"value": "may_cost", "value_low": "surely", "value_high": "at_most"}
    return (found.table[list(columns)] * margin).rename(columns=columns)


def _nothing(why: str) -> Channels:
    return Channels(pd.DataFrame(columns=_COLUMNS), 0, np.nan, np.nan, why)


def _people(orders: pd.DataFrame, until: date | str | None) -> pd.DataFrame:
    """Return each customer's first day, days followed, wait for the second day, and first channel."""
    first = purchase_days.from_orders(orders, until=until).query("step == 1").set_index("customer_id")
    named = orders.dropna(subset="customer_id").sort_values("paid_at", kind="stable")
    channel = named.drop_duplicates("customer_id").set_index("customer_id")["channel"].reindex(first.index)
    channel = channel.astype("str").where(channel.notna(), UNKNOWN)
    largest = channel.value_counts().index[:MOST]
    return first.assign(channel=channel.where(channel.isin(largest), OTHERS))


def _spent(orders: pd.DataFrame, people: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """Return the money of each order within the time, with its customer's row in `people` and age then."""
    row = people.index.get_indexer(orders["customer_id"])
    paid = orders["paid_at"].dt.normalize()
    age = (paid - people["day"].reindex(orders["customer_id"]).to_numpy()).dt.days
    seen = (row >= 0) & (age <= np.minimum(people["followed"].to_numpy()[row], horizon)).to_numpy()
    return pd.DataFrame({"row": row[seen], "age": age[seen].astype(int), "money": orders["amount"][seen]})


def _alone(people: pd.DataFrame, spent: pd.DataFrame, channel: str, horizon: int) -> dict[str, object]:
    mine = (people["channel"] == channel).to_numpy()
    here = people[mine]
    place = np.cumsum(mine) - 1
    of_mine = spent[mine[spent["row"]]]
    value, error = money_by_age.mean(
        place[of_mine["row"]], of_mine["age"].to_numpy(), of_mine["money"].to_numpy(dtype=float),
        followed=here["followed"].to_numpy(), days=horizon,
    )  # fmt: skip
    row = {"customers": len(here), "followed": int((here["followed"] >= horizon).sum())}
    back = survival.shares_within(here.reset_index(), days=[horizon]).iloc[0]
    told = row["followed"] >= survival.ENOUGH
    row |= {"value_alone": value if told else np.nan, "value_error": error if told else np.nan}
    row |= {"value_low": value - _Z * error, "value_high": value + _Z * error}
    return row | {"back_alone": back["share"], "back_low": back["low"], "back_high": back["high"]}


def _pooled(alone: pd.DataFrame) -> tuple[pd.DataFrame, float, float]:
    """Return the channels steadied by each other: money by its log, returning by that of -log(1 - share)."""
    value = pooling.pool(
        np.log(alone["value_alone"].to_numpy(dtype=float)),
        (alone["value_error"] / alone["value_alone"]).clip(lower=_LEAST).to_numpy(dtype=float), level=_LEVEL,
    )  # fmt: skip
    least = 0.5 / (alone["followed"] + 1)
    share = alone["back_alone"].clip(least, 1 - least).to_numpy(dtype=float)
    upper = np.minimum(alone["back_high"].to_numpy(dtype=float), 1 - 1e-9)
    error = np.where(upper > share, (_wait(upper) - _wait(share)) / _Z, np.nan)
    back = pooling.pool(_wait(share), error, level=_LEVEL)
    found = alone.drop(columns="value_error").assign(
        **{name: np.exp(ends) for name, ends in zip(_ENDS_VALUE, _ends(value), strict=True)},
        **{name: -np.expm1(-np.exp(ends)) for name, ends in zip(_ENDS_BACK, _ends(back), strict=True)},
    )
    return found, value.differ, back.differ


def _ends(found: pooling.Pooled) -> tuple[Floats, Floats, Floats]:
    return found.mean, found.low, found.high


def _wait(share: Floats) -> Floats:
    return np.log(-np.log1p(-share))


def _said(table: pd.DataFrame) -> NDArray[np.str_]:
    whole = table.loc["all", "value"]
    looks = [table.index == "all", table["value_low"] > whole, table["value_high"] < whole]
    return np.select(looks, ["", "more", "less"], "cannot be told apart")
