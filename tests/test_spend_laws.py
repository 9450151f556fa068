"""The money model keeps its laws: derivatives, scale, recovery, honest refusals, never a negative value."""

import numpy as np
import pandas as pd
import pytest

from clv import spend
from clv.errors import InputError, NoAnswerError
from clv.money.gammagamma import GammaGamma, SpendData, log_likelihood


def shop(rng, n, p=6.0, q=4.0, v=400.0, repeats=2.0):
    x = rng.poisson(repeats, n)
    rate = rng.gamma(q, size=n) / v
    mean = rng.gamma(p * np.maximum(x, 1)) / rate / np.maximum(x, 1)
    return pd.DataFrame({"frequency": x, "monetary_value": np.where(x > 0, mean, 0.0)})


def with_means(means, repeats=2):
    return pd.DataFrame({"frequency": repeats, "monetary_value": means})


def test_gradient_and_hessian_are_those_of_the_likelihood(rng):
    data = SpendData.of(shop(rng, 200))
    at, step = np.log([3.0, 2.0, 0.7]), 1e-5
    _, gradient, hessian = log_likelihood(at, data)
    for i, move in enumerate(np.eye(3) * step):
        up, down = log_likelihood(at + move, data), log_likelihood(at - move, data)
        assert gradient[i] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-6)
        assert hessian[i] == pytest.approx((up[1] - down[1]) / (2 * step), rel=1e-6)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_unit_of_money_does_not_matter(rng, unit):
    customers = shop(rng, 500)
    plain = spend.fit(customers)
    scaled = spend.fit(customers.assign(monetary_value=customers["monetary_value"] * unit))
    assert (scaled.model.p, scaled.model.q) == pytest.approx((plain.model.p, plain.model.q), rel=1e-6)
    assert scaled.model.v == pytest.approx(plain.model.v * unit, rel=1e-6)
    by_density = plain.log_likelihood - plain.n_customers * np.log(unit)
    assert scaled.log_likelihood == pytest.approx(by_density, abs=1e-6)


def test_simulated_parameters_come_back(rng):
    found = spend.fit(shop(rng, 40_000))
    off = (pd.Series(found.model.parameters) - [6.0, 4.0, 400.0]) / found.standard_errors
    assert found.standard_errors["q"] < 0.1
    assert off.abs().max() < 3.5


def test_the_fit_is_the_top_of_the_likelihood(rng):
    customers = shop(rng, 800)
    found = spend.fit(customers)
    for name in ("p", "q", "v"):
        for factor in (0.99, 1.01):
            beside = GammaGamma(
                **{k: value * (factor if k == name else 1) for k, value in found.model.parameters.items()}
            )
            assert beside.log_likelihood(customers) < found.log_likelihood


def test_drawn_individuals_average_to_the_expected_spend(rng):
    model = GammaGamma(p=6.0, q=4.0, v=400.0)
    customers = pd.DataFrame({"frequency": [0, 1, 7], "monetary_value": [0.0, 2000.0, 300.0]})
    copies = customers.loc[customers.index.repeat(40_000)]
    drawn = (model.p / model.individuals(copies, rng=rng)).reshape(3, -1).mean(axis=1)
    assert drawn == pytest.approx(model.expected_spend(customers).to_numpy(), rel=0.02)


def test_parameter_draws_spread_like_the_standard_errors(rng):
    found = spend.fit(shop(rng, 20_000))
    drawn = pd.DataFrame([model.parameters for model in found.draws(4000, rng=rng)])
    assert drawn.std().to_list() == pytest.approx(found.standard_errors.to_list(), rel=0.06)


def test_heavy_tails_are_refused_in_one_sentence_and_stay_positive(rng):
    x = rng.poisson(2, 1500)
    customers = pd.DataFrame(
        {"frequency": x, "monetary_value": np.where(x > 0, rng.lognormal(5, 2.2, 1500), 0.0)}
    )
    found = spend.fit(customers)
    values = found.model.expected_spend(customers)
    assert "no finite mean" in found.limit
    assert np.isfinite(values).all()
    assert (values > 0).all()
    shop_mean = np.average(customers["monetary_value"], weights=x)
    assert values[x == 0].to_numpy() == pytest.approx(shop_mean, rel=1e-12)


