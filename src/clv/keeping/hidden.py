"""Customer ids as a shop shows them: pseudonyms, unless it shows them raw; and the way back.

Keys (phones, platform ids, addresses) are never shown: they are hidden in any case, by HMAC-SHA256 with the
local secret, for 11 digits are few enough to try them all against a bare hash.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from clv import joined_orders, pseudonyms
from clv.errors import InputError
from clv.extras import ExtraRead
from clv.language import tell
from clv.merging import kinds
from clv.orders import OrdersRead
from clv.reading.cells import each_once
from clv.reading.link_files import CUSTOMER, LinksRead

_DIGITS = 32  # of the 64 that HMAC-SHA256 has; the first twelve are those of the pseudonym


def shown(ids: pd.Series, *, secret: bytes | None) -> pd.Series:
    """Return ids as reports show them.

    Parameters
    ----------
    secret
        The secret behind the pseudonyms; None where ids are shown raw.
    """
    return ids if secret is None else pseudonyms.pseudonym(ids, secret=secret)


def of_orders(found: OrdersRead, *, secret: bytes | None) -> OrdersRead:
    """Return what was read with the ids of orders and returns as reports show them, and all keys hidden."""
    frames = {name: getattr(found, name) for name in ("orders", "returns")}
    return replace(
        found,
        **{name: f.assign(customer_id=shown(f["customer_id"], secret=secret)) for name, f in frames.items()},
        keys=found.keys.assign(value=keys(found.keys["value"])),
    )


def keys(values: pd.Series) -> pd.Series:
    """Return cleaned keys as 32 hexadecimal digits, of shops with raw ids too; the missing stay so."""
    if values.empty:
        return values
    secret = pseudonyms.local_secret()

    def work(distinct: pd.Series) -> pd.Series:
        return distinct.map(lambda one: _digest(one, secret), na_action="ignore").astype("str")

    return each_once(values.astype("str"), work)


def by_key(ids: pd.Series) -> pd.Series:
    """Return what raw ids are called where the orders have them as a key alone."""
    return kinds.short(keys(ids)).mask(ids.isna())


def _digest(value: str, secret: bytes) -> str:
    return hmac.digest(secret, value.encode(), hashlib.sha256).hex()[:_DIGITS]


def of_links(found: LinksRead, *, secret: bytes | None, exports: Sequence[str]) -> LinksRead:
    """Return links with keys hidden and customer ids as reports show them.

    Parameters
    ----------
    exports
        The names of the shop's exports, the first one first: the orders write ids of the others behind the
        export's name. A customer id without a source comes back once for each export that it may be of.
    """
    table = found.table
    is_id = table["kind"].eq(CUSTOMER)
    ids = table[is_id]
    told = [ids[ids["source"].eq(name) | ids["source"].isna()].assign(source=name) for name in exports]
    ids = pd.concat(told) if told else ids
    further = ids["source"].ne(exports[0]) if len(exports) else ids["source"].notna()
    written = ids["value"].where(~further, joined_orders.in_export(ids["value"], ids["source"]))
    parts = [
        table[~is_id].assign(value=keys(table.loc[~is_id, "value"])),
        ids.assign(value=shown(written, secret=secret)),
    ]
    return replace(found, table=pd.concat(parts, ignore_index=True))


def of_extra(found: ExtraRead, *, secret: bytes | None, ours: pd.Series) -> ExtraRead:
    """Return an extra file with the ids, in the index or a column, as reports show them.

    Parameters
    ----------
    ours
        Customer ids of the orders as reports show them. A list that this program made holds such ids; where
        it comes back, as contacts or a past campaign, they stay as they are.
    """
    table = found.table
    if table.index.name == "customer_id":
        ids = shown(table.index.to_series(), secret=secret)
        return replace(found, table=table.set_axis(pd.Index(ids, name="customer_id")))
    ids = table["customer_id"]
    ids = shown(ids, secret=secret).mask(ids.isin(ours), ids)
    return replace(found, table=table.assign(customer_id=ids))


def behind(
    ids: pd.Series,
    *,
    orders: pd.DataFrame,
    secret: bytes | None,
    keys_of: pd.DataFrame | None = None,
    others: pd.Series | None = None,
) -> pd.Series:
    """Return the id in the export behind each shown one.

    Parameters
    ----------
    orders
        ORDERS with the ids of the export.
    keys_of
        KEYS, raw: an order without a buyer may have got its customer from one of them.
    others
        Ids, raw, of people who may be in no order: members and visitors.

    Raises
    ------
    InputError
        An id stands for no customer of these orders and for none of the others, or for two.
    """
    known = pd.concat([orders["customer_id"], others]) if others is not None else orders["customer_id"]
    known = known.dropna().drop_duplicates()
    of = pd.Series(known.to_numpy(), index=shown(known, secret=secret).to_numpy(), dtype="str")
    if keys_of is not None:
        of = pd.concat([of, _by_key(keys_of)[lambda more: ~more.index.isin(of.index)]])
    of = of[~of.index.duplicated(keep=False)]
    strange = ids.notna() & ~ids.isin(of.index)
    if strange.any():
        raise InputError(
            tell(
                "{strange:,} of {ids:,} customer ids stand for no one customer of these orders; was the "
                "list made from other files, or with another secret?",
                strange=strange.sum(),
                ids=len(ids),
            )
        )
    return ids.map(of, na_action="ignore").astype("str")


def _by_key(raw: pd.DataFrame) -> pd.Series:
    """Return the strong keys by the ids that customers have who are known by a key alone."""
    values = raw.loc[raw["kind"].isin(kinds.STRONG), "value"].drop_duplicates()
    return pd.Series(values.to_numpy(), index=kinds.short(keys(values)).to_numpy(), dtype="str")
