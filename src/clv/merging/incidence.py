"""Which customers carry which keys: the table that joining works on, in numbers instead of texts.

A node is a customer id of the orders as it is before joining, or an order without a buyer that carries a
strong key. Everything is numbered in sorted order, so that no order of rows shows.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from clv.merging import kinds

Numbers = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Incidence:
    """Nodes, keys, and who carries what.

    Attributes
    ----------
    names
        The customer ids of the first nodes; the others are orders without a buyer.
    node
        The node of each order, by its number; only of orders that have one.
    keys
        One row per key, by its number: kind, source (empty where the key holds everywhere), value, rank.
    edges
        node, key: who carries what, each pair once.
    of_one
        node, kind, source, key of the kinds of which a person has one in an export.
    """

    names: pd.Index
    node: pd.Series
    keys: pd.DataFrame
    edges: pd.DataFrame
    of_one: pd.DataFrame

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return int(self.node.max()) + 1 if len(self.node) else 0

    @property
    def customers(self) -> pd.Series:
        """How many customer ids carry each key, orders without a buyer not counted."""
        named = self.edges[self.edges["node"] < len(self.names)]
        return named["key"].value_counts().reindex(self.keys.index, fill_value=0)

    @property
    def carriers(self) -> pd.Series:
        """How many nodes carry each key."""
        return self.edges["key"].value_counts().reindex(self.keys.index, fill_value=0)


def of(orders: pd.DataFrame, keys: pd.DataFrame) -> Incidence:
    """Return the incidence of ORDERS and KEYS; weak keys are not in it."""
    strong = keys[keys["kind"].isin(kinds.STRONG)]
    strong = strong.assign(scope=strong["source"].where(strong["kind"].isin(kinds.WITHIN_EXPORT), ""))
    names, node = _nodes(orders, strong["order_id"])
    by = strong.groupby(["kind", "scope", "value"], sort=True)
    carried = strong.assign(key=by.ngroup(), node=strong["order_id"].map(node))
    carried = carried.dropna(subset="node").astype({"node": np.int64, "key": np.int64})
    table = carried.drop_duplicates("key").set_index("key").reindex(range(by.ngroups))
    table = table[["kind", "scope", "value"]].rename(columns={"scope": "source"})
    one = carried[carried["kind"].isin(kinds.ONE_EACH)]
    return Incidence(
        names=names,
        node=node,
        keys=table.assign(rank=table["kind"].map(dict(kinds.RANK)).astype("float64")),
        edges=carried[["node", "key"]].drop_duplicates(ignore_index=True),
        of_one=one[["node", "kind", "source", "key"]].drop_duplicates(ignore_index=True),
    )


def _nodes(orders: pd.DataFrame, with_key: pd.Series) -> tuple[pd.Index, pd.Series]:
    known = orders["customer_id"].notna()
    code, names = pd.factorize(orders.loc[known, "customer_id"], sort=True)
    loose = orders.loc[~known, "order_id"]
    loose = np.sort(loose[pd.Index(with_key.unique()).get_indexer(loose) >= 0].to_numpy(object))
    number = np.concatenate([code, len(names) + np.arange(len(loose))])
    order_ids = np.concatenate([orders.loc[known, "order_id"].to_numpy(object), loose])
    return pd.Index(names), pd.Series(number, index=pd.Index(order_ids, dtype="str"), dtype=np.int64)


def added(incidence: Incidence, pairs: pd.DataFrame, *, kind: str) -> Incidence:
    """Return the incidence with further keys of one kind.

    Parameters
    ----------
    pairs
        node; value (what tells the new keys apart).
    """
    code, values = pd.factorize(pairs["value"], sort=True)
    first = len(incidence.keys)
    more = pd.DataFrame(
        {"kind": kind, "source": "", "value": values, "rank": float(kinds.RANK[kind])},
        index=first + np.arange(len(values)),
    )
    edges = pd.DataFrame({"node": pairs["node"].to_numpy(), "key": first + code}).drop_duplicates()
    return replace(
        incidence,
        keys=pd.concat([incidence.keys, more]) if len(incidence.keys) else more,
        edges=pd.concat([incidence.edges, edges], ignore_index=True).astype(np.int64),
    )


def components(incidence: Incidence, usable: Marks) -> Numbers:
    """Return a number per node, equal for nodes that `usable` keys join, directly or over others."""
    n = incidence.nodes
    edges = incidence.edges[usable[incidence.edges["key"].to_numpy()]]
    ends = edges["node"].to_numpy(), n + edges["key"].to_numpy()
    size = n + len(incidence.keys)
    graph = csr_array((np.ones(len(edges), dtype=np.int8), ends), shape=(size, size))
    return connected_components(graph, directed=False)[1][:n].astype(np.int64)
