"""The engines by name: who holds the rows and adds them up. The same expression gives the same on each.

duckdb   this machine, within a stated memory and the disk (see `duck`)
spark    the user's cluster (see `spark`)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ibis
import pandera.pandas as pandera

from clv import duck, parquet_files, spark, spark_files
from clv.errors import InputError, SettingError, nearest
from clv.language import tell

NAMES = ("duckdb", "spark")


@contextmanager
def opened(name: str) -> Iterator[ibis.BaseBackend]:
    """Open the engine `name` ('duckdb' or 'spark') as an Ibis backend and close it again.

    Raises
    ------
    SettingError
        There is no such engine, or what it needs is not installed.
    """
    if name == "spark":
        with spark.opened() as backend:
            yield backend
        return
    if name not in NAMES:
        raise SettingError(
            tell("there is no engine {name!r}; {nearest}", name=name, nearest=nearest(name, NAMES))
        )
    backend = duck.connect()
    try:
        yield backend
    finally:
        backend.disconnect()


def read(backend: ibis.BaseBackend, path: Path | str, contract: pandera.DataFrameSchema) -> ibis.Table:
    """Return Parquet as a table of an opened engine; no row is read.

    Parameters
    ----------
    path
        A file, a folder of parts or a glob; for Spark also an address such as s3a://bucket/orders.
    contract
        What it holds: tables.ORDERS or tables.CUSTOMERS.

    Raises
    ------
    InputError
        There is nothing, it is no Parquet, or a column of the contract is missing.
    """
    name = Path(path).name
    table = (
        spark_files.read_parquet(backend, path, contract)
        if backend.name == "pyspark"
        else parquet_files.opened(path)  # a DuckDB sees only what it was opened for: one for each table
    )
    index = [] if contract.index is None else [contract.index.name]
    lacking = [column for column in [*index, *contract.columns] if column not in table.columns]
    if lacking:
        sentence = tell(
            "the {contract} table lacks the column {first!r}.", contract=contract.name, first=lacking[0]
        )
        raise InputError(f"{name}: {sentence}")
    return table
