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

from clv.declaring.settings import iso_day
from clv.errors import SettingError
from clv.identity import Resolved
from clv.language import tell
from clv.orders import OrdersRead
from clv.shop_declared import Declared
from clv.shop_files import ShopFile
from clv.shop_tables import ShopTables
from clv.shopfile import load


@dataclass(frozen=True)
class Shop(Declared):
    """A shop of a shop file. `Shop.open` makes one; nothing is read before a table is asked for."""

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
            raise SettingError(tell("until is {until!r}; {error}.", until=str(until), error=error)) from None

    @property
    def currency(self) -> str:
        """The shop's currency, from its export or its settings; empty where neither names one."""
        return self._tables.read.currency or ""

    @property
    def until(self) -> date:
        """The last day of observation."""
        return self._tables.until

    def read(self) -> OrdersRead:
        """Return everything that was read: orders, item lines, losses, and the notes on them.

        Raises
        ------
        InputError
            A file is missing, or is not what the shop file says.
        NoAnswerError
            Not one order is left.
        """
        return self._tables.read

    def orders(self) -> pd.DataFrame:
        """Return the ORDERS table: one row per order that the shop kept money from."""
        return self._tables.read.orders.copy(deep=False)

    def lines(self) -> pd.DataFrame:
        """Return the LINES table: one row per line item; empty where the export has no items."""
        return self._tables.read.lines.copy(deep=False)

    def losses(self) -> pd.DataFrame:
        """Return the LOSSES table: what was left out and why, in rows, orders and money."""
        return self._tables.read.losses.copy(deep=False)

    def returns(self) -> pd.DataFrame:
        """Return the RETURNS table: what customers were paid back, the wholly refunded orders too."""
        return self._tables.read.returns.copy(deep=False)

    def customers(self) -> pd.DataFrame:
        """Return the CUSTOMERS table: one row per customer, as the models read them.

        Raises
        ------
        NoAnswerError
            The export names no customers; with the reason, and what would help.
        """
        return self._tables.customers.copy(deep=False)

    def terms(self) -> pd.DataFrame:
        """Return the TERMS table: what was taken off each order's price, and when it arrived."""
        return self._tables.read.terms.copy(deep=False)

    def orders_at_todays_prices(self) -> pd.DataFrame:
        """Return the ORDERS table with money at the prices of the last day; as paid without a price index.

        Customers are built of these orders, so that a rise of the price promotes nobody.
        """
        return self._tables.priced.orders.copy(deep=False)

    def price_notes(self) -> tuple[str, ...]:
        """Return what the reader should know of the price index; nothing where there is none."""
        return self._tables.priced.notes

    def members(self) -> pd.DataFrame | None:
        """Return the MEMBERS table; None where the entry names no members.

        Raises
        ------
        InputError
            A file is missing, or is not what `extras.members` reads.
        """
        return self._tables.extras.table("members")

    def contacts(self) -> pd.DataFrame:
        """Return the CONTACTS table; empty where the entry names no contacts. Raises as `members`."""
        return self._tables.extras.table("contacts")

    def past_campaigns(self) -> pd.DataFrame:
        """Return the PAST_CAMPAIGNS table; empty where the entry names none. Raises as `members`."""
        return self._tables.extras.table("past_campaigns")

    def points(self) -> pd.DataFrame | None:
        """Return the POINTS table; None where the entry names no points. Raises as `members`."""
        return self._tables.extras.table("points")

    def visits(self) -> pd.DataFrame | None:
        """Return the VISITS table up to the last day; None where none are named. Raises as `members`."""
        found = self._tables.extras.table("visits")
        end = pd.Timestamp(self.until) + pd.Timedelta(days=1)
        return None if found is None else found[found["at"] < end].reset_index(drop=True)

    def keys(self) -> pd.DataFrame:
        """Return the KEYS table of the orders, hidden: what else tells who may be one person."""
        return self._tables.told.keys.copy(deep=False)

    def links(self) -> pd.DataFrame:
        """Return what the shop's link file says of who is who, ids and keys hidden; empty without one.

        Raises
        ------
        InputError
            A file is missing, or is not what `link_files` reads.
        """
        return self._tables.links.copy(deep=False)

    def identity(self) -> Resolved:
        """Return who of the customers is one person, as the shop joins them, with what speaks against it.

        Raises
        ------
        InputError
            The link file or the members file is wrong.
        """
        return self._tables.resolved()

    def extra_notes(self) -> tuple[str, ...]:
        """Return what the reader should know of the files beside the orders."""
        return self._tables.extras.notes()

    def remarks(self) -> pd.DataFrame:
        """Return what was left out, or is doubtful, in the files beside the orders: file, remark."""
        return self._tables.extras.remarks()

    def addressees(self, ids: pd.Series) -> pd.Series:
        """Return the customer id of the export behind each pseudonym, for a file of its own, never a report.

        The exports, members and visits are read again, for nothing that is kept holds these ids.

        Parameters
        ----------
        ids
            Customer ids as this shop gives them; any index.

        Raises
        ------
        InputError
            An id belongs to no customer of the orders, member or visitor, or to two.
        """
        return self._tables.behind(ids)

    def fingerprint(self) -> str:
        """Return what stands for everything that a report of this shop is built from."""
        return self._tables.fingerprint()

    def marks(self) -> dict[str, str]:
        """Return what stands for the rows of each table of a database that orders are read from, by name.

        Raises
        ------
        InputError
            A database cannot be asked.
        """
        return dict(self._tables.marks)

    def forget(self) -> None:
        """Give back the memory of the tables; what is asked for next is read again, from the cache.

        For whoever goes through many shops: without it they would hold the tables of all of them.
        """
        self._tables.forget()

    @cached_property
    def _tables(self) -> ShopTables:
        return ShopTables(self.file, self.id, self.last_day)
