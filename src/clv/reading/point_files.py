"""Files of points → one row per change: who, when, what, how many, why, and how long they are valid.

A platform writes a change with its sign (+100, -50), or how many points and what kind of change it was. Both
are read; where the kind says no more than in or out, the reason may say that they expired or were corrected.
Few rows that cannot be right are left out and counted, many refused.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clv.errors import InputError
from clv.language import tell
from clv.reading import cells, extra_cells, extra_headers
from clv.reading.cells import each_once
from clv.reading.contact_files import Paths
from clv.reading.extra_columns import Manner
from clv.reading.extra_files import Gathered, gather
from clv.told import listed

COLUMNS = ["customer_id", "at", "kind", "points", "reason", "expires_on"]
FEW = 0.01  # of the rows, that may be unlike what they should be
_SIGN = {"earned": 1, "used": -1, "expired": -1, "in": 1, "out": -1}
_EXPECTED = {  # of a reason for which rows are left out: its column, and what to do where it is not rare
    "unreadable points": ("points", "write a number such as 100 or -50"),
    "no readable day": ("at", "write it as 2026-06-30"),
    "unknown kind": ("kind", "write earned, used, expired or adjusted, or give points a sign"),
    "earned, but below 0": ("points", "should what was earned be used, or the sign be left out?"),
    "sign against the kind": ("points", "write what was used or expired with one sign in the whole file"),
    "expires before it is earned": ("expires_on", "should days and months be exchanged?"),
}
TWICE, NOTHING = "stands twice", "0 points"
# A year that systems write for never, as 2100 or 9999; 46022 is no such year, but a day as Excel counts it.
_YEAR = r"(?:2[1-9]|[3-9]\d)\d{2}"
_NEVER = rf"{_YEAR}(?:[-/年]\d|\.\d+\.\d|\d{{4}})|(?:\d{{1,2}}[-/.]){{2}}{_YEAR}(?!\d)"


@dataclass(frozen=True, eq=False)
class Counted:
    """Changes of points, and what was left out of them.

    `table`: the columns of POINTS, by day and customer. `left_out`: one row per reason for which there were
    any: reason, rows, points (as written, without sign). `notes` are for the reader.
    """

    table: pd.DataFrame
    left_out: pd.DataFrame
    notes: tuple[str, ...]


def read(paths: Paths, *, manner: Manner) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the table and the notes of `counted`."""
    found = counted(paths, manner=manner)
    return found.table, found.notes


def counted(paths: Paths, *, manner: Manner) -> Counted:
    """Read files of points, in no order; they may overlap.

    A row that stands in several files counts as often as in the one that has it most often; within a file it
    counts once where it names a time of day or its own number. Where it does neither, two such rows may be
    two changes of one day, so both count, and a note says so.

    Parameters
    ----------
    paths
        Files or globs, CSV or Excel, with our headers or those of `extra_headers.POINTS`.

    Raises
    ------
    InputError
        A file or column is not what it should be, or more than 1 % of the rows are wrong in one way.
    """
    found = gather(paths, extra_headers.POINTS, need=("at", "points"), manner=manner, what="points")
    last, notes = _last_day(found, manner)
    number, moment = cells.money(found.rows["points"]), _moment(found, manner)
    said = _said(found)
    signed = _signed(found, number, said)
    rows = found.rows[["customer_id", "reason"]].assign(
        at=moment.dt.normalize(), **_kinds(number, said, signed, found.rows["reason"])
    )
    rows["expires_on"] = last.where(rows["kind"].eq("earned"))
    why = _why(rows, number, said, signed)
    _refuse_many(found, why)
    again, doubt = _again(found, moment)
    why = why.mask(why.isna() & again, TWICE)
    table = rows[why.isna()].sort_values(COLUMNS[:4], kind="stable", ignore_index=True)[COLUMNS]
    if table.empty:
        raise InputError(
            tell("not one row of {names} is a change of points.", names=", ".join(found.names[:3]))
        )
    left_out = _left_out(why, number)
    return Counted(table, left_out, (*found.notes, *notes, *_sentences(left_out, len(rows)), *doubt))


def _last_day(found: Gathered, manner: Manner) -> tuple[pd.Series, tuple[str, ...]]:
    """Return the last days, missing where there is none, and a note on the few that cannot be read."""
    text = found.rows["expires_on"]
    forever = cells.says(text, extra_headers.FOR_EVER) | text.str.match(_NEVER).eq(other=True)
    rows = found.rows.assign(expires_on=text.mask(forever))
    known = Gathered(rows, found.names, found.present, found.notes)
    return extra_cells.day(known, "expires_on", manner)


def _moment(found: Gathered, manner: Manner) -> pd.Series:
    files = ", ".join(found.names[:3])
    return extra_cells.moments_of(found.rows["at"], manner, what=tell("at in {files}", files=files))


def _said(found: Gathered) -> pd.Series:
    """Return what the kind says: one of ours, in or out; missing where it says nothing known."""
    words = extra_headers.POINT_KINDS | extra_headers.POINT_SIGNS
    return extra_cells.meaning(found.rows["kind"], words)


