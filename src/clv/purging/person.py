"""Ids as somebody writes them → all that a shop's customer is known by: joined ids, keys, pseudonyms."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from clv import identity, joined_orders, pseudonyms, purged, shop_reading, sources
from clv.errors import SettingError
from clv.keeping import hidden
from clv.language import tell
from clv.merging import kinds
from clv.orders import OrdersRead
from clv.reading import buyers
from clv.reading.extra_files import PSEUDONYM
from clv.shop_files import ShopFile


@dataclass(frozen=True)
class Person:
    """What a customer is known by; raw ids and keys are here to be looked for, never to be shown.

    Attributes
    ----------
    ids, keys
        Customer ids and strong keys as the exports write them.
    names
        Pseudonyms of all of these.
    digests
        The keys and ids as they are kept hidden.
    numbers
        The customer's order numbers, as the exports write them.
    joined
        How many ids of the orders are this customer's.
    money
        What the shop kept of the orders.
    """

    ids: frozenset[str]
    keys: frozenset[str]
    names: frozenset[str]
    digests: frozenset[str]
    numbers: frozenset[str]
    joined: int
    money: float


def find(file: ShopFile, shop_id: str, *, ids: Sequence[str] = (), called: Sequence[str] = ()) -> Person:
    """Return who is meant by ids of the export and by pseudonyms; several of them may be several customers.

    Parameters
    ----------
    ids
        As somebody writes them: an id, a phone, a mail address.
    called
        Pseudonyms.

    Raises
    ------
    InputError
        An export is missing, or is not what the shop file says.
    SettingError
        A pseudonym is none, or a phone or the like stands for several customers of the orders.
    """
    strange = [name for name in called if not pd.Series([name]).str.fullmatch(PSEUDONYM).all()]
    if strange:
        raise SettingError(
            tell("--pseudonym takes what reports call a customer, c_ and 12 digits or letters from a to f.")
        )
    raw = shop_reading.everything(file, shop_id)
    spelt = _spelt(file, shop_id, ids)
    wanted = {*purged.names(spelt).values(), *called}
    theirs = _orders(file, shop_id, raw, wanted)
    own = raw.orders.loc[theirs, "customer_id"].dropna().unique()
    keys = _own_keys(raw, theirs)
    everything = {*spelt, *own, *keys}
    return Person(
        ids=frozenset({*spelt, *own}),
        keys=frozenset(keys),
        names=frozenset({*purged.names(everything).values(), *called}),
        digests=frozenset(hidden.keys(pd.Series(sorted(everything), dtype="str"))),
        numbers=frozenset(_bare(raw.orders.loc[theirs, "order_id"], file, shop_id)),
        joined=len(own),
        money=float(raw.orders.loc[theirs, "amount"].sum()),
    )


def _spelt(file: ShopFile, shop_id: str, ids: Sequence[str]) -> set[str]:
    """Return ids as given and as the kit writes them, behind the name of each further export too."""
    told = pd.Series([one.strip() for one in ids if one.strip()], dtype="str")
    first, *further = file.sources(shop_id)
    platform = sources.load(first.platform)
    found = pd.concat([told, *(buyers.cleaned(told, kind, platform) for kind in ("id", "phone", "email"))])
    found = found.dropna().drop_duplicates()
    behind = [joined_orders.in_export(found, source.name) for source in further]
    return set(pd.concat([found, *behind]))


def _orders(file: ShopFile, shop_id: str, raw: OrdersRead, wanted: set[str]) -> pd.Series:
    """Return which orders are those of the customers that any of the pseudonyms means."""
    secret = pseudonyms.local_secret()
    shown = hidden.of_orders(raw, secret=secret)
    who = shown.orders["customer_id"]
    if file.entry(shop_id).merges:
        exports = [source.name for source in file.sources(shop_id)]
        links = hidden.of_links(shop_reading.read_links(file, shop_id), secret=secret, exports=exports).table
        who = identity.resolve(shown.orders, shown.keys, links=links).orders["customer_id"]
    by_id = shown.orders["customer_id"].isin(wanted) | who.isin(wanted)
    return by_id | who.isin(who[by_id].dropna()) | _by_key(shown, who, wanted, by_id)


def _by_key(shown: OrdersRead, who: pd.Series, wanted: set[str], by_id: pd.Series) -> pd.Series:
    """Return which orders are those of the one customer who carries a key that is meant."""
    strong = shown.keys[shown.keys["kind"].isin(kinds.STRONG)]
    carries = shown.orders["order_id"].isin(strong.loc[kinds.short(strong["value"]).isin(wanted), "order_id"])
    people = who[carries & ~by_id].dropna().unique()
    if by_id.any():  # an id says who is meant; a phone of theirs may be somebody else's too
        return carries & who.isna()
    if len(people) > 1:
        raise SettingError(
            tell(
                "what was given is a key of {people:,} customers of the orders; name the one by its customer "
                "id or by --pseudonym.",
                people=len(people),
            )
        )
    return who.isin(people) | (carries & who.isna())


def _own_keys(raw: OrdersRead, theirs: pd.Series) -> set[str]:
    """Return the strong keys of these orders that no other customer is known by."""
    strong = raw.keys[raw.keys["kind"].isin(kinds.STRONG)]
    own = strong["order_id"].isin(raw.orders.loc[theirs, "order_id"])
    others = {*strong.loc[~own, "value"], *raw.orders.loc[~theirs, "customer_id"].dropna()}
    return set(strong.loc[own, "value"]) - others


def _bare(numbers: pd.Series, file: ShopFile, shop_id: str) -> Iterable[str]:
    """Return order numbers as the exports write them, without the export's name in front."""
    several = len(file.sources(shop_id)) > 1
    return numbers.str.partition(":")[2] if several and len(numbers) else numbers
