"""Segmentation schemes, one declarative YAML file each; a shop can add its own.

The files beside this module are the schemes that the kit ships, each a partition of all customers. Those in
`as_published/` say what others published, faults included: the linter (`clv.faults`) reads them, nothing is
segmented by them.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml

from clv.declaring import strict_yaml, texts
from clv.declaring.settings import validated
from clv.errors import SettingError, nearest
from clv.language import tell
from clv.schemes import cells
from clv.schemes.axes import is_reversed
from clv.schemes.contract import Scheme

FILE_ENDINGS = (".yml", ".yaml")
FIXED = "eight-fixed"  # the scheme whose thresholds a shop sets


def names() -> list[str]:
    """Return the schemes that the kit ships, those that take least effort to apply first."""
    return sorted(_files(""), key=lambda name: (_shipped(name).effort, name))


def published() -> list[str]:
    """Return the names of the schemes kept as others published them, faults included."""
    return sorted(_files("as_published"))


def field(*, thresholds: Mapping[str, float] | None = None, own: Sequence[Scheme] = ()) -> list[Scheme]:
    """Return all schemes that the kit ships, and a shop's own after them.

    Parameters
    ----------
    thresholds
        The shop's numbers for the eight classes at fixed thresholds, as in `load`.
    own
        Schemes of the shop.

    Raises
    ------
    SettingError
        Two of them have one id, or there is no such threshold.
    """
    shipped = [load(name, thresholds=thresholds if name == FIXED else None) for name in names()]
    ids = [scheme.id for scheme in (*shipped, *own)]
    twice = next((name for name in ids if ids.count(name) > 1), None)
    if twice:
        raise SettingError(tell("two schemes are called {twice!r}; rename the file of one.", twice=twice))
    return [*shipped, *own]


def find(among: Sequence[Scheme], name: str) -> Scheme:
    """Return the scheme with this id.

    Raises
    ------
    SettingError
        There is none; with the nearest.
    """
    found = next((scheme for scheme in among if scheme.id == name), None)
    if found is None:
        raise SettingError(
            tell(
                "there is no scheme {name!r}; {nearest}",
                name=name,
                nearest=nearest(name, [one.id for one in among]),
            )
        )
    return found


def load(name: str, *, thresholds: Mapping[str, float] | None = None) -> Scheme:
    """Return a scheme that customers can be segmented by: a shipped one by its name, or the file of a shop.

    Parameters
    ----------
    name
        A name of `names()`, or the path of a scheme file that ends in .yml.
    thresholds
        Other numbers for axes that are cut in two at a fixed number: {"R": 180, "F": 2, "M": 2000}.

    Raises
    ------
    SettingError
        There is no such scheme, the file breaks the contract, or it does not give every customer one segment.
    """
    if str(name).lower().endswith(FILE_ENDINGS):
        scheme = read(Path(name))
    elif name in published():
        raise SettingError(
            tell("{name!r} is kept as others published it, for `clv check-scheme` alone.", name=name)
        )
    else:
        scheme = _shipped(name)
    if thresholds:
        _check_thresholds(scheme, thresholds)
        scheme = scheme.with_thresholds(dict(thresholds))
    check_usable(scheme)
    return scheme


def load_file(path: Path) -> Scheme:
    """Return the scheme of a shop's file, as `load`.

    Raises
    ------
    SettingError
        As `load`; also where the name does not end in .yml.
    """
    if path.suffix.lower() not in FILE_ENDINGS:
        raise SettingError(tell("{path!r} should end in .yml; it is to be a scheme file.", path=path.name))
    return load(str(path))


def read(path: Path | str) -> Scheme:
    """Return the scheme in a file as it stands, sound or not; `clv.faults` says what is wrong with it.

    Raises
    ------
    SettingError
        The file is missing, is not YAML, or says what no scheme can say; with the line.
    """
    path = Path(path)
    try:
        text = texts.read(path)
    except FileNotFoundError:
        raise SettingError(
            tell("there is no scheme file {path!r}; `clv schemes` lists those in the kit.", path=path.name)
        ) from None
    except UnicodeDecodeError:
        raise SettingError(tell("{path} is not UTF-8 text; save it as UTF-8.", path=path.name)) from None
    except OSError as error:
        raise SettingError(
            tell("{path} cannot be read: {strerror}.", path=path.name, strerror=error.strerror)
        ) from None
    return parse(text, id=path.stem, file=path.name)


def read_published(name: str) -> Scheme:
    """Return a scheme as others published it."""
    if name not in published():
        raise SettingError(
            tell(
                "there is no published scheme {name!r}; {nearest}",
                name=name,
                nearest=nearest(name, published()),
            )
        )
    return _read_own("as_published", name)


def parse(text: str, *, id: str, file: str = "the scheme") -> Scheme:
    """Return the scheme that a YAML text says; `file` is how errors call the text.

    Raises
    ------
    SettingError
        As `read`.
    """
    try:
        data, root = strict_yaml.read(text)
    except SettingError as error:
        raise SettingError(f"{file}, {error}") from None
    if not isinstance(data, dict):
        raise SettingError(tell("{file} is empty or no mapping; it should begin with 'name:'.", file=file))
    if "id" in data:
        raise SettingError(
            tell(
                "{file}, line {line}: unknown key 'id'; the file's name is the id.",
                file=file,
                line=_line(root, ("id",)),
            )
        )

    def where(steps: tuple[str | int, ...]) -> str:
        line = _line(root, tuple(step for step in steps if step not in ("list", "word")))
        return tell("{file}, line {line}", file=file, line=line) if line else file

    try:
        return validated(Scheme, {**data, "id": id}, noun="key", where=where)
    except SettingError as error:  # the tags of the two forms of a key are ours, not the file's
        raise SettingError(re.sub(r"\.(list|word)\b", "", str(error))) from None


def _line(root: yaml.Node | None, steps: tuple[str | int, ...]) -> int | None:
    """Return the line of the deepest key of the path that is there: pydantic adds steps of its own."""
    found = [strict_yaml.line(root, steps[:n]) for n in range(len(steps), 0, -1)]
    return next((line for line in found if line), None)


@cache
def _shipped(name: str) -> Scheme:
    if name not in _files(""):
        raise SettingError(
            tell("there is no scheme {name!r}; {nearest}", name=name, nearest=nearest(name, _files("")))
        )
    return _read_own("", name)


def _read_own(folder: str, name: str) -> Scheme:
    entry = (
        files(__name__).joinpath(folder, f"{name}.yml") if folder else files(__name__).joinpath(f"{name}.yml")
    )
    return parse(entry.read_text(encoding="utf-8"), id=name, file=f"schemes/{folder or '.'}/{name}.yml")


def _files(folder: str) -> list[str]:
    root = files(__name__).joinpath(folder) if folder else files(__name__)
    return [entry.name.removesuffix(".yml") for entry in root.iterdir() if entry.name.endswith(".yml")]


def _check_thresholds(scheme: Scheme, thresholds: Mapping[str, float]) -> None:
    for letter, number in thresholds.items():
        axis = scheme.axes.get(letter)
        is_free = axis is not None and (axis.at == "median, rounded" or isinstance(axis.at, list))
        if not is_free or axis.levels != 2:
            raise SettingError(
                tell(
                    "scheme {scheme!r} has no fixed threshold {letter}; eight-fixed has R, F and M.",
                    scheme=scheme.id,
                    letter=letter,
                )
            )
        if not 0 < number < float("inf"):
            raise SettingError(
                tell(
                    "the threshold {letter} is {number!r}; give a number above 0.",
                    letter=letter,
                    number=number,
                )
            )


def check_usable(scheme: Scheme) -> None:
    """Refuse, in one sentence, a scheme that would leave somebody over, or make somebody two things."""
    strange, gap, overlap = cells.strangers(scheme), cells.gaps(scheme), cells.overlaps(scheme)
    total = len(cells.codes(scheme))
    if strange:
        raise SettingError(
            tell(
                "scheme {scheme!r}: no customer can be in the cell {first!r}; correct it.",
                scheme=scheme.id,
                first=strange[0],
            )
        )
    if gap:
        raise SettingError(
            tell(
                "scheme {scheme!r} leaves {gap} of {total} cells without a segment, the first "
                "{in_words}; give each cell a segment.",
                scheme=scheme.id,
                gap=len(gap),
                total=total,
                in_words=cells.in_words(scheme, gap[0]),
            )
        )
    if overlap:
        raise SettingError(
            tell(
                "scheme {scheme!r} gives {overlap} of {total} cells more than one segment, the first "
                "{in_words}; give each cell one.",
                scheme=scheme.id,
                overlap=len(overlap),
                total=total,
                in_words=cells.in_words(scheme, overlap[0]),
            )
        )
    turned = [letter for letter, axis in scheme.axes.items() if is_reversed(letter, axis)]
    if turned:
        raise SettingError(
            tell(
                "scheme {scheme!r}, axis {first}: high: {high} would call the worst customers the best; "
                "leave `high` out.",
                scheme=scheme.id,
                first=turned[0],
                high=scheme.axes[turned[0]].high,
            )
        )
    untied = [letter for letter, axis in scheme.axes.items() if axis.ties != "together"]
    if untied:
        raise SettingError(
            tell(
                "scheme {scheme!r}, axis {first}: ties: {ties} would give equal customers different "
                "segments; use ties: together.",
                scheme=scheme.id,
                first=untied[0],
                ties=scheme.axes[untied[0]].ties,
            )
        )
