"""Orders of a simulated jeweller as a Parquet file of any size: what the benchmarks of orders read.

Customers come and buy as BG/NBD says (r .12, alpha 90 days, a .9, b 2.4: 83 of 100 buy once), over two years;
amounts are Gamma-Gamma (p 6, q 4, v 400). Ids are 13 digits, as a platform numbers its buyers, and rows stand
by time of payment, as it exports them, so one customer's orders lie far apart.
"""

import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from clv.bgnbd import BGNBD

END = pd.Timestamp("2026-06-30")
DAYS = 730
MODEL = BGNBD(r=0.12, alpha=90.0, a=0.9, b=2.4)
_CUSTOMERS_PER_ORDER = 0.7595
_AT_ONCE = 1_000_000


def write(path: Path, orders: int, *, seed: int = 8, memory: str = "3GB") -> int:
    """Write about `orders` orders to the Parquet file `path` and return how many there are."""
    rng = np.random.default_rng(seed)
    customers = int(orders * _CUSTOMERS_PER_ORDER)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        for start in range(0, customers, _AT_ONCE):
            n = min(_AT_ONCE, customers - start)
            _part(start, n, rng).to_parquet(Path(folder) / f"{start:012d}.parquet", index=False)
        with duckdb.connect(config={"memory_limit": memory, "temp_directory": folder}) as connection:
            source = f"read_parquet('{folder}/*.parquet')"
            connection.sql(f"COPY (FROM {source} ORDER BY paid_at) TO '{path}' (COMPRESSION zstd)")
            return connection.sql(f"SELECT count(*) FROM read_parquet('{path}')").fetchone()[0]


def _part(start: int, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return the orders of `n` customers whose numbers begin at `start`."""
    age = rng.uniform(0, DAYS, n)
    rate = rng.gamma(MODEL.r, 1 / MODEL.alpha, n)
    leaves = rng.beta(MODEL.a, MODEL.b, n)
    who, when = [np.arange(n)], [np.zeros(n)]
    there, now = np.arange(n), np.zeros(n)
    while len(there):
        now = now + rng.standard_exponential(len(there)) / rate[there]
        seen = now <= age[there]
        there, now = there[seen], now[seen]
        who.append(there)
        when.append(now)
        stays = rng.random(len(there)) >= leaves[there]
        there, now = there[stays], now[stays]
    who, when = np.concatenate(who), np.concatenate(when)
    moment = END + pd.Timedelta(hours=23) - pd.to_timedelta(age[who] - when, unit="D")
    worth = rng.gamma(6.0, 1 / rng.gamma(4.0, 1 / 400.0, n)[who])
    return pd.DataFrame(
        {
            "order_id": pd.Series(np.arange(len(who)) + start * 8).astype("str"),
            "customer_id": pd.Series(2_200_000_000_000 + (who + start) * 7919 % 100_000_007_000).astype(
                "str"
            ),
            "paid_at": moment.floor("s"),
            "amount": np.maximum(np.round(worth, 2), 0.01),
            "refunded": 0.0,
            "category": pd.Series(rng.choice(["ring", "necklace", "earrings", "bracelet"], len(who))).astype(
                "str"
            ),
            "channel": pd.Series(rng.choice(["shop", "live"], len(who))).astype("str"),
            "is_gift": False,
        }
    )


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), int(sys.argv[2])), "orders")
