"""What past campaigns teach: the field's e-mail test, recovery of planted effects, laws of pooling."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clv import uplifts
from clv.errors import InputError
from clv.offering.channels import Channel
from clv.offering.contract import Offer, Uplift
from clv.offering.options import Option
from conftest import orders_table

VAGUE = Uplift(mean=0.0, sd=3.0)
SURE = Uplift(mean=0.2, sd=0.01)


def campaign(rates: dict[str, tuple[float, float]], n: int, rng: np.random.Generator) -> pd.DataFrame:
    """One campaign: by segment the share that buys in both arms, `n` customers in each."""
    rows = []
    for segment, pair in rates.items():
        for arm, rate in zip(("send", "control"), pair, strict=True):
            rows.append(pd.DataFrame({"segment": segment, "arm": arm, "bought": rng.random(n) < rate}))
    return pd.concat(rows, ignore_index=True)


def exactly(sent: tuple[int, int], control: tuple[int, int]) -> pd.DataFrame:
    arms = []
    for arm, (yes, no) in (("send", sent), ("control", control)):
        arms.append(pd.DataFrame({"arm": arm, "bought": [True] * yes + [False] * no}))
    return pd.concat(arms, ignore_index=True)


def test_one_campaign_without_a_prior_gives_its_own_log_odds_ratio():
    found = uplifts.learn(exactly((300, 9700), (200, 9800)), prior=VAGUE).uplift
    ratio = np.log(300 * 9800 / (9700 * 200))
    assert found.mean == pytest.approx(ratio, abs=0.005)
    assert found.sd == pytest.approx(np.sqrt(1 / 300 + 1 / 9700 + 1 / 200 + 1 / 9800), rel=0.02)


def test_many_and_few_buyers_meet_where_the_likelihood_turns_normal(monkeypatch):
    seen = exactly((260, 3000), (240, 3300))
    normal = uplifts.learn(seen, prior=VAGUE).uplift
    monkeypatch.setattr(uplifts, "_MANY", 10**9)
    exact = uplifts.learn(seen, prior=VAGUE).uplift
    assert normal.mean == pytest.approx(exact.mean, abs=0.003)
    assert normal.sd == pytest.approx(exact.sd, rel=0.01)


def test_campaigns_are_compared_within_themselves():
    """Simpson: the larger control group went with the season in which everybody buys."""
    calm = exactly((24, 976), (2, 98)).assign(campaign="calm")
    season = exactly((120, 380), (100, 400)).assign(campaign="season")
    both = pd.concat([calm, season], ignore_index=True)
    apart, pooled = (
        uplifts.learn(table, prior=VAGUE).uplift for table in (both, both.drop(columns="campaign"))
    )
    assert apart.mean == pytest.approx(np.log(120 * 400 / (380 * 100)), abs=0.05)
    assert pooled.mean < 0


def test_rare_purchases_and_small_control_groups_bias_nothing(rng):
    """Eight segments of 400 sent and 100 left alone, at a base rate of one in a hundred; truth 0.2."""
    p1, found = 1 / (1 + np.exp(-(np.log(0.01 / 0.99) + 0.2))), []
    for _ in range(25):
        sent, control = rng.binomial(400, p1, 8), rng.binomial(100, 0.01, 8)
        parts = [
            exactly((a, 400 - a), (c, 100 - c)).assign(segment=name)
            for a, c, name in zip(sent, control, "abcdefgh", strict=True)
        ]
        found.append(uplifts.learn(pd.concat(parts, ignore_index=True), prior=VAGUE).uplift.mean)
    assert np.median(found) == pytest.approx(0.2, abs=0.25)


def test_a_firm_belief_stays_and_much_evidence_outweighs_a_loose_one(rng):
    seen = campaign({"all": (0.08, 0.04)}, 20_000, rng)
    truth = np.log(0.08 * 0.96 / (0.92 * 0.04))
    assert uplifts.learn(seen, prior=SURE).uplift.mean == pytest.approx(0.2, abs=0.05)
    assert uplifts.learn(seen, prior=Uplift(mean=0.0, sd=0.5)).uplift.mean == pytest.approx(truth, abs=0.12)


def test_more_customers_leave_less_doubt(rng):
    found = [
        uplifts.learn(campaign({"all": (0.06, 0.05)}, n, rng), prior=Uplift(mean=0.2, sd=0.3))
        .by_segment["all"]
        .sd
        for n in (50, 500, 5000, 50_000)
    ]
    assert found == sorted(found, reverse=True)
    assert found[-1] < 0.05


def test_small_segments_take_after_the_others_and_large_ones_after_themselves(rng):
    truth = {"a": (0.10, 0.05), "b": (0.055, 0.05), "c": (0.075, 0.05)}
    large = campaign(truth, 30_000, rng)
    lonely = campaign({"tiny": (0.5, 0.01)}, 12, rng)
    found = uplifts.learn(pd.concat([large, lonely]), prior=Uplift(mean=0.2, sd=0.5))
    own = {name: np.log(s / (1 - s) / (c / (1 - c))) for name, (s, c) in truth.items()}
    for name, ratio in own.items():
        assert found.by_segment[name].mean == pytest.approx(ratio, abs=0.15)
    middle = np.mean(list(own.values()))
    alone = np.log(0.5 / 0.5 / (0.01 / 0.99))
    assert abs(found.by_segment["tiny"].mean - middle) < 0.35 * abs(alone - middle)
    assert found.by_segment["tiny"].sd > found.by_segment["a"].sd


def test_the_belief_covers_the_truth_nine_times_in_ten():
    """Truths drawn from the prior, data from the truths: the posterior's 90 % interval holds 90 % of them."""
    rng, prior, inside = np.random.default_rng(8), Uplift(mean=0.2, sd=0.4), 0
    for _ in range(250):
        shift = rng.normal(prior.mean, prior.sd)
        p0 = 0.08
        p1 = 1 / (1 + np.exp(-(np.log(p0 / (1 - p0)) + shift)))
        sent, control = rng.binomial(1500, [p1, p0])
        found = uplifts.learn(exactly((sent, 1500 - sent), (control, 1500 - control)), prior=prior).uplift
        inside += abs(found.mean - shift) < 1.645 * found.sd
    assert 0.85 < inside / 250 < 0.95


