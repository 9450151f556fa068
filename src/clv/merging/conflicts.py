"""What does not fit: keys that joined nobody because they join too much, and persons who are hardly one."""

import pandas as pd

from clv.merging import doubts, kinds
from clv.merging.persons import Joined

COLUMNS = ("why", "kind", "source", "person", "key", "customers", "orders", "count")
MOST_ADDRESSES = 20
TWO_IDS, TWO_SAID, MANY_ADDRESSES, MANY_ORDERS = (
    "two ids of a kind of which one person has one",
    "members' rows differ",
    "too many addresses",
    "too many orders on one day",
)
_SAID = ("birthday", "gender")
_ADDRESSES = ("address", "oaid")


def of_keys(joined: Joined, shared: pd.Series) -> pd.DataFrame:
    """Return the keys that joined nobody, strong ones and those of the link file, with who carries them."""
    incidence = joined.incidence
    why = pd.concat([shared, joined.left_out])
    table = incidence.keys.reindex(why.index)
    mine = table["rank"] <= kinds.USABLE
    per_node = incidence.node.value_counts().rename("orders")
    carried = incidence.edges[incidence.edges["key"].isin(why.index)].join(per_node, on="node")
    found = table.assign(
        why=why,
        person=None,
        key=kinds.short(table["value"].astype("str")).where(table["kind"] != kinds.LINK),
        customers=incidence.customers.reindex(why.index),
        orders=carried.groupby("key")["orders"].sum().reindex(why.index),
        count=1,
    )
    return found.loc[mine, list(COLUMNS)]


def of_persons(
    joined: Joined,
    names: pd.Series,
    orders: pd.DataFrame,
    *,
    keys: pd.DataFrame,
    members: pd.DataFrame | None,
    aliases: pd.Series,
) -> pd.DataFrame:
    """Return persons who are hardly one: two ids of a kind, two birthdays, orders or addresses of many.

    Parameters
    ----------
    orders
        ORDERS with persons as customers.
    members
        MEMBERS by customer id as before joining.
    """
    twice = doubts.within_one(joined.incidence, joined.labels)
    parts = [
        twice.assign(why=TWO_IDS, person=twice["person"].map(names)),
        *([] if members is None else _said(members, aliases)),
        _addresses(orders, keys),
        _busy(orders),
    ]
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=list(COLUMNS))
    found = pd.concat(filled, ignore_index=True).reindex(columns=list(COLUMNS))
    ids = aliases[aliases.index.isin(joined.incidence.names)].value_counts()
    placed = orders["customer_id"].value_counts()
    return found.assign(customers=found["person"].map(ids), orders=found["person"].map(placed))


def _said(members: pd.DataFrame, aliases: pd.Series) -> list[pd.DataFrame]:
    """Return persons whose members' rows say two birthdays or two genders."""
    parts = []
    for column in (name for name in _SAID if name in members):
        said = members[column].dropna()
        person = said.index.to_series().map(aliases).to_numpy()
        counts = said.groupby(person).nunique()
        counts = counts[counts > 1]
        parts.append(
            pd.DataFrame(
                {"why": TWO_SAID, "kind": column, "person": counts.index, "count": counts.to_numpy()}
            )
        )
    return parts


def _addresses(orders: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    person = orders.set_index("order_id")["customer_id"]
    found = keys[keys["kind"].isin(_ADDRESSES)]
    found = found.assign(person=found["order_id"].map(person))[["person", "kind", "value"]].drop_duplicates()
    counts = found.groupby(["person", "kind"]).size()
    counts = counts[counts > MOST_ADDRESSES]
    return _rows(MANY_ADDRESSES, counts)


def _busy(orders: pd.DataFrame) -> pd.DataFrame:
    per_day = orders.groupby(["customer_id", orders["paid_at"].dt.normalize()]).size()
    most = per_day.groupby("customer_id").max()
    most = most[most > doubts.MOST_A_DAY]
    return _rows(MANY_ORDERS, most.set_axis(pd.MultiIndex.from_product([most.index, [None]])))


def _rows(why: str, counts: pd.Series) -> pd.DataFrame:
    person, kind = counts.index.get_level_values(0), counts.index.get_level_values(1)
    return pd.DataFrame({"why": why, "kind": kind, "person": person, "count": counts.to_numpy()})
