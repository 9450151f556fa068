"""What a database refuses, in one sentence each: the place, what is wrong, what to do; never who asked.

Drivers' own messages are looked at and not repeated: they name users, and some of them whole addresses.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from clv.declaring.addresses import Address
from clv.errors import InputError
from clv.language import tell

_DRIVERS = ("psycopg", "pymysql", "MySQLdb", "duckdb", "_duckdb")
_WHO = {"28P01", "28000", 1044, 1045, 1130, 1698}
_NO_DATABASE = {"3D000", 1049}
_NO_TABLE = {"42P01", "3F000", 1146}
_NO_RIGHT = {"42501", 1142, 1143, 1370}
_TOO_LONG = {"57014", 1969, 3024}
# libpq gives no code where a connection fails, only the server's words
_WORDS = {"28P01": ("authentication", "password", "pg_hba", 'role "'), "3D000": ('database "',)}


@contextmanager
def told(address: Address) -> Iterator[None]:
    """Say in one sentence what the database of `address` refuses inside this block.

    Raises
    ------
    InputError
        In the place of any error of a driver, or of Ibis about a table that is not there.
    """
    try:
        yield
    except Exception as error:
        sentence = _sentence(error, address)
        if sentence is None:
            raise
        raise InputError(sentence) from None


def _sentence(error: Exception, address: Address) -> str | None:
    name = type(error).__name__
    if name == "TableNotFound":
        return _of_code("42P01", address)
    if type(error).__module__.partition(".")[0] not in _DRIVERS:
        return None
    if address.kind == "duckdb":
        return _of_duckdb(name, str(error), address)
    return _of_code(_code(error), address)


def _code(error: Exception) -> str | int:
    """Return SQL's code of an error, or MySQL's number, or what a failed connection's words say."""
    if error.args and isinstance(error.args[0], int):
        return error.args[0]
    if code := getattr(error, "sqlstate", None):
        return code
    words = str(error).lower()
    found = (code for code, marks in _WORDS.items() if any(mark in words for mark in marks))
    return next(found, "08001") if "fatal" in words or "password" in words else "08001"


def _of_code(code: str | int, address: Address) -> str:
    place = {"place": address.place, "table": address.table}
    if code in _WHO:
        named = address.variables or (("PGUSER", "PGPASSWORD") if address.kind == "postgresql" else ())
        hint = (
            tell("see {variables:s}", variables=", ".join(named)) if named else tell("the address names none")
        )
        return tell("the database {place:s} refuses this user or password ({hint}).", hint=hint, **place)
    if code in _NO_DATABASE:
        return tell("there is no database {place:s}; check its name.", **place)
    if code in _NO_TABLE:
        return tell("there is no table {table:s} in {place:s}; check its name, and its schema.", **place)
    if code in _NO_RIGHT:
        return tell(
            "this user may not read {table:s} in {place:s}; who runs the database can grant SELECT.", **place
        )
    if code in _TOO_LONG:
        return tell("reading {table:s} in {place:s} took longer than the database allows.", **place)
    if str(code).startswith("08") or code in (2002, 2003, 2006, 2013):
        return tell(
            "the database {place:s} does not answer; is it running, and are host and port right?", **place
        )
    return tell("reading {table:s} in {place:s} broke off (error {code}).", code=code, **place)


def _of_duckdb(name: str, said: str, address: Address) -> str:
    place = {"place": address.place, "table": address.table}
    if name == "CatalogException":
        return _of_code("42P01", address)
    if "lock" in said or "already attached" in said:
        return tell(
            "{place:s} is open in another program that writes to it; close it there, or read a copy.", **place
        )
    if name == "IOException" and "valid" in said:
        return tell("{place:s} is not a DuckDB file.", **place)
    return tell("reading {table:s} in {place:s} broke off (error {code}).", code=name, **place)
