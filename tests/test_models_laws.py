"""Laws that every model obeys at any parameters: probabilities, expectations, derivatives, units, order."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import betaln

from clv import nbd
from clv.bgnbd import BGNBD
from clv.btyd import beta_geometric_surface, pareto_surface
from clv.btyd.expectation import _summed, purchases_while_alive
from clv.btyd.histories import collapse
from clv.btyd.model import Model
from clv.mbgnbd import MBGNBD
from clv.models import MODELS, fit_by_name
from clv.nbd import NBD
from clv.paretonbd import ParetoNBD

ANY = [
    BGNBD(0.243, 31.0, 0.793, 2.426),
    BGNBD(0.11, 15.0, 0.31, 0.5),  # a + b < 1
    BGNBD(0.12, 90.0, 1.0, 2.4),  # a = 1
    BGNBD(2.0, 20.0, 4000.0, 6000.0),  # everybody leaves alike
    BGNBD(900.0, 9e4, 0.5, 0.5),  # everybody buys alike
    MBGNBD(0.52, 43.0, 0.89, 1.61),
    MBGNBD(0.3, 40.0, 1.0 + 1e-9, 0.4),
    MBGNBD(0.05, 2.0, 1e-4, 50.0),
    ParetoNBD(0.553, 74.0, 0.606, 81.7),
    ParetoNBD(0.4, 200.0, 1.0, 0.5),  # s = 1
    ParetoNBD(800.0, 9e4, 700.0, 3e5),
    NBD(0.385, 84.5),
]
HISTORIES = pd.DataFrame(
    {
        "frequency": [0, 0, 0, 1, 1, 7, 12, 200, 3000, 3000],
        "recency": [0, 0, 0, 4, 400, 300, 150, 360, 700, 700],
        "T": [0, 30, 700, 40, 410, 300, 600, 420, 700, 705],
    },
    index=[f"c{n}" for n in range(10)],
)
every_model = pytest.mark.parametrize(
    "model", ANY, ids=lambda m: f"{m.name}-{next(iter(m.parameters.values()))}"
)


@every_model
def test_probabilities_lie_between_zero_and_one_and_keep_the_index(model: Model) -> None:
    for days in (0, 1, 90, 3650):
        for found in (
            model.p_alive(HISTORIES),
            model.p_buy(HISTORIES, days=days),
            model.p_exactly(HISTORIES, n=0, days=days),
            model.p_exactly(HISTORIES, n=3, days=days),
        ):
            assert found.between(0, 1 + 1e-12).all(), (days, found)
            assert found.index.equals(HISTORIES.index)


@every_model
def test_silence_lowers_the_chance_of_being_alive(model: Model) -> None:
    ages = np.arange(100, 1000, 20)
    silent = pd.DataFrame({"frequency": 5, "recency": 100.0, "T": ages})
    found = model.p_alive(silent)
    assert (found.diff().dropna() <= 1e-15).all()


@every_model
def test_expectation_starts_at_nothing_and_grows(model: Model) -> None:
    path = model.expected_path(HISTORIES, days=[0, 1, 7, 30, 90, 365, 730, 7300])
    assert (path[0.0] == 0).all()
    assert (path.diff(axis=1).iloc[:, 1:] >= -1e-9).all(axis=None)
    assert np.isfinite(path).all(axis=None)
    pd.testing.assert_series_equal(
        path[90.0], model.expected_purchases(HISTORIES, days=90), check_names=False, rtol=1e-12
    )


@every_model
def test_counts_sum_to_one_and_their_mean_is_the_expectation(model: Model) -> None:
    calm = HISTORIES[HISTORIES["frequency"] < 20]
    chances = pd.DataFrame({n: model.p_exactly(calm, n=n, days=60) for n in range(250)})
    np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-5)
    expected = model.expected_purchases(calm, days=60)
    np.testing.assert_allclose(chances @ chances.columns.to_numpy(), expected, rtol=1e-3, atol=1e-5)


@every_model
def test_buying_is_not_buying_nothing(model: Model) -> None:
    for days in (1, 90, 3650):
        nothing = model.p_exactly(HISTORIES, n=0, days=days)
        np.testing.assert_allclose(model.p_buy(HISTORIES, days=days), 1 - nothing, atol=1e-9)


@every_model
def test_a_new_customer_is_one_without_a_history(model: Model) -> None:
    horizons = np.array([0.0, 1, 30, 365])
    chances = np.array([model.p_new_exactly(n=n, days=horizons) for n in range(300)])
    np.testing.assert_allclose(chances[:, :3].sum(axis=0), 1, atol=1e-5)
    fresh = pd.DataFrame({"frequency": [0], "recency": [0], "T": [0]})
    one_by_one = [model.expected_purchases(fresh, days=float(h))[0] for h in horizons]
    np.testing.assert_allclose(model.expected_new(days=horizons), one_by_one, rtol=1e-12)
    assert isinstance(model.expected_new(days=30), float)


@every_model
def test_simulated_futures_agree_with_the_closed_forms(model: Model, rng: np.random.Generator) -> None:
    times = 10_000
    some = HISTORIES.iloc[[2, 3, 6, 7]]
    many = some.loc[some.index.repeat(times)]
    people = model.individuals(many, rng=rng)
    bought = model.purchases_of(people, days=120, rng=rng).to_numpy().reshape(len(some), times)
    alive = people["alive"].to_numpy().reshape(len(some), times)
    _agree(alive, model.p_alive(some))
    _agree(bought, model.expected_purchases(some, days=120))
    _agree(bought > 0, model.p_buy(some, days=120))
    for n in (0, 1, 4):
        _agree(bought == n, model.p_exactly(some, n=n, days=120))


@every_model
def test_survivors_buy_what_everybody_buys(model: Model, rng: np.random.Generator) -> None:
    times = 10_000
    some = HISTORIES.iloc[[2, 3, 6, 7]]
    many = some.loc[some.index.repeat(times)]
    who, people = model.survivors(many, rng=rng)
    drawn = np.zeros((2, len(many)))
    drawn[:, who] = [np.ones(len(who)), model.purchases_of(people, days=120, rng=rng)]
    assert people.index.equals(many.index[who])
    _agree(drawn[0].reshape(len(some), times), model.p_alive(some))
    _agree(drawn[1].reshape(len(some), times), model.expected_purchases(some, days=120))


def _agree(drawn: np.ndarray, expected: pd.Series) -> None:
    """Means of the rows lie within 4.5 standard errors of what was expected."""
    room = 4.5 * drawn.std(axis=1) / np.sqrt(drawn.shape[1]) + 1e-3
    assert (np.abs(drawn.mean(axis=1) - expected.to_numpy()) < room).all(), (drawn.mean(axis=1), expected)


@every_model
def test_simulated_new_customers_agree_with_the_closed_forms(model: Model, rng: np.random.Generator) -> None:
    people = model.simulate(20_000, T=200, rng=rng)
    x = people["frequency"].to_numpy()[None]
    _agree(x, pd.Series([model.expected_new(days=200)]))
    for n in (0, 1, 3):
        _agree(x == n, pd.Series([model.p_new_exactly(n=n, days=200)]))
    later = model.p_alive(
        people
    ).mean()  # a mixture of those alive and gone: the mean chance is the share alive
    alive = model.individuals(people, rng=rng)["alive"].to_numpy()[None]
    _agree(alive, pd.Series([later]))


SURFACES = {
    "bgnbd": lambda *rows: beta_geometric_surface.Surface(*rows, first_chance=0),
    "mbgnbd": lambda *rows: beta_geometric_surface.Surface(*rows, first_chance=1),
    "paretonbd": pareto_surface.Surface,
    "nbd": nbd.Surface,
}


@every_model
def test_gradient_and_hessian_are_those_of_the_log_likelihood(model: Model, rng: np.random.Generator) -> None:
    people = ANY[0].simulate(300, T=rng.integers(1, 700, 300), rng=rng)
    surface = SURFACES[model.name](*collapse(people))
    at, step = np.log(list(model.parameters.values())), 1e-5
    value, slope, curve = surface(at)
    assert value == pytest.approx(model.log_likelihood(people), rel=1e-12)
    around = [(surface(at + d), surface(at - d)) for d in step * np.eye(len(at))]
    slopes = np.array([(up[0] - down[0]) / (2 * step) for up, down in around])
    curves = np.array([(up[1] - down[1]) / (2 * step) for up, down in around])
    np.testing.assert_allclose(slope, slopes, atol=1e-6 * max(np.abs(slope).max(), abs(value)))
    np.testing.assert_allclose(curve, curves, atol=1e-6 * np.abs(curve).max())
    np.testing.assert_allclose(curve, curve.T, rtol=1e-10, atol=1e-12 * np.abs(curve).max())


def _people(rng: np.random.Generator) -> pd.DataFrame:
    people = ANY[0].simulate(800, T=rng.integers(1, 700, 800), rng=rng)
    return people.assign(recency=np.ceil(people["recency"]))


@pytest.mark.parametrize("name", MODELS)
def test_the_time_unit_does_not_matter(name: str, rng: np.random.Generator) -> None:
    days = _people(rng)
    weeks = days.assign(recency=days["recency"] / 7, T=days["T"] / 7)
    by_day, by_week = fit_by_name(name, days), fit_by_name(name, weeks)
    times = {"alpha": 7.0, "beta": 7.0}
    for parameter, value in by_week.model.parameters.items():
        assert by_day.model.parameters[parameter] == pytest.approx(value * times.get(parameter, 1), rel=1e-5)
    shift = days["frequency"].sum() * np.log(7)
    assert by_day.log_likelihood == pytest.approx(by_week.log_likelihood - shift, abs=1e-6)
    np.testing.assert_allclose(by_day.model.p_alive(days), by_week.model.p_alive(weeks), atol=1e-6)
    np.testing.assert_allclose(
        by_day.model.expected_purchases(days, days=70),
        by_week.model.expected_purchases(weeks, days=10),
        rtol=1e-5,
    )


@pytest.mark.parametrize("name", MODELS)
def test_the_order_of_customers_does_not_matter(name: str, rng: np.random.Generator) -> None:
    people = _people(rng)
    shuffled = people.sample(frac=1, random_state=3)
    one, other = fit_by_name(name, people), fit_by_name(name, shuffled)
    assert one.model == other.model
    again = other.model.expected_purchases(shuffled, days=90).reindex(people.index)
    pd.testing.assert_series_equal(again, one.model.expected_purchases(people, days=90))


def test_collapsing_whole_days_and_other_times_gives_the_same_rows(rng: np.random.Generator) -> None:
    days = _people(rng)
    rows, counts = collapse(days)
    halves, halved = collapse(days.assign(recency=days["recency"] / 2, T=days["T"] / 2))
    np.testing.assert_array_equal(counts, halved)
    np.testing.assert_array_equal(np.stack(rows), np.stack(halves) * [[1], [2], [2]])
    assert counts.sum() == len(days)
    assert len(counts) == len(days.drop_duplicates())


def test_the_likelihood_is_never_above_that_of_the_fit(rng: np.random.Generator) -> None:
    people = _people(rng)
    for name in MODELS:
        fit = fit_by_name(name, people)
        assert fit.log_likelihood == pytest.approx(fit.model.log_likelihood(people), abs=1e-8)
        for drawn in fit.draws(20, rng=rng):
            assert drawn.log_likelihood(people) <= fit.log_likelihood + 1e-9


def _expectation_by_quadrature(r: float, ratio: float, a: float, b: float) -> float:
    """E[(1 - (1 + p t / alpha)^-r) / p] over p ~ Beta(a, b), piece by piece in logit p."""

    def term(u: float) -> float:
        log_p, log_q = -np.logaddexp(0, -u), -np.logaddexp(0, u)
        p = np.exp(log_p)
        return np.exp(a * log_p + b * log_q - betaln(a, b)) * -np.expm1(-r * np.log1p(p * ratio)) / p

    edges = np.linspace(np.log(a / b) - 60 / min(a, 1), np.log(a / b) + 60 / min(b, 1), 150)
    return sum(quad(term, *edges[i : i + 2], epsabs=1e-15, epsrel=1e-10)[0] for i in range(len(edges) - 1))


@pytest.mark.parametrize(
    ("r", "alpha", "a", "b", "t"),
    [
        (0.11, 3.24, 0.31, 0.5, 30.0),  # a + b < 1: the textbook form is NaN
        (0.5, 10.0, 0.4, 0.6, 100.0),  # a + b = 1: its pole
        (0.24, 40.0, 1.0, 2.4, 90.0),  # a = 1: 0 / 0
        (0.24, 40.0, 1.0 + 1e-7, 2.4, 90.0),
        (3000.2, 700.0, 0.9, 3002.0, 365.0),  # thousands of purchases
        (2.0, 10.0, 30.0, 900.0, 400.0),  # Euler's form alone fails
        (0.1, 1.0, 0.999, 2823.0, 1062.0),  # scipy's 2F1 gives up
        (5.0, 50.0, 2000.0, 8000.0, 500.0),
    ],
)
def test_expected_purchases_are_exact_where_formulas_break(
    r: float, alpha: float, a: float, b: float, t: float
) -> None:
    (found,) = purchases_while_alive(*(np.array([v]) for v in (r, alpha)), a, np.array([b]), np.array([t]))
    expected = _expectation_by_quadrature(r, t / alpha, a, b)
    assert found == pytest.approx(expected, rel=1e-7)
    assert _summed(r, t / alpha, a, b) == pytest.approx(expected, rel=1e-6)


def test_expected_purchases_are_finite_and_positive_everywhere(rng: np.random.Generator) -> None:
    n = 4000
    r, alpha, t = (np.exp(rng.uniform(low, high, n)) for low, high in ((-5, 8), (-3, 10), (-2, 9)))
    for a in np.exp(rng.uniform(-9, 9, 12)):
        found = purchases_while_alive(r, alpha, float(a), np.exp(rng.uniform(-6, 9, n)), t)
        assert np.isfinite(found).all()
        assert (found >= 0).all()
        assert (found <= r * t / alpha * (1 + 1e-6) + 1e-9).all()  # never more than without leaving


def test_the_pareto_likelihood_is_the_integral_over_the_moment_of_leaving() -> None:
    model = ParetoNBD(0.7, 12.0, 0.4, 3.0)
    table = pd.DataFrame({"frequency": [4], "recency": [20.0], "T": [55.0]})
    r, alpha, s, beta = model.parameters.values()

    def gone(tau: float) -> float:
        return (alpha + tau) ** -(r + 4) * s * (beta + tau) ** -(s + 1)

    alive = (alpha + 55) ** -(r + 4) * (beta + 55) ** -s
    both = alive + quad(gone, 20, 55, epsrel=1e-12)[0]
    rising = np.prod(r + np.arange(4))
    expected = np.log(rising * alpha**r * beta**s * both)
    assert model.log_likelihood(table) == pytest.approx(expected, rel=1e-10)
    assert model.p_alive(table)[0] == pytest.approx(alive / both, rel=1e-10)


@pytest.mark.parametrize("n", [300, 2_000])
def test_the_cheaper_surface_tells_how_wide_the_top_of_pareto_nbd_is(n: int) -> None:
    customers = ParetoNBD(0.55, 10.6, 0.61, 11.7).simulate(n, T=200.0, rng=np.random.default_rng(4))
    found = fit_by_name("paretonbd", customers)
    exact, spread = pareto_surface.Surface(found.rows, found.counts), found.spread
    wide = spread.up > 0.1  # of the others, the curvature alone is asked
    assert wide.any()
    for axis, up, down in zip(spread.axes[wide], spread.up[wide], spread.down[wide], strict=True):
        for move in (up * axis, -down * axis):
            there = ParetoNBD.chart.logs(spread.point + move)
            # the search is content with .48 to .52; the cheaper surface may add .005
            assert found.log_likelihood - exact(there)[0] == pytest.approx(0.5, abs=0.025)
