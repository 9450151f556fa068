"""One shop: each of its tables on demand, built once and kept.

What is kept stands under a key made of everything that it was built from: the export's bytes, the shop's
settings, the last day, the program's own source and the secret behind the pseudonyms. So it is never out of
date. Customer ids are pseudonyms in everything that a shop gives, unless its entry says `customer_ids: raw`.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

from clv import (
    customers,
    festivals,
    ledger,
    orders,
    prices,
    pseudonyms,
    registration,
    schemes,
    shop_extras,
    shop_reading,
)
from clv.declaring.settings import iso_day
from clv.errors import SettingError
from clv.keeping import fingerprints, hidden, kept, orders_kept
from clv.ledger import Result
from clv.orders import OrdersRead
from clv.prices import AtOnePrice
from clv.registration import Registration
from clv.schemes.contract import Scheme
from clv.shop_entry import Entry, Extra
from clv.shop_extras import ShopExtras
from clv.shopfile import ShopFile, load

# What orders and customers are built from, besides the exports: settings, and files.
_READING = (
    "platform", "columns", "date_format", "timezone", "currency", "customer_ids", "also", "identity", "gifts",
    "indexed",
)  # fmt: skip
_SHAPING: tuple[Extra, ...] = ("links", "gift_givers", "price_index")


@dataclass(frozen=True)
class Shop:
    """A shop of a shop file. `Shop.open` makes one; nothing is read before a table is asked for."""

    id: str
    file: ShopFile
    last_day: str

    @classmethod
    def open(cls, shop_file: Path | str, shop_id: str, until: date | str | None = None) -> "Shop":
        """Return the shop `shop_id` of `shop_file`, observed up to and including the day `until`.

        Parameters
        ----------
        until
            Last day of observation; where empty the shop file's, and without either the last order's day.

        Raises
        ------
        SettingError
            The shop file is wrong, it has no such shop, or `until` is no day.
        """
        return cls.of(load(shop_file), shop_id, until)

    @classmethod
    def of(cls, file: ShopFile, shop_id: str, until: date | str | None = None) -> "Shop":
        """Return the shop `shop_id` of a shop file that is already read; see `open`."""
        entry = file.entry(shop_id)
        try:
            return cls(shop_id, file, iso_day(str(until or "")) or entry.until)
        except ValueError as error:
            raise SettingError(f"until is {str(until)!r}; {error}.") from None

    @property
    def name(self) -> str:
        """The shop's name for people."""
        return self._entry.name

    @property
    def sign(self) -> str:
        """How the shop signs its messages; its name where the entry does not say."""
        return self._entry.sign or self.name

    @property
    def tiers(self) -> dict[str, float]:
        """The shop's tiers: name, and the money of the last year from which each holds."""
        return dict(self._entry.tiers)

    @property
    def currency(self) -> str:
        """The shop's currency, from its export or its settings; empty where neither names one."""
        return self._read.currency or ""

    @property
    def until(self) -> date:
        """The last day of observation."""
        if self.last_day:
            return date.fromisoformat(self.last_day)
        return self.orders()["paid_at"].max().date()

    def read(self) -> OrdersRead:
        """Return everything that was read: orders, item lines, losses, and the notes on them.

        Raises
        ------
        InputError
            A file is missing, or is not what the shop file says.
        NoAnswerError
            Not one order is left.
        """
        return self._read

    def orders(self) -> pd.DataFrame:
        """Return the ORDERS table: one row per order that the shop kept money from."""
        return self._read.orders.copy(deep=False)

    def lines(self) -> pd.DataFrame:
        """Return the LINES table: one row per line item; empty where the export has no items."""
        return self._read.lines.copy(deep=False)

    def losses(self) -> pd.DataFrame:
        """Return the LOSSES table: what was left out and why, in rows, orders and money."""
        return self._read.losses.copy(deep=False)

    def returns(self) -> pd.DataFrame:
        """Return the RETURNS table: what customers were paid back, the wholly refunded orders too."""
        return self._read.returns.copy(deep=False)

    def customers(self) -> pd.DataFrame:
        """Return the CUSTOMERS table: one row per customer, as the models read them.

        Raises
        ------
        NoAnswerError
            The export names no customers; with the reason, and what would help.
        """
        return self._customers.copy(deep=False)

    def schemes(self) -> list[Scheme]:
        """Return the shop's own segmentation schemes; none where its entry names none.

        Raises
        ------
        InputError, SettingError
            A file is missing, breaks the contract of schemes, or leaves customers without a segment.
        """
        try:
            found = [schemes.load_file(path) for path in self.file.scheme_files(self.id)]
            schemes.field(own=found)
        except SettingError as error:
            raise SettingError(f"shop {self.id!r}: {error}") from None
        return found

    def terms(self) -> pd.DataFrame:
        """Return the TERMS table: what was taken off each order's price, and when it arrived."""
        return self._read.terms.copy(deep=False)

    def orders_at_todays_prices(self) -> pd.DataFrame:
        """Return the ORDERS table with money at the prices of the last day; as paid without a price index.

        Customers are built of these orders, so that a rise of the price promotes nobody.
        """
        return self._priced.orders.copy(deep=False)

    def price_notes(self) -> tuple[str, ...]:
        """Return what the reader should know of the price index; nothing where there is none."""
        return self._priced.notes

    def members(self) -> pd.DataFrame | None:
        """Return the MEMBERS table; None where the entry names no members.

        Raises
        ------
        InputError
            A file is missing, or is not what `extras.members` reads.
        """
        return self._extras.table("members")

    def contacts(self) -> pd.DataFrame:
        """Return the CONTACTS table; empty where the entry names no contacts. Raises as `members`."""
        return self._extras.table("contacts")

    def past_campaigns(self) -> pd.DataFrame:
        """Return the PAST_CAMPAIGNS table; empty where the entry names none. Raises as `members`."""
        return self._extras.table("past_campaigns")

    def points(self) -> pd.DataFrame | None:
        """Return the POINTS table; None where the entry names no points. Raises as `members`."""
        return self._extras.table("points")

    def visits(self) -> pd.DataFrame | None:
        """Return the VISITS table; None where the entry names no visits. Raises as `members`."""
        return self._extras.table("visits")

    def membership(self) -> "Membership | None":
        """Return the shop's rules of tiers; None where the entry names none.

        Raises
        ------
        SettingError
            The rules are wrong; one sentence, with the line.
        """
        path = self.file.membership_file(self.id)
        if path is None:
            return None
        from clv import tiers

        return tiers.load(path)

    def festivals(self) -> pd.DataFrame:
        """Return the festivals and their windows, the shop's own before those of the kit.

        Raises
        ------
        InputError, SettingError
            The shop's own file is wrong.
        """
        path = self.file.festivals_file(self.id)
        return festivals.table() if path is None else festivals.table(festivals.load(path))

    def registration(self, campaign: str) -> Registration | None:
        """Return what was written down of a campaign before it was sent; None where nothing was.

        Raises
        ------
        InputError
            A file is missing, or is no registration.
        """
        files = self.file.registration_files(self.id)
        return registration.find(files, campaign=campaign, shop=self.id)

    def ledger(self) -> list[Result]:
        """Return the results of past campaigns that were kept; none where the entry names no ledger.

        Raises
        ------
        InputError
            The ledger is damaged.
        """
        path = self.file.ledger_file(self.id)
        return [] if path is None else ledger.read(path)

    def extra_notes(self) -> tuple[str, ...]:
        """Return what the reader should know of the files beside the orders."""
        return self._extras.notes()

    def addressees(self, ids: pd.Series) -> pd.Series:
        """Return the customer id of the export behind each pseudonym, for a file of its own, never a report.

        The exports are read again, for nothing that is kept holds these ids.

        Parameters
        ----------
        ids
            Customer ids as this shop gives them; any index.

        Raises
        ------
        InputError
            An id belongs to no customer of the orders, or to two.
        """
        return hidden.behind(ids, orders=self._exports().orders, secret=self._secret)

    def fingerprint(self) -> str:
        """Return what stands for everything that a report of this shop is built from."""
        files = shop_extras.files(self.file, self.id)
        more = {key: fingerprints.of_files(found) for key, found in files.items() if found}
        built = self._tables_fingerprint()
        return fingerprints.of_values(built, more) if more else built

    def _tables_fingerprint(self) -> str:
        found = self.file.sources(self.id)
        files = [path for one in found for path in (*one.orders, *one.items)]
        files += [path for key in _SHAPING for path in self.file.extra_files(self.id, key)]
        settings = self._entry.model_dump(include=set(_READING))
        secret = (self._secret or b"").hex()
        return fingerprints.of_values(
            fingerprints.of_files(files), settings, self.last_day, secret, fingerprints.of_package()
        )

    @property
    def _entry(self) -> Entry:
        return self.file.entry(self.id)

    @property
    def _secret(self) -> bytes | None:
        """The secret behind the pseudonyms; None where the shop shows raw ids."""
        return pseudonyms.local_secret() if self._entry.customer_ids == "pseudonyms" else None

    @cached_property
    def _key(self) -> str:
        return self._tables_fingerprint()

    @cached_property
    def _read(self) -> OrdersRead:
        def build() -> kept.Bundle:
            return orders_kept.packed(hidden.of_orders(self._exports(), secret=self._secret))

        return orders_kept.unpacked(kept.bundle(self.id, f"orders-{self._key}", build))

    @cached_property
    def _customers(self) -> pd.DataFrame:
        def build() -> kept.Bundle:
            return kept.Bundle({"customers": customers.summarise(self._priced.orders, until=self.until)}, {})

        orders.require_customers(self._read)
        return kept.bundle(self.id, f"customers-{self._key}", build).frames["customers"]

    @cached_property
    def _extras(self) -> ShopExtras:
        ours = self._read.orders["customer_id"]
        return ShopExtras(self.file, self.id, self._read.buyer_kind, self._secret, ours)

    @cached_property
    def _priced(self) -> AtOnePrice:
        read, files = self._read, self.file.extra_files(self.id, "price_index")
        index = prices.load(files) if files else prices.of_terms(read.orders, read.terms)
        if index.empty and not files:
            return AtOnePrice(read.orders)
        return prices.at_one_price(read.orders, read.lines, index, on=self.until, about=self._entry.indexed)

    def _exports(self) -> OrdersRead:
        return shop_reading.read_orders(self.file, self.id, until=self.last_day)
