"""Keys that join too much: a counter's phone, and keys that join people who cannot be one.

What is doubtful joins nobody. Nothing here depends on the order of rows.
"""

import numpy as np
import pandas as pd

from clv.merging.incidence import Incidence, Marks, Numbers, components

MOST_IDS = 5  # customer ids that one key may join
MOST_A_DAY = 10  # orders of one day that may carry one key
MOST_OF_PERSON = 10  # customer ids that all keys together may join
SHARED, MANY_ORDERS = "shared by too many", "too many orders on one day"
DIFFERENT, CHAIN = "joins people with different ids", "part of a chain that joins people with different ids"


def shared(incidence: Incidence, orders: pd.DataFrame) -> pd.Series:
    """Return why a key is no one person's, for each key that is not (the index); the others are not in it."""
    most = _orders_of_a_day(incidence, orders)
    why = pd.Series(None, index=incidence.keys.index, dtype="str")
    why = why.mask(most > MOST_A_DAY, MANY_ORDERS)
    return why.mask(why.index.isin(crowded(incidence)), SHARED).dropna()


def crowded(incidence: Incidence) -> pd.Index:
    """Return the keys that more customer ids carry than one person has."""
    customers = incidence.customers
    return customers.index[customers > MOST_IDS]


def _orders_of_a_day(incidence: Incidence, orders: pd.DataFrame) -> pd.Series:
    day = orders.set_index("order_id")["paid_at"].dt.normalize().reindex(incidence.node.index)
    nodes = pd.DataFrame({"node": incidence.node.to_numpy(), "day": day.to_numpy()})
    per_node = nodes.groupby(["node", "day"]).size().rename("orders").reset_index()
    busy = per_node.merge(incidence.edges, on="node")
    return busy.groupby(["key", "day"])["orders"].sum().groupby("key").max().reindex(incidence.keys.index)


def joined(incidence: Incidence, usable: Marks) -> tuple[Numbers, Marks, pd.Series]:
    """Return who is one person: a number per node; the keys that were used; why others were not.

    Parameters
    ----------
    usable
        One mark per key: whether it may join at all.
    """
    left_out = pd.Series(DIFFERENT, index=_of_different_people(incidence, usable), dtype="str")
    used = usable & ~incidence.keys.index.isin(left_out.index)
    while True:
        labels = components(incidence, used)
        worst = _weakest_of(incidence, labels, used)
        if worst.empty:
            return labels, used, left_out.sort_index()
        left_out = pd.concat([left_out, pd.Series(CHAIN, index=worst, dtype="str")])
        used = used & ~incidence.keys.index.isin(worst)


def _of_different_people(incidence: Incidence, usable: Marks) -> pd.Index:
    """Return the keys whose carriers have two ids of a kind of which a person has one."""
    several = (incidence.carriers > 1).to_numpy() & usable
    edges = incidence.edges[several[incidence.edges["key"].to_numpy()]]
    ids = edges.rename(columns={"key": "by"}).merge(incidence.of_one, on="node")
    ids = ids[["by", "kind", "source", "key"]].drop_duplicates()
    return ids.loc[ids.duplicated(["by", "kind", "source"]), "by"].drop_duplicates().pipe(pd.Index)


def _weakest_of(incidence: Incidence, labels: Numbers, used: Marks) -> pd.Index:
    """Return the keys that tell least among those that hold an impossible person together."""
    named = pd.Series(labels[: len(incidence.names)])
    size = named.value_counts()
    ids = incidence.of_one.assign(person=labels[incidence.of_one["node"]])
    ids = ids[["person", "kind", "source", "key"]].drop_duplicates()
    torn = ids.loc[ids.duplicated(["person", "kind", "source"]), "person"]
    impossible = np.union1d(torn, size.index[size > MOST_OF_PERSON])
    several = (incidence.carriers > 1).to_numpy() & used
    edges = incidence.edges[several[incidence.edges["key"].to_numpy()]]
    holding = pd.DataFrame({"person": labels[edges["node"]], "key": edges["key"].to_numpy()})
    holding = holding[holding["person"].isin(impossible)].drop_duplicates()
    rank = incidence.keys["rank"].reindex(holding["key"]).to_numpy()
    worst = rank == holding.assign(rank=rank).groupby("person")["rank"].transform("max").to_numpy()
    return pd.Index(holding.loc[worst, "key"].unique())


def within_one(incidence: Incidence, labels: Numbers) -> pd.DataFrame:
    """Return persons with two ids of a kind of which one has one: person (a label), kind, source, count."""
    ids = incidence.of_one.assign(person=labels[incidence.of_one["node"]])
    counts = ids.groupby(["person", "kind", "source"])["key"].nunique().rename("count")
    return counts[counts > 1].reset_index()
