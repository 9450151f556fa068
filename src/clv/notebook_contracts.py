"""One typed contract per notebook: its parameters, and the facts and figures that it must leave behind.

`facts` and `figures` are what `clv batch` requires of a run before it calls it good, `needs` the files of
a shop without which a notebook has nothing to say; a notebook that records something new adds its name here.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from clv.declaring.settings import Settings, iso_day

Day = Annotated[str, AfterValidator(iso_day)]
Days = Annotated[int, Field(ge=1, le=3650)]
Rows = Annotated[int, Field(ge=1, le=1000)]
ContactCosts = dict[Literal["sms", "wecom", "phone", "email"], Annotated[float, Field(ge=0, le=1e6)]]


def _ascending(days: list[int]) -> list[int]:
    if sorted(set(days)) != days:
        raise ValueError("it should be days in ascending order, such as [90, 180, 270]")
    return days


def _check_commission(margin: float, commission: float) -> None:
    if commission >= margin:
        raise ValueError(
            f"the commission ({commission:g}) eats the margin ({margin:g}), so no offer pays; margin is the "
            "gross margin before commission"
        )


class Notebook(Settings):
    """What every notebook takes."""

    name: ClassVar[str]
    facts: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[tuple[str, ...]] = ()  # keys of the shop file without which there is nothing to say
    may_lack: ClassVar[tuple[str, ...]] = ()  # facts that the data do not always carry
    figures: ClassVar[tuple[str, ...]] = ()

    shop_file: str = Field("../data/samples/shops.yml", min_length=1, description="where the shop file is")
    shop_id: str = Field("gold", min_length=1, description="which shop of that file")
    until: Day = Field("", description="the last day of observation; empty: the shop's own")


class Orders(Notebook):
    """01_orders: can these orders be trusted?"""

    name = "01_orders"
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
    figures = ("money_waterfall", "refunds_by_month", "orders_by_month", "order_hours")


class Customers(Notebook):
    """02_customers: who are the customers, and who is slipping away?"""

    name = "02_customers"
    facts = (
        "customers.count",
        "customers.one_time_share",
        "customers.active_share",
        "customers.silent_share",
        "customers.sleeping_share",
        "customers.lost_share",
        "customers.gini",
    )
    figures = (
        "second_order_curve",
        "cohort_retention",
        "recency_windows",
        "ladder",
        "repeat_gaps",
        "concentration",
    )

    windows: Annotated[list[Days], Field(min_length=3, max_length=3), AfterValidator(_ascending)] = Field(
        [90, 180, 270], description="days of silence that end active, silent, sleeping"
    )
    top: Rows = Field(20, description="how many customers the lists show")


class LifetimeValue(Notebook):
    """03_lifetime_value: what is each customer worth, and who will buy again?"""

    name = "03_lifetime_value"
    facts = (
        "clv.model",
        "clv.purchases",
        "clv.total",
        "clv.residual",
        "clv.top_tenth_share",
        "clv.at_stake",
        "holdout.mae",
        "holdout.rmse",
    )
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

    horizon_days: Days = Field(90, description="days ahead for the chance to buy again")
    clv_days: Days = Field(365, description="days ahead for the lifetime value")
    yearly_discount: float = Field(0.10, gt=0, lt=1, description="what money is worth less a year from now")
    margin: float = Field(1.0, gt=0, le=1, description="part of the money that is margin")
    holdout_days: int = Field(0, ge=0, le=3650, description="days held out; 0: a quarter of the history")
    model: Literal["auto", "bgnbd", "mbgnbd", "paretonbd", "nbd"] = Field("auto", description="which model")
    top: Rows = Field(20, description="how many customers the lists show")
    seed: int = Field(20260630, ge=0, description="start of the random numbers")


class RfmSchemes(Notebook):
    """04_rfm_schemes: which RFM scheme sees further?"""

    name = "04_rfm_schemes"
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


class RecallOffers(Notebook):
    """05_recall_offers: which recall offer pays, and for whom?"""

    name = "05_recall_offers"
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
    )
    may_lack = (
        "recall.break_even",
        "recall.detectable",
        "recall.baseline_error",
        "recall.discount_follows_spend",
    )
    figures = (
        "baseline_check",
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
        _check_commission(self.margin, self.commission)
        return self


class CampaignResults(Notebook):
    """06_campaign_results: what did the campaign really earn?"""

    name = "06_campaign_results"
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
        _check_commission(self.margin, self.commission)
        return self
