"""What would the shop say of its customers if it joined less, or more? Who might be one person besides?"""

from datetime import date

import pandas as pd

from clv.merging import combos, doubts, incidence, kinds, levels
from clv.merging.resolving import LEVELS, Level, Resolved, at_level, prepare

WAYS = {
    "none": "Every id a customer",
    "links": "What the link file says",
    "strong": "Strong keys too",
    "looser": "Weak keys too",
}


def what_if(
    orders: pd.DataFrame,
    keys: pd.DataFrame,
    *,
    links: pd.DataFrame | None = None,
    until: date | str | None = None,
    level: Level = "strong",
) -> pd.DataFrame:
    """Return what the shop would say of its customers if it joined less, or more.

    Parameters
    ----------
    orders
        ORDERS with customers as they were, `Resolved.unjoined`.
    keys, links
        As `resolve` takes them.
    until
        Last day of observation; the day of the last order when None.
    level
        The shop's own, that the others are compared with.

    Returns
    -------
    One row per level, the strictest first: level; way (its words); customers; joined (ids that are one
    person's with another); changed (ids that would be together with others than at the shop's own level);
    repeat_rate (bought on a second day) with low, high (90 %); one_time_share (one order); purchases (repeat
    purchase days per customer); p_alive (mean, by MBG/NBD; missing where it cannot be fitted).
    """
    prepared = prepare(orders, keys, links=links)
    found = {name: at_level(prepared, name) for name in LEVELS}
    own = _partners(found[level])
    rows = [
        {
            "level": name,
            "way": WAYS[name],
            "joined": one.joined_ids,
            "changed": int((_partners(one) != own).sum()),
        }
        | levels.numbers(one.orders, until=until)
        for name, one in found.items()
    ]
    return pd.DataFrame(rows)[["level", "way", "customers", "joined", "changed", *levels.NUMBERS[1:]]]


def _partners(resolved: Resolved) -> pd.Series:
    """Return for each id of the orders a number that stands for all ids that are one person's with it."""
    ids = resolved.ids[resolved.ids["in_orders"]].sort_values("customer_id").set_index("customer_id")
    marks = pd.util.hash_pandas_object(ids.index.to_series(), index=False)
    return marks.groupby(ids["person"]).transform("sum")


def possible(resolved: Resolved, keys: pd.DataFrame) -> pd.DataFrame:
    """Return who might be one person by weak keys: combination, groups, customers, one row per combination.

    Not one of them is joined; groups of persons who share a combination, and persons in them.
    """
    found = incidence.of(resolved.orders, keys)
    pairs = combos.pairs(found, keys)
    pairs = pairs[~pairs["value"].isin(_crowded(pairs))]
    by = pairs.groupby("combination", sort=False)
    counts = pd.DataFrame({"groups": by["value"].nunique(), "customers": by["node"].nunique()})
    found = counts.reindex([" + ".join(parts) for parts in kinds.COMBINATIONS], fill_value=0)
    return found.rename(lambda name: name.replace("_", " ")).rename_axis("combination").reset_index()


def _crowded(pairs: pd.DataFrame) -> pd.Index:
    size = pairs["value"].value_counts()
    return size.index[size > doubts.MOST_IDS]
