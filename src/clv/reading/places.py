"""Where a shop's files lie: paths, folders, globs and places in packages → files, each once."""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from clv.declaring import homes
from clv.errors import InputError
from clv.language import tell

_PLAIN = (".csv", ".tsv", ".xlsx", ".xls", ".parquet")
_EXPORTS = (*_PLAIN, *(f"{ending}.gz" for ending in _PLAIN))


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
    path = _of_package(given, what) if given.startswith("package:") else None
    try:
        path = path or homes.path(given)
        if path.is_file():
            return [path]
        if path.is_dir():
            return _inside(path, what)
        hits = _globbed(path) if any(sign in given for sign in "*?[") else None
    except (OSError, RuntimeError, ValueError) as error:  # too long a name, or no right to look
        why = error.strerror if isinstance(error, OSError) else error
        raise InputError(
            tell(
                "{path!r} ({what:s}) cannot be looked for ({why}).",
                path=_shown(Path(given))[-80:],
                what=what,
                why=why,
            )
        ) from None
    if hits:
        return hits
    if hits is None:
        raise InputError(
            tell("there is no file {path!r} ({what:s}); check the path.", path=_shown(path), what=what)
        )
    raise InputError(
        tell(
            "no file matches the {what:s} {path!r}; check the folder and the pattern.",
            what=what,
            path=_shown(path),
        )
    )


def _of_package(given: str, what: str) -> Path:
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
    return Path(place.origin).parent / inside


def _globbed(path: Path) -> list[Path]:
    anchor = Path(path.anchor) if path.is_absolute() else Path()
    pattern = str(path.relative_to(anchor)) if path.is_absolute() else str(path)
    return sorted(hit for hit in anchor.glob(pattern) if hit.is_file())


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
