"""What was in each order of a customer: categories, or products, with pieces and money."""

from typing import Literal

import pandas as pd

from clv import tables
from clv.errors import SettingError
from clv.language import tell

Item = Literal["category", "product"]
_COLUMNS = ["order_id", "item", "units", "amount"]


def of_orders(orders: pd.DataFrame, lines: pd.DataFrame | None = None, *, item: Item) -> pd.DataFrame:
    """Return what was in each order of a customer: one row per order and thing.

    Parameters
    ----------
    orders
        An ORDERS table; orders that name nobody are passed over.
    lines
        The LINES of these orders. Where none has a category, each order's own category stands for it.
    item
        'category', or 'product': the sku under its most frequent title, the title where there is no sku.

    Returns
    -------
    customer_id, order_id, day, item, units (pieces; 1 where only the order's category is known), amount.
    Orders without a known thing have no row.

    Raises
    ------
    SettingError
        `item` is neither.
    """
    if item not in ("category", "product"):
        raise SettingError(tell("item is {item!r}; it should be 'category' or 'product'.", item=item))
    known = tables.check(orders, tables.ORDERS).dropna(subset="customer_id")
    known = known.assign(day=known["paid_at"].dt.normalize())
    named = _named(lines, item)
    if named is None:
        name = known["category"] if item == "category" else None
        named = known.assign(item=name, units=1.0)[_COLUMNS]
    sums = named.dropna(subset="item").groupby(["order_id", "item"], as_index=False, observed=True)
    found = known[["customer_id", "order_id", "day"]].merge(sums[["units", "amount"]].sum(), on="order_id")
    return found.astype({"item": str})


def _named(lines: pd.DataFrame | None, item: Item) -> pd.DataFrame | None:
    """Return the lines under their thing's name; None where they name no such thing."""
    if lines is None or lines.empty:
        return None
    name = lines["category"] if item == "category" else _product(lines)
    return None if name.isna().all() else lines.assign(item=name, units=lines["quantity"])[_COLUMNS]


def _product(lines: pd.DataFrame) -> pd.Series:
    """Return each line's product: the most frequent title of its sku, as titles of one product change."""
    counts = lines.dropna(subset=["sku", "title"]).groupby(["sku", "title"], as_index=False).size()
    usual = counts.sort_values(["size", "title"], ascending=[False, True]).drop_duplicates("sku")
    titles = usual.set_index("sku")["title"]
    shared = titles.duplicated(keep=False)  # two skus of one title remain two products
    titles = titles.where(~shared, titles + " · " + titles.index.astype(str))
    return lines["sku"].map(titles).fillna(lines["sku"]).fillna(lines["title"])
