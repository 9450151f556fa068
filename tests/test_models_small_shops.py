"""Simulated small shops, four regimes: every one gets a finite answer or a refusal in one sentence."""

import numpy as np
import pytest

from clv.bgnbd import BGNBD
from clv.btyd import beta_geometric_surface, pareto_surface, search
from clv.btyd.histories import History, collapse
from clv.btyd.model import Model
from clv.btyd.newton import Climber
from clv.errors import NoAnswerError
from clv.mbgnbd import MBGNBD
from clv.models import fit_by_name
from clv.paretonbd import ParetoNBD
from small_shops import hold

REGIMES = {
    "jewellery": BGNBD(0.12, 90.0, 0.9, 2.4),
    "sparser": BGNBD(0.04, 120.0, 1.5, 1.5),
    "cdnow": BGNBD(0.24, 31.0, 0.79, 2.43),
    "active": BGNBD(1.0, 30.0, 0.3, 3.0),
}


OTHERS = {0: ("mbgnbd", "nbd"), 10: ("mbgnbd", "paretonbd")}


@pytest.mark.parametrize(("n", "shops"), [(30, 40), (100, 20)])
@pytest.mark.parametrize("regime", REGIMES)
def test_small_shops_get_an_answer_or_one_sentence(
    regime: str, n: int, shops: int, rng: np.random.Generator
) -> None:
    for number in range(shops):
        ages = rng.integers(1, 731, n)
        people = REGIMES[regime].simulate(n, T=ages, rng=rng)
        people = people.assign(recency=np.ceil(people["recency"]))
        # The models share their search; BG/NBD on all forty, the others on some.
        for name in ("bgnbd", *OTHERS.get(number % 20, ())):
            try:
                fit = fit_by_name(name, people)
            except NoAnswerError as error:
                assert not people["frequency"].any()
                assert "\n" not in str(error)
                continue
            hold(fit, people)
            assert fit.limit is None or fit.limit.endswith(".")


def test_a_second_optimum_is_mentioned() -> None:
    """A mixture of two kinds of customers, found by search, that MBG/NBD can explain in two ways."""
    rng = np.random.default_rng(7)
    said = 0
    for _ in range(15):
        people = REGIMES["jewellery"].simulate(30, T=rng.integers(1, 731, 30), rng=rng)
        people = people.assign(recency=np.ceil(people["recency"]))
        if people["frequency"].any():
            said += any("second set" in text for text in fit_by_name("mbgnbd", people).warnings)
    assert said > 0


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD])
def test_hills_that_are_not_climbed_twice_hide_no_peak(kind: type[Model], rng: np.random.Generator) -> None:
    for number in range(12):
        truth = list(REGIMES.values())[number % 4]
        people = truth.simulate(60, T=rng.integers(1, 731, 60), rng=rng)
        people = people.assign(recency=np.ceil(people["recency"]))
        if not people["frequency"].any():
            continue
        rows, counts = collapse(people)
        surface = pareto_surface.Surface(rows, counts) if kind is ParetoNBD else _surface(kind, rows, counts)
        climber = Climber(search._in_chart(surface, kind.chart), *kind.chart.box(rows, counts))
        starts = kind.chart.starts(rows, counts)
        with np.errstate(over="ignore", under="ignore"):
            each = search._distinct([climber.climb(start, held={}) for start in starts])
            together = search._distinct(climber.climb_all(starts))
        heights = [[peak.height for peak in peaks if peak.converged] for peaks in (each, together)]
        assert heights[1] == pytest.approx(heights[0], abs=1e-6)


def _surface(kind: type[Model], rows: History, counts: np.ndarray) -> beta_geometric_surface.Surface:
    return beta_geometric_surface.Surface(rows, counts, first_chance=kind.first_chance)


def test_starts_sorted_out_roughly_lead_to_the_exact_pareto_fit(rng: np.random.Generator) -> None:
    people = REGIMES["cdnow"].simulate(400, T=rng.integers(1, 731, 400), rng=rng)
    rough = fit_by_name("paretonbd", people)
    exact = search.fit(people, ParetoNBD, pareto_surface.Surface)
    assert rough.log_likelihood == pytest.approx(exact.log_likelihood, abs=1e-8)
    assert rough.model.parameters == pytest.approx(exact.model.parameters, rel=1e-5)
