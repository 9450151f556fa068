"""Joined nodes → persons: what each is called, which ids it has, and how sure it is that they are one's."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clv.merging import kinds
from clv.merging.incidence import Incidence, Marks, Numbers, components

ONE_ID, HIGH, MEDIUM, LOW = "one id", "high", "medium", "low"
CONFIDENCE = (ONE_ID, HIGH, MEDIUM, LOW)
INDEPENDENT = 2  # keys on each id that make up for none of them being of the best


@dataclass(frozen=True, eq=False)
class Joined:
    """Who is one person: a label per node, the keys that were used, and why others were not."""

    incidence: Incidence
    labels: Numbers
    used: Marks
    left_out: pd.Series


def of_orders(joined: Joined, orders: pd.DataFrame) -> pd.Series:
    """Return the label of each order, one per row; missing where neither a buyer nor a key says who it is."""
    node = joined.incidence.node
    return orders["order_id"].map(pd.Series(joined.labels[node.to_numpy()], index=node.index))


def named(joined: Joined, orders: pd.DataFrame, label: pd.Series) -> pd.Series:
    """Return the name of the person of each label: the customer id of their earliest order.

    Who has no id at all is called by the key that tells most. `label` is that of each order.
    """
    first = orders.assign(label=label).dropna(subset=["customer_id", "label"])
    first = first.sort_values(["paid_at", "order_id"], kind="stable").drop_duplicates("label")
    names = pd.Series(first["customer_id"].to_numpy(), index=first["label"].astype(np.int64), dtype="str")
    return pd.concat([names, _by_key(joined, names.index)]).sort_index()


def _by_key(joined: Joined, known: pd.Index) -> pd.Series:
    incidence = joined.incidence
    edges = incidence.edges[joined.used[incidence.edges["key"].to_numpy()]]
    carried = edges.join(incidence.keys, on="key").assign(label=joined.labels[edges["node"]])
    loose = carried[~carried["label"].isin(known) & (carried["rank"] <= kinds.USABLE)]
    best = loose[loose["kind"] != kinds.LINK].sort_values(["rank", "kind", "value"]).drop_duplicates("label")
    return pd.Series(kinds.short(best["value"]).to_numpy(), index=best["label"].to_numpy(), dtype="str")


def aliases(joined: Joined, names: pd.Series) -> pd.DataFrame:
    """Return customer_id, person and in_orders: by which ids persons go, in the orders and in other tables.

    A list of members may know a customer by a phone that the orders have only as a key.
    """
    incidence = joined.incidence
    ids = incidence.names
    own = pd.DataFrame(
        {"customer_id": ids.astype("str"), "label": joined.labels[: len(ids)], "in_orders": True}
    )
    everywhere = incidence.keys["source"].eq("") & (incidence.keys["rank"] <= kinds.SURE)
    keys = incidence.keys[everywhere.to_numpy() & joined.used]
    node = incidence.edges.drop_duplicates("key").set_index("key")["node"].reindex(keys.index)
    other = pd.DataFrame({"customer_id": kinds.short(keys["value"]), "label": joined.labels[node]})
    other = other[ids.get_indexer(other["customer_id"]) < 0].drop_duplicates()
    other = other[~other.duplicated("customer_id", keep=False)].assign(in_orders=False)
    found = pd.concat([own, other], ignore_index=True)
    found = found.assign(person=found["label"].map(names).astype("str")).dropna(subset="person")
    return found[["customer_id", "person", "in_orders"]].reset_index(drop=True)


def table(
    joined: Joined, orders: pd.DataFrame, keys: pd.DataFrame, *, label: pd.Series, names: pd.Series
) -> pd.DataFrame:
    """Return one row per person: ids, sources, orders, keys, confidence, support; see `identity.Resolved`."""
    known = orders.assign(label=label, source=_source(orders, keys)).dropna(subset="label")
    counts = known.groupby("label").size()
    ids = pd.Series(joined.labels[: len(joined.incidence.names)]).value_counts()
    found = pd.DataFrame({"person": names.reindex(counts.index), "orders": counts})
    found["ids"] = ids.reindex(found.index, fill_value=0)
    found["sources"] = _listed(known["label"], known["source"]).reindex(found.index).fillna("")
    found["keys"] = _keys(joined).reindex(found.index).fillna("")
    found["support"] = _support(joined).reindex(found.index, fill_value=0)
    found["confidence"] = _confidence(joined, found)
    columns = ["person", "ids", "sources", "orders", "keys", "confidence", "support"]
    return found[columns].dropna(subset="person").sort_values("person", ignore_index=True)


def doubted(found: pd.DataFrame, doubtful: pd.Series) -> pd.DataFrame:
    """Return the persons with low confidence where several ids are one person's who is hardly one."""
    low = (found["ids"] > 1) & found["person"].isin(doubtful)
    return found.assign(confidence=found["confidence"].mask(low, LOW))


