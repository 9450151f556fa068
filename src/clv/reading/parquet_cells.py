"""Bytes of a Parquet file → rows of text cells, its column names first."""

import io
import re
from contextlib import suppress

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clv.errors import InputError
from clv.language import tell
from clv.reading.typed_cells import as_text

_UNNAMED_INDEX = re.compile(r"__index_level_\d+__")
_MANY_ROWS = 10_000_000
_TEXT_AT_MOST = 2 * 2**30


def read(content: bytes, name: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the cells of a Parquet file as text, without a header, and the columns of lists or records.

    Raises
    ------
    InputError
        The file is damaged, or holds far more than its size.
    """
    try:
        found = _table(content, name)
        columns = [_pandas(found.column(at)) for at in range(found.num_columns)]
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, UnicodeError) as error:
        raise InputError(
            tell("{name} is a damaged Parquet file ({name2}).", name=name, name2=type(error).__name__)
        ) from None
    top = pd.DataFrame([found.column_names])
    body = pd.DataFrame(dict(enumerate(columns)))
    nested = tuple(field.name for field in found.schema if pa.types.is_nested(field.type))
    return pd.concat([top, body], ignore_index=True), nested


def _table(content: bytes, name: str) -> pa.Table:
    plain = pq.ParquetFile(io.BytesIO(content))
    schema = plain.schema_arrow
    if plain.metadata.num_rows > max(_MANY_ROWS, len(content)):
        raise _too_much(name, tell("{rows:,} rows", rows=plain.metadata.num_rows), len(content))
    texts = [field.name for field in schema if _is_text(field.type)]
    # as dictionaries: a long text that stands in every row is there once until it was measured
    found = pq.ParquetFile(io.BytesIO(content), read_dictionary=texts).read()
    asked = sum(_bytes(chunk) for column in found.columns for chunk in column.chunks)
    if asked > _TEXT_AT_MOST and asked > 200 * len(content):
        raise _too_much(name, tell("{asked:,} bytes of text", asked=asked), len(content))
    found.validate(full=True)  # damaged texts are noticed when they are looked at, else
    kept = [title for title in found.column_names if not _UNNAMED_INDEX.fullmatch(title)]
    return found.select([at for at, title in enumerate(found.column_names) if title in kept])


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind)


def _bytes(chunk: pa.Array) -> int:
    """Return how many bytes the text of a column would take, written out row by row."""
    if not pa.types.is_dictionary(chunk.type):
        return 0
    lengths = pc.take(pc.cast(pc.binary_length(chunk.dictionary), pa.int64()), chunk.indices)
    return pc.sum(lengths).as_py() or 0


def _too_much(name: str, what: str, size: int) -> InputError:
    return InputError(
        tell(
            "{name} has {size:,} bytes and would hold {what}, as no table of orders does; write it again.",
            name=name,
            size=size,
            what=what,
        )
    )


def _pandas(column: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_binary(column.type):  # older writers do not say that their text is text
        with suppress(pa.ArrowInvalid):  # bytes that are none stay what they are
            column = column.cast(pa.string())
    return as_text(column.to_pandas(integer_object_nulls=True))  # a float cannot hold an order number
