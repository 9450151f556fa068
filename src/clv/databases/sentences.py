"""The sentences about what a database refuses: the place, what is wrong, what to do; never who asked."""

from typing import Literal

from clv.declaring.addresses import Address
from clv.language import tell

Why = Literal[
    "user", "database", "table", "right", "time", "full", "unencrypted", "no encryption", "sslmode",
    "certificate", "type", "value", "silence", "other",
]  # fmt: skip
LIBPQS = ("PGUSER", "PGPASSWORD")  # variables that say who asks where the address does not


def why(kind: Why, address: Address, *, code: str | int = "") -> str:
    """Return the sentence for a reason; `code` is the database's own word for an unknown one."""
    found = _of_table(kind, address) or _of_server(kind, address)
    return found or tell(
        "reading {table:s} in {place:s} broke off (error {code}).",
        code=code,
        place=address.place,
        table=address.table,
    )


def refused(said: str, address: Address) -> str:
    """Return the sentence for a connection that is refused for a reason that only the server knows."""
    return tell(
        "the database {place:s} refuses the connection and says: {said:s}.", place=address.place, said=said
    )


def _of_table(kind: Why, address: Address) -> str:
    place = {"place": address.place, "table": address.table}
    if kind == "table":
        return tell("there is no table {table:s} in {place:s}; check its name, and its schema.", **place)
    if kind == "right":
        return tell(
            "this user may not read {table:s} in {place:s}; who runs the database can grant SELECT.", **place
        )
    if kind == "time":
        return tell("reading {table:s} in {place:s} took longer than the database allows.", **place)
    if kind == "type":
        return tell(
            "{table:s} in {place:s} has a column that the database does not calculate with, such as money in "
            "PostgreSQL; make a view with CAST(amount AS numeric).",
            **place,
        )
    if kind == "value":
        return tell(
            "{table:s} in {place:s} holds a time or a number that is none, such as infinity or the year 0; "
            "leave such rows out by a view, or correct them.",
            **place,
        )
    return ""


def _of_server(kind: Why, address: Address) -> str:
    place = {"place": address.place}
    if kind == "user":
        return tell(
            "the database {place:s} refuses this user or password ({hint}).", hint=_who(address), **place
        )
    if kind == "database":
        return tell("there is no database {place:s}; check its name.", **place)
    if kind == "full":
        return tell("the database {place:s} has no connection left for now; try again later.", **place)
    if kind == "silence":
        return tell(
            "the database {place:s} does not answer; is it running, and are host and port right?", **place
        )
    return _of_encryption(kind, address)


def _of_encryption(kind: Why, address: Address) -> str:
    place = {"place": address.place}
    option = "sslrootcert" if address.kind == "postgresql" else "ssl_ca"
    if kind == "unencrypted":
        return tell(
            "the database {place:s} lets nobody in from here without encryption; add {option:s} to the "
            "address, or ask who runs it.",
            option="&sslmode=require" if address.kind == "postgresql" else "&ssl_ca=…",
            **place,
        )
    if kind == "no encryption":
        return tell(
            "the database {place:s} offers no encryption, which {option:s} asks for; leave that out only if "
            "nobody can listen on the way.",
            option="sslmode" if address.kind == "postgresql" else "ssl_ca",
            **place,
        )
    if kind == "sslmode":
        return tell(
            "sslmode is none of {known:s}.", known="disable, allow, prefer, require, verify-ca, verify-full"
        )
    if kind == "certificate":
        return tell(
            "the certificate of the database {place:s} does not prove that it is the one; check {option:s} "
            "and the name of the host.",
            option=option,
            **place,
        )
    return ""


def _who(address: Address) -> str:
    named = address.variables or (LIBPQS if address.kind == "postgresql" else ())
    hint = tell("see {variables:s}", variables=", ".join(named)) if named else tell("the address names none")
    if address.kind == "mysql" and not address.options:  # MariaDB does not say that this is why
        return tell("{hint}; where it asks for encryption, add &ssl_ca=…", hint=hint)
    return hint


def of_duckdb(name: str, said: str, address: Address) -> str:
    """Return the sentence for an error of DuckDB by its name and what it says."""
    place = {"place": address.place}
    if name == "CatalogException":
        return why("table", address)
    if "Permission denied" in said:
        return tell("{place:s} may not be read; ask for the right to read this file.", **place)
    if "set lock" in said or "already attached" in said or "file handle conflict" in said:
        return tell(
            "{place:s} is open in another program that writes to it; close it there, or read a copy.", **place
        )
    if "not a valid DuckDB" in said:
        return tell("{place:s} is not a DuckDB file.", **place)
    if "version number" in said:
        return tell(
            "{place:s} was written by another version of DuckDB; write it again with {ours:s}.",
            ours=_version(),
            **place,
        )
    if "Corrupt" in said or "Could not read" in said:
        return tell("{place:s} is a damaged DuckDB file; copy it again, or take a backup.", **place)
    return why(
        "value" if name in ("ConversionException", "OutOfRangeException") else "other", address, code=name
    )


def _version() -> str:
    import duckdb

    return f"DuckDB {duckdb.__version__}"
