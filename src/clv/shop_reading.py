"""A shop's files read as its entry in the shop file says; customers still have the ids of the export."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from clv import extras, joined_orders, orders, purged
from clv.errors import InputError, NoAnswerError
from clv.extras import ExtraRead
from clv.language import tell
from clv.orders import OrdersRead
from clv.reading import link_files
from clv.reading.gifts import KEEP, Gifts
from clv.reading.link_files import LinksRead
from clv.shop_entry import Extra
from clv.shop_files import ShopFile, Source

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

    Customers who were purged are left out, and told among the losses.

    Raises
    ------
    InputError
        A file is missing or not what the entry says, or it is in another currency.
    NoAnswerError
        Not one order is left.
    SettingError
        The list of purged customers cannot be used.
    """
    entry = file.entry(shop_id)
    found = purged.of_orders(everything(file, shop_id, until=until), purged.of(shop_id))
    if found.orders.empty:
        raise NoAnswerError(
            tell(
                "shop {shop_id!r}: not one order is left; `clv orders` shows what left them out.",
                shop_id=shop_id,
            )
        )
    if entry.currency and found.currency and entry.currency != found.currency:
        raise InputError(
            tell(
                "shop {shop_id!r}: the export is in {currency}, the shop file says {currency2}; correct it.",
                shop_id=shop_id,
                currency=found.currency,
                currency2=entry.currency,
            )
        )
    return replace(found, currency=found.currency or entry.currency)


def everything(file: ShopFile, shop_id: str, *, until: str = "") -> OrdersRead:
    """Return all that the exports hold, those who were purged too. Raises InputError as `read_orders`."""
    reads = {one.name: _read(file, shop_id, one, until) for one in file.sources(shop_id)}
    return _joined(file, shop_id, reads)


def _read(file: ShopFile, shop_id: str, source: Source, until: str) -> OrdersRead:
    """Return what one of the shop's exports holds."""

    def read(until: str | None, gifts: Gifts = KEEP) -> OrdersRead:
        return orders.read(
            (*source.orders, *source.tables),
            platform=source.platform,
            items=source.items,
            columns=dict(source.columns) or None,
            until=until,
            timezone=source.timezone,
            date_format=source.date_format,
            gifts=gifts,
        )

    gifts = _gifts(file, shop_id, lambda: read(None))
    if source.name == file.entry(shop_id).platform:
        return read(until or None, gifts)
    with file.naming(shop_id, f"also.{source.name}"):
        return _up_to(until, lambda last: read(last, gifts))


def _up_to(until: str, read: Callable[[str | None], OrdersRead]) -> OrdersRead:
    """Return a further export up to a day; one that begins later holds nothing yet, which is no mistake."""
    if not until:
        return read(None)
    try:
        return read(until)
    except InputError:
        whole = read(None)
        if whole.orders.empty or whole.orders["paid_at"].min().date() <= date.fromisoformat(until):
            raise
        return joined_orders.none_yet(whole)


def _gifts(file: ShopFile, shop_id: str, read: Callable[[], OrdersRead]) -> Gifts:
    """Return what becomes of gifts; givers are written as buyers are, so the orders are looked at first."""
    how = file.entry(shop_id).gifts
    if how != "to giver":
        return Gifts(how)
    found = read_extra(file, shop_id, "gift_givers", buyer_kind=read().buyer_kind)
    return Gifts(how, None if found is None else found.table.set_index("order_id")["customer_id"])


def _joined(file: ShopFile, shop_id: str, reads: Mapping[str, OrdersRead]) -> OrdersRead:
    try:
        return joined_orders.join(reads)
    except InputError as error:
        raise InputError(
            tell("{path}, shop {shop_id!r}: {error}", path=file.path.name, shop_id=shop_id, error=error)
        ) from None


def read_links(file: ShopFile, shop_id: str) -> LinksRead:
    """Return what the shop's link files say, raw; without one no links.

    Raises
    ------
    InputError
        A file is missing, or is not what `reading.link_files` reads.
    """
    files = file.extra_files(shop_id, "links")
    if not files:
        return link_files.nothing()
    with file.naming(shop_id, "links"):
        return link_files.read(files, known=[source.name for source in file.sources(shop_id)])


def read_extra(file: ShopFile, shop_id: str, key: Extra, *, buyer_kind: str | None) -> ExtraRead | None:
    """Return the shop's members, contacts or past campaigns; None where the entry names none.

    Customers who were purged are left out; not of gift_givers, which say whose orders are to be left out.

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
    with file.naming(shop_id, key):
        found = _HOW[key](files, manner=manner)
    return found if key == "gift_givers" else purged.of_extra(found, purged.of(shop_id))
