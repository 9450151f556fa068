"""Behind a campaign's figures: published intervals, laws, and what simulations with known truth recover."""

import numpy as np
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


@pytest.mark.slow
def test_the_interval_holds_the_truth_where_welch_does_not():
    """5,000 against 500 of whom 2 % buy, 400 campaigns without effect: Welch holds 0 in about 88 of 100."""
    rng, held, welch = np.random.default_rng(4), 0, 0
    for _ in range(400):
        send, control = money(5000, 0.02, rng), money(500, 0.02, rng)
        one, other = means.difference(send, control, rng=rng), means.welch(send, control)
        held += one.low <= 0 <= one.high
        welch += other.low <= 0 <= other.high
    assert 0.925 <= held / 400 <= 0.975
    assert welch / 400 < 0.915


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


@pytest.mark.parametrize("wrong", [{"margin": 0.0}, {"margin": 1.2}, {"margin": 0.3, "redeemed": 1.1}])
def test_a_margin_or_a_share_out_of_range_is_refused(wrong):
    with pytest.raises(SettingError, match="above 0, both at most at 1"):
        earned.Money(**wrong)
