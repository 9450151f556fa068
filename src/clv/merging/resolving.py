"""Orders and their keys → who is one person: joined at one of several levels, strict to loose."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from clv import tables
from clv.merging import combos, conflicts, doubts, incidence, kinds, linked, persons
from clv.merging.incidence import Incidence
from clv.merging.persons import Joined
from clv.reading import link_files

Level = Literal["none", "links", "strong", "looser"]
LEVELS: tuple[Level, ...] = ("none", "links", "strong", "looser")


@dataclass(frozen=True, eq=False)
class Resolved:
    """Who is one person.

    Attributes
    ----------
    level
        How much was joined: none; links (what the link file says); strong (also strong keys); looser (also
        combinations of weak keys: to see what they would change, never to work with).
    orders
        ORDERS with persons as customers. A person is called by the customer id of their earliest order, so
        who was not joined keeps the id; an order without a buyer but with a strong key gets one.
    ids
        customer_id, person, in_orders: by which ids persons go in the orders and, where in_orders is False,
        in other tables.
    before
        order_id, customer_id as it was.
    persons
        One row per person: person; ids (customer ids in the orders); sources (exports); orders; keys (how
        many of which kind); confidence ('one id': nothing was joined; 'high': whole phones, mails and
        platforms' ids hold it together, or two keys on every id; 'medium': the link file, an openid or a nick
        is needed; 'low': something speaks against it, see conflicts, or weak keys are needed); support (the
        least number of joining keys that any of its ids hangs on).
    conflicts
        why, kind, source, person, key (hidden), customers (ids), orders, count: keys that joined nobody, and
        persons who are hardly one.
    link_rows
        Rows of the link file by what became of them: used, in no order, of several exports (no source told),
        weak (a kind that never joins), shared (an id of too many).
    """

    level: Level
    orders: pd.DataFrame
    ids: pd.DataFrame
    before: pd.DataFrame
    persons: pd.DataFrame
    conflicts: pd.DataFrame
    link_rows: Mapping[str, int]

    @property
    def aliases(self) -> pd.Series:
        """The person behind each id as it was (the index)."""
        return self.ids.set_index("customer_id")["person"]

    @property
    def unjoined(self) -> pd.DataFrame:
        """ORDERS with customers as they were."""
        return self.orders.assign(customer_id=self.before["customer_id"].to_numpy())

    @property
    def joined_ids(self) -> int:
        """How many customer ids of the orders are one person's with another."""
        return int(self.persons.loc[self.persons["ids"] > 1, "ids"].sum())


@dataclass(frozen=True, eq=False)
class Prepared:
    """What every level is resolved from; made once."""

    orders: pd.DataFrame
    keys: pd.DataFrame
    incidence: Incidence
    shared: pd.Series
    link_rows: Mapping[str, int]


def prepare(orders: pd.DataFrame, keys: pd.DataFrame, *, links: pd.DataFrame | None = None) -> Prepared:
    """Return orders, keys and links as `resolve` needs them, to resolve at several levels."""
    links = link_files.nothing().table if links is None else links
    found = incidence.of(orders, keys)
    shared = doubts.shared(found, orders)
    with_links = linked.attach(found, links, shared.index)
    counter = doubts.shared(with_links.incidence, orders)
    return Prepared(
        orders, keys, with_links.incidence, counter, {k: int(n) for k, n in with_links.counts.items()}
    )


def resolve(
    orders: pd.DataFrame,
    keys: pd.DataFrame,
    *,
    links: pd.DataFrame | None = None,
    level: Level = "strong",
    members: pd.DataFrame | None = None,
) -> Resolved:
    """Return who is one person; the answer does not depend on the order of rows.

    Parameters
    ----------
    orders
        An ORDERS table; customer ids as the exports tell customers apart.
    keys
        The KEYS of these orders, hidden or not.
    links
        The LINKS of the shop's link file, hidden as the keys are.
    level
        How much to join; see `Resolved`.
    members
        MEMBERS by customer id; two birthdays or genders of one person are reported.

    Raises
    ------
    InputError
        The orders are not as their contract says.
    """
    return at_level(prepare(orders, keys, links=links), level, members=members)


def at_level(prepared: Prepared, level: Level, *, members: pd.DataFrame | None = None) -> Resolved:
    """Return who is one person at a level; see `resolve`."""
    orders, keys = prepared.orders, prepared.keys
    joined = _joined(prepared, level)
    label = persons.of_orders(joined, orders)
    names = persons.named(joined, orders, label)
    resolved = tables.check(orders.assign(customer_id=label.map(names).astype("str")), tables.ORDERS)
    ids = persons.aliases(joined, names)
    aliases = ids.set_index("customer_id")["person"]
    odd = conflicts.of_persons(joined, names, resolved, keys=keys, members=members, aliases=aliases)
    doubtful = [conflicts.of_keys(joined, prepared.shared), odd]
    found = persons.table(joined, orders, keys, label=label, names=names)
    return Resolved(
        level=level,
        orders=resolved,
        ids=ids,
        before=orders[["order_id", "customer_id"]],
        persons=persons.doubted(found, odd["person"]),
        conflicts=_sorted(doubtful),
        link_rows=prepared.link_rows,
    )


def _joined(prepared: Prepared, level: Level) -> Joined:
    found = prepared.incidence
    if level == "looser":
        weak = combos.pairs(found, prepared.keys)
        found = incidence.added(found, weak[["node", "value"]], kind=kinds.COMBINATION)
    kind = found.keys["kind"]
    allowed = {
        "none": np.zeros(len(kind), dtype=bool),
        "links": kind.eq(kinds.LINK).to_numpy(),
        "strong": kind.ne(kinds.COMBINATION).to_numpy(),
        "looser": np.ones(len(kind), dtype=bool),
    }[level]
    crowded = doubts.crowded(found)
    usable = allowed & ~kind.index.isin(prepared.shared.index.union(crowded))
    return Joined(found, *doubts.joined(found, usable))


def _sorted(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    found = pd.concat(filled or parts, ignore_index=True)
    text = found.astype(dict.fromkeys(["why", "kind", "source", "person", "key"], "str"))
    counted = text.astype(dict.fromkeys(["customers", "orders", "count"], "Int64"))
    return counted.sort_values(["why", "kind", "key", "person"], ignore_index=True)
