"""What stands for all that a shop's orders and customers are built from: files, tables, settings, program."""

from collections.abc import Mapping

from clv import purged
from clv.keeping import fingerprints
from clv.shop_entry import Extra
from clv.shop_files import ShopFile

# What orders and customers are built from, besides the exports: settings, and files.
_READING = (
    "platform", "columns", "date_format", "timezone", "currency", "customer_ids", "also", "identity", "gifts",
    "indexed",
)  # fmt: skip
_SHAPING: tuple[Extra, ...] = ("links", "gift_givers", "price_index")


def marks(file: ShopFile, shop_id: str) -> dict[str, str]:
    """Return what stands for the rows of each table of a database that orders are read from, by its name.

    Raises
    ------
    InputError
        A database cannot be asked.
    """
    return fingerprints.of_tables(table for one in file.sources(shop_id) for table in one.tables)


def of(file: ShopFile, shop_id: str, *, last_day: str, marks: Mapping[str, str], secret: bytes | None) -> str:
    """Return the key of a shop's orders and customers.

    Parameters
    ----------
    secret
        The secret that shows in ids; None where none does.

    Raises
    ------
    InputError
        A file is missing.
    """
    files = [path for one in file.sources(shop_id) for path in (*one.orders, *one.items)]
    files += [path for key in _SHAPING for path in file.extra_files(shop_id, key)]
    gone = purged.mark(shop_id)
    return fingerprints.of_values(
        fingerprints.of_files(files),
        dict(marks),
        file.entry(shop_id).model_dump(include=set(_READING)),
        last_day,
        (secret or b"").hex(),
        fingerprints.of_package(),
        *([gone] if gone else []),
    )
