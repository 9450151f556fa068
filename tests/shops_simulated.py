"""A shop made from the models, MBG/NBD customers who pay gamma-gamma amounts: the truth is known."""

import numpy as np
import pandas as pd

FIRST = np.datetime64("2024-07-01")


def orders(
    n: int, *, rng: np.random.Generator, days: int = 730, r: float = 0.6, alpha: float = 60.0, a: float = 1.1
) -> pd.DataFrame:
    """Return the ORDERS table of `n` customers who join evenly over the first half of `days` days."""
    rate, leave = rng.gamma(r, 1 / alpha, n), rng.beta(a, 1.8, n)
    mean = 400 / rng.gamma(4, 1 / 3, n)
    now, here = rng.integers(0, days // 2, n).astype(float), np.arange(n)
    who, when = [], []
    while len(here):
        who.append(here)
        when.append(now[here].astype(int))
        here = here[rng.random(len(here)) > leave[here]]
        now[here] += np.maximum(rng.exponential(1 / rate[here]), 1)
        here = here[now[here] < days]
    buyer, day = np.concatenate(who), np.concatenate(when)
    return pd.DataFrame(
        {
            "order_id": np.arange(len(buyer)).astype(str),
            "customer_id": pd.Series(buyer).map("c{:06d}".format),
            "paid_at": (FIRST + day.astype("timedelta64[D]")).astype("datetime64[ns]"),
            "amount": np.round(rng.gamma(5, mean[buyer] / 5), 2) + 0.01,
            "refunded": 0.0,
            "category": None,
            "channel": None,
            "is_gift": False,
        }
    )
