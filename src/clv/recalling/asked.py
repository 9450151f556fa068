"""What a playbook asks for, in the shop's own money: its audience, its offers."""

import pandas as pd

from clv import audience, uplifts
from clv.audience import Audience
from clv.known import Known
from clv.offering import options as offering
from clv.offering.contract import MONEY, Bounds, Condition, Declared
from clv.offering.options import Option
from clv.recalling.terms import Tables, Terms

YEAR = 365


def usual_order(orders: pd.DataFrame, *, until: object) -> float:
    """Return the median order of the last year before a day, which "8 % of basket" is a part of (money)."""
    day = pd.Timestamp(until)
    paid = orders["paid_at"].dt.normalize()
    before = orders.loc[paid <= day, "amount"]
    recent = before[paid > day - pd.Timedelta(days=YEAR)]
    return float((recent if len(recent) else before).median())


def chosen_audience(
    tables: Tables, declared: Declared, terms: Terms, today: Known, *, basket: float
) -> Audience:
    """Return the customers whom the campaign is for; see `audience.choose`."""
    asked = {name: _in_money(name, one, basket=basket) for name, one in declared.audience.items()}
    known = () if tables.members is None else tables.members.columns
    also = [name for name in ("points", "tier") if name in known and name not in asked]
    return audience.choose(
        today.customers,
        asked,
        on=terms.until,
        members=tables.members,
        orders=tables.orders,
        p_alive=today.fit.model.p_alive(today.customers) if "p_alive" in asked else None,
        tiers={name: offering.money(value, basket=basket) for name, value in declared.tiers.items()},
        also=also,
    )


def offered(
    tables: Tables, declared: Declared, terms: Terms, *, basket: float
) -> tuple[list[Option], list[str]]:
    """Return offer × channel, with what past campaigns taught of them, and sentences on that."""
    options = offering.options(declared, basket=basket, costs=terms.contact_costs)
    if tables.past is None or tables.past.empty:
        return options, []
    seen = uplifts.outcomes(tables.past, tables.orders, window=terms.window, until=pd.Timestamp(terms.until))
    return uplifts.updated(options, seen)


def _in_money(name: str, condition: Condition, *, basket: float) -> Condition:
    if name not in MONEY or not isinstance(condition, Bounds):
        return condition
    ends = {end: getattr(condition, end) for end in ("min", "max")}
    return Bounds(**{k: None if v is None else offering.money(v, basket=basket) for k, v in ends.items()})
