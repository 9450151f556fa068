"""Gifts and festivals: who buys for others, and who comes back at the same festival.

A gift is an order that the export calls one, or whose product or category names one. A festival buyer bought
in a festival's windows of more years than the shop's own calendar would make of as many purchases. Each is
drawn towards all others, and where chance explains them all nearly as well, nobody is named. Whether such
names are worth anything is asked of the past: lists made on the eves of windows, and who then bought.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from clv import purchase_days, tables
from clv.following import again, gift_words, lists_compared, lists_tried, next_window, shares
from clv.following.lists_tried import ANYWAY, CHANCE, LAST_YEAR, RECENCY
from clv.language import tell
from clv.told import each, percent

GIFTS, OWN, OPEN = "buys gifts", "buys for themselves", "not enough evidence"


def gift_orders(orders: pd.DataFrame, lines: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return which orders of customers are gifts.

    Returns
    -------
    Index as `orders`, those that name a customer: order_id, customer_id, flagged (the export calls it a
    gift), worded (its category, or a line's title or category names one), gift (either).
    """
    named = tables.check(orders, tables.ORDERS).dropna(subset="customer_id")
    worded = gift_words.named(named["category"].astype("str"))
    if lines is not None and len(lines):
        said = gift_words.named(lines["title"]) | gift_words.named(lines["category"])
        worded |= named["order_id"].isin(lines.loc[said, "order_id"])
    found = named[["order_id", "customer_id"]].assign(flagged=named["is_gift"].astype(bool), worded=worded)
    return found.assign(gift=found["flagged"] | found["worded"])


def gift_share(gifts: pd.DataFrame) -> tuple[float, float, float]:
    """Return the share of orders that are gifts with its 90 % interval, customers as the units of chance."""
    by = gifts.groupby("customer_id")["gift"]
    return shares.of_all(by.sum().to_numpy(float), by.size().to_numpy(float))


def gift_customers(gifts: pd.DataFrame) -> pd.DataFrame:
    """Return each customer's share of gifts and what may be said of it.

    Returns
    -------
    Index customer_id: orders, gifts, share (believed), low, high (90 %), says ('buys gifts', 'buys for
    themselves', 'not enough evidence'; see `clv.following.shares.by_customer`).
    """
    found = shares.by_customer(gifts["gift"], gifts["customer_id"])
    says = {shares.MOSTLY: GIFTS, shares.SELDOM: OWN, shares.OPEN: OPEN}
    return (
        found.assign(says=found["says"].map(says))
        .rename(columns={"n": "orders", "k": "gifts"})
        .drop(columns="half")
    )


def festival_buyers(days: pd.DataFrame, known: pd.DataFrame, *, last: date | str) -> pd.DataFrame:
    """Return who bought by the festival: customers with a purchase in one of its windows.

    Parameters
    ----------
    days
        What `purchase_days.from_orders` returns.
    known
        The festivals, as `clv.festivals.table` returns them.
    last
        Last day of observation; windows that were not over by then do not count.

    Returns
    -------
    festival, customer_id, purchases (days), years (windows with a purchase), windows (since the first
    purchase), expected (windows with a purchase, by the shop's calendar), factor (of the customer, see
    `clv.following.festival_chance`), keeps (chance that it is above 1), by_chance (how often the calendar
    alone would make as many years or more), found (keeps is 0.9 or more). The surest first.
    """
    return again.customers(days, known, last=pd.Timestamp(tables.as_day(last)))


def festivals(days: pd.DataFrame, known: pd.DataFrame, *, last: date | str) -> pd.DataFrame:
    """Return by festival whether those who bought in its last but one window came back in the last.

    Parameters
    ----------
    days, known, last
        As for `festival_buyers`.

    Returns
    -------
    Index festival (two windows or more): windows; factor (purchases on a day of the windows over those on
    days around them, drawn towards 1); then (customers in the last window but one), again (of them, in the
    last), low, high (90 %, Wilson); others (customers who bought around the last window but one, not in it),
    others_again, difference (again less others_again), difference_low, difference_high (90 %, Newcombe); q
    (false discovery rate of all festivals), found.
    """
    return again.table(days, known, last=pd.Timestamp(tables.as_day(last)))


def chances(orders: pd.DataFrame, known: pd.DataFrame, *, festival: str, until: date | str) -> pd.DataFrame:
    """Return each customer's chance to buy in the festival's next window.

    Parameters
    ----------
    festival
        Its name, as in the column name_zh of `known`.

    Returns
    -------
    Index customer_id, the likeliest first: chance; factor (of the customer: 1, or more where the customer's
    purchases fell into earlier windows), years (earlier windows with a purchase); opens, closes (days).

    Raises
    ------
    NoAnswerError
        No window of that name opens after the last day, or the model cannot be fitted.
    """
    return next_window.chances(orders, known, festival=festival, until=tables.as_day(until))


@dataclass(frozen=True, eq=False)
class Tried:
    """What lists made on the eves of past windows were worth.

    Attributes
    ----------
    windows
        One row per window and rule, the latest first; see `clv.following.lists_compared.table`.
    rules
        Index rule, over all windows; see `clv.following.lists_compared.together`.
    rule
        Which list to use; empty where nothing could be judged.
    sentence
        The same in plain words.
    """

    windows: pd.DataFrame
    rules: pd.DataFrame
    rule: str
    sentence: str


def check(
    orders: pd.DataFrame, known: pd.DataFrame, *, until: date | str, k: int = 100, most: int = 8
) -> Tried:
    """Return how many customers on each rule's list bought in the latest windows that had an earlier one.

    Parameters
    ----------
    k
        Customers on a list; at most a tenth of those known.
    most
        Windows, the latest.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    days, last = purchase_days.from_orders(orders, until=until), pd.Timestamp(tables.as_day(until))
    found = lists_tried.eves(orders, days, known, last=last, k=k, most=most)
    rules = lists_compared.together(found, ours=CHANCE)
    return Tried(lists_compared.table(found), rules, *_verdict(rules, len(found)))


def _verdict(rules: pd.DataFrame, number: int) -> tuple[str, str]:
    if not number or not rules["hits"].sum():
        return "", (
            tell(
                "No festival can be judged: it takes two of its windows within the orders, and customers "
                "known before the second."
            )
        )
    told = each(
        "“{rule}” {share}",
        [{"rule": rule, "share": percent(row["precision"], 1)} for rule, row in rules.iterrows()],
    )
    said = tell(
        "On the eves of {number} past window(s), of those on a list this share then bought: {told}. ",
        number=number,
        told=told,
    )
    simple = rules.loc[[LAST_YEAR, RECENCY]]
    best = simple["precision"].idxmax()
    if simple.at[best, "better_high"] < 0:
        return best, said + tell("The simple list '{best}' does better, so use that.", best=best)
    if not (simple["better_low"] > 0).all():
        return best, said + tell(
            "The chance cannot be told apart from '{best}', so the simple list is enough.", best=best
        )
    said += tell("The chance of the festival does better than both simple lists. ")
    if rules.at[ANYWAY, "better_low"] > 0:
        return CHANCE, said + tell("Part of that is that customers come back at the same festival.")
    return ANYWAY, said + tell("It knows who buys at any time; that customers keep a festival is not seen.")
