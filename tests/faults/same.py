"""What runs left, byte for byte, without the times of making and what is reckoned from these."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pandas as pd

from faults import whole

_MADE = re.compile(
    rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d|Z)?|\d{1,2} \w+ \d{4}, \d\d:\d\d"
    rb"|\b\d+\.\d s\b|<!-- [0-9a-f]{24} -->"
)
_KEY = re.compile(rb"\b[0-9a-f]{24}\b")  # of what is about earlier runs it stands for their times too
_OF_TIME = {"made_at", "seconds", "seal", "left", "at", "recorded_at", "registered_at"}
_NOT_COMPARED = ("cache", "temporary")  # what is kept is compared through what is made of it


def snapshot(folder: Path) -> dict[str, Any]:
    """Return what stands below the folder, by its path."""
    paths = [path for path in whole.files(folder) if path.relative_to(folder).parts[0] not in _NOT_COMPARED]
    return {path.relative_to(folder).as_posix(): _content(path) for path in paths}


def differences(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Return what differs: paths that are missing, too many, or of other content."""
    missing = [f"{path} is missing" for path in wanted.keys() - found.keys()]
    more = [f"{path} is too many" for path in found.keys() - wanted.keys()]
    both = sorted(wanted.keys() & found.keys())
    return [*sorted(missing), *sorted(more), *(f"{one} differs" for one in both if wanted[one] != found[one])]


def _content(path: Path) -> Any:
    if path.suffix in (".json", ".jsonl"):
        texts = [path.read_text("utf-8")] if path.suffix == ".json" else path.read_text("utf-8").splitlines()
        said = [_without_times(json.loads(text)) for text in texts]
        return [{**one, "key": ""} for one in said] if _is_about_runs(path) else said
    if path.suffix == ".xlsx":
        with ZipFile(path) as file:
            return {name: _MADE.sub(b"then", file.read(name)) for name in file.namelist()}
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path)
        return frame.to_csv(), _without_times(frame.attrs)
    data = path.read_bytes()
    if path.suffix != ".html":
        return data
    told = _MADE.sub(b"then", data)
    return _KEY.sub(b"key", told) if _is_about_runs(path) else told


def _is_about_runs(path: Path) -> bool:
    return "_all" in path.parts or path.name == "changes.html"


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_times(part) for name, part in value.items() if name not in _OF_TIME}
    return [_without_times(part) for part in value] if isinstance(value, list) else value
