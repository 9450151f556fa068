"""One file of a shop → one table of tidy text; what platforms and Excel do to cells and headers ends here.

Text stays text: order numbers have up to 19 digits, which neither Excel nor a float can hold.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from clv.errors import InputError
from clv.language import tell
from clv.reading import cells, formats

_LOOK_AT = 10  # rows
_PLAIN = (".csv", ".tsv", ".xlsx", ".xls", ".parquet")
_EXPORTS = (*_PLAIN, *(f"{ending}.gz" for ending in _PLAIN))


@dataclass(frozen=True)
class Export:
    """A file as text: `table` has tidy text columns, indexed by the row's number in the file (header = 1)."""

    name: str
    encoding: str
    table: pd.DataFrame
    notes: tuple[str, ...] = ()


def find(paths: str | Path | Iterable[str | Path], *, what: str = "") -> list[Path]:
    """Return the files that paths, folders, globs and `package:name/inside` stand for, each once.

    A folder stands for the exports that lie in it: CSV, TSV, Excel and Parquet, gzipped or not, by name.
    `what`: what errors call them, told or a key of the shop file; without it, the order export.

    Raises
    ------
    InputError
        A path, folder or glob stands for no file.
    """
    what = what or tell("order export")
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    if not given:
        raise InputError(
            tell("no {what:s} is named; give a path or a glob such as ExportOrderList*.csv.", what=what)
        )
    found = [path for one in given for path in _matches(str(one), what)]
    return list(dict.fromkeys(found))


def _matches(given: str, what: str) -> list[Path]:
    if given.startswith("package:"):
        package, _, inside = given.removeprefix("package:").partition("/")
        place = find_spec(package) if package.isidentifier() else None  # found, not imported
        if place is None or place.origin is None:
            raise InputError(
                tell(
                    "the package {package!r} of the {what:s} {given!r} is not installed.",
                    package=package,
                    what=what,
                    given=given,
                )
            )
        path = Path(place.origin).parent / inside
    else:
        path = Path(given).expanduser()
    if path.is_file():
        return [path]
    if path.is_dir():
        return _inside(path, what)
    if any(sign in given for sign in "*?["):
        anchor = Path(path.anchor) if path.is_absolute() else Path()
        pattern = str(path.relative_to(anchor)) if path.is_absolute() else str(path)
        hits = sorted(hit for hit in anchor.glob(pattern) if hit.is_file())
        if hits:
            return hits
        raise InputError(
            tell(
                "no file matches the {what:s} {path!r}; check the folder and the pattern.",
                what=what,
                path=_shown(path),
            )
        )
    raise InputError(
        tell("there is no file {path!r} ({what:s}); check the path.", path=_shown(path), what=what)
    )


def _inside(folder: Path, what: str) -> list[Path]:
    """Return the exports in a folder; what Excel and other programs hide there is none."""
    named = sorted(path for path in folder.iterdir() if not path.name.startswith((".", "~$", "_")))
    found = [path for path in named if path.name.lower().endswith(_EXPORTS) and path.is_file()]
    if not found:
        raise InputError(
            tell(
                "the folder {path!r} holds no {what:s} (.csv, .tsv, .xlsx, .xls or .parquet).",
                path=_shown(folder),
                what=what,
            )
        )
    return found


def _shown(path: Path) -> str:
    """Name a path without the folders of this machine: the sentence may stand in a shared overview."""
    return f"…/{path.parent.name}/{path.name}" if path.is_absolute() else str(path)


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
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(tell("there is no file {path!r}; check the path.", path=str(path))) from None
    except OSError as error:
        raise InputError(
            tell("{path} cannot be opened ({strerror}).", path=path.name, strerror=error.strerror)
        ) from None
    content = formats.unpacked(content, path.name)
    if not content:
        raise InputError(tell("{path} is empty; export it again.", path=path.name))
    encoding, raw, notes = formats.raw(content, path.name, separator)
    table = _with_header(raw, path.name, names, no_rows)
    return Export(path.name, encoding, table, notes)


def _with_header(raw: pd.DataFrame, name: str, names: Sequence[str], no_rows: str) -> pd.DataFrame:
    tidy = raw.apply(cells.tidy)
    tidy.index = pd.RangeIndex(1, len(tidy) + 1)
    tidy = tidy.dropna(how="all")
    if tidy.empty:
        raise InputError(tell("{name} is empty; export it again.", name=name))
    at = _header_row(tidy)
    top = [cells.header(cell) for cell in raw.iloc[at - 1]]
    if names and top[: len(names)] != list(names):
        top = [*names, *[""] * (tidy.shape[1] - len(names))]
    else:
        tidy = tidy.loc[at + 1 :]
    named = [bool(title) or tidy[column].notna().any() for title, column in zip(top, tidy, strict=True)]
    if tidy.empty:
        raise InputError(tell("{name} has a header but no rows; {no_rows}", name=name, no_rows=no_rows))
    kept = tidy.loc[:, named]
    return kept.set_axis(apart([t for t, keep in zip(top, named, strict=True) if keep]), axis=1)


def _header_row(tidy: pd.DataFrame) -> int:
    """Return the first row with several filled cells, for a title has one."""
    several = tidy.head(_LOOK_AT).notna().sum(axis=1) > 1
    return int(several.idxmax() if several.any() else tidy.index[0])


def apart(titles: list[str]) -> list[str]:
    """Return titles told apart: a second 分销员 is '分销员 (2)', a nameless column has its number."""
    seen: dict[str, int] = {}
    found = []
    for at, title in enumerate(titles, start=1):
        title = title or f"column {at}"
        seen[title] = seen.get(title, 0) + 1
        found.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return found
