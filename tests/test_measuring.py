"""Behind a campaign's figures: published intervals, laws, and what simulations with known truth recover."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from clv.errors import InputError, SettingError
from clv.measuring import cuped, earned, means, pooling, rates, ratio
from clv.offering.channels import CHANNELS
from clv.offering.contract import Offer, Uplift
from clv.offering.options import Option

UPLIFT = Uplift(mean=0.2, sd=0.2)


# Rates: Newcombe 1998, Statistics in Medicine 17:857 (one share, method 3) and 17:873 (two, method 10)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_one_share_has_the_published_interval(hits, n, low, high):
    assert [float(end) for end in rates.wilson(hits, n)] == pytest.approx([low, high], abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_two_shares_have_the_published_interval(one, other, low, high):
    found = [float(end) for end in rates.newcombe(*one, *other)]
    assert found == pytest.approx([low, high], abs=5e-5)
    mirrored = [float(end) for end in rates.newcombe(*other, *one)]
    assert mirrored == pytest.approx([-high, -low], abs=5e-5)


def test_a_surer_interval_is_wider_and_more_buyers_than_customers_are_refused():
    narrow, wide = rates.wilson(5, 50, level=0.9), rates.wilson(5, 50, level=0.99)
    assert wide[0] < narrow[0] < 0.1 < narrow[1] < wide[1]
    assert np.isnan(rates.wilson(0, 0)).all()
    with pytest.raises(InputError, match="more than all, or fewer than none"):
        rates.wilson([1, 6], [5, 5])


# Means


def money(n: int, share: float, rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(n) < share, rng.lognormal(6, 1, n), 0.0)


def test_arms_of_one_size_are_compared_as_scipy_does(rng):
    send, control = money(2000, 0.05, rng), money(2000, 0.05, rng)
    one = means.difference(send, control, rng=rng)
    theirs = ttest_ind(send, control, equal_var=False).confidence_interval()
    assert one.method == "Welch"
    assert (one.low, one.high) == pytest.approx((theirs.low, theirs.high), rel=1e-9)


def test_a_small_arm_of_rare_large_orders_asks_for_the_bootstrap(rng):
    send, control = money(5000, 0.02, rng), money(500, 0.02, rng)
    assert means.difference(send, control, rng=rng).method == "bootstrap"
    assert means.tail(send, control) < -means.TAIL
    assert means.tail(control, send) == pytest.approx(-means.tail(send, control))


def test_equal_arms_stay_with_welch_and_hold_the_truth_95_times_in_a_hundred():
    """2,000 against 2,000 of whom 5 % buy, 1,500 campaigns without effect: the tails cancel out."""
    rng, held = np.random.default_rng(12), 0
    for _ in range(1500):
        one = means.difference(money(2000, 0.05, rng), money(2000, 0.05, rng), rng=rng)
        assert one.method == "Welch"
        held += one.low <= 0 <= one.high
    assert held / 1500 == pytest.approx(0.95, abs=0.017)


@pytest.mark.parametrize("size", [900, 100], ids=["Welch", "bootstrap"])
def test_a_surer_interval_of_money_is_wider(size):
    rng = np.random.default_rng(13)
    send, control = money(900, 0.1, rng), money(size, 0.1, rng)
    sure = [means.difference(send, control, rng=np.random.default_rng(1), level=x) for x in (0.8, 0.95, 0.99)]
    assert {one.method for one in sure} == {"Welch" if size == 900 else "bootstrap"}
    assert sure[2].low < sure[1].low < sure[0].low < sure[0].high < sure[1].high < sure[2].high


def test_arms_that_change_places_mirror_the_interval():
    rng = np.random.default_rng(14)
    send, control = money(900, 0.1, rng), money(150, 0.1, rng)
    one, other = (means.welch(*arms) for arms in ((send, control), (control, send)))
    assert (other.value, other.low, other.high) == pytest.approx((-one.value, -one.high, -one.low))
    one, other = (
        means.bootstrap(*arms, rng=np.random.default_rng(1)) for arms in ((send, control), (control, send))
    )
    assert (other.value, other.low, other.high) == pytest.approx((-one.value, -one.high, -one.low))


@pytest.mark.slow
def test_the_interval_holds_the_truth_where_welch_does_not():
    """5,000 against 500 of whom 2 % buy, 300 campaigns without effect: Welch holds 0 in about 88 of 100."""
    rng, held, welch = np.random.default_rng(4), 0, 0
    for _ in range(300):
        send, control = money(5000, 0.02, rng), money(500, 0.02, rng)
        one, other = means.difference(send, control, rng=rng), means.welch(send, control)
        held += one.low <= 0 <= one.high
        welch += other.low <= 0 <= other.high
    assert 0.925 <= held / 300 <= 0.975
    assert welch / 300 < 0.915


@pytest.mark.slow
def test_what_a_discount_takes_off_does_not_narrow_the_control_group():
    """8 % off at a margin of 30 %, nobody moved; the margin before the offer is common to both arms."""
    rng, held, truth = np.random.default_rng(5), 0, -0.08 * 0.05 * np.exp(6.5)
    for _ in range(300):
        send, control = money(1200, 0.05, rng), money(300, 0.05, rng)
        common = 0.3 * np.concatenate([send, control])
        one = means.difference(0.22 * send, 0.3 * control, rng=rng, common=common)
        held += one.low <= truth <= one.high
    assert 0.92 <= held / 300 <= 0.985


def test_money_in_another_currency_and_customers_in_another_order_change_nothing():
    rng = np.random.default_rng(6)
    send, control = money(900, 0.1, rng), money(100, 0.1, rng)
    one, seven, mixed = (
        means.difference(a, b, rng=np.random.default_rng(1))
        for a, b in ((send, control), (7 * send, 7 * control), (send[::-1], rng.permutation(control)))
    )
    assert (seven.value, seven.low, seven.high) == pytest.approx((7 * one.value, 7 * one.low, 7 * one.high))
    assert (mixed.low, mixed.high) == pytest.approx((one.low, one.high))


@pytest.mark.parametrize("send", [np.zeros(50), np.full(50, -0.06)])
def test_where_nobody_did_anything_nothing_is_said_and_nobody_is_warned(send, rng):
    one = means.difference(send, np.zeros(9), rng=rng)
    assert one.method == "none" and np.isnan([one.low, one.high]).all()
    bought = means.difference(send, np.array([0.0, 0.0, 50.0]), rng=rng)
    assert bought.low < bought.value < bought.high


@pytest.mark.parametrize(
    ("send", "control", "said"), [([], [1.0], "each arm needs some"), ([1.0, np.nan], [1.0, 2.0], "no value")]
)
def test_an_empty_arm_and_missing_money_are_refused(send, control, said, rng):
    with pytest.raises(InputError, match=said):
        means.difference(np.array(send), np.array(control), rng=rng)


# CUPED


def test_cuped_takes_off_what_the_past_foretells_and_nothing_else():
    """y = x + noise with a half of the variance foretold; the difference stays, the arms' chance gap goes."""
    rng = np.random.default_rng(8)
    x, sent = rng.normal(size=(20_000, 1)), rng.random(20_000) < 0.7
    y = x[:, 0] + rng.normal(size=20_000) + 0.1 * sent
    found, removed = cuped.adjusted(y, x, sent=sent)
    assert removed == pytest.approx(0.5, abs=0.02)
    assert found[sent].mean() - found[~sent].mean() == pytest.approx(0.1, abs=0.035)
    assert found.mean() == pytest.approx(y.mean())


