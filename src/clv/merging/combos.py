"""Combinations of weak keys: what a looser shop would take for one person. They never join customers here."""

from functools import reduce

import pandas as pd

from clv.merging import kinds
from clv.merging.incidence import Incidence


def pairs(incidence: Incidence, keys: pd.DataFrame) -> pd.DataFrame:
    """Return combination, value and node of all who share a combination with somebody else.

    A buyer's own phone counts as a receiver's too, for the buyer mostly is the receiver.
    """
    of_kind = {kind: keys.loc[keys["kind"] == kind, ["order_id", "value"]] for kind in _kinds()}
    own = keys.loc[keys["kind"] == "phone", ["order_id", "value"]]
    of_kind["receiver_phone"] = pd.concat([of_kind["receiver_phone"], own])
    parts = [_of_one(parts, of_kind, incidence) for parts in kinds.COMBINATIONS]
    return pd.concat(parts, ignore_index=True)


def _kinds() -> set[str]:
    return {kind for parts in kinds.COMBINATIONS for kind in parts}


def _of_one(parts: tuple[str, ...], of_kind: dict[str, pd.DataFrame], incidence: Incidence) -> pd.DataFrame:
    tables = [of_kind[kind].rename(columns={"value": kind}) for kind in parts]
    rows = reduce(lambda left, right: left.merge(right, on="order_id"), tables)
    node = rows["order_id"].map(incidence.node)
    carried = rows[list(parts)].assign(node=node).dropna(subset="node").drop_duplicates()
    carried = carried[carried.duplicated(list(parts), keep=False)]
    name = " + ".join(parts)
    value = name + " " + carried.groupby(list(parts), sort=True).ngroup().astype("str")
    return pd.DataFrame({"combination": name, "value": value, "node": carried["node"].astype("int64")})
