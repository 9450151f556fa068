"""Suppression: which customers may be reached by which channel on a day, and why not the others.

Only what happened up to the day is looked at. Of a refund only the day is known on which the order had been
paid, not the day of the refund; so it is that day which counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from clv.errors import InputError, SettingError
from clv.language import tell
from clv.offering.channels import Cap, Channel

COMPLAINT_DAYS = 90  # of rest after a complaint
CAMPAIGN_DAYS = 90  # that a campaign runs whose end is not known
REFUND_DAYS = 30  # after the payment of an order that was paid back, in part or in whole

_DAYS, _TEXTS = ("at", "runs_until", "paid_at", "sent_on"), ("customer_id", "channel", "event")
_NOTHING = pd.DataFrame(
    {name: pd.Series(dtype="datetime64[ns]") for name in _DAYS}
    | {name: pd.Series(dtype="str") for name in _TEXTS}
)


@dataclass(frozen=True, eq=False)
class Reachable:
    """Who may be reached.

    Attributes
    ----------
    allowed
        One row per customer of the audience, one column per channel: whether it may be used.
    reasons
        Why not: reason, channel, customers; all reasons, in the order in which they are looked at. Each
        customer counts once per channel, under the first reason that holds, so that those who may be reached
        and all reasons add up to the audience.
    """

    allowed: pd.DataFrame
    reasons: pd.DataFrame


def allowed(
    customers: pd.DataFrame,
    *,
    channels: Mapping[str, Channel],
    on: date,
    members: pd.DataFrame | None,
    contacts: pd.DataFrame | None,
    orders: pd.DataFrame,
    returns: pd.DataFrame | None,
    campaigns: pd.DataFrame | None = None,
    rest_days: int = 14,
    require_consent: bool = True,
) -> Reachable:
    """Return which customers may be reached by which channel on a day.

    Nobody may who did not agree to the channel, opted out of it (later too), complained within 90 days, is in
    a campaign that still runs (left alone by it too), ordered within the days of rest, paid within 30 days
    for an order that was paid back, or has had all messages that the channel's caps allow. "Within n days"
    reaches back to n days before the day; a cap of n days looks at the day and n - 1 before it.

    Parameters
    ----------
    customers
        The audience, indexed by customer.
    channels
        The channels of the playbook by name.
    members, contacts, orders, returns
        MEMBERS, CONTACTS, ORDERS and RETURNS; None where the shop has no such file.
    campaigns
        Who was put into which campaign, in either arm: customer_id, sent_on, runs_until.
    rest_days
        Days of rest after an order, 0 to 365.
    require_consent
        Whether only those may be reached who agreed to it; without, opt-outs alone are respected.

    Raises
    ------
    SettingError
        `rest_days` is no number of days.
    InputError
        Consent is required and there is no members file, or it lacks the consent to a channel.
    """
    _check_rest(rest_days)
    day, ids = pd.Timestamp(on), customers.index
    agreed = _agreed(ids, members, channels, require_consent=require_consent)
    events = _until(contacts, "at", day)
    runs = _running(ids, _until(campaigns, "sent_on", day), day)
    everywhere = _by_contacts(ids, events, day, runs=runs) | _by_orders(
        ids, _until(orders, "paid_at", day), _until(returns, "paid_at", day), rest_days=rest_days
    )
    barred = {
        name: {
            "has not agreed to it": ~agreed[name].to_numpy(),
            "opted out of it": _opted_out(ids, contacts, name),
            **everywhere,
            "has had as many messages as its caps allow": _capped(ids, events, name, channel.caps),
        }
        for name, channel in channels.items()
    }
    return _first_reasons(ids, barred)


def _check_rest(rest_days: int) -> None:
    if not 0 <= rest_days <= 365:
        raise SettingError(
            tell("rest_days is {rest_days}; it should lie between 0 and 365.", rest_days=rest_days)
        )


def _agreed(
    ids: pd.Index, members: pd.DataFrame | None, channels: Mapping[str, Channel], *, require_consent: bool
) -> pd.DataFrame:
    """Return who agreed to which channel; nobody did of whom the file says nothing."""
    if not require_consent:
        return pd.DataFrame(data=True, index=ids, columns=list(channels))
    if members is None:
        raise InputError(
            tell(
                "the shop names no members file, so nobody is known to have agreed to be reached; add "
                "`members:` to the shop file."
            )
        )
    lacking = [name for name in channels if f"consent_{name}" not in members]
    if lacking:
        columns = ", ".join(f"consent_{name}" for name in lacking)
        raise InputError(
            tell(
                "the members file has no column {columns}; add it or take {lacking} off the playbook's "
                "channels.",
                columns=columns,
                lacking=", ".join(lacking),
            )
        )
    found = members[[f"consent_{name}" for name in channels]].set_axis(list(channels), axis=1)
    return found.reindex(ids).fillna(value=False).eq(other=True)


def _until(table: pd.DataFrame | None, column: str, day: pd.Timestamp) -> pd.DataFrame:
    """Return the rows up to and including the day, with `age` in days; none of a table that is not there."""
    table = _NOTHING if table is None else table
    age = (day - table[column].dt.normalize()).dt.days
    return table.assign(age=age)[age >= 0]


def _by_contacts(
    ids: pd.Index, events: pd.DataFrame, day: pd.Timestamp, *, runs: np.ndarray
) -> dict[str, np.ndarray]:
    complained = (events["event"] == "complained") & (events["age"] <= COMPLAINT_DAYS)
    told = (events["event"] == "sent") & (events["runs_until"] >= day)
    return {
        tell("complained within {complaint_days} days", complaint_days=COMPLAINT_DAYS): _who(
            ids, events, complained
        ),
        "is in a campaign that still runs": _who(ids, events, told) | runs,
    }


def _by_orders(
    ids: pd.Index, orders: pd.DataFrame, returns: pd.DataFrame, *, rest_days: int
) -> dict[str, np.ndarray]:
    return {
        tell("ordered within {rest_days} days", rest_days=rest_days): _aged(ids, orders, rest_days),
        tell(
            "paid within {refund_days} days for an order that was paid back", refund_days=REFUND_DAYS
        ): _aged(ids, returns, REFUND_DAYS),
    }


def _running(ids: pd.Index, put: pd.DataFrame, day: pd.Timestamp) -> np.ndarray:
    """Return who is in a campaign that still runs; one whose end is not known runs for a quarter."""
    ends = put["runs_until"].fillna(put["sent_on"] + pd.Timedelta(days=CAMPAIGN_DAYS - 1))
    return _who(ids, put, ends >= day)


def _opted_out(ids: pd.Index, contacts: pd.DataFrame | None, channel: str) -> np.ndarray:
    table = _NOTHING if contacts is None else contacts
    return _who(ids, table, (table["channel"] == channel) & (table["event"] == "opted_out"))


def _who(ids: pd.Index, rows: pd.DataFrame, which: pd.Series) -> np.ndarray:
    return ids.isin(rows.loc[which, "customer_id"])


def _aged(ids: pd.Index, rows: pd.DataFrame, days: int) -> np.ndarray:
    return _who(ids, rows, rows["age"] <= days)


def _capped(ids: pd.Index, events: pd.DataFrame, channel: str, caps: list[Cap]) -> np.ndarray:
    """Return for whom one more message would be one too many within the days of a cap."""
    full = np.zeros(len(ids), dtype=bool)
    sent = events[(events["event"] == "sent") & (events["channel"] == channel)]
    for cap in caps:
        counts = sent.loc[sent["age"] < cap.days, "customer_id"].value_counts()
        full |= ids.isin(counts.index[counts >= cap.most])
    return full


def _first_reasons(ids: pd.Index, barred: Mapping[str, Mapping[str, np.ndarray]]) -> Reachable:
    free, rows = {}, []
    for channel, by_reason in barred.items():
        left = np.ones(len(ids), dtype=bool)
        for reason, mask in by_reason.items():
            rows.append((reason, channel, int((left & mask).sum())))
            left &= ~mask
        free[channel] = left
    return Reachable(
        pd.DataFrame(free, index=ids), pd.DataFrame(rows, columns=["reason", "channel", "customers"])
    )
