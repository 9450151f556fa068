"""Festivals: Chinese retail dates from 2015 to 2030, and the days around them on which people buy.

The days are facts: lunar ones reckoned with lunar_python, Mother's Day the second Sunday of May, Father's Day
the third of June. The windows `from` to `to` are conventions of the trade, longer than the day and never the
same two years running. They stand in festivals.csv; a shop's own file extends them or takes their place.

A function that looks at windows takes them as `known`, a table as `table()` returns it; None is `table()`.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

import pandas as pd

from clv.errors import InputError, SettingError, nearest
from clv.language import tell
from clv.reading import exports, moments

COLUMNS = ["name_zh", "name", "day", "from", "to"]
LONGEST = 183  # days; beyond half a year ordinary days would be the exception
_HEADERS = {
    "name": ("name_zh", "名称", "节日"),
    "from": ("start", "开始", "开始日期"),
    "to": ("end", "结束", "结束日期"),
    "day": ("日期", "当日"),
    "name_en": ("英文名",),
}


def table(own: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return all festivals by day: name_zh, name (English), day, from, to (both ends included).

    Parameters
    ----------
    own
        A shop's windows, as `load` reads them. Those of a name and year take the place of ours.
    """
    ours = _read().copy(deep=False)
    if own is None:
        return ours
    replaced = _keys(ours).isin(_keys(own))
    both = pd.concat([ours[~replaced], own], ignore_index=True)
    return both.sort_values(["day", "name_zh", "from"], ignore_index=True)


def load(path: str | Path) -> pd.DataFrame:
    """Return a shop's own windows from a CSV or Excel file.

    Its columns are name (in Chinese or English), from, to (both ends included), and where wanted day (else
    the last day of the window) and name_en. A name may come several times a year, with windows apart.

    Returns
    -------
    Rows as `table()` has them, for `table(own)`.

    Raises
    ------
    InputError
        A column is missing or unknown, a name is missing, a day cannot be read or lies outside its window,
        a window ends before it begins or is longer than half a year, or two of one name overlap; says which
        line.
    """
    export = exports.read(path, no_rows=tell("leave `festivals:` out of the shop file until there are any."))
    text = export.table.rename(columns=_titles(export.table.columns, export.name))
    named = [name for name in ("from", "to", "day") if name in text]
    days = {name: moments.moments(text[name], what=name, first_year=1990) for name in named}
    for name, column in days.items():
        _refuse(
            export.name,
            text[name].notna() & column.isna(),
            tell("{name} cannot be read; write 2026-11-11", name=name),
        )
    _refuse(export.name, text["name"].isna(), "there is no name; fill it")
    found = pd.DataFrame(days).assign(**_called(text))
    found["day"] = found["day"].fillna(found["to"]) if "day" in found else found["to"]
    _check(found, export.name)
    return found[COLUMNS].sort_values(["day", "name_zh"], ignore_index=True)


def touched(start: date, end: date, *, known: pd.DataFrame | None = None) -> frozenset[str]:
    """Return the Chinese names of the festivals whose day lies from `start` to `end`, both included.

    Where nothing is known, outside 2015 to 2030 say, nothing is touched.
    """
    known = _read() if known is None else known
    within = known["day"].between(pd.Timestamp(start), pd.Timestamp(end))
    return frozenset(known.loc[within, "name_zh"])


