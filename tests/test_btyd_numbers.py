"""What stands behind the models against slow reckonings: rows, charts, climbs, widths, integrals, draws."""

import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import digamma, gammaln, polygamma, roots_jacobi

from clv.bgnbd import BGNBD
from clv.btyd import charts, newton, search
from clv.btyd.counts import CountSurface, in_logs, negative_binomial, rising
from clv.btyd.expectation import _summed, purchases_while_alive
from clv.btyd.histories import History, _apart, _in_one, collapse, distinct, levels, people, read
from clv.btyd.newton import Climber, Peak, climb
from clv.btyd.pareto_integrals import moments, nodes
from clv.btyd.spread import Spread, spread_around
from clv.errors import InputError
from clv.mbgnbd import MBGNBD
from clv.models import fit_by_name, fit_from_json
from clv.nbd import NBD
from clv.paretonbd import ParetoNBD
from small_shops import table

ALL = [
    BGNBD(0.24, 31.0, 0.79, 2.43),
    MBGNBD(0.52, 43.0, 0.89, 1.61),
    ParetoNBD(0.553, 74.0, 0.606, 81.7),
    NBD(0.385, 84.5),
]
every_model = pytest.mark.parametrize("model", ALL, ids=lambda m: m.name)
PEOPLE = table([0, 1, 4, 4], [0, 30, 200, 200], [100, 150, 220, 220]).set_axis(list("dbca"))


# Rows -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["small", "large", "broken", "gaps"])
def test_distinct_rows_are_those_of_a_sort(rng: np.random.Generator, kind: str) -> None:
    columns = [rng.integers(0, top, 300).astype(float) for top in (3, 2, 5)]
    if kind == "large":
        columns = [column * 10_007 for column in columns]
    if kind == "broken":
        columns[1] = columns[1] + 0.25
    if kind == "gaps":
        columns[2] = columns[2] ** 6
    expected, where = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    found, place = distinct(*columns)
    np.testing.assert_array_equal(np.column_stack(found), expected)
    np.testing.assert_array_equal(place, where.ravel())
    for column in columns:
        values, index = levels(column)
        unique = np.unique(column, return_inverse=True)
        np.testing.assert_array_equal(values, unique[0])
        np.testing.assert_array_equal(index, unique[1])
    rows, counts = collapse(pd.DataFrame({"frequency": [0.0] * 300, "recency": 0.0, "T": columns[2]}))
    np.testing.assert_array_equal(rows.T, np.unique(columns[2]))
    np.testing.assert_array_equal(counts, np.unique(columns[2], return_counts=True)[1])
    assert counts.dtype == float


def test_no_rows_have_no_distinct_ones() -> None:
    none = np.zeros(0)
    found, place = distinct(none, none)
    assert [len(column) for column in (*found, place)] == [0, 0, 0]
    assert [len(part) for part in levels(none)] == [0, 0]
    assert len(collapse(PEOPLE.iloc[:0])[1]) == 0


def test_digits_of_one_number_come_apart_again(rng: np.random.Generator) -> None:
    columns = [rng.integers(0, top, 50).astype(float) for top in (7, 3, 11)]
    code = _in_one(columns, [7.0, 3.0, 11.0])
    np.testing.assert_array_equal(code, (columns[0] * 3 + columns[1]) * 11 + columns[2])
    np.testing.assert_array_equal(np.stack(_apart(code, [7.0, 3.0, 11.0])), np.stack(columns))


def test_counted_rows_add_up_by_whole_days_and_by_others() -> None:
    counted = PEOPLE.assign(customers=[3, 2, 5, 7])
    for unit in (1.0, 1 / 7):
        scaled = counted.assign(recency=counted["recency"] * unit, T=counted["T"] * unit)
        rows, counts = collapse(scaled)
        assert rows.x.tolist() == [0, 1, 4]
        assert rows.t_x == pytest.approx(np.array([0, 30, 200]) * unit)
        np.testing.assert_allclose(rows.T, np.array([100, 150, 220]) * unit)
        assert counts.tolist() == [3, 2, 12]
    assert people(PEOPLE) is None
    assert people(counted).tolist() == [3, 2, 5, 7]
    huge = table([1, 1], [3e7, 3e7], [9e8, 9e8 + 1])
    assert collapse(pd.concat([huge, huge, table([10**6], [1], [2])]))[1].tolist() == [2, 2, 1]


def test_histories_are_read_as_numbers_whatever_the_column_holds() -> None:
    odd = pd.DataFrame(
        {
            "frequency": pd.array([0, 2], dtype="Int64"),
            "recency": np.array([0, 9], dtype=object),
            "T": np.array([20, 30], dtype=np.int8),
        }
    )
    assert all(column.dtype == float for column in read(odd))
    assert read(odd).t_x.tolist() == [0, 9]
    missing = odd.assign(frequency=pd.array([0, None], dtype="Int64"))
    with pytest.raises(InputError, match=r"1 row.*missing.*row 2"):
        read(missing)


# Counts -----------------------------------------------------------------------------------------------------


def test_rising_factorials_and_their_derivatives() -> None:
    shapes, xs = np.array([0.3, 2.0]), np.array([1.0, 4.0, 0.0])
    found = rising(shapes, xs)
    assert found.shape == (3, 2, 2)
    for i, shape in enumerate(shapes):
        for j, x in enumerate((1, 4)):
            steps = shape + np.arange(x)
            exact = [np.log(steps).sum(), (1 / steps).sum(), -(1 / steps**2).sum()]
            assert found[:, i, j] == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize("n", [0, 1, 7])
