"""The tables of the kit: one contract per table, with types, units and meaning.

ORDERS      one row per order that the shop kept money from
LINES       one row per line item of an order
LOSSES      one row per reason for which rows or money were left out
CUSTOMERS   one row per customer, as BG/NBD and its relatives read them
SCORES      one row per customer, what a fitted model says
SEGMENTS    one row per customer, where a segmentation scheme puts it
RETURNS     one row per order of which money was paid back, the wholly refunded ones too
MEMBERS     one row per customer, what else the shop knows: consent, birthday, points, tier
CONTACTS    one row per message, answer, opt-out or complaint
TERMS       one row per order: what was taken off its price, when it arrived, the price index of its day
POINTS      one row per change of a customer's points
VISITS      one row per visit: something viewed, put into the cart, liked
SENDLIST    one row per customer of a campaign, those who are left alone too
"""

from clv.tables.beside import (
    CHANNELS,
    CONTACTS,
    EVENTS,
    MEMBERS,
    POINT_KINDS,
    POINTS,
    SENDLIST,
    VISIT_KINDS,
    VISITS,
)
from clv.tables.checks import UNREADABLE, as_day, check
from clv.tables.columns import MONEY_DIGITS, MOST_MONEY, MOST_OF_ALL, YEARS
from clv.tables.customers import CUSTOMERS, SCORES, SEGMENTS
from clv.tables.orders import LINES, LOSSES, ORDERS, RETURNS, TERMS

__all__ = [
    "CHANNELS",
    "CONTACTS",
    "CUSTOMERS",
    "EVENTS",
    "LINES",
    "LOSSES",
    "MEMBERS",
    "MONEY_DIGITS",
    "MOST_MONEY",
    "MOST_OF_ALL",
    "ORDERS",
    "POINTS",
    "POINT_KINDS",
    "RETURNS",
    "SCORES",
    "SEGMENTS",
    "SENDLIST",
    "TERMS",
    "UNREADABLE",
    "VISITS",
    "VISIT_KINDS",
    "YEARS",
    "as_day",
    "check",
]
