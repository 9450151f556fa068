"""Parquet of this machine as DuckDB reads it, and one sentence for what is wrong with a file.

DuckDB's own messages are looked at and not repeated: they name folders, and some of them cells.
"""

import glob
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import ibis

from clv import duck
from clv.errors import InputError
from clv.language import tell

_FOREIGN = ("No magic bytes", "too small to be a Parquet file")
_NAMED = re.compile(r"""file ["']([^"']+)["']""", re.IGNORECASE)


def opened(paths: Path | str | Sequence[Path], *, writes: Path | None = None) -> ibis.Table:
    """Return Parquet as a table of a DuckDB of its own; columns are looked at, rows stay where they are.

    Parameters
    ----------
    paths
        A file, a folder of parts, or a glob; or several files.
    writes
        A folder that this DuckDB may write to; see `duck.connect`.

    Raises
    ------
    InputError
        There is nothing, it is no Parquet, or it may not be read.
    """
    given = [Path(paths)] if isinstance(paths, Path | str) else list(paths)
    found = [file for path in given for file in _files(path)]
    if not found:
        raise InputError(_nothing(given[0]))
    with told(given[0]):
        # ibis takes an absolute path as it is; a relative one would be looked for from elsewhere
        return duck.connect(reads=found, writes=writes).read_parquet([str(file.absolute()) for file in found])


def _files(path: Path) -> list[Path]:
    """Return the files that a path means, each by its own name: DuckDB is shown these and no folder."""
    if path.is_file():
        return [path]
    pattern = f"{glob.escape(str(path))}/**/*.parquet" if path.is_dir() else str(path)
    found = map(Path, sorted(glob.iglob(pattern, recursive=True)))  # noqa: PTH207 (Path.glob takes no "/data/*")
    return [file for file in found if file.is_file()]


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Say in one sentence what is wrong with the Parquet at `path`, or with one of its parts.

    Some damage shows only when rows are read: a block that reads them belongs in here too.

    Raises
    ------
    InputError
        In the place of DuckDB's errors about files; its other errors stay.
    """
    try:
        with duck.told():
            yield
    except duckdb.Error as error:
        sentence = _sentence(error, path)
        if sentence is None:
            raise
        raise InputError(sentence) from None


def _sentence(error: duckdb.Error, path: Path) -> str | None:
    said = str(error)
    if "No files found" in said:
        return _nothing(path)
    part = _part(said, path)
    if "Permission denied" in said:
        return tell("{path!r} may not be read; ask for the right to read it.", path=part)
    if any(words in said for words in _FOREIGN):
        return tell("{path!r} is not a Parquet file, or not all of it; write it again.", path=part)
    if "schema mismatch" in said or isinstance(error, duckdb.ConversionException):
        return tell(
            "{path!r} has other columns, or columns of another type, than the Parquet files beside it; "
            "write them again alike.",
            path=part,
        )
    if type(error) is duckdb.Error or _of_reading(error):  # the reader's own errors have no class
        return tell("{path!r} is a damaged Parquet file; copy it or write it again.", path=part)
    return None


def _of_reading(error: duckdb.Error) -> bool:
    """Return whether an error is about a file that is read, and not about one that is written."""
    return "Could not read" in str(error) or (
        isinstance(error, duckdb.InvalidInputException) and bool(_NAMED.search(str(error)))
    )


def _nothing(path: Path) -> str:
    if path.is_dir():
        return tell("the folder {path!r} holds no Parquet file (.parquet).", path=path.name)
    if any(sign in str(path) for sign in "*?["):
        return tell("no Parquet file matches {path!r}; check the folder and the pattern.", path=path.name)
    return tell(
        "there is no file {path!r} in the folder {parent!r}.", path=path.name, parent=str(path.parent)
    )


def _part(said: str, path: Path) -> str:
    """Return the name of the file that an error is about: of a folder or a glob it is one of many."""
    named = next((found for found in _NAMED.findall(said) if Path(found).is_file()), path)
    return Path(named).name