def test_the_negative_binomial_is_scipys(n: int) -> None:
    r, z = np.array([0.2, 1.0, 40.0]), np.array([0.01, 0.5, 0.9])
    np.testing.assert_allclose(negative_binomial(n, r, z), stats.nbinom.pmf(n, r, 1 - z), rtol=1e-10)


def test_the_count_surface_is_the_sum_over_customers() -> None:
    rows, counts = History(*np.array([[0.0, 3, 3], [0, 9, 9], [20, 20, 50]])), np.array([4.0, 2, 1])
    value, slope, curve = CountSurface(rows, counts)(0.7, 12.0)
    r, alpha = 0.7, 12.0
    terms = gammaln(r + rows.x) - gammaln(r) + r * np.log(alpha) - (r + rows.x) * np.log(alpha + rows.T)
    assert value == pytest.approx(counts @ terms)
    by_r = digamma(r + rows.x) - digamma(r) + np.log(alpha / (alpha + rows.T))
    by_alpha = r / alpha - (r + rows.x) / (alpha + rows.T)
    assert slope == pytest.approx([counts @ by_r, counts @ by_alpha])
    second = [
        counts @ (polygamma(1, r + rows.x) - polygamma(1, r)),
        counts @ (1 / alpha - 1 / (alpha + rows.T)),
        counts @ ((r + rows.x) / (alpha + rows.T) ** 2 - r / alpha**2),
    ]
    assert curve == pytest.approx(np.array([second[:2], second[1:]]))
    logs = in_logs(np.array([r, alpha]), value, slope, curve)
    assert logs[1] == pytest.approx(slope * [r, alpha])
    assert logs[2] == pytest.approx(curve * np.outer([r, alpha], [r, alpha]) + np.diag(slope * [r, alpha]))


# Charts -----------------------------------------------------------------------------------------------------


@every_model
def test_a_chart_bends_as_its_derivatives_say(model: object) -> None:
    chart, rng = model.chart, np.random.default_rng(4)
    n = len(model.parameters)
    for _ in range(5):
        point, slope = rng.normal(0, 1.5, n), rng.normal(size=n)
        step = 1e-5 * np.eye(n)
        jacobian = np.column_stack([(chart.logs(point + d) - chart.logs(point - d)) / 2e-5 for d in step])
        np.testing.assert_allclose(chart.jacobian(point), jacobian, atol=1e-8)
        bend = np.stack(
            [slope @ (chart.jacobian(point + d) - chart.jacobian(point - d)) / 2e-5 for d in step]
        )
        np.testing.assert_allclose(chart.bend(point, slope), bend, atol=1e-8)
        stacked = chart.logs(np.stack([point, point + 1]))
        np.testing.assert_allclose(stacked, [chart.logs(point), chart.logs(point + 1)])


@every_model
def test_a_surface_seen_in_a_chart_keeps_its_derivatives(model: object) -> None:
    def surface(logs: np.ndarray) -> tuple:
        n = len(logs)
        pull = np.arange(1.0, n + 1)
        top = np.exp(0.1 * pull @ logs)
        return top, 0.1 * pull * top, 0.01 * np.outer(pull, pull) * top

    seen, point = search._in_chart(surface, model.chart), np.full(len(model.parameters), 0.4)
    value, slope, curve = seen(point)
    assert value == surface(model.chart.logs(point))[0]
    step = 1e-5 * np.eye(len(point))
    np.testing.assert_allclose(
        slope, [(seen(point + d)[0] - seen(point - d)[0]) / 2e-5 for d in step], rtol=1e-6
    )
    curves = [(seen(point + d)[1] - seen(point - d)[1]) / 2e-5 for d in step]
    np.testing.assert_allclose(curve, curves, atol=1e-8)


@every_model
def test_a_charts_box_and_starts_lie_around_the_rate_of_the_shop(model: object) -> None:
    """r and s at most 1,000; a + b from 0.01 to 10,000; a chance of leaving from one in a million on."""
    rows, counts = collapse(PEOPLE)
    chart, rate = model.chart, np.log(9 / 690)
    low, high = chart.box(rows, counts)
    starts = chart.starts(rows, counts)
    assert len(starts) >= 2
    assert len({tuple(start) for start in starts}) == len(starts)
    for start in starts:
        assert ((low < start) & (start < high)).all()
        assert abs(start[1] - rate) < np.log(4)  # a buyer's rate is up to some times that of everybody
    assert np.exp([low[0], high[0]]) == pytest.approx([1e-6, 1000])
    assert [low[1], high[1]] == pytest.approx([rate - 25, rate + 25])
    if model.name == "paretonbd":
        assert np.exp([low[2], high[2]]) == pytest.approx([1e-3, 1000])
        assert np.exp([low[3], high[3]]) == pytest.approx([1e-6 / 220, 1e6 / 220])
        mean_age = 690 / 4
        leaving = sorted(np.exp(start[3]) * mean_age for start in starts)
        assert leaving == pytest.approx([0.05, 0.3, 1.0, 4.0])
    elif model.name != "nbd":
        a, b = np.exp(chart.logs(low))[2:]
        assert a + b == pytest.approx(0.01)
        assert a / (a + b) == pytest.approx(1e-6)
        a, b = np.exp(chart.logs(high))[2:]
        assert a + b == pytest.approx(10_000)
        assert b / (a + b) == pytest.approx(1e-4)
    shapes = np.exp([start[0] for start in starts])
    assert shapes.min() < 0.5
    assert shapes.max() > 1.4


