"""What a database refuses, told apart by what is to be said of it (in `sentences`).

Drivers' own messages are looked at and not repeated: they name users, and some of them whole addresses. Only
what a server says when it refuses a connection for a reason of its own is, without names.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from clv import duck
from clv.databases import sentences
from clv.databases.sentences import Why
from clv.declaring.addresses import Address, expanded
from clv.errors import InputError

_DRIVERS = ("psycopg", "pymysql", "MySQLdb", "duckdb", "_duckdb", "ssl")
# SQL's codes, or the classes of them, and MySQL's numbers
_CODES: dict[Why, set[str | int]] = {
    "user": {"28P01", "28000", 1044, 1045, 1130, 1698},
    "database": {"3D000", 1049},
    "table": {"42P01", "3F000", 1146},
    "right": {"42501", 1142, 1143, 1370},
    "time": {"57014", 1969, 3024},
    "full": {"53300", 1040, 1203},
    "unencrypted": {3159},
    "no encryption": {2026},
    "type": {"42846", "42883", "42804"},
    "value": {"22", 1264, 1292},
    "silence": {"08", 2002, 2003, 2006, 2013},
}
# libpq gives no code where a connection fails, only words: the first that are found count
_WORDS: tuple[tuple[Why, str], ...] = (
    ("user", r"ssl encryption|permission denied"),
    ("unencrypted", r"no encryption"),
    ("user", r"authentication|password|pg_hba|role \""),
    ("database", r"database \".*does not exist"),
    ("full", r"too many|connection slots"),
    ("no encryption", r"does not support ssl"),
    ("sslmode", r"invalid sslmode"),
    ("certificate", r"certificate|ssl error"),
    (
        "silence",
        r"refused|resolve host|time-?out|timed out|unreachable|no route|closed the connection|reset by peer"
        r"|server running|ssl negotiation|port number",
    ),
)
_IN_QUOTES = re.compile(r"""["'«»“”„‘’`][^"'«»“”„‘’`]*["'«»“”„‘’`]""")


@contextmanager
def told(address: Address) -> Iterator[None]:
    """Say in one sentence what the database of `address` refuses inside this block.

    Raises
    ------
    InputError
        In the place of any error of a driver, or of Ibis about a table that is not there.
    SettingError
        DuckDB may not take the memory that it needs.
    """
    try:
        with duck.told():
            yield
    except Exception as error:
        sentence = _sentence(error, address)
        if sentence is None:
            raise
        raise InputError(sentence) from None


def _sentence(error: Exception, address: Address) -> str | None:
    if type(error).__name__ == "TableNotFound":
        return sentences.why("table", address)
    if type(error).__module__.partition(".")[0] not in _DRIVERS:
        return None
    if address.kind == "duckdb":
        return sentences.of_duckdb(type(error).__name__, str(error), address)
    code = _code(error)
    if code:
        return sentences.why(_of_code(code, str(error)), address, code=code)
    if type(error).__name__ == "DataError":  # a value that the driver has no object for
        return sentences.why("value", address)
    words = str(error).lower()
    found = next((why for why, pattern in _WORDS if re.search(pattern, words)), None)
    return (
        sentences.why(found, address) if found else sentences.refused(_nameless(str(error), address), address)
    )


def _code(error: Exception) -> str | int | None:
    """Return SQL's code of an error, or MySQL's number."""
    if type(error).__module__ != "ssl" and error.args and isinstance(error.args[0], int):
        return error.args[0]
    return getattr(error, "sqlstate", None)


def _of_code(code: str | int, said: str) -> Why:
    if code == 2003 and re.search("ssl|certificate", said.lower()):  # PyMySQL has one number for both
        return "certificate"
    named = {code, code[:2]} if isinstance(code, str) else {code}
    return next((why for why, codes in _CODES.items() if codes & named), "other")


def _nameless(said: str, address: Address) -> str:
    """Return the last thing that a server said, without what stands in quotes and without who asked."""
    last = said.strip().splitlines()[0].rpartition("failed: ")[2].removeprefix("FATAL:")
    for name in (expanded(address.user), expanded(address.password), *map(os.environ.get, sentences.LIBPQS)):
        last = last.replace(name, "…") if name else last
    return _IN_QUOTES.sub("…", last).strip().rstrip(".")
