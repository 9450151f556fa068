"""How the tables of one shop come to be: read, hidden, joined to persons, put at one day's prices, kept.

Each is built when it is first asked for, and kept under a key made of everything that it was built from.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import pandas as pd

from clv import (
    customers,
    identity,
    orders,
    prices,
    pseudonyms,
    shop_extras,
    shop_in_place,
    shop_key,
    shop_reading,
)
from clv.errors import NotNowError
from clv.identity import Resolved
from clv.keeping import fingerprints, hidden, kept, orders_kept, persons_kept
from clv.language import spoken, tell
from clv.orders import OrdersRead
from clv.prices import AtOnePrice
from clv.reading.link_files import LinksRead
from clv.shop_entry import Entry
from clv.shop_extras import ShopExtras
from clv.shop_files import ShopFile

_SMALL = {"key", "marks", "until"}  # stay known when the tables are forgotten
_UNINDEXED = ("`indexed` names goods, but there is no price index: money counts as it was paid.",)


@dataclass(frozen=True)
class ShopTables:
    """The tables of the shop `shop_id`, observed up to the day `last_day` ('': that of the last order)."""

    file: ShopFile
    shop_id: str
    last_day: str

    def fingerprint(self) -> str:
        """Return what stands for everything that a report of this shop is built from."""
        files = shop_extras.files(self.file, self.shop_id)
        more = {key: fingerprints.of_files(found) for key, found in files.items() if found}
        return fingerprints.of_values(self.key, more) if more else self.key

    def forget(self) -> None:
        """Give back the tables; whoever asks again finds them in the cache."""
        for name in self.__dict__.keys() - self.__dataclass_fields__.keys() - _SMALL:
            self.__dict__.pop(name, None)  # another thread may be about to do the same

    @cached_property
    def key(self) -> str:
        """What stands for everything that orders and customers are built from."""
        return self._key_now()

    def _key_now(self) -> str:
        how = {"last_day": self.last_day, "marks": self.marks, "secret": self._hides}
        return shop_key.of(self.file, self.shop_id, **how)

    def _unchanged(self, made: kept.Bundle) -> kept.Bundle:
        """Return what was made, unless a file is another one by now: it would be kept under a wrong key."""
        if self._key_now() != self.key:
            raise NotNowError(
                tell("files of shop {shop!r} changed while they were read; run it again.", shop=self.shop_id)
            )
        return made

    @cached_property
    def marks(self) -> dict[str, str]:
        """What stands for the rows of each table of a database that orders are read from, by its name."""
        return shop_key.marks(self.file, self.shop_id)

    @property
    def _told_key(self) -> str:
        """The key of what carries sentences, which are kept as they were told."""
        return f"{spoken()}-{self.key}"

    @property
    def _entry(self) -> Entry:
        return self.file.entry(self.shop_id)

    @property
    def _secret(self) -> bytes | None:
        """The secret behind the pseudonyms; None where the shop shows raw ids."""
        return pseudonyms.local_secret() if self._entry.customer_ids == "pseudonyms" else None

    @property
    def _hides(self) -> bytes | None:
        """The secret that shows in any id: who is known by a key alone is called after it, hidden."""
        return self._secret or (pseudonyms.local_secret() if self._entry.merges else None)

    @property
    def _by_key(self) -> identity.Ids | None:
        """How ids are called that the orders have as a key alone, where the shop shows raw ids."""
        return hidden.by_key if self._secret is None else None

    @cached_property
    def until(self) -> date:
        """The last day of observation: the day told, else that of the last order."""
        if self.last_day:
            return date.fromisoformat(self.last_day)
        if self._in_place:
            return shop_in_place.until(self.file, self.shop_id, key=self.key)
        return self.read.orders["paid_at"].max().date()

    @cached_property
    def _in_place(self) -> bool:
        """Whether customers are added up where the orders lie."""
        return shop_in_place.fits(self.file, self.shop_id)

    @cached_property
    def read(self) -> OrdersRead:
        """What was read, with persons as customers where the shop joins them."""
        told = self.told
        if not self._entry.merges:
            return told
        found = identity.of_read(told, self.people, by_key=self._by_key)
        return replace(found, notes=(*found.notes, *self.links_read.notes))

    @cached_property
    def told(self) -> OrdersRead:
        """What was read, with customers as the exports tell them apart."""

        def build() -> kept.Bundle:
            return self._unchanged(orders_kept.packed(hidden.of_orders(self._exports(), secret=self._secret)))

        return orders_kept.unpacked(kept.bundle(self.shop_id, f"orders-{self._told_key}", build))

    @cached_property
    def people(self) -> Resolved:
        """Who is one person; asked only where the shop joins customers at all."""

        def build() -> kept.Bundle:
            told = self.told
            found = identity.resolve(told.orders, told.keys, links=self.links, level="strong")
            return self._unchanged(persons_kept.packed(found))

        return persons_kept.unpacked(kept.bundle(self.shop_id, f"persons-{self._told_key}", build))

    @property
    def links(self) -> pd.DataFrame:
        """What the link file says of who is who, ids and keys hidden; empty without one."""
        return self.links_read.table

    @cached_property
    def links_read(self) -> LinksRead:
        """The link file as read, ids and keys hidden."""
        found = shop_reading.read_links(self.file, self.shop_id)
        exports = [source.name for source in self.file.sources(self.shop_id)]
        return hidden.of_links(found, secret=self._secret, exports=exports)

    @cached_property
    def customers(self) -> pd.DataFrame:
        """CUSTOMERS, of orders at one day's prices."""

        def build() -> kept.Bundle:
            made = customers.summarise(self.priced.orders, until=self.until)
            return self._unchanged(kept.Bundle({"customers": made}, {}))

        if self._in_place:
            how = {"key": self.key, "last_day": self.last_day, "secret": self._secret}
            return shop_in_place.customers_of(self.file, self.shop_id, **how)
        orders.require_customers(self.read)
        return kept.bundle(self.shop_id, f"customers-{self.key}", build).frames["customers"]

    @cached_property
    def extras(self) -> ShopExtras:
        """The tables beside the orders."""
        ours = pd.concat([self.told.orders["customer_id"], self.read.orders["customer_id"]])
        aliases = self.people.aliases if self._entry.merges else None
        return ShopExtras(self.file, self.shop_id, self.told.buyer_kind, self._secret, ours, aliases)

    @cached_property
    def priced(self) -> AtOnePrice:
        """Orders at the prices of the last day; as paid where there is no price index."""
        read, files = self.read, self.file.extra_files(self.shop_id, "price_index")
        with self.file.naming(self.shop_id, "price_index"):
            index = prices.load(files) if files else prices.of_terms(read.orders, read.terms)
            if index.empty and not files:
                return AtOnePrice(read.orders, notes=_UNINDEXED if self._entry.indexed else ())
            return prices.at_one_price(
                read.orders, read.lines, index, on=self.until, about=self._entry.indexed
            )

    def resolved(self) -> Resolved:
        """Return who is one person, as the shop joins customers, with what members say against it."""
        told, level = self.told, "strong" if self._entry.merges else "none"
        members = self.extras.unjoined("members")
        if members is not None and self._by_key is not None:
            ids = members.index.to_series()
            ids = ids.where(ids.isin(told.orders["customer_id"]), self._by_key)
            members = members.set_axis(pd.Index(ids, name="customer_id"))
        return identity.resolve(told.orders, told.keys, links=self.links, level=level, members=members)

    def behind(self, ids: pd.Series) -> pd.Series:
        """Return the customer id of the export behind each shown one; the files are read again for it."""
        exports = self._exports()
        keys = exports.keys if self._entry.merges else None
        others = self.extras.as_written("members", "visits")
        return hidden.behind(ids, orders=exports.orders, secret=self._secret, keys_of=keys, others=others)

    def _exports(self) -> OrdersRead:
        return shop_reading.read_orders(self.file, self.shop_id, until=self.last_day)
