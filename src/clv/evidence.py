"""Evidence: what past campaigns with a control group showed, as counts; from their lists, or from the ledger.

campaign, offer, channel, kind, segment, sent_on → sent, sent_bought, control, control_bought
"""

import pandas as pd

from clv.arms import CONTROL, SEND
from clv.errors import InputError
from clv.language import tell

WAY = ["campaign", "offer", "channel"]
KEYS = [*WAY, "segment", "sent_on"]
COUNTS = ["sent", "sent_bought", "control", "control_bought"]


def outcomes(past: pd.DataFrame, orders: pd.DataFrame, *, window: int, until: pd.Timestamp) -> pd.DataFrame:
    """Return who of past campaigns bought within the window after it was sent.

    Parameters
    ----------
    past
        customer_id, campaign, offer, channel, arm, segment, sent_on: one row per customer and campaign.
    orders
        An ORDERS table.
    until
        Last day of observation; campaigns whose window goes on after it are left out.

    Returns
    -------
    The rows of `past` with `bought`.
    """
    over = past[past["sent_on"] + pd.Timedelta(days=window - 1) <= pd.Timestamp(until)].reset_index(drop=True)
    days = orders[["customer_id", "paid_at"]].dropna()
    both = over[["customer_id", "sent_on"]].reset_index().merge(days, on="customer_id")
    wait = (both["paid_at"].dt.normalize() - both["sent_on"]).dt.days
    answered = both.loc[wait.between(0, window - 1), "index"]
    return over.assign(bought=over.index.isin(answered))


def counts(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the outcomes of lists as counts, which is all that is learned from.

    Whom a campaign left alone without naming an offer or a channel is like its others only if it had one;
    otherwise nobody knows what they would have got, and they stand for no offer.

    Parameters
    ----------
    outcomes
        One row per customer: arm ('send' or 'control'), bought, and where known campaign, offer, channel,
        segment and sent_on.

    Returns
    -------
    campaign, offer, channel, segment (text, empty where unknown), sent_on; sent, sent_bought, control,
    control_bought.

    Raises
    ------
    InputError
        An arm is neither of the two.
    """
    words = {name: outcomes[name].fillna("") if name in outcomes else "" for name in KEYS[:-1]}
    arm, bought = outcomes["arm"], outcomes["bought"].astype(bool)
    strange = int((~arm.isin([SEND, CONTROL])).sum())
    if strange:
        raise InputError(
            tell(
                "of {outcomes:,} customers of past campaigns {strange:,} are neither 'send' nor "
                "'control'; no other word tells the arms.",
                outcomes=len(outcomes),
                strange=strange,
            )
        )
    table = pd.DataFrame(words, index=outcomes.index, dtype="str").assign(
        sent_on=outcomes.get("sent_on", pd.NaT),
        sent=arm.eq(SEND), sent_bought=arm.eq(SEND) & bought,
        control=arm.eq(CONTROL), control_bought=arm.eq(CONTROL) & bought,
    )  # fmt: skip
    return _with_their_offer(table).groupby(KEYS, as_index=False, dropna=False)[COUNTS].sum()


def _with_their_offer(table: pd.DataFrame) -> pd.DataFrame:
    ways = table.loc[table["sent"] & table["offer"].ne(""), WAY].drop_duplicates()
    unnamed = table["control"] & table["offer"].eq("")
    table = _filled(table, unnamed, ways, by=["campaign"])
    no_channel = table["control"] & table["offer"].ne("") & table["channel"].eq("")
    return _filled(table, no_channel, ways, by=["campaign", "offer"])


def _filled(table: pd.DataFrame, which: pd.Series, ways: pd.DataFrame, *, by: list[str]) -> pd.DataFrame:
    """Return the table with these rows given the one way that a campaign had, where it had one."""
    single = ways[~ways.duplicated(by, keep=False)]
    found = table.loc[which, by].merge(single, on=by, how="left").set_axis(table.index[which])[WAY].dropna()
    return table.assign(**{name: found[name].reindex(table.index).fillna(table[name]) for name in WAY})


def gathered(lists: pd.DataFrame, ledger: pd.DataFrame, *, kinds: dict[str, str]) -> pd.DataFrame:
    """Return the evidence of lists and ledger together; a campaign whose list is at hand counts once, by it.

    Parameters
    ----------
    lists
        As `counts` gives them.
    ledger
        The same and `kind`, as `ledger.cells` gives them.
    kinds
        Kind of offer by name, for lists, which do not say it; of offers that it lacks, as the ledger says.

    Returns
    -------
    KEYS, kind (empty where nobody knows it), COUNTS.
    """
    told = ledger[ledger["kind"].ne("")]
    known = {**dict(zip(told["offer"], told["kind"], strict=True)), **kinds}
    kept = ledger[~ledger["campaign"].isin(lists["campaign"])]
    parts = [lists.assign(kind=""), kept]
    both = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    kind = both["kind"].where(both["kind"].ne(""), both["offer"].map(known).astype("str").fillna(""))
    return both.assign(kind=kind)[[*KEYS, "kind", *COUNTS]]
