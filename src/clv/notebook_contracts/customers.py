"""Notebooks about orders, customers and what they are worth: 01, 02, 03."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from clv.notebook_contracts.base import Days, Notebook, Rows


def _ascending(days: list[int]) -> list[int]:
    if sorted(set(days)) != days:
        raise ValueError("it should be days in ascending order, such as [90, 180, 270]")
    return days


class Orders(Notebook):
    """01_orders: can these orders be trusted?"""

    name = "01_orders"
    key_facts = (
        "orders.money",
        "orders.lost_share",
        "orders.refund_share",
        "orders.returning_share",
        "orders.named_share",
    )
    facts = (
        "orders.kept",
        "orders.money",
        "orders.first_day",
        "orders.last_day",
        "orders.lost_share",
        "orders.untied_returns_share",
        "orders.refund_share",
        "orders.returning_share",
        "orders.named_share",
    )
    may_lack = (
        "identity.persons",
        "identity.joined_share",
        "identity.repeat_rate",
        "identity.repeat_rate_of_ids",
        "identity.conflicts",
    )
    figures = ("money_waterfall", "refunds_by_month", "orders_by_month", "order_hours", "identity_levels")

    seed: int = Field(20260630, ge=0, description="start of the random numbers")


class Customers(Notebook):
    """02_customers: who are the customers, and who is slipping away?"""

    name = "02_customers"
    key_facts = (
        "customers.count",
        "customers.second_order_365",
        "customers.active_share",
        "customers.top_tenth_share",
        "growth.leak_share",
    )
    facts = (
        "customers.count",
        "customers.one_time_share",
        "customers.active_share",
        "customers.silent_share",
        "customers.sleeping_share",
        "customers.lost_share",
        "customers.gini",
        "customers.season_told",
        "alarm.alarms",
    )
    may_lack = (
        "customers.season_strongest",
        "customers.season_factor",
        "growth.leak_share",
        "growth.new_share",
        "channels.differ",
        "channels.may_cost",
        "returning.associations",
        "kpi.repeat_share",
        "kpi.churn",
        "kpi.average_order",
    )
    figures = (
        "second_order_curve",
        "cohort_retention",
        "recency_windows",
        "ladder",
        "repeat_gaps",
        "concentration",
        "festival_orders",
        "festival_money",
        "season_index",
        "money_bridge",
        "decline_alarm",
        "return_ratios",
    )

    windows: Annotated[list[Days], Field(min_length=3, max_length=3), AfterValidator(_ascending)] = Field(
        [90, 180, 270], description="days of silence that end active, silent, sleeping"
    )
    top: Rows = Field(20, description="how many customers the lists show")
    margin: float = Field(0.35, gt=0, le=1, description="part of the money left after goods")


class LifetimeValue(Notebook):
    """03_lifetime_value: what is each customer worth, and who will buy again?"""

    name = "03_lifetime_value"
    key_facts = (
        "clv.total",
        "clv.purchases",
        "clv.top_tenth_share",
        "holdout.total_error",
        "high_value.stayed",
    )
    facts = (
        "clv.model",
        "clv.purchases",
        "clv.total",
        "clv.residual",
        "clv.top_tenth_share",
        "clv.at_stake",
        "holdout.mae",
        "holdout.rmse",
        "assumptions.failing",
        "assumptions.regularity",
        "assumptions.season",
        "assumptions.trend",
        "assumptions.first_quarter",
        "assumptions.money",
        "high_value.customers",
        "early.newcomers",
    )
    may_lack = ("high_value.stayed", "early.precision", "early.rule_precision", "early.chosen")
    figures = (
        "holdout_tracking",
        "calibration",
        "p_buy_calibration",
        "p_alive_matrix",
        "expected_purchases",
        "clv_deciles",
        "holdout_deciles",
        "slipping_away",
    )
    may_lack_figures = ("pace_by_month",)

    horizon_days: Days = Field(90, description="days ahead for the chance to buy again")
    clv_days: Days = Field(365, description="days ahead for the lifetime value")
    yearly_discount: float = Field(0.10, gt=0, lt=1, description="what money is worth less a year from now")
    margin: float = Field(1.0, gt=0, le=1, description="part of the money that is margin")
    holdout_days: int = Field(0, ge=0, le=3650, description="days held out; 0: a quarter of the history")
    early_days: int = Field(60, ge=7, le=180, description="first days by which newcomers are judged")
    model: Literal["auto", "bgnbd", "mbgnbd", "paretonbd", "nbd"] = Field("auto", description="which model")
    top: Rows = Field(20, description="how many customers the lists show")
    seed: int = Field(20260630, ge=0, description="start of the random numbers")
