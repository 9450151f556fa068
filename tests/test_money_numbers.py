"""The figures of money against slow reckonings: stand-in, correlation, pairs, futures, bounds, totals."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.integrate import quad

from clv import spend, values
from clv.bgnbd import BGNBD
from clv.btyd.spread import Spread
from clv.errors import InputError, NoAnswerError
from clv.mbgnbd import MBGNBD
from clv.models import fit_by_name
from clv.money import futures, intervals, repeats
from clv.money.correlation import MINIMUM, frequency_and_spend
from clv.money.discount import daily_rate, discounted_purchases
from clv.money.gammagamma import (
    LARGEST,
    GammaGamma,
    SpendData,
    covariance_at,
    held_at_limit,
    log_likelihood,
    maximise,
)
from clv.money.repeats import Repeats
from clv.money.shop_mean import FLATTEST, STEEPEST, own_and_shop_mean
from clv.nbd import NBD
from clv.paretonbd import ParetoNBD
from small_shops import table

SPEND = GammaGamma(p=6.0, q=4.0, v=400.0)
TERMS = intervals.Terms(days=90, clv_days=365, delta=daily_rate(0.10), margin=0.5)


def paying(rng: np.random.Generator, n: int = 60) -> pd.DataFrame:
    x = rng.poisson(2, n)
    rate = rng.gamma(SPEND.q, size=n) / SPEND.v
    mean = rng.gamma(SPEND.p * np.maximum(x, 1)) / rate / np.maximum(x, 1)
    return pd.DataFrame({"frequency": x, "monetary_value": np.where(x > 0, mean, 0.0)})


# The stand-in -----------------------------------------------------------------------------------------------


def test_the_stand_in_takes_its_spread_from_the_customers_and_one_more() -> None:
    """Purchase days 3, 2 and 5 with 30, 40 and 100: the mean is 17; spreads are weighed by days."""
    customers = pd.DataFrame(
        {"frequency": [2, 1, 4], "monetary_value": [9.0, 9, 9], "total_spend": [30.0, 40, 100]}
    )
    model, covariance = own_and_shop_mean(customers)
    far = [(10 / 17 - 1) ** 2, (20 / 17 - 1) ** 2, (20 / 17 - 1) ** 2]
    spread = ((3 * far[0] + 2 * far[1] + 5 * far[2]) / (10 / 3) + 1) / 4
    assert model.v == pytest.approx(17.0, rel=1e-12)
    assert model.p == pytest.approx(1 / spread, rel=1e-12)
    assert model.q == model.p + 1
    np.testing.assert_allclose(covariance, np.diag([0, 0, spread / 3]), rtol=1e-12)


def test_the_stand_in_counts_the_repeat_days_alone_where_the_first_purchase_is_unknown() -> None:
    customers = pd.DataFrame({"frequency": [2, 0, 1], "monetary_value": [10.0, 0.0, 40.0]})
    model, _ = own_and_shop_mean(customers)
    assert model.v == pytest.approx((20 + 40) / 3)
    counted = customers.assign(customers=[3, 100, 2])
    assert own_and_shop_mean(counted)[0].v == pytest.approx((3 * 20 + 2 * 40) / (3 * 2 + 2))


def test_the_stand_in_leaves_out_who_gave_no_money_and_reads_numbers_as_text_columns_hold_them() -> None:
    customers = pd.DataFrame(
        {
            "frequency": [0, 0, 1],
            "monetary_value": [0.0, 0, 7],
            "total_spend": np.array(["0", "12", "14"], object),
        }
    )
    model, _ = own_and_shop_mean(customers)
    assert model.v == pytest.approx(26 / 3)
    with pytest.raises(NoAnswerError):
        own_and_shop_mean(customers.assign(total_spend=[0.0, 0.0, 0.0]))


def test_the_stand_ins_shape_stays_sober() -> None:
    alike = pd.DataFrame({"frequency": 1, "monetary_value": 9.0, "customers": [10**9]})
    assert own_and_shop_mean(alike)[0].p == STEEPEST
    wild = pd.DataFrame({"frequency": 1, "monetary_value": [1.0] * 999 + [1e6]})
    assert own_and_shop_mean(wild)[0].p == FLATTEST


# Frequency against spend ------------------------------------------------------------------------------------


def test_correlations_are_scipys_with_fishers_interval(rng: np.random.Generator) -> None:
    x = 1.0 + rng.poisson(2, 300)
    z = x**0.2 * np.exp(rng.normal(0, 0.5, 300))
    z[:50] = 2.0  # ties
    found = frequency_and_spend(Repeats(*repeats.pairs(x, z, None)))
    pearson = stats.pearsonr(np.log(x), np.log(z))
    assert found.pearson == pytest.approx(pearson.statistic, rel=1e-9)
    low, high = pearson.confidence_interval(0.90)
    assert (found.pearson_low, found.pearson_high) == pytest.approx((low, high), rel=1e-9)
    assert found.spearman == pytest.approx(stats.spearmanr(x, z).statistic, rel=1e-9)
    reach = stats.norm.ppf(0.95) * np.sqrt(1.06 / 297)
    bounds = np.tanh(np.arctanh(found.spearman) + reach * np.array([-1, 1]))
    assert (found.spearman_low, found.spearman_high) == pytest.approx(tuple(bounds), rel=1e-9)
    assert found.n == 300


def test_a_perfect_relation_stays_a_number() -> None:
    x = np.arange(1.0, 13.0)
    found = frequency_and_spend(Repeats(x, x, np.ones(12)))
    assert found.pearson == pytest.approx(1.0, abs=1e-12)
    assert 0.99 < found.pearson_low <= found.pearson_high <= 1
    assert found.pearson <= 1
    turned = frequency_and_spend(Repeats(x, 1 / x, np.ones(12)))
    assert turned.pearson == pytest.approx(-1.0, abs=1e-12)
    assert -1 <= turned.pearson_low <= turned.pearson_high < -0.99


def test_too_little_to_correlate_is_no_number_and_enough_is_one() -> None:
    x = np.arange(1.0, MINIMUM + 1)
    z = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    ones = np.ones(MINIMUM)
    assert np.isfinite(frequency_and_spend(Repeats(x, z, ones)).spearman)
    for few in (
        Repeats(x[1:], z[1:], ones[1:]),
        Repeats(ones, z, ones),
        Repeats(x, 7 + 1e-10 * z, ones),
    ):
        found = frequency_and_spend(few)
        numbers = [v for k, v in vars(found).items() if k not in ("n", "sentence")]
        assert len(numbers) == 6
        assert np.isnan(numbers).all()
        assert found.n == few.n
    assert np.isfinite(frequency_and_spend(Repeats(x, 7 + 1e-6 * z, ones)).spearman)


# Repeat buyers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("top", [3, 40_000])
def test_pairs_are_the_distinct_rows_sorted(rng: np.random.Generator, top: int) -> None:
    x, z = rng.integers(1, 4, 500).astype(float), rng.integers(1, 5, 500).astype(float)
    x[0] = top
    counts = rng.integers(1, 9, 500).astype(float)
    expected, where = np.unique(np.column_stack([x, z]), axis=0, return_inverse=True)
    for weights in (None, counts):
        found = repeats.pairs(x, z, weights)
        np.testing.assert_array_equal(np.column_stack(found[:2]), expected)
        np.testing.assert_array_equal(found[2], np.bincount(where.ravel(), weights=weights))
    assert [len(column) for column in repeats.pairs(*np.zeros((2, 0)), None)] == [0, 0, 0]


def test_broken_frequencies_are_kept_apart() -> None:
    x, _, counts = repeats.pairs(np.array([1.5, 1.2, 1.5]), np.array([1.0, 1.0, 1.0]), None)
    assert (x.tolist(), counts.tolist()) == ([1.2, 1.5], [1.0, 2.0])
    edge = repeats.pairs(np.array([32767.0, 32768.0, 65536.0, 1.0]), np.ones(4), None)[0]
    assert edge.tolist() == [1.0, 32767.0, 32768.0, 65536.0]


def test_repeat_buyers_leave_the_others_out() -> None:
    people = pd.DataFrame({"frequency": [0, 2, 1, 2], "monetary_value": [0.0, 8.0, 2.0, 8.0]})
    found = repeats.of(people)
    assert (found.x.tolist(), found.z.tolist(), found.counts.tolist()) == ([1, 2], [2, 8], [1, 2])
    assert found.n == 3
    assert found.typical == pytest.approx((2 * 8 * 8) ** (1 / 3))
    counted = repeats.of(people.assign(customers=[9, 1, 4, 2]))
    assert counted.counts.tolist() == [4, 3]


# Gamma-Gamma ------------------------------------------------------------------------------------------------


def test_the_likelihood_of_money_is_the_integral_over_the_rates() -> None:
    """A mean amount of x Gamma(p, nu) purchases, nu Gamma(q, v): Fader & Hardie (2013), their first step."""
    people = pd.DataFrame({"frequency": [0, 1, 4], "monetary_value": [0.0, 90.0, 250.0]})
    model = GammaGamma(2.5, 3.5, 300.0)

    def density(x: int, z: float) -> float:
        def at(nu: float) -> float:
            return stats.gamma.pdf(z, model.p * x, scale=1 / (nu * x)) * stats.gamma.pdf(
                nu, model.q, scale=1 / model.v
            )

        return quad(at, 0, 1, epsabs=0, epsrel=1e-11, points=[0.01, 0.05], limit=200)[0]

    expected = np.log(density(1, 90.0)) + np.log(density(4, 250.0))
    assert model.log_likelihood(people) == pytest.approx(expected, rel=1e-9)


def test_the_mean_of_the_population_is_infinite_from_q_one_down() -> None:
    assert GammaGamma(6.0, 4.0, 400.0).mean == pytest.approx(800.0)
    assert GammaGamma(6.0, 1.0, 400.0).mean == np.inf
    assert GammaGamma(6.0, 0.5, 400.0).mean == np.inf
    assert GammaGamma(6.0, 1.5, 400.0).mean == pytest.approx(4800.0)


def test_many_pairs_are_thinned_to_the_same_top(rng: np.random.Generator) -> None:
    people = paying(rng, 9000)
    buyers = repeats.of(people)
    assert len(buyers.x) > 6000
    found, data = maximise(buyers)
    _, slope, curve = log_likelihood(found, data)
    assert np.abs(slope).max() < 1e-3
    assert np.linalg.eigvalsh(curve).max() < 0
    assert np.exp(found[:2]) == pytest.approx([6.0, 4.0], rel=0.15)
    assert data.unit == pytest.approx(buyers.typical)
    height, covariance = covariance_at(found, data)
    assert height == log_likelihood(found, data)[0]
    np.testing.assert_allclose(covariance, np.linalg.inv(-curve), rtol=1e-6)


def test_what_is_held_at_its_limit_has_no_variance(rng: np.random.Generator) -> None:
    top = np.log(LARGEST)
    assert held_at_limit(np.array([top, 1.0, top])).tolist() == [True, False, False]
    assert held_at_limit(np.array([1.0, np.log(0.995 * LARGEST), 1.0])).tolist() == [False, True, False]
    assert held_at_limit(np.array([np.log(0.98 * LARGEST)] * 3)).tolist() == [False] * 3
    data, at = SpendData.of(paying(rng)), np.array([1.0, top, 1.0])
    _, covariance = covariance_at(at, data)
    assert covariance[1].tolist() == covariance[:, 1].tolist() == [0.0, 0.0, 0.0]
    free = np.ix_([0, 2], [0, 2])
    np.testing.assert_allclose(covariance[free], np.linalg.inv(-log_likelihood(at, data)[2][free]))


# The fit of money -------------------------------------------------------------------------------------------


def test_lifetimes_gets_the_errors_and_the_repeat_buyers(rng: np.random.Generator) -> None:
    people = paying(rng, 400)
    fit = spend.fit(people)
    fitter = fit.to_lifetimes(people)
    own = np.array(list(fit.model.parameters.values()))
    np.testing.assert_allclose(fitter.variance_matrix_, fit.covariance * np.outer(own, own))
    np.testing.assert_allclose(fitter.standard_errors_, np.sqrt(np.diag(fitter.variance_matrix_)))
    low = fitter.params_ - stats.norm.ppf(0.975) * fitter.standard_errors_
    np.testing.assert_allclose(fitter.confidence_intervals_["lower 95% bound"], low, rtol=1e-3)
    assert fitter._negative_log_likelihood_ == pytest.approx(-fit.log_likelihood / fit.n_customers)
    assert list(fitter.data.columns) == ["frequency", "monetary_value", "weights"]
    assert (fitter.data["weights"] == 1).all()
    assert (fitter.data["frequency"] > 0).all()
    assert len(fitter.data) == fit.n_customers == (people["frequency"] > 0).sum()
    assert not hasattr(fit.to_lifetimes(), "data")
    assert fitter.standard_errors_.name is None
    assert fit.standard_errors.name == "standard_error"
    nobody = spend.fit(pd.DataFrame({"frequency": [0], "monetary_value": [0.0], "total_spend": [5.0]}))
    assert np.isnan(nobody.to_lifetimes()._negative_log_likelihood_)


def test_saved_money_keeps_every_figure(rng: np.random.Generator) -> None:
    fit = spend.fit(paying(rng, 400))
    saved = json.loads(fit.to_json())
    assert saved["log_likelihood"] == fit.log_likelihood
    assert saved["model"] == fit.model.parameters
    assert saved["correlation"] == vars(fit.correlation)
    again = spend.SpendFit.from_json(fit.to_json())
    assert vars(again.correlation) == vars(fit.correlation)
    assert (again.name, again.limit, again.warnings) == (fit.name, fit.limit, fit.warnings)
    assert (again.n_customers, again.log_likelihood) == (fit.n_customers, fit.log_likelihood)
    assert list(again.covariance) == list(again.covariance.index) == ["p", "q", "v"]
    doubtful = json.loads(fit.to_json()) | {"limit": "a limit", "warnings": ["one", "two"]}
    again = spend.SpendFit.from_json(json.dumps(doubtful))
    assert (again.limit, again.warnings) == ("a limit", ("one", "two"))


def test_ten_repeat_buyers_are_enough_and_nine_are_not(rng: np.random.Generator) -> None:
    means = list(np.exp(rng.normal(3, 0.4, 10)))
    people = pd.DataFrame({"frequency": 3, "monetary_value": means})
    assert spend.fit(people).name == "gammagamma"
    few = spend.fit(people.iloc[1:])
    assert few.name == "own and shop mean"
    assert "9" in few.limit
    assert few.n_customers == 9
    alike = people.assign(monetary_value=50 * (1 + 1e-10 * np.arange(10)))
    assert "same amount" in spend.fit(alike).limit
    nearly = people.assign(monetary_value=50 * (1 + 1e-8 * np.arange(10)))
    assert "same amount" not in (spend.fit(nearly).limit or "")


@pytest.mark.parametrize(
    "wrong",
    [(1, 0.0), (2, 0.0), (0, -1.0), (-1, 5.0), (np.nan, 5.0), (np.inf, 5.0), (0, np.nan), (0, np.inf)],
)
def test_what_is_no_frequency_or_no_amount_is_refused(wrong: tuple[float, float]) -> None:
    people = pd.DataFrame([(2, 5.0), wrong, (0, 0.0), (1, 5.0)], columns=["frequency", "monetary_value"])
    with pytest.raises(InputError, match=r"^1 customer.*row 2"):
        spend.fit(people)


def test_a_mean_three_times_the_seen_one_is_not_believed() -> None:
    buyers = Repeats(np.array([1.0, 3.0]), np.array([10.0, 50.0]), np.array([2.0, 1.0]))
    seen = (2 * 10 + 3 * 50) / 5
    assert spend._refused_after(GammaGamma(2.0, 2.0, 0.99 * 3 * seen / 2), buyers) is None
    assert "3.0 times" in spend._refused_after(GammaGamma(2.0, 2.0, 1.01 * 3 * seen / 2), buyers)
    assert "q <= 1" in spend._refused_after(GammaGamma(2.0, 1.0, 1.0), buyers)
    assert spend._refused_after(GammaGamma(2.0, 1.9, 1.0), buyers) is None


def test_a_doubtful_q_is_one_whose_lower_bound_reaches_one() -> None:
    """Lower end of 90 %: q exp(-1.645 se)."""
    variance = np.diag([9.0, 0.04, 9.0])
    edge = np.exp(1.645 * 0.2)
    assert spend._doubts(GammaGamma(2.0, 1.01 * edge, 1.0), variance) == ()
    assert len(spend._doubts(GammaGamma(2.0, 0.99 * edge, 1.0), variance)) == 1


def test_both_limits_of_money_are_told_apart() -> None:
    assert spend._limit(np.array([False, False, False])) is None
    assert "do not differ" in spend._limit(np.array([True, True, False]))
    assert "much the same" in spend._limit(np.array([True, False, False]))


def test_the_unit_is_taken_out_of_the_height(rng: np.random.Generator) -> None:
    people = paying(rng, 300)
    fit = spend.fit(people)
    assert fit.log_likelihood == pytest.approx(fit.model.log_likelihood(people), abs=1e-6)


# Discounting and drawn futures ------------------------------------------------------------------------------

EVERY = [
    BGNBD(0.5, 40.0, 0.8, 2.4),
    MBGNBD(0.5, 40.0, 0.8, 2.4),
    ParetoNBD(0.5, 40.0, 0.6, 20.0),
    NBD(0.5, 40.0),
]
every_model = pytest.mark.parametrize("model", EVERY, ids=lambda m: m.name)


@every_model
@pytest.mark.parametrize("window", [(0.0, 750.0), (20.0, 750.5), (700.0, 4001.0), (0.0, 4000.0)])
def test_discounting_is_the_integral_over_the_path(model: object, window: tuple[float, float]) -> None:
    """exp(-d e) F(e) + d * integral of exp(-d t) F(t), here by adaptive quadrature."""
    people = table([0, 5], [0, 300], [10, 400])
    found = discounted_purchases(model, people, start=window[0], end=window[1], yearly_discount=0.15)
    delta = daily_rate(0.15)

    def path(t: float, who: pd.DataFrame) -> float:
        both = model.expected_path(who, days=[window[0], t])
        return float(both.iloc[0, -1] - both.iloc[0, 0])

    assert found.name == "discounted_purchases"
    for i in range(2):
        who = people.iloc[[i]]
        area = quad(lambda t, who=who: np.exp(-delta * t) * path(t, who), *window, epsrel=1e-6, limit=60)[0]
        expected = np.exp(-delta * window[1]) * path(window[1], who) + delta * area
        assert found.iloc[i] == pytest.approx(expected, rel=1e-5)


def test_a_window_that_is_a_moment_is_worth_nothing_and_many_rows_are_done_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, people = EVERY[0], table([0, 5, 2, 7], [0, 300, 8, 9], [10, 400, 90, 95])
    assert (discounted_purchases(model, people, start=30, end=30, yearly_discount=0.1) == 0).all()
    whole = discounted_purchases(model, people, yearly_discount=0.1)
    monkeypatch.setattr("clv.money.discount._ROWS", 3)
    pd.testing.assert_series_equal(discounted_purchases(model, people, yearly_discount=0.1), whole)
    none = discounted_purchases(model, people.iloc[:0], yearly_discount=0.1)
    assert len(none) == 0


def _going(buys: float, leaves: float, left_at: list[float], *, last: bool) -> futures.Course:
    n = len(left_at)
    return futures.Course(np.full(n, buys), np.full(n, leaves), last, np.array(left_at))


def test_who_has_left_buys_nothing_and_whose_leaving_is_a_purchase_buys_then(
    rng: np.random.Generator,
) -> None:
    """No purchase but the last: at day 50, inside (0, 90] and not inside (50, 90]."""
    last = _going(0.0, 0.1, [0.0, 50.0, 90.0, 91.0], last=True)
    assert futures.purchases(last, 90.0, rng=rng).tolist() == [0, 1, 1, 0]
    assert futures.next_purchase(last, rng=rng).tolist() == [np.inf, 50.0, 90.0, 91.0]
    silent = _going(0.0, 0.1, [0.0, 50.0, 90.0, 91.0], last=False)
    assert futures.purchases(silent, 90.0, rng=rng).tolist() == [0, 0, 0, 0]
    assert np.isinf(futures.next_purchase(silent, rng=rng)).all()
    amounts = futures.Amounts(1e8, np.full(4, 1e8 / 20.0))
    found = futures.money(last, amounts, (50.0, 90.0), 0.001, rng=rng)
    assert found == pytest.approx([0, 0, 20 * np.exp(-0.09), 0], rel=1e-3)
    far = _going(0.0, 1.0, [futures.TOO_LATE, futures.TOO_LATE + 1], last=True)
    assert futures.next_purchase(far, rng=rng).tolist() == [futures.TOO_LATE, np.inf]


@pytest.mark.parametrize("window", [(0.0, 365.0), (365.0, 700.0), (100.0, np.inf)])
@pytest.mark.parametrize("rate", [0.02, 2.0])
def test_drawn_money_has_the_discounted_mean_and_variance(
    rng: np.random.Generator, window: tuple[float, float], rate: float
) -> None:
    """A Poisson stream of Gamma amounts (Campbell): one by one where purchases are few, as one sum else."""
    n, delta, left = 20_000, 0.002, 600.0
    going = _going(rate, 0.0, [left] * n, last=False)
    found = futures.money(going, futures.Amounts(3.0, np.full(n, 0.1)), window, delta, rng=rng)
    start, end = window[0], min(window[1], left)
    first, second = ((np.exp(-delta * k * start) - np.exp(-delta * k * end)) / (delta * k) for k in (1, 2))
    mean, variance = rate * first * 30, rate * second * 3 * 4 * 100
    assert found.mean() == pytest.approx(mean, abs=4.5 * np.sqrt(variance / n))
    assert found.var() == pytest.approx(variance, rel=0.06)


def test_for_ever_ends_where_money_no_longer_counts(rng: np.random.Generator) -> None:
    """Without a discount the window's own length counts; with one, sixteen lives of money do."""
    assert futures._area(0.0, 30.0, np.array([5.0])).tolist() == [5.0]
    stays = _going(1.0, 0.0, [1e12] * 50, last=False)
    sure = futures.Amounts(1e6, np.full(50, 1e6))
    found = futures.money(stays, sure, (0.0, np.inf), 0.01, rng=rng)
    assert found.mean() == pytest.approx(100.0, abs=6)
    assert np.isfinite(found).all()


