"""The design of a test: what it says holds by the power formulas, by simulation, and at every edge."""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

import shops_simulated
from clv import Shop, design, playbooks, power, recall, schemes, shop_campaign
from clv.decision import detection
from clv.offering.contract import Declared, Uplift
from clv.parameters import RecallOffers
from clv.recalling.campaign import NOTHING, Campaign
from clv.recalling.terms import Tables, Terms
from conftest import REPO

TERMS = Terms(until=date(2026, 6, 30), send_on=date(2026, 7, 1), window=60, margin=0.3)
DECLARED = {
    "audience": {"days_since_last": {"min": 31, "max": 400}},
    "offers": [
        {"name": "word", "kind": "notice", "uplift": {"mean": 0.4, "sd": 0.1}},
        {"name": "coupon", "kind": "coupon", "amount": "6 % of basket", "minimum_spend": "50 % of basket",
         "uplift": {"mean": 0.6, "sd": 0.2}},
    ],
    "channels": ["sms"],
    "control_share": 0.25,
}  # fmt: skip


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    orders = shops_simulated.orders(1000, rng=np.random.default_rng(5))
    ids = pd.Index(sorted(orders["customer_id"].unique()), name="customer_id")
    tables = Tables(orders, pd.DataFrame({"consent_sms": True}, index=ids))
    page = Declared.model_validate(DECLARED)
    return recall.prepare(
        tables, page, TERMS, scheme=schemes.load("windows"), campaign="test", secret=b"for tests"
    )


def believing(campaign: Campaign, mean: float, *, days: int | None = None) -> Campaign:
    """The same customers and offers, of which something else is believed, or that hold so many days."""
    options = []
    for one in campaign.options:
        offer = one.offer.model_copy(update={"valid_days": days or one.offer.valid_days})
        options.append(replace(one, offer=offer, uplift=Uplift(mean=mean, sd=0.1), by_segment={}))
    return replace(campaign, options=options)


# How many to leave alone ------------------------------------------------------------------------------------


def test_every_share_adds_up_and_tells_what_power_says(campaign):
    seen = detection(campaign)
    table = design.propose(campaign).shares
    assert table["control_share"].tolist() == [0.1, 0.2, 0.25, 0.3, 0.4, 0.5]
    assert (table["send"] + table["control"] == seen.send + seen.control).all()
    for row in table.itertuples():
        assert row.control == round(row.control_share * (seen.send + seen.control))
        assert row.smallest == power.detectable(seen.p0, send=row.send, control=row.control)


@pytest.mark.parametrize("mean", [0.05, 0.6, 0.9, 2.5])
def test_what_can_be_told_agrees_with_power(campaign, mean):
    changed = believing(campaign, mean)
    seen = detection(changed)
    for row in design.propose(changed).shares.itertuples():
        said = power.verdict(seen.p0, seen.expected, send=row.send, control=row.control)
        assert row.can_tell == said.startswith("This campaign can tell")
        needed = power.customers_needed(
            seen.p0, seen.expected, control_share=row.control / (row.send + row.control)
        )
        assert row.can_tell == (needed <= row.send + row.control)


def test_more_left_alone_shows_smaller_effects_and_costs_in_proportion(campaign):
    table = design.propose(campaign).shares
    assert (np.diff(table["send"]) < 0).all()
    assert (np.diff(table.loc[table["control_share"] <= 0.4, "smallest"]) < 0).all()
    smallest = table.set_index("control_share")[
        "smallest"
    ]  # buyers vary more where more buy: half is no best
    assert smallest[0.5] == pytest.approx(smallest[0.4], rel=0.05)
    sent = np.flatnonzero(campaign.contacted)
    each = campaign.worth.value[sent, campaign.chosen[sent]].mean()
    assert each > 0
    assert table["forgone"].to_numpy() == pytest.approx(each * table["control"].to_numpy())


