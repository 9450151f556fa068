"""Preferences and the calendar: which festival comes next, who likes what, who bought at it before."""

from datetime import date

import pandas as pd

from clv.errors import SettingError
from clv.language import tell
from clv.tasting.sureness import LEANING, SURE

_WHEN = ["name_zh", "name", "day", "start"]


def coming(festivals: pd.DataFrame, *, until: date, days: int) -> pd.DataFrame:
    """Return the festivals whose window is open or opens within `days` after `until`, the next first.

    Parameters
    ----------
    festivals
        As `clv.festivals.table` gives them.

    Returns
    -------
    Its rows, with `start`: the first day of the window that is still to come.
    """
    if days < 1:
        raise SettingError(
            tell("festivals of {days} days ahead are asked for; it should be at least 1.", days=days)
        )
    tomorrow = pd.Timestamp(until) + pd.Timedelta(days=1)
    near = (festivals["to"] >= tomorrow) & (
        festivals["from"] <= pd.Timestamp(until) + pd.Timedelta(days=days)
    )
    rows = festivals[near & (festivals["day"] >= tomorrow)]
    return rows.assign(start=rows["from"].clip(lower=tomorrow)).sort_values("day", ignore_index=True)


def buyers(table: pd.DataFrame, festivals: pd.DataFrame, *, name_zh: str, until: date) -> pd.Index:
    """Return who bought within an earlier window of a festival; `table`: customer_id and day."""
    windows = festivals[(festivals["name_zh"] == name_zh) & (festivals["to"] <= pd.Timestamp(until))]
    rows = pd.Series(data=False, index=table.index)
    for first, last in zip(windows["from"], windows["to"], strict=True):
        rows |= table["day"].between(first, last)
    return pd.Index(table.loc[rows, "customer_id"].unique())


def audience(
    best: pd.DataFrame, table: pd.DataFrame, festivals: pd.DataFrame, *, until: date, days: int
) -> pd.DataFrame:
    """Return who could be written to about what, for each coming festival.

    Parameters
    ----------
    best
        As `preferences.best` gives it: index customer_id; value, probability, verdict.
    table
        Choices: customer_id and day.

    Returns
    -------
    One row per festival and customer whose preference is sure or leaning: name_zh, name, day, start,
    customer_id, value, probability, verdict, bought_then (at that festival, in an earlier year). First the
    next festival, then those who bought at it before, then the surest.
    """
    told = best[best["verdict"].isin([SURE, LEANING])]
    told = told[["value", "probability", "verdict"]].rename_axis("customer_id").reset_index()
    parts = [told.assign(name_zh="", name="", day=pd.NaT, start=pd.NaT, bought_then=False).iloc[:0]]
    for one in coming(festivals, until=until, days=days).itertuples():
        then = buyers(table, festivals, name_zh=one.name_zh, until=until)
        known = {"name_zh": one.name_zh, "name": one.name, "day": one.day, "start": one.start}
        parts.append(told.assign(**known, bought_then=told["customer_id"].isin(then)))
    rows = pd.concat(parts[1:] or parts, ignore_index=True).assign(sure=lambda t: t["verdict"] == SURE)
    order = ["day", "name_zh", "sure", "bought_then", "probability", "customer_id"]
    rows = rows.sort_values(order, ascending=[True, True, False, False, False, True], ignore_index=True)
    return rows[[*_WHEN, "customer_id", "value", "probability", "verdict", "bought_then"]]


def matrix(invited: pd.DataFrame) -> pd.DataFrame:
    """Return the campaign matrix: who, what, when.

    Parameters
    ----------
    invited
        As `audience` gives it.

    Returns
    -------
    One row per coming festival and value: name_zh, name, day, start, value, sure (customers), sure_then (of
    them, who bought at that festival before), leaning, leaning_then. By day, then by the number of sure
    customers. No rows where no festival comes or nobody has a preference.
    """
    sure, then = invited["verdict"] == SURE, invited["bought_then"].astype(bool)
    counts = invited.assign(sure=sure, sure_then=sure & then, leaning=~sure, leaning_then=~sure & then)
    keys, numbers = [*_WHEN, "value"], ["sure", "sure_then", "leaning", "leaning_then"]
    rows = counts.groupby(keys, as_index=False)[numbers].sum()
    order = ["day", "name_zh", "sure", "leaning", "value"]
    return rows.sort_values(order, ascending=[True, True, False, False, True], ignore_index=True)