@every_model
def test_own_chances_are_elementary(model: object) -> None:
    """Of individuals whose own rate and drop-out are known, against sums and limits that need no formula."""
    people = pd.DataFrame({"rate": [0.05, 0.05, 0.4], "dropout": [0.2, 0.01, 0.0], "alive": True})
    going = futures.course(model, people, rng=np.random.default_rng(1))
    beta_geometric = isinstance(model, (BGNBD, MBGNBD))
    rate, out = people["rate"].to_numpy(), people["dropout"].to_numpy()
    buys = rate * (1 - out) if beta_geometric else rate
    leaves = rate * out if beta_geometric else out
    np.testing.assert_allclose(going.buys, buys)
    np.testing.assert_allclose(going.leaves, leaves)
    assert going.last is beta_geometric
    for i in range(3):
        seen = buys[i] + leaves[i] if beta_geometric else buys[i]
        first = quad(lambda t, i=i, seen=seen: seen * np.exp(-(buys[i] + leaves[i]) * t), 0, 60)[0]
        assert futures.own_p_buy(going, 60.0)[i] == pytest.approx(first, rel=1e-9)
    history = intervals.read(table([0, 0, 3], [0, 0, 50], [0, 80, 130]))
    chance = futures.own_p_alive(model, people, history)
    silent = history.T - history.t_x
    if beta_geometric:
        odds = out / (1 - out) * np.exp(rate * silent)
        expected = np.where(history.x + model.first_chance > 0, 1 / (1 + odds), 1.0)
    else:
        gone = [quad(lambda t, i=i: out[i] * np.exp((rate + out)[i] * t), 0, silent[i])[0] for i in range(3)]
        expected = 1 / (1 + np.array(gone))
    np.testing.assert_allclose(chance, expected, rtol=1e-9)