def _signed(found: Gathered, number: pd.Series, said: pd.Series) -> pd.Series:
    """Return which rows are of a file that writes what leaves an account below 0."""
    out = said.map(_SIGN).eq(-1)
    shown = pd.DataFrame({"file": found.rows["file"], "out": out, "below": number.lt(0)})
    told = shown[shown["out"] & number.notna()].groupby("file")["below"].mean().gt(0.5)
    any_below = shown[said.isna()].groupby("file")["below"].any()
    return shown["file"].map({**any_below, **told}).eq(other=True)


def _kinds(number: pd.Series, said: pd.Series, signed: pd.Series, reason: pd.Series) -> dict[str, pd.Series]:
    """Return `kind`, and `points`: above 0, but for what was adjusted, which has its sign."""
    sign = said.map(_SIGN).fillna(np.sign(number).where(signed & said.isna())).where(number.notna())
    because = _by_reason(reason)
    because = because.where(sign.lt(0) | (sign.gt(0) & because.ne("expired")))
    kind = said.where(~said.isin(list(extra_headers.POINT_SIGNS)))
    kind = kind.fillna(because).fillna(sign.map({1.0: "earned", -1.0: "used"})).astype("str")
    signed_points = number.where(said.eq("adjusted"), number.abs() * sign)
    return {"kind": kind, "points": signed_points.where(kind.eq("adjusted"), number.abs())}


def _by_reason(reason: pd.Series) -> pd.Series:
    """Return the kind that a reason speaks of, missing where it does not."""

    def work(distinct: pd.Series) -> pd.Series:
        plain = distinct.str.casefold()
        kind = pd.Series(None, index=distinct.index, dtype="str")
        for name, words in extra_headers.POINT_REASONS.items():
            kind = kind.mask(kind.isna() & plain.str.contains("|".join(words)).eq(other=True), name)
        return kind

    return each_once(reason, work)


def _why(rows: pd.DataFrame, number: pd.Series, said: pd.Series, signed: pd.Series) -> pd.Series:
    """Return why a row is left out, missing where it is not; the first reason that holds."""
    sign = said.map(_SIGN)
    holds = {
        "unreadable points": number.isna(),
        "no readable day": rows["at"].isna(),
        NOTHING: number.eq(0),
        "unknown kind": rows["kind"].isna(),
        "earned, but below 0": sign.eq(1) & number.lt(0),
        "sign against the kind": sign.eq(-1) & number.gt(0).eq(signed),
        "expires before it is earned": rows["expires_on"].lt(rows["at"]),
    }
    why = pd.Series(None, index=rows.index, dtype="str")
    for reason, there in holds.items():
        why = why.mask(why.isna() & there, reason)
    return why


def _refuse_many(found: Gathered, why: pd.Series) -> None:
    for reason, (column, expected) in _EXPECTED.items():
        bad = why.eq(reason)
        if bad.sum() > FEW * len(why):
            extra_cells.refuse(found, column, bad, expected, verb=tell("is wrong ({reason})", reason=reason))


def _again(found: Gathered, moment: pd.Series) -> tuple[pd.Series, tuple[str, ...]]:
    """Return which rows stand there already, and a note on those of which nobody can tell."""
    key = found.rows[["customer_id", "points", "kind", "reason", "expires_on", "entry"]].assign(at=moment)
    key = key.assign(file=found.rows["file"])
    many = key[key.duplicated(keep=False)]
    nth = many.groupby(list(many), dropna=False).cumcount().reindex(key.index, fill_value=0)
    certain = moment.ne(moment.dt.normalize()) | found.rows["entry"].notna()
    again = key.drop(columns="file").assign(nth=nth.mask(certain, 0)).duplicated()
    unsure = int((nth.gt(0) & ~certain & ~again).sum())
    note = tell(
        "{unsure:,} changes of points stand twice on a day, with no time and no number; all of them count.",
        unsure=unsure,
    )
    return again, (note,) if unsure else ()


def _left_out(why: pd.Series, number: pd.Series) -> pd.DataFrame:
    rows = pd.DataFrame({"reason": why, "points": number.abs()})[why.notna()]
    by = rows.groupby("reason", sort=False)["points"]
    table = pd.DataFrame({"rows": by.size(), "points": by.sum()}).reindex([*_EXPECTED, NOTHING, TWICE])
    return table.dropna().rename_axis("reason").reset_index().astype({"rows": "int64", "points": float})


def _sentences(left_out: pd.DataFrame, rows: int) -> tuple[str, ...]:
    """Return what was left out, in one sentence; none where nothing was."""
    parts = [tell("{reason} ({rows:,})", reason=row.reason, rows=row.rows) for row in left_out.itertuples()]
    said = tell(
        "{rows:,} of {rows2:,} changes of points were left out: {parts}.",
        rows=left_out["rows"].sum(),
        rows2=rows,
        parts=listed(parts),
    )
    return (said,) if parts else ()
