"""MySQL and MariaDB through Ibis, by PyMySQL, which is free to use; Ibis' own choice is under the GPL.

Ibis asks for the module MySQLdb; where it is not there, PyMySQL stands in, as it offers to.
"""

from collections.abc import Callable, Mapping
from importlib.util import find_spec

import ibis.expr.operations as ops
import pymysql
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.mysql import MySQLCompiler
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions

if find_spec("MySQLdb") is None:
    pymysql.install_as_MySQLdb()

from ibis.backends import mysql  # it imports MySQLdb

_PORT = 3306
# The zone by its offset: a server may know no names. GROUP_CONCAT is asked for its first value alone.
_SESSION = (
    "SET SESSION TRANSACTION READ ONLY",
    "SET SESSION time_zone = '+00:00', group_concat_max_len = 64",
)
_TIMES = (FIELD_TYPE.DATE, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP)


class Compiler(MySQLCompiler):
    """Ibis' compiler with the one word that `customers` needs and MySQL lacks."""

    UNSUPPORTED_OPS = tuple(op for op in MySQLCompiler.UNSUPPORTED_OPS if op is not ops.ArgMin)

    def visit_ArgMin(  # noqa: N802
        self, op: ops.ArgMin, *, arg: sge.Expression, key: sge.Expression, **_: None
    ) -> sge.Cast:
        """Return the number `arg` where `key` is least: the first one when all are listed by `key`."""
        listed = self.f.group_concat(sge.Order(this=arg, expressions=[sge.Ordered(this=key)]))
        return self.cast(self.f.substring_index(listed, ",", 1), op.dtype)


class Backend(mysql.Backend):
    """Ibis' backend on a connection that is ready for it."""

    compiler = Compiler()

    def _post_connect(self) -> None:
        """Leave the session as `connection` made it."""


def connection(told: Mapping[str, str], options: Mapping[str, str], *, seconds: int) -> pymysql.Connection:
    """Return a connection that may only read, given up after so many `seconds` without an answer."""
    found = pymysql.connect(
        **{**told, "port": int(told.get("port", _PORT))},
        ssl={"ca": options["ssl_ca"]} if "ssl_ca" in options else None,
        charset="utf8mb4",
        conv={**conversions, **{kind: _a_time(conversions[kind]) for kind in _TIMES}},
        autocommit=True,
        connect_timeout=seconds,
        read_timeout=seconds,  # of the greeting: another program may listen there and wait
    )
    with found.cursor() as cursor:
        for statement in _SESSION:
            cursor.execute(statement)
    found._read_timeout = None  # adding up a large table takes its time
    return found


def _a_time(read: Callable[[str], object]) -> Callable[[str], object]:
    """Return PyMySQL's reader of times without its leniency: 0000-00-00 it gives back as text."""

    def strictly(cell: str) -> object:
        found = read(cell)
        if isinstance(found, str):
            raise pymysql.DataError("no time")
        return found

    return strictly