def test_a_share_that_is_among_the_usual_ones_stands_once(campaign):
    page = campaign.declared.model_copy(update={"control_share": 0.3})
    table = design.propose(replace(campaign, declared=page)).shares
    assert table["control_share"].tolist() == list(design.SHARES)


def test_two_customers_are_one_in_each_arm_whatever_the_share(campaign):
    chosen = np.full(len(campaign.chosen), NOTHING)
    for some in (campaign.contacted, campaign.held_back):
        first = np.flatnonzero(some)[0]
        chosen[first] = campaign.chosen[first]
    table = design.propose(replace(campaign, chosen=chosen)).shares
    assert (table[["send", "control"]] == 1).all(axis=None)
    assert not table["can_tell"].any()


# How long to wait -------------------------------------------------------------------------------------------


def test_the_planned_window_is_the_campaign_as_it_is(campaign):
    """The row of the window says of the test what the campaign itself says, however long its offers hold."""
    for days in (7, 14, 60, 120):
        changed = believing(campaign, 0.6, days=days)
        seen, table = detection(changed), design.lengths(changed).set_index("days")
        assert table.loc[60, ["p0", "expected", "smallest"]].tolist() == pytest.approx(
            [seen.p0, seen.expected, seen.smallest]
        )


@pytest.mark.parametrize("days", [7, 14, 21, 30, 60, 90])
def test_as_many_days_as_the_offer_holds_need_fewest_customers(campaign, days):
    table = design.lengths(believing(campaign, 0.6, days=days)).set_index("days")
    assert list(table.index) == sorted({max(days // 14 * 7, 7), days, 60, 120})
    assert table["needed"].idxmin() == days
    before, after = table.loc[:days, "needed"], table.loc[days:, "needed"]
    assert (np.diff(before) < 0).all() and (np.diff(after) > 0).all()
    assert (np.diff(table["p0"]) > 0).all()
    control = campaign.held_back.sum() / (campaign.held_back.sum() + campaign.contacted.sum())
    for row in table.itertuples():
        assert row.needed == power.customers_needed(row.p0, row.expected, control_share=control)


def test_nothing_is_won_after_the_offer_has_ended(campaign):
    table = design.lengths(believing(campaign, 0.6, days=14)).set_index("days")
    assert 0.4 < table.at[7, "expected"] / table.at[14, "expected"] < 0.6
    assert table.at[14, "expected"] > table.at[60, "expected"] > table.at[120, "expected"] > 0


def test_what_is_won_by_a_day_is_what_a_simulation_wins(rng):
    """Waiting times of customers who buy at one rate while the offer holds, and at the usual one then."""
    n, p0, shift, window = 400_000, 0.2, 0.7, 60
    usual = -np.log1p(-p0) / window
    for holds, days in ((14, 7), (14, 14), (14, 40), (14, 120), (30, 60), (90, 75)):
        within = min(holds, window)
        faster = (-np.log1p(-expit(logit(p0) + shift)) - usual * (window - within)) / within
        wait = rng.exponential(1 / faster, n)
        wait = np.where(wait > holds, holds + rng.exponential(1 / usual, n), wait)
        found = design._with_offer(
            np.array([p0]), np.array([shift]), np.array([float(holds)]), days=days, window=window
        )
        assert found[0] == pytest.approx((wait <= days).mean(), abs=4 * np.sqrt(0.25 / n))


# In words ---------------------------------------------------------------------------------------------------


def test_a_share_that_suffices_is_the_smallest_that_does(campaign):
    changed = believing(campaign, 1.0)
    seen, said = detection(changed), design.propose(changed).sentence
    people = seen.send + seen.control
    share = int(re.match(rf"Leave (\d+) % of {people:,} customers alone: that shows the ", said)[1])
    assert 1 < share < 50
    least = [power.detectable(seen.p0, send=people - n, control=n)
             for n in (int(np.ceil(people * (share + d) / 100)) for d in (0, -1))]  # fmt: skip
    assert least[0] <= seen.expected < least[1]
    assert f"the {100 * seen.expected:.2g} points that are expected." in said


def test_where_no_share_suffices_the_rounds_together_do(campaign):
    changed = believing(campaign, 0.35)
    seen, said = detection(changed), design.propose(changed).sentence
    people = seen.send + seen.control
    assert said.startswith(
        f"No control share shows the {100 * seen.expected:.2g} points that are expected of"
    )
    rounds = int(re.search(r"Leave half alone in (\d+) campaigns and read them together", said)[1])
    assert 2 <= rounds <= design.MOST_ROUNDS
    for many, enough in ((rounds, True), (rounds - 1, False)):
        half = people * many / 2
        told = power.detectable(seen.p0, send=int(np.floor(half)), control=int(np.ceil(half)))
        assert (told <= seen.expected) == enough


def test_a_hopeless_test_is_called_a_contribution(campaign):
    changed = believing(campaign, 0.03)
    said = design.propose(changed).sentence
    rounds = int(re.search(r"it would take ([\d,]+) campaigns of this size", said)[1].replace(",", ""))
    assert rounds > design.MOST_ROUNDS
    assert "as a contribution to what is learned of the offer, not as a test of its own." in said
    assert not design.propose(changed).shares["can_tell"].any()


def test_no_rise_is_no_test(campaign):
    for mean in (0.0, -0.5, -3.0):
        changed = believing(campaign, mean)
        found = design.propose(changed)
        assert found.sentence.startswith("No rise in buyers is expected, so no test would show one")
        assert not found.shares["can_tell"].any() and found.lengths["needed"].isna().all()
        assert (found.lengths["expected"] <= design._NONE).all()
        assert (found.lengths["p0"] + found.lengths["expected"] >= 0).all()


def test_how_long_is_said_beside_how_many(campaign):
    assert design.propose(believing(campaign, 1.0, days=60)).sentence.endswith("Orders of 60 days tell most.")
    shorter = design.propose(believing(campaign, 1.0, days=14)).sentence
    assert shorter.endswith("Orders of 14 days would tell more than those of the 60 that are planned.")


# At the edges -----------------------------------------------------------------------------------------------


def test_a_campaign_that_sends_nobody_anything_has_no_design(campaign):
    nobody = replace(campaign, chosen=np.full(len(campaign.chosen), NOTHING))
    found, usual = design.propose(nobody), design.propose(campaign)
    assert found.sentence == "This campaign cannot tell anything: nobody is sent anything."
    assert found.shares.empty and list(found.shares) == list(usual.shares)
    assert found.lengths.empty and list(found.lengths) == list(usual.lengths)


def test_a_campaign_that_leaves_nobody_alone_has_no_design(campaign):
    found = design.propose(replace(campaign, arms=campaign.arms.mask(campaign.arms == "control", "send")))
    assert found.sentence == "This campaign cannot tell anything: nobody like them is left alone."
    assert found.shares.empty and found.lengths.empty


def test_a_sample_shop_has_a_design(tmp_path, monkeypatch):
    monkeypatch.setenv("CLV_CACHE", str(tmp_path))
    file = REPO / "data" / "samples" / "shops.yml"
    given = RecallOffers(shop_file=str(file), shop_id="gift")
    page = playbooks.load("recall-the-sleeping", place=REPO / "playbooks")
    campaign = shop_campaign.of(Shop.open(file, "gift"), page, given)
    seen, found = detection(campaign), design.propose(campaign)
    assert seen.send and seen.control
    as_declared = found.shares.set_index("control_share").loc[page.control_share]
    assert as_declared["control"] == pytest.approx(seen.control, abs=5)
    assert as_declared["smallest"] == pytest.approx(seen.smallest, rel=0.05)
    assert found.lengths["needed"].gt(0).all() and found.lengths["expected"].gt(0).all()
    assert re.match(r"Leave \d+ %|No control share shows", found.sentence)