@every_model
def test_a_held_face_lies_in_the_box_of_its_chart(model: object) -> None:
    """Each face is reached: held there, the climb ends there, finite."""
    rows, counts = collapse(PEOPLE)
    low, high = model.chart.box(rows, counts)
    flat = Climber(lambda point: (0.0, np.zeros(len(point)), -np.eye(len(point))), low, high)
    for face in model.chart.faces:
        peak = flat.climb((low + high) / 2, held=face.held)
        at = [c for c in face.held if np.isfinite(face.held[c])]
        assert peak.held.nonzero()[0].tolist() == sorted(face.held)
        assert peak.point[at] == pytest.approx([np.clip(face.held[c], low[c], high[c]) for c in at])
        assert np.isfinite(peak.point).all()


# Climbing ---------------------------------------------------------------------------------------------------


def hill(top: np.ndarray, bend: np.ndarray) -> Callable[[np.ndarray], tuple]:
    def surface(point: np.ndarray) -> tuple:
        off = point - top
        return -0.5 * off @ bend @ off, -bend @ off, -bend

    return surface


BEND = np.array([[2.0, 0.6], [0.6, 1.0]])


def test_a_climb_ends_at_the_top_or_where_the_box_holds_it() -> None:
    wide = np.array([10.0, 10.0])
    free = climb(hill(np.array([1.0, -2.0]), BEND), np.array([4.0, 4.0]), -wide, wide)
    assert free.point == pytest.approx([1.0, -2.0], abs=1e-8)
    assert (free.converged, free.held.tolist()) == (True, [False, False])
    assert free.height == pytest.approx(0.0, abs=1e-12)
    for low, high, at in (
        ([-10, -1], [10, 10], [1.0 - 0.3, -1.0]),
        ([-10, -10], [0.5, 10], [0.5, -2.0 + 0.3]),
        ([2, -1], [10, 10], [2.0, -1.0]),
    ):
        held = climb(hill(np.array([1.0, -2.0]), BEND), np.array([4.0, 4.0]), np.array(low), np.array(high))
        assert held.point == pytest.approx(at, abs=1e-8)
        assert held.converged
        assert held.held.tolist() == [at[0] in (0.5, 2.0), at[1] == -1.0]


def test_a_climb_starts_inside_and_takes_no_step_beyond_three() -> None:
    seen = []

    def watched(point: np.ndarray) -> tuple:
        seen.append(point.copy())
        return hill(np.zeros(2), np.eye(2))(point)

    peak = climb(watched, np.array([50.0, 0.0]), np.full(2, -20.0), np.full(2, 20.0))
    assert seen[0].tolist() == [20.0, 0.0]
    steps = np.abs(np.diff(seen, axis=0)).max(axis=1)
    assert steps.max() == pytest.approx(3.0)
    assert peak.point == pytest.approx([0, 0], abs=1e-8)
    assert len(seen) < 12


def test_a_climb_leaves_a_saddle_upwards_and_holds_where_the_likelihood_is_no_number() -> None:
    def saddle(point: np.ndarray) -> tuple:  # tops at (+-1, 0)
        x, y = point
        value = x**2 / 2 - x**4 / 4 - y**2 / 2
        return value, np.array([x - x**3, -y]), np.diag([1 - 3 * x**2, -1.0])

    box = np.full(2, 5.0)
    assert climb(saddle, np.array([0.01, 2.0]), -box, box).point == pytest.approx([1, 0], abs=1e-6)
    assert climb(saddle, np.array([-0.01, 2.0]), -box, box).point == pytest.approx([-1, 0], abs=1e-6)

    def cliff(point: np.ndarray) -> tuple:
        value, slope, curve = hill(np.array([1.0, 0.0]), np.eye(2))(point)
        return (value if point[0] < 0.6 else np.inf), slope, curve

    ended = climb(cliff, np.array([-1.0, 0.0]), -box, box)
    assert ended.point[0] < 0.6
    assert np.isfinite(ended.height)


def test_a_climb_out_of_steps_says_so_and_one_to_a_known_peak_ends_with_it() -> None:
    surface, box = hill(np.zeros(2), np.eye(2)), np.full(2, 50.0)
    short = climb(surface, np.array([30.0, 0.0]), -box, box, steps=2)
    assert not short.converged
    assert short.point == pytest.approx([24.0, 0.0])
    known = Peak(np.array([0.2, 0.0]), 1.0, np.zeros(2), np.eye(2), np.zeros(2, dtype=bool), True)
    assert climb(surface, np.array([1.0, 0.0]), -box, box, found_before=[known]) is known
    low = known._replace(height=-9.0)
    assert climb(surface, np.array([1.0, 0.0]), -box, box, found_before=[low]) is not low
    far = known._replace(point=np.array([0.51, 0.0]))
    assert climb(surface, np.array([1.0, 0.0]), -box, box, found_before=[far]) is not far
    far = known._replace(point=np.array([0.0, -0.51]))
    assert climb(surface, np.array([1.0, 0.0]), -box, box, found_before=[far, known]) is known
    peaks = Climber(surface, -box, box).climb_all([np.array([1.0, 0.0]), np.array([-1.0, 1.0])])
    assert peaks[0] is peaks[1]


def test_a_held_coordinate_stays_where_it_is_put() -> None:
    climber = Climber(hill(np.array([1.0, -2.0]), BEND), np.full(2, -10.0), np.full(2, 10.0))
    peak = climber.climb(np.array([4.0, 4.0]), held={1: 3.0})
    assert peak.point == pytest.approx([1.0 - 0.3 * 5, 3.0])
    assert peak.held.tolist() == [False, True]
    edge = climber.climb(np.array([4.0, 4.0]), held={0: np.inf})
    assert edge.point[0] == 10.0
    assert climber.low.tolist() == [-10, -10]
    assert climber.high.tolist() == [10, 10]


