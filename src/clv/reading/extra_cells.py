"""Cells of members, contacts and past campaigns → consents, birthdays, days, words.

Whatever decides whether somebody may be reached is refused where it cannot be read; the rest may be missing.
No cell stands in an error: it could be a name or a phone number.
"""

from collections.abc import Mapping

import pandas as pd

from clv.errors import InputError
from clv.language import tell
from clv.reading import cells, extra_headers, moments
from clv.reading.cells import each_once, narrow
from clv.reading.extra_files import Gathered, Manner
from clv.sources import Headers

YES = ("yes", "y", "true", "1", "是", "同意", "已同意", "允许", "已授权")
NO = ("no", "n", "false", "0", "否", "不同意", "未同意", "不允许", "未授权", "拒绝")
_FEW = 0.01
_END = r"日?(?:[T\s].*)?$"
_BIRTHDAY = (  # 05/12 could be May or December, so a slash needs a year before it
    r"^\d{4}[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})" + _END,
    r"^(?P<month>\d{1,2})[-月](?P<day>\d{1,2})" + _END,
    r"^\d{4}(?P<month>\d{2})(?P<day>\d{2})$",
)
_NO_BIRTHDAY = r"(?:0000[-/.])?0?0[-/.]0?0"


def words(found: Gathered, column: str, meanings: Mapping[str, Headers]) -> pd.Series:
    """Return a column in our words; empty cells stay missing.

    Parameters
    ----------
    meanings
        Our word: the cells that mean it, besides itself; case apart.

    Raises
    ------
    InputError
        A filled cell means none of them.
    """
    text = found.rows[column]
    meant = meaning(text, meanings)
    refuse(
        found, column, text.notna() & meant.isna(), tell("write {meanings}", meanings=" or ".join(meanings))
    )
    return meant


def meaning(text: pd.Series, meanings: Mapping[str, Headers]) -> pd.Series:
    """Return text in our words, missing where it means none of them; see `words`."""
    known = {cell.casefold(): word for word, said in meanings.items() for cell in (word, *said)}
    return each_once(text, lambda distinct: _plain(distinct).map(known, na_action="ignore").astype("str"))


def _plain(text: pd.Series) -> pd.Series:
    """Let 1.0, as a table program writes a number, be 1."""
    return text.str.casefold().str.replace(r"^(\d+)\.0+$", r"\1", regex=True)


def consent(found: Gathered, column: str) -> pd.Series:
    """Return 1.0 where the customer agreed, 0.0 where not or where the cell is empty.

    Missing where the row's file has no such column, as then it says nothing.

    Raises
    ------
    InputError
        A filled cell is neither yes nor no.
    """
    agreed = words(found, column, {"yes": YES, "no": NO}).eq("yes").astype(float)
    return agreed.where(found.has(column))


def filled(found: Gathered, column: str, where: pd.Series | None = None) -> None:
    """Refuse empty cells of a column.

    Raises
    ------
    InputError
        A cell is empty (of the rows `where`, if given).
    """
    empty = found.rows[column].isna()
    refuse(found, column, empty if where is None else empty & where, "fill it", verb="is empty")


def refuse(
    found: Gathered, column: str, bad: pd.Series, expected: str, *, verb: str = "cannot be read"
) -> None:
    """Refuse what is `bad` in a column.

    Raises
    ------
    InputError
        Any row is bad; says how many, the first one with its text masked, and what is expected.
    """
    if not bad.any():
        return
    cell = found.rows.loc[bad, column].iloc[0]
    shown = "" if pd.isna(cell) else f" ({masked(cell)!r})"
    raise InputError(
        tell(
            "{column} {verb} in {bad:,} of {bad2:,} rows, {first}{shown}; {expected}.",
            column=column,
            verb=verb,
            bad=bad.sum(),
            bad2=len(bad),
            first=found.first(bad),
            shown=shown,
            expected=expected,
        )
    )


def masked(cell: str) -> str:
    """Return a cell's first character and its length, for it may be a name or a number.

    >>> masked("maybe")
    'm****'
    """
    return cell[0] + "*" * min(len(cell) - 1, 11)


def moment(found: Gathered, column: str, manner: Manner) -> pd.Series:
    """Return a column of moments, local time, missing where the cell is empty.

    Raises
    ------
    InputError
        A filled cell cannot be read.
    SettingError
        The time zone or date format is wrong.
    """
    read = moments_of(found.rows[column], manner, what=_place(found, column))
    bad = found.rows[column].notna() & read.isna()
    refuse(found, column, bad, "write it as 2026-06-30 or 2026-06-30 19:05")
    return read


