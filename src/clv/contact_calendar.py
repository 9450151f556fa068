"""The next ninety days: whom there is a reason to write to on which day, and what the caps leave of it.

Reasons are birthdays (month and day), points that expire, and festivals for those who bought in them before.
A customer with two reasons close together is written to for the better one.
"""

from collections.abc import Sequence
from datetime import date

import pandas as pd

REASONS = ("points expire", "birthday", "festival")  # the better first: what is lost, then what is personal
DAYS = 90
REST = 14
LEAD = {"points expire": 14, "birthday": 3, "festival": 10}  # days before


def reasons(
    members: pd.DataFrame | None, *, festivals: pd.DataFrame, buyers: pd.DataFrame, on: date, days: int = DAYS
) -> pd.DataFrame:
    """Return every reason to write in the days after `on`, one row each, by day.

    Parameters
    ----------
    members
        MEMBERS table; None where the shop has none.
    festivals
        name_zh, name, day: `clv.festivals.table`.
    buyers
        customer_id, name_zh: who bought in the window of which festival before.

    Returns
    -------
    customer_id, send_on, reason, what (the festival's name, or empty), day (of the occasion).
    """
    first, last = pd.Timestamp(on) + pd.Timedelta(days=1), pd.Timestamp(on) + pd.Timedelta(days=days)
    parts = [_festival(festivals, buyers)]
    if members is not None:
        parts += [_birthdays(members, first, last), _expiring(members)]
    found = pd.concat([part for part in parts if len(part)] or [parts[0]], ignore_index=True)
    lead = pd.to_timedelta(found["reason"].map(LEAD), unit="D")
    found = found.assign(send_on=(found["day"] - lead).clip(lower=first))
    found = found[found["day"].between(first, last)]
    order = found["reason"].map(REASONS.index)
    ordered = found.assign(order=order).sort_values(["send_on", "order", "customer_id"], kind="stable")
    return ordered[["customer_id", "send_on", "reason", "what", "day"]].reset_index(drop=True)


def _birthdays(members: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Return birthdays of both years that the days may touch; of 29 February, the 28th in other years."""
    born = members["birthday"].dropna() if "birthday" in members else pd.Series(dtype="str")
    parts = []
    for year in range(first.year, last.year + 1):
        text = f"{year}-" + born
        day = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").fillna(pd.Timestamp(year, 2, 28))
        parts.append(
            pd.DataFrame({"customer_id": born.index, "day": day.to_numpy(), "reason": "birthday", "what": ""})
        )
    return pd.concat(parts, ignore_index=True).assign(reason="birthday", what="")


def _expiring(members: pd.DataFrame) -> pd.DataFrame:
    if not {"points", "points_expire_on"} <= set(members):
        return pd.DataFrame(columns=["customer_id", "day", "reason", "what"])
    there = members[members["points"].gt(0) & members["points_expire_on"].notna()]
    rows = {"customer_id": there.index, "day": there["points_expire_on"].to_numpy()}
    return pd.DataFrame({**rows, "reason": "points expire", "what": ""})


def _festival(festivals: pd.DataFrame, buyers: pd.DataFrame) -> pd.DataFrame:
    both = buyers.drop_duplicates(["customer_id", "name_zh"]).merge(
        festivals[["name_zh", "day"]], on="name_zh"
    )
    return both.rename(columns={"name_zh": "what"}).assign(reason="festival")[
        ["customer_id", "day", "reason", "what"]
    ]


def festival_buyers(orders: pd.DataFrame, festivals: pd.DataFrame, *, before: date) -> pd.DataFrame:
    """Return who bought in the window of which festival that was over before a day: customer_id, name_zh."""
    over = festivals[festivals["to"] < pd.Timestamp(before)]
    day = orders["paid_at"].dt.normalize()
    parts = [
        orders.loc[day.between(one["from"], one["to"]), ["customer_id"]].assign(name_zh=one["name_zh"])
        for one in over[over["to"] >= day.min()].to_dict("records")
    ]
    found = pd.concat(parts) if parts else pd.DataFrame({"customer_id": [], "name_zh": []}, dtype="str")
    return found.dropna().drop_duplicates(ignore_index=True)


def capped(found: pd.DataFrame, *, reached: pd.DataFrame | None = None, rest: int = REST) -> pd.DataFrame:
    """Return the reasons with `kept`: whether the customer is written to, or was or will be too close to it.

    Of reasons of one customer that lie closer than `rest` days, the better one is kept (what expires, then
    the birthday, then the festival; of equals the earlier). Nobody who was reached within `rest` days before
    is written to.

    Parameters
    ----------
    found
        `reasons`.
    reached
        customer_id, at: messages already sent.
    """
    gap = pd.Timedelta(days=rest)
    kept_days = _sent_days(reached)
    order = found.assign(rank=found["reason"].map(REASONS.index)).sort_values(
        ["rank", "send_on", "customer_id"], kind="stable"
    )
    keep = {}
    for row, who, day in zip(order.index, order["customer_id"], order["send_on"], strict=True):
        days = kept_days.setdefault(who, [])
        keep[row] = all(abs(day - other) >= gap for other in days)
        if keep[row]:
            days.append(day)
    return found.assign(kept=pd.Series(keep, dtype=bool).reindex(found.index))


def _sent_days(reached: pd.DataFrame | None) -> dict[str, list[pd.Timestamp]]:
    if reached is None or reached.empty:
        return {}
    day = reached["at"].dt.normalize()
    return day.groupby(reached["customer_id"]).agg(lambda days: [days.max()]).to_dict()


def by_week(capped_reasons: pd.DataFrame, reasons_known: Sequence[str] = REASONS) -> pd.DataFrame:
    """Return the customers to be written to by week and reason, and how many the caps left out.

    Returns
    -------
    week (its Monday; the index), a column per reason, all, left_out.
    """
    week = capped_reasons["send_on"] - pd.to_timedelta(capped_reasons["send_on"].dt.day_of_week, unit="D")
    kept = capped_reasons[capped_reasons["kept"]]
    table = pd.crosstab(week[kept.index], kept["reason"]).reindex(columns=list(reasons_known), fill_value=0)
    out = week[~capped_reasons["kept"]].value_counts()
    table = table.reindex(table.index.union(out.index), fill_value=0).rename_axis(index="week", columns=None)
    return table.assign(all=table.sum(axis=1), left_out=out.reindex(table.index, fill_value=0))
