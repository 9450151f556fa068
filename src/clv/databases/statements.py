"""What each of the three systems has its own words for: a row as a number, text compared by characters.

The rest is left to Ibis.
"""

from collections.abc import Sequence

import ibis
import sqlglot as sg

from clv.declaring.addresses import Address

HASH = "all columns of the row"  # what else is in a row, beside the columns that are read

# PostgreSQL and MySQL sort and compare text by the rules of a language; we compare by characters.
_BY_CHARACTERS = {
    "postgresql": "NULLIF(CAST(whole_row.{column} AS TEXT), '') COLLATE \"C\"",
    "mysql": "NULLIF(CAST(whole_row.{column} AS CHAR), '') COLLATE utf8mb4_bin",
    "duckdb": "NULLIF(CAST(whole_row.{column} AS TEXT), '')",
}
# 60 bits, so that all of them fit a signed number
_NUMBER = {
    "postgresql": "CAST(CAST('x' || LEFT(MD5(CAST(whole_row AS TEXT)), 15) AS BIT(60)) AS BIGINT)",
    "mysql": "CAST(CONV(LEFT(MD5(CONCAT_WS(CHAR(31), {cells})), 15), 16, 10) AS SIGNED)",
    "duckdb": "CAST(HASH(whole_row) >> 4 AS BIGINT)",
}


def with_hash(table: ibis.Table, address: Address) -> ibis.Table:
    """Return the table with the column `HASH`: a whole number made of all cells of the row."""
    columns = [_quoted(name, table) for name in table.columns]
    cells = ", ".join(f"COALESCE(CAST(whole_row.{column} AS CHAR), CHAR(30))" for column in columns)
    number = _NUMBER[address.kind].format(cells=cells)
    schema = {**table.schema(), HASH: "int64"}
    return _selected(table, [f"whole_row.{column}" for column in columns] + [number], schema)


def by_characters(table: ibis.Table, address: Address, text: Sequence[str]) -> ibis.Table:
    """Return the table with the columns `text` as text that is compared by characters, '' as missing."""
    form = _BY_CHARACTERS[address.kind]
    columns = {name: _quoted(name, table) for name in table.columns}
    selected = [form.format(column=c) if name in text else f"whole_row.{c}" for name, c in columns.items()]
    schema = {**table.schema(), **dict.fromkeys([name for name in text if name in columns], "string")}
    return _selected(table, selected, schema)


def _selected(table: ibis.Table, selected: Sequence[str], schema: dict) -> ibis.Table:
    backend, op = table.get_backend(), table.op()
    where = sg.table(op.name, db=op.namespace.database, catalog=op.namespace.catalog, quoted=True)
    listed = ", ".join(
        f"{what} AS {_quoted(name, table)}" for what, name in zip(selected, schema, strict=True)
    )
    query = f"SELECT {listed} FROM {where.sql(backend.dialect)} AS whole_row"
    return backend.sql(query, schema=schema)


def _quoted(name: str, table: ibis.Table) -> str:
    return sg.to_identifier(name, quoted=True).sql(table.get_backend().dialect)
