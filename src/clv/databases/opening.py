"""A table where it lies, opened to be read only and closed again.

PostgreSQL by psycopg, MySQL and MariaDB by PyMySQL, a DuckDB file by DuckDB: each through Ibis. Nothing is
written, and nobody is asked but the server that the address names.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import ibis

from clv import duck
from clv.databases import refusals
from clv.declaring.addresses import Address, expanded
from clv.errors import InputError
from clv.language import tell

_PATIENCE = 10  # seconds until a server that does not answer is given up
# One form of times and days, whatever the server's own is; no statement may write.
_AS_POSTGRES = "SET default_transaction_read_only = on; SET datestyle = 'ISO, YMD'"


@contextmanager
def opened(address: Address) -> Iterator[ibis.Table]:
    """Give the table of an address for one block, whose errors become one sentence each.

    Raises
    ------
    InputError
        A variable is not set, a driver is not installed, or the database refuses something.
    """
    with refusals.told(address), _BY_KIND[address.kind](address) as backend:
        schema, _, name = address.table.rpartition(".")
        if address.kind == "duckdb":
            yield backend.table(name, database=("shop", schema or "main"))
        else:
            yield backend.table(name, database=schema or None)


@contextmanager
def _postgresql(address: Address) -> Iterator[ibis.BaseBackend]:
    try:
        import psycopg
    except ImportError:
        raise _lacking("PostgreSQL", "postgres") from None
    told = _told(address, host="host", port="port", user="user", password="password", database="dbname")
    # what is not told is left to libpq: PGPASSWORD, PGPASSFILE, PGSERVICE
    connection = psycopg.connect(
        **told,
        **dict(address.options),
        autocommit=True,
        connect_timeout=_PATIENCE,
        client_encoding="utf8",
        application_name="clv",
    )
    with closing(connection):
        connection.read_only = True
        connection.execute(_AS_POSTGRES)
        yield ibis.postgres.from_connection(connection)


@contextmanager
def _mysql(address: Address) -> Iterator[ibis.BaseBackend]:
    try:
        from clv.databases import mysql
    except ImportError:
        raise _lacking("MySQL", "mysql") from None
    told = _told(address, host="host", port="port", user="user", password="password", database="database")
    with closing(mysql.connection(told, dict(address.options), seconds=_PATIENCE)) as connection:
        yield mysql.Backend.from_connection(connection)


@contextmanager
def _duckdb(address: Address) -> Iterator[ibis.BaseBackend]:
    path = Path(address.database).expanduser()
    if not path.is_file():
        raise InputError(
            tell(
                "there is no DuckDB file {name!r}; a path from the root takes four slashes, {example:s}.",
                name=path.name,
                example="duckdb:////data/shop.duckdb",
            )
        )
    backend = duck.connect()
    try:
        quoted = str(path).replace("'", "''")
        backend.con.execute(f"ATTACH '{quoted}' AS shop (TYPE duckdb, READ_ONLY)")
        yield backend
    finally:
        backend.disconnect()


_BY_KIND = {"postgresql": _postgresql, "mysql": _mysql, "duckdb": _duckdb}


def _told(address: Address, **names: str) -> dict[str, str]:
    """Return what the address says, with the environment's variables, under the driver's own names."""
    said = {theirs: expanded(getattr(address, ours)) for ours, theirs in names.items()}
    if not said["port"].isdecimal() and said["port"]:
        raise InputError(tell("the port is no number in the address of {table:s}.", table=address.name))
    return {name: value for name, value in said.items() if value}


def _lacking(system: str, extra: str) -> InputError:
    return InputError(
        tell(
            "{system:s} is read by a package that is not installed; pip install {extra:s} brings it.",
            system=system,
            extra=f"'clv[{extra}]'",
        )
    )
