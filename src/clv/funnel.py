"""Funnel: of the customers who were sent something, how many opened, clicked, answered, left, ordered.

No effect can be read off it. Those who open would have bought more than the others without any message, and
those who were chosen for one are not like those who were not; only a control group tells what a message did.
"""

from collections.abc import Iterable
from datetime import date

import pandas as pd

from clv import tables
from clv.errors import SettingError
from clv.language import tell
from clv.measuring import rates

SENT, ORDERED, UNSENT = "sent", "ordered", "unsent"


def funnel(
    contacts: pd.DataFrame,
    *,
    among: Iterable[str] | None = None,
    campaign: str | None = None,
    since: date | str | None = None,
    until: date | str | None = None,
    ordered: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Return how many customers were sent something by each channel, and how many of them did what.

    It describes and proves nothing: those who open would have bought more anyway, so that more orders among
    them are no effect of the message.

    Parameters
    ----------
    contacts
        The whole CONTACTS table of the shop.
    among
        Customers to look at; without it, all.
    campaign
        Only events that name it; without it, all.
    since, until
        First and last day of the events that count; without them, from the first and to the last.
    ordered
        Customers who ordered within the time in question.

    Returns
    -------
    One row per channel of `contacts`, in the order of `tables.CHANNELS`: channel, sent, then opened, clicked,
    replied, opted_out, complained (and ordered, where it is given), all in customers, each once per channel.
    Of those who were sent something within the days, an answer within the days counts; whether it was to that
    message is not known. Missing is what nobody ever did by a channel in all of `contacts`: an SMS does not
    tell who opened it. `unsent` are customers with an answer but no message within the days; they are in no
    other column, so sent + unsent are all customers with any event.

    Raises
    ------
    InputError
        `contacts` is no CONTACTS table, or a day is none.
    SettingError
        `since` lies after `until`.
    """
    contacts = tables.check(contacts, tables.CONTACTS)
    told = _each_once(contacts)
    found = _each_once(_chosen(contacts, among=among, campaign=campaign, since=since, until=until))
    sent = found[found["event"] == SENT]
    reached = found.merge(sent[["channel", "customer_id"]])
    channels = [channel for channel in tables.CHANNELS if channel in set(told["channel"])]
    known = _counts(told, channels).gt(0)
    table = _counts(reached, channels).astype(float).where(known).fillna({SENT: 0}).astype({SENT: "int64"})
    if ordered is not None:
        table[ORDERED] = _of(sent[sent["customer_id"].isin(list(ordered))], channels)
    table[UNSENT] = _of(found, channels) - table[SENT]
    return table.reset_index()


def shares(found: pd.DataFrame) -> pd.DataFrame:
    """Return a funnel in long form, as shares of those who were sent something.

    Parameters
    ----------
    found
        What `funnel` returned.

    Returns
    -------
    One row per channel and step after the first: channel, step, customers, sent, share, and low and high, the
    ends of Wilson's 95 % interval (1927, JASA 22:209). Missing where the channel does not tell the step, or
    nothing was sent.
    """
    steps = [name for name in (*tables.EVENTS, ORDERED) if name in found and name != SENT]
    long = found.melt(["channel", SENT], steps, var_name="step", value_name="customers")
    long["share"] = (long["customers"] / long[SENT]).where(long[SENT] > 0)
    long["low"], long["high"] = rates.wilson(long["customers"], long[SENT])
    order = pd.MultiIndex.from_product([found["channel"], steps], names=["channel", "step"])
    columns = ["customers", SENT, "share", "low", "high"]
    return long.set_index(["channel", "step"]).loc[order, columns].reset_index()


def _chosen(
    contacts: pd.DataFrame,
    *,
    among: Iterable[str] | None,
    campaign: str | None,
    since: date | str | None,
    until: date | str | None,
) -> pd.DataFrame:
    first, last = (None if day is None else pd.Timestamp(tables.as_day(day)) for day in (since, until))
    if first is not None and last is not None and first > last:
        raise SettingError(
            tell("since is {first}, after until, {last}; swap them.", first=first.date(), last=last.date())
        )
    day = contacts["at"].dt.normalize()
    keep = pd.Series(data=True, index=contacts.index)
    if among is not None:
        keep &= contacts["customer_id"].isin(list(among))
    if campaign is not None:
        keep &= contacts["campaign"].eq(campaign)
    if first is not None:
        keep &= day >= first
    if last is not None:
        keep &= day <= last
    return contacts[keep]


def _each_once(contacts: pd.DataFrame) -> pd.DataFrame:
    return contacts[["channel", "event", "customer_id"]].drop_duplicates()


def _counts(each: pd.DataFrame, channels: list[str]) -> pd.DataFrame:
    """Return customers by channel and event."""
    counts = pd.crosstab(each["channel"], each["event"]).rename_axis(columns=None)
    rows = pd.Index(channels, name="channel", dtype="str")
    return counts.reindex(index=rows, columns=[*tables.EVENTS], fill_value=0)


def _of(each: pd.DataFrame, channels: list[str]) -> pd.Series:
    """Return customers by channel, whatever they did."""
    return each.groupby("channel")["customer_id"].nunique().reindex(channels, fill_value=0)
