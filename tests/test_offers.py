"""What a contact pays: the published break-even table, the closed form against drawn futures, laws."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from clv import offers, outcomes
from clv.errors import SettingError
from clv.money.gammagamma import GammaGamma
from clv.offering.baskets import Baskets
from clv.offering.channels import Channel
from clv.offering.contract import Declared, Offer
from clv.offering.options import Option, money, options

SURE = {"mean": 0.3, "sd": 1e-6}
BELIEF = {"mean": 0.3, "sd": 0.3}
KINDS = {
    "percent": {"share": 0.08},
    "capped": {"kind": "percent", "share": 0.2, "at_most": 60.0, "minimum_spend": 300.0},
    "coupon": {"amount": 50.0, "minimum_spend": 400.0},
    "gift": {"cost": 20.0},
    "points": {"cost": 30.0, "used": 0.6},
    "service": {"cost": 15.0, "taken_up": 0.2},
    "notice": {},
}


def offer(kind: str, **changed: object) -> Offer:
    return Offer(**{"name": kind, "kind": kind, "uplift": BELIEF, **KINDS[kind], **changed})


def option(kind: str, *, cost: float = 0.06, opt_out: float = 0.002, **changed: object) -> Option:
    via = Channel(
        cost=cost, send_from="19:00", send_to="21:00", allowed=("08:00", "21:00"), caps=[], opt_out=opt_out
    )
    made = offer(kind, **changed)
    return Option(made, "sms", via, made.uplift, made.uplift_by_segment)


def sure_of(basket: float, n: int = 1) -> Baskets:
    """Orders of exactly this amount (nearly: the shapes are large)."""
    return Baskets(1e9, np.full(n, 1e9 + 1), np.full(n, basket))


def people(n: int = 400, seed: int = 3) -> offers.People:
    rng = np.random.default_rng(seed)
    x = rng.poisson(1.0, n)
    customers = pd.DataFrame({"frequency": x, "monetary_value": np.where(x > 0, rng.gamma(5, 80, n), 0.0)})
    baskets = Baskets.of(GammaGamma(5.0, 4.0, 240.0), customers)
    segment = np.where(rng.random(n) < 0.5, "near", "far")
    return offers.People(customers, rng.beta(1, 15, n), baskets, np.full(n, 12.0), segment)


def alike(p0: float, basket: float, n: int = 1) -> offers.People:
    nobody = pd.DataFrame({"frequency": np.zeros(n), "monetary_value": np.zeros(n)})
    return offers.People(nobody, np.full(n, p0), sure_of(basket, n), np.zeros(n), np.full(n, "all"))


# basket, margin, discount, contact, p0 → break-even uplift (points): the table of the break-even formula,
# worked out again from (p0 r0 d B + c) / (B (m - r1 d)) with r0 = r1 = 1 and nothing pulled forward
PUBLISHED = [
    (1200, 0.25, 0.05, 0.05, 0.01, 0.27),
    (1200, 0.25, 0.10, 0.05, 0.01, 0.69),
    (1200, 0.25, 0.10, 5.00, 0.01, 3.44),
    (3000, 0.12, 0.03, 0.05, 0.008, 0.29),
    (300, 0.40, 0.20, 0.05, 0.03, 3.08),
]


@pytest.mark.parametrize(("basket", "margin", "discount", "contact", "p0", "points"), PUBLISHED)
def test_the_break_even_table_to_its_printed_digits(basket, margin, discount, contact, p0, points):
    one = option("percent", cost=contact, opt_out=0, share=discount, pull_forward=0.0)
    found = offers.break_even(alike(p0, basket), one, margin=margin)
    assert round(100 * found, 2) == points
    assert found == pytest.approx(
        (p0 * discount * basket + contact) / (basket * (margin - discount)), rel=1e-6
    )


def test_the_closed_form_written_out():
    p0, shift, margin = 0.04, 0.5, 0.3
    one = option("gift", cost=0.1, opt_out=0.01, redeemed_by_new=0.9, redeemed_anyway=0.7, pull_forward=0.2)
    who = alike(p0, 500.0)
    who = offers.People(who.customers, who.p0, who.baskets, np.array([40.0]), who.segment)
    p1 = expit(logit(p0) + shift)
    wanted = (p1 - p0) * (margin * 0.8 * 500 - 0.9 * 20) - p0 * 0.7 * 20 - 0.1 - 0.01 * 40
    assert offers.pays(who, one, shift=shift, margin=margin)[0] == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_closed_form_and_drawn_futures_agree_within_sampling_error(kind, rng):
    who, one, draws = people(), option(kind, cost=0.2, redeemed_anyway=0.8, opt_out=0.02), 4000
    worth = offers.worth(who, [one], margin=0.35)
    drawn = outcomes.simulate(who, [one], {"all": np.zeros(len(who), int)}, margin=0.35, draws=draws, rng=rng)
    error = drawn["all"].std() / np.sqrt(draws)
    assert abs(drawn["all"].mean() - worth.value.sum()) < 3.5 * error
    terms = [0.2 * len(who), 0.02 * 12 * len(who)]  # contacts and opt-outs, the smallest of the formula
    assert 3.5 * error < min(terms)


def test_a_harmful_offer_loses_the_same_in_both(rng):
    who, one = people(), option("coupon", uplift={"mean": -0.6, "sd": 0.2})
    value = offers.worth(who, [one], margin=0.35).value.sum()
    drawn = outcomes.simulate(who, [one], {"all": np.zeros(len(who), int)}, margin=0.35, draws=3000, rng=rng)
    assert abs(drawn["all"].mean() - value) < 3.5 * drawn["all"].std() / np.sqrt(3000)
    assert value < 0


def test_doing_nothing_earns_exactly_nothing(rng):
    who = people()
    drawn = outcomes.simulate(
        who, [option("gift")], {"nothing": np.full(len(who), -1)}, margin=0.3, draws=50, rng=rng
    )
    assert (drawn["nothing"] == 0).all()


def test_an_offer_that_changes_nothing_costs_what_it_gives_away(rng):
    """Both arms live through the same luck: without uplift the difference is cost alone, in every draw."""
    who = people()
    idle = option("notice", cost=0.5, opt_out=0, uplift={"mean": 0.0, "sd": 1e-9})
    drawn = outcomes.simulate(who, [idle], {"all": np.zeros(len(who), int)}, margin=0.3, draws=200, rng=rng)
    assert np.allclose(drawn["all"], -0.5 * len(who))


def test_equal_plans_earn_the_same_in_every_draw(rng):
    who, both = people(), [option("gift"), option("coupon")]
    plan = np.arange(len(who)) % 3 - 1
    drawn = outcomes.simulate(who, both, {"a": plan, "b": plan.copy()}, margin=0.3, draws=40, rng=rng)
    assert (drawn["a"] == drawn["b"]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_value_rises_with_margin_and_uplift_and_falls_with_cost(kind):
    who = people()

    def value(one: Option, margin: float = 0.3) -> float:
        return offers.worth(who, [one], margin=margin).value.sum()

    assert value(option(kind), 0.35) > value(option(kind), 0.3)
    assert value(option(kind, uplift={"mean": 0.4, "sd": 0.3})) > value(option(kind))
    assert value(option(kind, cost=0.5)) < value(option(kind))
    assert value(option(kind, opt_out=0.05)) < value(option(kind))
    assert value(option(kind, pull_forward=0.3)) < value(option(kind, pull_forward=0.1))
    if kind not in ("service", "notice"):
        assert value(option(kind, redeemed_anyway=0.2)) > value(option(kind, redeemed_anyway=0.9))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_given_on_average_is_the_mean_over_drawn_orders(kind, rng):
    baskets = people(40).baskets
    one = option(kind)
    rows = np.repeat(np.arange(40), 20_000)
    drawn = one.given_on(baskets.drawn(rows, rng=rng)).reshape(40, -1)
    error = drawn.std(axis=1) / np.sqrt(20_000)
    assert (np.abs(drawn.mean(axis=1) - one.given(baskets)) < 4.5 * error + 1e-9).all()


def test_orders_have_the_models_mean_and_tail(rng):
    baskets = people(30).baskets
    drawn = baskets.drawn(np.repeat(np.arange(30), 40_000), rng=rng).reshape(30, -1)
    error = drawn.std(axis=1) / 200
    assert (np.abs(drawn.mean(axis=1) - baskets.mean) < 5 * error).all()
    assert np.allclose((drawn >= 300).mean(axis=1), baskets.chance_from(300.0), atol=0.013)
    assert (
        np.abs(np.where(drawn >= 300, drawn, 0).mean(axis=1) - baskets.mean_from(300.0)) < 5 * error
    ).all()
    assert baskets.mean_from(0.0) == pytest.approx(baskets.mean)


def test_the_break_even_is_where_the_option_pays_nothing():
    who, one = people(), option("coupon")
    shift = offers.break_even_shift(who, one, margin=0.3)
    assert offers.pays(who, one, shift=shift, margin=0.3).sum() == pytest.approx(0, abs=1e-6)
    assert offers.pays(who, one, shift=shift + 0.1, margin=0.3).sum() > 0


def test_a_free_word_to_people_breaks_even_at_once_and_a_ruinous_gift_never():
    free = option("notice", cost=0.0, opt_out=0.0)
    assert offers.break_even(people(), free, margin=0.3) == 0
    assert offers.break_even(alike(0.02, 100.0), option("gift", cost=1.0), margin=0.1) == np.inf


def test_an_offer_that_can_never_pay_is_named_with_both_figures():
    who = alike(0.02, 200.0)
    with pytest.raises(
        SettingError, match=r"'gift' can never pay: it gives away 10% of an order.*9% is left"
    ):
        offers.check_can_pay(who, [option("notice"), option("gift")], margin=0.1)
    offers.check_can_pay(who, [option("gift")], margin=0.3)


@pytest.mark.parametrize("margin", [0, -0.1, 1.01, np.nan])
def test_a_margin_that_is_none_is_refused(margin):
    with pytest.raises(SettingError, match="margin"):
        offers.worth(people(5), [option("gift")], margin=margin)


def test_use_of_the_budget_is_contacts_and_what_is_redeemed():
    who, one = alike(0.05, 400.0), option("gift", cost=0.5, uplift=SURE, redeemed_anyway=0.5)
    p1 = expit(logit(0.05) + 0.3)
    wanted = 0.5 + 20 * ((p1 - 0.05) + 0.05 * 0.5)
    assert offers.worth(who, [one], margin=0.3).cost[0, 0] == pytest.approx(wanted, rel=1e-5)


def test_uplifts_of_segments_and_channels_are_used():
    declared = Declared(
        audience={"orders": {"min": 1}},
        offers=[
            {
                "name": "a",
                "kind": "notice",
                "uplift": {"mean": 0.1, "sd": 0.1},
                "uplift_by_channel": {"phone": {"mean": 0.5, "sd": 0.2}},
                "uplift_by_segment": {"far": {"mean": 0.9, "sd": 0.3}},
            }
        ],
        channels=["sms", "phone"],
    )
    sms, phone = options(declared, basket=100.0)
    assert (sms.uplift.mean, phone.uplift.mean) == (0.1, 0.5)
    mean, sd = phone.believed(np.array(["far", "near", "far"]))
    assert mean.tolist() == [0.9, 0.5, 0.9]
    assert sd.tolist() == [0.3, 0.2, 0.3]


def test_contact_costs_of_the_shop_replace_the_kits():
    declared = Declared(audience={"orders": {"min": 1}}, offers=[offer("gift")], channels=["sms", "email"])
    sms, email = options(declared, basket=100.0, costs={"sms": 0.11})
    assert sms.via.cost == 0.11
    assert email.via.cost == 0.01


@pytest.mark.parametrize(
    ("part", "basket", "wanted"),
    [
        ("8 % of basket", 1750, 150), ("8 % of basket", 168, 15), ("2.5% of basket", 260, 6),
        ("100 % of basket", 1000, 1000),
    ],
)  # fmt: skip
def test_parts_of_the_usual_order_become_round_money(part, basket, wanted):
    assert money(part, basket=basket) == wanted
    assert abs(np.log(money(part, basket=basket) / (float(part.split("%")[0]) / 100 * basket))) < 0.2
