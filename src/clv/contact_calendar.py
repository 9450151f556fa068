"""The next ninety days: whom there is a reason to write to on which day, and what the caps leave of it.

Reasons are birthdays (month and day), points that expire, and festivals for those who bought in them before.
A customer with two reasons close together is written to for the better one.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

REASONS = ("points expire", "birthday", "festival")  # the better first: what is lost, then what is personal
DAYS = 90
REST = 14
LEAD = {"points expire": 14, "birthday": 3, "festival": 10}  # days before
NOT_ALLOWED = "may not be written to by this channel on that day"
TOO_CLOSE = "too close to another message"


def reasons(
    members: pd.DataFrame | None, *, festivals: pd.DataFrame, buyers: pd.DataFrame, on: date, days: int = DAYS
) -> pd.DataFrame:
    """Return every reason to write in the days after `on`, one row each, by day of sending.

    An occasion that lies too near for its usual lead is written about on the first day; what is to be sent
    within the days counts, though its occasion may come after them.

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
        latest = last + pd.Timedelta(days=LEAD["birthday"])
        parts += [_birthdays(members, first, latest), _expiring(members)]
    found = pd.concat([part for part in parts if len(part)] or [parts[0]], ignore_index=True)
    lead = pd.to_timedelta(found["reason"].map(LEAD), unit="D")
    found = found.assign(send_on=(found["day"] - lead).clip(lower=first))
    found = found[(found["day"] >= first) & (found["send_on"] <= last)]
    order = found["reason"].map(REASONS.index)
    ordered = found.assign(order=order).sort_values(["send_on", "order", "customer_id"], kind="stable")
    return ordered[["customer_id", "send_on", "reason", "what", "day"]].reset_index(drop=True)


def _birthdays(members: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Return birthdays of all years that the days touch; of 29 February, the 28th in other years."""
    born = members["birthday"].dropna() if "birthday" in members else pd.Series(dtype="str")
    parts = []
    for year in range(first.year, last.year + 1):
        day = pd.to_datetime(f"{year}-" + born, format="%Y-%m-%d", errors="coerce")
        day = day.mask(day.isna() & born.eq("02-29"), pd.Timestamp(year, 2, 28)).dropna()
        parts.append(pd.DataFrame({"customer_id": day.index, "day": day.to_numpy()}))
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


def capped(
    found: pd.DataFrame,
    *,
    on: date,
    reached: pd.DataFrame | None = None,
    allowed: pd.Series | None = None,
    rest: int = REST,
) -> pd.DataFrame:
    """Return the reasons with `kept`, whether the customer is written to, and `why_not` in words.

    Of reasons of one customer that lie closer than `rest` days, the better one is kept (what expires, then
    the birthday, then the festival; of equals the earlier). Nobody who was sent anything within `rest` days
    before is written to.

    Parameters
    ----------
    found
        `reasons`.
    on
        The last day of observation; messages after it are not looked at.
    reached
        CONTACTS: messages already sent; what was opened, clicked or refused is no message.
    allowed
        Of each reason, whether the customer may be written to on its day; those who may not take no better
        reason's place. Without it everybody may.
    """
    may = np.ones(len(found), dtype=bool) if allowed is None else allowed.to_numpy(dtype=bool)
    kept = np.zeros(len(found), dtype=bool)
    kept[may] = _kept(found[may], _last_sent(reached, pd.Timestamp(on)), rest)
    why_not = np.where(kept, "", np.where(may, TOO_CLOSE, NOT_ALLOWED))
    return found.assign(kept=kept, why_not=pd.Series(why_not, index=found.index, dtype="str"))


def _kept(found: pd.DataFrame, last_sent: pd.Series, rest: int) -> np.ndarray:
    """Return which reasons are kept: the first of each customer, then all second ones, and so on."""
    who, names = pd.factorize(found["customer_id"])
    day = _numbers(found["send_on"])
    rank = found["reason"].map(REASONS.index).to_numpy(dtype=int)
    order = np.lexsort((day, rank, who))
    place = pd.Series(who[order]).groupby(who[order]).cumcount().to_numpy()
    taken = np.full((len(names), place.max(initial=0) + 2), np.nan)
    taken[:, 0] = _numbers(last_sent.reindex(names))
    kept = np.zeros(len(found), dtype=bool)
    for turn in range(taken.shape[1] - 1):
        rows = order[place == turn]
        close = np.abs(taken[who[rows]] - day[rows, None]) < rest  # nan, a day not taken, is close to none
        kept[rows] = ~close.any(axis=1)
        taken[who[rows], turn + 1] = np.where(kept[rows], day[rows], np.nan)
    return kept


def _numbers(days: pd.Series) -> np.ndarray:
    """Return days as numbers; nan where there is none."""
    return ((days.astype("datetime64[ns]") - pd.Timestamp(0)) / pd.Timedelta(days=1)).to_numpy(dtype=float)


def _last_sent(reached: pd.DataFrame | None, on: pd.Timestamp) -> pd.Series:
    """Return the day of the last message of each customer."""
    if reached is None:
        return pd.Series(dtype="datetime64[ns]")
    day = reached["at"].dt.normalize()
    sent = reached["event"].eq("sent") & (day <= on)
    return day[sent].groupby(reached.loc[sent, "customer_id"]).max()


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
