"""What a saved model may hold, to the very bound; and the intervals of parameters on a hill of known form."""

from dataclasses import replace

import numpy as np
import pytest

from clv import bgnbd
from clv.btyd import possible, profiles
from clv.btyd.newton import Climber, Peak
from clv.btyd.profiles import REACH, Profile
from clv.btyd.spread import Spread
from clv.mbgnbd import MBGNBD
from clv.models import MODELS
from clv.money import saved
from clv.nbd import NBD


@pytest.fixture(scope="module")
def fitted():
    customers = MBGNBD(0.8, 30.0, 0.8, 2.0).simulate(
        200, T=np.random.default_rng(1).integers(50, 400, 200).astype(float), rng=np.random.default_rng(2)
    )
    return bgnbd.fit(customers)


def refused(fit, *, covariance=None, **parts):
    """Return why a fit with other parts of its spread, or another covariance, is refused."""
    with pytest.raises(ValueError, match=r".") as caught:
        possible.check(
            fit.model,
            replace(fit.spread, **parts),
            fit.covariance.to_numpy() if covariance is None else covariance,
        )
    return str(caught.value)


def one_of(array, at, value):
    changed = np.array(array, dtype=float)
    changed[at] = value
    return changed


def test_what_was_fitted_is_possible(fitted):
    possible.check(fitted.model, fitted.spread, fitted.covariance.to_numpy())
    # a spread without an axis, as where every parameter is held at an edge
    none = replace(fitted.spread, axes=np.zeros((0, 4)), up=np.zeros(0), down=np.zeros(0))
    possible.check(fitted.model, none, np.zeros((4, 4)))
    # widths of nought, a box that is a point, axes a rounding longer than one
    spread = fitted.spread
    point = replace(spread, low=spread.point, high=spread.point, up=spread.up * 0, down=spread.down * 0)
    possible.check(fitted.model, point, np.zeros((4, 4)))
    possible.check(fitted.model, replace(spread, axes=np.full((4, 4), 1 + 9e-7)), np.zeros((4, 4)))


@pytest.mark.parametrize("part", ["point", "low", "high", "up", "down", "axes"])
def test_no_part_of_a_spread_may_be_missing_or_of_another_size(fitted, part):
    given = getattr(fitted.spread, part)
    assert refused(fitted, **{part: given[:-1]}) == "the spread has the wrong size"
    assert refused(fitted, **{part: given[None]}) == "the spread has the wrong size"
    for odd in (np.nan, np.inf):
        assert refused(fitted, **{part: one_of(given, (0,) * given.ndim, odd)}) == "a number is not finite"


def test_each_other_impossible_part_has_its_reason(fitted):
    spread, covariance = fitted.spread, fitted.covariance.to_numpy()
    outside = "the best point lies outside its box"
    assert refused(fitted, low=one_of(spread.low, 1, spread.point[1] + 1e-9)) == outside
    assert refused(fitted, high=one_of(spread.high, 2, spread.point[2] - 1e-9)) == outside
    for part in ("up", "down"):
        assert (
            refused(fitted, **{part: one_of(getattr(spread, part), 3, -1e-9)}) == "the spread has no widths"
        )
    for long in (1.1, -1.1):
        assert refused(fitted, axes=one_of(spread.axes, (0, 1), long)) == "the spread has no widths"
    none = "the covariance is none"
    assert refused(fitted, covariance=one_of(covariance, (1, 1), -1e-9)) == none
    assert refused(fitted, covariance=one_of(covariance, (1, 2), covariance[1, 2] + 0.1)) == none
    assert refused(fitted, covariance=one_of(covariance, (1, 2), np.nan)) == "a number is not finite"
    moved = spread.point + 1e-3
    wide = {"low": spread.low - 1, "high": spread.high + 1}
    assert refused(fitted, point=moved, **wide) == "the spread is not about the parameters"
    small = np.clip(spread.point + 1e-7, spread.low, spread.high)
    possible.check(fitted.model, replace(spread, point=small), covariance)


@pytest.mark.parametrize(
    ("r", "alpha", "good"),
    [
        (1.0, 1.0, True), (0.99e-9, 1.0, False), (1.01e-9, 1.0, True), (1.00e4, 1.0, True),
        (1.02e4, 1.0, False), (1.0, 0.99e-18, False), (1.0, 1.01e-18, True),
        (1.0, 0.99e22, True), (1.0, 1.01e22, False),
    ],
)  # fmt: skip
def test_shapes_and_scales_have_their_bounds(r, alpha, good):
    model = NBD(r, alpha)
    point = np.zeros(2)  # the chart is linear: one step leads to the parameters
    point = np.linalg.solve(NBD.chart.jacobian(point), np.log([r, alpha]) - NBD.chart.logs(point))
    spread = Spread(point, np.eye(2), np.ones(2), np.ones(2), point, point)
    if good:
        possible.check(model, spread, np.eye(2))
    else:
        with pytest.raises(ValueError, match=r"^a parameter lies outside of what can be$"):
            possible.check(model, spread, np.eye(2))


