"""Customers and orders of a small invented shop, before any platform writes them down in its way."""

import numpy as np
import pandas as pd

UNTIL = "2026-06-30"
GOODS = [
    ("足金素圈戒指", "戒指", "JZ01", 980.0),
    ("古法传承项链", "项链", "XL01", 1680.0),
    ("淡水珍珠耳钉", "耳饰", "ER02", 260.0),
    ("银镯子", "手镯", "SZ03", 420.0),
    ("18K金吊坠", "吊坠", "DZ01", 760.0),
]
CHANNELS = ["微商城", "门店", "小程序"]
_FIRST, _LAST = pd.Timestamp("2024-07-01"), pd.Timestamp("2026-06-30 21:00")
_SECONDS = int((_LAST - _FIRST).total_seconds())


def orders(people: int, *, seed: int) -> pd.DataFrame:
    """Return one row per order: order_id, customer (a number), paid_at, pieces, amount, refund, story, goods.

    A quarter of the people come once, the others go on buying at rates of their own until they leave; `story`
    is kept, unpaid, closed or refunded.
    """
    rng = np.random.default_rng(seed)
    first = rng.uniform(0, 0.9, people) * _SECONDS
    rate = rng.gamma(0.8, 1 / 110, people) * (rng.random(people) < 0.75)  # purchases a day
    rows = [(who, at) for who in range(people) for at in _moments(first[who], rate[who], rng)]
    made = pd.DataFrame(rows, columns=["customer", "second"])
    made["paid_at"] = _FIRST + pd.to_timedelta(made["second"].round(), unit="s")
    made = made.sort_values("paid_at", ignore_index=True).drop(columns="second")
    good = pd.DataFrame(GOODS, columns=["title", "category", "sku", "price"])
    made = made.join(good.iloc[rng.integers(0, len(GOODS), len(made))].reset_index(drop=True))
    made["pieces"] = rng.integers(1, 3, len(made))
    made["amount"] = (made["price"] * made["pieces"] * rng.uniform(0.8, 1.3, len(made))).round(2)
    made["channel"] = np.array(CHANNELS)[rng.integers(0, len(CHANNELS), len(made))]
    made["story"] = rng.choice(["kept", "unpaid", "closed", "refunded"], len(made), p=[0.9, 0.03, 0.03, 0.04])
    made["refund"] = made["amount"].where(made["story"] == "refunded", 0.0)
    made["order_id"] = [f"7{seed:02}{n:09}" for n in range(len(made))]
    return made


def _moments(first: float, rate: float, rng: np.random.Generator) -> list[float]:
    """Return the seconds at which somebody buys, who may leave for good after each time."""
    found, at = [first], first
    while rate > 0 and rng.random() > 0.15:
        at += rng.exponential(1 / rate) * 86_400
        if at > _SECONDS:
            break
        found.append(at)
    return found
