"""Responses: one row per customer of a campaign, by assignment: what each did within the window, and cost.

Whoever was on the list counts in the arm that the list says, whether a message arrived, was opened, or a code
was redeemed. Money is what the shop kept.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from clv import customers as summaries
from clv.arms import CONTROL, SEND
from clv.errors import InputError, NoAnswerError, SettingError, nearest
from clv.language import tell
from clv.measuring import earned
from clv.measuring.earned import Money
from clv.offering.baskets import Floats

DAY = pd.Timedelta(days=1)
BEFORE = ("total_spend", "orders", "days_since_last", "T")  # what is known of customers before the sending


@dataclass(frozen=True, eq=False)
class Responses:
    """A campaign's customers and what they did.

    Attributes
    ----------
    campaign
        Its name.
    sent_on, stops_on, seen_until
        Day of sending, last day that counts, last day that the orders reach or that counts.
    customers
        Index customer_id: arm, segment, offer, channel (text, may be missing); bought (0 or 1), orders,
        spend, given, contact, gross (margin before both), profit (money); then what was known the day before
        sending: total_spend, orders_before, days_since_last, T, category (missing of those new).
    answers
        customer_id, arm, day (0: the day of sending), amount: the orders that count.
    """

    campaign: str
    sent_on: date
    stops_on: date
    seen_until: date
    customers: pd.DataFrame
    answers: pd.DataFrame

    @property
    def sent(self) -> np.ndarray:
        """Who is in the send arm."""
        return (self.customers["arm"] == SEND).to_numpy()

    @property
    def days(self) -> int:
        """Days that were seen, the day of sending included."""
        return (self.seen_until - self.sent_on).days + 1

    @property
    def is_over(self) -> bool:
        """Whether every day that counts was seen."""
        return self.seen_until >= self.stops_on

    def arms(self, column: str) -> tuple[Floats, Floats]:
        """Return a column of numbers of those sent to, and of those left alone."""
        values = self.customers[column].to_numpy(dtype=float)
        return values[self.sent], values[~self.sent]


def chosen(past: pd.DataFrame, campaign: str, *, window: int, until: date) -> str:
    """Return which campaign is meant: the one named, else the last that is over, else the last that was sent.

    Raises
    ------
    NoAnswerError
        There is no campaign at all.
    SettingError
        None has this name; with the nearest one.
    """
    if past.empty:
        raise NoAnswerError(
            tell(
                "there is no campaign to measure; name its list in the shop file, `past_campaigns: "
                "list-*.csv`."
            )
        )
    if campaign:
        names = list(dict.fromkeys(past["campaign"]))
        if campaign not in names:
            raise SettingError(
                tell(
                    "no list is of a campaign {campaign!r}; {nearest}",
                    campaign=campaign,
                    nearest=nearest(campaign, names),
                )
            )
        return campaign
    return _by_age(past, window=window, until=until).index[-1]


def over(past: pd.DataFrame, *, window: int, until: date) -> list[str]:
    """Return the campaigns whose last day has come, in the order in which they were sent."""
    by = _by_age(past, window=window, until=until)
    return list(by.index[by["over"]])


def _by_age(past: pd.DataFrame, *, window: int, until: date) -> pd.DataFrame:
    """Return the campaigns, those that are over last, and of each kind the latest last."""
    by = (
        past.assign(stop=_stops(past, window))
        .groupby("campaign")
        .agg(sent_on=("sent_on", "max"), stop=("stop", "max"))
    )
    day = pd.Timestamp(until)
    by = by.assign(over=by["stop"] <= day, sent=by["sent_on"] <= day)
    return by.sort_values(["over", "sent", "sent_on"], kind="stable")


def of(
    past: pd.DataFrame, orders: pd.DataFrame, *, campaign: str, until: date, money: Money, window: int = 60
) -> Responses:
    """Return what the customers of a campaign did.

    Parameters
    ----------
    past
        customer_id, campaign, offer, channel, arm, segment, sent_on, runs_until of one or more campaigns.
    orders
        An ORDERS table.
    until
        Last day of observation.
    window
        Days within which an order counts where the list does not say.

    Raises
    ------
    InputError
        A customer is in both arms or stands twice, an arm is empty, the list has several days of sending or a
        last day before it, or most of its customers are in no order.
    NoAnswerError
        The orders end before the campaign was sent.
    """
    listed = past[past["campaign"] == campaign]
    _check_list(listed, campaign)
    sent_on = listed["sent_on"].iloc[0].date()
    stops_on = _stops(listed, window).max().date()
    if stops_on < sent_on:
        raise InputError(
            tell(
                "the list of {campaign!r} says that orders count until {stops_on}, before it was sent on "
                "{sent_on}; correct runs_until.",
                campaign=campaign,
                stops_on=stops_on,
                sent_on=sent_on,
            )
        )
    if until < sent_on:
        raise NoAnswerError(
            tell(
                "the orders end on {until}, before the campaign {campaign!r} was sent on {sent_on}; "
                "export them again, up to the last day that counts.",
                until=until,
                campaign=campaign,
                sent_on=sent_on,
            )
        )
    seen = min(until, stops_on)
    people = listed.set_index("customer_id")[["arm", "segment", "offer", "channel"]].sort_index()
    answers = _answers(orders, people, sent_on, seen)
    before = _before(orders, people.index, sent_on)
    table = people.join(earned.counted(answers, people, money)).join(before)
    return Responses(campaign, sent_on, stops_on, seen, table, answers)


def _stops(listed: pd.DataFrame, window: int) -> pd.Series:
    """Return the last day that counts of each row's campaign; where one row names it, it is that of all."""
    named = listed.groupby("campaign")["runs_until"].transform("max")
    return named.fillna(listed["sent_on"] + pd.Timedelta(days=window - 1))


