"""Discounted purchases against published sums, closed forms of the papers and brute-force integration."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import gammaln, hyp2f1, hyperu

import cdnow_sample
from clv.bgnbd import BGNBD
from clv.mbgnbd import MBGNBD
from clv.money.discount import daily_rate, discounted_purchases
from clv.money.gammagamma import GammaGamma
from clv.nbd import NBD
from clv.paretonbd import ParetoNBD

WEEK = 7.0
HISTORIES = pd.DataFrame(
    {"frequency": [0, 0, 1, 2, 30], "recency": [0, 0, 3, 30, 700], "T": [0, 1, 3, 400, 720]}, dtype=float
)


def weekly(rate: float) -> float:
    """The yearly discount whose continuous rate is `rate` per week."""
    return np.expm1(rate * 365 / WEEK)


def test_cdnow_dert_and_clv_of_clvtools():
    """CLVTools 0.12.1 gives 490.89 and 17,816: its ln(1.1) is per WEEK, the model's time unit."""
    model = ParetoNBD(r=0.55327, alpha=10.57780 * WEEK, s=0.60602, beta=11.66391 * WEEK)
    customers = cdnow_sample.calibration()
    dert = discounted_purchases(model, customers, yearly_discount=weekly(np.log(1.1)))
    pays = GammaGamma(6.249349, 3.744256, 15.444307).expected_spend(customers)
    assert dert.sum() == pytest.approx(490.89, abs=0.005)
    assert (dert * pays).sum() == pytest.approx(17816, abs=0.5)


def test_pareto_dert_is_the_papers_closed_form():
    """Fader, Hardie & Lee (2005, J. Marketing Research 42), equation (2), with Tricomi's function."""
    r, alpha, s, beta, delta = 0.55, 74.0, 0.61, 82.0, daily_rate(0.10)
    model = ParetoNBD(r, alpha, s, beta)
    x, T = HISTORIES["frequency"].to_numpy(), HISTORIES["T"].to_numpy()
    logs = (
        r * np.log(alpha)
        + s * np.log(beta)
        + (s - 1) * np.log(delta)
        + gammaln(r + x + 1)
        - gammaln(r)
        - (r + x + 1) * np.log(alpha + T)
        - [model.log_likelihood(HISTORIES.iloc[[i]]) for i in range(len(x))]
    )
    expected = np.exp(logs) * hyperu(s, s, delta * (beta + T))
    found = discounted_purchases(model, HISTORIES, yearly_discount=0.10).to_numpy()
    assert found == pytest.approx(expected, rel=1e-8)


def test_nbd_has_an_elementary_answer():
    model, delta = NBD(r=0.4, alpha=84.0), daily_rate(0.10)
    rate = ((0.4 + HISTORIES["frequency"]) / (84.0 + HISTORIES["T"])).to_numpy()
    for start, end in ((0, 365), (365, np.inf), (10, 20)):
        found = discounted_purchases(model, HISTORIES, start=start, end=end, yearly_discount=0.10)
        area = (np.exp(-delta * start) - np.exp(-delta * end)) / delta
        assert found.to_numpy() == pytest.approx(rate * area, rel=1e-12)


@pytest.mark.parametrize(
    "model",
    [
        BGNBD(r=0.243, alpha=30.9, a=0.793, b=2.426),
        MBGNBD(r=0.5, alpha=6.0, a=1.0, b=1.6),
        BGNBD(r=0.11, alpha=2.24, a=0.31, b=0.5),
        MBGNBD(r=0.05, alpha=300.0, a=5.0, b=80.0),
    ],
    ids=["cdnow", "a=1", "a+b<1", "rare"],
)
@pytest.mark.parametrize(("start", "end"), [(0, 90), (0, 365), (10, 20), (365, np.inf)])
def test_brute_force_integration_agrees(model, start, end):
    """A living customer buys at r/alpha 2F1(r+1, a; a+b; -t/alpha) on day t: integrate that in pieces."""
    delta = daily_rate(0.10)
    alive = model.p_alive(HISTORIES).to_numpy()
    found = discounted_purchases(model, HISTORIES, start=start, end=end, yearly_discount=0.10)
    stop = min(end, start + 36 / delta)
    edges = [start, *(e for e in (1, 10, 60, 300, 1500, 7e3, 3e4, 1e5) if start < e < stop), stop]
    for i, (x, T) in enumerate(zip(HISTORIES["frequency"], HISTORIES["T"], strict=True)):
        r, alpha, both = model.r + x, model.alpha + T, model.a + model.b + x + model.first_chance

        def worth(t, r=r, alpha=alpha, both=both):
            z = t / (alpha + t)  # Pfaff: 2F1(r+1, a; c; -t/alpha) = (1-z)^a 2F1(a, c-r-1; c; z)
            pace = (1 - z) ** model.a * hyp2f1(model.a, both - r - 1, both, z)
            return np.exp(-delta * t) * r / alpha * pace

        pieces = [quad(worth, a, b, epsabs=0, epsrel=1e-12, limit=200)[0] for a, b in pairwise(edges)]
        assert found.iloc[i] == pytest.approx(alive[i] * sum(pieces), rel=1e-9)


def test_the_yearly_rate_is_continuous_and_by_the_day():
    assert np.exp(-daily_rate(0.10) * 365) == pytest.approx(1 / 1.1, rel=1e-14)