@every_model
def test_one_draw_of_every_score_averages_to_its_closed_form(model: object, rng: np.random.Generator) -> None:
    copies = 10_000
    people = table([0, 3], [0, 200], [60, 320]).assign(monetary_value=[0.0, 90.0])
    rows = people.loc[people.index.repeat(copies)]
    drawn = intervals._one_draw(rows, model, SPEND, TERMS, rng=rng).reshape(6, 2, copies)
    pays = 0.5 * SPEND.expected_spend(people)
    expected = [
        model.p_alive(people),
        model.p_buy(people, days=90),
        model.expected_purchases(people, days=90),
        pays * discounted_purchases(model, people, end=365, yearly_discount=0.10),
        pays * discounted_purchases(model, people, start=365, yearly_discount=0.10),
    ]
    for one, mean in zip(drawn, expected, strict=False):
        room = 4.5 * one.std(axis=1) / np.sqrt(copies) + 1e-9
        assert (np.abs(one.mean(axis=1) - mean.to_numpy()) <= room).all()
    soon = (drawn[5] <= 90).mean(axis=1)
    assert soon == pytest.approx(expected[1].to_numpy(), abs=0.025)


def test_who_is_surely_there_or_surely_gone_is_told_so_without_a_warning() -> None:
    history = intervals.read(table([3, 3, 3, 0], [50, 50, 50, 0], [450, 450, 450, 450]))
    people = pd.DataFrame({"rate": [5.0, 5, 5, 5], "dropout": [0.1, 0.0, 1.0, 0.0]})
    for model, chances in zip(EVERY[:3], ([0, 1, 0, 1], [0, 1, 0, 1], [0, 1, 0, 1]), strict=True):
        assert futures.own_p_alive(model, people, history).tolist() == pytest.approx(chances, abs=1e-12)
    certain = people.assign(dropout=1.0)
    assert futures.own_p_alive(EVERY[0], certain, history)[3] == 1  # BG/NBD: none leaves before buying again
    going = futures.course(EVERY[2], people.assign(alive=True), rng=np.random.default_rng(1))
    assert np.isinf(going.left_at[[1, 3]]).all()


