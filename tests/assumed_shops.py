"""Simulated shops in whole days whose customers behave as a model assumes, or depart from it in one way."""

import numpy as np
import pandas as pd

START = np.datetime64("2024-07-01")
DAYS = 730
UNTIL = (START + np.timedelta64(DAYS - 1, "D")).astype(object)
MODELS = ("bgnbd", "mbgnbd", "paretonbd")
SHAPES = {  # r, alpha of the rates; a, b or s, beta of the departures (days)
    "jewellery": {"r": 0.6, "alpha": 150.0, "a": 0.9, "b": 2.4, "s": 0.6, "beta": 300.0},
    "cdnow": {"r": 0.25, "alpha": 31.0, "a": 0.8, "b": 2.5, "s": 0.6, "beta": 80.0},
    "frequent": {"r": 1.5, "alpha": 30.0, "a": 0.4, "b": 4.0, "s": 0.5, "beta": 400.0},
    "daily": {"r": 2.0, "alpha": 8.0, "a": 0.2, "b": 8.0, "s": 0.3, "beta": 400.0},
}
SIZES = {
    "jewellery": 3000,
    "cdnow": 2000,
    "frequent": 500,
    "daily": 200,
}  # customers, for tests that are short
SEASON = 1 + 0.5 * np.sin(np.arange(12) / 6 * np.pi)  # 1.5 in April, 0.5 in October


def days_of(
    n: int,
    *,
    rng: np.random.Generator,
    model: str = "mbgnbd",
    shape: str = "cdnow",
    days: int = DAYS,
    k: float = 1.0,
    season: np.ndarray | None = None,
    trend: float = 1.0,
    before: int = 0,
) -> pd.DataFrame:
    """Return customer and day (from 0) of each purchase day of `n` customers who join evenly.

    `k`: gaps are gamma of this shape (1: the models; 2, 4: Erlang); `season`: factor of each month's pace,
    from January; `trend`: factor of the pace from year to year; `before`: days before the first one in which
    customers joined too, whose purchases of that time the file does not hold.
    """
    q = SHAPES[shape]
    rate = rng.gamma(q["r"], 1 / q["alpha"], n)
    born = rng.uniform(-before, days, n)
    if model == "paretonbd":
        end = born + rng.exponential(1 / np.maximum(rng.gamma(q["s"], 1 / q["beta"], n), 1e-12))
        leave = np.zeros(n)
    else:
        end, leave = np.full(n, np.inf), rng.beta(q["a"], q["b"], n)
    grid, passed = _clock(-before, days, season=season, trend=trend)
    who, at = np.arange(n), born
    found = [(who, at)]
    who = who[rng.random(n) >= leave] if model == "mbgnbd" else who
    clock = np.interp(born[who], grid, passed)
    while len(who):
        clock = clock + rng.gamma(k, 1 / (rate[who] * k))
        at = np.where(clock > passed[-1], np.inf, np.interp(clock, passed, grid))
        here = (at < days) & (at < end[who])
        who, clock = who[here], clock[here]
        found.append((who, at[here]))
        stay = rng.random(len(who)) >= leave[who]
        who, clock = who[stay], clock[stay]
    who, at = (np.concatenate(part) for part in zip(*found, strict=True))
    table = pd.DataFrame({"customer": who, "day": np.floor(at).astype(int)})
    return table[table["day"] >= 0].drop_duplicates().sort_values(["customer", "day"], ignore_index=True)


def _clock(
    first: int, last: int, *, season: np.ndarray | None, trend: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return days, and how much of the customers' own time has passed by each of them."""
    grid = np.arange(first, last + 1)
    month = (START + grid.astype("timedelta64[D]")).astype("datetime64[M]").astype(int) % 12
    pace = (np.ones(12) if season is None else season)[month] * trend ** (grid / 365)
    return grid, np.concatenate([[0.0], np.cumsum(pace)[:-1]])


def orders_of(days: pd.DataFrame, *, amounts: np.ndarray | float = 100.0) -> pd.DataFrame:
    """Return the ORDERS table of these purchase days."""
    return pd.DataFrame(
        {
            "order_id": np.arange(len(days)).astype(str),
            "customer_id": days["customer"].map("c{:06d}".format),
            "paid_at": pd.to_datetime(START) + pd.to_timedelta(days["day"], unit="D"),
            "amount": amounts,
            "refunded": 0.0,
            "category": None,
            "channel": None,
            "is_gift": False,
        }
    )
