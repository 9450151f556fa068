"""A shop's files read as its entry in the shop file says; customers still have the ids of the export."""

from collections.abc import Callable
from dataclasses import replace

from clv import extras, orders
from clv.errors import InputError, NoAnswerError
from clv.extras import ExtraRead
from clv.orders import OrdersRead
from clv.shop_entry import Extra
from clv.shopfile import ShopFile

_HOW: dict[Extra, Callable[..., ExtraRead]] = {
    "members": extras.members,
    "contacts": extras.contacts,
    "past_campaigns": extras.past_campaigns,
    "points": extras.points,
    "visits": extras.visits,
    "gift_givers": extras.gift_givers,
}


def read_orders(file: ShopFile, shop_id: str, *, until: str) -> OrdersRead:
    """Return what the shop's exports hold, up to and including the day `until` ('': all of it).

    Raises
    ------
    InputError
        A file is missing or not what the entry says, or it is in another currency.
    NoAnswerError
        Not one order is left.
    """
    entry = file.entry(shop_id)
    found = orders.read(
        file.order_files(shop_id),
        platform=entry.platform,
        items=file.item_files(shop_id),
        columns=entry.columns or None,
        until=until or None,
        timezone=entry.timezone,
        date_format=entry.date_format,
    )
    if found.orders.empty:
        raise NoAnswerError(
            f"shop {shop_id!r}: not one order is left; `clv orders` shows what left them out."
        )
    if entry.currency and found.currency and entry.currency != found.currency:
        raise InputError(
            f"shop {shop_id!r}: the export is in {found.currency}, the shop file says {entry.currency}; "
            "correct it."
        )
    return replace(found, currency=found.currency or entry.currency)


def read_extra(file: ShopFile, shop_id: str, key: Extra, *, buyer_kind: str | None) -> ExtraRead | None:
    """Return the shop's members, contacts or past campaigns; None where the entry names none.

    Parameters
    ----------
    buyer_kind
        What customer ids are in the orders, `OrdersRead.buyer_kind`.

    Raises
    ------
    InputError
        A file is missing, or is not what `extras` reads.
    """
    files = file.contact_files(shop_id) if key == "contacts" else file.extra_files(shop_id, key)
    entry = file.entry(shop_id)
    if not files:
        return None
    manner = extras.Manner(
        kind=buyer_kind or "id",
        platform=entry.platform,
        header=entry.columns.get("customer_id"),
        timezone=entry.timezone,
        date_format=entry.date_format,
    )
    try:
        return _HOW[key](files, manner=manner)
    except InputError as error:
        raise InputError(f"{file.path.name}, shop {shop_id!r}, {key}: {error}") from None