def test_halving_ends() -> None:
    asked = []

    def falls(point: np.ndarray) -> tuple:
        asked.append(point[0])
        return -abs(point[0]), None, None

    one = np.ones(1)
    assert newton._backtrack(falls, 0 * one, 0.0, one, -9 * one, 9 * one) is None
    assert asked == pytest.approx(0.5 ** np.arange(40))
    there, found = newton._backtrack(falls, -2 * one, -1.9, 8 * one, -9 * one, 3 * one)
    assert there.tolist() == [0.0]
    assert found[0] == 0.0


# The search -------------------------------------------------------------------------------------------------


def _peak(point: list[float], height: float) -> Peak:
    n = len(point)
    return Peak(np.array(point), height, np.zeros(n), -np.eye(n), np.zeros(n, dtype=bool), True)


def test_peaks_are_distinct_by_place_and_height_the_highest_first() -> None:
    best, near, same, other = (
        _peak([0.0, 0.0], -10.0),
        _peak([0.04, -0.04], -10.5),
        _peak([3.0, 3.0], -10.0005),
        _peak([3.0, 0.0], -12.0),
    )
    assert search._distinct([other, near, best, same]) == [best, other]
    apart = _peak([0.0, 0.06], -10.5)
    assert search._distinct([apart, best]) == [best, apart]
    lower = _peak([3.0, 3.0], -10.002)
    assert search._distinct([lower, best]) == [best, lower]
    assert search._distinct([]) == []


def test_starts_are_sorted_out_on_some_three_thousand_rows() -> None:
    sizes = {1: 1, 6000: 1, 6001: 2, 8999: 2, 9000: 3, 60_000: 20}
    assert {n: search._thin(np.ones(n)) for n in sizes} == sizes


def test_the_chance_of_leaving_is_told_where_there_is_one() -> None:
    assert search._leaving(BGNBD(1.0, 1.0, 1.0, 3.0)) == "25 %"
    assert search._leaving(BGNBD(1.0, 1.0, 2.0, 13.0)) == "13.3 %"
    assert search._leaving(ALL[2]) == ""


def test_a_point_held_at_an_edge_without_a_name_is_said() -> None:
    free, held = _peak([0.0, 0.0], -1.0), _peak([0.0, 0.0], -1.0)._replace(held=np.array([False, True]))
    assert search._sentence(None, free, ALL[3]) is None
    assert "edge" in search._sentence(None, held, ALL[3])
    face = charts.BetaGeometricChart.faces[3]
    assert "25 %" in search._sentence(face, free, BGNBD(1.0, 1.0, 1.0, 3.0))
    assert charts.ALIKE in search._sentence(charts.CountChart.faces[0], free, ALL[3])


class _Faces:
    faces = (charts.Face({0: 0.0, 1: 0.0}, "both"), charts.Face({1: 0.0}, "one"))


@pytest.mark.parametrize(
    ("top", "bend", "named"),
    [
        ([0.01, 0.01], 0.5, "both"),  # both at nought cost 5e-5
        ([0.5, 0.01], 0.5, "one"),
        ([0.5, 0.5], 0.5, None),
        ([0.01, 0.01], 2.0, None),  # the data tell it well: no limit is tried
    ],
)
def test_the_simplest_limit_that_the_data_allow_is_taken(
    top: list[float], bend: float, named: str | None
) -> None:
    climber = Climber(hill(np.array(top), bend * np.eye(2)), np.full(2, -9.0), np.full(2, 9.0))
    best = climb(climber.surface, np.zeros(2), climber.low, climber.high)
    found, face = search._simplest(climber, _Faces(), best)
    assert (face.sentence if face else None) == named
    assert (found is best) is (named is None)


@every_model
def test_a_fit_keeps_the_rows_it_was_made_of_and_how_sure_it_is(
    model: object, rng: np.random.Generator
) -> None:
    customers = model.simulate(700, T=rng.integers(100, 700, 700), rng=rng)
    customers = customers.assign(recency=np.ceil(customers["recency"]))
    fit = fit_by_name(model.name, customers)
    rows, counts = collapse(customers)
    np.testing.assert_array_equal(np.stack(fit.rows), np.stack(rows))
    np.testing.assert_array_equal(fit.counts, counts)
    assert fit.n_customers == 700
    assert fit.name == model.name
    assert list(fit.covariance) == list(fit.covariance.index) == list(model.parameters)
    logs = np.log(list(fit.model.parameters.values()))
    assert fit.standard_errors.name == "standard_error"
    np.testing.assert_allclose(fit.standard_errors, np.exp(logs) * np.sqrt(np.diag(fit.covariance)))
    if fit.limit is None:  # the observed information, from second differences of the likelihood
        step = 1e-3 * np.eye(len(logs))

        def height(at: np.ndarray) -> float:
            return type(model)(*map(float, np.exp(at))).log_likelihood(customers)

        hessian = (
            np.array(
                [
                    [
                        height(logs + a + b)
                        - height(logs + a - b)
                        - height(logs - a + b)
                        + height(logs - a - b)
                        for b in step
                    ]
                    for a in step
                ]
            )
            / 4e-6
        )
        np.testing.assert_allclose(fit.covariance, np.linalg.inv(-hessian), rtol=0.02, atol=1e-4)


# Widths -----------------------------------------------------------------------------------------------------


