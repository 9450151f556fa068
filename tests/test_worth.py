"""What a shop owner reads adds up, is in order, and says nothing about customers who cannot be."""

import numpy as np
import pandas as pd
import pytest

from clv import bgnbd, mbgnbd, models, spend, values, worth
from clv.mbgnbd import MBGNBD
from clv.money.discount import discounted_purchases


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


def test_a_tenth_is_a_place_in_the_order_of_values(shop):
    """Every column of the table again, customer by customer, with the terms that were given."""
    customers, fit, money = shop
    terms = {"clv_days": 365, "yearly_discount": 0.1, "margin": 0.4}
    value = discounted_purchases(fit.model, customers, end=365, yearly_discount=0.1)
    value = (value * money.model.expected_spend(customers)).to_numpy()
    place = [((value > one).sum() + ((value == one).sum() + 1) / 2) / 1500 for one in value]
    tenth = pd.Series([max(1, int(np.ceil(round(10 * p, 9)))) for p in place], index=customers.index)
    came = pd.Series(np.arange(1500.0) ** 2, index=customers.index)
    found = worth.tenths(
        *shop, days=365, yearly_discount=0.1, margin=0.4, rng=np.random.default_rng(1), actual=came
    )
    assert list(found) == ["decile", "customers", "clv", "low", "high", "share", "actual"]
    assert found["decile"].tolist() == sorted(set(tenth)) == list(range(1, 11))
    summed = values.total(
        customers, fit, money, groups=tenth.rename("g"), rng=np.random.default_rng(1), **terms
    )
    for row in found.set_index("decile").itertuples():
        mine, all_of_it = tenth == row.Index, summed.loc[row.Index]
        assert row.customers == mine.sum()
        for name, column in (("clv", "clv"), ("low", "clv_low"), ("high", "clv_high")):
            assert getattr(row, name) == pytest.approx(all_of_it[column] / mine.sum())
        assert row.clv == pytest.approx(0.4 * value[mine].mean(), rel=1e-6)
        assert row.share == pytest.approx(value[mine].sum() / value.sum(), rel=1e-6)
        assert row.actual == pytest.approx(came[mine].mean())


def test_money_counts_in_full_unless_said_otherwise(shop):
    plain = worth.tenths(*shop, days=90, rng=np.random.default_rng(1))
    assert list(plain) == ["decile", "customers", "clv", "low", "high", "share"]
    bought = shop[1].model.expected_purchases(shop[0], days=90) * shop[2].model.expected_spend(shop[0])
    assert (plain["clv"] * plain["customers"]).sum() == pytest.approx(bought.sum(), rel=1e-6)


def scored(**columns):
    """Scores of a few repeat buyers, and of one who bought once."""
    people = pd.Index(list("abcdef"), name="customer_id")
    customers = pd.DataFrame(
        {"frequency": [1, 2, 3, 4, 5, 0], "orders": [2, 3, 4, 5, 6, 1], "total_spend": np.arange(6) * 10.0,
         "last_order": pd.date_range("2026-01-01", periods=6), "days_since_last": np.arange(6) * 7, "T": 100},
        index=people,
    )  # fmt: skip
    return customers, pd.DataFrame(columns, index=people)


def test_who_slips_away_is_more_likely_gone_than_not_and_listed_by_what_is_at_stake():
    customers, scores = scored(
        p_alive=[0.05, 0.25, 0.5, 0.4, 0.049, 0.2], clv=[10.0, 25.0, 100.0, 80.0, 900.0, 99.0]
    )
    found = worth.slipping_away(customers, scores, top=9)
    columns = ["orders", "total_spend", "last_order", "days_since_last"]
    assert list(found) == [*columns, "p_alive", "at_stake"]
    assert found.index.tolist() == ["a", "d", "b"]  # not the half, not the nearly gone, not who bought once
    assert found["at_stake"].tolist() == pytest.approx([190.0, 120.0, 75.0])
    assert found["p_alive"].tolist() == [0.05, 0.4, 0.25]
    pd.testing.assert_frame_equal(found[columns], customers.loc[["a", "d", "b"], columns])
    assert worth.slipping_away(customers, scores, top=2).index.tolist() == ["a", "d"]


