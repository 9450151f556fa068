"""Orders with everything on which two engines could differ, cut into several Parquet files."""

from pathlib import Path

import numpy as np
import pandas as pd

from clv import tables

_ENDS = ["客户", "é", "e\u0301", "007", "ＡＢ", "😀", " a b ", "Z"]
_EDGES = [0.01, 0.1 + 0.2, 1.005, 2.675, 1 / 3, 1_000_000_000.01, 0.00005]
CATEGORIES = ["ring", "戒指", "Ring", None]


def table(customers: int = 700) -> pd.DataFrame:
    """Return some orders of `customers` customers: same-day ones, ties, gifts, edges of days and of money.

    Customers differ in how often they buy, how long they stay and what they spend.
    """
    rng = np.random.default_rng(8)
    n = customers * 3
    often, begins = rng.gamma(0.6, size=customers), rng.integers(0, 300, customers)
    stays, spends = rng.exponential(150, customers), rng.gamma(4.0, 30.0, customers)
    who = rng.choice(customers, n, p=often / often.sum())
    days = begins[who] + (rng.random(n) * np.minimum(stays, 360 - begins)[who] // 9 * 9).astype(int)
    own = np.maximum(spends[who] * rng.gamma(5.0, 0.2, n), 1.0)
    amounts = np.where(rng.random(n) < 0.5, np.maximum(spends[who] // 50 * 50, 50), own)  # ties, or no limit
    ids = np.array([f"{_ENDS[i % len(_ENDS)]}{i:04d}" for i in who], dtype=object)
    ids[:14], amounts[:14] = "edges", _EDGES * 2
    clock = rng.choice([0, 1, 43_200, 86_399], n)
    frame = pd.DataFrame(
        {
            "order_id": [str(i) for i in range(n)],
            "customer_id": np.where(rng.random(n) < 0.03, None, ids),
            "paid_at": pd.Timestamp("2025-01-01") + pd.to_timedelta(days * 86_400 + clock, unit="s"),
            "amount": amounts,
            "refunded": 0.0,
            "category": rng.choice(np.array(CATEGORIES, dtype=object), n),
            "channel": rng.choice(np.array(["shop", "直播", None], dtype=object), n),
            "is_gift": rng.random(n) < 0.1,
        }
    )
    return tables.check(frame, tables.ORDERS)


def in_parts(orders: pd.DataFrame, folder: Path) -> Path:
    """Write the orders to five files, one in a folder below, and return the folder."""
    (folder / "2025").mkdir(parents=True)
    for i in range(5):
        part = folder / "2025" / "more.parquet" if i == 4 else folder / f"part {i}.parquet"
        orders.iloc[i::5].to_parquet(part, index=False)
    return folder