@pytest.mark.parametrize(
    ("treatment", "log_odds"), [("Mens E-Mail", (0.0125, 0.0057)), ("Womens E-Mail", (0.0088, 0.0057))]
)
def test_the_fields_email_test(shared_data, treatment, log_odds):
    """Conversion of the published arms: the pooled log odds ratio, and an interval that leaves 0 out."""
    told = pd.read_csv(shared_data / "hillstrom" / "hillstrom.csv.gz")
    both = told[told["treatment"].isin([treatment, "No E-Mail"])]
    arms = pd.DataFrame({"arm": np.where(both["treatment"] == treatment, "send", "control")})
    arms["bought"] = both["conversion"].to_numpy() == 1
    found = uplifts.learn(arms, prior=VAGUE).uplift
    wanted = np.log(log_odds[0] / (1 - log_odds[0])) - np.log(log_odds[1] / (1 - log_odds[1]))
    assert found.mean == pytest.approx(wanted, abs=0.03)
    assert found.mean - 1.96 * found.sd > 0


@pytest.mark.parametrize("arms", [["send"] * 4, ["control"] * 4, ["send", "control", "held", "send"]])
def test_a_campaign_without_two_arms_is_refused(arms):
    with pytest.raises(InputError, match=r"of 4 customers of a past campaign .* both arms are needed"):
        uplifts.learn(pd.DataFrame({"arm": arms, "bought": False}), prior=VAGUE)


def past(**changed: object) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d"],
            "campaign": "spring",
            "offer": "coupon",
            "channel": "sms",
            "arm": ["send", "send", "control", "control"],
            "segment": "x",
            "sent_on": pd.Timestamp("2026-03-10"),
        }
    )
    return table.assign(**changed)


def bought(*pairs: tuple[str, str]) -> pd.DataFrame:
    log = pd.DataFrame(pairs, columns=["customer_id", "paid_at"]).assign(amount=10.0)
    return orders_table(log.assign(paid_at=pd.to_datetime(log["paid_at"], format="ISO8601")))