def test_the_widths_of_a_normal_are_its_standard_errors() -> None:
    climber = Climber(hill(np.array([1.0, -2.0]), BEND), np.full(2, -50.0), np.full(2, 50.0))
    best = climb(climber.surface, np.zeros(2), climber.low, climber.high)
    spread, covariance = spread_around(climber, best)
    np.testing.assert_allclose(covariance, np.linalg.inv(BEND), rtol=1e-9)
    np.testing.assert_allclose(spread.axes @ spread.axes.T, np.eye(2), atol=1e-12)
    width = 1 / np.sqrt(np.linalg.eigvalsh(BEND))
    np.testing.assert_allclose(spread.up, width, rtol=0.03)
    np.testing.assert_allclose(spread.down, width, rtol=0.03)
    np.testing.assert_allclose(spread.point, [1.0, -2.0], atol=1e-8)
    assert (spread.low.tolist(), spread.high.tolist()) == ([-50, -50], [50, 50])


@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_each_side_is_as_wide_as_the_likelihood_falls_by_one_half(scale: float) -> None:
    """Of e^(x / s) - x / s - 1, steep upwards and flat downwards."""

    def skewed(point: np.ndarray) -> tuple:
        up = np.exp(point[0] / scale)
        return (
            -(up - point[0] / scale - 1) * 2,
            np.array([-(up - 1) / scale * 2]),
            np.array([[-up / scale**2 * 2]]),
        )

    climber = Climber(skewed, np.array([-40.0]), np.array([40.0]))
    best = climb(skewed, np.array([0.1]), climber.low, climber.high)
    spread, _ = spread_around(climber, best)
    sign = np.sign(spread.axes[0, 0])
    up, down = (spread.up[0], spread.down[0]) if sign > 0 else (spread.down[0], spread.up[0])
    for move in (up, -down):
        assert -skewed(np.array([move]))[0] == pytest.approx(0.5, abs=0.021)
    assert up < down


@pytest.mark.parametrize("flat", [0.0, 2.0, 15.0])
def test_the_width_of_a_plateau_is_found_behind_its_edge(flat: float) -> None:
    """Without curvature at the top the first guess is far off, to either side."""

    def plateau(point: np.ndarray) -> tuple:
        beyond = max(abs(point[0]) - flat, 0.0)
        return -0.5 * beyond**2, np.zeros(1), np.zeros((1, 1))

    climber = Climber(plateau, np.array([-40.0]), np.array([40.0]))
    spread, _ = spread_around(climber, climb(plateau, np.zeros(1), climber.low, climber.high))
    assert [*spread.up, *spread.down] == pytest.approx([flat + 1, flat + 1], abs=0.03)


def test_a_width_ends_at_the_box_and_a_held_coordinate_has_none() -> None:
    flat = hill(np.zeros(2), np.diag([1e-4, 4.0]))
    climber = Climber(flat, np.array([-3.0, -9.0]), np.array([5.0, 9.0]))
    best = climb(flat, np.zeros(2), climber.low, climber.high)
    spread, covariance = spread_around(climber, best)
    i = int(np.abs(spread.axes[:, 0]).argmax())
    ends = sorted([spread.up[i], spread.down[i]])
    assert ends == pytest.approx([3.0, 5.0])
    assert covariance[0, 0] == pytest.approx(100.0)  # the least curvature is 0.01
    held = best._replace(held=np.array([True, False]))
    spread, covariance = spread_around(climber, held)
    assert spread.axes.tolist() in ([[0.0, 1.0]], [[0.0, -1.0]])
    assert covariance[0].tolist() == [0, 0]
    assert covariance[1, 1] == pytest.approx(0.25)
    assert (spread.low[0], spread.high[0]) == (best.point[0], best.point[0])
    sharp = Climber(hill(np.zeros(1), np.array([[1e4]])), np.array([-1e-3]), np.array([1e-3]))
    spread, _ = spread_around(sharp, climb(sharp.surface, np.zeros(1), sharp.low, sharp.high))
    assert spread.up.tolist() == pytest.approx([0.01])  # curvature alone is asked


def test_draws_fall_on_each_side_as_its_width_says(rng: np.random.Generator) -> None:
    spread = Spread(
        np.array([1.0, 0.0]),
        np.eye(2),
        np.array([1.0, 0.0]),
        np.array([3.0, 0.0]),
        np.full(2, -8.0),
        np.full(2, 3.5),
    )
    drawn = spread.draw(40_000, rng)
    assert drawn.shape == (40_000, 2)
    assert (drawn[:, 1] == 0).all()
    above = drawn[:, 0] > 1
    assert above.mean() == pytest.approx(0.25, abs=0.01)
    assert np.median(drawn[above, 0]) == pytest.approx(1 + stats.norm.ppf(0.75), abs=0.03)
    assert np.median(drawn[~above, 0]) == pytest.approx(1 - 3 * stats.norm.ppf(0.75), abs=0.06)
    assert (drawn.min(), drawn.max()) == (-8.0, 3.5)


# Integrals --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("alpha", "beta"), [(12.0, 40.0), (40.0, 12.0), (5.0, 5.0)])
@pytest.mark.parametrize("power", [1.5, 60.0])
def test_nodes_sum_the_integral_of_leaving(alpha: float, beta: float, power: float) -> None:
    start, stop = np.array([20.0, 0.0]), np.array([90.0, 700.0])
    a, b, A, B = (np.full(2, v) for v in (alpha, beta, power, 1.7))
    tau, logs = nodes(start, stop, a, A, b, B)
    assert tau.shape == logs.shape == (2, 32)
    found = (np.exp(logs) * (alpha + tau) ** -power * (beta + tau) ** -1.7).sum(axis=1)
    for i in range(2):
        exact = quad(
            lambda t: (alpha + t) ** -power * (beta + t) ** -1.7, start[i], stop[i], epsabs=0, limit=200
        )[0]
        assert found[i] == pytest.approx(exact, rel=1e-9)
    assert nodes(start, stop, a, A, b, B, n=8)[0].shape == (2, 8)


