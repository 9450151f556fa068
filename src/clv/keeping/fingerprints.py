"""Fingerprints of what a result was made from, so that what has not changed is not made again."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import clv
from clv.declaring.addresses import Address

KEY_LIBRARIES = ("duckdb", "ibis-framework", "lifetimes", "matplotlib", "numpy", "pandas", "scipy", "seaborn")


def of_values(*values: Any) -> str:
    """Return 24 hex digits that stand for `values` (anything that JSON can say)."""
    return _short(hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()))


def of_files(paths: Iterable[Path]) -> str:
    """Return 24 hex digits that stand for the names and the bytes of these files."""
    return of_values([[path.name, _digest(path)] for path in paths])


def of_tables(addresses: Iterable[Address]) -> dict[str, str]:
    """Return what stands for the rows of these tables, by their names.

    Raises
    ------
    InputError
        A database cannot be asked.
    """
    found = list(addresses)
    if not found:
        return {}
    from clv.databases import marks  # Ibis takes a while, and files do without it

    return {one.name: of_values(marks.of(one)) for one in found}


@cache
def of_package() -> str:
    """Return 24 hex digits that stand for every file of this package."""
    root = Path(clv.__file__).parent
    files = sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return of_values([[path.relative_to(root).as_posix(), _digest(path)] for path in files])


@cache
def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that results depend on."""
    return {name: _version(name) for name in KEY_LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return _short(hashlib.file_digest(file, "sha256"))


def _short(found: "hashlib._Hash") -> str:
    return found.hexdigest()[:24]
