"""What became of a campaign's messages: who of those meant to be sent something was, and what they did."""

from dataclasses import dataclass

import pandas as pd

from clv import funnel
from clv.language import tell
from clv.responses import Responses


@dataclass(frozen=True, eq=False)
class Delivery:
    """What became of the messages: the funnel by channel, the share of the send arm reached, in words."""

    funnel: pd.DataFrame
    share: float | None
    sentence: str


def of(found: Responses, contacts: pd.DataFrame) -> Delivery:
    """Return what became of a campaign's messages, as far as the contacts say; it proves no effect.

    Parameters
    ----------
    found
        The campaign's customers; those who bought count as having ordered.
    contacts
        A CONTACTS table.
    """
    people = found.customers
    send, alone = people.index[found.sent], people.index[~found.sent]
    buyers = people.index[people["bought"] > 0]
    days, channels = {"since": found.sent_on, "until": found.seen_until}, people["channel"].dropna().unique()
    sent = contacts[contacts["event"].eq("sent") & contacts["at"].dt.date.between(*days.values())]
    name = found.campaign if sent["campaign"].eq(found.campaign).any() else None
    if name is None:  # messages that name another campaign are no messages of this one
        contacts = contacts[contacts["campaign"].isna()]
        got = sent.loc[sent["campaign"].isna() & sent["channel"].isin(channels), "customer_id"]
    else:
        got = sent.loc[sent["campaign"].eq(name), "customer_id"]
    table = funnel.funnel(contacts, among=send, campaign=name, ordered=buyers, **days).set_index("channel")
    table = table[table.index.isin(channels)]
    reached = send.isin(got)
    if not reached.any():
        said = tell(
            "The contacts say nothing of this campaign's messages, so nobody knows how many arrived; "
            "the figures above count by assignment and need no such file."
        )
        return Delivery(table.iloc[:0], None, said)
    said = tell(
        "Of {send:,} customers who were to be sent something, {reached:,} were.",
        send=len(send),
        reached=reached.sum(),
    )
    told = int(alone.isin(got).sum())
    if told and name is not None:
        said += tell(
            " {told:,} of {alone:,} who were to be left alone were sent it all the same: the effect "
            "is then understated.",
            told=told,
            alone=len(alone),
        )
    return Delivery(table[table["sent"] > 0], float(reached.mean()), said)