def test_cuped_finds_nothing_in_noise():
    rng, removed = np.random.default_rng(9), []
    for _ in range(60):
        x, sent = rng.normal(size=(300, 4)), np.arange(300) < 200
        removed.append(cuped.adjusted(rng.normal(size=300), x, sent=sent)[1])
    assert np.mean(removed) < 0.01
    y = rng.normal(size=300)
    same, none = cuped.adjusted(y, np.ones((300, 1)), sent=sent)
    assert none == 0 and (same == y).all()
    with pytest.raises(InputError, match="one value per customer"):
        cuped.adjusted(y, np.full((300, 1), np.nan), sent=sent)


def test_cuped_leaves_the_effect_and_says_truly_how_much_less_it_scatters():
    """Arms of 4 to 1 that the past foretells unequally: what is removed is what repeated lots show."""
    rng = np.random.default_rng(15)
    plain, after, said = [], [], []
    for _ in range(1500):
        x, sent = rng.normal(size=500), np.arange(500) < 400
        y = np.where(sent, 0.5 * x + 0.3, 1.5 * x) + rng.normal(size=500)
        found, removed = cuped.adjusted(y, x[:, None], sent=sent)
        plain.append(y[sent].mean() - y[~sent].mean())
        after.append(found[sent].mean() - found[~sent].mean())
        said.append(removed)
    error = np.std(after) / np.sqrt(1500)
    assert np.mean(after) == pytest.approx(0.3, abs=4 * error)
    assert np.mean(said) == pytest.approx(1 - np.var(after) / np.var(plain), abs=0.05)