def _check_list(listed: pd.DataFrame, campaign: str) -> None:
    both = listed.groupby("customer_id")["arm"].nunique().gt(1).sum()
    twice = listed["customer_id"].duplicated().sum()
    if both or twice:
        where = (
            tell("{both:,} are in both arms", both=both)
            if both
            else tell("{twice:,} stand twice", twice=twice)
        )
        raise InputError(
            tell(
                "of the customers of {campaign!r} {where}; keep one row of each, the arm that was drawn.",
                campaign=campaign,
                where=where,
            )
        )
    sizes = {arm: int((listed["arm"] == arm).sum()) for arm in (SEND, CONTROL)}
    if not all(sizes.values()) or sum(sizes.values()) < len(listed):
        raise InputError(
            tell(
                "the list of {campaign!r} has {sizes:,} rows that say 'send', {sizes2:,} 'control' and "
                "{listed:,} other; without both arms nothing can be compared.",
                campaign=campaign,
                sizes=sizes[SEND],
                sizes2=sizes[CONTROL],
                listed=len(listed) - sum(sizes.values()),
            )
        )
    days = listed["sent_on"].nunique()
    if days > 1:
        raise InputError(
            tell(
                "{campaign!r} was sent on {days} different days; give each day a campaign name of its own.",
                campaign=campaign,
                days=days,
            )
        )


def _answers(orders: pd.DataFrame, people: pd.DataFrame, sent_on: date, seen: date) -> pd.DataFrame:
    mine = orders[orders["customer_id"].isin(people.index)]
    day = (mine["paid_at"].dt.normalize() - pd.Timestamp(sent_on)).dt.days
    inside = day.between(0, (seen - sent_on).days)
    found = mine.loc[inside, ["customer_id", "paid_at", "order_id", "amount"]].assign(day=day[inside])
    found = found.sort_values(["customer_id", "paid_at", "order_id"], ignore_index=True)
    return found.assign(arm=found["customer_id"].map(people["arm"]))[["customer_id", "arm", "day", "amount"]]


def _before(orders: pd.DataFrame, who: pd.Index, sent_on: date) -> pd.DataFrame:
    """Return what was known of each customer on the day before sending."""
    day_before = pd.Timestamp(sent_on) - DAY
    earlier = orders[orders["customer_id"].isin(who) & (orders["paid_at"] < pd.Timestamp(sent_on))]
    unknown = len(who) - earlier["customer_id"].nunique()
    if unknown > len(who) / 2:
        raise InputError(
            tell(
                "{unknown:,} of the campaign's {who:,} customers have no order before {sent_on}; is the "
                "list of another shop, or made with another secret?",
                unknown=unknown,
                who=len(who),
                sent_on=sent_on,
            )
        )
    found = summaries.summarise(earlier, until=day_before.date())
    known = found[[*BEFORE, "category"]].rename(columns={"orders": "orders_before"})
    return known.reindex(who)