@pytest.mark.parametrize("last", [True, False])
def test_who_never_buys_and_never_leaves_buys_exactly_nothing(last: bool) -> None:
    going = _going(0.0, 0.0, [np.inf, np.inf], last=last)
    assert futures.own_p_exactly(going, 0, 90.0).tolist() == [1.0, 1.0]
    assert futures.own_p_exactly(going, 1, 90.0).tolist() == [0.0, 0.0]
    assert futures.own_p_buy(going, 90.0).tolist() == [0.0, 0.0]


def test_moments_of_leaving_are_exponential_and_of_who_has_left_nought(rng: np.random.Generator) -> None:
    people = pd.DataFrame({"rate": 0.1, "dropout": 0.25, "alive": [False] + [True] * 20_000})
    silent = futures.course(EVERY[2], people, rng=rng).left_at
    last = futures.course(EVERY[0], people, rng=rng).left_at
    assert silent[0] == last[0] == 0
    assert silent[1:].mean() == pytest.approx(4.0, rel=0.04)
    assert last[1:].mean() == pytest.approx(40.0, rel=0.04)


# Intervals and totals ---------------------------------------------------------------------------------------


def test_what_is_bought_within_the_first_day_counts(rng: np.random.Generator) -> None:
    """Half a day: who leaves with a purchase in it has bought, and all money falls into it."""
    n = 400
    going = futures.Course(np.zeros(n), np.full(n, 2.0), True, rng.uniform(0.01, 1.0, n))
    half = futures.purchases(going, 0.5, rng=rng)
    np.testing.assert_array_equal(half, going.left_at <= 0.5)
    rows = paying(rng, n)
    terms = intervals.Terms(days=1, clv_days=1, delta=daily_rate(0.10), margin=0.5)
    bought, clv, later = intervals._future(going, rows, SPEND, terms, rng=rng)
    assert (bought == 1).all() and (clv > 0).all() and (later == 0).all()


