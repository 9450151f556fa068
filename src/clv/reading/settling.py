"""Rows with values → units (orders, or lines of them) that are judged: kept, or left out for one reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from clv.errors import InputError
from clv.language import tell
from clv.reading import damaged_ids, losses, remarks, versions
from clv.reading.columns import Gathered
from clv.sources import Platform


@dataclass(frozen=True, eq=False)
class Settled:
    """What became of the rows of all files.

    Attributes
    ----------
    rows
        Typed rows, each with an order number.
    units
        One row per order, or per line where `level` is 'line', with `reason`, `gross`, `kept`, `refunded`.
    level
        'order', 'line' or 'cells', as `versions.settle` means it.
    identity
        The sentence of the refund identity found.
    notes
        Sentences on ids and money.
    """

    rows: pd.DataFrame
    units: pd.DataFrame
    level: str
    identity: str
    notes: tuple[str, ...]

    @property
    def kept(self) -> pd.DataFrame:
        """The units that nothing speaks against."""
        return self.units[self.units["reason"].isna()]


def settle(
    rows: pd.DataFrame, gathered: Gathered, source: Platform, *, names: Sequence[str], until: date | None
) -> Settled:
    """Return typed rows settled; `names` are those of the files, `until` the last day of observation.

    Raises
    ------
    InputError
        Different orders or customers share one number, or many dates or amounts cannot be read.
    """
    rows, level = _numbered(rows, gathered), _level(gathered, source)
    rounded = _rounded(rows, names)
    units = versions.settle(
        rows, level=level, names=names, rounded=rounded["order_id"], refund_is_of=source.refund_is_of
    )
    units, identity = losses.judge(units, names=names, until=until, platform_says=source.refund_is)
    notes = (
        *remarks.of_ids(rounded, ordered="order_id" in gathered.present),
        *remarks.of_money(units, level=level),
    )
    return Settled(rows, units, level, identity.sentence, notes)


def _numbered(rows: pd.DataFrame, gathered: Gathered) -> pd.DataFrame:
    """Give each row of an export without order numbers its own; equal rows of two files are one order."""
    if "order_id" in gathered.present:
        return rows
    nth = rows.groupby(["file", "copy_of"], sort=False).cumcount()
    first = rows.assign(nth=nth).groupby(["copy_of", "nth"], sort=False)[["file", "row"]].transform("first")
    name = "file " + (first["file"] + 1).astype("str") + " row " + first["row"].astype("str")
    return rows.assign(order_id=name.str.removeprefix("file 1 "))


def _level(gathered: Gathered, source: Platform) -> str:
    if source.money_is_of == "item" or gathered.rows["line_id"].notna().any():
        return "line"
    return "order" if source.a_row_is == "order" else "cells"


def _rounded(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return which order and customer ids Excel has rounded; refuse customers that could fall together."""
    marks = {
        name: rows.groupby("file", sort=False)[name].transform(damaged_ids.rounded).astype(bool)
        for name in ("order_id", "customer_id")
    }
    people = rows[marks["customer_id"]]
    orders_of = people.groupby("customer_id")["order_id"].nunique()
    shared = people[people["customer_id"].isin(orders_of.index[orders_of > 1])]
    if not shared.empty:
        first = shared.iloc[0]
        raise InputError(
            tell(
                "Excel has rounded the buyer ids of {people:,} rows, and {shared:,} of them share one "
                "with another order, first row {row} of {names}: these may be different people; export "
                "again and do not open the file in Excel before.",
                people=len(people),
                shared=len(shared),
                row=first["row"],
                names=names[first["file"]],
            )
        )
    return pd.DataFrame(marks)