def test_a_mean_that_nobody_has_seen_is_refused(rng):
    x = rng.poisson(2, 1000)
    means = np.where(x > 0, rng.lognormal(5, 1.6, 1000), 0.0)
    found = spend.fit(pd.DataFrame({"frequency": x, "monetary_value": means}))
    assert found.name == "own and shop mean"


@pytest.mark.parametrize(
    "customers", [with_means([9.9] * 50), with_means([5.0]), with_means([3.0, 8.0, 4.0])]
)
def test_the_stand_in_weighs_the_own_mean_against_one_purchase(customers, rng):
    found = spend.fit(customers)
    mean = customers["monetary_value"].mean()
    expected = (mean + 2 * customers["monetary_value"]) / 3
    assert found.limit.startswith("No model of amounts was fitted")
    assert found.model.expected_spend(customers).to_list() == pytest.approx(expected.to_list())
    assert np.isnan(found.log_likelihood)
    assert all(np.isfinite(model.v) for model in found.draws(20, rng=rng))


def test_without_repeat_buyers_the_shop_mean_is_that_of_all_orders():
    customers = with_means([0.0, 0.0], repeats=0).assign(total_spend=[10.0, 30.0])
    found = spend.fit(customers)
    assert found.model.expected_spend(customers).to_list() == pytest.approx([20.0, 20.0])
    assert found.n_customers == 0


def test_without_any_amount_there_is_no_answer():
    with pytest.raises(NoAnswerError, match="total_spend"):
        spend.fit(with_means([0.0, 0.0], repeats=0))


def test_customers_who_never_differ_are_a_named_limit(rng):
    x = rng.poisson(2, 1000)
    same = np.where(x > 0, rng.gamma(3.0 * np.maximum(x, 1)) / np.maximum(x, 1), 0.0)
    customers = pd.DataFrame({"frequency": x, "monetary_value": same})
    found = spend.fit(customers)
    assert "do not differ" in found.limit
    assert found.standard_errors["q"] == 0
    assert found.model.expected_spend(customers).to_numpy() == pytest.approx(3.0, rel=0.05)


def test_customers_who_never_vary_are_a_named_limit(rng):
    x = 1 + rng.poisson(2, 4000)
    customers = pd.DataFrame({"frequency": x, "monetary_value": 300 / rng.gamma(4.0, size=4000)})
    found = spend.fit(customers)
    assert found.model.p > 50
    own = found.model.expected_spend(customers) / customers["monetary_value"]
    assert own[x >= 3].to_numpy() == pytest.approx(1.0, rel=0.05)


def test_json_brings_the_fit_back_and_nothing_else(rng):
    for customers in (shop(rng, 300), with_means([4.0, 5.0])):
        found = spend.fit(customers)
        again = spend.SpendFit.from_json(found.to_json())
        assert again.model == found.model
        assert again.to_json() == found.to_json()
        pd.testing.assert_frame_equal(again.covariance, found.covariance)
    for text in ("no json", "{}", "[1]", '{"model": 3}'):
        with pytest.raises(InputError, match="money model"):
            spend.SpendFit.from_json(text)


@pytest.mark.parametrize("column", ["frequency", "monetary_value"])
def test_a_missing_column_is_named(rng, column):
    with pytest.raises(InputError, match=column):
        spend.fit(shop(rng, 30).drop(columns=column))


@pytest.mark.parametrize("amount", [np.nan, -1.0, 0.0, np.inf])
def test_a_repeat_buyer_without_a_usable_amount_is_counted_and_placed(amount):
    customers = with_means([5.0, 6.0, amount, amount])
    with pytest.raises(InputError, match=r"2 customer.s.*row 3"):
        spend.fit(customers)


def test_independent_amounts_show_no_relation_and_tied_ones_do(rng):
    free = spend.fit(shop(rng, 3000)).correlation
    assert free.spearman_low < 0 < free.spearman_high
    assert "No clear relation" in free.sentence
    customers = shop(rng, 3000)
    tied = customers.assign(monetary_value=customers["monetary_value"] * (1 + customers["frequency"]))
    found = spend.fit(tied).correlation
    assert found.pearson_low < found.pearson < found.pearson_high
    assert "one-time and rare buyers are over-valued" in found.sentence
    turned = customers.assign(monetary_value=customers["monetary_value"] / (1 + customers["frequency"]))
    assert "under-valued" in spend.fit(turned).correlation.sentence.split(" and the most")[0]
