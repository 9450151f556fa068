"""Notebooks about campaigns, planned and past: 05, 06."""

from typing import Literal

from pydantic import Field, model_validator

from clv.notebook_contracts.base import ContactCosts, Day, Days, Notebook, check_commission


class RecallOffers(Notebook):
    """05_recall_offers: which recall offer pays, and for whom?"""

    name = "05_recall_offers"
    key_facts = (
        "recall.incremental_profit",
        "recall.chance_positive",
        "recall.contacted",
        "recall.uplift",
        "recall.everybody_profit",
    )
    facts = (
        "recall.audience",
        "recall.reachable",
        "recall.contacted",
        "recall.incremental_profit",
        "recall.incremental_profit_p05",
        "recall.incremental_profit_p95",
        "recall.chance_positive",
        "recall.everybody_profit",
        "recall.uplift",
        "recall.spent",
        "recall.calls",
        "recall.budget_price",
        "recall.call_price",
        "recall.gap",
        "recall.expected_effect",
        "recall.test_first",
        "recall.decision",
        "recall.why",
        "recall.season_used",
        "recall.season_days",
    )
    may_lack = (
        "recall.break_even",
        "recall.detectable",
        "recall.baseline_error",
        "recall.season_gain",
        "recall.season_miss",
        "recall.calendar_miss",
        "recall.discount_follows_spend",
    )
    figures = (
        "baseline_check",
        "season_check",
        "offer_chances",
        "profit_spread",
        "tornado",
        "who_gets_what",
        "profit_curve",
        "detectable",
        "fairness",
        "what_if",
    )

    playbook: str = Field("recall-the-sleeping", min_length=1, description="which playbook, by name or path")
    window_days: Days = Field(60, description="days within which an order counts as an answer")
    budget: float = Field(2000.0, ge=0, le=1e12, description="money for contacts and what is given")
    calls: int = Field(60, ge=0, le=10_000_000, description="calls that the team can make")
    margin: float = Field(0.35, gt=0, le=1, description="gross margin before the platform's commission")
    commission: float = Field(0.05, ge=0, lt=1, description="the platform's part of the money")
    contact_costs: ContactCosts = Field({}, description="what one contact costs, where it differs")
    send_on: Day = Field("", description="day of sending; empty: the day after the last day")
    scheme: str = Field("windows", min_length=1, description="the scheme whose segments the plan goes by")
    rest_days: int = Field(14, ge=0, le=365, description="days of peace after an order, refund or complaint")
    model: Literal["mbgnbd", "bgnbd", "paretonbd", "nbd"] = Field(
        "mbgnbd", description="the model behind the chance to buy if nothing is sent"
    )
    draws: int = Field(1000, ge=100, le=20_000, description="drawn futures behind every band")
    seed: int = Field(20260630, ge=0, description="start of the random numbers")

    @model_validator(mode="after")
    def _leaves_something(self) -> "RecallOffers":
        check_commission(self.margin, self.commission)
        return self


class CampaignResults(Notebook):
    """06_campaign_results: what did the campaign really earn?"""

    name = "06_campaign_results"
    key_facts = (
        "results.profit",
        "results.verdict",
        "results.buyers_won",
        "results.smallest",
    )
    needs = ("past_campaigns",)
    facts = (
        "results.campaign",
        "results.verdict",
        "results.why",
        "results.send",
        "results.control",
        "results.profit",
        "results.buyers_won",
        "results.variance_removed",
    )
    may_lack = ("results.smallest", "results.needed", "results.segments_differ", "results.delivered_share")
    figures = (
        "planned_and_found",
        "buyers_since",
        "effect_over_days",
        "segment_effects",
        "qini",
        "funnel",
        "balance",
    )

    campaign: str = Field("", description="which campaign; empty: the last one that is over")
    window_days: Days = Field(60, description="days that count where neither list nor registration says")
    margin: float = Field(0.35, gt=0, le=1, description="gross margin before commission, if not registered")
    commission: float = Field(0.05, ge=0, lt=1, description="the platform's part of the money")
    redeemed: float = Field(1.0, ge=0, le=1, description="part of those who could redeem who did")
    contact_costs: ContactCosts = Field({}, description="what one contact costs, where it differs")
    control_share: float = Field(0.0, ge=0, lt=1, description="share meant to be left alone; 0: registered")
    preference: str = Field("", description="the category that the campaign was about, if any")
    contact_share: float = Field(0.3, gt=0, le=1, description="part of the customers that rules contact")
    draws: int = Field(400, ge=100, le=5000, description="redrawn customers behind the intervals of curves")
    seed: int = Field(20260630, ge=0, description="start of the random numbers")

    @model_validator(mode="after")
    def _leaves_something(self) -> "CampaignResults":
        check_commission(self.margin, self.commission)
        return self
