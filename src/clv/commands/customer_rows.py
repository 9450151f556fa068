"""CUSTOMERS in Parquet on an engine: looked at before a model sees them, where they lie.

What a model would say of a wrong row names a row of the table that it got, which is sorted, collapsed, or a
block of a cluster's; so what it refuses is refused here, of the file as a whole.
"""

from collections.abc import Iterator
from pathlib import Path

import ibis

from clv import engines, tables
from clv.customers import FOR_MODELS
from clv.errors import InputError
from clv.language import tell


def read(backend: ibis.BaseBackend, path: str) -> ibis.Table:
    """Return the CUSTOMERS at `path`, each of whom stands once and has numbers that can be.

    Raises
    ------
    InputError
        As `engines.read` does; a customer stands more than once or is missing, or a number cannot be.
    """
    table, name = engines.read(backend, path, tables.CUSTOMERS), Path(path).name
    _check_kinds(table, name)
    rules = dict(_broken(table))
    counts = {f"rule_{i}": table.count(where=where) for i, where in enumerate(rules.values())}
    found = table.aggregate(rows=table.count(), own=_numbers(table), **counts).to_pandas()
    rows, *broken = (int(found.at[0, column]) for column in ("rows", *counts))
    for rule, number in zip(rules, broken, strict=True):
        if number:
            raise InputError(
                tell(
                    "{path}: {broken:,} of {rows:,} customers have a row where {rule}; write it again with "
                    "`clv customers`, or leave these rows out.",
                    path=name,
                    broken=number,
                    rows=rows,
                    rule=rule,
                )
            )
    if found.at[0, "own"] < rows:
        _refuse_repeated(table, rows, name)
    return table


def _numbers(table: ibis.Table) -> ibis.Value:
    """Return how many customers differ; on DuckDB in their hash, which takes half the time and memory."""
    ids = table.customer_id
    return (ids.hash() if table.get_backend().name == "duckdb" else ids).nunique()


def _refuse_repeated(table: ibis.Table, rows: int, name: str) -> None:
    own = int(table.customer_id.nunique().to_pandas())  # two customers may share a hash
    if own < rows:
        raise InputError(
            tell(
                "{path}: {again:,} of {rows:,} rows have no customer of their own, as a customers table "
                "must; write it again with `clv customers`.",
                path=name,
                again=rows - own,
                rows=rows,
            )
        )


def _check_kinds(table: ibis.Table, name: str) -> None:
    wrong = [column for column in FOR_MODELS if not table[column].type().is_numeric()]
    if wrong:
        raise InputError(
            tell(
                "{path}: {column} should hold numbers; write it again with `clv customers`.",
                path=name,
                column=wrong[0],
            )
        )


def _broken(table: ibis.Table) -> Iterator[tuple[str, ibis.Value]]:
    """Yield what the models of purchases and of money refuse, and where it is so."""
    x, t_x, T, z = numbers = [table[name].cast("float64") for name in FOR_MODELS]
    strange = [number.isnull() | number.isnan() | number.isinf() for number in numbers]
    yield "the customer's id is missing", table.customer_id.isnull()
    yield "frequency, recency or T is missing or infinite", strange[0] | strange[1] | strange[2]
    yield "frequency, recency or T is negative", (x < 0) | (t_x < 0) | (T < 0)
    yield "frequency is not a whole number", x != x.floor()
    yield "recency is larger than T", t_x > T
    yield "frequency is above 0 but recency is 0", (x > 0) & (t_x == 0)
    yield "frequency is 0 but recency is not", (x == 0) & (t_x > 0)
    yield "monetary_value is missing, infinite or negative", strange[3] | (z < 0)
    yield "frequency is above 0 but monetary_value is 0", (x > 0) & (z == 0)