# Segments


def test_pooled_segments_are_recovered_and_held_by_their_intervals():
    rng, held, closer = np.random.default_rng(10), [], []
    for _ in range(200):
        truth, error = rng.normal(2, 1, 6), np.full(6, 1.0)
        seen = truth + rng.normal(size=6)
        found = pooling.pool(seen, error)
        held += list((found.low <= truth) & (truth <= found.high))
        closer.append(((found.mean - truth) ** 2).sum() < ((seen - truth) ** 2).sum())
    assert np.mean(held) == pytest.approx(0.95, abs=0.025)
    assert np.mean(closer) > 0.7


def test_looking_at_twelve_segments_finds_no_winner_by_chance():
    rng, alone, together = np.random.default_rng(11), 0, 0
    for _ in range(200):
        seen = rng.normal(size=12)
        found = pooling.pool(seen, np.ones(12))
        alone += (np.abs(seen) > 1.96).any()
        together += ((found.low > 0) | (found.high < 0)).any()
    assert alone / 200 > 0.38
    assert together / 200 < 0.12


def test_segments_that_do_not_differ_come_out_alike_and_those_that_do_stay_apart():
    alike = np.array([0.9, 1.1, 1.05, 0.95, 1.0, 1.0])
    found = pooling.pool(alike, np.full(6, 1.0))
    assert np.ptp(found.mean) < 0.35 * np.ptp(alike) and found.differ > 0.99
    assert (found.high - found.low < 2 * 1.96 * 0.75).all()
    apart = 100 * alike
    found = pooling.pool(apart, np.full(6, 1.0))
    assert found.mean == pytest.approx(apart, abs=0.4) and found.differ < 1e-9


def test_segments_may_come_in_any_order_and_in_any_unit():
    seen, error = np.array([3.0, -1.0, 0.5, np.nan]), np.array([1.0, 0.4, 2.0, np.nan])
    plain, turned = pooling.pool(seen, error), pooling.pool(seen[::-1], error[::-1])
    assert turned.mean[::-1] == pytest.approx(plain.mean) and turned.differ == pytest.approx(plain.differ)
    cents = pooling.pool(100 * seen, 100 * error)
    assert cents.mean == pytest.approx(100 * plain.mean) and cents.low == pytest.approx(100 * plain.low)


def test_what_is_believed_is_the_posterior_summed_over_a_grid_of_mean_and_scatter():
    """All means of all scatters tried one by one, each as likely as the prior and the segments make it."""
    seen, v = np.array([3.0, 0.0, 1.0]), np.array([1.0, 0.5, 2.0]) ** 2
    pull = (np.arange(1000) + 0.5)[:, None, None] / 1000
    scatter, centre = (1 - pull) / pull / np.mean(1 / v), np.linspace(-60, 60, 2401)[None, :, None]
    weight = np.exp(-0.5 * (seen - centre) ** 2 / (v + scatter)) / np.sqrt(v + scatter)
    chance = weight.prod(axis=2, keepdims=True)
    chance /= chance.sum()
    mean, spread = (scatter * seen + v * centre) / (scatter + v), scatter * v / (scatter + v)
    believed = (chance * mean).sum(axis=(0, 1))
    error = np.sqrt((chance * (spread + (mean - believed) ** 2)).sum(axis=(0, 1)))
    found = pooling.pool(seen, np.sqrt(v))
    assert found.mean == pytest.approx(believed, abs=0.005)
    assert (found.high - found.low) / (2 * 1.959964) == pytest.approx(error, rel=0.01)


