"""The ledger of a shop: what came of each campaign, one line each, added and never changed.

    {"kind": "result", "campaign": …, "cells": [{"offer": …, "sent": 913, …}], …, "seal": …}

Counts and sums only, nobody's id: lists can be deleted when their time is over, and what they taught stays.
`seal` is the fingerprint of the line and of all before it, so a line that somebody changed, moved or took out
is noticed (not the loss of the last ones, whole). A line is added to a copy that then takes the file's place,
under a lock: a reader finds the old ledger or the new one, and of two writers none loses a line. A campaign
that is recorded again is superseded by its later line.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from filelock import FileLock, Timeout
from pydantic import Field, model_validator

from clv.declaring import strict_json
from clv.declaring.moments import Day, Finite, Time
from clv.declaring.settings import Settings, validated
from clv.errors import InputError, SettingError
from clv.language import tell
from clv.whole_files import OWNER_ONLY, write_whole

PATIENCE = 30.0  # seconds that a writer waits for another
_SEAL = b', "seal": "'

Count = Annotated[int, Field(ge=0)]


class Cell(Settings):
    """Customers of one offer, channel and segment: how many were in each arm, and how many bought."""

    offer: str = Field(description="the offer's name; empty where the list names none")
    channel: str = Field(description="how it was sent; empty where the list does not say")
    kind: str = Field("", description="what kind of offer it is, where known")
    segment: str = Field("", description="the segment then, where known")
    sent: Count = Field(description="customers who were sent it")
    sent_bought: Count = Field(description="of them bought")
    control: Count = Field(description="customers who were left alone")
    control_bought: Count = Field(description="of them bought")

    @model_validator(mode="after")
    def _possible(self) -> "Cell":
        if self.sent_bought > self.sent or self.control_bought > self.control:
            raise ValueError("more customers bought than there were")
        return self


CELLS = ("campaign", *Cell.model_fields)


class Result(Settings):
    """What came of one campaign."""

    kind: Literal["result"] = "result"
    campaign: str = Field(min_length=1, description="its name")
    sent_on: Day = Field(description="day of sending")
    stops_on: Day = Field(description="last day that counts")
    recorded_at: Time = Field(description="when this line was added")
    cells: list[Cell] = Field(min_length=1, description="counts by offer, channel and segment")
    verdict: str = Field(description="what was said of it")
    profit: Finite = Field(description="earned beyond doing nothing (money of the whole campaign)")
    profit_low: Finite | None = Field(None, description="its 2.5 % end; missing where nothing can be said")
    profit_high: Finite | None = Field(None, description="its 97.5 % end")
    currency: str = Field("", description="what money is in")
    seal: str = Field("", description="fingerprint of this line and of all before it; `append` makes it")

    @model_validator(mode="after")
    def _whole(self) -> "Result":
        if self.stops_on < self.sent_on:
            raise ValueError(
                tell(
                    "stops_on {stops_on} lies before sent_on {sent_on}",
                    stops_on=self.stops_on,
                    sent_on=self.sent_on,
                )
            )
        low, high = self.profit_low, self.profit_high
        if (low is None) != (high is None) or (low is not None and low > high):
            raise ValueError("profit_low and profit_high should both be there, the low end first, or neither")
        names = [(cell.offer, cell.channel, cell.segment) for cell in self.cells]
        if len(set(names)) < len(names):
            raise ValueError("two cells are of the same offer, channel and segment; add them up")
        return self


def read(path: Path) -> list[Result]:
    """Return the results in a ledger, each campaign once, its last line; none where there is no file yet.

    Raises
    ------
    InputError
        The file cannot be read, a line is none of ours, or one was changed, lost or put elsewhere.
    """
    found = _results(path, _bytes(path))
    return list({one.campaign: one for one in found}.values())


def append(path: Path, result: Result) -> bool:
    """Add a result; return False, and add nothing, where the last line of its campaign says the same already.

    Raises
    ------
    InputError
        The ledger is damaged; nothing is added to it.
    SettingError
        Another writer holds it for half a minute, or it cannot be written.
    """
    path = Path(path).resolve()  # a link stays a link
    _check_ordinary(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=PATIENCE):
            return _append(path, result)
    except Timeout:
        raise SettingError(
            tell("another program is writing to {path}; try again when it is done.", path=path.name)
        ) from None
    except OSError as error:
        raise SettingError(
            tell(
                "{path} cannot be written ({strerror}); nothing was added.",
                path=path.name,
                strerror=error.strerror,
            )
        ) from None


def cells(results: Sequence[Result]) -> pd.DataFrame:
    """Return the counts of results as one table: CELLS and sent_on, one row per cell."""
    rows = [
        {"campaign": one.campaign, **cell.model_dump(), "sent_on": one.sent_on}
        for one in results
        for cell in one.cells
    ]
    found = pd.DataFrame(rows, columns=[*CELLS, "sent_on"])
    return found.assign(sent_on=pd.to_datetime(found["sent_on"]).astype("datetime64[ns]"))


def _append(path: Path, result: Result) -> bool:
    before = _bytes(path)
    same = [one for one in _results(path, before) if one.campaign == result.campaign]
    if same and _content(same[-1]) == _content(result):
        return False
    mode = path.stat().st_mode & 0o777 if path.exists() else OWNER_ONLY
    write_whole(path, before + _line(before, result), mode=mode, lasting=True)
    return True


def _check_ordinary(path: Path) -> None:
    """Refuse a device, which would be read for ever or replaced, and a folder."""
    if path.exists() and not path.is_file():
        raise InputError(
            tell("the ledger {path} is no ordinary file; name another in the shop file.", path=path.name)
        )


def _bytes(path: Path) -> bytes:
    _check_ordinary(path)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise InputError(
            tell("the ledger {path} cannot be read ({strerror}).", path=path.name, strerror=error.strerror)
        ) from None


def _results(path: Path, content: bytes) -> list[Result]:
    found, so_far = [], hashlib.sha256()
    for number, line in enumerate(content.splitlines(keepends=True), start=1):
        found.append(_result(path, number, line))
        said, _, _ = line.rpartition(_SEAL)
        so_far.update(said)
        if line != said + _seal(so_far):
            raise InputError(
                tell(
                    "line {number} of the ledger {path} is not as it was written: it was changed, or lines "
                    "before it were lost or put elsewhere; take back the copy that you keep of it.",
                    number=number,
                    path=path.name,
                )
            )
        so_far.update(_seal(so_far))
    return found


def _line(before: bytes, result: Result) -> bytes:
    said = json.dumps(result.model_dump(mode="json", exclude={"seal"}), ensure_ascii=False, allow_nan=False)
    unsealed = said.encode().removesuffix(b"}")
    return unsealed + _seal(hashlib.sha256(before + unsealed))


def _seal(so_far: "hashlib._Hash") -> bytes:
    """Return how a line ends, from the hash of everything up to here."""
    return _SEAL + so_far.hexdigest()[:24].encode() + b'"}\n'


def _result(path: Path, number: int, line: bytes) -> Result:
    place = tell("line {number} of the ledger {path}", number=number, path=path.name)
    try:
        data = strict_json.read(line)
        if not isinstance(data, dict):
            raise ValueError
    except ValueError:
        raise InputError(
            tell("{place} is damaged; take back the copy that you keep of it.", place=place)
        ) from None
    try:
        return validated(Result, data, noun="key", where=lambda _: place)
    except SettingError as error:
        raise InputError(str(error)) from None


def _content(result: Result) -> dict:
    return result.model_dump(exclude={"recorded_at", "seal"})
