"""Messages of the last 90 days and of a campaign before them, and what came of them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from generator import csvfile
from generator.campaigns import Past
from generator.members import Shape

ANSWERS = {  # part of the messages of a channel that are followed by such an event
    "sms": {"clicked": 0.05, "opted_out": 0.010, "complained": 0.003},
    "wecom": {"opened": 0.35, "clicked": 0.08, "replied": 0.03, "opted_out": 0.006},
    "phone": {"replied": 0.40, "opted_out": 0.02, "complained": 0.01},
    "email": {"opened": 0.25, "clicked": 0.06, "opted_out": 0.04, "complained": 0.01},
}
HEADER = ["customer_id", "channel", "at", "event", "campaign", "runs_until"]
ARRIVED = 0.97  # part of a campaign's send arm that was really sent something


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


def draw(members: pd.DataFrame, sent: list[Sent], rng: np.random.Generator) -> pd.DataFrame:
    """Return messages to members who agreed to the channel, and their answers.

    Returns
    -------
    customer (number), channel, at, event, campaign, runs_until.
    """
    rows = pd.DataFrame({"customer": [], "channel": [], "event": []})
    for campaign in sent:
        gone = rows.loc[(rows["event"] == "opted_out") & (rows["channel"] == campaign.channel), "customer"]
        messages = _messages(campaign, members[~members["customer"].isin(gone)], rng)
        rows = pd.concat([rows, messages], ignore_index=True) if len(rows) else messages
    return rows


def draw_past(
    members: pd.DataFrame, past: Past, arms: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the messages to a past campaign's send arm, as `draw` does; a few of them failed."""
    listed = members[members["customer"].isin(arms.loc[arms["arm"] == "send", "customer"])]
    day, until = (moment.strftime("%Y-%m-%d") for moment in (past.day, past.until))
    return _messages(Sent(past.name, "sms", day, ARRIVED, until), listed, rng)


def joined(earlier: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Return both, without later messages to those who had opted out of their channel."""
    gone = earlier.loc[earlier["event"] == "opted_out", ["customer", "channel"]]
    kept = ~pd.MultiIndex.from_frame(later[["customer", "channel"]]).isin(pd.MultiIndex.from_frame(gone))
    return pd.concat([earlier, later[kept]], ignore_index=True)


def write(folder: Path, shape: Shape, rows: pd.DataFrame) -> None:
    """Write contacts.csv by time; `rows` as `draw` returns them."""
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