def test_moments_lie_evenly_on_the_way_which_ends_where_nothing_counts() -> None:
    ones = np.ones(1)
    tau = moments(10 * ones, 70 * ones, 5 * ones, ones, 20 * ones, ones, np.linspace(0, 1, 5))[0]
    assert (tau[0], tau[-1]) == (10.0, pytest.approx(70.0))
    np.testing.assert_allclose(np.diff(np.log(5 + tau)), np.log(75 / 15) / 4)
    steep = moments(10 * ones, 1e9 * ones, 5 * ones, 100 * ones, 20 * ones, 50 * ones, np.array([0.0, 1.0]))[
        0
    ]
    fall = 15 * (100 / 15 + 50 / 30) - 1
    assert np.log((5 + steep[1]) / 15) == pytest.approx(45 / fall)


@pytest.mark.parametrize("a", [0.3, 0.9994, 1.0, 1.0004, 5.0, 300.0])
@pytest.mark.parametrize("b", [0.4, 6.0, 60.0])
@pytest.mark.parametrize("ratio", [0.01, 3.0, 400.0])
def test_the_sum_is_the_expectation_over_the_chance_of_leaving(a: float, b: float, ratio: float) -> None:
    """By Gauss-Jacobi nodes in p, a rule of another kind."""
    r = 0.8
    places, weights = roots_jacobi(200, b - 1, a - 1)
    p = (places + 1) / 2
    terms = -np.expm1(-r * np.log1p(p * ratio)) / p
    expected = weights @ terms / weights.sum()
    assert _summed(r, ratio, a, b) == pytest.approx(expected, rel=1e-6)
    (found,) = purchases_while_alive(np.array([r]), np.array([2.0]), a, np.array([b]), np.array([2 * ratio]))
    assert found == pytest.approx(expected, rel=1e-6)


# Draws ------------------------------------------------------------------------------------------------------


@every_model
def test_individuals_have_the_posterior_of_their_history(model: object, rng: np.random.Generator) -> None:
    """Means of rate and drop-out of the living and of the gone, by quadrature over the moment of leaving."""
    copies = 20_000
    one = table([4], [150], [260])
    people = one.loc[one.index.repeat(copies)]
    drawn = model.individuals(people, rng=rng)
    going, out = model.going_on(read(people), rng=rng)
    living = drawn[drawn["alive"]]
    expected = {"rate": _living(model)[0], "dropout": _living(model)[1]}
    for name, other in (("rate", going), ("dropout", out)):
        room = 4.5 * living[name].std() / np.sqrt(len(living)) + 1e-12
        assert living[name].mean() == pytest.approx(expected[name], abs=room)
        assert other.mean() == pytest.approx(expected[name], abs=room)
        assert other.std() == pytest.approx(living[name].std(), rel=0.06, abs=1e-12)
    if model.name == "nbd":
        assert drawn["alive"].all()
        return
    gone = drawn[~drawn["alive"]]
    assert len(gone) > 1000
    for name, value in zip(("rate", "dropout"), _gone(model), strict=True):
        room = 4.5 * gone[name].std() / np.sqrt(len(gone))
        assert gone[name].mean() == pytest.approx(value, abs=room)


class _Even:
    """Stands for a generator where it draws evenly from 0 to 1."""

    def random(self, n: int) -> np.ndarray:
        return (np.arange(n) + 0.5) / n


@pytest.mark.parametrize("model", [ALL[2], ParetoNBD(0.6, 9.0, 2.5, 4.0)], ids=["calm", "quick"])
@pytest.mark.parametrize(("x", "t_x", "T"), [(0.0, 0.0, 700.0), (4.0, 150.0, 260.0), (90.0, 600.0, 700.0)])
def test_moments_of_leaving_are_where_their_share_of_the_integral_ends(
    model: ParetoNBD, x: float, t_x: float, T: float
) -> None:
    n = 40
    found = model._left_at(History(*(np.full(n, value) for value in (x, t_x, T))), _Even())

    def weight(tau: float) -> float:
        over = ((model.alpha + t_x) / (model.alpha + tau)) ** (model.r + x)
        return over * ((model.beta + t_x) / (model.beta + tau)) ** (model.s + 1)

    edges = [t_x, *found, T]
    areas = [quad(weight, *edges[i : i + 2])[0] for i in range(n + 1)]
    shares = np.cumsum(areas)[:-1] / np.sum(areas)
    np.testing.assert_allclose(shares, _Even().random(n), atol=4e-3)


def _living(model: object) -> tuple[float, float]:
    rate = (model.r + 4) / (model.alpha + 260)
    if model.name == "nbd":
        return rate, 0.0
    if model.name == "paretonbd":
        return rate, model.s / (model.beta + 260)
    return rate, model.a / (model.a + model.b + 4 + model.first_chance)


