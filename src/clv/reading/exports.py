"""One file of a shop → one table of tidy text; what platforms and Excel do to cells and headers ends here.

Text stays text: order numbers have up to 19 digits, which neither Excel nor a float can hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from clv.errors import InputError
from clv.language import tell
from clv.reading import cells, formats, packed
from clv.reading.places import find as find
from clv.veils import veiled

_LOOK_AT = 10  # rows


@dataclass(frozen=True)
class Export:
    """A file as text: `table` has tidy text columns, indexed by the row's number in the file (header = 1).

    `nested` are those of its columns that hold lists or records: no cell of a table, though text.
    """

    name: str
    encoding: str
    table: pd.DataFrame
    notes: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()

    def one_value(self, title: str) -> str:
        """Return a title of the table, if its cells hold one value each.

        Raises
        ------
        InputError
            They hold lists or records.
        """
        if title not in self.nested:
            return title
        raise InputError(
            tell(
                "{name}: the column {title!r} holds lists or records, where a cell has one value; write a "
                "row for each value, or rename the column.",
                name=self.name,
                title=title,
            )
        )


def read(
    path: str | Path,
    *,
    separator: str | None = None,
    names: Sequence[str] = (),
    no_rows: str = "was anything sold in the time it covers?",
) -> Export:
    """Read one CSV, TSV, Excel or Parquet file, packed by gzip or not, as tidy text.

    Parameters
    ----------
    separator
        What stands between cells; None finds it out; "blanks" is any run of blanks.
    names
        Headers for a file that may come without a header line.
    no_rows
        What to say of a file that holds a header alone.

    Raises
    ------
    InputError
        The file is missing, empty, no table, damaged or locked by a password.
    """
    path = Path(path)
    try:
        content = _content(path)
        if not content:
            raise InputError(tell("{path} is empty; export it again.", path=path.name))
        raw = formats.raw(content, path.name, separator)
        table = _with_header(raw.table, path.name, names, no_rows)
    except MemoryError:
        raise InputError(
            tell("{path} needs more memory than there is; export it in parts.", path=path.name)
        ) from None
    return Export(veiled(path.name), raw.encoding, table, raw.notes, tuple(map(cells.header, raw.nested)))


def _content(path: Path) -> bytes:
    """Return what a file holds, unpacked; a pipe, which might never end, is none.

    Raises
    ------
    InputError
        It is missing, cannot be opened, is damaged, or is no table by its size or its lines.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise InputError(tell("{path} is no file but a pipe or a device; name a file.", path=path.name))
        with path.open("rb") as stream:
            if packed.is_text(stream.read(4)):
                packed.refuse_endless_line(packed.pieces(stream), path.name)
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(tell("there is no file {path!r}; check the path.", path=str(path))) from None
    except OSError as error:
        raise InputError(
            tell("{path} cannot be opened ({strerror}).", path=path.name, strerror=error.strerror)
        ) from None
    return packed.unpacked(content, path.name)


def _with_header(raw: pd.DataFrame, name: str, names: Sequence[str], no_rows: str) -> pd.DataFrame:
    tidy = _tidied(raw).dropna(how="all")
    if tidy.empty:
        raise InputError(tell("{name} is empty; export it again.", name=name))
    at = _header_row(tidy)
    top = [cells.header(cell) for cell in tidy.loc[at]]
    if names and top[: len(names)] != list(names):
        top = [*names, *[""] * (tidy.shape[1] - len(names))]
    else:
        tidy = tidy.loc[at + 1 :]
    named = [bool(title) or tidy[column].notna().any() for title, column in zip(top, tidy, strict=True)]
    if tidy.empty:
        raise InputError(tell("{name} has a header but no rows; {no_rows}", name=name, no_rows=no_rows))
    kept = tidy.loc[:, named]
    return kept.set_axis(apart([t for t, keep in zip(top, named, strict=True) if keep]), axis=1)


def _tidied(raw: pd.DataFrame) -> pd.DataFrame:
    """Return tidy cells by row number; works in `raw`, for a large export is not to be there twice."""
    for column in raw:
        raw[column] = cells.tidy(raw[column])
    return raw.set_axis(raw.index + 1)


def _header_row(tidy: pd.DataFrame) -> int:
    """Return the first row with several filled cells, for a title has one."""
    several = tidy.head(_LOOK_AT).notna().sum(axis=1) > 1
    return int(several.idxmax() if several.any() else tidy.index[0])


def apart(titles: list[str]) -> list[str]:
    """Return titles told apart: a second 分销员 is '分销员 (2)', a nameless column has its number."""
    seen: dict[str, int] = {}
    found: dict[str, None] = {}  # in their order; a hostile header has thousands
    for at, title in enumerate(titles, start=1):
        title = title or f"column {at}"
        seen[title] = seen.get(title, 0) + 1
        told = title if seen[title] == 1 else f"{title} ({seen[title]})"
        while told in found:  # a header of the file's own may read so
            told += " (2)"
        found[told] = None
    return list(found)