def test_amounts_of_who_has_no_repeat_purchase_say_nothing() -> None:
    odd = pd.DataFrame({"frequency": [0, 0, 2], "monetary_value": [np.nan, 50.0, 50.0]})
    found = SPEND.expected_spend(odd)
    assert found[0] == found[1] == pytest.approx(SPEND.mean) and found[2] != found[1]


@pytest.mark.parametrize("draws", [20, 39, 40, 199, 200, 1000])
def test_the_ends_hold_ninety_per_cent_of_new_draws(draws: int) -> None:
    """Of n + 1 alike draws the last falls between the k-th ones with (n + 1 - 2 k) / (n + 1)."""
    low, high = intervals.ends(draws)
    assert low + high == draws - 1
    inside = (high - low) / (draws + 1)
    assert 0.9 <= inside < 0.9 + 2 / (draws + 1)


def test_the_first_ends_are_the_outermost() -> None:
    assert intervals.ends(20) == (0, 19)
    assert intervals.ends(5) == (0, 4)
    assert intervals.ends(199) == (9, 189)


def test_blocks_cover_all_rows_in_order_and_hold_so_many_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "_CELLS", 100)
    rows = pd.DataFrame({"n": np.arange(23)})
    parts = intervals._in_blocks(lambda part, rng: part["n"].to_numpy(), rows, 20, np.random.default_rng(1))
    assert [len(part) for part in parts] == [5, 5, 5, 5, 3]
    assert np.concatenate(parts).tolist() == list(range(23))
    single = intervals._in_blocks(lambda part, rng: len(part), rows, 1000, np.random.default_rng(1))
    assert single == [1] * 23
    seeds = intervals._in_blocks(lambda part, rng: rng.random(), rows, 20, np.random.default_rng(1))
    assert seeds == [child.random() for child in np.random.default_rng(1).spawn(5)]


