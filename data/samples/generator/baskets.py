"""What is in an order: products near the money that the customer means to spend, in categories they like."""

import numpy as np
import pandas as pd

LIKING = 2.5  # how strongly tastes differ: the smaller, the more a customer keeps to one category
SECOND_SHARE = 0.25  # part of the money that goes to a second product


def lines(
    orders: pd.DataFrame, catalogue: pd.DataFrame, *, second: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Return one row per product of an order: row (of `orders`), product (of `catalogue`), money.

    `catalogue` has category, share (of orders, per category), level (of the category's prices) and price.
    """
    table = catalogue.groupby("category", sort=False)[["share", "level"]].first()
    taste = rng.gamma(LIKING * table["share"].to_numpy(), 1.0, (orders["customer"].max() + 1, len(table)))
    taste = taste + 1e-9
    first = _basket(orders, table, taste, catalogue, rng)
    more = _basket(orders, table, taste, catalogue, rng, SECOND_SHARE)
    has_more = (rng.random(len(orders)) < second) & (more["product"] != first["product"]).to_numpy()
    first.loc[has_more, "money"] *= 1 - SECOND_SHARE
    both = pd.concat([first, more[has_more]]).sort_values("row", kind="stable", ignore_index=True)
    return both


def _basket(
    orders: pd.DataFrame,
    table: pd.DataFrame,
    taste: np.ndarray,
    catalogue: pd.DataFrame,
    rng: np.random.Generator,
    part: float = 1.0,
) -> pd.DataFrame:
    chance = taste[orders["customer"]].cumsum(axis=1)
    pick = (rng.random(len(orders))[:, None] * chance[:, -1:] > chance).sum(axis=1)
    money = orders["value"].to_numpy() * table["level"].to_numpy()[pick] * part
    apart = np.abs(np.log(money)[:, None] - np.log(catalogue["price"].to_numpy())[None, :])
    other = catalogue["category"].to_numpy()[None, :] != table.index.to_numpy()[pick][:, None]
    product = np.where(other, np.inf, apart).argmin(axis=1)
    return pd.DataFrame({"row": np.arange(len(orders)), "product": product, "money": money})