def test_cochrans_q_is_that_of_a_hand():
    """Effects 1, 3 and 5 with errors of 1: Q = 4 + 0 + 4 with 2 degrees of freedom, p = exp(-4)."""
    assert pooling.pool(np.array([1.0, 3.0, 5.0]), np.ones(3)).differ == pytest.approx(np.exp(-4))


def test_one_segment_is_itself_and_one_that_knows_nothing_takes_after_the_others():
    one = pooling.pool(np.array([3.0]), np.array([1.0]))
    assert one.mean[0] == pytest.approx(3.0) and one.low[0] == pytest.approx(3 - 1.96, abs=1e-3)
    found = pooling.pool(np.array([2.0, 2.2, np.nan]), np.array([0.1, 0.1, np.nan]))
    assert 2.0 < found.mean[2] < 2.2
    assert found.high[2] - found.low[2] > found.high[0] - found.low[0]
    with pytest.raises(InputError, match="nothing can be pooled"):
        pooling.pool(np.array([np.nan]), np.array([np.nan]))


# Sizes


def test_arms_of_a_fair_coin_pass_and_others_raise_the_alarm():
    assert not ratio.check(send=700, control=300, meant=0.3).is_wrong
    assert ratio.check(send=700, control=300, meant=0.3).p_value == pytest.approx(1.0)
    assert ratio.check(send=760, control=240, meant=0.3).is_wrong
    with pytest.raises(SettingError, match="cannot be left alone"):
        ratio.check(send=1, control=1, meant=1.0)


def test_sizes_are_judged_by_the_exact_binomial_test():
    """2 or fewer, or 8 or more, of 10 by a fair coin: 112 in 1,024."""
    assert ratio.check(send=8, control=2, meant=0.5).p_value == pytest.approx(112 / 1024)
    assert [ratio.check(send=n, control=0, meant=0.5).is_wrong for n in (10, 11)] == [False, True]  # 2 ** -9


# Money


@pytest.mark.parametrize(
    "terms",
    [
        {"kind": "coupon", "amount": 50.0, "minimum_spend": 200.0},
        {"kind": "percent", "share": 0.2},
        {"kind": "percent", "share": 0.25, "at_most": 60.0, "minimum_spend": 100.0},
    ],
)
def test_what_was_taken_off_is_found_again_in_what_was_paid(terms):
    offer = Offer(name="o", uplift=UPLIFT, **terms)
    listed = np.array([20.0, 99.0, 100.0, 150.0, 199.0, 200.0, 240.0, 1000.0])
    given = Option(offer, "sms", CHANNELS["sms"], UPLIFT, {}).given_on(listed)
    redeemed = given > 0
    found, off = earned.behind(offer, (listed - given)[redeemed])
    assert found == pytest.approx(given[redeemed]) and (found == off).all()


@pytest.mark.parametrize(
    ("terms", "given"),
    [
        ({"kind": "gift", "cost": 30.0, "minimum_spend": 100.0}, [0.0, 30.0]),
        ({"kind": "points", "cost": 10.0, "used": 0.5}, [5.0, 5.0]),
        ({"kind": "service", "cost": 80.0}, [0.0, 0.0]),
        ({"kind": "notice"}, [0.0, 0.0]),
    ],
)
def test_what_is_given_beside_an_order_is_not_missing_in_what_was_paid(terms, given):
    found, off = earned.behind(Offer(name="o", uplift=UPLIFT, **terms), np.array([99.0, 100.0]))
    assert found.tolist() == given and not off.any()


@pytest.mark.parametrize("share", [0.05, 0.07, 0.15, 0.2, 0.3])
def test_an_order_of_just_the_minimum_is_found_again_though_what_was_paid_is_rounded(share):
    for least in range(50, 1000, 7):
        offer = Offer(name="o", kind="percent", share=share, minimum_spend=float(least), uplift=UPLIFT)
        paid = np.array([round(least * (1 - share), 2)])
        assert earned.behind(offer, paid)[0][0] == pytest.approx(share * least, abs=0.01)