def _fit(model: object, width: float = 1e-9) -> object:
    """A fit that is sure of its parameters."""
    fit = fit_by_name(
        model.name, table([0, 1, 4, 2, 0, 0, 3], [0, 30, 200, 9, 0, 0, 50], [90] * 2 + [220] * 5)
    )
    point = fit.spread.point
    n = len(point)
    widths = np.full(n, width)
    sure = Spread(point, np.eye(n), widths, widths, point - 9, point + 9)
    return type(fit)(**{**vars(fit), "spread": sure})


def test_bounds_are_those_of_the_chances_of_each_draw(rng: np.random.Generator) -> None:
    """NBD: all are alive, and p_buy of one is 1 - exp(-rate days), rate ~ Gamma(r + x, alpha + T)."""
    model, people = NBD(0.5, 40.0), table([0, 8], [0, 90], [50, 100]).assign(monetary_value=[0.0, 30.0])
    found = intervals.intervals(people, [model] * 800, [SPEND] * 800, TERMS, rng=rng)
    assert (found[["p_alive_low", "p_alive_high"]] == 1).all(axis=None)
    for end, level in (("p_buy_low", 0.05), ("p_buy_high", 0.95)):
        rate = stats.gamma.ppf(level, [0.5, 8.5]) / [90.0, 140.0]
        assert found[end].to_numpy() == pytest.approx(1 - np.exp(-rate * 90), abs=0.06)
    low, high = intervals.of_exactly(people, [model] * 800, n=0, days=90, rng=rng)
    rate = stats.gamma.ppf([[0.95], [0.05]], [0.5, 8.5]) / [90.0, 140.0]
    assert np.stack([low, high]) == pytest.approx(np.exp(-rate * 90), abs=0.06)


