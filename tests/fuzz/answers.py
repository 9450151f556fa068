"""What every answer to a fuzzed declaration must hold: one sentence if it is refused, sound values else."""

import atexit
import math
import os
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from clv.errors import ClvError

_CONTROLS = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_MEMORY = "/dev/shm"  # Linux
LONGEST = 2500  # characters of a sentence


def hold(error: ClvError) -> None:
    """Check that an error is one sentence that any terminal can show."""
    said = str(error)
    assert said.endswith((".", "?")) or "known: " in said, said
    assert not _CONTROLS.search(said), ascii(said)
    assert len(said) <= LONGEST, (len(said), said[:300])


@cache
def folder() -> Path:
    """Return a folder of this process for files that a case needs; in memory where there is such a place.

    On a disk, to open a file can cost more than all that is done with it.
    """
    found = tempfile.mkdtemp(prefix="clv-declared-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None)
    atexit.register(forget)
    return Path(found)


def forget() -> None:
    """Take the folder away, if there is one."""
    if folder.cache_info().currsize:
        shutil.rmtree(folder(), ignore_errors=True)


def written(name: str, data: bytes) -> Path:
    """Return a file with these bytes."""
    path = folder() / name
    path.write_bytes(data)
    return path


def plain(value: Any, levels: int = 51) -> None:
    """Check that a value is of JSON's kinds, finite, not deep, and can be written."""
    assert levels > 0, "nested deeper than said"
    if isinstance(value, dict):
        for key, one in value.items():
            assert isinstance(key, str)
            plain(key, levels)
            plain(one, levels - 1)
    elif isinstance(value, list):
        for one in value:
            plain(one, levels - 1)
    elif isinstance(value, str):
        value.encode()
    elif isinstance(value, float):
        assert math.isfinite(value)
    else:
        assert value is None or isinstance(value, bool) or abs(value) < 10**200


@cache
def customers() -> pd.DataFrame:
    """Return customers from those who bought once today to those who buy every day."""
    rows = [(0, 0, 0), (0, 0, 400), (1, 1, 1), (1, 300, 301), (3, 90, 4000), (40, 365, 370), (900, 900, 900)]
    found = pd.DataFrame(rows, columns=["frequency", "recency", "T"]).astype("int64")
    amounts = [0.0, 0.0, 0.01, 99.5, 1e6, 500.0, 20.0]
    until = pd.Timestamp("2026-06-30")
    return found.assign(
        monetary_value=amounts,
        orders=found["frequency"] + 1,
        total_spend=[1.0, 1e6, 0.02, 199.0, 4e6, 2e4, 1.8e4],
        first_order=until - pd.to_timedelta(found["T"], unit="D"),
        last_order=until - pd.to_timedelta(found["T"] - found["recency"], unit="D"),
        days_since_last=found["T"] - found["recency"],
        category=pd.Series(["ring", None] * 3 + [None], dtype="str"),
        channel=pd.Series(["shop"] * 7, dtype="str"),
    ).set_axis([f"c{n}" for n in range(7)])
