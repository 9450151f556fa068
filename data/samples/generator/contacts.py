"""Messages of the last 90 days and what came of them, and one campaign of the past with a control group."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from generator import csvfile
from generator.members import Shape

ANSWERS = {  # part of the messages of a channel that are followed by such an event
    "sms": {"clicked": 0.05, "opted_out": 0.010, "complained": 0.003},
    "wecom": {"opened": 0.35, "clicked": 0.08, "replied": 0.03, "opted_out": 0.006},
    "phone": {"replied": 0.40, "opted_out": 0.02, "complained": 0.01},
    "email": {"opened": 0.25, "clicked": 0.06, "opted_out": 0.04, "complained": 0.01},
}
HEADER = ["customer_id", "channel", "at", "event", "campaign", "runs_until"]
PAST_HEADER = ["customer_id", "campaign", "offer", "channel", "arm", "segment", "sent_on"]
CONTROL = 0.20
PAST_DAY = pd.Timestamp("2026-03-10")
WINDOWS = {"silent": 90, "sleeping": 180, "lost": 270}  # more than so many days since the last purchase


@dataclass(frozen=True)
class Sent:
    """A campaign: its day, the part of those who agreed to its channel that it went to, its last day."""

    name: str
    channel: str
    day: str
    share: float
    until: str = ""


SENT = {
    "gold": [
        Sent("520-preview", "sms", "2026-05-12", 0.30, "2026-05-21"),
        Sent("care-calls", "phone", "2026-06-03", 0.12),
        Sent("618-coupon", "wecom", "2026-06-08", 0.35, "2026-06-20"),
        Sent("summer-care", "sms", "2026-06-26", 0.15, "2026-07-12"),
    ],
    "department": [
        Sent("mothers-day", "wecom", "2026-05-06", 0.30, "2026-05-11"),
        Sent("618-coupon", "sms", "2026-06-10", 0.25, "2026-06-20"),
        Sent("summer-sale", "sms", "2026-06-27", 0.10, "2026-07-08"),
    ],
    "gift": [
        Sent("spring-news", "email", "2026-04-16", 0.50),
        Sent("birthday-letters", "email", "2026-06-18", 0.20, "2026-07-18"),
    ],
}


def write(
    folder: Path, shape: Shape, members: pd.DataFrame, sent: list[Sent], rng: np.random.Generator
) -> None:
    """Write contacts.csv: messages to members who agreed to the channel, and their answers, by time."""
    rows = pd.DataFrame({"customer": [], "channel": [], "event": []})
    for campaign in sent:
        gone = rows.loc[(rows["event"] == "opted_out") & (rows["channel"] == campaign.channel), "customer"]
        messages = _messages(campaign, members[~members["customer"].isin(gone)], rng)
        rows = pd.concat([rows, messages], ignore_index=True) if len(rows) else messages
    rows = rows.sort_values("at", kind="stable", ignore_index=True)
    cells = rows.assign(customer_id=shape.ids(rows["customer"]), at=csvfile.stamps(rows["at"]))
    csvfile.write(cells.astype(object), HEADER, folder / "contacts.csv", encoding=shape.encoding)


def _messages(campaign: Sent, members: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    there = members["since"] < pd.Timestamp(campaign.day)
    agreed = members[members[f"consent_{campaign.channel}"] & there]
    chosen = agreed.loc[rng.random(len(agreed)) < campaign.share, ["customer"]]
    first = 14 if campaign.channel == "phone" else 19
    seconds = rng.integers(first * 3600, (first + 2) * 3600, len(chosen))
    at = pd.Timestamp(campaign.day) + pd.to_timedelta(np.sort(seconds), unit="s")
    sent = chosen.assign(at=at.as_unit("s"), event="sent")
    parts = [sent]
    for event, share in ANSWERS[campaign.channel].items():
        rows = sent[rng.random(len(sent)) < share]
        later = pd.to_timedelta(rng.integers(60, 12 * 3600, len(rows)), unit="s").as_unit("s")
        parts.append(rows.assign(at=rows["at"] + later, event=event))
    both = pd.concat(parts, ignore_index=True)
    return both.assign(channel=campaign.channel, campaign=campaign.name, runs_until=campaign.until)


def write_past(
    folder: Path, shape: Shape, members: pd.DataFrame, bought: pd.DataFrame, rng: np.random.Generator
) -> None:
    """Write campaigns.csv: a recall whose arms were drawn afterwards, so that it can have done nothing."""
    before = bought[bought["paid_at"] < PAST_DAY].groupby("customer")["paid_at"].max()
    silent = (PAST_DAY - before.dt.normalize()).dt.days
    names = pd.cut(silent, [*WINDOWS.values(), np.inf], labels=list(WINDOWS)).dropna()
    agreed = members.loc[members["consent_sms"], "customer"]
    who = pd.Series(agreed[agreed.isin(names.index)].to_numpy(), name="customer")
    alone = np.zeros(len(who), dtype=bool)
    alone[rng.choice(len(who), round(CONTROL * len(who)), replace=False)] = True
    cells = pd.DataFrame(
        {
            "customer_id": shape.ids(who),
            "campaign": "2026-03-recall",
            "offer": "coupon-large",
            "channel": "sms",
            "arm": np.where(alone, "control", "send"),
            "segment": names.loc[who].astype(str).to_numpy(),
            "sent_on": PAST_DAY.strftime("%Y-%m-%d"),
        }
    )
    csvfile.write(cells.astype(object), PAST_HEADER, folder / "campaigns.csv", encoding=shape.encoding)
