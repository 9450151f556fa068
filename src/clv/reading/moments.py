"""Cells of an export → moments: dates after Excel, ISO, Chinese, compact, or as the caller says."""

import re
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pandas as pd

from clv.errors import InputError, SettingError, nearest
from clv.language import tell
from clv.reading.cells import each_once, narrow

_CLOCK = r"(?:[T\s]*(?P<hour>\d{1,2})[:时](?P<minute>\d{2})(?:[:分](?P<second>\d{2})(?:\.\d+)?)?[秒分]?)?$"
_YEAR_FIRST = r"^(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?" + _CLOCK
_YEAR_LAST = r"^(?P<one>\d{1,2})[-/.](?P<two>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK
_OFFSET = r"(?<=:\d{2})(?:\.\d+)?\s*(?P<zone>Z|UTC|[+-](?:0\d|1[0-4]):?[0-5]\d)$"
_SERIAL_DAYS = (36526, 73051)  # Excel's day numbers of 2000-01-01 and 2100-01-01
_LAST_YEAR = 2100


def moments(
    text: pd.Series,
    *,
    what: str,
    date_format: str | None = None,
    timezone: str | None = None,
    first_year: int = 2000,
) -> pd.Series:
    """Return a column of moments, naive local time; missing where the cell is missing or cannot be read.

    Parameters
    ----------
    text
        Tidy cells: 2017/5/30 23:18, 2024-01-31 10:00:00 +0800, 2017年5月30日, 20170530, Excel's day numbers,
        or whatever `date_format` says.
    what
        How an error names the column.
    timezone
        Where stamps that carry an offset are moved to; None keeps their own local time.
    first_year
        Earlier years, and years after 2100, are not believed.

    Raises
    ------
    InputError
        Days and months cannot be told apart and no `date_format` is given.
    SettingError
        There is no such time zone.
    """
    zone = _zone(timezone)

    def work(distinct: pd.Series) -> pd.Series:
        distinct = narrow(distinct)
        offset = distinct.str.extract(_OFFSET, expand=False)
        bare = distinct.str.replace(_OFFSET, "", regex=True).str.strip()
        stamp = _stamps(bare, what, date_format)
        known = stamp.dt.year.between(first_year, _LAST_YEAR)
        return _moved(stamp.where(known), offset, zone)

    return each_once(text, work).astype("datetime64[ns]")


def _zone(timezone: str | None) -> ZoneInfo | None:
    if timezone is None:
        return None
    if timezone not in available_timezones():
        near = nearest(timezone, available_timezones())
        hint = near if near.startswith("did") else "write it as Asia/Shanghai"
        raise SettingError(tell("there is no time zone {timezone!r}; {hint}.", timezone=timezone, hint=hint))
    return ZoneInfo(timezone)


def _moved(stamp: pd.Series, offset: pd.Series, zone: ZoneInfo | None) -> pd.Series:
    if zone is None or offset.isna().all():
        return stamp
    sign = np.where(offset.str.startswith("-"), -1, 1)
    digits = offset.str.replace(r"Z|UTC", "+0000", regex=True).str.replace(r"\D", "", regex=True)
    minutes = sign * (pd.to_numeric(digits.str[:2]) * 60 + pd.to_numeric(digits.str[2:]))
    world = stamp - pd.to_timedelta(minutes, unit="min")
    local = world.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
    return stamp.where(offset.isna(), local)


def _stamps(text: pd.Series, what: str, date_format: str | None) -> pd.Series:
    found = pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")  # nanoseconds end in 2262
    readers = [_iso, _year_first, _compact, _serial]
    if date_format:
        readers = [lambda cells: _as_told(cells, date_format), *readers]
    else:
        readers.append(lambda cells: _year_last(cells, what))
    for reader in readers:
        left = found.isna() & text.notna()
        if not left.any():
            break
        found = found.fillna(reader(text[left]).astype("datetime64[us]").reindex(found.index))
    return found


def _as_told(text: pd.Series, date_format: str) -> pd.Series:
    form = date_format.replace("%z", "").strip()
    try:
        if "%" not in form:
            raise ValueError
        return pd.to_datetime(text, format=form, errors="coerce")
    except (ValueError, re.error):  # pandas makes a pattern of it, in which nothing may come twice
        raise SettingError(
            tell(
                "{date_format!r} is not a date format; write it as '%d/%m/%Y %H:%M'.", date_format=date_format
            )
        ) from None


def _iso(text: pd.Series) -> pd.Series:
    sure = text.where(text.str.fullmatch(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?"))
    return pd.to_datetime(sure, format="ISO8601", errors="coerce")


def _year_first(text: pd.Series) -> pd.Series:
    return _assembled(text.str.extract(_YEAR_FIRST))


def _compact(text: pd.Series) -> pd.Series:
    day = pd.to_datetime(text.where(text.str.fullmatch(r"\d{8}")), format="%Y%m%d", errors="coerce")
    second = text.where(text.str.fullmatch(r"\d{12}[0-5]\d"))  # strptime takes 60 seconds too
    return day.fillna(pd.to_datetime(second, format="%Y%m%d%H%M%S", errors="coerce"))


def _serial(text: pd.Series) -> pd.Series:
    days = pd.to_numeric(text.where(text.str.fullmatch(r"\d{5}(\.\d+)?")), errors="coerce").astype(float)
    seconds = (days.where(days.between(*_SERIAL_DAYS)) * 86400).round()
    return pd.Timestamp("1899-12-30") + pd.to_timedelta(seconds, unit="s")


def _year_last(text: pd.Series, what: str) -> pd.Series:
    parts = text.str.extract(_YEAR_LAST)
    if parts["year"].isna().all():
        return pd.Series(pd.NaT, index=text.index)
    one, two = pd.to_numeric(parts["one"]).max(), pd.to_numeric(parts["two"]).max()
    if (one > 12) == (two > 12):
        raise InputError(
            tell(
                "{what}: days and months cannot be told apart in dates like 03/04/2026; say which comes "
                "first with date_format, for example '%d/%m/%Y' or '%m/%d/%Y'.",
                what=what,
            )
        )
    names = {"one": "day", "two": "month"} if one > 12 else {"one": "month", "two": "day"}
    return _assembled(parts.rename(columns=names))


def _assembled(parts: pd.DataFrame) -> pd.Series:
    numbers = parts.apply(pd.to_numeric).astype(float)
    clock = ["hour", "minute", "second"]
    numbers[clock] = numbers[clock].fillna(0)
    for name, most in (("hour", 24), ("minute", 60), ("second", 60)):  # pandas would carry 25:00
        numbers[name] = numbers[name].where(numbers[name] < most)
    return pd.to_datetime(numbers[["year", "month", "day", *clock]], errors="coerce")