def test_a_total_is_the_sum_of_the_futures_in_parts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 400 alike customers of NBD: the mean of the draws is the expectation, the spread that of the sum."""
    model = NBD(0.5, 40.0)
    people = table([2] * 400, [30] * 400, [60] * 400).assign(monetary_value=100.0)
    code = np.arange(400) // 300
    monkeypatch.setattr(values, "_PEOPLE", 150)
    rng = np.random.default_rng(8)
    drawn = np.array([values._sums(people, model, SPEND, TERMS, code, 3, rng=rng) for _ in range(200)])
    assert drawn.shape == (200, 3, 3)
    assert (drawn[:, :, 2] == 0).all()
    each = 90 * 2.5 / 100
    assert drawn[:, 0, :2].mean(axis=0) == pytest.approx([300 * each, 100 * each], rel=0.03)
    variance = each + 2.5 * 0.9**2
    assert drawn[:, 0, 0].std() == pytest.approx(np.sqrt(300 * variance), rel=0.2)
    money = SPEND.expected_spend(people).iloc[0] * 0.5
    clv = money * discounted_purchases(model, people.iloc[:1], end=365, yearly_discount=0.10).iloc[0]
    later = money * discounted_purchases(model, people.iloc[:1], start=365, yearly_discount=0.10).iloc[0]
    assert drawn[:, 1, :2].mean(axis=0) == pytest.approx([300 * clv, 100 * clv], rel=0.04)
    assert drawn[:, 2, :2].mean(axis=0) == pytest.approx([300 * later, 100 * later], rel=0.05)


def test_what_is_not_said_is_ninety_days_a_year_ten_per_cent_and_all_the_money() -> None:
    people = table([0, 8], [0, 90], [50, 100]).assign(monetary_value=[0.0, 30.0])
    fit = _fit(NBD(0.5, 40.0))
    said = {"days": 90, "clv_days": 365, "yearly_discount": 0.10, "margin": 1.0}
    pd.testing.assert_frame_equal(values.expected(people, fit), values.expected(people, fit, **said))
    totals = [values.total(people, fit, rng=np.random.default_rng(2), draws=20, **t) for t in ({}, said)]
    pd.testing.assert_frame_equal(*totals)
    scores = [
        values.score(people, fit, rng=np.random.default_rng(2), **t) for t in ({}, {**said, "draws": 200})
    ]
    pd.testing.assert_frame_equal(*scores)
    one, other = (
        values.p_exactly(people, fit, n=1, days=90, rng=np.random.default_rng(2), **terms)
        for terms in ({}, {"draws": 200})
    )
    pd.testing.assert_frame_equal(one, other)


def test_expected_values_are_the_models_own() -> None:
    people = table([0, 8, 2], [0, 90, 5], [50, 100, 300]).set_axis(["a", "b", "c"])
    people = people.assign(monetary_value=[0.0, 30.0, 80.0])
    fit, money = _fit(EVERY[0]), spend.stand_in(people, "none was asked for")
    found = values.expected(people, fit, money, days=33, clv_days=200, yearly_discount=0.2, margin=0.4)
    model, pays = fit.model, 0.4 * money.model.expected_spend(people)
    assert found.index.tolist() == ["a", "b", "c"]
    expected = pd.DataFrame(
        {
            "p_alive": model.p_alive(people),
            "p_buy": model.p_buy(people, days=33),
            "purchases": model.expected_purchases(people, days=33),
            "clv": pays * discounted_purchases(model, people, end=200, yearly_discount=0.2),
            "residual_value": pays * discounted_purchases(model, people, start=200, yearly_discount=0.2),
            "next_purchase_days": values.next_purchase_days(model, people),
        }
    )
    pd.testing.assert_frame_equal(found, expected)
    total = values.total(
        people,
        fit,
        money,
        days=33,
        clv_days=200,
        yearly_discount=0.2,
        margin=0.4,
        rng=np.random.default_rng(1),
        draws=60,
    )
    sums = expected[["purchases", "clv", "residual_value"]].sum()
    pd.testing.assert_series_equal(total.loc["all", list(sums.index)], sums, check_names=False)
    assert total.at["all", "customers"] == 3


def test_the_day_of_the_next_purchase_is_where_the_chance_is_one_half() -> None:
    """NBD: 1 - (1 + d / (alpha + T))^-(r + x) = 1/2, so d = (alpha + T) (2^(1 / (r + x)) - 1)."""
    model = NBD(0.5, 40.0)
    people = table([0, 8, 0, 0], [0, 90, 0, 0], [50, 100, 1000, 4000]).set_axis(list("abcd"))
    expected = (40 + people["T"]) * (2 ** (1 / (0.5 + people["frequency"])) - 1)
    found = values.next_purchase_days(model, people)
    assert found.name == "next_purchase_days"
    assert found.index.tolist() == list("abcd")
    assert found.iloc[:3].to_numpy() == pytest.approx(expected.iloc[:3].to_numpy(), rel=1e-9)
    assert np.isinf(found.iloc[3])  # beyond ten years
    gone = values.next_purchase_days(EVERY[1], table([3], [10], [900]))
    assert np.isinf(gone).all()