def test_no_corner_of_the_box_may_give_what_cannot_be(fitted):
    for part, far in (("low", -99.0), ("high", 99.0)):
        for at in range(4):
            box = one_of(getattr(fitted.spread, part), at, far)
            assert refused(fitted, **{part: box}) == "a parameter lies outside of what can be", (part, at)


# Money ------------------------------------------------------------------------------------------------------

ODD = "the parameters are not p, q and v"
OUT = "a parameter lies outside of what can be"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, None), ({"p": 6}, None), ({"p": "6"}, ODD), ({"q": True}, ODD), ({"w": 1.0}, ODD),
        ({"v": None}, ODD),
        ({"p": 1e-12}, None), ({"p": 0.99e-12}, OUT), ({"p": 10_100.0}, None), ({"p": 10_101.0}, OUT),
        ({"q": 1.0}, OUT), ({"q": 1.0000001}, None), ({"q": 10_101.0}, None), ({"q": 10_101.5}, OUT),
        ({"v": 1e-12}, None), ({"v": 0.99e-12}, OUT), ({"v": 1e30}, None), ({"v": 1.01e30}, OUT),
        ({"p": float("nan")}, OUT),
    ],
)  # fmt: skip
def test_a_money_model_lies_within_its_bounds(change, why):
    said = {"p": 6.25, "q": 3.74, "v": 15.4} | change
    if why is None:
        assert saved.model(said).__dict__ == {name: float(value) for name, value in said.items()}
        return
    with pytest.raises(ValueError, match=f"^{why}$"):
        saved.model(said)


def test_a_covariance_of_money_is_one():
    good = [[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 0.0]]
    assert saved.covariance(good).tolist() == good
    for bad in (
        np.eye(2), np.eye(4), [1.0] * 9, one_of(good, (0, 1), 1.5), one_of(good, (1, 1), np.inf),
        one_of(good, (2, 2), -1e-9),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"^the covariance is none$"):
            saved.covariance(bad)


def test_a_correlation_and_a_count_are_ones():
    names = [*saved._RS]
    said = dict.fromkeys(names, 0.25) | {"n": 7, "sentence": "together"}
    found = saved.correlation(said)
    assert (found.n, found.sentence) == (7, "together")
    assert [getattr(found, name) for name in names] == [0.25] * len(names)
    for edge in (1, -1.0):
        assert getattr(saved.correlation(said | {names[0]: edge}), names[0]) == edge
    assert np.isnan(getattr(saved.correlation(said | {names[0]: None}), names[0]))
    for bad in (1.01, -1.01):
        with pytest.raises(ValueError, match=r"^the correlation is none$"):
            saved.correlation(said | {names[-1]: bad})
    assert saved.count(0) == 0
    for none in (-1, 1.0, True, "7", None):
        with pytest.raises(ValueError, match=r"^a count is none$"):
            saved.count(none)


# Intervals of parameters on a hill of known form ------------------------------------------------------------

COVARIANCE = np.array([[0.5, 0.3], [0.3, 0.4]])
TOP = np.array([0.2, -0.4])
WIDE = np.array([9.0, 9.0])


def normal_hill(point):
    """The log-likelihood of a normal: each profile falls by (x - top)^2 / (2 variance)."""
    curvature = -np.linalg.inv(COVARIANCE)
    away = point - TOP
    return float(away @ curvature @ away / 2), curvature @ away, curvature


def profile(surface=normal_hill, *, low=-WIDE, high=WIDE, errors=(0.0, 0.0), spare=TOP):
    best = Peak(TOP, *surface(TOP), np.zeros(2, dtype=bool), converged=True)
    return Profile(Climber(surface, np.array(low), np.array(high)), best, np.array(spare), np.array(errors))


@pytest.mark.parametrize("errors", [(0.0, 0.0), (0.2, 0.2), (5.0, 5.0), (np.inf, np.inf), (np.nan, np.nan)])
def test_the_ends_of_a_normal_hill_are_found_from_any_first_step(errors):
    for i in range(2):
        reach = REACH * np.sqrt(COVARIANCE[i, i])
        found = profiles._interval(profile(errors=errors), i)
        assert found == pytest.approx((TOP[i] - reach, TOP[i] + reach), abs=0.006)


def test_where_a_standard_error_is_small_its_interval_is_taken():
    narrow = profile(errors=(0.1, 0.101))
    assert (narrow.normal(0), narrow.normal(1), profile().normal(0)) == (True, False, False)
    assert profiles._interval(narrow, 0) == pytest.approx((0.2 - 0.16448536, 0.2 + 0.16448536))


