"""What a test first is worth: a closed form at both ends of knowledge, a simulation in between."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import norm

from clv import offers
from clv import trial as trials
from clv.offering.baskets import Baskets
from clv.offering.channels import Channel
from clv.offering.contract import Offer
from clv.offering.options import Option

ORDER, MARGIN = 500.0, 0.3


def people(n: int, p0: float) -> offers.People:
    nobody = pd.DataFrame({"frequency": np.zeros(n), "monetary_value": np.zeros(n)})
    baskets = Baskets(1e9, np.full(n, 1e9 + 1), np.full(n, ORDER))
    return offers.People(nobody, np.full(n, p0), baskets, np.zeros(n), np.full(n, "all"))


def option(mean: float, sd: float, contact: float) -> Option:
    via = Channel(
        cost=contact, send_from="19:00", send_to="20:00", allowed=("08:00", "21:00"), caps=[], opt_out=0
    )
    made = Offer(name="word", kind="notice", pull_forward=0.0, uplift={"mean": mean, "sd": sd})
    return Option(made, "sms", via, made.uplift, {})


def test_what_perfect_knowledge_is_worth_has_a_closed_form():
    """Where few buy, a contact earns A exp(shift) - K: a call option on a lognormal (Black 1976)."""
    n, p0, mean, sd, contact = 50, 1e-5, 0.1, 0.4, 3e-4
    found = trials.trial([(people(n, p0), option(mean, sd, contact))], margin=MARGIN)
    a = p0 * MARGIN * ORDER
    k, forward = contact + a, a * np.exp(mean + sd**2 / 2)
    d1 = np.log(forward / k) / sd + sd / 2
    assert found.perfect / n == pytest.approx(forward * norm.cdf(d1) - k * norm.cdf(d1 - sd), rel=0.02)
    assert found.now / n == pytest.approx(max(forward - k, 0), abs=2e-6)


def test_a_test_of_very_many_tells_everything_and_one_of_few_nothing():
    told = trials.trial([(people(2_000_000, 0.05), option(0.0, 0.3, 0.05))], margin=MARGIN)
    assert told.share == min(trials.SHARES)
    at_once = (
        told.share / 2 * offers.worth(people(1, 0.05), [option(0.0, 0.3, 0.05)], margin=MARGIN).value[0, 0]
    )
    assert told.tested == pytest.approx((1 - told.share) * told.perfect + at_once * 2_000_000, rel=0.01)
    silent = trials.trial([(people(10, 0.002), option(0.2, 0.3, 0.01))], margin=MARGIN)
    assert silent.worth < 0


def test_the_expected_worth_is_what_playing_it_out_earns(rng, monkeypatch):
    """Truths from the prior, a test on a part, a decision by what it showed, the rest sent or not."""
    n, p0, mean, sd, contact, share = 4000, 0.06, 0.05, 0.35, 0.9, 0.2
    monkeypatch.setattr(trials, "SHARES", (share,))
    wanted = trials.trial([(people(n, p0), option(mean, sd, contact))], margin=MARGIN)
    grid = np.linspace(-3, 3, 400)
    one, single = option(mean, sd, contact), people(1, p0)
    profit = np.array([offers.pays(single, one, shift=t, margin=MARGIN)[0] for t in grid])
    truth, arm = rng.normal(mean, sd, 100_000), int(share * n / 2)
    each = np.interp(truth, grid, profit)
    a, c = rng.binomial(arm, expit(logit(p0) + truth)) + 0.5, rng.binomial(arm, p0, len(truth)) + 0.5
    b, d = arm + 1 - a, arm + 1 - c
    seen, noise = np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
    centre = (mean / sd**2 + seen / noise) / (1 / sd**2 + 1 / noise)
    spread = np.sqrt(1 / (1 / sd**2 + 1 / noise))
    nodes, weights = np.polynomial.hermite_e.hermegauss(15)
    then = np.interp(centre[:, None] + spread[:, None] * nodes, grid, profit) @ (weights / weights.sum())
    played = arm * each + (n - 2 * arm) * each * (then > 0)
    error = played.std() / np.sqrt(len(truth))
    assert error < 0.02 * wanted.tested
    # the formula takes the test's noise at the expected shift, the played one at the seen counts
    assert wanted.tested == pytest.approx(played.mean(), abs=4 * error + 0.05 * abs(wanted.tested))
    assert wanted.now <= wanted.tested <= wanted.perfect


def test_customers_of_one_opinion_are_tested_together():
    one = option(0.1, 0.4, 0.5)
    whole = trials.trial([(people(3000, 0.05), one)], margin=MARGIN)
    parts = trials.trial([(people(1000, 0.05), one), (people(2000, 0.05), one)], margin=MARGIN)
    assert parts.tested == pytest.approx(whole.tested)
    assert parts.perfect == pytest.approx(whole.perfect)
