"""What accounts of points add up to: by customer, for all, by month, and against the members file."""

import numpy as np
import pandas as pd

from clv.pointing.lots import ADJUSTED, Account

FLOWS = ["beyond", "earned", "adjusted", "used", "expired", "balance"]
AGREE, OURS_ALONE, THEIRS_ALONE = "agree", "only in the ledger", "only in the members file"
SAME = 0.5  # points by which two balances may differ and still be called equal


def of_customers(account: Account) -> pd.DataFrame:
    """Return what came and went, by customer.

    Returns
    -------
    Index customer_id; beyond (taken without having been earned: there were points before the ledger begins),
    earned, adjusted (by hand, with its sign), used, expired, balance. For everybody

        beyond + earned + adjusted = used + expired + balance
    """
    moves = _moves(account)
    table = moves.pivot_table(
        index="customer_id", columns="flow", values="points", aggfunc="sum", fill_value=0
    )
    table = table.reindex(columns=FLOWS[:-1], fill_value=0.0).astype(float)
    left = account.lots.groupby("customer_id")["left"].sum().reindex(table.index, fill_value=0.0)
    return table.assign(balance=left).rename_axis(columns=None).round(2)


def in_all(account: Account) -> pd.DataFrame:
    """Return the same for all customers together.

    Returns
    -------
    Index flow: beyond, earned, adjusted, used, expired, balance; points; customers (who have any of it).
    """
    table = of_customers(account)
    return pd.DataFrame({"points": table.sum(), "customers": table.ne(0).sum()}).rename_axis("flow")


def by_month(account: Account) -> pd.DataFrame:
    """Return what came and went by calendar month, and the balance at its end.

    Returns
    -------
    One row per month from the first change to the last day: month (its first day), the flows of
    `of_customers`, balance (at the month's end), whole (whether the month was over on the last day).
    """
    moves = _moves(account)
    month = moves["at"].dt.to_period("M")
    table = moves.assign(month=month).pivot_table(
        index="month", columns="flow", values="points", aggfunc="sum", fill_value=0
    )
    months = pd.period_range(table.index.min(), account.until.to_period("M"), freq="M")
    table = table.reindex(index=months, columns=FLOWS[:-1], fill_value=0.0).fillna(0.0).astype(float)
    change = table["beyond"] + table["earned"] + table["adjusted"] - table["used"] - table["expired"]
    whole = months.end_time.normalize() <= account.until
    table = table.assign(balance=change.cumsum()).round(2).assign(whole=whole, month=months.start_time)
    return table.rename_axis(columns=None).reset_index(drop=True)[["month", *FLOWS, "whole"]]


def against_members(account: Account, members: pd.DataFrame) -> pd.DataFrame:
    """Return how the balances agree with those in the members file.

    Parameters
    ----------
    members
        A MEMBERS table; without points in it nothing can be compared.

    Returns
    -------
    Index what: 'agree' (to half a point), 'the ledger has more', 'the members file has more', 'only in the
    ledger', 'only in the members file'; customers, ledger, members (points in each). Customers without
    points are in it where one of the two has any row of them.
    """
    theirs = members["points"].dropna() if "points" in members else pd.Series(dtype=float)
    ours = account.lots.groupby("customer_id")["left"].sum()
    both = pd.DataFrame({"ledger": ours, "members": theirs})
    apart = both["ledger"] - both["members"]
    cases = {
        AGREE: apart.abs() <= SAME,
        "the ledger has more": apart > SAME,
        "the members file has more": apart < -SAME,
        OURS_ALONE: both["members"].isna(),
        THEIRS_ALONE: both["ledger"].isna() & both["members"].ne(0),
    }
    rows = {name: [int(which.sum()), *both[which].sum()] for name, which in cases.items()}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["customers", "ledger", "members"])
    return table.rename_axis("what").astype({"customers": "int64"})


def _moves(account: Account) -> pd.DataFrame:
    """Return everything that came or went: customer_id, at, flow, points; what was taken back is below 0."""
    lots, beyond = account.lots, account.beyond
    parts = account.parts.assign(customer_id=lots["customer_id"].to_numpy()[account.parts["lot"]])
    taken = pd.concat([parts.drop(columns="lot"), beyond], ignore_index=True)
    back = np.where(taken["kind"].eq(ADJUSTED), -1.0, 1.0)
    columns = ["customer_id", "at", "flow", "points"]
    rows = [
        lots.rename(columns={"kind": "flow"})[columns],
        taken.assign(points=taken["points"] * back).rename(columns={"kind": "flow"})[columns],
        beyond.assign(flow="beyond")[columns],
    ]
    return pd.concat(rows, ignore_index=True)