def _gone(model: object) -> tuple[float, float]:
    if model.name != "paretonbd":
        m = 4 + model.first_chance
        return (model.r + 4) / (model.alpha + 150), (model.a + 1) / (model.a + model.b + m)

    def weight(tau: float) -> float:
        return (model.alpha + tau) ** -(model.r + 4) * (model.beta + tau) ** -(model.s + 1)

    total = quad(weight, 150, 260)[0]
    rate = quad(lambda t: weight(t) * (model.r + 4) / (model.alpha + t), 150, 260)[0] / total
    return rate, quad(lambda t: weight(t) * (model.s + 1) / (model.beta + t), 150, 260)[0] / total


@every_model
def test_purchases_of_individuals_stop_where_they_leave(model: object, rng: np.random.Generator) -> None:
    n = 20_000
    busy = pd.DataFrame({"rate": 0.1, "dropout": 0.02, "alive": True}, index=np.arange(n)[::-1])
    found = model.purchases_of(busy, days=60, rng=rng)
    assert found.name == "purchases"
    assert found.index.equals(busy.index)
    if model.name == "nbd":
        expected = 6.0
    elif model.name == "paretonbd":
        expected = 0.1 * (1 - np.exp(-0.02 * 60)) / 0.02
    else:
        expected = (1 - np.exp(-0.02 * 0.1 * 60)) / 0.02
    assert found.mean() == pytest.approx(expected, abs=4.5 * found.std() / np.sqrt(n))
    if model.name != "nbd":
        assert (model.purchases_of(busy.assign(alive=False), days=60, rng=rng) == 0).all()
        sure = model.purchases_of(busy.assign(dropout=1.0), days=600, rng=rng)
        assert sure.max() == 1 if model.name != "paretonbd" else sure.mean() < 0.2


def test_who_never_leaves_buys_on_without_a_warning(rng: np.random.Generator) -> None:
    """Rates of leaving drawn from Gamma(0.001, .) are 0 in a double: a stay without end."""
    model = ParetoNBD(2.0, 10.0, 0.001, 5.0)
    people = model.simulate(20_000, T=100.0, rng=rng)
    assert people["frequency"].mean() == pytest.approx(20.0, rel=0.03)
    for_ever = pd.DataFrame({"rate": 0.2, "dropout": [0.0, 1e-320] * 5000, "alive": True})
    assert model.purchases_of(for_ever, days=100, rng=rng).mean() == pytest.approx(20.0, rel=0.01)


@every_model
def test_simulated_customers_have_their_last_purchase_where_the_model_says(
    model: object, rng: np.random.Generator
) -> None:
    """The moment of the x-th purchase has the density t^(x - 1) times the likelihood of the history."""
    ages = np.full(30_000, 200.0)
    ages[:10] = 5.0
    people = model.simulate(30_000, T=ages, rng=rng)
    assert list(people) == ["frequency", "recency", "T"]
    assert people["T"].tolist() == ages.tolist()
    assert ages[0] == 5.0
    assert ((people["recency"] > 0) == (people["frequency"] > 0)).all()
    assert (people["recency"] <= people["T"]).all()
    rest = people.iloc[10:]
    again = rest[rest["frequency"] > 0]
    for x in (1, 2):
        mine = again[again["frequency"] == x]
        share = mine["recency"] / 200
        cut = np.linspace(0.1, 0.9, 9)
        density = _recency_density(model, x)
        expected = np.cumsum(density) / density.sum()
        for c in cut:
            at = expected[int(c * len(density)) - 1]
            room = 4.5 * np.sqrt(at * (1 - at) / len(mine)) + 0.004
            assert (share <= c).mean() == pytest.approx(at, abs=room)


def _recency_density(model: object, x: int, n: int = 400) -> np.ndarray:
    """Of the moment of the x-th purchase, x in all within 200 days: t^(x-1) times the likelihood."""
    at = (np.arange(n) + 0.5) / n * 200
    rows = History(np.full(n, float(x)), at, np.full(n, 200.0))
    return at ** (x - 1) * np.exp(model.row_log_likelihood(rows))


# Answers ----------------------------------------------------------------------------------------------------


@every_model
def test_answers_keep_the_customers_and_have_a_name(model: object) -> None:
    for found, name in (
        (model.p_alive(PEOPLE), "p_alive"),
        (model.expected_purchases(PEOPLE, days=90), "purchases"),
        (model.p_buy(PEOPLE, days=90), "p_buy"),
        (model.p_exactly(PEOPLE, n=3, days=90), "p_3"),
        (model.p_exactly(PEOPLE, n=0, days=90), "p_0"),
    ):
        assert found.name == name
        assert found.index.tolist() == list("dbca")
        assert found["c"] == found["a"]
    path = model.expected_path(PEOPLE, days=90)
    assert path.index.tolist() == list("dbca")
    assert list(path) == [90.0]
    people = model.individuals(PEOPLE, rng=np.random.default_rng(1))
    assert people.index.tolist() == list("dbca")
    assert list(people) == ["rate", "dropout", "alive"]
    assert people["alive"].dtype == bool
    who, survivors = model.survivors(PEOPLE, rng=np.random.default_rng(1))
    assert list(survivors) == ["rate", "dropout", "alive"]
    assert survivors["alive"].all()
    assert survivors.index.equals(PEOPLE.index[who])
    assert isinstance(model.p_new_exactly(n=2, days=30), float)
    assert model.p_new_exactly(n=2, days=np.array([30, 60])).shape == (2,)
    assert model.expected_new(days=np.array([30, 60])).shape == (2,)
    assert isinstance(model.log_likelihood(PEOPLE), float)
    assert model.log_likelihood(PEOPLE) == pytest.approx(model.row_log_likelihood(read(PEOPLE)).sum())


