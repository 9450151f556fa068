"""The notebook about what each customer would like next, and when: 08."""

from typing import Annotated, Literal

from pydantic import Field

from clv.notebook_contracts.base import Days, Notebook, Rows

_AXES = ("material", "category", "brand", "price", "channel")
_Brand = Annotated[str, Field(min_length=1, max_length=60)]


class Preferences(Notebook):
    """08_preferences: what would each customer like next, and when?"""

    name = "08_preferences"
    key_facts = (
        "preferences.sure_customers",
        "preferences.category_hit",
        "preferences.next_hit",
        "preferences.due_kept",
        "preferences.gift_share",
    )
    facts = (
        *("preferences.customers", "preferences.sure_customers", "preferences.axes"),
        *("preferences.next_rule", "preferences.pairs", "preferences.gateways", "preferences.gift_share"),
        "preferences.festival_rule",
    )
    may_lack = (
        *(f"preferences.{axis}_{what}" for axis in _AXES for what in ("rule", "sure", "hit", "gain")),
        "preferences.next_festival",
        "preferences.left_lying",
        *("preferences.next_hit", "preferences.full_price_share", "preferences.due_kept"),
        *("preferences.due_rule", "preferences.orders_30", "preferences.orders_90"),
    )
    figures = (
        *("next_order_rules", "kept_promises", "sure_and_unsure", "campaign_matrix"),
        *("transitions", "gateways", "full_price", "festival_check", "due_calibration"),
    )

    horizon_days: Days = Field(120, description="days after a past day in which the next order is awaited")
    origins: int = Field(3, ge=1, le=12, description="days in the past on which the rules are judged")
    bands: int = Field(3, ge=2, le=9, description="price bands, each with as many purchases")
    brands: list[_Brand] = Field([], max_length=200, description="the brands in the shop's titles")
    sure: float = Field(0.8, gt=0.5, lt=1, description="chance to be the favourite, to be called sure")
    plan_by: Literal["", "material", "category", "brand", "price", "channel"] = Field(
        "", description="what campaigns are planned by; empty: the first that foretells orders"
    )
    festival_days: Days = Field(180, description="days ahead whose festivals are planned")
    margin: float = Field(0.35, gt=0, le=1, description="part of a first order that is margin")
    top: Rows = Field(20, description="how many customers the lists show")
    draws: int = Field(400, ge=100, le=5000, description="redrawn customers behind the intervals")
    seed: int = Field(20260630, ge=0, description="start of the random numbers")
