"""The chance to buy if nothing is sent: planted misses are found, festivals count where seen, no future."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

import shops_simulated
from clv import baseline, festivals, origins, past_windows
from clv.past_windows import PastWindow, factors, festival_of

UNTIL = date(2026, 6, 30)
WINDOW = 60


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    return shops_simulated.orders(2500, rng=np.random.default_rng(11))


def found(orders: pd.DataFrame, until: date = UNTIL) -> baseline.Baseline:
    today = origins.today(orders, until=until, horizon=WINDOW)
    return baseline.baseline(orders, today, until=until, window=WINDOW, starts=until + timedelta(days=1))


def test_where_the_model_is_true_little_is_put_right(shop):
    base = found(shop)
    assert base.table["factor"].between(0.75, 1.3).all()
    assert base.between < 0.2
    assert np.corrcoef(base.p0, base.raw)[0, 1] > 0.97


def test_buyers_of_the_next_window_are_as_many_as_said(shop):
    """Stand 60 days before the end: the calibrated chances add up to the buyers who came."""
    day = UNTIL - timedelta(days=WINDOW)
    base = found(shop, day)
    after = shop[(shop["paid_at"].dt.date > day) & (shop["paid_at"].dt.date <= UNTIL)]
    known = origins.today(shop, until=day, horizon=WINDOW).customers
    came = known.index.isin(after["customer_id"]).sum()
    spread = np.sqrt((base.p0 * (1 - base.p0)).sum() + (base.between * base.p0.sum()) ** 2)
    assert abs(base.p0.sum() - came) < 3 * spread + 0.1 * came


def test_nothing_after_the_last_day_is_looked_at(shop):
    early = UNTIL - timedelta(days=100)
    whole, cut = found(shop, early), found(shop[shop["paid_at"].dt.date <= early], early)
    assert np.array_equal(whole.p0, cut.p0)
    pd.testing.assert_frame_equal(whole.table, cut.table)


def test_bands_end_where_they_say():
    days = pd.Series([0, 90, 91, 180, 181, 270, 271, 4000])
    assert past_windows.bands(days).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert past_windows.names() == ["0–90 days", "91–180 days", "181–270 days", "over 270 days"]


def window(bought: float, expected: float = 400.0, held: frozenset[str] = frozenset()) -> PastWindow:
    each = np.ones(4) / 4
    return PastWindow(each * 4000, each * expected, each * bought, held)


def test_a_model_that_sees_half_the_buyers_is_doubled():
    shape, rate = factors([window(400, 200.0), window(420, 210.0)], frozenset(), 1.0)
    assert shape / rate == pytest.approx(np.full(4, 2.0), rel=0.1)


def test_a_band_with_few_buyers_takes_after_the_others():
    thin = PastWindow(
        np.full(4, 1000.0), np.array([200, 200, 200, 1.0]), np.array([400, 400, 400, 0.0]), frozenset()
    )
    shape, rate = factors([thin], frozenset(), 1.0)
    assert (shape / rate)[:3] == pytest.approx(np.full(3, 2.0), rel=0.1)
    assert 1.5 < (shape / rate)[3] < 2.0


QIXI = frozenset({"七夕"})


def test_a_festival_that_the_past_shows_is_counted_and_said():
    usual = [window(400 + k) for k in range(6)]
    years = [*usual[:3], window(800, held=QIXI), *usual[3:], window(780, held=QIXI), window(402)]
    factor, sure, said = festival_of(years, QIXI)
    assert 0 < sure < 0.1
    assert factor == pytest.approx(1.95, abs=0.1)
    assert "七夕" in said[0] and "multiplied" in said[0]


def test_a_festival_within_chance_is_not_counted():
    factor, _, said = festival_of([window(420, held=QIXI), *[window(400)] * 5], QIXI)
    assert factor == 1
    assert "nothing was added" in said[0]


def test_a_festival_that_no_window_held_is_said_to_be_unknown():
    factor, _, said = festival_of([window(400)] * 4, QIXI)
    assert factor == 1
    assert said[0].startswith("No earlier window can tell")


def test_a_festival_planted_in_the_orders_is_found_and_a_shop_without_season_has_none(shop, rng):
    coming = festivals.touched(date(2026, 7, 1), date(2026, 8, 29))
    assert coming == QIXI
    assert found(shop).festival == 1
    known = shop.loc[shop["paid_at"] < "2025-07-01", "customer_id"].unique()
    came = shop.iloc[: int(len(known) * 0.6)].assign(
        customer_id=rng.permutation(known)[: int(len(known) * 0.6)],
        order_id=lambda rows: "f" + rows["order_id"],
        paid_at=pd.Timestamp("2025-08-26"),
    )
    base = found(pd.concat([shop, came], ignore_index=True))
    assert base.festival > 1.5
    assert any("七夕" in note and "multiplied" in note for note in base.notes)


def test_a_shop_too_young_to_look_back_is_told_and_left_in_doubt():
    young = shops_simulated.orders(400, rng=np.random.default_rng(2), days=150)
    until = date(2024, 11, 27)
    today = origins.today(young, until=until, horizon=WINDOW)
    base = baseline.baseline(young, today, until=until, window=WINDOW, starts=until + timedelta(days=1))
    assert base.notes[0].startswith("The chance to buy could not be held against past windows")
    assert np.isnan(base.error)
    assert base.p0 == pytest.approx(np.clip(base.raw, 1e-6, 0.98))
    assert base.between == 0.25


def test_draws_scatter_around_the_chance_as_much_as_the_ends_say(shop, rng):
    base = found(shop)
    rows = np.arange(len(base.p0))
    drawn = np.array([base.drawn(rows, rng=rng).mean() for _ in range(600)])
    assert drawn.mean() == pytest.approx(base.p0.mean(), rel=0.03)
    low, high = np.quantile(drawn, [0.05, 0.95])
    assert low == pytest.approx(base.at(0.05).mean(), rel=0.12)
    assert high == pytest.approx(base.at(0.95).mean(), rel=0.12)


def test_the_order_of_the_orders_does_not_matter(shop):
    assert np.allclose(found(shop).p0, found(shop.sample(frac=1, random_state=1)).p0, rtol=1e-9)


def test_a_shop_that_grows_is_not_taken_for_afestival_of():
    """Five per cent more of what the model expects in each window, the festival in the latest but one."""
    grows = [window(400 * 1.05**-n, held=QIXI if n in (1, 7) else frozenset()) for n in range(10)]
    assert festival_of(grows, QIXI)[0] == 1


def test_older_windows_count_less():
    thin = [
        PastWindow(np.full(4, 1e4), np.full(4, 500.0), np.full(4, b), frozenset(), w)
        for b, w in ((500, 1), (1000, 0.25))
    ]
    shape, rate = factors(thin, frozenset(), 1.0)
    assert (shape / rate) == pytest.approx(np.full(4, 1.2), rel=0.02)
