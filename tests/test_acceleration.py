"""Acceleration: thresholds that mean nothing are rarely called an effect, and a planted one is found."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from clv import acceleration, tiers
from clv.errors import NoAnswerError, SettingError
from clv.tiering import approach, placebos, qualifying
from conftest import orders_table

START, DAYS, YEAR = pd.Timestamp("2022-01-01"), 800, 365
UNTIL = (START + pd.Timedelta(days=DAYS - 1)).date()


def shop(
    rng: np.random.Generator,
    *,
    people: int,
    thresholds: tuple[float, ...] = (),
    hurry: float = 1.0,
    topping_up: float = 0.0,
) -> pd.DataFrame:
    """Return orders of a shop, day by day.

    Customers who lack at most a fifth to a threshold order `hurry` times as often; of orders that end within
    a tenth below one, the share `topping_up` is made to end just above it.
    """
    often, much = rng.gamma(1, 0.004, people), 150 * np.exp(0.5 * rng.standard_normal(people))
    year, total, found = np.zeros((YEAR, people)), np.zeros(people), []
    for day in range(DAYS):
        total -= year[day % YEAR]
        year[day % YEAR] = 0
        near = np.zeros(people, dtype=bool)
        for at in thresholds:
            near |= (total >= 0.8 * at) & (total < at)
        who = np.flatnonzero(rng.random(people) < often * np.where(near, hurry, 1))
        money = (much[who] * np.exp(0.6 * rng.standard_normal(len(who)))).round(2) + 0.01
        for at in thresholds:
            close = (total[who] + money < at) & (total[who] + money >= 0.9 * at)
            close &= rng.random(len(who)) < topping_up
            money[close] = (at - total[who][close] + 0.02 * at * rng.random(close.sum())).round(2)
        year[day % YEAR, who] = money
        total[who] += money
        found.append(
            pd.DataFrame({"customer_id": who, "paid_at": START + pd.Timedelta(days=day), "amount": money})
        )
    log = pd.concat(found, ignore_index=True)
    return orders_table(log.assign(customer_id=log["customer_id"].astype(str)))


def quick(rng: np.random.Generator, *, people: int) -> pd.DataFrame:
    """Return orders of a shop whose customers know of no threshold."""
    often, much = rng.gamma(1, 0.004, people), 150 * np.exp(0.5 * rng.standard_normal(people))
    who = np.repeat(np.arange(people), rng.poisson(often * DAYS))
    day = START + pd.to_timedelta(rng.integers(0, DAYS, len(who)), unit="D")
    money = (much[who] * np.exp(0.6 * rng.standard_normal(len(who)))).round(2) + 0.01
    return orders_table(pd.DataFrame({"customer_id": who.astype(str), "paid_at": day, "amount": money}))


def rules(*thresholds: float) -> tiers.Membership:
    return tiers.of_thresholds({f"tier {at:g}": at for at in thresholds})


def asked(orders: pd.DataFrame, *thresholds: float, **more: object) -> acceleration.Acceleration:
    return acceleration.test(orders, rules(*thresholds), until=UNTIL, rng=np.random.default_rng(1), **more)


# What is known by simulation


@pytest.mark.slow
def test_thresholds_that_mean_nothing_are_rarely_called_an_effect():
    """100 shops of 800 customers, of whom nobody knows a threshold, at one or two of them.

    Rejections are binomial: 5 of 100 are meant, 1 to 11 are within chance; on average p is a half. In small
    shops the test is rather careful, as the mean of few looks and its error rise together.
    """
    rng, hurry, topped = np.random.default_rng(11), [], []
    for n in range(100):
        found = asked(quick(rng, people=800), *((600.0,) if n % 2 else (400.0, 1200.0)))
        hurry.append(found.hurry.p_value)
        topped.append(found.topped_up.p_value if found.topped_up else np.nan)
        assert (found.word == acceleration.SPEEDS_UP) == (found.hurry.p_value <= 0.05)
    for p in (np.array(hurry), np.array(topped)[~np.isnan(topped)]):
        assert len(p) > 70
        assert 0.01 <= (p <= 0.05).mean() <= 0.11
        assert 0.05 <= (p <= 0.2).mean() <= 0.32
        assert p.mean() == pytest.approx(0.5, abs=0.09)


@pytest.fixture(scope="module")
def hurried() -> acceleration.Acceleration:
    orders = shop(np.random.default_rng(2), people=3000, thresholds=(600.0,), hurry=2.0)
    return asked(orders, 600.0, near=0.2)


def test_a_planted_hurry_is_found(hurried):
    assert hurried.word == acceleration.SPEEDS_UP and hurried.hurry.p_value < 0.02
    assert 0.04 < hurried.hurry.low < hurried.hurry.effect < hurried.hurry.high < 0.2
    near = hurried.bands[hurried.bands["end"].abs() < 1e-9].iloc[0]
    assert near["surprise"] == hurried.bands["surprise"].max() and near["low"] > near["placebo_high"]
    assert "do order sooner" in hurried.sentence


def test_orders_that_are_topped_up_are_found():
    orders = shop(np.random.default_rng(3), people=2500, thresholds=(600.0,), topping_up=0.5)
    found = asked(orders, 600.0)
    assert found.tops_up == "tops up" and found.topped_up.p_value < 0.02
    assert found.topped_up.low > 0.3  # a third more orders end there
    assert "topped up to just above" in found.topping_up


def test_what_would_have_been_seen_is_told_and_decides_between_no_sign_and_cannot_tell():
    many, few = (asked(quick(np.random.default_rng(5), people=n), 600.0) for n in (6000, 250))
    assert many.hurry.smallest < few.hurry.smallest
    assert many.word == acceleration.NO_SIGN and many.hurry.smallest <= 0.25 * many.rate
    assert few.word == acceleration.CANNOT_TELL
    for found in (many, few):
        assert f"{found.hurry.smallest * 100:.1f} points would have been seen" in found.sentence


def test_an_interval_is_around_the_effect_and_leaves_out_0_just_where_it_is_called_one(hurried):
    for found in (hurried, asked(quick(np.random.default_rng(8), people=900), 600.0)):
        one = found.hurry
        assert one.effect - one.low == pytest.approx(one.high - one.effect)
        assert (one.low > 0) == (one.p_value < 0.05)
        assert one.smallest > one.effect - one.low  # to see an effect takes more than to leave out 0


# What cannot be asked


def test_counts_have_no_placebos_and_young_shops_no_looks():
    orders = quick(np.random.default_rng(5), people=300)
    counted = tiers.parse(
        "by: orders\nwindow: {rolling_days: 365}\nupgrade: at_once\ndowngrade: to_fit\nreview: monthly\n"
        "tiers: [{name: a, from: 3}]"
    )
    found = acceleration.test(orders, counted, until=UNTIL, rng=np.random.default_rng(1))
    assert found.word == found.tops_up == acceleration.CANNOT_TELL and "no number of them" in found.sentence
    young = acceleration.test(orders, rules(600), until=date(2022, 6, 30), rng=np.random.default_rng(1))
    assert young.word == acceleration.CANNOT_TELL and "whole window" in young.sentence
    assert young.bands.empty and young.hurry is None


def test_a_threshold_that_nobody_is_near_cannot_be_told():
    found = asked(quick(np.random.default_rng(5), people=300), 1e6)
    assert found.word == acceleration.CANNOT_TELL and "too few" in found.sentence


@pytest.mark.parametrize("bad", [{"days": 0}, {"days": 400}, {"near": 0.0}, {"near": 0.6}])
def test_impossible_questions_are_refused(bad):
    with pytest.raises(SettingError, match="days is"):
        asked(quick(np.random.default_rng(5), people=50), 600.0, **bad)


def test_a_shop_without_orders_is_no_answer():
    orders = quick(np.random.default_rng(5), people=50)
    with pytest.raises(NoAnswerError, match="nobody has a tier"):
        acceleration.test(orders, rules(600), until=date(2000, 1, 1), rng=np.random.default_rng(1))


# What it is made of


@pytest.fixture(scope="module")
def seen() -> tuple[pd.DataFrame, approach.Looks]:
    orders = quick(np.random.default_rng(6), people=200)
    return orders, approach.looks(qualifying.bought(orders, until=UNTIL), rules(600), days=30)


def test_looks_are_what_was_known_and_what_followed(seen):
    """A slow count of some looks: amount and peak before, an order in the 30 days after."""
    orders, looks = seen
    ids = sorted(orders["customer_id"].unique())
    days = [pd.Timestamp(UNTIL) - pd.Timedelta(days=30 * (k + 1)) for k in range(20)]
    days = [day for day in days if day >= orders["paid_at"].min() + pd.Timedelta(days=YEAR - 1)]
    slow = []
    for who in ids:
        mine = orders[orders["customer_id"] == who].set_index("paid_at")["amount"].sort_index()
        for day in days:
            year = mine[(mine.index > day - pd.Timedelta(days=YEAR)) & (mine.index <= day)]
            later = mine[(mine.index > day) & (mine.index <= day + pd.Timedelta(days=30))]
            if len(year):
                slow.append((ids.index(who), round(year.sum(), 2), float(len(later) > 0)))
    fast = pd.DataFrame({"who": looks.who, "amount": looks.amount.round(2), "ordered": looks.ordered})
    slow = pd.DataFrame(slow, columns=["who", "amount", "ordered"])
    by = ["who", "amount", "ordered"]
    pd.testing.assert_frame_equal(
        fast.sort_values(by, ignore_index=True), slow.sort_values(by, ignore_index=True)
    )
    assert (looks.peak >= looks.amount - 1e-9).all() and (np.diff(looks.amount) >= 0).all()


def test_a_peak_is_the_most_that_counted_on_any_day_of_the_window(seen):
    """Amounts day by day: the money of each day, summed over the window, and the greatest of these."""
    orders, looks = seen
    ids = sorted(orders["customer_id"].unique())
    days = pd.date_range(orders["paid_at"].min().normalize(), UNTIL)
    daily = orders.pivot_table(
        index=orders["paid_at"].dt.normalize(), columns="customer_id", values="amount", aggfunc="sum"
    )
    amount = daily.reindex(index=days, columns=ids).fillna(0.0).rolling(YEAR, min_periods=1).sum()
    peak = amount.rolling(YEAR).max().round(2)
    at = [day for k in range(20) if (day := days[-1] - pd.Timedelta(days=30 * (k + 1))) >= days[YEAR - 1]]
    slow = [(n, amount.at[day, who], peak.at[day, who]) for n, who in enumerate(ids) for day in at]
    slow = sorted((n, round(now, 2), most) for n, now, most in slow if now > 0.005)
    fast = sorted(zip(looks.who, looks.amount.round(2), looks.peak.round(2), strict=True))
    np.testing.assert_allclose(fast, slow, atol=0.011)


def test_surprises_are_none_on_average(seen):
    assert seen[1].surprise.mean() == pytest.approx(0, abs=1e-12)


def test_the_statistic_is_a_difference_of_means_with_an_error_over_customers(seen):
    _, looks = seen
    found = placebos.hurry(looks, near=0.2)(400.0)
    far, near, over = (
        (looks.amount >= low) & (looks.amount < high) & (looks.peak < high)
        for low, high in ((240, 320), (320, 400), (400, 480))
    )
    mean = [looks.surprise[mine].mean() for mine in (far, near, over)]
    assert found.value == pytest.approx(mean[1] - (mean[0] + mean[2]) / 2)
    assert found.near == near.sum()
    parts = np.zeros(looks.who.max() + 1)
    for mine, weight, middle in zip((far, near, over), (-0.5, 1, -0.5), mean, strict=True):
        np.add.at(parts, looks.who[mine], weight * (looks.surprise[mine] - middle) / mine.sum())
    assert found.error == pytest.approx(np.sqrt((parts**2).sum()))


def test_a_jump_in_the_number_of_orders_is_read_without_its_slope():
    rng = np.random.default_rng(7)
    amount = 100 * np.exp(-np.log(rng.random(200_000)) / 2.5)  # a falling density, no jump
    smooth = placebos.bunching(np.arange(200_000), amount, near=0.1)(200.0)
    assert abs(smooth.value) < 3 * smooth.error < 0.15
    above = np.concatenate([amount, rng.uniform(200, 210, 2000)])
    jump = placebos.bunching(np.arange(len(above)), above, near=0.1)(200.0)
    assert jump.value > 5 * jump.error


def test_placebos_look_at_nothing_that_a_real_threshold_may_have_marked():
    for near in (0.05, 0.15, 0.3):
        for zone in (placebos.zone_of_hurry(near), placebos.zone_of_bunching(near)):
            grid = placebos._grid([400.0, 1500.0], zone, (50.0, 20_000.0))
            for at in (400.0, 1500.0):
                clear = (grid * zone.high <= at * zone.marked_low) | (
                    grid * zone.low >= at * zone.marked_high
                )
                assert clear.all()
            assert grid.min() >= 50 and grid.max() <= 20_000 and len(grid) > 20


def test_what_a_grid_is_worth_is_its_length_over_the_memory_of_its_statistic():
    """For weights (-1/2, 1, -1/2) the integral of the squared correlation is 0.777 widths, by hand."""
    zone = placebos.Zone(1, 1, 1, 1, 0.1, (-0.5, 1.0, -0.5))
    length = 300 * np.log(1.02)
    assert placebos._worth(300, zone) == pytest.approx(length / (0.777 * 0.1), rel=2e-3)
    assert placebos._worth(600, zone) == pytest.approx(2 * placebos._worth(300, zone))


def test_rows_of_the_file_change_nothing():
    orders = quick(np.random.default_rng(9), people=600)
    one, other = (asked(o, 600.0) for o in (orders, orders.sample(frac=1, random_state=1)))
    assert one.hurry.effect == pytest.approx(other.hurry.effect)
    assert one.hurry.p_value == pytest.approx(other.hurry.p_value)
    assert one.sentence == other.sentence


def test_of_very_many_customers_some_are_looked_at(monkeypatch):
    monkeypatch.setattr(approach, "MOST", 100)
    found = qualifying.bought(quick(np.random.default_rng(9), people=300), until=UNTIL)
    some = approach.sampled(found, rng=np.random.default_rng(1))
    assert len(some.ids) == 100 and set(some.who) == set(range(100))
    for k in (0, 50, 99):
        theirs = found.who == found.ids.get_loc(some.ids[k])
        assert some.amount[some.who == k].tolist() == found.amount[theirs].tolist()


@pytest.mark.parametrize(
    ("low", "high", "smallest", "word"),
    [
        (-0.01, 0.02, 0.02, acceleration.NO_SIGN),
        (-0.001, 0.061, 0.05, acceleration.CANNOT_TELL),  # the interval holds effects worth having
        (-0.105, -0.043, 0.02, acceleration.NO_SIGN),
        (-0.105, -0.043, 0.09, acceleration.NO_SIGN),
        (-0.01, 0.02, 0.09, acceleration.CANNOT_TELL),  # such an effect would not have been seen
    ],
)
def test_no_sign_takes_power_and_an_interval_without_effects_worth_having(low, high, smallest, word):
    from types import SimpleNamespace

    found = SimpleNamespace(p_value=0.4, effect=(low + high) / 2, low=low, high=high, smallest=smallest)
    assert acceleration._word(found, rate=0.1) == word
    said = acceleration._sentence(word, found, 0.1, 30)
    assert ("order later" in said) == (high < 0)