def test_a_parameter_that_the_data_set_no_bound_has_none():
    low = TOP - np.array([0.5, 9.0])
    assert profiles._interval(profile(low=low), 0)[0] == -np.inf
    assert profiles._interval(profile(low=low), 0)[1] == pytest.approx(0.2 + REACH * np.sqrt(0.5), abs=0.006)
    high = TOP + np.array([9.0, 0.4])
    assert profiles._interval(profile(high=high), 1)[1] == np.inf
    # at the edge itself the fall may still be seen, and on the edge there is nowhere to go
    reach = REACH * np.sqrt(0.5)
    assert np.isfinite(profiles._interval(profile(low=TOP - np.array([reach + 0.01, 9.0])), 0)[0])
    assert profiles._interval(profile(low=TOP - np.array([reach - 0.01, 9.0])), 0)[0] == -np.inf
    assert profiles._interval(profile(low=TOP), 0)[0] == -np.inf


def test_an_end_that_only_an_edge_of_another_parameter_makes_is_none():
    """With the second parameter stopped at once, the first seems to end early: that is the edge's doing."""
    held = profile(high=TOP + np.array([9.0, 0.0]))
    assert profiles._interval(held, 0)[1] == np.inf
    assert profiles._interval(held, 0)[0] == pytest.approx(0.2 - REACH * np.sqrt(0.5), abs=0.006)


def test_what_seems_too_far_down_is_tried_from_elsewhere():
    """Two tops in the second parameter: from the wrong one the fall would be 9 too much."""

    def surface(point):
        x, y = point
        deep = 3.0 * (1 + np.tanh(3 * y)) + 0.1 * y  # a step up to the right
        slope = np.array([-2 * x, 9.0 * (1 - np.tanh(3 * y) ** 2) + 0.1 - 0.4 * (y - 3)])
        t = np.tanh(3 * y)
        curvature = np.array([[-2.0, 0], [0, -54.0 * t * (1 - t**2) - 0.4]])
        return float(deep - x**2 - 0.2 * (y - 3) ** 2), slope, curvature

    best = Peak(
        np.array([0.0, 3.25]), *surface(np.array([0.0, 3.25])), np.zeros(2, dtype=bool), converged=True
    )
    here = Profile(Climber(surface, -WIDE, WIDE), best, np.array([0.0, 3.0]), np.zeros(2))
    fall, there = here.fall(0, 0.5, np.array([0.0, 3.0]))
    assert fall == pytest.approx(0.25, abs=1e-6) and there.point == pytest.approx([0.5, 3.25], abs=1e-3)
    lost = here._replace(spare=np.array([0.0, -9.0])).fall(0, 0.5, np.array([0.0, -9.0]))[0]
    assert here.fall(0, 0.5, np.array([0.0, -9.0]))[0] == pytest.approx(0.25, abs=1e-6)
    assert lost > 0.25 - 1e-6


def test_the_box_is_wide_and_ends_where_models_end(fitted):
    logs = np.log([0.5, 30.0, 0.7, 2.0])
    low, high = profiles._box(fitted, logs)
    least = np.log(1e-6)
    assert low == pytest.approx([least, logs[1] - 25, least, least])
    assert high == pytest.approx(
        [profiles.SAME_RATE, logs[1] + 25, profiles.SAME_CHANCE, profiles.SAME_CHANCE]
    )
    beyond = np.array([-20.0, 1.0, 99.0, 0.0])
    low, high = profiles._box(fitted, beyond)
    assert low[0] == -20.0 and high[2] == 99.0


def test_a_fit_on_a_limit_has_no_errors_to_trust(fitted):
    surface = MODELS["bgnbd"].surface(fitted.rows, fitted.counts)
    found = profiles.of(fitted, surface)
    assert found.errors == pytest.approx(np.sqrt(np.diag(fitted.covariance)))
    assert found.best.point == pytest.approx(np.log(list(fitted.model.parameters.values())))
    assert found.best.height == pytest.approx(fitted.log_likelihood)
    assert not found.best.held.any() and found.best.converged
    chart = type(fitted.model).chart
    assert found.spare == pytest.approx(chart.logs(chart.starts(fitted.rows, fitted.counts)[0]))
    assert np.isinf(profiles.of(replace(fitted, limit="a limit"), surface).errors).all()
    ends = profiles.intervals(fitted, surface)
    assert ends.index.tolist() == ["r", "alpha", "a", "b"] and list(ends) == ["low", "high"]
    for i, name in enumerate(ends.index):
        assert np.log(ends.loc[name]).tolist() == pytest.approx(profiles._interval(found, i))