@every_model
def test_the_likelihood_is_that_of_the_model_told_step_by_step(model: object) -> None:
    """x purchases at known moments by one whose rate and drop-out are known, averaged over both."""
    rows = History(np.array([0.0, 2.0]), np.array([0.0, 25.0]), np.array([40.0, 70.0]))
    found = np.exp(model.row_log_likelihood(rows))
    for i in range(2):
        assert found[i] == pytest.approx(_by_hand(model, *(column[i] for column in rows)), rel=1e-6)


def _by_hand(model: object, x: float, t_x: float, T: float) -> float:
    def of_rate(weight: Callable[[float], float]) -> float:
        top = stats.gamma.ppf(1 - 1e-13, model.r + x, scale=1 / model.alpha)
        inner = [0, 1e-6, 1e-4, 1e-2, top]
        return sum(
            quad(
                lambda n: stats.gamma.pdf(n, model.r, scale=1 / model.alpha) * n**x * weight(n),
                *inner[i : i + 2],
            )[0]
            for i in range(4)
        )

    if model.name == "nbd":
        return of_rate(lambda n: np.exp(-n * T))
    if model.name == "paretonbd":
        stays = (model.beta / (model.beta + T)) ** model.s
        left = quad(
            lambda tau: (
                model.s
                * model.beta**model.s
                * (model.beta + tau) ** -(model.s + 1)
                * of_rate(lambda n: np.exp(-n * tau))
            ),
            t_x,
            T,
            epsrel=1e-8,
        )[0]
        return stays * of_rate(lambda n: np.exp(-n * T)) + left
    m = x + model.first_chance
    p = stats.beta(model.a, model.b)
    stays = p.expect(lambda p: (1 - p) ** m)
    left = p.expect(lambda p: p * (1 - p) ** (m - 1)) if m > 0 else 0.0
    return stays * of_rate(lambda n: np.exp(-n * T)) + left * of_rate(lambda n: np.exp(-n * t_x))


# Handing over -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bgnbd", "mbgnbd", "paretonbd"])
def test_lifetimes_gets_errors_data_and_likelihood(name: str, rng: np.random.Generator) -> None:
    customers = ALL[0].simulate(400, T=rng.integers(1, 700, 400), rng=rng)
    customers = customers.assign(recency=np.ceil(customers["recency"])).set_axis(
        [f"k{n}" for n in range(400)]
    )
    fit = fit_by_name(name, customers)
    fitter = fit.to_lifetimes(customers)
    own = np.array(list(fit.model.parameters.values()))
    np.testing.assert_allclose(fitter.variance_matrix_, fit.covariance * np.outer(own, own))
    np.testing.assert_allclose(fitter.standard_errors_, np.sqrt(np.diag(fitter.variance_matrix_)))
    assert fitter.penalizer_coef == 0
    assert list(fitter.data) == ["frequency", "recency", "T", "weights"]
    assert (fitter.data["weights"] == 1).all()
    assert fitter.data["frequency"].dtype.kind == "i"
    assert fitter._scale == 1 / customers["T"].max()
    if name == "paretonbd":
        assert fitter._hessian_ is None
    else:
        np.testing.assert_allclose(np.linalg.pinv(fitter._hessian_) / 400, fit.covariance, rtol=1e-6)
    scaled = customers.assign(recency=customers["recency"] * fitter._scale, T=customers["T"] * fitter._scale)
    units = {"alpha": fitter._scale, "beta": fitter._scale}
    there = type(fit.model)(**{k: v * units.get(k, 1) for k, v in fit.model.parameters.items()})
    mean = -there.log_likelihood(scaled) / (1 if name == "paretonbd" else 400)
    assert fitter._negative_log_likelihood_ == pytest.approx(mean, rel=1e-9)
    counted = fit.to_lifetimes(customers.iloc[:2].assign(customers=[2, 1]))
    assert counted.data["T"].tolist() == customers["T"].iloc[[0, 0, 1]].tolist()
    assert len(fit.to_lifetimes().data) == 400
    assert len(fitter.generate_new_data()) == 1


@pytest.mark.parametrize(("ages", "scale"), [([0.5, 0.25, 0.5], 2.0), ([0.0, 0.0, 0.0], 1.0)])
def test_lifetimes_scale_is_one_over_the_oldest_age(ages: list[float], scale: float) -> None:
    fit = fit_by_name("bgnbd", table([0, 1, 2, 1], [0, 30, 60, 5], [90, 90, 90, 60]))
    assert fit.to_lifetimes(table([0, 0, 0], [0, 0, 0], ages))._scale == scale


def test_a_saved_limit_and_warning_come_back() -> None:
    fit = fit_by_name("nbd", table([0, 1, 4, 2, 0, 0, 3], [0, 30, 200, 9, 0, 0, 50], [90] * 2 + [220] * 5))
    saved = json.loads(fit.to_json()) | {"limit": "a limit", "warnings": ["one", "two"]}
    again = fit_from_json(json.dumps(saved))
    assert (again.limit, again.warnings) == ("a limit", ("one", "two"))
    assert again.n_customers == 7
    assert (again.rows, again.counts) == (None, None)
    assert vars(again.spread)["axes"].tolist() == fit.spread.axes.tolist()
    assert "\n" in fit.to_json()
    with pytest.raises(ValueError, match="not JSON compliant"):  # no reader but Python's knows NaN
        type(fit)(**{**vars(fit), "log_likelihood": np.nan}).to_json()
    chinese = json.dumps(saved | {"limit": "数据"})
    assert "数据" in fit_from_json(chinese).to_json()
    assert len(fit.draws(3, rng=np.random.default_rng(1))) == 3