def _place(found: Gathered, column: str) -> str:
    return f"{column} in {', '.join(found.names[:3])}"


def moments_of(text: pd.Series, manner: Manner, *, what: str) -> pd.Series:
    """Return text as moments, missing where it is none; `what` names it in errors. See `moment`."""
    read = moments.moments(text, what=what, date_format=manner.date_format, timezone=manner.timezone)
    day_form = (manner.date_format or "").split(" ")[0]
    if day_form in ("", manner.date_format):
        return read
    return read.fillna(moments.moments(text.where(read.isna()), what=what, date_format=day_form))


def day(found: Gathered, column: str, manner: Manner) -> tuple[pd.Series, tuple[str, ...]]:
    """Return a column of days, and a note on the few that cannot be read.

    Raises
    ------
    InputError
        More than 1 % of the filled cells cannot be read.
    """
    read = moments_of(found.rows[column], manner, what=_place(found, column))
    return _but_few(found, column, read.dt.normalize(), "write it as 2026-06-30")


def points(found: Gathered, column: str) -> tuple[pd.Series, tuple[str, ...]]:
    """Return points, none below 0 (what is owed cannot be used), and a note on the few unreadable ones.

    Raises
    ------
    InputError
        More than 1 % of the filled cells are no number.
    """
    number = cells.money(found.rows[column])
    values, said = _but_few(found, column, number.clip(lower=0.0), "write a number such as 1250")
    below = int(number.lt(0).sum())
    return values, (
        *said,
        tell("{column} lie below 0 in {below:,} rows and count as 0.", column=column, below=below),
    ) if below else said


def gender(found: Gathered, column: str) -> tuple[pd.Series, tuple[str, ...]]:
    """Return female or male, missing where not said, and a note on the few unreadable ones.

    Raises
    ------
    InputError
        More than 1 % of the filled cells mean neither, nor that nothing is said.
    """
    meant = meaning(found.rows[column], extra_headers.GENDERS)
    unsaid = meant.eq("")
    return _but_few(found, column, meant.mask(unsaid), "write female or male", blank=unsaid)


def decade(found: Gathered, column: str) -> pd.Series:
    """Return the decade of birth, 1990s, of birthdays that have a year; the year itself is not kept."""

    def work(distinct: pd.Series) -> pd.Series:
        year = narrow(distinct).str.extract(r"^((?:19|20)\d{2})(?:[-/.年]|\d{4}$)", expand=False)
        return year.str[:3] + "0s"

    return each_once(found.rows[column], work)


def birthday(found: Gathered, column: str) -> tuple[pd.Series, tuple[str, ...]]:
    """Return birthdays as MM-DD (the year is not kept), and a note on the few unreadable or impossible ones.

    05-20, 5月20日, 1990-05-20, 1990/5/20 and 19900520 are understood; 0000-00-00 is empty.

    Raises
    ------
    InputError
        More than 1 % of the filled cells are no day of the calendar.
    """

    def work(distinct: pd.Series) -> pd.Series:
        plain = narrow(distinct)
        first, *more = (plain.str.extract(form) for form in _BIRTHDAY)
        parts = first.fillna(more[0]).fillna(more[1])
        in_leap_year = "2000-" + parts["month"].str.zfill(2) + "-" + parts["day"].str.zfill(2)
        known = pd.to_datetime(in_leap_year, format="%Y-%m-%d", errors="coerce")
        return known.dt.strftime("%m-%d").astype("str")

    text = found.rows[column]
    blank = text.str.fullmatch(_NO_BIRTHDAY).eq(other=True)
    return _but_few(found, column, each_once(text, work), "write it as 05-20 or 1990-05-20", blank=blank)


def _but_few(
    found: Gathered, column: str, values: pd.Series, expected: str, *, blank: pd.Series | None = None
) -> tuple[pd.Series, tuple[str, ...]]:
    told = found.rows[column].notna() & (True if blank is None else ~blank)
    bad = told & values.isna()
    if bad.sum() > _FEW * told.sum():
        refuse(found, column, bad, expected)
    said = tell(
        "{column} cannot be read in {bad:,} of {told:,} filled rows and is taken as empty.",
        column=column,
        bad=bad.sum(),
        told=told.sum(),
    )
    return values, (said,) if bad.any() else ()
