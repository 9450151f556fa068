"""Call sheets: one printed page for each customer who is to be called, with what the caller needs to know.

No name and no number stands on them: the shop's own system finds the customer by the pseudonym.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from clv.errors import InputError
from clv.telling.pages import render

# What may come of a call; a result that ends in … gets a line to write on.
RESULTS = (
    "reached",
    "not reached",
    "call back on …",
    "not interested",
    "opted out",
    "complaint",
    "bought",
)
COLUMNS = ("customer_id", "offer_text", "code", "send_on", "send_from", "send_to", "message", "reason")
COLUMNS += ("consent_basis", "expires_on")
_BOUGHT = ("day", "category", "money")
_PURCHASES = 8


def html(
    calls: pd.DataFrame,
    *,
    title: str,
    shop: str,
    history: Mapping[str, pd.DataFrame],
    results: Sequence[str] = RESULTS,
) -> str:
    """Return a page to print, A4, a sheet of its own for each customer, in the order of the rows.

    Parameters
    ----------
    calls
        One row per customer to call, with the columns of `tables.SENDLIST`; `message` is the script, already
        filled. Rows of the arm `control` get no sheet. Other columns are not shown.
    title, shop
        What the campaign and the shop are called.
    history
        By customer_id: day, category and money (as people write it) of what was bought; the last eight are
        shown, newest first. Who is not in it has a sentence instead.
    results
        What may come of a call; printed as boxes to tick.

    Raises
    ------
    InputError
        A column is missing.
    """
    _check_columns(calls, COLUMNS, "calls")
    if "arm" in calls:
        calls = calls[calls["arm"] != "control"]
    sheets = [
        {**row, "bought": _last(history.get(row["customer_id"]))}
        for row in calls[list(COLUMNS)].to_dict("records")
    ]
    return render("call_sheets.html.j2", title=title, shop=shop, sheets=sheets, results=results)


def _last(bought: pd.DataFrame | None) -> list[dict[str, str]]:
    """Return the last purchases as text, newest first."""
    if bought is None:
        return []
    _check_columns(bought, _BOUGHT, "history")
    days = pd.to_datetime(bought["day"])
    newest = bought.assign(day=days).sort_values("day", ascending=False, kind="stable").head(_PURCHASES)
    return [
        {
            "day": row.day.date().isoformat(),
            "category": "–" if pd.isna(row.category) else str(row.category),
            "money": str(row.money),
        }
        for row in newest.itertuples()
    ]


def _check_columns(table: pd.DataFrame, needed: Sequence[str], name: str) -> None:
    missing = [column for column in needed if column not in table]
    if missing:
        raise InputError(f"the {name} table lacks the column {missing[0]!r}; it needs {', '.join(needed)}.")
