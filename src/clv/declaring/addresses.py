"""Addresses of database tables, as a shop file or a command line names them.

    postgresql://${SHOP_DB_USER}:${SHOP_DB_PASSWORD}@db.example.com:5432/shop?table=public.orders
    mysql://reader:${SHOP_DB_PASSWORD}@db.example.com/shop?table=orders
    duckdb:///folder/shop.duckdb?table=orders        (four slashes where the folder begins at the root)

`${NAME}` stands for a variable of the environment, and is looked up when the table is opened. A password can
stand in no other way, so an address holds no secret and may be shown, kept and compared.
"""

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, unquote

from clv.declaring import homes
from clv.errors import InputError, SettingError, nearest
from clv.language import tell

Kind = Literal["postgresql", "mysql", "duckdb"]

_SCHEMES: dict[str, Kind] = {"postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql"}
_SCHEMES |= {"mariadb": "mysql", "duckdb": "duckdb"}
_OPTIONS: dict[Kind, tuple[str, ...]] = {
    "postgresql": ("sslmode", "sslrootcert"), "mysql": ("ssl_ca",), "duckdb": ()
}  # fmt: skip
# where a cluster's files lie, which its engine reads
_FILES = {"abfs", "abfss", "cosn", "dbfs", "file", "gs", "hdfs", "obs", "oss", "s3", "s3a", "s3n", "viewfs"}
_FILES |= {"wasb", "wasbs"}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")  # two letters at least: C:/ is a folder
_MEANT = re.compile(
    rf"({'|'.join(_SCHEMES)}):|.*://|.*\bpassword=", re.IGNORECASE
)  # badly written, with a secret
_SERVER = re.compile(
    r"//(?:(?P<user>[^:@/]*)(?::(?P<password>.*))?@)?(?P<host>\[[^\]]*\]|[^:/@]*)(?::(?P<port>[^:/@]*))?"
    r"/(?P<database>[^/@]+)"
)
_EXAMPLE = "${SHOP_DB_PASSWORD}"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True)
class Address:
    """Where a table lies; host, port, database and user may hold `${NAME}`, a password is one or empty.

    Attributes
    ----------
    database
        The database on its server; for DuckDB the path of its file.
    table
        The table's name, behind its schema and a dot where it is not in the usual one.
    options
        What else the driver is told: sslmode, sslrootcert, ssl_ca.
    """

    kind: Kind
    database: str
    table: str
    host: str = ""
    port: str = ""
    user: str = ""
    password: str = ""
    options: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """What the table is called beside files: shop/public.orders."""
        return f"{Path(self.database).name if self.kind == 'duckdb' else self.database}/{self.table}"

    @property
    def place(self) -> str:
        """What errors call the database: its name, and the server where the address names one."""
        name = self.name.removesuffix(f"/{self.table}")
        return tell("{name:s} at {host:s}", name=name, host=self.host) if self.host else name

    def seen_from(self, folder: Path) -> "Address":
        """Return the address of a DuckDB file that lies relative to `folder`; a server's as it is."""
        if self.kind != "duckdb":
            return self
        return replace(self, database=str(folder / homes.path(self.database)))

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that say who asks."""
        return tuple(_VARIABLE.findall(f"{self.user} {self.password}"))


def is_address(text: object) -> bool:
    """Return whether `text` is meant as an address, well written or not; a path never is."""
    return isinstance(text, str) and bool(_SCHEME.match(text) or _MEANT.match(text))


def names_table(text: str) -> bool:
    """Return whether `text` is meant as the address of a table, well written or not, and not of files."""
    return is_address(text) and text.partition(":")[0].lower() not in _FILES


def parsed(text: str) -> Address:
    """Return what an address says; nothing is opened, and no error repeats any of it but known words.

    Raises
    ------
    SettingError
        It is of no known kind, has a password in the clear, names no table, or cannot be taken apart.
    """
    scheme, _, rest = text.partition(":")
    kind = _SCHEMES.get(scheme.lower())
    if kind is None and not re.fullmatch("[A-Za-z0-9+.-]+", scheme):
        raise _not_taken_apart("postgresql")
    if kind is None:
        known = ", ".join(("postgresql", "mysql", "duckdb"))
        raise SettingError(
            tell("tables are read from {known:s}, not from {scheme!r}.", known=known, scheme=scheme)
        )
    where, _, query = rest.partition("?")
    if "@" in query:  # the ? stands in a password
        raise _not_taken_apart(kind)
    options = dict(parse_qsl(query, keep_blank_values=True))
    table = options.pop("table", "")
    _check(kind, table, options)
    if kind == "duckdb":
        return Address(kind, _file(where), table)
    return Address(kind, table=table, options=tuple(sorted(options.items())), **_server(where, kind))


def expanded(text: str) -> str:
    """Return `text` with the variables of the environment put in.

    Raises
    ------
    InputError
        A variable is not set.
    """

    def value(found: re.Match) -> str:
        if found[1] not in os.environ:
            raise InputError(
                tell("the environment has no variable {name}, which the address names.", name=found[1])
            )
        return os.environ[found[1]]

    return _VARIABLE.sub(value, text)


def _check(kind: Kind, table: str, options: dict[str, str]) -> None:
    strange = next((name for name in options if name not in _OPTIONS[kind]), None)
    if strange is not None:
        known = ("table", *_OPTIONS[kind])
        raise SettingError(
            tell(
                "a {kind:s} address has an option that it does not know; {hint}.",
                kind=kind,
                hint=nearest(strange, known).rstrip("?"),
            )
        )
    if not table or not all(table.split(".")) or table.count(".") > 1:
        raise SettingError(
            tell("the address names no table; end it with ?table=orders or ?table=public.orders.")
        )


def _server(where: str, kind: Kind) -> dict[str, str]:
    found = _SERVER.fullmatch(where)
    if found is None:
        raise _not_taken_apart(kind)
    parts = {name: value or "" for name, value in found.groupdict().items()}
    if parts["password"] and not _VARIABLE.fullmatch(parts["password"]):
        raise SettingError(
            tell(
                "a password stands in the clear; put it into a variable of the environment and write "
                "{example:s} in its place.",
                example=_EXAMPLE,
            )
        )
    return {name: unquote(value) for name, value in parts.items()}


def _not_taken_apart(kind: Kind) -> SettingError:
    return SettingError(
        tell(
            "the address cannot be taken apart; write it as {example:s}.",
            example=f"{kind}://user:{_EXAMPLE}@host:port/database?table=orders",
        )
    )


def _file(where: str) -> str:
    """Return the path of a DuckDB file: what stands behind three slashes, or two as Ibis writes it."""
    path = unquote(where.removeprefix("//"))
    path = path.removeprefix("/") if where.startswith("///") else path
    if not path:
        raise SettingError(tell("the address names no file; write it as duckdb:///shop.duckdb?table=orders."))
    return path
