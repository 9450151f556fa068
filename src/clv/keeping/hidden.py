"""Customer ids as a shop shows them: pseudonyms, unless it shows them raw; and the way back."""

from dataclasses import replace

import pandas as pd

from clv import pseudonyms
from clv.errors import InputError
from clv.extras import ExtraRead
from clv.orders import OrdersRead


def shown(ids: pd.Series, *, secret: bytes | None) -> pd.Series:
    """Return ids as reports show them.

    Parameters
    ----------
    secret
        The secret behind the pseudonyms; None where ids are shown raw.
    """
    return ids if secret is None else pseudonyms.pseudonym(ids, secret=secret)


def of_orders(found: OrdersRead, *, secret: bytes | None) -> OrdersRead:
    """Return what was read with the ids of orders and returns as reports show them."""
    frames = {name: getattr(found, name) for name in ("orders", "returns")}
    return replace(
        found,
        **{name: f.assign(customer_id=shown(f["customer_id"], secret=secret)) for name, f in frames.items()},
    )


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


def behind(ids: pd.Series, *, orders: pd.DataFrame, secret: bytes | None) -> pd.Series:
    """Return the id in the export behind each shown one.

    Parameters
    ----------
    orders
        ORDERS with the ids of the export.

    Raises
    ------
    InputError
        An id stands for no customer of these orders, or for two.
    """
    known = orders["customer_id"].dropna().drop_duplicates()
    of = pd.Series(known.to_numpy(), index=shown(known, secret=secret).to_numpy(), dtype="str")
    of = of[~of.index.duplicated(keep=False)]
    strange = ids.notna() & ~ids.isin(of.index)
    if strange.any():
        raise InputError(
            f"{strange.sum():,} of {len(ids):,} customer ids stand for no one customer of these orders; was "
            "the list made from other orders, or with another secret?"
        )
    return ids.map(of, na_action="ignore").astype("str")
