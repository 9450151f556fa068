"""Tables on a Spark cluster: read from Parquet, written as Parquet, as Spark's frames or Ibis' tables."""

import re
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import pandera.pandas as pandera

from clv.errors import InputError, SettingError
from clv.language import tell
from clv.spark import kind_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def read_parquet(
    backend: ibis.BaseBackend, path: Path | str, contract: pandera.DataFrameSchema
) -> ibis.Table:
    """Return Parquet (a file, a folder of parts, a glob, or an address such as s3a://...) as a table.

    Raises
    ------
    InputError
        There is nothing, it is no Parquet, or it holds moments of a time zone where times of the shop's own
        clock are wanted.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    name = Path(str(path)).name
    where = place(path)
    reader = backend._session.read
    if not is_address(path) and Path(path).is_dir():
        reader = reader.option("recursiveFileLookup", "true").option("pathGlobFilter", "*.parquet")
    try:
        found = reader.parquet(where)
    except (PySparkException, Py4JError) as error:
        if "PATH_NOT_FOUND" in kind_of(error):
            raise InputError(
                tell("there is no file {path!r} that Spark could read; look at its name.", path=name)
            ) from None
        if "UNABLE_TO_INFER_SCHEMA" in kind_of(error):
            raise InputError(
                tell("the folder {path!r} holds no Parquet file (.parquet).", path=name)
            ) from None
        raise InputError(tell("{path!r} is not Parquet that Spark can read.", path=name)) from None
    return as_table(backend, _in_local_time(found, contract, name))


def as_table(backend: ibis.BaseBackend, frame: "DataFrame") -> ibis.Table:
    """Return a Spark frame as an Ibis table."""
    name = ibis.util.gen_name("clv")
    frame.createOrReplaceTempView(name)
    return backend.table(name)


def as_frame(table: ibis.Table) -> "DataFrame":
    """Return an Ibis table of Spark as a Spark frame: nothing is worked out yet."""
    backend = table.get_backend()
    return backend._session.sql(backend.compile(table))


def write_parquet(frame: "DataFrame", out: Path | str) -> None:
    """Let the cluster write `frame` to the folder `out`, whole or not at all; no row passes through here.

    A folder of this machine (which all machines of the cluster must share) is written beside its place and
    then renamed. At an address such as s3a://... there must be nothing yet, and the file _SUCCESS says that
    all is there.

    Raises
    ------
    SettingError
        There is something at the address.
    """
    from pyspark.errors import AnalysisException

    if is_address(out):
        try:
            frame.write.mode("errorifexists").parquet(str(out))
        except AnalysisException as error:
            if "PATH_ALREADY_EXISTS" not in kind_of(error):
                raise
            raise SettingError(
                tell("there is something at {out!r} already; choose another name.", out=Path(out).name)
            ) from None
        return
    out = Path(out).resolve()
    fresh, old = (out.parent / f".{word}-{uuid.uuid4().hex}" for word in ("new", "old"))
    try:
        frame.write.parquet(place(fresh))
        if out.exists():
            out.rename(old)
        fresh.rename(out)
    finally:
        for left in (fresh, old):
            left.unlink() if left.is_file() else shutil.rmtree(left, ignore_errors=True)


def is_address(path: Path | str) -> bool:
    """Tell whether a path is an address such as s3a://bucket/orders, and no file of this machine."""
    return isinstance(path, str) and "://" in path


def place(path: Path | str) -> str:
    """Return a path as Spark wants it: a file of this machine stays one on any cluster."""
    if is_address(path):
        return str(path)
    there = Path(path)
    text = str(there.resolve())
    return "file://" + (re.sub(r"([*?\[\]{}\\])", r"\\\1", text) if there.exists() else text)


def _in_local_time(found: "DataFrame", contract: pandera.DataFrameSchema, name: str) -> "DataFrame":
    """Return the frame with its times as the shop's clock said them."""
    from pyspark.sql import functions, types

    dated = [
        c for c in found.columns if c in contract.columns and "datetime" in str(contract.columns[c].dtype)
    ]
    for column in dated:
        kind = found.schema[column].dataType
        if isinstance(kind, types.TimestampType):
            raise InputError(
                tell(
                    "{path}: {column} holds moments of a time zone, whose days depend on it; write the "
                    "shop's local time (TIMESTAMP_NTZ in Spark).",
                    path=name,
                    column=column,
                )
            )
        if isinstance(kind, types.LongType):
            micros = functions.timestamp_micros(functions.expr(f"`{column}` div 1000"))
            found = found.withColumn(column, micros.cast("timestamp_ntz"))
    return found
