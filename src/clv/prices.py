"""Money that holds its meaning: what an order would have cost at the prices of the last day.

When the gold price rises by a third, so does the money of those who buy the same grams as before, and cuts in
money promote them for nothing. A price index by day, from a file or from a column of the export, takes that
out of the categories that it is about; the rest of an order keeps its money.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from clv import tables
from clv.errors import InputError
from clv.language import tell
from clv.reading import cells, exports, moments

_DAY = ("date", "day", "日期", "时间")
_INDEX = ("index", "price", "price_index", "金价", "价格", "指数")
_WHAT = "price_index"
_STALE = 92  # days without a number, longer than a quarter, that the reader should know of


@dataclass(frozen=True, eq=False)
class AtOnePrice:
    """Orders at the prices of one day.

    Attributes
    ----------
    orders
        ORDERS with `amount` as it would have been.
    touched
        Share of the money paid that the index is about; 0 without an index.
    notes
        Sentences for the reader.
    """

    orders: pd.DataFrame
    touched: float = 0.0
    notes: tuple[str, ...] = ()


def load(paths: Sequence[Path | str] | Path | str) -> pd.Series:
    """Read a price index: a file with a column of days and one of prices or index numbers.

    Returns
    -------
    Index numbers above 0 by day, in order. A day that stands twice counts once.

    Raises
    ------
    InputError
        A column is missing, a cell is no day or no number above 0, or a day has two different numbers.
    """
    parts = [_one(path) for path in exports.find(paths, what=_WHAT)]
    table = pd.concat(parts).drop_duplicates(["day", "index"]).sort_values("day", kind="stable")
    twice = table.duplicated("day")
    if twice.any():
        first = table["day"][twice].iloc[0]
        raise InputError(
            tell(
                "the price index has two numbers for {twice:,} days, first {first:%Y-%m-%d}; keep one.",
                twice=twice.sum(),
                first=first,
            )
        )
    return table.set_index("day")["index"]


def _one(path: Path) -> pd.DataFrame:
    export = exports.read(
        path, no_rows=tell("leave `price_index:` out of the shop file until there are any.")
    )
    day, index = (_column(export, names) for names in (_DAY, _INDEX))
    read = pd.DataFrame(
        {
            "day": moments.moments(export.table[day], what=f"{day!r} in {export.name}").dt.normalize(),
            "index": cells.money(export.table[index]),
        }
    )
    bad = read["day"].isna() | ~read["index"].gt(0)
    if bad.any():
        raise InputError(
            tell(
                "{export} has no day, or no number above 0, in {bad:,} of {bad2:,} rows, first row "
                "{first}; write 2026-06-30 and 780.5.",
                export=export.name,
                bad=bad.sum(),
                bad2=len(bad),
                first=read.index[bad][0],
            )
        )
    return read


def _column(export: exports.Export, names: Sequence[str]) -> str:
    there = {str(title).strip().casefold(): str(title) for title in export.table.columns}
    for name in names:
        if name in there:
            return there[name]
    raise InputError(
        tell(
            "{export} has no column {first!r} (or {map}).",
            export=export.name,
            first=names[0],
            map=", ".join(map(repr, names[1:])),
        )
    )


def of_terms(orders: pd.DataFrame, terms: pd.DataFrame) -> pd.Series:
    """Return the price index that the export gives with its orders: the median of each day; empty without.

    Parameters
    ----------
    orders, terms
        ORDERS and TERMS tables.
    """
    index = terms.set_index("order_id")["price_index"].dropna()
    known = orders.merge(index.reset_index(), on="order_id")
    return known.groupby(known["paid_at"].dt.normalize())["price_index"].median().rename("index")


def at_one_price(
    orders: pd.DataFrame, lines: pd.DataFrame, index: pd.Series, *, on: date, about: Sequence[str] = ()
) -> AtOnePrice:
    """Return orders as they would have been at the prices of one day.

    Parameters
    ----------
    orders, lines
        ORDERS and LINES tables.
    index
        As `load` gives it; between two of its days the earlier one holds.
    on
        The day whose prices are taken.
    about
        Categories that the index is about, or words that stand in the titles of goods without a category;
        none: all goods.

    Raises
    ------
    InputError
        The index is empty, or begins after the last order.
    """
    if index.empty:
        raise InputError(tell("the price index has no day; fill it, or leave it out of the shop file."))
    unmet = [
        word for word in about if not _meant(lines, [word]).any() and not (orders["category"] == word).any()
    ]
    days = orders["paid_at"].dt.normalize()
    first = index.index[0]
    if len(days) and first > days.max():
        raise InputError(
            tell("the price index begins on {first:%Y-%m-%d}, after the last order; add days.", first=first)
        )
    then = _on(index, days)
    factor = float(_on(index, pd.Series([pd.Timestamp(on)])).iloc[0]) / then
    part = indexed_part(orders, lines, about)
    amount = (orders["amount"] * (1.0 + part * (factor - 1.0))).round(tables.MONEY_DIGITS)
    money = orders["amount"].sum()
    touched = float((orders["amount"] * part).sum() / money) if money else 0.0
    found = orders.assign(amount=amount.clip(lower=10.0**-tables.MONEY_DIGITS))
    return AtOnePrice(found, touched, _notes(days, index, touched, factor, on, unmet))


def _on(index: pd.Series, days: pd.Series) -> pd.Series:
    """Return the number that holds on each day; before the first, the first."""
    at = index.index.searchsorted(days.to_numpy(), side="right") - 1
    return pd.Series(index.to_numpy()[at.clip(min=0)], index=days.index)


def indexed_part(orders: pd.DataFrame, lines: pd.DataFrame, about: Sequence[str]) -> pd.Series:
    """Return the part of each order's money, 0 to 1, that a price index is about; see `at_one_price`."""
    if not about:
        return pd.Series(1.0, index=orders.index)
    meant = _meant(lines, about)
    money = lines["amount"].clip(lower=0.0).groupby(lines["order_id"]).sum()
    of_it = lines["amount"].clip(lower=0.0).where(meant, 0.0).groupby(lines["order_id"]).sum()
    by_lines = orders["order_id"].map((of_it / money.where(money > 0)).dropna())
    return by_lines.fillna(orders["category"].isin(about).astype(float))


