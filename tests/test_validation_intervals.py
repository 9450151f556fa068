"""Intervals of parameters by profile likelihood: what their ends are, and when they have none."""

import numpy as np
import pandas as pd
import pytest

from clv import bgnbd, mbgnbd
from clv.btyd import profiles
from clv.errors import SettingError
from clv.models import MODELS, fit_by_name, fit_from_json, intervals
from validation import recovery
from validation.shops import EVERYDAY, JEWELLERY, MUSIC, SHOPS, history, lives


def fitted(model, name, n, seed):
    shop = SHOPS[model, name]
    return fit_by_name(model, history(lives(shop, n, horizon=0, rng=np.random.default_rng(seed))))


def least_fall(profile, i, end):
    """Walk to an end of an interval in a few steps, as a hill may have two tops."""
    start, falls = profile.best.point, []
    for share in (0.3, 0.6, 0.8, 0.9, 1.0):
        fall, there = profile.fall(i, profile.best.point[i] + share * (end - profile.best.point[i]), start)
        start, falls = there.point, [*falls, fall]
    return falls[-1]


@pytest.fixture(scope="module")
def halves():
    """Everybody leaves with a chance of one half: the data fix a / (a + b), not a and b."""
    x = pd.Series([0] * 64 + [1] * 32 + [2] * 16 + [3] * 8 + [4] * 4)
    return pd.DataFrame({"frequency": x, "recency": 10.0 * x, "T": 400.0})


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd", "nbd"])
def test_at_an_end_the_likelihood_has_fallen_by_the_point_of_chi_squared(model):
    fit = fitted(model if model != "nbd" else "bgnbd", MUSIC, 300, 4)
    people = pd.DataFrame(dict(zip(("frequency", "recency", "T"), fit.rows, strict=True)))
    fit = fit_by_name(model, people)
    profile = profiles.of(fit, MODELS[model].surface(fit.rows, fit.counts))
    found = np.log(intervals(fit).to_numpy())
    for i, pair in enumerate(found):
        for end in pair[np.isfinite(pair)]:
            if not profile.normal(i):
                assert least_fall(profile, i, end) == pytest.approx(1.3528, abs=0.05)
    values = np.log(list(fit.model.parameters.values()))
    assert ((found[:, 0] < values) & (values < found[:, 1])).all()


def test_where_the_likelihood_is_normal_so_is_the_interval():
    fit = fitted("bgnbd", EVERYDAY, 3000, 5)
    found, errors = intervals(fit), np.sqrt(np.diag(fit.covariance))
    narrow = errors <= 0.1
    assert narrow[:2].all()
    values = pd.Series(fit.model.parameters)
    assert found["high"][narrow].to_numpy() == pytest.approx(
        (values * np.exp(1.645 * errors))[narrow], rel=1e-3
    )


def test_on_the_edge_of_a_limit_what_the_data_leave_open_is_open(halves):
    fit = mbgnbd.fit(halves)
    assert fit.limit is not None
    found = intervals(fit)
    assert np.isinf(found.loc[["a", "b"], "high"]).all()
    assert found.loc["alpha", "low"] > 100
    # ... though standard errors, which hold a + b, would know a to a tenth
    assert fit.standard_errors["a"] < 0.3 * fit.model.a


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd"])
def test_one_climb_says_what_the_whole_interval_says(model):
    """The long measurement asks only whether the truth is inside; that must agree with the interval."""
    truth = np.log(list(SHOPS[model, JEWELLERY].truth.parameters.values()))
    agreed = []
    for seed in range(3):
        fit = fitted(model, JEWELLERY, 300, seed)
        found = intervals(fit)
        inside = (found["low"] <= np.exp(truth)) & (np.exp(truth) <= found["high"])
        agreed.append(inside.to_numpy() == recovery.held_by_profile(fit, truth))
    assert np.mean(agreed) >= 0.95  # an end is found to a fiftieth of the fall, and an edge leaves it open


def test_a_fit_from_a_file_has_no_histories_to_learn_from(halves):
    with pytest.raises(SettingError, match="has no histories"):
        intervals(fit_from_json(bgnbd.fit(halves).to_json()))


def test_the_smallest_shops_get_intervals_around_their_parameters(rng):
    truth = bgnbd.BGNBD(0.12, 90.0, 0.9, 2.4)
    for model in ("bgnbd", "mbgnbd", "nbd"):
        for _ in range(2):
            people = truth.simulate(40, T=rng.integers(50, 500, 40).astype(float), rng=rng)
            if people["frequency"].any():
                fit = fit_by_name(model, people)
                found, values = intervals(fit), np.array(list(fit.model.parameters.values()))
                assert ((found["low"] <= values) & (values <= found["high"])).all()
