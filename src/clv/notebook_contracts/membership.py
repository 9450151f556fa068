"""Notebooks about members: 07."""

from typing import Annotated

from pydantic import AfterValidator, Field

from clv.notebook_contracts.base import Days, Notebook, Rows

_Share = Annotated[float, Field(gt=0, le=1)]


def _rising(shares: list[float]) -> list[float]:
    if sorted(shares) != shares:
        raise ValueError("it should be the least, the middle and the most, such as [0.1, 0.3, 0.6]")
    return shares


class Membership(Notebook):
    """07_membership: what do tiers and points cost, and what do they move?"""

    name = "07_membership"
    key_facts = (
        "membership.members",
        "membership.spend_share",
        "membership.cost",
        "membership.acceleration",
        "points.liability",
    )
    facts = (
        "membership.source",
        "membership.members",
        "membership.member_share",
        "membership.spend_share",
        "membership.cost",
        "membership.cost_share",
        "membership.near",
        "membership.falling",
        "membership.lower_change",
        "membership.lower_rise",
        "membership.higher_change",
        "membership.higher_fall",
        "membership.grandfathering",
        "membership.acceleration",
        "membership.acceleration_why",
        "membership.topping_up",
    )
    may_lack = (
        "membership.kept_share",
        "membership.differ_share",
        "membership.acceleration_effect",
        "membership.acceleration_p",
        "membership.acceleration_smallest",
        "membership.card_fee",
        "membership.card_gain",
        "membership.card_profit",
        "membership.card_break_even",
        "membership.card_expected",
        "membership.card_ordered",
        "membership.what_if_change",
        "membership.price_moves",
        "points.held",
        "points.holders",
        "points.differ",
        "points.liability",
        "points.breakage",
        "points.in_a_quarter",
        "points.forecast_error",
        "points.simple_error",
        "points.remind",
        "points.remind_money",
        "points.around",
        "points.longer_cost",
        "points.free_share",
        "points.discount",
    )
    figures = (
        "tier_sizes",
        "tier_shares",
        "tier_migration",
        "threshold_scales",
        "approach",
        "placebo_thresholds",
    )
    may_lack_figures = (
        "paid_card",
        "points_balance",
        "expiry_curve",
        "breakage_check",
        "buying_around_expiry",
    )

    what_if_rules: str = Field("", description="a file of other rules, beside the shop file")
    move: float = Field(0.1, gt=0, le=0.5, description="part by which all thresholds are moved")
    discount: float = Field(
        0.05, ge=0, le=0.5, description="of the highest tier, where no benefits are declared"
    )
    near: float = Field(0.15, ge=0.02, le=0.4, description="part of a threshold that counts as just below it")
    near_days: Days = Field(30, description="days within which an order follows, or not")
    card_fee: float = Field(0.0, ge=0, le=1e9, description="fee of a paid card; 0: one in twenty would gain")
    card_discount: float = Field(0.05, ge=0, lt=1, description="part of the price that the card lets off")
    card_postage: float = Field(0.0, ge=0, le=1e6, description="money that an order saves with the card")
    card_gift: float = Field(0.0, ge=0, le=1e6, description="cost of a gift for who takes the card")
    card_days: Days = Field(365, description="days for which the card is valid")
    adoption: Annotated[list[_Share], Field(min_length=3, max_length=3), AfterValidator(_rising)] = Field(
        [0.1, 0.3, 0.6], description="of those who would gain who take it: least, middle, most"
    )
    margin: float = Field(0.3, gt=0, le=1, description="gross margin after the platform's commission")
    point_value: float = Field(0.01, gt=0, le=1e6, description="money that a point is worth when used")
    remind_from: float = Field(100.0, ge=0, le=1e9, description="points about to expire worth a message")
    holders_from: float = Field(500.0, gt=0, le=1e9, description="points that a promotion asks for")
    points_valid_days: int = Field(0, ge=0, le=3650, description="validity the ledger does not name; 0: none")
    top: Rows = Field(20, description="how many customers the lists show")
    seed: int = Field(20260630, ge=0, description="start of the random numbers")
