"""Festivals: Chinese retail dates from 2015 to 2030, and the days around them on which gifts are bought.

The days are facts: lunar ones reckoned with lunar_python, Mother's Day the second Sunday of May. The windows
`from` to `to` are conventions of the trade, longer than the day and never the same two years running. They
stand in festivals.csv, where they may be edited.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files

import pandas as pd

from clv.errors import SettingError, nearest


def table() -> pd.DataFrame:
    """Return all festivals by day: name_zh, name (English), day, from, to (both ends included)."""
    return _read().copy(deep=False)


def touched(start: date, end: date) -> frozenset[str]:
    """Return the Chinese names of the festivals whose day lies from `start` to `end`, both included.

    Outside 2015 to 2030 nothing is known, so nothing is touched.
    """
    known = _read()
    within = known["day"].between(pd.Timestamp(start), pd.Timestamp(end))
    return frozenset(known.loc[within, "name_zh"])


def windows_of(names: Iterable[str], *, before: date) -> pd.DataFrame:
    """Return the windows of these festivals that had closed before a day.

    Seen from the festival that comes next, these are the ones of earlier years.

    Parameters
    ----------
    names
        Names in Chinese or English, capitals or not: 七夕, Qixi.
    before
        The day; a window that is still open on it is left out.

    Returns
    -------
    Rows of `table()`, the earliest first.

    Raises
    ------
    SettingError
        There is no such festival; with the nearest.
    """
    known = _read()
    wanted = {_name_zh(name) for name in names}
    closed = known["to"] < pd.Timestamp(before)
    return known[known["name_zh"].isin(wanted) & closed].reset_index(drop=True)


@cache
def _read() -> pd.DataFrame:
    with (files("clv") / "festivals.csv").open(encoding="utf-8") as file:
        found = pd.read_csv(file, comment="#", dtype={"name_zh": str, "name": str})
    days = found[["day", "from", "to"]].apply(pd.to_datetime, format="%Y-%m-%d")
    return found.assign(**days).sort_values(["day", "name_zh"], ignore_index=True)


@cache
def _names() -> dict[str, str]:
    known = _read()
    pairs = zip(known["name"].str.lower(), known["name_zh"], strict=True)
    return dict(pairs) | {name.lower(): name for name in known["name_zh"]}


def _name_zh(name: str) -> str:
    found = _names().get(str(name).strip().lower())
    if found is None:
        known = {*_read()["name_zh"], *_read()["name"]}
        raise SettingError(f"there is no festival {name!r}; {nearest(name, known)}")
    return found
