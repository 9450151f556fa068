"""The leaky bucket: from the money of one period to that of the next, by who came, came back and stayed away.

A customer's whole money of a period is new (the period holds the first order), returning (the customer also
bought in the period before) or reactivated (bought earlier, but not in the period before). Lost is the money
of the period before of those who do not buy in this one. Shops have no contracts, so lost means "did not come
this time": some of it is reactivated later.
"""

from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import norm

from clv import tables
from clv.errors import NoAnswerError
from clv.language import tell

Period = Literal["M", "Q", "Y"]
PARTS = ("new", "returning", "reactivated", "unnamed")
_MONTHS_ENOUGH_FOR_QUARTERS = 15
_MOST_QUARTERS = 25
_A_WEEK = 7  # days into the first period by which the first order must lie for the period to count as whole
_Z = float(norm.ppf(0.95))


def parts(
    orders: pd.DataFrame, *, until: date | str | None = None, period: Period | None = None
) -> pd.DataFrame:
    """Return what the money of each period is made of, and how it came from that of the period before.

    In the first periods of an export everybody is new, as nobody knows who had bought before it began.

    Parameters
    ----------
    orders
        An ORDERS table.
    until
        Last day of observation; the day of the last order when None.
    period
        'M', 'Q' or 'Y'; when None months up to 15 of them, quarters up to 25, then years.

    Returns
    -------
    One row per period from the first order to the last day: period (pandas Period); money = new + returning +
    reactivated + unnamed (orders that name nobody). From the second row on, money - money before =
    new + reactivated + more + unnamed_more - lost: before (money of the period before); lost; more
    (returning customers' money less what the same customers had brought, may be below 0); unnamed_more. leak
    (lost / named money before), leak_low, leak_high (90 %, as if other customers like these had come).
    customers, new_customers, lost_customers; whole (the period was seen from its first week to its last day).

    Raises
    ------
    InputError
        `until` is not a date.
    NoAnswerError
        No order up to `until`.
    """
    bought, end = _up_to(orders, until)
    freq = period or _readable(bought["paid_at"].min(), end)
    bought = bought.assign(period=bought["paid_at"].dt.to_period(freq))
    spans = pd.period_range(bought["period"].min(), end.to_period(freq), freq=freq, name="period")
    found = _money(bought, spans).join(_left(bought, spans))
    found["before"] = found["money"].shift()
    found["more"] = found["returning"] - (found["before"] - found["unnamed"].shift() - found["lost"])
    found["unnamed_more"] = found["unnamed"].diff()
    started = pd.Series(spans.start_time, spans) + pd.Timedelta(days=_A_WEEK) > bought["paid_at"].min()
    found["whole"] = started & (spans.end_time.normalize() <= end)
    money = ["money", *PARTS, "before", "lost", "more", "unnamed_more"]
    found[money] = found[money].round(tables.MONEY_DIGITS)
    counts = ["customers", "new_customers", "lost_customers"]
    return found[[*money, "leak", "leak_low", "leak_high", *counts, "whole"]].reset_index()


def latest(table: pd.DataFrame) -> pd.Series | None:
    """Return the last whole row if the one before is whole too; None where either has no money."""
    sound = table[table["whole"] & table["whole"].shift(fill_value=False)]
    if sound.empty or pd.isna(sound["leak"].iloc[-1]) or not sound["money"].iloc[-1] > 0:
        return None
    return sound.iloc[-1]


def _money(bought: pd.DataFrame, spans: pd.PeriodIndex) -> pd.DataFrame:
    """Return money and customers by period, the money by what its customers are."""
    each = _by_customer(bought)
    kind = np.select([each["step"].isna(), each["step"] == 1], ["new", "returning"], "reactivated")
    found = each.assign(kind=kind).pivot_table(index="period", columns="kind", values="amount", aggfunc="sum")
    found = found.reindex(index=spans, columns=list(PARTS), fill_value=0.0).fillna(0.0)
    nobody = bought[bought["customer_id"].isna()]
    found["unnamed"] = nobody.groupby("period")["amount"].sum().reindex(spans, fill_value=0.0)
    named = each.groupby("period").agg(customers=("step", "size"), came_before=("step", "count"))
    named = named.reindex(spans, fill_value=0)
    return found.assign(
        money=found.sum(axis=1),
        customers=named["customers"],
        new_customers=named["customers"] - named["came_before"],
    )


def _left(bought: pd.DataFrame, spans: pd.PeriodIndex) -> pd.DataFrame:
    """Return by period the money and customers of the period before that did not come again."""
    each = _by_customer(bought)
    each["lost"] = each["amount"].where(each["next"] != 1, 0.0)
    each["gone"] = (each["next"] != 1).astype(int)
    found = each.groupby("period").agg(lost=("lost", "sum"), named=("amount", "sum"), gone=("gone", "sum"))
    found = found.reindex(spans, fill_value=0)
    found["leak"] = found["lost"] / found["named"].replace(0, np.nan)
    miss = each["lost"] - each["amount"] * each["period"].map(found["leak"])
    error = np.sqrt((miss**2).groupby(each["period"]).sum()) / found["named"].replace(0, np.nan)
    found["leak_low"] = (found["leak"] - _Z * error).clip(0, 1)
    found["leak_high"] = (found["leak"] + _Z * error).clip(0, 1)
    found = found.drop(columns="named").astype(float).shift()  # told in the period that they did not come in
    return found.rename(columns={"gone": "lost_customers"}).astype({"lost_customers": "Int64"})


def _by_customer(bought: pd.DataFrame) -> pd.DataFrame:
    """Return the money of each customer and period, and how many periods lie to the one before and after."""
    named = bought.dropna(subset="customer_id")
    each = named.groupby(["customer_id", "period"], as_index=False)["amount"].sum()
    each["amount"] = each["amount"].round(tables.MONEY_DIGITS)
    apart = each["period"].astype("int64").groupby(each["customer_id"]).diff()
    return each.assign(step=apart, next=apart.groupby(each["customer_id"]).shift(-1))


def _readable(first: pd.Timestamp, end: pd.Timestamp) -> Period:
    if (end.to_period("M") - first.to_period("M")).n + 1 < _MONTHS_ENOUGH_FOR_QUARTERS:
        return "M"
    return "Q" if (end.to_period("Q") - first.to_period("Q")).n < _MOST_QUARTERS else "Y"


def _up_to(orders: pd.DataFrame, until: date | str | None) -> tuple[pd.DataFrame, pd.Timestamp]:
    orders = tables.check(orders, tables.ORDERS)
    end = orders["paid_at"].max() if until is None else pd.Timestamp(tables.as_day(until))
    bought = orders[orders["paid_at"].dt.normalize() <= end.normalize()] if len(orders) else orders
    if bought.empty:
        if until:
            raise NoAnswerError(tell("there are no orders to describe up to {until}.", until=until))
        raise NoAnswerError(tell("there are no orders to describe."))
    return bought, end.normalize()
