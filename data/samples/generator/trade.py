"""What happens to orders besides being kept: cancelled, refunded, unreadable. Every row carries its story."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from generator import calendar

KEPT, PART_REFUND, FULL_REFUND = "kept", "partly refunded", "fully refunded"
CLOSED, WAITING = "closed unpaid", "unpaid"
NEGATIVE, ZERO, BAD_DATE = "negative amount", "zero amount", "unreadable date"
NO_BUYER, MASKED = "no buyer", "masked phone"
DUPLICATE = "exact duplicate line"
OLDER_STATUS, OLDER_MONEY = "older copy before delivery", "older copy before refund or closing"
WAITING_DAYS = 3  # a platform closes an unpaid order after a few days


def with_stories(kept: pd.DataFrame, stories: Mapping[str, int], rng: np.random.Generator) -> pd.DataFrame:
    """Return the kept purchases and, for each story, so many further orders, in order of time.

    A further order is modelled on a kept one of a random customer but stands beside it, so that the kept
    ones remain exactly what the customers' process made. Partly refunded orders are kept ones.
    """
    parts = [kept.assign(story=KEPT)]
    for story, count in stories.items():
        if story != PART_REFUND:
            parts.append(_further(kept, story, count, rng))
    orders = pd.concat(parts, ignore_index=True)
    back = rng.choice(len(kept), stories.get(PART_REFUND, 0), replace=False)
    orders.loc[back, "story"] = PART_REFUND
    return orders.sort_values("paid_at", kind="stable", ignore_index=True)


def _further(kept: pd.DataFrame, story: str, count: int, rng: np.random.Generator) -> pd.DataFrame:
    rows = kept.iloc[rng.choice(len(kept), count)].reset_index(drop=True)
    last = len(calendar.DAYS) - 1
    settled = last - WAITING_DAYS - 1  # what is unpaid after this day is still waiting, not closed yet
    near = (rows["paid_at"].dt.normalize() - calendar.FIRST_DAY).dt.days + rng.integers(-3, 4, count)
    if story == WAITING:
        day = rng.integers(last - WAITING_DAYS + 1, last + 1, count)
    else:
        day = near.clip(0, settled if story == CLOSED else last).to_numpy()
    return rows.assign(paid_at=calendar.moments(day, rng), story=story)


def refunds(orders: pd.DataFrame, total: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Return the money paid back: all of it, a fifth to three fifths, or nothing, as the story says."""
    part = (total * rng.uniform(0.2, 0.6, len(orders))).round(2)
    back = np.select([orders["story"] == FULL_REFUND, orders["story"] == PART_REFUND], [total, part], 0.0)
    return pd.Series(back, index=orders.index).round(2)


def is_paid(orders: pd.DataFrame) -> pd.Series:
    """Return whether money ever came in."""
    return ~orders["story"].isin([CLOSED, WAITING])


def counts(orders: pd.DataFrame, touched: Mapping[str, pd.Index]) -> pd.DataFrame:
    """Return how many orders tell each story, and how many cells are dirty in ways that must not matter."""
    rows = orders["story"].value_counts().sort_index().to_dict()
    rows |= {name: len(index) for name, index in touched.items()}
    return pd.DataFrame({"planted": list(rows), "rows": list(rows.values())})
