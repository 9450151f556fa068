"""Visits of the last 60 days: what was looked at before orders, and what came to nothing."""

from pathlib import Path

import numpy as np
import pandas as pd

from generator import calendar, csvfile, people
from generator.members import Shape

DAYS = 60
HEADER = {"customer_id": "客户手机号", "at": "访问时间", "kind": "行为", "category": "商品类目"}
KINDS = {"viewed": "浏览", "favourited": "收藏", "carted": "加购"}
BROWSERS, LOOKS = 520, 3.0  # customers who only looked, and how often each did
STRANGERS = 160  # people who looked and never bought; the first of them are members all the same
DOUBLE = 4  # rows that stand twice


def draw(bought: pd.DataFrame, categories: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """Return visits: customer (number), at, kind, category.

    Buyers looked at something up to ten days before they bought; three in five of them put it into the cart.
    Whoever only looked did so at random; one look in six came to a cart, and then to nothing.

    `bought`: customer, paid_at. `categories`: the category names, with their shares.
    """
    first = calendar.LAST_DAY - pd.Timedelta(days=DAYS - 1)
    orders = bought[bought["paid_at"] >= first]
    looks = orders.loc[orders.index.repeat(rng.poisson(2.0, len(orders)) + 1)]
    before = pd.to_timedelta(rng.exponential(2.5, len(looks)).clip(max=10) * 86400, unit="s").as_unit("s")
    kinds = rng.choice(list(KINDS), len(looks), p=[0.55, 0.15, 0.30])
    of_buyers = pd.DataFrame({"customer": looks["customer"], "at": looks["paid_at"] - before, "kind": kinds})
    strangers = bought["customer"].max() + 1 + np.arange(STRANGERS)
    idle = np.r_[rng.choice(bought["customer"].unique(), BROWSERS, replace=False), strangers]
    who = idle.repeat(rng.poisson(LOOKS - 1, len(idle)) + 1)
    at = first + pd.to_timedelta(rng.integers(0, DAYS * 86400, len(who)), unit="s").as_unit("s")
    kinds = rng.choice(list(KINDS), len(who), p=[0.70, 0.14, 0.16])
    of_idle = pd.DataFrame({"customer": who, "at": at, "kind": kinds})
    found = pd.concat([of_buyers, of_idle], ignore_index=True)
    found = found[found["at"] >= first].sort_values(["at", "customer"], kind="stable", ignore_index=True)
    return found.assign(category=rng.choice(categories.index, len(found), p=categories / categories.sum()))


def write(folder: Path, shape: Shape, visits: pd.DataFrame, rng: np.random.Generator) -> None:
    """Write visits.csv with the platform's words; a few rows stand twice."""
    cells = pd.DataFrame(
        {
            "customer_id": shape.ids(visits["customer"]),
            "at": csvfile.stamps(visits["at"]),
            "kind": visits["kind"].map(KINDS),
            "category": visits["category"],
        }
    ).astype(object)
    again = cells.loc[people.some(DOUBLE, cells.index, rng)]
    cells = pd.concat([cells, again]).sort_index(kind="stable").rename(columns=HEADER)
    csvfile.write(cells, [*HEADER.values()], folder / "visits.csv", encoding=shape.encoding)
