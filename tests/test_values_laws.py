"""What no score may break: signs, monotony, additivity, simulation = closed form, no NaN anywhere."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from clv import bgnbd, mbgnbd, nbd, paretonbd, spend, tables, values
from clv.bgnbd import BGNBD
from clv.btyd.histories import read
from clv.errors import InputError, SettingError
from clv.mbgnbd import MBGNBD
from clv.money import futures, intervals
from clv.money.discount import daily_rate, discounted_purchases
from clv.money.gammagamma import GammaGamma
from clv.nbd import NBD
from clv.paretonbd import ParetoNBD

MODELS = [
    BGNBD(r=0.5, alpha=40.0, a=0.8, b=2.4),
    MBGNBD(r=0.5, alpha=40.0, a=0.8, b=2.4),
    ParetoNBD(r=0.5, alpha=40.0, s=0.6, beta=80.0),
    NBD(r=0.5, alpha=40.0),
]
NAMED = [model.name for model in MODELS]
SPEND = GammaGamma(p=6.0, q=5.0, v=400.0)
HISTORIES = pd.DataFrame(
    {
        "frequency": [0, 0, 0, 1, 3, 40, 2],
        "recency": [0, 0, 0, 5, 200, 390, 30],
        "T": [0, 10, 400, 5, 300, 400, 500],
        "monetary_value": [0.0, 0.0, 0.0, 90.0, 500.0, 60.0, 300.0],
    },
    index=pd.Index([f"c{i}" for i in range(7)], name="customer_id"),
    dtype=float,
)


def shop(rng, n=250, model=MODELS[0]):
    T = rng.integers(0, 500, n)
    found = model.simulate(n, T=T.astype(float), rng=rng).rename(lambda i: f"c{i}")
    x = found["frequency"]
    rate = rng.gamma(SPEND.q, size=n) / SPEND.v
    mean = rng.gamma(SPEND.p * np.maximum(x, 1)) / rate / np.maximum(x, 1)
    return found.assign(monetary_value=np.where(x > 0, mean, 0.0)).rename_axis("customer_id")


@pytest.fixture(scope="module")
def fitted():
    customers = shop(np.random.default_rng(5))
    return customers, bgnbd.fit(customers), spend.fit(customers)


def scored(fitted, **terms):
    customers, fit, money = fitted
    return values.score(customers, fit, money, rng=np.random.default_rng(1), draws=40, **terms)


@pytest.mark.parametrize("model", MODELS, ids=NAMED)
def test_clv_plus_residual_does_not_depend_on_the_horizon(model):
    whole = discounted_purchases(model, HISTORIES, yearly_discount=0.10)
    for horizon in (1, 90, 365, 5000):
        soon = discounted_purchases(model, HISTORIES, end=horizon, yearly_discount=0.10)
        later = discounted_purchases(model, HISTORIES, start=horizon, yearly_discount=0.10)
        assert (soon + later).to_numpy() == pytest.approx(whole.to_numpy(), rel=1e-9)


@pytest.mark.parametrize("model", MODELS, ids=NAMED)
def test_discounted_purchases_rise_with_the_horizon_and_fall_with_the_rate(model):
    path = [discounted_purchases(model, HISTORIES, end=h, yearly_discount=0.1) for h in (0, 1, 30, 365, 4000)]
    assert (path[0] == 0).all()
    assert all((later > sooner).all() for sooner, later in pairwise(path))
    rates = [discounted_purchases(model, HISTORIES, end=365, yearly_discount=d) for d in (0, 0.05, 0.1, 1)]
    assert all((more < less).all() for less, more in pairwise(rates))
    plain = model.expected_purchases(HISTORIES, days=365)
    assert rates[0].to_numpy() == pytest.approx(plain.to_numpy(), rel=1e-12)


@pytest.mark.parametrize("model", MODELS, ids=NAMED)
def test_drawn_futures_average_to_the_closed_forms(model, rng):
    """One draw of every score for 40,000 copies of each history; means within 4.5 standard errors."""
    copies = 40_000
    rows = HISTORIES.loc[HISTORIES.index.repeat(copies)]
    terms = intervals.Terms(days=90, clv_days=365, delta=daily_rate(0.30), margin=1.0)
    individuals = model.individuals(rows, rng=rng)
    alive = futures.own_p_alive(model, individuals, read(rows))
    buys = alive * futures.own_p_buy(futures.course(model, individuals, rng=rng), 90)
    drawn = np.stack([alive, buys, *intervals.one_future(rows, model, SPEND, terms, rng=rng)])
    drawn = drawn.reshape(5, len(HISTORIES), copies)
    pays = SPEND.expected_spend(HISTORIES)
    expected = [
        model.p_alive(HISTORIES),
        model.p_buy(HISTORIES, days=90),
        model.expected_purchases(HISTORIES, days=90),
        pays * discounted_purchases(model, HISTORIES, end=365, yearly_discount=0.30),
        pays * discounted_purchases(model, HISTORIES, start=365, yearly_discount=0.30),
    ]
    off = drawn.mean(axis=2) - np.array(expected)
    error = drawn.std(axis=2) / np.sqrt(copies)
    assert (np.abs(off) <= 4.5 * error + 1e-9).all()


@pytest.mark.parametrize("model", MODELS, ids=NAMED)
def test_own_chances_of_exactly_n_average_to_the_closed_form_and_sum_to_one(model, rng):
    copies = 20_000
    rows = HISTORIES.loc[HISTORIES.index.repeat(copies)]
    for n in (0, 1, 3):
        drawn = intervals._own_chance(rows, model, n, 90, rng=rng).reshape(-1, copies)
        off = drawn.mean(axis=1) - model.p_exactly(HISTORIES, n=n, days=90).to_numpy()
        assert (np.abs(off) <= 4.5 * drawn.std(axis=1) / np.sqrt(copies) + 1e-9).all()
    going = futures.course(model, model.individuals(HISTORIES, rng=rng), rng=rng)
    chances = [futures.own_p_exactly(going, n, 90) for n in range(200)]
    assert np.sum(chances, axis=0) == pytest.approx(1, abs=1e-9)
    assert 1 - chances[0] == pytest.approx(futures.own_p_buy(going, 90), abs=1e-12)


def test_the_chance_of_exactly_n_comes_with_an_interval(fitted, rng):
    customers, fit, _ = fitted
    for n in (0, 2):
        found = values.p_exactly(customers, fit, n=n, days=90, rng=rng, draws=100)
        assert found.index.equals(customers.index)
        assert found["p"].to_list() == fit.model.p_exactly(customers, n=n, days=90).to_list()
        assert found.notna().all(axis=None)
        assert found.stack().between(0, 1 + 1e-12).all()
        assert (found["low"] <= found["high"]).all()
        assert ((found["low"] < found["p"]) & (found["p"] < found["high"])).mean() > 0.9
    with pytest.raises(SettingError, match="whole number"):
        values.p_exactly(customers, fit, n=1.5, days=90, rng=rng)
    with pytest.raises(SettingError, match="draws is 5"):
        values.p_exactly(customers, fit, n=1, days=90, rng=rng, draws=5)


@pytest.mark.parametrize("model", MODELS, ids=NAMED)
def test_half_of_the_drawn_next_purchases_come_by_the_day_that_is_named(model, rng):
    copies = 40_000
    rows = HISTORIES.loc[HISTORIES.index.repeat(copies)]
    going = futures.course(model, model.individuals(rows, rng=rng), rng=rng)
    drawn = futures.next_purchase(going, rng=rng).reshape(-1, copies)
    days = values.next_purchase_days(model, HISTORIES)
    for mine, day in zip(drawn, days, strict=True):
        share = np.mean(mine <= min(day, 1e12))
        assert (share < 0.51) if np.isinf(day) else (share == pytest.approx(0.5, abs=0.012))
    known = np.isfinite(days)
    chances = [model.p_buy(HISTORIES.loc[[who]], days=days[who]).iloc[0] for who in days.index[known]]
    assert np.array(chances) == pytest.approx(0.5, abs=1e-6)


def test_many_purchases_drawn_as_one_sum_have_the_mean_and_spread_of_the_pieces(rng, monkeypatch):
    n, delta = 40_000, daily_rate(0.10)
    going = futures.Course(np.full(n, 0.05), np.zeros(n), False, np.full(n, np.inf))
    amounts = futures.Amounts(3.0, np.full(n, 0.1))
    at_once = futures.money(going, amounts, (30.0, 1000.0), delta, rng=rng)
    monkeypatch.setattr(futures, "_MOST", 1e9)
    pieces = futures.money(going, amounts, (30.0, 1000.0), delta, rng=rng)
    assert at_once.mean() == pytest.approx(pieces.mean(), rel=0.005)
    assert at_once.std() == pytest.approx(pieces.std(), rel=0.03)
    for level in (0.05, 0.5, 0.95):
        assert np.quantile(at_once, level) == pytest.approx(np.quantile(pieces, level), rel=0.02)


def test_scores_are_a_table_with_bounds_in_order_and_nothing_missing(fitted):
    found = scored(fitted)
    tables.check(found, tables.SCORES)
    assert found.index.equals(fitted[0].index)
    assert not found.isna().any().any()
    assert (found >= 0).all().all()
    for name in intervals.NAMES:
        assert (found[name + "_low"] <= found[name + "_high"]).all()
    assert (found[["p_alive_high", "p_buy_high"]] <= 1).all().all()
    assert (found["p_buy"] <= found["p_alive"]).all()


def test_money_is_linear_in_margin_and_in_the_unit(fitted):
    customers, fit, _ = fitted
    whole, third = scored(fitted), scored(fitted, margin=0.3)
    columns = [name + end for name in ("clv", "residual_value") for end in ("", "_low", "_high")]
    assert third[columns].to_numpy() == pytest.approx(0.3 * whole[columns].to_numpy(), rel=1e-12)
    pd.testing.assert_frame_equal(third.drop(columns=columns), whole.drop(columns=columns))
    dearer = customers.assign(monetary_value=customers["monetary_value"] * 1000)
    again = scored((dearer, fit, spend.fit(dearer)))
    assert again[columns].to_numpy() == pytest.approx(1000 * whole[columns].to_numpy(), rel=1e-6)
    assert (scored(fitted, margin=0.0)[columns] == 0).all().all()


def test_the_same_seed_gives_the_same_scores_in_any_order_of_rows(fitted):
    customers, fit, money = fitted
    whole = scored(fitted)
    turned = scored((customers.iloc[::-1], fit, money))
    pd.testing.assert_frame_equal(turned.iloc[::-1], whole)


def test_small_chunks_change_nothing_but_the_draws(fitted, monkeypatch):
    whole = scored(fitted)
    monkeypatch.setattr(intervals, "_CELLS", 40 * 30)
    pieces = scored(fitted)
    points = list(intervals.NAMES)
    pd.testing.assert_frame_equal(pieces[points], whole[points])
    assert pieces["clv_high"].mean() == pytest.approx(whole["clv_high"].mean(), rel=0.1)


def test_the_same_seed_gives_the_same_scores_on_any_number_of_cores(fitted, monkeypatch):
    monkeypatch.setattr(intervals, "_CELLS", 40 * 30)
    found = []
    for cores in (1, 2, 5):
        monkeypatch.setattr(intervals, "_cores", lambda cores=cores: cores)
        found.append(scored(fitted))
    for other in found[1:]:
        pd.testing.assert_frame_equal(other, found[0], check_exact=True)


def test_blocks_do_not_share_their_random_numbers(fitted, monkeypatch):
    """Two blocks of the same histories under one generator would have the same bounds."""
    customers, fit, money = fitted
    twice = pd.concat([customers, customers.assign(monetary_value=customers["monetary_value"] + 1e-9)])
    again = twice[twice["frequency"] > 0]
    half = len(again) // 2
    terms = intervals.Terms(days=90, clv_days=365, delta=daily_rate(0.10), margin=1.0)
    monkeypatch.setattr(intervals, "_CELLS", 40 * half)
    parts = intervals._in_blocks(
        lambda rows, rng: intervals._bounds(
            rows, rng, models=[fit.model] * 40, spends=[money.model] * 40, terms=terms
        ),
        again,
        40,
        np.random.default_rng(1),
    )
    assert len(parts) == 2
    assert (parts[0] != parts[1]).mean() > 0.5


def test_expected_values_are_those_of_the_scores(fitted):
    customers, fit, money = fitted
    points = values.expected(customers, fit, money, days=30, margin=0.4)
    pd.testing.assert_frame_equal(points, scored(fitted, days=30, margin=0.4)[list(intervals.NAMES)])
    with pytest.raises(SettingError, match="yearly_discount is 0"):
        values.expected(customers, fit, money, yearly_discount=0)


def test_a_counted_table_gets_the_values_of_its_customers(fitted):
    """Whoever scores distinct rows and joins them back has what scoring the customers gives."""
    customers, fit, money = fitted
    rows = customers.drop_duplicates().assign(customers=3)
    pd.testing.assert_frame_equal(
        values.expected(rows, fit, money), values.expected(customers, fit, money).loc[rows.index]
    )


@pytest.mark.parametrize(
    "model",
    [
        BGNBD(r=0.1, alpha=5.0, a=1.0, b=2.0),
        BGNBD(r=0.11, alpha=2.24, a=0.31, b=0.5),
        MBGNBD(r=0.1, alpha=5.0, a=1.0, b=1e-3),
        MBGNBD(r=200.0, alpha=1e4, a=1e-4, b=1.0),
        ParetoNBD(r=0.1, alpha=5.0, s=1.0, beta=3.0),
    ],
    ids=["a=1", "a+b<1", "leaves at once", "never leaves", "s=1"],
)
def test_extreme_models_give_no_nan_and_nothing_negative(model, rng):
    wild = pd.concat([HISTORIES, HISTORIES.assign(frequency=5000, recency=399, T=400).iloc[:1]])
    terms = intervals.Terms(days=90, clv_days=365, delta=daily_rate(0.10), margin=1.0)
    bounds = intervals.intervals(wild, [model] * 40, [SPEND] * 40, terms, rng=rng)
    points = [
        discounted_purchases(model, wild, yearly_discount=0.10),
        values.next_purchase_days(model, wild),
    ]
    for found in (bounds, *points):
        assert not np.isnan(found.to_numpy()).any()
        assert (found.to_numpy() >= 0).all()


@pytest.mark.parametrize("module", [bgnbd, mbgnbd, paretonbd, nbd])
def test_every_model_scores_a_fitted_shop_without_a_money_model(module, rng):
    customers = shop(rng, 150)
    found = values.score(customers, module.fit(customers), rng=rng, draws=20)
    assert (found["clv"] > 0).all()
    assert np.isfinite(found.drop(columns=found.filter(like="next_purchase").columns)).all().all()


def test_totals_add_up_over_groups(fitted, rng):
    customers, fit, money = fitted
    scores = scored(fitted)
    groups = pd.Series(np.where(customers["frequency"] > 0, "again", "once"), index=customers.index)
    each = values.total(customers, fit, money, groups=groups.rename("kind"), rng=rng, draws=100)
    whole = values.total(customers, fit, money, rng=rng, draws=100)
    assert list(each.index) == ["again", "once"] and each.index.name == "kind"
    for name in ("purchases", "clv", "residual_value"):
        assert each[name].sum() == pytest.approx(whole.at["all", name], rel=1e-12)
        assert whole.at["all", name] == pytest.approx(scores[name].sum(), rel=1e-12)
        assert (each[name + "_low"] < each[name]).all()
        assert (each[name] < each[name + "_high"]).all()
    assert each["customers"].to_list() == [(groups == name).sum() for name in each.index]


def test_a_total_is_surer_than_its_customers(fitted, rng):
    customers, fit, money = fitted
    scores = scored(fitted)
    whole = values.total(customers, fit, money, rng=rng, draws=100).loc["all"]
    assert whole["clv_high"] - whole["clv_low"] < (scores["clv_high"] - scores["clv_low"]).sum() / 3


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"days": -1}, "days"),
        ({"clv_days": float("nan")}, "clv_days"),
        ({"margin": -0.1}, "margin"),
        ({"yearly_discount": 0}, "yearly_discount is 0"),
        ({"yearly_discount": -0.1}, "yearly_discount"),
        ({"days": [30, 60]}, "days"),
    ],
)
def test_terms_out_of_range_are_named(fitted, terms, said):
    with pytest.raises(SettingError, match=said):
        scored(fitted, **terms)


def test_too_few_draws_a_missing_column_and_a_customer_without_group_are_refused(fitted, rng):
    customers, fit, money = fitted
    with pytest.raises(SettingError, match="at least 20"):
        values.score(customers, fit, money, rng=rng, draws=5)
    with pytest.raises(InputError, match="monetary_value"):
        values.score(customers.drop(columns="monetary_value"), fit, rng=rng)
    with pytest.raises(InputError, match="for 1 customer"):
        values.total(customers, fit, money, groups=pd.Series("a", index=customers.index[1:]), rng=rng)


def test_purchases_for_ever_need_a_discount():
    with pytest.raises(SettingError, match="no finite value"):
        discounted_purchases(MODELS[0], HISTORIES, yearly_discount=0)
    with pytest.raises(SettingError, match="before it starts"):
        discounted_purchases(MODELS[0], HISTORIES, start=5, end=3, yearly_discount=0.1)
