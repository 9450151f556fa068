"""Small shops for the tests of what is bought next: orders by hand, and worlds with and without structure."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

FIRST = pd.Timestamp("2024-07-01")
UNTIL = "2026-06-30"


def orders(rows: Sequence[tuple], *, columns: str = "customer_id day category amount") -> pd.DataFrame:
    """Return an ORDERS table of (customer, day number, category, amount)."""
    told = pd.DataFrame(rows, columns=columns.split())
    told = told.assign(amount=told.get("amount", pd.Series(10.0, index=told.index)))
    return table(told["customer_id"], told["day"], category=told.get("category"), amount=told["amount"])


def table(
    who: Sequence, day: Sequence, *, category: Sequence | None = None, amount: Sequence = 10.0
) -> pd.DataFrame:
    n = len(who)
    return pd.DataFrame(
        {
            "order_id": [f"o{at}" for at in range(n)],
            "customer_id": pd.Series(np.asarray(who)).astype(str).to_numpy(),
            "paid_at": (FIRST + pd.to_timedelta(np.asarray(day), unit="D")).astype("datetime64[ns]"),
            "amount": np.broadcast_to(np.asarray(amount, dtype=float), n),
            "refunded": 0.0,
            "category": None if category is None else pd.Series(np.asarray(category, dtype=object)),
            "channel": None,
            "is_gift": False,
        }
    )


def lines(ordered: pd.DataFrame, **columns: object) -> pd.DataFrame:
    """Return one line for each order; `columns` replace title, category, sku, quantity or amount."""
    told = {"order_id": ordered["order_id"], "title": None, "category": ordered["category"], "sku": None}
    found = pd.DataFrame(told | {"quantity": 1.0, "amount": ordered["amount"]}).assign(**columns)
    return found.reset_index(drop=True)
