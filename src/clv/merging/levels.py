"""What a shop would say of its customers, joined so or so: how many, who comes back, who is still there."""

from datetime import date

import numpy as np
import pandas as pd

from clv import mbgnbd, tables
from clv.errors import NoAnswerError
from clv.measuring import rates

LEVEL = 0.90
NUMBERS = ("customers", "repeat_rate", "low", "high", "one_time_share", "purchases", "p_alive")


def numbers(orders: pd.DataFrame, *, until: date | str | None) -> dict[str, float]:
    """Return `NUMBERS` of these orders; missing where they do not carry the answer.

    Customers; the share that bought on a second day, with its 90 % interval (Wilson); the share with one
    order; purchase days after the first per customer; mean P(alive) by MBG/NBD.
    """
    table = histories(orders, until=until)
    if table.empty:
        return dict.fromkeys(NUMBERS, np.nan) | {"customers": 0}
    again, n = int((table["frequency"] > 0).sum()), len(table)
    low, high = rates.wilson(again, n, level=LEVEL)
    return {
        "customers": n,
        "repeat_rate": again / n,
        "low": float(low),
        "high": float(high),
        "one_time_share": float((table["orders"] == 1).mean()),
        "purchases": float(table["frequency"].mean()),
        "p_alive": _p_alive(table),
    }


def histories(orders: pd.DataFrame, *, until: date | str | None) -> pd.DataFrame:
    """Return frequency, recency, T and orders of each customer as `customers.summarise`, but in a blink."""
    bought = orders.loc[orders["customer_id"].notna(), ["customer_id", "paid_at"]]
    bought = bought.assign(day=bought["paid_at"].dt.normalize())
    end = bought["day"].max() if until is None else pd.Timestamp(tables.as_day(until))
    by = bought[bought["day"] <= end].groupby("customer_id")["day"]
    days = by.agg(["min", "max", "nunique", "size"])
    return pd.DataFrame(
        {
            "frequency": days["nunique"] - 1,
            "recency": (days["max"] - days["min"]).dt.days,
            "T": (end - days["min"]).dt.days,
            "orders": days["size"],
        }
    )


def _p_alive(table: pd.DataFrame) -> float:
    try:
        return float(mbgnbd.fit(table).model.p_alive(table).mean())
    except NoAnswerError:
        return np.nan