def test_everybody_at_risk_is_in_the_picture():
    customers, scores = scored(
        p_alive=[0.05, 0.25, 0.5, 0.0, 1.0, 0.2], clv=[10.0, 25.0, 100.0, 0.0, 900.0, 99.0]
    )
    found = worth.at_risk(customers, scores, listed=pd.Index(["b", "a"]))
    assert found.index.tolist() == ["a", "b", "c", "e"] and list(found) == ["p_alive", "value", "slipping"]
    assert found["value"].tolist() == pytest.approx([200.0, 100.0, 200.0, 900.0])
    assert found["p_alive"].tolist() == [0.05, 0.25, 0.5, 1.0]
    assert found["slipping"].tolist() == [True, True, False, False]


def test_the_most_valuable_come_with_what_they_did_and_what_is_expected():
    numbers = {"p_alive": 0.9, "p_buy": 0.8, "clv": [3.0, 9.0, 9.0, 1.0, 2.0, 7.0], "clv_high": 20.0}
    customers, scores = scored(**numbers)
    found = worth.most_valuable(customers, scores, top=3)
    assert found.index.tolist() == ["b", "c", "f"]  # of equals, the first
    assert list(found) == ["total_spend", "last_order", "p_alive", "p_buy", "clv", "clv_high"]
    assert found["total_spend"].tolist() == [10.0, 20.0, 50.0]
    assert found.loc["f"].tolist() == [50.0, pd.Timestamp("2026-01-06"), 0.9, 0.8, 7.0, 20.0]


def test_the_map_is_p_alive_of_every_customer_that_can_be():
    people = pd.DataFrame({"frequency": [0, 5, 2], "recency": [0, 70, 30], "T": [100, 90, 80]})
    fit = mbgnbd.fit(pd.concat([people] * 5, ignore_index=True))
    found = worth.alive_map(people, fit, columns=5)
    assert (found.index.name, found.columns.name) == ("frequency", "recency")
    assert found.index.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.columns.tolist() == [0, 25, 50, 75, 100]
    assert found.columns.dtype == int
    for x in found.index:
        for t in found.columns:
            one = pd.DataFrame({"frequency": [x], "recency": [t], "T": [100]})
            if (x > 0) == (t > 0):
                assert found.at[x, t] == pytest.approx(fit.model.p_alive(one).iloc[0])
            else:
                assert np.isnan(found.at[x, t])
    assert worth.alive_map(people, fit, columns=5, most=3).index.tolist() == [0, 1, 2, 3]
    frequent = people.assign(frequency=[0, 40, 2])
    assert worth.alive_map(frequent, fit).shape == (13, 40)


def test_parameters_are_read_with_their_intervals(shop):
    table, ends = worth.parameters(shop[1]), models.intervals(shop[1])
    assert list(table) == ["parameter", "value", "low", "high"]
    known = table.set_index("parameter")
    assert known["value"].to_dict() == shop[1].model.parameters
    for name in ("low", "high"):
        bounded = ends[name].between(0, np.inf, inclusive="neither")
        assert known.loc[bounded, name].tolist() == ends.loc[bounded, name].tolist()
        assert known.loc[~bounded, name].isna().all()


def test_the_warning_of_one_time_buyers_is_said_whole(shop):
    customers, _, _ = shop
    once, fit = (customers["frequency"] == 0).sum(), bgnbd.fit(customers)
    assert worth.one_timer_warning(customers, fit) == (
        f"BG/NBD cannot see a one-time buyer leave: all {once:,} of them count as customers for certain, "
        "however long ago they bought. Read P(alive) for repeat buyers only. The chance to buy and the value "
        "within the horizon are as good as the hidden days showed; later value is not."
    )
    assert worth.one_timer_warning(customers[customers["frequency"] > 0], fit) is None
