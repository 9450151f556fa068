"""The second step of a campaign: who of those it was sent to did what, and who may get a second message.

A flow of two steps, as mail programs have it: the first message, and after some days another to those who did
not open it, or who clicked and did not buy. The control group gets neither, so the whole flow is measured.
"""

from datetime import date

import pandas as pd

from clv.errors import NoAnswerError
from clv.language import tell
from clv.visiting.moments import DAY, comparable, days_between

WAIT = 3
# (state, next step), the first that holds counts; only the last three are written to again
NEXT = {
    "opted out or complained": "nothing more, by any message of this campaign",
    "ordered": "thanks, and care for what was bought",
    "replied": "an answer from a person",
    "clicked, did not order": "what was clicked once more, in other words",
    "opened, did not click": "another reason, not another discount",
    "sent, nothing came back": "another subject or hour, once",
}
AGAIN = tuple(NEXT)[3:]


def states(contacts: pd.DataFrame, orders: pd.DataFrame, *, campaign: str, on: date) -> pd.DataFrame:
    """Return where each customer who was sent a campaign stands on a day.

    Whoever opted out or complained by then counts as such, whatever campaign it came of.

    Parameters
    ----------
    contacts, orders
        CONTACTS and ORDERS tables; what lies after the day is not looked at.

    Returns
    -------
    customer_id (index), channel, sent_at (the first), days_since, state (a key of `NEXT`).

    Raises
    ------
    NoAnswerError
        No message of this campaign was sent until then.
    """
    end = pd.Timestamp(on) + DAY
    known = contacts[contacts["at"] < end]
    mine = known[known["campaign"].eq(campaign)]
    sent = mine[mine["event"] == "sent"].sort_values(["at", "channel"], kind="stable")
    if sent.empty:
        named = sorted(contacts["campaign"].dropna().unique())
        raise NoAnswerError(
            tell(
                "no message of a campaign {campaign!r} was sent until {on}; the contacts know {value}.",
                campaign=campaign,
                on=on,
                value=", ".join(named[:5]) or "no campaign",
            )
        )
    first = sent.drop_duplicates("customer_id").set_index("customer_id")[["channel", "at"]]
    did = mine.groupby("event")["customer_id"].agg(set).to_dict()
    refused = known.loc[known["event"].isin(["opted_out", "complained"]), "customer_id"]
    held = {
        "opted out or complained": set(refused),
        "ordered": set(first.index[_ordered(first["at"], orders[orders["paid_at"] < end])]),
        "replied": did.get("replied", set()),
        "clicked, did not order": did.get("clicked", set()),
        "opened, did not click": did.get("opened", set()),
    }
    state = pd.Series("sent, nothing came back", index=first.index)
    for name in reversed(held):
        state = state.mask(first.index.isin(held[name]), name)
    days = days_between(first["at"], pd.Timestamp(on))
    return first.rename(columns={"at": "sent_at"}).assign(days_since=days, state=state)


def _ordered(sent_at: pd.Series, orders: pd.DataFrame) -> pd.Series:
    """Return who ordered after the message; of orders without a time of day, on its day or after."""
    then, paid_at = comparable(sent_at, orders["paid_at"])
    last = paid_at.groupby(orders["customer_id"]).max().reindex(sent_at.index)
    return last.astype("datetime64[ns]") >= then


def steps(found: pd.DataFrame) -> pd.DataFrame:
    """Return the flow as a table: state, customers, share, next step.

    Parameters
    ----------
    found
        `states`.
    """
    n = found["state"].value_counts().reindex(list(NEXT), fill_value=0)
    share = (n / len(found)).to_numpy()
    table = {"state": n.index, "customers": n.to_numpy(), "share": share, "next": [*NEXT.values()]}
    return pd.DataFrame(table)


def second(found: pd.DataFrame, *, wait: int = WAIT) -> pd.DataFrame:
    """Return those who may get the second message: `wait` days after the first or later, and not done."""
    due = found[found["state"].isin(AGAIN) & (found["days_since"] >= wait)]
    return due.sort_values(["state", "sent_at"], kind="stable")
