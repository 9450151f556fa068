"""Item lines: what an order was made of, from the item export or from the order rows themselves."""

from collections.abc import Sequence

import pandas as pd

from clv import tables
from clv.errors import InputError
from clv.language import tell
from clv.reading import cells, columns, shown
from clv.reading.exports import Export
from clv.sources import Platform

_SAME = ["order_id", "title", "sku", "quantity", "price"]  # cells that tell a line from another
_KEPT = ["order_id", "title", "category", "sku", "quantity", "amount"]


def of_items(exports: Sequence[Export], platform: Platform) -> pd.DataFrame:
    """Return the LINES of item exports; lines that files share count once, closed lines not at all.

    Raises
    ------
    InputError
        The platform has no item export, or a file lacks its order number.
    """
    if platform.items is None:
        raise InputError(
            tell("{platform} has no item export beside it; leave `items` out.", platform=platform.name)
        )
    parts = [
        columns.rename(export, platform.items.fields, need=["order_id"]).assign(file=at)
        for at, export in enumerate(exports)
    ]
    rows = shown.columns(pd.concat(parts, ignore_index=True))
    rows = _newest(rows[rows["order_id"].notna()])
    return of_rows(rows[~cells.says(rows["status"], platform.items.closed)])


def _newest(rows: pd.DataFrame) -> pd.DataFrame:
    """Return each line once, as the last file has it: a status changes from one export to the next.

    What an order holds twice within a file was bought twice.
    """
    nth = rows.groupby(["file", *_SAME], sort=False, dropna=False).cumcount()
    return rows[~rows.assign(nth=nth).duplicated([*_SAME, "nth"], keep="last")]


def of_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the LINES of rows under our field names, money as text or number."""
    quantity = _number(rows["quantity"]).fillna(1.0)
    amount = _number(rows["amount"]).fillna(quantity * _number(rows["price"])).fillna(0.0)
    lines = rows.assign(quantity=quantity, amount=amount)[_KEPT].reset_index(drop=True)
    return tables.check(lines, tables.LINES)


def _number(column: pd.Series) -> pd.Series:
    return column if pd.api.types.is_numeric_dtype(column.dtype) else cells.money(column)


def main_category(lines: pd.DataFrame) -> pd.Series:
    """Return the category with most money per order; of equals the first in the alphabet."""
    known = lines[lines["category"].notna()]
    money = known.groupby(["order_id", "category"], as_index=False)["amount"].sum()
    ranked = money.sort_values(["amount", "category"], ascending=[False, True], kind="stable")
    return ranked.drop_duplicates("order_id").set_index("order_id")["category"]
