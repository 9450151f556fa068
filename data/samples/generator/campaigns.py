"""Campaigns of the past with a control group: one that can have done nothing, and one that did something.

The orders are there before either of them, so an effect cannot be added to them. Where one is planted, it is
planted in who counts as control: see `spring`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from generator import csvfile
from generator.members import Shape

WINDOWS = {"silent": 90, "sleeping": 180, "lost": 270}  # more than so many days since the last purchase


@dataclass(frozen=True)
class Past:
    """A campaign by SMS: its offer, its day, the part to be left alone, the windows it was for, its last day.

    Where the last day is written down, it stands in the file.
    """

    name: str
    offer: str
    day: pd.Timestamp
    control: float
    windows: Mapping[str, int]
    until: pd.Timestamp | None = None


RECALL = Past("2026-03-recall", "coupon-large", pd.Timestamp("2026-03-10"), 0.20, WINDOWS)
SPRING = Past(
    "2026-03-spring", "coupon-small", pd.Timestamp("2026-03-12"), 0.40,
    {"active": 30, **WINDOWS}, pd.Timestamp("2026-05-10"),
)  # fmt: skip
# How many times as high the odds of buying are in the send arm. 432 are left alone and about 8 in 100 of them
# buy; with odds of 2 and 1.3, the effect could hardly be told from luck (z = 2.1 with the same lots).
SPRING_ODDS = {"active": 3.0, "silent": 3.0, "sleeping": 1.5, "lost": 1.5}


def recall(members: pd.DataFrame, bought: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the arms of RECALL, drawn after the orders and without a look at them: the effect is 0.

    Returns
    -------
    customer (number), segment, arm.
    """
    return _by_lot(RECALL, members, bought, rng)


def spring(members: pd.DataFrame, bought: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the arms of SPRING, with fewer buyers in control than chance would leave there.

    The arms are drawn by lot; then each control customer who bought while answers count is dropped with the
    chance q = 1 - 1 / odds of the segment. What is left has (1 - q) times the odds of buying, so those of the
    send arm are exactly 1 / (1 - q) times as high. The lots for dropping are drawn for everybody, so that
    other odds would change nothing else.

    Returns
    -------
    customer (number), segment, arm.
    """
    arms = _by_lot(SPRING, members, bought, rng)
    open_days = bought["paid_at"].between(SPRING.day, SPRING.until + pd.Timedelta(days=1), inclusive="left")
    buys = arms["customer"].isin(bought.loc[open_days, "customer"])
    drawn = rng.random(len(arms)) < 1 - 1 / arms["segment"].map(SPRING_ODDS)
    dropped = drawn & buys & arms["arm"].eq("control")
    return arms[~dropped].reset_index(drop=True)


def _by_lot(
    campaign: Past, members: pd.DataFrame, bought: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    last = bought[bought["paid_at"] < campaign.day].groupby("customer")["paid_at"].max()
    days = (campaign.day - last.dt.normalize()).dt.days
    segment = pd.cut(days, [*campaign.windows.values(), np.inf], labels=list(campaign.windows)).dropna()
    agreed = members.loc[members["consent_sms"], "customer"]
    who = agreed[agreed.isin(segment.index)].to_numpy()
    alone = np.zeros(len(who), dtype=bool)
    alone[rng.choice(len(who), round(campaign.control * len(who)), replace=False)] = True
    return pd.DataFrame(
        {
            "customer": who,
            "segment": segment.loc[who].astype(str).to_numpy(),
            "arm": np.where(alone, "control", "send"),
        }
    )


def write(folder: Path, shape: Shape, campaign: Past, arms: pd.DataFrame) -> None:
    """Write campaigns.csv: one row per customer, those left alone too."""
    cells = pd.DataFrame(
        {
            "customer_id": shape.ids(arms["customer"]),
            "campaign": campaign.name,
            "offer": campaign.offer,
            "channel": "sms",
            "arm": arms["arm"],
            "segment": arms["segment"],
            "sent_on": campaign.day.strftime("%Y-%m-%d"),
        }
    )
    if campaign.until is not None:
        cells["runs_until"] = campaign.until.strftime("%Y-%m-%d")
    csvfile.write(cells.astype(object), list(cells), folder / "campaigns.csv", encoding=shape.encoding)
