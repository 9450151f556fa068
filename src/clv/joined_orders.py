"""The orders of several exports of one shop → one: numbers and ids told apart, money added up to the cent.

An order number is written behind its export's name, `youzan:E1`, for two platforms may give one number.
Customer ids of the first export stay as they are, as members and contacts are written with them; those of the
others are written behind the name as well.
"""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from clv import tables
from clv.errors import InputError
from clv.language import tell
from clv.orders import OrdersRead
from clv.reading import keys, losses


def join(reads: Mapping[str, OrdersRead]) -> OrdersRead:
    """Return what several exports hold as one; a single one as it is.

    Parameters
    ----------
    reads
        What was read of each export, by its name; the first one first.

    Returns
    -------
    Orders, lines, returns, terms and keys below each other; money, rows and losses added up; where an order
    names no channel, the export's name. `buyer_kind` and `platform` are those of the first export.

    Raises
    ------
    InputError
        Two exports are in different currencies.
    """
    if len(reads) == 1:
        return next(iter(reads.values()))
    parts = {name: _told_apart(read, name, first=at == 0) for at, (name, read) in enumerate(reads.items())}
    every = list(parts.values())
    has_customers = any(read.has_customers for read in every)
    orders = pd.concat([read.orders for read in every])
    returns = pd.concat([read.returns for read in every])
    return OrdersRead(
        orders=tables.check(orders.sort_values(["paid_at", "order_id"], ignore_index=True), tables.ORDERS),
        lines=tables.check(pd.concat([r.lines for r in every], ignore_index=True), tables.LINES),
        losses=_losses(every),
        returns=returns.sort_values(["paid_at", "customer_id", "refunded"], ignore_index=True),
        terms=pd.concat([read.terms for read in every], ignore_index=True),
        keys=tables.check(pd.concat([read.keys for read in every], ignore_index=True), keys.KEYS),
        money_in=sum(read.money_in for read in every),
        currency=_currency(parts),
        refund_identity=" ".join(
            tell("{name}: {said}", name=name, said=read.refund_identity) for name, read in parts.items()
        ),
        notes=tuple(
            tell("{name}: {said}", name=name, said=note)
            for name, read in parts.items()
            for note in read.notes
        ),
        platform=every[0].platform,
        has_customers=has_customers,
        why_no_customers=None if has_customers else _said(every, "why_no_customers"),
        what_would_help=_said(every, "what_would_help"),
        rows_read=sum(read.rows_read for read in every),
        files=tuple((f"{name}: {file}", *rest) for name, read in parts.items() for file, *rest in read.files),
        buyer_kind=every[0].buyer_kind,
    )


def in_export(ids: pd.Series, export: pd.Series | str) -> pd.Series:
    """Return numbers or ids behind the name of their export; the missing stay so."""
    return (export + ":" + ids.astype("str")).astype("str")


def _told_apart(read: OrdersRead, name: str, *, first: bool) -> OrdersRead:
    frames = {key: getattr(read, key) for key in ("orders", "lines", "terms", "keys")}
    found = {key: f.assign(order_id=in_export(f["order_id"], name)) for key, f in frames.items()}
    found |= {"returns": read.returns}
    if not first:
        ids = {key: in_export(found[key]["customer_id"], name) for key in ("orders", "returns")}
        found |= {key: found[key].assign(customer_id=column) for key, column in ids.items()}
    orders = found["orders"].assign(channel=found["orders"]["channel"].fillna(name))
    return replace(read, **{**found, "orders": orders, "keys": found["keys"].assign(source=name)})


def _currency(parts: Mapping[str, OrdersRead]) -> str | None:
    named = {name: read.currency for name, read in parts.items() if read.currency}
    if len(set(named.values())) > 1:
        listed = ", ".join(f"{name} in {currency}" for name, currency in named.items())
        raise InputError(
            tell("its exports are in different currencies ({listed}); make a shop of each.", listed=listed)
        )
    return next(iter(named.values()), None)


def _losses(reads: list[OrdersRead]) -> pd.DataFrame:
    every = pd.concat([read.losses for read in reads])
    added = every.groupby(["stage", "reason"], sort=False)[["rows", "orders", "money"]].sum().reset_index()
    stage = added["stage"].map({"read": 0, "customers": 1})
    return tables.check(
        added.loc[stage.sort_values(kind="stable").index].reset_index(drop=True), tables.LOSSES
    )


def _said(reads: list[OrdersRead], field: str) -> str:
    said = dict.fromkeys(getattr(read, field) for read in reads if getattr(read, field))
    return "; ".join(said)


def none_yet(read: OrdersRead) -> OrdersRead:
    """Return what an export holds that begins after the last day: nothing kept, all its money too late."""
    late = pd.DataFrame(
        {
            "stage": "read",
            "reason": losses.TOO_LATE,
            "rows": [len(read.orders)],
            "orders": len(read.orders),
            "money": read.orders["amount"].sum(),
        }
    )
    before = read.losses[read.losses["stage"] == "read"]
    frames = ("orders", "lines", "returns", "terms", "keys")
    return replace(
        read,
        **{key: getattr(read, key).iloc[:0] for key in frames},
        losses=tables.check(pd.concat([before, late], ignore_index=True), tables.LOSSES),
        has_customers=False,
        why_no_customers="it has no order up to the last day",
    )