def test_an_order_counts_from_the_day_of_sending_to_the_last_of_the_window():
    orders = bought(
        ("a", "2026-03-10 08:00"), ("b", "2026-04-09"), ("c", "2026-04-08 23:59"), ("d", "2026-03-09")
    )
    found = uplifts.outcomes(past(), orders, window=30, until=pd.Timestamp("2026-06-30"))
    assert found["bought"].tolist() == [True, False, True, False]


def test_a_campaign_whose_window_goes_on_teaches_nothing_yet():
    orders = bought(("a", "2026-03-12"))
    assert len(uplifts.outcomes(past(), orders, window=30, until=pd.Timestamp("2026-04-07"))) == 0
    assert len(uplifts.outcomes(past(), orders, window=30, until=pd.Timestamp("2026-04-08"))) == 4


def option(offer: str, channel: str = "sms") -> Option:
    via = Channel(
        cost=0.1, send_from="19:00", send_to="20:00", allowed=("08:00", "21:00"), caps=[], opt_out=0
    )
    made = Offer(name=offer, kind="notice", uplift=Uplift(mean=0.2, sd=0.3))
    return Option(made, channel, via, made.uplift, {})


def test_only_the_same_offer_by_the_same_channel_learns_and_says_so():
    seen = past().assign(bought=[True, False, False, False])
    options, said = uplifts.updated([option("coupon"), option("coupon", "phone"), option("gift")], seen)
    assert [one.uplift.mean == 0.2 for one in options] == [False, True, True]
    assert len(said) == 1
    assert "coupon by sms: learned from 2 customers who were sent it and 2 who were left alone" in said[0]
    assert set(options[0].by_segment) == {"x"}


def test_the_control_group_of_another_campaign_is_not_taken():
    other = past(campaign="autumn", arm="control", offer="gift")
    both = pd.concat([past(arm="send"), other]).assign(bought=False)
    options, said = uplifts.updated([option("coupon")], both)
    assert options[0].uplift.mean == 0.2
    assert said == []


def test_whom_a_campaign_of_two_offers_left_alone_without_a_name_is_not_taken():
    arms = ["send", "send", "control", "control"]
    two = past(offer=["coupon", "gift", None, None], arm=arms).assign(bought=False)
    assert uplifts.updated([option("coupon"), option("gift")], two)[1] == []
    one = past(offer=["coupon", "coupon", None, None], arm=arms).assign(bought=False)
    assert len(uplifts.updated([option("coupon")], one)[1]) == 1


def test_what_was_declared_of_a_segment_that_no_campaign_saw_stays():
    own = replace(option("coupon"), by_segment={"lost": Uplift(mean=-1, sd=0.1)})
    (found,), _ = uplifts.updated([own], past().assign(bought=[True, False, False, False]))
    assert found.by_segment["lost"].mean == -1
    assert set(found.by_segment) == {"lost", "x"}


def test_what_is_believed_of_segments_covers_them_nine_times_in_ten():
    """Segments that scatter by 0.2 around a mean from the prior: seen ones, and one that was not seen."""
    rng, prior, seen, unseen = np.random.default_rng(21), Uplift(mean=0.2, sd=0.3), [], []
    for _ in range(120):
        truth = rng.normal(rng.normal(prior.mean, prior.sd), 0.2, 5)
        p1 = 1 / (1 + np.exp(-(np.log(0.06 / 0.94) + truth)))
        sent, control = rng.binomial(1200, p1), rng.binomial(400, 0.06, 5)
        parts = [
            exactly((sent[k], 1200 - sent[k]), (control[k], 400 - control[k])).assign(segment=f"s{k}")
            for k in range(4)
        ]
        found = uplifts.learn(pd.concat(parts, ignore_index=True), prior=prior)
        own = [found.by_segment[f"s{k}"] for k in range(4)]
        seen += [abs(one.mean - shift) < 1.645 * one.sd for one, shift in zip(own, truth[:4], strict=True)]
        unseen.append(abs(found.uplift.mean - truth[4]) < 1.645 * found.uplift.sd)
    assert 0.85 < np.mean(seen) < 0.95
    assert 0.8 < np.mean(unseen) < 0.97