def test_an_order_of_which_nobody_can_tell_counts_as_redeemed():
    """180 may be 230 with 50 off from 200 on, or 180 without; the first costs the shop more."""
    offer = Offer(name="o", kind="coupon", amount=50.0, minimum_spend=200.0, uplift=UPLIFT)
    assert earned.behind(offer, np.array([149.0, 151.0, 180.0, 199.0]))[0].tolist() == [0, 50, 50, 50]


def counted(offer: Offer, *rows: tuple[str, int, float], redeemed: float = 1.0) -> pd.DataFrame:
    """Two customers with the offer and one left alone; orders: customer, day, money."""
    people = pd.DataFrame(
        {"arm": ["send", "send", "control"], "offer": offer.name, "channel": "sms"}, index=["a", "b", "c"]
    )
    answers = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    answers = answers.assign(arm=answers["customer_id"].map(people["arm"]))
    return earned.counted(answers, people, earned.Money(0.5, {offer.name: offer}, {"sms": 0.1}, redeemed))


GIFT = Offer(name="gift", kind="gift", cost=8.0, minimum_spend=100.0, valid_days=7, uplift=UPLIFT)


def test_the_first_order_that_can_redeem_does_and_no_other():
    found = counted(GIFT, ("a", 0, 99.0), ("a", 3, 100.0), ("a", 6, 500.0), ("b", 6, 150.0), ("c", 1, 400.0))
    assert found["given"].to_dict() == {"a": 8.0, "b": 8.0, "c": 0.0}


def test_of_several_orders_the_first_is_the_one_with_the_discount():
    offer = Offer(name="o", kind="percent", share=0.2, minimum_spend=100.0, uplift=UPLIFT)
    found = counted(offer, ("a", 1, 40.0), ("a", 2, 80.0), ("a", 3, 800.0))
    assert found.at["a", "given"] == pytest.approx(20.0)
    assert found.at["a", "gross"] == pytest.approx(0.5 * (920 + 20))


def test_an_order_after_the_offer_has_ended_redeems_nothing():
    found = counted(GIFT, ("a", 7, 300.0), ("b", 6, 300.0))
    assert found["given"].to_dict() == {"a": 0.0, "b": 8.0, "c": 0.0}


@pytest.mark.parametrize(
    ("terms", "profit"),
    [
        # margin 50 % of 300, spent; a is what was paid, a discount off already; contact 0.1
        ({"kind": "notice"}, 150 - 0.1),
        ({"kind": "gift", "cost": 8.0}, 150 - 8 - 0.1),
        ({"kind": "points", "cost": 8.0, "used": 0.25}, 150 - 2 - 0.1),
        ({"kind": "service", "cost": 8.0, "taken_up": 0.5}, 150 - 4 - 0.1),
        ({"kind": "coupon", "amount": 40.0}, 0.5 * 340 - 40 - 0.1),
        ({"kind": "percent", "share": 0.25}, 0.5 * 400 - 100 - 0.1),
        ({"kind": "percent", "share": 0.25, "at_most": 60.0}, 0.5 * 360 - 60 - 0.1),
    ],
    ids=["notice", "gift", "points", "service", "coupon", "percent", "percent up to"],
)
def test_each_kind_of_offer_leaves_the_profit_counted_by_hand(terms, profit):
    found = counted(Offer(name="o", uplift=UPLIFT, **terms), ("a", 2, 300.0), ("c", 2, 300.0))
    assert found.at["a", "profit"] == pytest.approx(profit)
    assert found.at["c", "profit"] == pytest.approx(150.0)
    assert found.at["b", "profit"] == pytest.approx(-(4.1 if terms["kind"] == "service" else 0.1))
    assert found["profit"].to_numpy() == pytest.approx(
        (found["gross"] - found["given"] - found["contact"]).to_numpy()
    )


def test_where_a_half_redeems_a_half_is_given():
    whole, half = (counted(GIFT, ("a", 2, 300.0), redeemed=share) for share in (1.0, 0.5))
    assert half["given"].sum() == whole["given"].sum() / 2 == 4.0


@pytest.mark.parametrize("wrong", [{"margin": 0.0}, {"margin": 1.2}, {"margin": 0.3, "redeemed": 1.1}])
def test_a_margin_or_a_share_out_of_range_is_refused(wrong):
    with pytest.raises(SettingError, match="above 0, both at most at 1"):
        earned.Money(**wrong)