def windows_of(names: Iterable[str], *, before: date, known: pd.DataFrame | None = None) -> pd.DataFrame:
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
    Rows of `known`, the earliest first.

    Raises
    ------
    SettingError
        There is no such festival; with the nearest.
    """
    known = _read() if known is None else known
    ours = _names(known)
    wanted = {_name_zh(name, known, ours) for name in names}
    closed = known["to"] < pd.Timestamp(before)
    return known[known["name_zh"].isin(wanted) & closed].reset_index(drop=True)


@cache
def _read() -> pd.DataFrame:
    with (files("clv") / "festivals.csv").open(encoding="utf-8") as file:
        found = pd.read_csv(file, comment="#", dtype={"name_zh": str, "name": str})
    days = found[["day", "from", "to"]].apply(pd.to_datetime, format="%Y-%m-%d").astype("datetime64[ns]")
    return found.assign(**days).sort_values(["day", "name_zh"], ignore_index=True)


def _keys(known: pd.DataFrame) -> pd.Series:
    """Return name and year of each window in one word."""
    return known["name_zh"] + known["day"].dt.year.astype(str)


def _names(known: pd.DataFrame) -> dict[str, str]:
    """Return the Chinese name by either name in small letters."""
    pairs = zip(known["name"].str.lower(), known["name_zh"], strict=True)
    return dict(pairs) | {name.lower(): name for name in known["name_zh"]}


def _name_zh(name: str, known: pd.DataFrame, ours: dict[str, str]) -> str:
    found = ours.get(str(name).strip().lower())
    if found is None:
        both = {*known["name_zh"], *known["name"]}
        raise SettingError(
            tell("there is no festival {name!r}; {nearest}", name=name, nearest=nearest(name, both))
        )
    return found


def _titles(titles: Iterable[str], file: str) -> dict[str, str]:
    """Return our name of each column of a shop's file."""
    meant = {word: name for name, words in _HEADERS.items() for word in (name, *words)}
    ours = {title: meant.get(title.lower()) for title in titles}
    strange = [title for title, name in ours.items() if name is None]
    if strange:
        raise InputError(
            tell(
                "{file}: {first!r} is no column of festival windows; {nearest}",
                file=file,
                first=strange[0],
                nearest=nearest(strange[0], _HEADERS),
            )
        )
    counts = pd.Series(ours).value_counts()
    lacking = [name for name in ("name", "from", "to") if name not in counts]
    if lacking or counts.max() > 1:
        what = (
            tell("lacks the column {first!r}", first=lacking[0])
            if lacking
            else tell("has {idxmax!r} twice", idxmax=counts.idxmax())
        )
        raise InputError(
            tell(
                "{file} {what}; festival windows have name, from and to, one row each.", file=file, what=what
            )
        )
    return ours


def _called(text: pd.DataFrame) -> dict[str, pd.Series]:
    """Return both names of each window: ours where it is one of ours, else the shop's."""
    known = _read().drop_duplicates("name_zh").set_index("name_zh")["name"]
    ours = text["name"].str.lower().map(_names(_read()))
    own = text["name_en"].fillna(text["name"]) if "name_en" in text else text["name"]
    return {"name_zh": ours.fillna(text["name"]), "name": ours.map(known).fillna(own)}


def _check(found: pd.DataFrame, file: str) -> None:
    """Refuse windows that are none."""
    start, end, day = found["from"], found["to"], found["day"]
    for name, column in (("from", start), ("to", end)):
        _refuse(file, column.isna(), tell("there is no {name}; fill it", name=name))
    _refuse(file, end < start, "the window ends before it begins; swap from and to")
    long = (end - start).dt.days >= LONGEST
    _refuse(
        file,
        long,
        tell("the window is longer than {longest} days; give the days of one year's sale", longest=LONGEST),
    )
    _refuse(file, ~day.between(start, end), "the day lies outside its window; mend day, from or to")
    by_name = found.sort_values("from", kind="stable").groupby("name_zh")
    before = by_name["to"].shift().reindex(found.index)
    _refuse(file, start <= before, "the window overlaps another of the same name; join them or part them")


def _refuse(file: str, bad: pd.Series, what: str) -> None:
    if bad.any():
        rows = "row" if bad.sum() == 1 else "rows"
        raise InputError(
            tell(
                "{file}, line {idxmax} ({bad} {row_s} of {bad2}): {what}.",
                file=file,
                idxmax=bad.idxmax(),
                bad=bad.sum(),
                row_s=rows,
                bad2=len(bad),
                what=what,
            )
        )
