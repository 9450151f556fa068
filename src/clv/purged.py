"""Who asked to be forgotten: kept as keyed hashes, so that nobody comes back with the next export.

The list itself is a file that `purged_list` reads and writes. No id, no pseudonym and no name stands in it:
without the secret nobody can tell whom it is about.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from clv import pseudonyms, purged_list, tables
from clv.extras import ExtraRead
from clv.merging import kinds
from clv.orders import OrdersRead
from clv.reading.extra_files import PSEUDONYM
from clv.reading.typed_rows import NO_BUYER

REASON = "purged at the customer's request"


@dataclass(frozen=True)
class Purged:
    """The hashes of a shop's purged customers; false where there are none."""

    shop_id: str
    hashes: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.hashes)

    def hold(self, ids: pd.Series) -> pd.Series:
        """Return whether each id, key or pseudonym is a purged customer's; what is missing is nobody's."""
        secret = pseudonyms.local_secret()
        called = pd.Series(names(ids.dropna().unique()))
        theirs = called.index[[_hash(name, self.shop_id, secret) in self.hashes for name in called]]
        return ids.isin(theirs)


def names(ids: Iterable[str]) -> dict[str, str]:
    """Return the pseudonym of each id or key, by these; of a pseudonym itself."""
    given = pd.Series(list(ids), dtype="str")
    called = pseudonyms.pseudonym(given, secret=pseudonyms.local_secret())
    return dict(zip(given, called.mask(given.str.fullmatch(PSEUDONYM), given), strict=True))


def of(shop_id: str) -> Purged:
    """Return who was purged from a shop.

    Raises
    ------
    SettingError
        The list cannot be read or is damaged, or was made with another secret: then nobody of it would be
        recognised.
    """
    return Purged(shop_id, purged_list.hashes(shop_id))


def mark(shop_id: str) -> str:
    """Return what stands for a shop's list in what is built from its orders; empty without one."""
    return " ".join(sorted(of(shop_id).hashes))


def add(shop_id: str, called: Iterable[str]) -> int:
    """Add the hashes of pseudonyms; return how many are new. Nothing is written where none is.

    Raises
    ------
    SettingError
        As `of`, or the list cannot be written.
    """
    secret = pseudonyms.local_secret()
    return purged_list.add(shop_id, {_hash(name, shop_id, secret) for name in called})


def of_orders(found: OrdersRead, purged: Purged) -> OrdersRead:
    """Return what was read without purged customers; their money is a loss of its own, to the cent.

    Whose id is not in the list, and who carries a purged customer's strong key, is that customer.
    """
    if not purged:
        return found
    strong = found.keys[found.keys["kind"].isin(kinds.STRONG)]
    by_key = strong.loc[purged.hold(strong["value"]), "order_id"]
    orders = found.orders
    gone = purged.hold(orders["customer_id"]) | orders["order_id"].isin(by_key)
    left, numbers = orders[~gone].reset_index(drop=True), orders.loc[gone, "order_id"]
    beside = {name: getattr(found, name) for name in ("lines", "terms", "keys")}
    has_customers = bool(left["customer_id"].notna().any())
    return replace(
        found,
        orders=left,
        returns=found.returns[~purged.hold(found.returns["customer_id"])].reset_index(drop=True),
        losses=_losses(found.losses, orders[gone]),
        has_customers=has_customers,
        why_no_customers=None if has_customers else found.why_no_customers or REASON,
        **{name: f[~f["order_id"].isin(numbers)].reset_index(drop=True) for name, f in beside.items()},
    )


def of_extra(found: ExtraRead, purged: Purged) -> ExtraRead:
    """Return members, contacts, campaigns, points or visits without purged customers."""
    if not purged:
        return found
    if found.table.index.name == "customer_id":
        return replace(found, table=found.table[~purged.hold(found.table.index.to_series()).to_numpy()])
    return replace(found, table=found.table[~purged.hold(found.table["customer_id"])].reset_index(drop=True))


def _losses(losses: pd.DataFrame, gone: pd.DataFrame) -> pd.DataFrame:
    if gone.empty:
        return losses
    counted = {"rows": len(gone), "orders": len(gone), "money": gone["amount"].sum()}
    theirs = pd.DataFrame({"stage": "read", "reason": REASON, **counted}, index=[0])
    nameless = losses["stage"] == "customers"
    parts = [losses[~nameless], theirs, _nameless(losses[nameless], gone[gone["customer_id"].isna()])]
    return tables.check(pd.concat([part for part in parts if len(part)], ignore_index=True), tables.LOSSES)


def _nameless(losses: pd.DataFrame, gone: pd.DataFrame) -> pd.DataFrame:
    """Return the losses of orders without a buyer, less those that a key told; for what reason is unknown."""
    if gone.empty:
        return losses
    orders = int(losses["orders"].sum()) - len(gone)
    told = {
        "stage": "customers",
        "reason": losses["reason"].iloc[0] if len(losses) == 1 else NO_BUYER,
        "rows": max(int(losses["rows"].sum()) - len(gone), orders),
        "orders": orders,
        "money": losses["money"].sum() - gone["amount"].sum(),
    }
    return pd.DataFrame(told, index=range(min(orders, 1)))


def _hash(name: str, shop_id: str, secret: bytes) -> str:
    return hmac.digest(secret, f"purged\0{shop_id}\0{name}".encode(), hashlib.sha256).hex()
