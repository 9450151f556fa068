"""Persons in the other tables of a shop: orders as they were read, members, contacts, points, campaigns."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from clv import extras, tables
from clv.extras import ExtraRead
from clv.language import tell
from clv.merging.resolving import Resolved
from clv.orders import OrdersRead
from clv.reading.one_each import one_each
from clv.told import listed

Ids = Callable[[pd.Series], pd.Series]
NOBODYS = "no buyer named, nor found by a key"


def in_other_tables(ids: pd.Series, aliases: pd.Series, *, by_key: Ids | None = None) -> pd.Series:
    """Return the persons behind ids of members, contacts or campaigns; who is in no order keeps the id.

    Parameters
    ----------
    ids
        Customer ids as reports show them, as they were; any index.
    aliases
        `Resolved.aliases`.
    by_key
        Where ids are shown raw: what an id is called that the orders have as a key alone, for keys are
        hidden all the same.
    """
    found = ids.map(aliases, na_action="ignore").astype("str")
    if by_key is not None:
        left = ids[found.isna() & ids.notna()]
        found = found.fillna(by_key(left).map(aliases).astype("str"))
    return found.fillna(ids)


def of_read(read: OrdersRead, resolved: Resolved, *, by_key: Ids | None = None) -> OrdersRead:
    """Return what was read with persons as customers, in orders, returns, losses and notes.

    `by_key` as in `in_other_tables`.
    """
    ids = in_other_tables(read.returns["customer_id"], resolved.aliases, by_key=by_key)
    returns = read.returns.assign(customer_id=ids)
    has_customers = bool(resolved.orders["customer_id"].notna().any())
    return replace(
        read,
        orders=resolved.orders,
        returns=returns,
        losses=_losses(read, resolved.orders),
        has_customers=has_customers,
        why_no_customers=None if has_customers else read.why_no_customers,
        notes=(*read.notes, *_notes(read, resolved)),
    )


def _losses(read: OrdersRead, orders: pd.DataFrame) -> pd.DataFrame:
    """Return the losses without orders whose buyer a key told; their reasons are no longer known."""
    nobodys = orders[orders["customer_id"].isna()]
    found = int(read.orders["customer_id"].isna().sum()) - len(nobodys)
    if not found:
        return read.losses
    of_read = read.losses[read.losses["stage"] == "read"]
    rows = read.losses.loc[read.losses["stage"] == "customers", "rows"].sum() - found
    left = pd.DataFrame(
        {
            "stage": "customers",
            "reason": NOBODYS,
            "rows": max(rows, len(nobodys)),
            "orders": len(nobodys),
            "money": nobodys["amount"].sum(),
        },
        index=range(min(len(nobodys), 1)),
    )
    return tables.check(pd.concat([of_read, left], ignore_index=True), tables.LOSSES)


def _notes(read: OrdersRead, resolved: Resolved) -> tuple[str, ...]:
    several = resolved.persons["ids"] > 1
    said = [
        tell(
            "{joined_ids:,} customer ids are those of {several:,} persons, joined by strong keys and "
            "the link file.",
            joined_ids=resolved.joined_ids,
            several=several.sum(),
        )
    ]
    found = int(read.orders["customer_id"].isna().sum() - resolved.orders["customer_id"].isna().sum())
    if found:
        said.append(tell("{found:,} orders name no buyer, but a key tells who it was.", found=found))
    return (*said, *lost_links(resolved))


def lost_links(resolved: Resolved) -> tuple[str, ...]:
    """Return a sentence on the rows of the link file that were of no use; nothing where all were."""
    lost = {what: n for what, n in resolved.link_rows.items() if what != "used" and n}
    rows = listed(tell("{rows:,} {what}", rows=n, what=what) for what, n in lost.items())
    return (tell("Rows of the link file that join nobody: {listed}.", listed=rows),) if lost else ()


def of_extra(found: ExtraRead, aliases: pd.Series, *, by_key: Ids | None = None) -> ExtraRead:
    """Return members, contacts, points, visits or past campaigns with persons as customers.

    Of members there is one row per person again: a no beats a yes, points are added up and expire when the
    first of them do, and what the rows do not agree on is empty. Who was in two arms of one campaign was in
    none that can be measured, and is left out of it. `by_key` as in `in_other_tables`.
    """
    table = found.table
    if table.index.name == "customer_id":
        ids = in_other_tables(table.index.to_series(), aliases, by_key=by_key)
        return _of_members(found, ids.to_numpy())
    moved = table.assign(customer_id=in_other_tables(table["customer_id"], aliases, by_key=by_key))
    if "arm" in table:
        return _of_campaigns(found, moved)
    return replace(found, table=moved)


def _of_members(found: ExtraRead, ids: np.ndarray) -> ExtraRead:
    if len(set(ids)) == len(ids):
        return replace(found, table=found.table.set_axis(pd.Index(ids, name="customer_id")).sort_index())
    consents = [name for name in found.table if name.startswith("consent_") and name != "consent_basis"]
    rows = found.table.astype(dict.fromkeys(consents, "float64")).reset_index(drop=True)
    rows = rows.assign(customer_id=ids)
    by = rows.groupby("customer_id")
    added = {"points": by["points"].sum(min_count=1)} if "points" in rows else {}
    added |= {"points_expire_on": by["points_expire_on"].min()} if "points_expire_on" in rows else {}
    table, notes = one_each(rows.drop(columns=list(added)), consents=consents)
    table = tables.check(table.assign(**added)[list(found.table)], tables.MEMBERS)
    return ExtraRead(
        table, (*found.notes, *(tell("members joined to persons: {note}", note=note) for note in notes))
    )


def _of_campaigns(found: ExtraRead, moved: pd.DataFrame) -> ExtraRead:
    by = ["customer_id", "campaign"]
    arms = moved.groupby(by)["arm"].transform("nunique")
    kept = moved[arms == 1].drop_duplicates(by).reset_index(drop=True)
    torn = len(moved.loc[arms > 1, by].drop_duplicates())
    said = (
        tell(
            "{torn:,} persons were in both arms of a campaign by two ids and are left out of it.", torn=torn
        ),
    ) * bool(torn)
    return ExtraRead(tables.check(kept, extras.PAST_CAMPAIGNS), (*found.notes, *said))
