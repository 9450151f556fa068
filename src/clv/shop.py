"""One shop: each of its tables on demand, built once and kept.

What is kept stands under a key made of everything that it was built from: the export's bytes, the shop's
settings, the last day, the program's own source and the secret behind the pseudonyms. So it is never out of
date. Customer ids are pseudonyms in everything that a shop gives, unless its entry says `customer_ids: raw`.
"""

from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from clv import customers, orders, pseudonyms, schemes
from clv.declaring.settings import iso_day
from clv.errors import InputError, NoAnswerError, SettingError
from clv.keeping import fingerprints, kept
from clv.orders import OrdersRead
from clv.schemes.contract import Scheme
from clv.shopfile import Entry, ShopFile, load

_READING = ("platform", "columns", "date_format", "timezone", "currency", "customer_ids")


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

    def fingerprint(self) -> str:
        """Return what stands for everything that a report of this shop is built from."""
        tables, own = self._tables_fingerprint(), self.file.scheme_files(self.id)
        return fingerprints.of_values(tables, fingerprints.of_files(own)) if own else tables

    def _tables_fingerprint(self) -> str:
        files = [*self.file.order_files(self.id), *self.file.item_files(self.id)]
        settings = self._entry.model_dump(include=set(_READING))
        secret = pseudonyms.local_secret().hex() if self._pseudonymous else ""
        return fingerprints.of_values(
            fingerprints.of_files(files), settings, self.last_day, secret, fingerprints.of_package()
        )

    @property
    def _entry(self) -> Entry:
        return self.file.entry(self.id)

    @property
    def _pseudonymous(self) -> bool:
        return self._entry.customer_ids == "pseudonyms"

    @cached_property
    def _key(self) -> str:
        return self._tables_fingerprint()

    @cached_property
    def _read(self) -> OrdersRead:
        return _unpacked(kept.bundle(self.id, f"orders-{self._key}", lambda: _packed(self._read_exports())))

    @cached_property
    def _customers(self) -> pd.DataFrame:
        def build() -> kept.Bundle:
            return kept.Bundle({"customers": customers.summarise(self._read.orders, until=self.until)}, {})

        orders.require_customers(self._read)
        return kept.bundle(self.id, f"customers-{self._key}", build).frames["customers"]

    def _read_exports(self) -> OrdersRead:
        entry = self._entry
        found = orders.read(
            self.file.order_files(self.id),
            platform=entry.platform,
            items=self.file.item_files(self.id),
            columns=entry.columns or None,
            until=self.last_day or None,
            timezone=entry.timezone,
            date_format=entry.date_format,
        )
        if found.orders.empty:
            raise NoAnswerError(
                f"shop {self.id!r}: not one order is left; `clv orders` shows what left them out."
            )
        return self._with_pseudonyms(self._with_currency(found))

    def _with_currency(self, found: OrdersRead) -> OrdersRead:
        said = self._entry.currency
        if said and found.currency and said != found.currency:
            raise InputError(
                f"shop {self.id!r}: the export is in {found.currency}, the shop file says {said}; correct it."
            )
        return replace(found, currency=found.currency or said)

    def _with_pseudonyms(self, found: OrdersRead) -> OrdersRead:
        if not self._pseudonymous:
            return found
        hidden = pseudonyms.pseudonym(found.orders["customer_id"], secret=pseudonyms.local_secret())
        return replace(found, orders=found.orders.assign(customer_id=hidden))


def _packed(read: OrdersRead) -> kept.Bundle:
    values = {field.name: getattr(read, field.name) for field in fields(read)}
    frames = {name: value for name, value in values.items() if isinstance(value, pd.DataFrame)}
    return kept.Bundle(frames, {name: value for name, value in values.items() if name not in frames})


def _unpacked(bundle: kept.Bundle) -> OrdersRead:
    return OrdersRead(**bundle.frames, **{name: _tuples(v) for name, v in bundle.words.items()})


def _tuples(value: Any) -> Any:
    """JSON knows lists only; what was read holds tuples."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
