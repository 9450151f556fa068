"""Gamma-Gamma on CDNOW against the figures of CLVTools 0.12.1, and against lifetimes' own formulas."""

import pandas as pd
import pytest

import cdnow_sample
from clv import spend
from clv.money.gammagamma import GammaGamma


@pytest.fixture(scope="module")
def customers():
    return cdnow_sample.calibration()


@pytest.fixture(scope="module")
def fitted(customers):
    return spend.fit(customers)


def test_first_purchase_removed(fitted):
    model, errors = fitted.model, fitted.standard_errors
    assert (model.p, model.q, model.v) == pytest.approx((6.249349, 3.744256, 15.444307), rel=1e-4)
    assert errors.to_list() == pytest.approx([1.190, 0.290, 4.160], rel=1e-3)
    assert fitted.log_likelihood == pytest.approx(-4055.9177, abs=5e-5)
    assert fitted.n_customers == 946
    assert fitted.limit is None


def test_first_purchase_kept(customers):
    days = customers["frequency"] + 1
    every = pd.DataFrame({"frequency": days, "monetary_value": customers["total_spend"] / days})
    found = spend.fit(every[every["monetary_value"] > 0])
    model = found.model
    assert (model.p, model.q, model.v) == pytest.approx((9.88124, 3.39875, 7.92859), rel=2e-5)
    assert found.log_likelihood == pytest.approx(-9898.4509, abs=1e-4)


def test_expected_spend_of_the_note():
    """Fader & Hardie (2013): with p 6.25, q 3.74, gamma 15.44, a customer without history is worth 35.2."""
    nobody = pd.DataFrame({"frequency": [0], "monetary_value": [0.0]})
    assert GammaGamma(6.25, 3.74, 15.44).expected_spend(nobody).iloc[0] == pytest.approx(35.2, abs=0.05)


def test_lifetimes_takes_the_fit_and_agrees(fitted, customers):
    fitter = fitted.to_lifetimes(customers)
    theirs = fitter.conditional_expected_average_profit()
    ours = fitted.model.expected_spend(customers[customers["frequency"] > 0])
    pd.testing.assert_series_equal(ours, theirs, check_names=False, rtol=1e-10)
    assert fitter.summary["se(coef)"].to_list() == pytest.approx(fitted.standard_errors.to_list())


def test_correlation_of_cdnow_is_reported_with_its_consequence(fitted):
    found = fitted.correlation
    assert found.spearman_low > 0.1
    assert "over-valued" in found.sentence
    assert fitted.warnings == ()
