"""Customers of a simulated shop, as the models see them: what the benchmarks of fitting and scoring read.

Two shops, BG/NBD in days (T even over two years) with Gamma-Gamma amounts (p 6, q 4, v 400): `jewellery`,
where 83 of 100 have bought once, and `cdnow`, with the parameters of that data set and 58 of 100.
"""

import numpy as np
import pandas as pd

from clv.bgnbd import BGNBD

SHOPS = {"jewellery": BGNBD(0.12, 90.0, 0.9, 2.4), "cdnow": BGNBD(0.24, 31.0, 0.79, 2.43)}
DAYS = 730


def customers(n: int, shop: str, *, seed: int = 8) -> pd.DataFrame:
    """Return frequency, recency, T (whole days) and monetary_value (money) of `n` customers."""
    rng = np.random.default_rng(seed)
    T = rng.integers(0, DAYS + 1, n)
    found = SHOPS[shop].simulate(n, T=T.astype(float), rng=rng)
    x = found["frequency"].to_numpy()
    mean = rng.gamma(6.0 * np.maximum(x, 1)) / np.maximum(x, 1) * 400 / rng.gamma(4.0, size=n)
    money = np.where(x > 0, np.maximum(np.round(mean, 2), 0.01), 0.0)
    return pd.DataFrame(
        {
            "frequency": x.astype(int),
            "recency": np.ceil(found["recency"].to_numpy()).astype(int),
            "T": T,
            "monetary_value": money,
        },
        index=pd.RangeIndex(n).astype("str").rename("customer_id"),
    )
