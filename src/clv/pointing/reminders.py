"""Whom to remind that points expire, and who holds enough points for "use 500 points this month"."""

from collections.abc import Sequence

import pandas as pd

from clv import tables
from clv.pointing import breakage
from clv.pointing.lots import Account
from clv.pointing.rates import Rates

DAYS = (30, 7, 1)


def due(account: Account, *, days: int, least: float = 0.0) -> pd.DataFrame:
    """Return the customers of whose points some expire within the next days.

    Parameters
    ----------
    days
        From the day on which the messages go out, the day after the account's.
    least
        Points that must be about to expire, for a customer to be worth a message.

    Returns
    -------
    Index customer_id, most points first: points (that expire), balance (all that the customer holds),
    first_on (the last day of those that expire first), days_left (from the day of the messages to it).
    """
    out = account.outstanding()
    by = out[out["expires_on"] <= _last(account, days)].groupby("customer_id")
    table = pd.DataFrame({"points": by["left"].sum(), "first_on": by["expires_on"].min()})
    table["balance"] = out.groupby("customer_id")["left"].sum().reindex(table.index)
    table["days_left"] = (table["first_on"] - _last(account, 0)).dt.days
    table = table[table["points"] >= least].sort_index()
    table = table.sort_values("points", ascending=False, kind="stable")
    return table[["points", "balance", "first_on", "days_left"]]


def counts(
    account: Account,
    rates: Rates,
    *,
    value: float,
    least: float = 0.0,
    days: Sequence[int] = DAYS,
    members: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return how many would be reminded at each of some distances to the last day, and what is at stake.

    Parameters
    ----------
    value
        Money that a point is worth when it is used.
    members
        A MEMBERS table, for the consents; without it nobody knows who may be reached.

    Returns
    -------
    Index within_days: customers, may_be_reached (who agreed to at least one channel; missing where unknown),
    points, money, likely_unused (money of the points that expire unused if nobody is reminded).
    """
    reach, rows = _reachable(members), []
    for within in days:
        who = due(account, days=within, least=least)
        reached = pd.NA if reach is None else int(who.index.isin(reach).sum())
        points = float(who["points"].sum())
        lost = _lost(account, rates, who.index, within)
        rows.append((within, len(who), reached, points, points * value, lost * value))
    columns = ["within_days", "customers", "may_be_reached", "points", "money", "likely_unused"]
    return pd.DataFrame(rows, columns=columns).astype({"may_be_reached": "Int64"}).set_index("within_days")


def holders(account: Account, *, least: Sequence[float], value: float) -> pd.DataFrame:
    """Return who holds at least so many points.

    Returns
    -------
    Index least: customers, share (of all who hold any), points, money.
    """
    balance = account.outstanding().groupby("customer_id")["left"].sum()
    held = {at_least: balance[balance >= at_least] for at_least in least}
    rows = [(name, len(who), len(who) / max(len(balance), 1), float(who.sum())) for name, who in held.items()]
    table = pd.DataFrame(rows, columns=["least", "customers", "share", "points"]).set_index("least")
    return table.assign(money=table["points"] * value)


def _reachable(members: pd.DataFrame | None) -> pd.Index | None:
    consents = [f"consent_{channel}" for channel in tables.CHANNELS]
    there = [] if members is None else [name for name in consents if name in members]
    return members.index[members[there].any(axis=1)] if there else None


def _last(account: Account, days: int) -> pd.Timestamp:
    return account.until + pd.Timedelta(days=1 + days)


def _lost(account: Account, rates: Rates, who: pd.Index, within: int) -> float:
    out = account.outstanding()
    soon = out["expires_on"] <= _last(account, within)
    lots = out[soon & out["customer_id"].isin(who)].reset_index(drop=True)
    return breakage.unused(rates, lots, day=account.until).summed(lots["left"].to_numpy())[0]
