"""Where the files of each shop lie: what a checked shop file names, found on disk; tables stay addresses.

Paths are relative to the shop file and may hold `*`; `package:NAME/path` is a file of an installed package.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from itertools import chain
from pathlib import Path
from typing import Literal

from clv.declaring import addresses, homes
from clv.declaring.addresses import Address
from clv.declaring.paths import ByChannel
from clv.errors import InputError, SettingError, nearest
from clv.language import Language, tell
from clv.reading import exports
from clv.shop_entry import Entry, Exports, Extra


@dataclass(frozen=True)
class Source:
    """Exports of one system: where they lie and how they are to be read.

    `name` tells a shop's systems apart; that of the first is its platform's. `orders` may lie in `tables` of
    databases too.
    """

    name: str
    platform: str
    orders: tuple[Path, ...]
    items: tuple[Path, ...]
    columns: Mapping[str, str]
    date_format: str | None
    timezone: str | None
    tables: tuple[Address, ...] = ()


@dataclass(frozen=True)
class ShopFile:
    """A checked shop file: its path, and its shops in the file's order."""

    path: Path
    shops: dict[str, Entry]

    @property
    def lang(self) -> Language:
        """The language of what is about all shops: theirs where they have one in common, else English."""
        spoken = {entry.lang for entry in self.shops.values()}
        return spoken.pop() if len(spoken) == 1 else "en"

    def entry(self, shop_id: str) -> Entry:
        """Return one shop, or say which is nearest."""
        if shop_id not in self.shops:
            raise SettingError(
                tell(
                    "{path} has no shop {shop_id!r}; {nearest}",
                    path=self.path.name,
                    shop_id=shop_id,
                    nearest=nearest(shop_id, self.shops),
                )
            )
        return self.shops[shop_id]

    def order_files(self, shop_id: str) -> list[Path]:
        """Return the shop's order exports, sorted; none where its orders lie in tables alone."""
        return self._order_files(shop_id, self.entry(shop_id), "")

    def item_files(self, shop_id: str) -> list[Path]:
        """Return the shop's item exports, sorted; none where the file names none."""
        return self._found(shop_id, "items", self.entry(shop_id).items or [])

    def sources(self, shop_id: str) -> list[Source]:
        """Return what the shop's orders are read from: the entry's own exports, then those under `also:`."""
        entry = self.entry(shop_id)
        own = Source(
            entry.platform, entry.platform, tuple(self.order_files(shop_id)), tuple(self.item_files(shop_id)),
            entry.columns, entry.date_format, entry.timezone, self._tables(entry),
        )  # fmt: skip
        found = [own, *(self._source(shop_id, name, more) for name, more in entry.also.items())]
        self._check_apart(shop_id, found)
        return found

    def _check_apart(self, shop_id: str, found: list[Source]) -> None:
        """Refuse a file that two systems are said to have written: its orders would count twice."""
        owner: dict[Path | Address, str] = {}
        for source in found:
            for path in (*source.orders, *source.tables):
                at = path if isinstance(path, Address) else path.resolve()
                other = owner.setdefault(at, source.name)
                if other != source.name:
                    raise InputError(
                        tell(
                            "{path}, shop {shop_id!r}: {path2} is named for {other} and for {source}; its "
                            "orders would count twice.",
                            path=self.path.name,
                            shop_id=shop_id,
                            path2=path.name,
                            other=other,
                            source=source.name,
                        )
                    )

    def _source(self, shop_id: str, name: str, of: Exports) -> Source:
        files = self._order_files(shop_id, of, f"also.{name}.")
        items = self._found(shop_id, f"also.{name}.items", of.items or [])
        zone = of.timezone or self.entry(shop_id).timezone
        return Source(
            name, of.platform, tuple(files), tuple(items), of.columns, of.date_format, zone, self._tables(of)
        )

    def _order_files(self, shop_id: str, of: Exports, where: str) -> list[Path]:
        """Return the files of orders; of a folder not those that `items` names."""
        found = self._found(shop_id, f"{where}orders", [o for o in of.orders if not addresses.is_address(o)])
        items = set(self._found(shop_id, f"{where}items", of.items or []))
        named = {self.path.parent / homes.path(one) for one in of.orders}
        return [path for path in found if path not in items or path in named]

    def _tables(self, of: Exports) -> tuple[Address, ...]:
        """Return the tables among the orders; a DuckDB file lies relative to the shop file."""
        found = [addresses.parsed(one) for one in of.orders if addresses.is_address(one)]
        return tuple(one.seen_from(self.path.parent) for one in found)

    def scheme_files(self, shop_id: str) -> list[Path]:
        """Return the files of the shop's own schemes, sorted; none where the file names none."""
        return self._found(shop_id, "schemes", self.entry(shop_id).schemes or [])

    def extra_files(self, shop_id: str, key: Extra) -> list[Path]:
        """Return the files of a table beside the orders, sorted; none where the entry names none."""
        if key == "contacts":
            found = self.contact_files(shop_id)
            return list(dict.fromkeys(chain(*found.values()))) if isinstance(found, dict) else found
        return self._found(shop_id, key, getattr(self.entry(shop_id), key) or [])

    def contact_files(self, shop_id: str) -> list[Path] | dict[str, list[Path]]:
        """Return the files of contacts as the entry names them: a list, or a list for each channel."""
        named = self.entry(shop_id).contacts
        if isinstance(named, ByChannel):
            return {
                channel: self._found(shop_id, f"contacts.{channel}", paths)
                for channel, paths in named.named.items()
            }
        return self._found(shop_id, "contacts", named or [])

    def registration_files(self, shop_id: str) -> list[Path]:
        """Return the files of registered campaigns, sorted; none where the file names none."""
        return self._found(shop_id, "registrations", self.entry(shop_id).registrations or [])

    def one_file(self, shop_id: str, key: Literal["membership", "festivals"]) -> Path | None:
        """Return the file of the shop's own rules of tiers, or festivals; None where none is named."""
        named = getattr(self.entry(shop_id), key)
        return self._found(shop_id, key, [named])[0] if named else None

    def ledger_file(self, shop_id: str) -> Path | None:
        """Return where the shop's ledger is kept, there yet or not; None where none is named."""
        named = self.entry(shop_id).ledger
        if named is None:
            return None
        try:
            return (self.path.parent / Path(named).expanduser()).resolve()
        except (RuntimeError, OSError):  # no such user; a link to itself
            raise SettingError(
                tell(
                    "{path}, shop {shop_id!r}: the ledger {named!r} leads nowhere; name another file.",
                    path=self.path.name,
                    shop_id=shop_id,
                    named=named,
                )
            ) from None

    def _found(self, shop_id: str, key: str, patterns: list[str]) -> list[Path]:
        with self.naming(shop_id, key):
            return exports.find([self._address(p) for p in patterns], what=key) if patterns else []

    @contextmanager
    def naming(self, shop_id: str, key: str) -> Iterator[None]:
        """Put this file, the shop and the key that named an input before what is said against it."""
        try:
            yield
        except InputError as error:
            raise InputError(
                tell(
                    "{path}, shop {shop_id!r}, {key:s}: {error}",
                    path=self.path.name,
                    shop_id=shop_id,
                    key=key,
                    error=error,
                )
            ) from None

    def _address(self, pattern: str) -> str:
        """Return what `exports.find` looks for; a `[` in the shop file's own folder is just a name."""
        if pattern.startswith("package:") or homes.is_file(self.path.parent / pattern):
            return pattern if pattern.startswith("package:") else str(self.path.parent / pattern)
        own = homes.path(pattern)
        return str(own) if own.is_absolute() else str(Path(escape(str(self.path.parent))) / pattern)
