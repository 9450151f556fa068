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
from clv.declaring import homes
from clv.declaring.addresses import Address, expanded
from clv.errors import InputError
from clv.language import tell

_PATIENCE = 10  # seconds until a server that does not answer is given up
_PORTS = range(1, 65536)
_MACHINES_OWN = "system"  # libpq's word for the certificates that the machine trusts
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
        where = ("shop", schema or "main") if address.kind == "duckdb" else schema or None
        yield backend.table(name, database=where)


@contextmanager
def _postgresql(address: Address) -> Iterator[ibis.BaseBackend]:
    with _brought_by("postgres", system="PostgreSQL"):
        import psycopg
    # what is not told is left to libpq: PGPASSWORD, PGPASSFILE, PGSERVICE
    connection = psycopg.connect(
        **_told(address, database="dbname"),
        **_options(address),
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
    with _brought_by("mysql", system="MySQL"):
        from clv.databases import mysql
    told = _told(address, database="database")
    with closing(mysql.connection(told, _options(address), seconds=_PATIENCE)) as connection:
        yield mysql.Backend.from_connection(connection)


@contextmanager
def _duckdb(address: Address) -> Iterator[ibis.BaseBackend]:
    path = homes.path(address.database)
    if not path.is_file():
        raise InputError(
            tell(
                "there is no DuckDB file {name!r}; a path from the root takes four slashes, {example:s}.",
                name=path.name,
                example="duckdb:////data/shop.duckdb",
            )
        )
    backend = duck.connect(reads=[path, path.with_name(f"{path.name}.wal")])
    try:
        quoted = str(path.absolute()).replace("'", "''")
        backend.con.execute(f"ATTACH '{quoted}' AS shop (TYPE duckdb, READ_ONLY)")
        yield backend
    finally:
        backend.disconnect()


_BY_KIND = {"postgresql": _postgresql, "mysql": _mysql, "duckdb": _duckdb}


def _told(address: Address, *, database: str) -> dict[str, str]:
    """Return what the address says, with the environment's variables; `database` is the driver's word."""
    names = {"host": "host", "port": "port", "user": "user", "password": "password", "database": database}
    said = {theirs: expanded(getattr(address, ours)) for ours, theirs in names.items()}
    if said["port"] and not (said["port"].isdecimal() and int(said["port"]) in _PORTS):
        raise InputError(
            tell(
                "the port in the address of {table:s} is no number from 1 to {most}.",
                table=address.name,
                most=_PORTS[-1],
            )
        )
    return {name: value for name, value in said.items() if value}


def _options(address: Address) -> dict[str, str]:
    """Return the options of an address, whose certificates are there: PyMySQL would name no file."""
    found = dict(address.options)
    for option in ("sslrootcert", "ssl_ca"):
        named = found.get(option, _MACHINES_OWN)
        if named != _MACHINES_OWN and not Path(named).exists():
            raise InputError(
                tell(
                    "there is no file {path!r}, which {option:s} names; check the path.",
                    path=Path(named).name,
                    option=option,
                )
            )
    return found


@contextmanager
def _brought_by(extra: str, *, system: str) -> Iterator[None]:
    """Say in one sentence what to install where the import inside this block fails."""
    try:
        yield
    except ImportError:
        raise InputError(
            tell(
                "{system:s} is read by a package that is not installed; pip install {extra:s} brings it.",
                system=system,
                extra=f"'clv[{extra}]'",
            )
        ) from None
