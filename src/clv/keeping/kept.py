"""Tables kept on disk between two runs: whole or not there, and made again when damaged.

$CLV_CACHE (else the user's cache folder) / NAME / KEY / *.parquet + words.json
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs
import pyarrow as pa
from filelock import FileLock

from clv.errors import SettingError
from clv.language import tell

_ENTRIES_PER_NAME = 12


@dataclass(frozen=True)
class Bundle:
    """Some tables, and what else there is to say about them (anything that JSON can say)."""

    frames: Mapping[str, pd.DataFrame]
    words: Mapping[str, Any]


def bundle(name: str, key: str, build: Callable[[], Bundle]) -> Bundle:
    """Return the bundle kept under `name` and `key`; build and keep it where there is none.

    Two processes that ask at once build it once. What `build` raises passes through, and nothing is kept.
    """
    folder = _root() / name
    _make(folder)
    found = _load(folder / key)
    if found is None:
        with FileLock(folder.with_suffix(".lock")):
            found = _load(folder / key)
            if found is None:
                _save(build(), folder / key)
                _forget_oldest(folder)
                found = _load(folder / key)
    if found is None:
        raise SettingError(
            tell(
                "the cache folder {parent} does not give back what was just written to it.",
                parent=folder.parent,
            )
        )
    return found


def _root() -> Path:
    return Path(os.environ.get("CLV_CACHE") or platformdirs.user_cache_dir("clv", appauthor=False))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingError(
            tell(
                "the cache folder {folder} cannot be made ({strerror}); set CLV_CACHE to another.",
                folder=folder,
                strerror=error.strerror,
            )
        ) from None


def _load(folder: Path) -> Bundle | None:
    """Return the bundle of a folder, or None where it is missing or damaged."""
    try:
        words = json.loads((folder / "words.json").read_text("utf-8"))
        frames = {name: _read(folder / f"{name}.parquet") for name in words["frames"]}
        os.utime(folder)
        return Bundle(frames, words["words"])
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return None


def _read(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path, page_checksum_verification=True)


def _save(made: Bundle, folder: Path) -> None:
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    try:
        for name, frame in made.frames.items():
            frame.to_parquet(fresh / f"{name}.parquet", write_page_checksum=True)
        words = {"frames": list(made.frames), "words": dict(made.words)}
        (fresh / "words.json").write_text(json.dumps(words, ensure_ascii=False), "utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.replace(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _forget_oldest(folder: Path) -> None:
    entries = sorted((p for p in folder.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
    for old in entries[:-_ENTRIES_PER_NAME]:
        shutil.rmtree(old, ignore_errors=True)
