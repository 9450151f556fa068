"""The notebook that compares segmentation schemes: 04."""

from typing import Annotated, Literal

from pydantic import Field

from clv.notebook_contracts.base import Days, Notebook


class RfmSchemes(Notebook):
    """04_rfm_schemes: which RFM scheme sees further?"""

    name = "04_rfm_schemes"
    key_facts = (
        "rfm.recommended",
        "rfm.reached",
        "rfm.today_reached",
        "rfm.price_money",
    )
    facts = (
        "rfm.recommended",
        "rfm.best",
        "rfm.today",
        "rfm.gini",
        "rfm.reached",
        "rfm.today_reached",
        "rfm.price_money",
        "rfm.price_profit",
        "rfm.as_good",
    )
    figures = ("scheme_comparison", "gain_curves", "segment_map", "migration", "kept_labels")

    horizon_days: Days = Field(90, description="days ahead that the schemes have to foresee")
    origins: int = Field(3, ge=1, le=12, description="days in the past on which they are judged")
    today: str = Field("windows", min_length=1, description="the scheme that the shop uses today")
    contact_share: float = Field(0.2, gt=0, lt=1, description="part of the customers that can be contacted")
    contact_cost: float = Field(0.0, ge=0, le=1e9, description="cost of one contact, in the shop's currency")
    lift: float = Field(0.05, ge=0, le=10, description="how much more people spend because of a contact")
    margin: float = Field(1.0, gt=0, le=1, description="part of the money that is margin")
    thresholds: dict[Literal["R", "F", "M"], Annotated[float, Field(gt=0, allow_inf_nan=False)]] = Field(
        {"R": 180, "F": 2}, description="the shop's own numbers for the eight classes at fixed thresholds"
    )
    model: Literal["mbgnbd", "bgnbd", "paretonbd", "nbd"] = Field(
        "mbgnbd", description="the model that the model-based schemes ask"
    )
    draws: int = Field(200, ge=20, le=5000, description="redrawn sets of customers behind the intervals")
    seed: int = Field(20260630, ge=0, description="start of the random numbers")