def _source(orders: pd.DataFrame, keys: pd.DataFrame) -> pd.Series:
    """Return the export of each order: before its number where there are several, else as its keys say."""
    before = orders["order_id"].str.extract(r"^([a-z0-9][a-z0-9_-]*):", expand=False)
    if before.notna().all():
        return before
    return orders["order_id"].map(keys.drop_duplicates("order_id").set_index("order_id")["source"])


def _listed(label: pd.Series, word: pd.Series) -> pd.Series:
    """Return the different words of each label, sorted and joined; each list is made once."""
    counts = _counted(label, word)
    return _made_once(counts.clip(upper=1), lambda row: ", ".join(row.index[row > 0]))


def _keys(joined: Joined) -> pd.Series:
    """Return how many keys of which kind each label has: 'phone 2, unionid 1'."""
    incidence = joined.incidence
    kind = incidence.keys["kind"].reindex(incidence.edges["key"]).to_numpy()
    carried = incidence.edges.assign(label=joined.labels[incidence.edges["node"]], kind=kind)
    carried = carried[carried["kind"].isin(kinds.STRONG)].drop_duplicates(["label", "key"])
    counts = _counted(carried["label"], carried["kind"])
    counts = counts.reindex(columns=[kind for kind in kinds.STRONG if kind in counts])
    return _made_once(counts, lambda row: ", ".join(f"{kind} {n}" for kind, n in row[row > 0].items()))


def _counted(label: pd.Series, word: pd.Series) -> pd.DataFrame:
    """Return how often each word (columns, sorted) stands at each label; what is missing counts nowhere."""
    code, words = pd.factorize(word, sort=True)
    at, labels = pd.factorize(label, sort=True)
    cells = (at * len(words) + code)[code >= 0]
    counts = np.bincount(cells, minlength=len(labels) * len(words)).reshape(len(labels), len(words))
    return pd.DataFrame(counts, index=labels, columns=words)


def _made_once(counts: pd.DataFrame, write: Callable[[pd.Series], str]) -> pd.Series:
    if counts.empty:
        return pd.Series(dtype="str")
    code = counts.groupby(list(counts.columns)).ngroup()
    distinct = counts[~code.duplicated()]
    words = pd.Series([write(row) for _, row in distinct.iterrows()], index=code[distinct.index], dtype="str")
    return code.map(words)


def _support(joined: Joined) -> pd.Series:
    """Return the least number of joining keys that any id of a person hangs on; 0 if nothing was joined."""
    incidence = joined.incidence
    several = (incidence.carriers > 1).to_numpy() & joined.used
    per_node = incidence.edges.loc[several[incidence.edges["key"].to_numpy()], "node"].value_counts()
    per_node = per_node.reindex(range(incidence.nodes), fill_value=0)
    return per_node.groupby(joined.labels).min()


def _confidence(joined: Joined, found: pd.DataFrame) -> pd.Series:
    """Return how sure a person is: as sure as the weakest key without which the ids would fall apart."""
    rank = joined.incidence.keys["rank"].to_numpy()
    size = pd.Series(joined.labels).value_counts().reindex(found.index)
    sure = _holds(joined, rank <= kinds.SURE).reindex(found.index)
    usable = _holds(joined, rank <= kinds.USABLE).reindex(found.index)
    high = sure | (usable & (found["support"] >= INDEPENDENT))
    words = np.select([size <= 1, high, usable], [ONE_ID, HIGH, MEDIUM], LOW)
    return pd.Series(words, index=found.index, dtype="str")


def _holds(joined: Joined, which: Marks) -> pd.Series:
    """Return whether each person is still one with some of the keys alone."""
    parts = components(joined.incidence, joined.used & which)
    return pd.Series(parts).groupby(joined.labels).nunique().eq(1)
