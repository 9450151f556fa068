"""What a link file says, as keys: each of its persons joins the customers who carry its ids."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from clv.merging import kinds
from clv.merging.doubts import MOST_IDS
from clv.merging.incidence import Incidence, added
from clv.reading.link_files import CUSTOMER


@dataclass(frozen=True, eq=False)
class Linked:
    """The incidence with a key for each person of the link file, and what became of its rows.

    Attributes
    ----------
    counts
        Rows by what became of them: used, in no order, of several exports, weak, shared.
    """

    incidence: Incidence
    counts: pd.Series


def attach(incidence: Incidence, links: pd.DataFrame, shared: pd.Index) -> Linked:
    """Return the incidence with the persons of LINKS.

    Parameters
    ----------
    shared
        Keys that are no one person's; a link file does not make them so.
    """
    found = pd.concat([_by_key(incidence, links), _by_id(incidence, links)], ignore_index=True)
    of_row = found.drop_duplicates(["row", "match"]).groupby("row").size()
    several = of_row.index[of_row > 1]
    sound = found[~found["row"].isin(several)]
    no_ones = sound["key"].isin(shared)
    nodes = _carriers(incidence, sound[~no_ones])
    person = _persons(links)
    pairs = nodes.assign(value=nodes["row"].map(person.groupby(links["row"].to_numpy()).first()))
    rows = {
        "used": sound.loc[~no_ones, "row"].nunique(),
        "in no order": 0,
        "of several exports": len(several),
        "weak": links.loc[~links["kind"].isin([CUSTOMER, *kinds.STRONG]), "row"].nunique(),
        "shared": sound.loc[no_ones, "row"].nunique(),
    }
    rows["in no order"] = links["row"].nunique() - sum(rows.values())
    return Linked(added(incidence, pairs[["node", "value"]], kind=kinds.LINK), pd.Series(rows))


def _by_key(incidence: Incidence, links: pd.DataFrame) -> pd.DataFrame:
    """Return row, match and key of the rows whose value some order carries."""
    mine = links[links["kind"].isin(kinds.STRONG)]
    known = incidence.keys.rename_axis("key").reset_index()[["kind", "value", "source", "key"]]
    hits = mine.merge(known, on=["kind", "value"], suffixes=("", "_of"))
    fits = hits["source"].isna() | hits["source_of"].eq("") | hits["source"].eq(hits["source_of"])
    found = hits.loc[fits, ["row", "key"]]
    return found.assign(match="key " + found["key"].astype("str"), node=np.nan)


def _by_id(incidence: Incidence, links: pd.DataFrame) -> pd.DataFrame:
    mine = links[links["kind"].eq(CUSTOMER)]
    node = pd.Series(incidence.names.get_indexer(mine["value"]), index=mine.index)
    found = pd.DataFrame({"row": mine["row"], "node": node})[node >= 0]
    return found.assign(match="id " + found["node"].astype("str"), key=np.nan)


def _carriers(incidence: Incidence, found: pd.DataFrame) -> pd.DataFrame:
    """Return row and node of everybody who carries what the rows name."""
    by_key = found.dropna(subset="key")[["row", "key"]].astype(np.int64).merge(incidence.edges, on="key")
    by_id = found.dropna(subset="node")[["row", "node"]].astype(np.int64)
    return pd.concat([by_key[["row", "node"]], by_id], ignore_index=True)


def _persons(links: pd.DataFrame) -> pd.Series:
    """Return a number per row, equal for persons of the file who share an id, if only few do."""
    what = links.groupby(["kind", "value", "source"], dropna=False, sort=True).ngroup()
    often = links["person"].groupby(what).transform("nunique") > MOST_IDS
    code, people = pd.factorize(links["person"], sort=True)
    n = len(people) + (int(what.max()) + 1 if len(links) else 0)
    ends = code[~often], len(people) + what[~often].to_numpy()
    graph = csr_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(n, n))
    return pd.Series(connected_components(graph, directed=False)[1][code], index=links.index)
