"""Call sheets: one printed page for each customer who is to be called, with what the caller needs to know.

No name and no number stands on them: the shop's own system finds the customer by the pseudonym.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import pandas as pd

from clv.errors import InputError
from clv.language import tell
from clv.telling.pages import render, when

Language = Literal["en", "zh"]

# What may come of a call; a result that ends in … gets a line to write on.
RESULTS: dict[Language, tuple[str, ...]] = {
    "en": (
        "reached",
        "not reached",
        "call back on …",
        "not interested",
        "opted out",
        "complaint",
        "bought",
    ),
    "zh": ("已接通", "未接通", "约定再致电 …", "不感兴趣", "不愿再被联系", "投诉", "已购买"),
}
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "lang": "en",
        "name": "call sheets",
        "number": "call {} of {}",
        "send_on": "when to call",
        "hours": "{}, {} to {}",
        "offer": "offer",
        "code": "code",
        "expires_on": "holds until",
        "reason": "why this customer",
        "consent": "why we may call",
        "history": "What was bought last",
        "day": "day",
        "what": "product",
        "money": "money",
        "no_history": "No purchase is on record here.",
        "script": "What to say",
        "results": "What came of it",
        "notes": "Notes",
        "destroy": "For this campaign only. Destroy this sheet after {}.",
        "nobody": "Nobody is to be called.",
    },
    "zh": {
        "lang": "zh-CN",
        "name": "电话回访单",
        "number": "第{}份，共{}份",
        "send_on": "致电时间",
        "hours": "{}，{}至{}",
        "offer": "内容",
        "code": "专属码",
        "expires_on": "有效期至",
        "reason": "为何选中",
        "consent": "致电依据",
        "history": "最近购买",
        "day": "日期",
        "what": "商品",
        "money": "金额",
        "no_history": "此处没有购买记录。",
        "script": "怎么说",
        "results": "结果",
        "notes": "备注",
        "destroy": "仅用于本次活动，{}后请销毁本单。",
        "nobody": "没有需要致电的顾客。",
    },
}
COLUMNS = ("customer_id", "offer_text", "code", "send_on", "send_from", "send_to", "message", "reason")
COLUMNS += ("consent_basis", "expires_on")
_BOUGHT = ("day", "title", "category", "money")
_PURCHASES = 8
_LONG = 500  # characters of a script that is set smaller in print; Chinese ones count two


def html(
    calls: pd.DataFrame,
    *,
    title: str,
    shop: str,
    history: Mapping[str, pd.DataFrame],
    language: Language = "en",
    results: Sequence[str] | None = None,
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
        By customer_id: day, title and category of the product, and money (as people write it), of what was
        bought; the last eight are shown, newest first. Who is not in it has a sentence instead.
    language
        Of headings, days and results: that of the messages.
    results
        What may come of a call; printed as boxes to tick. Without them `RESULTS` in the language.

    Raises
    ------
    InputError
        A column is missing.
    """
    _check_columns(calls, COLUMNS, "calls")
    if "arm" in calls:
        calls = calls[calls["arm"] != "control"]
    rows = calls[list(COLUMNS)].to_dict("records")
    return render(
        "call_sheets.html.j2",
        title=title,
        shop=shop,
        sheets=[_sheet(row, history.get(row["customer_id"]), language) for row in rows],
        results=RESULTS[language] if results is None else results,
        words=_WORDS[language],
    )


def _sheet(row: dict[str, str], bought: pd.DataFrame | None, language: Language) -> dict[str, object]:
    words = _WORDS[language]
    last_day = _day(row["expires_on"], language)
    return {
        **row,
        "hours": words["hours"].format(_day(row["send_on"], language), row["send_from"], row["send_to"]),
        "expires_on": last_day,
        "destroy": words["destroy"].format(last_day),
        "bought": _last(bought, language),
        "is_long": sum(1 + (letter > "\u2e7f") for letter in row["message"]) > _LONG,
    }


def _last(bought: pd.DataFrame | None, language: Language) -> list[dict[str, str]]:
    """Return the last purchases as text, newest first."""
    if bought is None:
        return []
    _check_columns(bought, _BOUGHT, "history")
    days = pd.to_datetime(bought["day"])
    newest = bought.assign(day=days).sort_values("day", ascending=False, kind="stable").head(_PURCHASES)
    return [
        {
            "day": _day(row.day.date().isoformat(), language),
            "named": [str(name) for name in (row.title, row.category) if not pd.isna(name)],
            "money": str(row.money),
        }
        for row in newest.itertuples()
    ]


def _day(text: str, language: Language) -> str:
    """Return an ISO day as people write it; other text comes back as it is."""
    if language == "en":
        return when(text)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.year}年{day.month}月{day.day}日"


def _check_columns(table: pd.DataFrame, needed: Sequence[str], name: str) -> None:
    missing = [column for column in needed if column not in table]
    if missing:
        raise InputError(
            tell(
                "the {name} table lacks the column {first!r}; it needs {needed}.",
                name=name,
                first=missing[0],
                needed=", ".join(needed),
            )
        )
