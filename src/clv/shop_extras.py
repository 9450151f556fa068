"""What one shop knows beside its orders: tables read when first asked for, ids as reports show them."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import get_args

import pandas as pd

from clv import extras, identity, shop_reading, tables
from clv.errors import ClvError, NotNowError
from clv.extras import ExtraRead
from clv.keeping import hidden
from clv.language import tell
from clv.reading.extra_files import PSEUDONYM
from clv.shop_entry import Extra
from clv.shop_files import ShopFile

_EMPTY = {"contacts": tables.CONTACTS, "past_campaigns": extras.PAST_CAMPAIGNS}
OF_CUSTOMERS: tuple[Extra, ...] = ("members", "contacts", "past_campaigns", "points", "visits")


@dataclass(frozen=True, eq=False)
class ShopExtras:
    """The tables beside the orders of one shop.

    Attributes
    ----------
    file, shop_id
        Whose they are.
    buyer_kind
        What customer ids are in the orders, `OrdersRead.buyer_kind`.
    secret
        The secret behind the pseudonyms; None where ids are shown raw.
    ours
        Customer ids of the orders as reports show them.
    aliases
        The person behind each id, where the shop joins customers; None where it does not.
    """

    file: ShopFile
    shop_id: str
    buyer_kind: str | None
    secret: bytes | None
    ours: pd.Series
    aliases: pd.Series | None = None

    def table(self, key: Extra) -> pd.DataFrame | None:
        """Return a table; without a file None, of contacts and past campaigns an empty one.

        Raises
        ------
        InputError
            A file is missing, or is not what `extras` reads.
        """
        found = self._found(key)
        return None if found is None else found.table.copy(deep=False)

    def unjoined(self, key: Extra) -> pd.DataFrame | None:
        """Return a table with customers as its file tells them apart."""
        found = self._hidden(key)
        return None if found is None else found.table

    def notes(self) -> tuple[str, ...]:
        """Return what the reader should know of all of them."""
        found = (self._found(key) for key in OF_CUSTOMERS)
        return tuple(note for one in found if one is not None for note in one.notes)

    def remarks(self) -> pd.DataFrame:
        """Return what was left out, or is doubtful: file, remark. One file's fault stops no other."""
        rows = [(key, said) for key in OF_CUSTOMERS for said in self._said(key)]
        return pd.DataFrame(rows, columns=["file", "remark"])

    def _said(self, key: Extra) -> tuple[str, ...]:
        try:
            found = self._found(key)
        except NotNowError:  # nothing is wrong with the file
            raise
        except ClvError as error:
            return (str(error),)
        return () if found is None else found.notes

    def _found(self, key: Extra) -> ExtraRead | None:
        if key not in self._read:
            self._read[key] = self._shown(key)
        return self._read[key]

    @cached_property
    def _read(self) -> dict[Extra, ExtraRead | None]:
        return {}

    def _shown(self, key: Extra) -> ExtraRead | None:
        found = self._hidden(key)
        if found is None:
            return None
        if self.aliases is not None:
            by_key = hidden.by_key if self.secret is None else None
            found = identity.of_extra(found, self.aliases, by_key=by_key)
        return replace(found, notes=(*found.notes, *self._strangers(key, found.table)))

    def _strangers(self, key: Extra, table: pd.DataFrame) -> tuple[str, ...]:
        """Return a sentence where not one customer of a file is in the orders: ids of two kinds, mostly."""
        ids = table.index if table.index.name == "customer_id" else pd.Index(table["customer_id"].unique())
        if not len(ids) or self.ours.isna().all() or ids.isin(self.ours).any():
            return ()
        return (
            tell(
                "Not one customer of {key} ({ids:,}) is in the orders; look whether both name customers "
                "by ids of one kind.",
                key=key,
                ids=len(ids),
            ),
        )

    def _hidden(self, key: Extra) -> ExtraRead | None:
        found = shop_reading.read_extra(self.file, self.shop_id, key, buyer_kind=self.buyer_kind)
        if found is None:
            return extras.nothing(_EMPTY[key]) if key in _EMPTY else None
        return hidden.of_extra(found, secret=self.secret, ours=self._ours(key, found))

    def _ours(self, key: Extra, found: ExtraRead) -> pd.Series:
        """Return the ids that a list of ours may hold; of visitors and members too who are in no order."""
        if key not in _EMPTY:
            return self.ours
        ids = found.table["customer_id"]
        if not (ids.str.fullmatch(PSEUDONYM) & ~ids.isin(self.ours)).any():
            return self.ours
        return pd.concat([self.ours, hidden.shown(self.as_written("members", "visits"), secret=self.secret)])

    def as_written(self, *keys: Extra) -> pd.Series:
        """Return the customer ids of files as these have them; never kept, never shown."""
        read = (shop_reading.read_extra(self.file, self.shop_id, k, buyer_kind=self.buyer_kind) for k in keys)
        tables_of = (one.table.reset_index() for one in read if one is not None)
        found = [one["customer_id"].drop_duplicates() for one in tables_of]
        return pd.concat(found, ignore_index=True) if found else pd.Series(dtype="str")


def files(file: ShopFile, shop_id: str) -> dict[str, list[Path]]:
    """Return all files beside the orders that a report may be built from, by what they are."""
    found: dict[str, list[Path]] = {key: file.extra_files(shop_id, key) for key in get_args(Extra)}
    found["schemes"] = file.scheme_files(shop_id)
    found["registrations"] = file.registration_files(shop_id)
    one_each = {
        "ledger": file.ledger_file(shop_id),
        "membership": file.one_file(shop_id, "membership"),
        "festivals": file.one_file(shop_id, "festivals"),
    }
    found |= {key: [one] for key, one in one_each.items() if one is not None and one.is_file()}
    contacts = file.contact_files(shop_id)
    if isinstance(contacts, dict):  # the same file says something else of another channel
        found |= {f"contacts.{channel}": paths for channel, paths in contacts.items()}
    return found
