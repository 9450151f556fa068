"""DuckDB as the kit opens it: within a stated memory, the rest on disk, and shut in.

A connection sees the files that it was opened for and no others: no other path of this machine, nothing from
a network, no extension that is not built in; and no statement can change that.
"""

import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import ibis
import pandas as pd
import pyarrow as pa

from clv import scratch
from clv.errors import NotNowError, SettingError, lacks_memory
from clv.language import tell

_MEMORY = "2500MB"
_AT_ONCE = 100_000  # rows that are fetched, or wait to be written, at a time


def connect(*, reads: Iterable[Path] = (), writes: Path | None = None) -> ibis.BaseBackend:
    """Return a DuckDB of one's own, in memory, that sees the files `reads` and the folder `writes` alone.

    It keeps to the memory that CLV_DUCKDB_MEMORY states (4GB, say; 2500MB without it) and writes the rest to
    a folder below the system's temporary one that only we can read and that goes with the connection.

    Parameters
    ----------
    reads
        Files, each by its own name: no folders, no patterns.
    writes
        A folder that may be written to, and read.

    Raises
    ------
    SettingError
        CLV_DUCKDB_MEMORY is no amount of memory.
    NotNowError
        There is no memory for it.
    """
    room = scratch.folder("clv-duckdb-", place=Path(tempfile.gettempdir()))
    memory = os.environ.get("CLV_DUCKDB_MEMORY") or _MEMORY
    try:
        opened = ibis.duckdb.connect(
            memory_limit=memory,
            temp_directory=str(room.path),
            preserve_insertion_order=False,  # else it would hold back rows to give them in the file's order
            partitioned_write_flush_threshold=_AT_ONCE,  # rows of all values at once wait to be written
            autoinstall_known_extensions=False,
            autoload_known_extensions=False,
            allow_community_extensions=False,
            allocator_background_threads=True,  # gives memory back while the answer is still being read
        )
    except Exception as error:
        room.close()
        if lacks_memory(error) or isinstance(error, duckdb.OutOfMemoryException):
            raise _too_much() from None
        if "memory" not in str(error).lower() and "unit" not in str(error).lower():
            raise
        raise SettingError(
            tell("CLV_DUCKDB_MEMORY is {memory!r}; write it as 4GB or 800MB.", memory=memory)
        ) from None
    weakref.finalize(opened, room.close)
    folders = [] if writes is None else [writes]
    _shut_in(opened.con, [*reads, *folders], folders)  # a folder allows what is in it, and not itself
    return opened


def _shut_in(opened: duckdb.DuckDBPyConnection, paths: Iterable[Path], folders: Iterable[Path]) -> None:
    """Leave the connection these paths and folders: named first, for afterwards nothing can be added."""
    for setting, named in (("allowed_paths", paths), ("allowed_directories", folders)):
        opened.execute(f"SET {setting} = [{', '.join(_quoted(name) for name in _names(named))}]")
    opened.execute("SET enable_external_access = false")
    opened.execute("SET lock_configuration = true")


def _names(paths: Iterable[Path]) -> list[str]:
    """Return each path as it is given and as it is behind links: DuckDB looks at both."""
    return [str(name) for path in paths for name in dict.fromkeys((path.absolute(), path.resolve()))]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def of_frame(frame: pd.DataFrame) -> ibis.Table:
    """Return a frame as a table of a DuckDB of its own; its rows are read where they are."""
    opened = connect()
    opened.con.register("frame", pa.Table.from_pandas(frame, preserve_index=False))
    return opened.table("frame")


def rows(expression: ibis.Table) -> pa.Table:
    """Return the rows of an expression over any engine; DuckDB's piece by piece, so they are there once."""
    engine = expression.get_backend()
    if engine.name != "duckdb":
        return expression.to_pyarrow()
    with told():
        found = engine.con.sql(engine.compile(expression)).to_arrow_reader(_AT_ONCE).read_all()
    return found.cast(expression.schema().to_pyarrow())


def deal_out(expression: ibis.Table, folder: Path, *, by: str) -> None:
    """Write the rows of an expression over DuckDB to Parquet, in folder/BY=VALUE/ for each value.

    The DuckDB must have been opened to write to `folder`, or to one above it.
    """
    opened = expression.get_backend().con
    query = expression.get_backend().compile(expression)
    where = _quoted(str(folder.absolute()))
    with told():
        opened.execute(
            f"COPY ({query}) TO {where} (FORMAT parquet, PARTITION_BY ({by}), OVERWRITE_OR_IGNORE)"
        )


@contextmanager
def told() -> Iterator[None]:
    """Say in one sentence when memory is too little; Ctrl-C stays what it is.

    Raises
    ------
    NotNowError
        In the place of DuckDB's error.
    """
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise _too_much() from None
    except (duckdb.InterruptException, RuntimeError) as error:
        if "interrupt" not in str(error).lower():
            raise
        raise KeyboardInterrupt from None


def _too_much() -> NotNowError:
    return NotNowError(
        tell(
            "DuckDB needed more memory than it may take, or the disk is full; set CLV_DUCKDB_MEMORY "
            "higher than {memory}.",
            memory=os.environ.get("CLV_DUCKDB_MEMORY") or _MEMORY,
        )
    )
