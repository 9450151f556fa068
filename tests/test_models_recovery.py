"""Data simulated from a model give its parameters back, within what their standard errors promise."""

import numpy as np
import pytest

from clv.bgnbd import BGNBD
from clv.btyd.model import Model
from clv.mbgnbd import MBGNBD
from clv.models import fit_by_name
from clv.nbd import NBD
from clv.paretonbd import ParetoNBD

TRUTHS = [
    BGNBD(0.243, 31.0, 0.793, 2.426),
    BGNBD(1.0, 30.0, 0.3, 3.0),
    BGNBD(0.8, 60.0, 2.0, 5.0),
    MBGNBD(0.52, 43.0, 0.89, 1.61),
    MBGNBD(1.5, 60.0, 0.6, 2.0),
    ParetoNBD(0.553, 74.0, 0.606, 81.7),
    ParetoNBD(1.4, 50.0, 1.2, 200.0),
    NBD(0.385, 84.5),
    NBD(3.0, 300.0),
]
every_truth = pytest.mark.parametrize("truth", TRUTHS, ids=lambda m: f"{m.name}-{m.r}")


@every_truth
def test_simulated_customers_give_the_parameters_back(truth: Model, rng: np.random.Generator) -> None:
    people = truth.simulate(6000, T=rng.integers(100, 700, 6000), rng=rng)
    fit = fit_by_name(truth.name, people)
    assert fit.limit is None
    assert fit.warnings == ()
    errors = np.sqrt(np.diag(fit.covariance))
    missed = np.log(list(fit.model.parameters.values())) - np.log(list(truth.parameters.values()))
    # 31 parameters are looked at: one beyond 3 errors is likely enough, one beyond 3.5 is not.
    assert (np.abs(missed) < 3.5 * errors).all(), missed / errors
    assert (errors < 0.5).all()  # and the standard errors promise something
    assert fit.log_likelihood >= truth.log_likelihood(people)


@every_truth
def test_what_was_forecast_comes_true(truth: Model, rng: np.random.Generator) -> None:
    """Who is alive, how much is bought and by how many: sums over the customers against what happened."""
    people = truth.simulate(6000, T=rng.integers(100, 700, 6000), rng=rng)
    model = fit_by_name(truth.name, people).model
    happened = truth.purchases_of(truth.individuals(people, rng=rng), days=180, rng=rng)
    assert model.expected_purchases(people, days=180).sum() == pytest.approx(happened.sum(), rel=0.08)
    assert model.p_buy(people, days=180).sum() == pytest.approx((happened > 0).sum(), rel=0.06)


def test_draws_cover_the_truth(rng: np.random.Generator) -> None:
    """The spread of forecasts over parameter draws is the spread over repeated data (within a third)."""
    truth, totals, spreads = TRUTHS[0], [], []
    for _ in range(30):
        people = truth.simulate(500, T=400, rng=rng)
        fit = fit_by_name("bgnbd", people)
        totals.append(fit.model.expected_new(days=365))
        spreads.append(np.std([model.expected_new(days=365) for model in fit.draws(60, rng=rng)]))
    assert np.median(spreads) == pytest.approx(np.std(totals), rel=1 / 3)


def test_the_model_that_made_the_data_explains_them_best(rng: np.random.Generator) -> None:
    for truth in (TRUTHS[1], TRUTHS[3], TRUTHS[5]):
        people = truth.simulate(5000, T=rng.integers(200, 700, 5000), rng=rng)
        heights = {
            name: fit_by_name(name, people).log_likelihood for name in ("bgnbd", "mbgnbd", "paretonbd")
        }
        assert max(heights, key=heights.get) == truth.name, heights
