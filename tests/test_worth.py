"""What a shop owner reads adds up, is in order, and says nothing about customers who cannot be."""

import numpy as np
import pandas as pd
import pytest

from clv import bgnbd, mbgnbd, spend, values, worth
from clv.mbgnbd import MBGNBD


@pytest.fixture(scope="module")
def shop():
    rng = np.random.default_rng(3)
    truth = MBGNBD(r=0.5, alpha=70.0, a=0.9, b=2.0)
    customers = truth.simulate(1500, T=rng.integers(5, 700, 1500).astype(float), rng=rng)
    mean = rng.gamma(6, 50, 1500)
    people = pd.Index([f"c{n}" for n in range(1500)], name="customer_id")
    customers = customers.assign(
        monetary_value=np.where(customers["frequency"] > 0, mean, 0.0),
        orders=customers["frequency"] + 1,
        total_spend=mean * (customers["frequency"] + 1),
        last_order=pd.Timestamp("2026-01-01"),
        days_since_last=customers["T"] - customers["recency"],
    ).set_index(people)
    return customers, mbgnbd.fit(customers), spend.fit(customers)


def test_tenths_hold_everybody_and_add_up(shop, rng):
    tenths = worth.tenths(*shop, days=365, yearly_discount=0.1, rng=rng)
    total = values.total(*shop, clv_days=365, yearly_discount=0.1, rng=rng).iloc[0]
    assert tenths["customers"].sum() == 1500
    assert (tenths["clv"] * tenths["customers"]).sum() == pytest.approx(total["clv"])
    assert tenths["share"].sum() == pytest.approx(1)
    assert tenths["clv"].is_monotonic_decreasing
    assert ((tenths["low"] <= tenths["clv"]) & (tenths["clv"] <= tenths["high"])).all()


def test_what_came_in_is_counted_whole(shop, rng):
    came = pd.Series(np.arange(1500.0), index=shop[0].index)
    tenths = worth.tenths(*shop, days=90, rng=rng, actual=came)
    assert (tenths["actual"] * tenths["customers"]).sum() == pytest.approx(came.sum())


def test_customers_of_equal_value_share_a_tenth(shop, rng):
    customers, fit, money = shop
    twins = pd.concat([customers.iloc[[0]]] * 40).set_axis([f"t{n}" for n in range(40)])
    assert worth.tenths(twins, fit, money, days=90, rng=rng)["customers"].tolist() == [40]


def test_lists_are_in_order_and_name_whom_they_should(shop, rng):
    customers, fit, money = shop
    scores = values.score(customers, fit, money, rng=rng, draws=40)
    best = worth.most_valuable(customers, scores, top=15)
    assert best["clv"].tolist() == scores["clv"].nlargest(15).tolist()
    slipping = worth.slipping_away(customers, scores, top=15)
    assert slipping["at_stake"].is_monotonic_decreasing
    assert (slipping["p_alive"] < 0.5).all()
    assert (slipping["orders"] > 1).all()
    alive = scores.loc[slipping.index, "clv"] + slipping["at_stake"]
    np.testing.assert_allclose(alive * slipping["p_alive"], scores.loc[slipping.index, "clv"])


def test_the_map_of_p_alive_leaves_out_who_cannot_be(shop):
    customers, fit, _ = shop
    found = worth.alive_map(customers, fit)
    assert found.loc[0].notna().sum() == 1
    assert found.loc[1:, 0].isna().all()
    assert found.loc[1:, found.columns > 0].notna().all(axis=None)
    assert (found.loc[1:].diff(axis=1).iloc[:, 2:] >= 0).all(axis=None)  # later is livelier


def test_parameters_come_with_the_bounds_that_the_data_set(shop):
    table = worth.parameters(shop[1])
    assert table["parameter"].tolist() == ["r", "alpha", "a", "b"]
    assert ((table["low"] < table["value"]) & (table["value"] < table["high"].fillna(np.inf))).all()


def test_parameters_that_only_their_ratio_is_known_of_have_no_upper_bound():
    """Everybody leaves with a chance of one half: a and b may be as large as one likes."""
    x = pd.Series([0] * 64 + [1] * 32 + [2] * 16 + [3] * 8 + [4] * 4)
    people = pd.DataFrame({"frequency": x, "recency": 10.0 * x, "T": 400.0})
    fit = mbgnbd.fit(people)
    assert fit.limit is not None
    assert worth.parameters(fit).set_index("parameter").loc[["a", "b"], "high"].isna().all()


def test_only_a_model_that_never_lets_one_time_buyers_go_is_warned_about(shop):
    customers, fit, _ = shop
    assert worth.one_timer_warning(customers, fit) is None
    said = worth.one_timer_warning(customers, bgnbd.fit(customers))
    assert f"all {(customers['frequency'] == 0).sum():,} of them" in said
