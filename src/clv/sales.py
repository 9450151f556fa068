"""Sales: what was sold when, to new or returning customers, and how the money in became the money kept."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from clv import purchase_days, tables
from clv.errors import NoAnswerError
from clv.language import tell

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTH_COLUMNS = [
    *("month", "orders", "money", "new_money", "returning_money", "unnamed_money"),
    *("refunded", "refund_share", "whole"),
]


def by_month(orders: pd.DataFrame, *, until: date | str | None = None) -> pd.DataFrame:
    """Return orders and money by calendar month.

    Parameters
    ----------
    orders
        An ORDERS table.
    until
        Last day of observation; the day of the last order when None.

    Returns
    -------
    One row per month from the first to the last order, months without orders included: month (its
    first day); orders; money (kept); new_money (of customers' first purchase days); returning_money (of
    their later ones); unnamed_money (of orders that name no customer); refunded; refund_share (refunded /
    (money + refunded), missing without either); whole (whether the month was over at `until`).

    Raises
    ------
    InputError
        `until` is not a date.
    NoAnswerError
        There are no orders up to `until`.
    """
    bought = _up_to(orders, until)
    day = bought["paid_at"].dt.normalize()
    first = day.groupby(bought["customer_id"]).transform("min")
    parts = bought[["amount", "refunded"]].assign(
        orders=1,
        new_money=bought["amount"].where(day == first, 0.0),
        returning_money=bought["amount"].where(day > first, 0.0),
        unnamed_money=bought["amount"].where(bought["customer_id"].isna(), 0.0),
    )
    months = parts.groupby(day.dt.to_period("M")).sum()
    months = months.reindex(pd.period_range(months.index.min(), months.index.max(), freq="M"), fill_value=0)
    end = day.max() if until is None else pd.Timestamp(tables.as_day(until))
    months = months.rename(columns={"amount": "money"})
    return months.assign(
        refund_share=months["refunded"] / (months["money"] + months["refunded"]).replace(0, np.nan),
        whole=months.index.end_time.normalize() <= end,
        month=months.index.start_time,
    ).reset_index(drop=True)[_MONTH_COLUMNS]


def by_hour(orders: pd.DataFrame) -> pd.DataFrame:
    """Return the number of orders by weekday (7 rows, Monday first) and hour of the day (columns 0 to 23).

    Where the export gives days only, so that every order is at midnight, there is one column: 0.
    """
    paid = tables.check(orders, tables.ORDERS)["paid_at"]
    hours = range(24) if (paid != paid.dt.normalize()).any() else range(1)
    counts = pd.crosstab(paid.dt.day_of_week, paid.dt.hour).reindex(
        index=range(7), columns=hours, fill_value=0
    )
    counts.index = pd.Index(WEEKDAYS, name="weekday")
    return counts.rename_axis(columns="hour")


def returns(orders: pd.DataFrame, *, until: date | str, days: int) -> int:
    """Return how often customers came back in the last `days` days: purchase days after their first."""
    found = purchase_days.from_orders(orders, until=until)
    late = found["day"] > pd.Timestamp(tables.as_day(until)) - pd.Timedelta(days=days)
    return int((late & (found["step"] > 1)).sum())


def largest(orders: pd.DataFrame, *, shares: Sequence[float] = (0.01, 0.05, 0.10)) -> pd.DataFrame:
    """Return how much of the money the largest order and the largest 1, 5 and 10 % of orders carry.

    Returns
    -------
    largest (in words), orders, money, money_share; a share of less than one order is left out.
    """
    amount = np.sort(tables.check(orders, tables.ORDERS)["amount"].to_numpy())[::-1]
    if not len(amount):
        raise NoAnswerError(tell("there are no orders to describe."))
    total = np.cumsum(amount)
    rows = [("the largest order", 1)]
    rows += [
        (tell("the largest {share:g} %", share=share * 100), round(len(amount) * share)) for share in shares
    ]
    rows = [row for row in rows if row[1] >= 1]
    found = pd.DataFrame(rows, columns=["largest", "orders"])
    found["money"] = total[found["orders"].to_numpy() - 1]
    return found.assign(money_share=found["money"] / total[-1])


def waterfall(losses: pd.DataFrame, *, money_in: float) -> pd.DataFrame:
    """Return the steps from the money in the export to the money kept, and on to that of known customers.

    Parameters
    ----------
    losses
        A LOSSES table.
    money_in
        Money of all rows that were read.

    Returns
    -------
    In order, largest loss first within a stage: step (in words); kind ('total' or 'loss'); rows,
    orders (left out; missing for totals); money (of a total, or lost); start, end (where the step's bar
    begins and ends); share (of money_in; missing when that is 0). The last two steps, on customers, are
    there only if some orders are nobody's.
    """
    losses = tables.check(losses, tables.LOSSES)
    steps, at = [("In the export", "total", pd.NA, pd.NA, money_in, 0.0, money_in)], money_in
    for stage, name in (("read", "Kept by the shop"), ("customers", "Kept, buyer known")):
        lost = losses[losses["stage"] == stage].sort_values(["money", "reason"], ascending=[False, True])
        for row in lost.itertuples():
            steps.append((row.reason, "loss", row.rows, row.orders, row.money, at, round(at - row.money, 6)))
            at = round(at - row.money, 6)  # sums of cents leave dust, which would be drawn as money
        if stage == "read" or len(lost):
            steps.append((name, "total", pd.NA, pd.NA, at, 0.0, at))
    found = pd.DataFrame(steps, columns=["step", "kind", "rows", "orders", "money", "start", "end"])
    found = found.astype({"rows": "Int64", "orders": "Int64"})
    return found.assign(share=found["money"] / money_in if money_in else np.nan)


def _up_to(orders: pd.DataFrame, until: date | str | None) -> pd.DataFrame:
    orders = tables.check(orders, tables.ORDERS)
    if until is not None:
        orders = orders[orders["paid_at"].dt.normalize() <= pd.Timestamp(tables.as_day(until))]
    if orders.empty:
        if until:
            raise NoAnswerError(tell("there are no orders to describe up to {until}.", until=until))
        raise NoAnswerError(tell("there are no orders to describe."))
    return orders