def _meant(lines: pd.DataFrame, about: Sequence[str]) -> pd.Series:
    named = lines["category"].isin(about)
    titles = lines["title"].fillna("").str.casefold()
    for word in about:
        named |= lines["category"].isna() & titles.str.contains(word.casefold(), regex=False)
    return named


def _notes(
    days: pd.Series, index: pd.Series, touched: float, factor: pd.Series, on: date, unmet: Sequence[str]
) -> tuple[str, ...]:
    moved = (
        tell(", and has moved {first:+.0%} since the first order", first=factor.iloc[0] - 1)
        if len(factor)
        else ""
    )
    said = tell(
        "Money is at the prices of {on}: the price index is about {touched:.0%} of what was paid{moved}.",
        on=on,
        touched=touched,
        moved=moved,
    )
    early = int((days < index.index[0]).sum())
    within = pd.Series(index.index).diff().dt.days
    gap, late = within.max(), (pd.Timestamp(on) - index.index[-1]).days
    doubts = {
        tell(
            "{early:,} orders lie before the first day of the price index, whose number they take.",
            early=early,
        ): early,
        tell(
            "The price index has a gap of {gap:,.0f} days; meanwhile the number before it holds.", gap=gap
        ): gap > _STALE,
        tell("The last number of the price index is {late:,} days old.", late=late): late > _STALE,
        tell(
            "No product is one of {map}, which the price index should be about.",
            map=", ".join(map(repr, unmet)),
        ): unmet,
    }
    return (said, *(sentence for sentence, holds in doubts.items() if holds))
