"""Tables kept on disk between two runs: whole or not there, and made again when damaged.

$CLV_CACHE (else the user's cache folder) / NAME / KEY / *.parquet + words.json

`words.json` holds a fingerprint of each table's file and of itself: any other byte is damage. What is kept is
found by what it was made from, never by a time.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs
import pyarrow as pa
from filelock import FileLock

from clv import scratch
from clv.errors import NotNowError
from clv.keeping import fingerprints
from clv.language import tell
from clv.whole_files import OWNER_ONLY

_ENTRIES_PER_NAME = 12


@dataclass(frozen=True)
class Bundle:
    """Some tables, and what else there is to say about them (anything that JSON can say)."""

    frames: Mapping[str, pd.DataFrame]
    words: Mapping[str, Any]


def bundle(name: str, key: str, build: Callable[[], Bundle]) -> Bundle:
    """Return the bundle kept under `name` and `key`; build and keep it where there is none.

    Two processes that ask at once build it once. What `build` raises passes through, and nothing is kept.

    Raises
    ------
    NotNowError
        The cache cannot be written to, or does not give back what was written.
    """
    folder = _root() / name
    found = _load(folder / key)
    if found is None:
        with _alone(folder):
            found = _load(folder / key)
            if found is None:
                made = build()
                with _told(folder):
                    _save(made, folder / key)
                _forget_oldest(folder, but=folder / key)
                found = _load(folder / key)
    if found is None:
        raise NotNowError(
            tell(
                "the cache folder {parent} does not give back what was just written to it.",
                parent=folder.parent,
            )
        )
    return found


def entries(name: str) -> list[Path]:
    """Return the folders of what is kept under `name`, by their names."""
    folder = _root() / name
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def forget(name: str, keys: Iterable[str]) -> None:
    """Take away what is kept under `name` and these keys; what is not there is gone already.

    Raises
    ------
    NotNowError
        The cache cannot be written to.
    """
    folder = _root() / name
    with _alone(folder), _told(folder):
        for key in keys:
            if (folder / key).is_dir():
                shutil.rmtree(folder / key)


def _root() -> Path:
    return Path(os.environ.get("CLV_CACHE") or platformdirs.user_cache_dir("clv", appauthor=False))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Make the folder and hold it for one process at a time."""
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(folder.with_suffix(".lock"))
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Say in one sentence when the cache cannot be written to."""
    try:
        yield
    except OSError as error:
        raise NotNowError(
            tell(
                "the cache folder {folder} cannot be written to ({strerror}); make room there, or set "
                "CLV_CACHE to another.",
                folder=folder,
                strerror=error.strerror or type(error).__name__,
            )
        ) from None


def _load(folder: Path) -> Bundle | None:
    """Return the bundle of a folder, or None where it is missing or damaged."""
    try:
        words = json.loads((folder / "words.json").read_text("utf-8"))
        if words["seal"] != _seal(folder, words):
            return None
        frames = {name: _read(folder / f"{name}.parquet", mark) for name, mark in words["frames"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, pa.ArrowException):
        return None
    with suppress(OSError):  # a cache that we may only read
        os.utime(folder)
    return Bundle(frames, words["words"])


def _read(path: Path, mark: str) -> pd.DataFrame:
    if fingerprints.of_files([path]) != mark:
        raise ValueError("not as it was written")
    return pd.read_parquet(path)


def _save(made: Bundle, folder: Path) -> None:
    with closing(scratch.folder(scratch.NEW, place=folder.parent)) as room:
        fresh = room.path / folder.name
        fresh.mkdir(mode=0o700)
        marks = {}
        for name, frame in made.frames.items():
            path = fresh / f"{name}.parquet"
            frame.to_parquet(path)
            path.chmod(OWNER_ONLY)
            marks[name] = fingerprints.of_files([path])
        words = json.loads(json.dumps({"frames": marks, "words": dict(made.words)}))
        sealed = {**words, "seal": _seal(folder, words)}
        (fresh / "words.json").write_text(json.dumps(sealed, ensure_ascii=False), "utf-8")
        (fresh / "words.json").chmod(OWNER_ONLY)
        _clear(folder)
        fresh.replace(folder)


def _seal(folder: Path, words: Mapping[str, Any]) -> str:
    return fingerprints.of_values(folder.name, words["frames"], words["words"])


def _clear(path: Path) -> None:
    """Take away a damaged entry, whatever stands in its place."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _forget_oldest(folder: Path, *, but: Path) -> None:
    """Keep the entries used last, and the one just made, whatever the clock says."""
    others = [path for path in folder.iterdir() if path != but and not path.name.startswith(".")]
    for old in sorted(others, key=_used_at)[: -(_ENTRIES_PER_NAME - 1)]:
        _clear(old)


def _used_at(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:  # somebody took it away
        return 0.0
