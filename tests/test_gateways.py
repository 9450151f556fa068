"""Gateway products: counts by hand, luck that crowns nobody, planted gateways found, censoring done right."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import next_orders as shop
import shops_simulated
from clv import gateways, plots, second_order
from clv.errors import SettingError
from clv.following import against_shop, bought
from every_figure import Legible, said


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def stocked(ordered: pd.DataFrame, rng, *, things: int, planted: float = 0.0) -> pd.DataFrame:
    """Return what was bought: at random, but that `planted` of those who came back began with p0."""
    item = rng.choice(things, len(ordered), p=np.sort(rng.dirichlet(np.full(things, 2.0)))[::-1])
    again = ordered["customer_id"].map(ordered["customer_id"].value_counts()) > 1
    first = ~ordered.sort_values("paid_at")["customer_id"].duplicated().reindex(ordered.index)
    item = np.where(again & first & (rng.random(len(ordered)) < planted), 0, item)
    ordered = ordered.assign(category="p" + pd.Series(item, index=ordered.index).astype(str))
    return bought.of_orders(ordered, item="category")


def asked(found, ordered, rng, **more):
    return gateways.gateways(found, ordered, until=shop.UNTIL, rng=rng, **{"draws": 50} | more)


def test_counts_and_money_are_those_of_a_hand(rng):
    """Ten begin with rings, of whom four buy again within 180 days; ten begin with bars, of whom one does."""
    rows = [(f"r{n}", 0, "rings", 10.0) for n in range(10)] + [(f"b{n}", 0, "bars", 10.0) for n in range(10)]
    rows += [(f"r{n}", 100, "bars", 50.0) for n in range(4)] + [
        ("b0", 100, "bars", 30.0),
        ("b1", 300, "bars", 7.0),
    ]
    ordered = shop.orders(rows)
    made = asked(bought.of_orders(ordered, item="category"), ordered, rng, least=10)
    table = made.table
    assert made.new == 20 and made.back == pytest.approx(5 / 20) and made.value == pytest.approx(237 / 20)
    assert table.loc["rings", ["new", "followed"]].tolist() == [10, 10]
    assert table["back"].to_dict() == pytest.approx({"rings": 0.4, "bars": 0.1})
    assert table["value"].to_dict() == pytest.approx({"rings": 20.0, "bars": 3.7})
    assert table.at["rings", "pull"] == pytest.approx((10.5 / 20.5) / (0.5 / 6.5))


def test_a_thing_that_all_begin_with_comes_back_as_the_shop_does(rng):
    """Censoring as in the second order: the same share, whoever has not had the time yet."""
    ordered = shops_simulated.orders(600, rng=rng).assign(category="p")
    made = asked(bought.of_orders(ordered, item="category"), ordered, rng)
    theirs = second_order.chances(ordered, until=shop.UNTIL, days=(180,)).iloc[0]
    assert made.table.loc["p", ["back", "back_low", "back_high"]].tolist() == pytest.approx(
        theirs[["share", "low", "high"]].tolist()
    )
    assert made.table.at["p", "back"] == made.back and made.table.at["p", "new_share"] == 1.0
    assert (
        made.table.at["p", "followed"]
        == (ordered.groupby("customer_id")["paid_at"].min() <= "2025-06-30").sum()
    )


def test_luck_crowns_nothing():
    """Thirty shops in which nothing depends on the first purchase: at most one in ten names a product."""
    rng, back, value = np.random.default_rng(3), 0, 0
    for _ in range(30):
        ordered = shops_simulated.orders(500, rng=rng)
        table = asked(stocked(ordered, rng, things=15), ordered, rng, least=10).table
        assert len(table) > 8
        back += (table["back_found"] != against_shop.OPEN).any()
        value += (table["value_found"] != against_shop.OPEN).any()
    assert back <= 3 and value <= 3


def test_a_planted_gateway_is_found_and_small_ones_are_pulled_towards_the_shop():
    rng = np.random.default_rng(4)
    ordered = shops_simulated.orders(2500, rng=rng)
    made = asked(stocked(ordered, rng, things=15, planted=0.35), ordered, rng)
    table = made.table
    assert table.at["p0", "back_found"] == against_shop.MORE == table.at["p0", "value_found"]
    others = table.drop(index="p0")
    assert not (others["back_found"] == against_shop.MORE).any()
    assert (others["back_pooled"] - others["back_pooled"].mean()).std() < (
        others["back"] - others["back"].mean()
    ).std()


def test_orders_in_any_order_change_nothing(rng):
    ordered = shops_simulated.orders(400, rng=rng)
    found = stocked(ordered, rng, things=4)
    one = asked(found, ordered, np.random.default_rng(1)).table
    mixed = found.sample(frac=1, random_state=2), ordered.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(one, asked(*mixed, np.random.default_rng(1)).table)


def test_the_error_of_a_share_is_that_of_the_binomial_where_all_are_seen():
    rng = np.random.default_rng(5)
    came = rng.random(5000) < 0.3
    gap = np.where(came, rng.integers(1, 100, 5000), 100)
    error = against_shop.error_of_returns(gap[:200], all_gaps=gap, all_returned=came)
    assert error == pytest.approx(np.sqrt(0.3 * 0.7 / 200), rel=0.05)


def test_the_bootstrap_interval_holds_the_mean():
    rng, held = np.random.default_rng(6), 0
    for _ in range(300):
        money = np.where(rng.random(200) < 0.3, rng.gamma(2, 50, 200), 0.0)
        low, high = against_shop.redrawn_mean(money, draws=300, rng=rng)
        held += low <= 30.0 <= high
    assert held / 300 == pytest.approx(0.89, abs=0.045)


def test_settings_out_of_range_are_refused_and_nothing_known_is_an_empty_table(rng):
    ordered = shops_simulated.orders(60, rng=rng)
    nothing = asked(bought.of_orders(ordered, item="category"), ordered, rng)
    assert nothing.table.empty and nothing.new == 0 and np.isnan(nothing.back)
    for wrong in ({"horizon": 0}, {"least": 9}, {"value_days": 0}):
        with pytest.raises(SettingError, match="least from 10"):
            asked(bought.of_orders(ordered, item="category"), ordered, rng, **wrong)


# The figure


def drawn(things: int) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    back = rng.normal(0.3, 0.05, things)
    found = np.array([against_shop.MORE, against_shop.LESS, *[against_shop.OPEN] * things], dtype=object)[
        :things
    ]
    table = {"new": rng.integers(30, 3000, things), "back_pooled": back, "back_pooled_low": back - 0.05}
    names = [f"金满堂足金999古法传承项链{n}" for n in range(things)]
    return pd.DataFrame(table | {"back_pooled_high": back + 0.05, "back_found": found}, index=names)


@pytest.mark.parametrize("things", [1, 6, 120])
class TestGateways(Legible):
    @pytest.fixture
    def draw(self, things):
        return lambda ax: plots.gateways(drawn(things), shop=0.3, horizon=180, ax=ax)


def test_the_figure_says_where_there_is_nothing():
    ax = plots.gateways(drawn(3).iloc[:0], shop=np.nan, horizon=180)
    assert "enough new customers" in said(ax)[-1].replace("\n", " ")
