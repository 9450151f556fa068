"""One order, many rows: copies, older states of one order, and orders that must not fall together.

Overlapping exports are the rule, so an order may come twice, unpaid in May's file and refunded in June's.
"""

from collections.abc import Sequence

import pandas as pd

from clv.errors import InputError
from clv.language import tell

NO_NUMBER, COPY, OLDER = "no order number", "duplicate line", "older copy of an order"
_SAME = ["customer_id", "paid_at", "amount", "total", "refund", "state"]
_PROGRESS = {"unpaid": 0, "": 1, "refunded": 2, "closed": 2}


def settle(
    rows: pd.DataFrame, *, level: str, names: Sequence[str], rounded: pd.Series, refund_is_of: str = "order"
) -> pd.DataFrame:
    """Return one row per unit (an order, or a line where `level` is 'line') with its `reason` to be left out.

    Parameters
    ----------
    rows
        Typed rows with `order_id`.
    level
        'order': a row is an order. 'line': a row is a line with money of its own.
        'cells': lines that share the order's money cells, which are put together to one row.
    names
        File names, for errors.
    rounded
        Which order numbers Excel has rounded, one per row.

    Returns
    -------
    `rows` with `n_rows` and `reason` (missing = nothing found against it).

    Raises
    ------
    InputError
        Rows that must be different orders share one number.
    """
    units = rows.assign(n_rows=1, rounded=rounded, reason=pd.Series(None, index=rows.index, dtype="str"))
    units["reason"] = units["reason"].mask(units["order_id"].isna(), NO_NUMBER)
    if level == "cells":
        units = _put_together(units, names, refund_is_of)
    else:
        copies = units["reason"].isna() & units.duplicated(["order_id", "copy_of"])
        units["reason"] = units["reason"].mask(copies, COPY)
    units["unit"] = units["order_id"] if level != "line" else _line_keys(units)
    units = _one_per_file(units, names)
    if level == "line":
        _refuse_fallen_together(units, names)
    return _latest(units, names)


def _line_keys(units: pd.DataFrame) -> pd.Series:
    """Name a line by its number, or else by product and position, so that two files' copies of it meet."""
    alive = units[units["reason"].isna()]
    if alive["file"].nunique() == 1 and alive["line_id"].isna().all():
        return pd.Series(units.index.astype("str"), index=units.index)
    nth = alive.groupby(["file", "order_id", "sku", "title"], dropna=False, sort=False).cumcount()
    parts = [alive["sku"].fillna(""), alive["title"].fillna(""), nth.astype("str")]
    product = parts[0].str.cat(parts[1:], sep="\x1f")
    key = alive["order_id"].str.cat(alive["line_id"].fillna(product), sep="\x1f")
    return key.reindex(units.index)


def _put_together(units: pd.DataFrame, names: Sequence[str], refund_is_of: str) -> pd.DataFrame:
    told = units["told_state"] | units["state"].ne("")
    units = units.assign(state=units["state"].where(told))
    numberless = units[units["reason"].notna()]
    lines = units[units["reason"].isna()]
    by = lines.groupby(["file", "order_id"], sort=False)
    _refuse(lines, by, [c for c in _SAME if c != "refund" or refund_is_of == "order"], names, missing=False)
    first = by.first().reset_index()
    first["n_rows"] = by.size().to_numpy()
    for flag in ("bad_money", "is_gift", "has_time", "told_state", "rounded"):
        first[flag] = by[flag].any().to_numpy()
    if refund_is_of == "item":
        first["refund"] = by["refund"].sum(min_count=1).to_numpy()
    both = pd.concat([first[units.columns], numberless], ignore_index=True) if len(numberless) else first
    return both.assign(state=both["state"].fillna(""))


def _one_per_file(units: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    alive = units[units["reason"].isna()]
    twice = alive[alive.duplicated(["file", "unit"], keep=False)]
    if twice.empty:
        return units
    _refuse(twice, twice.groupby(["file", "unit"], sort=False), _SAME, names, missing=True)
    again = twice.index[twice.duplicated(["file", "unit"])]
    return units.assign(reason=units["reason"].mask(units.index.isin(again), COPY))


def _refuse(
    rows: pd.DataFrame,
    by: "pd.api.typing.DataFrameGroupBy",
    same: list[str],
    names: Sequence[str],
    *,
    missing: bool,
) -> None:
    differ = by[same].nunique(dropna=not missing).gt(1)
    if not differ.any(axis=None):
        return
    first = differ.index[differ.any(axis=1)][0]
    told = ", ".join(differ.columns[differ.loc[first]])
    raise _fall_together(rows.loc[by.groups[first]], told, differ.any(axis=1).sum(), names)


def _refuse_fallen_together(units: pd.DataFrame, names: Sequence[str]) -> None:
    """Lines of one order have one buyer, and one time of payment if its number was rounded."""
    alive = units[units["reason"].isna()]
    for what, lines in (("customer_id", alive), ("paid_at", alive[alive["rounded"]])):
        pairs = lines[lines[what].notna()].drop_duplicates(["order_id", what])
        mixed = pairs[pairs.duplicated("order_id", keep=False)]
        if not mixed.empty:
            first = mixed[mixed["order_id"] == mixed["order_id"].iloc[0]]
            raise _fall_together(first, what, mixed["order_id"].nunique(), names)


def _fall_together(rows: pd.DataFrame, told: str, orders: int, names: Sequence[str]) -> InputError:
    where = " and ".join(
        tell("row {row} of {names}", row=row, names=names[file])
        for file, row in rows[["file", "row"]].head(2).to_numpy()
    )
    if rows["rounded"].any():
        cause = "Excel has rounded the order numbers; export again and do not open the file in Excel before"
    else:
        cause = "these are different orders or damaged rows; correct them or export again"
    return InputError(
        tell(
            "{orders:,} order number(s) stand on rows that differ in {told}, first {where}: {cause}.",
            orders=orders,
            told=told,
            where=where,
            cause=cause,
        )
    )


def _latest(units: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    alive = units[units["reason"].isna()]
    again = alive[alive.duplicated("unit", keep=False)]
    if again.empty:
        return units
    # Excel drops the seconds when it saves, so one order's copies may differ by them.
    minutes = again.assign(paid_at=again["paid_at"].dt.floor("min"))
    _refuse(minutes, minutes.groupby("unit", sort=False), ["customer_id", "paid_at"], names, missing=False)
    progress = again.assign(at=again["state"].map(_PROGRESS), back=again["refund"].fillna(0.0))
    ordered = progress.sort_values(["has_time", "at", "back", "file", "row"], kind="stable")
    last = ordered.drop_duplicates("unit", keep="last").set_index("unit")
    older = ordered[ordered.duplicated("unit", keep="last")]
    told = [*_SAME, "status"]
    newest = last.loc[older["unit"], told].set_axis(older.index)
    same = (older[told].eq(newest) | (older[told].isna() & newest.isna())).all(axis=1)
    reasons = pd.Series(OLDER, index=older.index, dtype="str").mask(same, COPY)
    return units.assign(reason=units["reason"].fillna(reasons.reindex(units.index)))
