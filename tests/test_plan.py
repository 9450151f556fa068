"""Who gets what: as good as trying everything, within all limits, at prices that mean what they say."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from clv.errors import InputError, NoAnswerError, SettingError
from clv.plan import NOTHING, Limits, Options, choose, curve, everybody, greedy, same_offer
from clv.planning import core, prices
from clv.planning.integers import Core, best_within, keeps
from clv.planning.problem import prepare, profit

CALLS = [False, True, False, True, False, True]


def shop(n: int, *, seed: int = 1, options: int = 6) -> Options:
    """Three offers by SMS and phone: who seldom buys, baskets of some 800, a margin of 35 %."""
    rng = np.random.default_rng(seed)
    p0, basket = rng.beta(0.6, 20, n)[:, None], rng.gamma(2, 400, n)[:, None]
    share, contact = np.repeat([0.05, 0.0, 0.12], 2), np.tile([0.06, 5.0], 3)
    uplift = np.repeat([0.12, 0.04, 0.3], 2) + np.tile([0, 0.35], 3) + rng.normal(0, 0.15, (n, 6))
    p1 = expit(logit(p0) + uplift)
    cost = contact + p1 * share * basket
    value = (p1 - p0) * basket * 0.35 - cost
    pick = slice(0, options)
    allowed = rng.random((n, 6)) < 0.9
    segment = rng.choice(["gold", "silver", "new", "lost"], n, p=[0.1, 0.2, 0.3, 0.4])
    names = tuple(f"option {k}" for k in range(options))
    return Options(value[:, pick], cost[:, pick], allowed[:, pick], np.array(CALLS[pick]), names, segment)


def usual(n: int) -> Limits:
    least, most = {"gold": n // 100, "lost": n // 50}, {"gold": n // 30, "lost": n // 20, "new": n // 10}
    return Limits(budget=n * 0.05, calls=n // 150, least=least, most=most)


def tiny(seed: int, *, n: int = 5) -> Options:
    rng = np.random.default_rng(seed)
    value, cost = rng.integers(-3, 12, (n, 3)), rng.integers(0, 6, (n, 3))
    allowed = rng.random((n, 3)) < 0.8
    return Options(
        value, cost, allowed, np.array([False, True, True]), ("a", "b", "c"), np.array([*"xyxyx"])[:n]
    )


def within(options: Options, limits: Limits, option: np.ndarray) -> bool:
    who = np.flatnonzero(option != NOTHING)
    has = {name: (options.segment[who] == name).sum() for name in {**limits.least, **limits.most}}
    budget, calls = options.cost[who, option[who]].sum(), options.is_call[option[who]].sum()
    return bool(
        options.allowed[who, option[who]].all()
        and budget <= (np.inf if limits.budget is None else limits.budget * (1 + 1e-9))
        and calls <= (np.inf if limits.calls is None else limits.calls)
        and all(has[name] >= least for name, least in limits.least.items())
        and all(has[name] <= most for name, most in limits.most.items())
    )


def value_of(options: Options, option: np.ndarray) -> float:
    who = np.flatnonzero(option != NOTHING)
    return float(options.value[who, option[who]].sum())


def bound(options: Options, limits: Limits) -> float:
    return prices.find(prepare(options, limits)).bound


def tried(options: Options, limits: Limits, *, all_choices: list[np.ndarray]) -> float | None:
    found = [value_of(options, one) for one in all_choices if within(options, limits, one)]
    return max(found, default=None)


LIMITS = [
    Limits(),
    Limits(budget=5),
    Limits(budget=0, calls=0),
    Limits(calls=1),
    Limits(budget=7, calls=1),
    Limits(most={"x": 1}),
    Limits(budget=8, least={"y": 2}, most={"x": 1}),
    Limits(budget=6, calls=1, least={"x": 2, "y": 1}, most={"x": 2}),
    Limits(budget=2.5, calls=0, least={"x": 3}),
]


@pytest.mark.parametrize("limits", LIMITS)
def test_no_assignment_of_all_is_better(limits):
    everything = [np.array(one) for one in itertools.product(range(-1, 3), repeat=5)]
    for seed in range(8):
        options = tiny(seed)
        best = tried(options, limits, all_choices=everything)
        if best is None:
            with pytest.raises(NoAnswerError):
                choose(options, limits)
            continue
        choice = choose(options, limits)
        assert within(options, limits, choice.option)
        assert choice.profit == pytest.approx(best, abs=1e-9)
        assert value_of(options, choice.option) == pytest.approx(best, abs=1e-9)
        assert choice.bound >= best - 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_large_plans_keep_every_limit_and_come_close_to_the_bound(seed):
    options, limits = shop(20_000, seed=seed), usual(20_000)
    choice = choose(options, limits)
    who = choice.option != NOTHING
    assert within(options, limits, choice.option)
    assert choice.bound >= choice.profit
    assert choice.gap < 1e-3
    assert choice.gap == pytest.approx((choice.bound - choice.profit) / choice.bound)
    assert choice.profit == pytest.approx(value_of(options, choice.option))
    assert choice.spent == pytest.approx(options.cost[who, choice.option[who]].sum())
    assert choice.calls == options.is_call[choice.option[who]].sum()


def whole_and_apart(options: Options, limits: Limits, *, close: float) -> tuple[float, float]:
    problem = prepare(options, limits)
    first = np.unique(problem.kind, return_index=True)[1]
    kind, option = np.nonzero(np.isfinite(problem.value[:, first].T))
    all_open = Core(kind, option, first, np.full(len(options), NOTHING))
    found = prices.find(problem)
    whole = best_within(problem, all_open, aim=found.bound, close=close, nodes=2_000)
    apart = core.solve(problem, found)
    assert keeps(problem, apart)
    return profit(problem, whole), profit(problem, apart)


@pytest.mark.parametrize("limits", [usual(3000), Limits(budget=100, calls=5), Limits(budget=900)])
def test_the_few_settled_alone_are_as_good_as_the_whole_integer_programme(limits):
    whole, apart = whole_and_apart(shop(3000), limits, close=1e-6)
    assert apart == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize("seed", range(8))
def test_where_the_gap_is_wide_nothing_better_hides_in_it(seed):
    most = {"gold": 4, "silver": 5, "new": 6, "lost": 7}
    limits = Limits(budget=15 + 3 * seed, calls=seed % 4, least={"gold": 2}, most=most)
    whole, apart = whole_and_apart(shop(600, seed=seed), limits, close=1e-9)
    assert apart == pytest.approx(whole, rel=1e-6)


def test_limits_of_segments_alone_leave_no_gap():
    options = shop(3000)
    loses = replace(options, value=-np.abs(options.value) - 1)
    choice = choose(loses, Limits(least={"gold": 100, "lost": 300}))
    cheapest = -np.where(loses.allowed, loses.value, -np.inf).max(axis=1)
    least = sum(
        np.sort(cheapest[loses.segment == name])[:n].sum() for name, n in (("gold", 100), ("lost", 300))
    )
    assert choice.profit == pytest.approx(-least)
    assert choice.bound == pytest.approx(-least)


@pytest.mark.parametrize("used", [0, 1, 2, 3])
def test_where_a_limit_is_just_used_up_the_price_is_that_of_the_next(used):
    value = np.array([[9.0], [5.0], [2.0], [-1.0]])
    options = Options(value, np.ones((4, 1)), np.ones((4, 1)), [True], ("call",), [*"xxxx"])
    next_one = [9, 5, 2, 0][used]
    assert choose(options, Limits(budget=used)).budget_price == pytest.approx(next_one)
    assert choose(options, Limits(calls=used)).call_price == pytest.approx(next_one)
    assert choose(options, Limits(most={"x": used})).segment_prices["x"] == pytest.approx(next_one)
    assert choose(options, Limits(budget=used, calls=4)).call_price == 0


@pytest.mark.parametrize("limits", [usual(5000), Limits(budget=250, calls=3), Limits(calls=40)])
def test_the_order_of_the_customers_does_not_matter(limits):
    options = shop(5000)
    shuffled = np.random.default_rng(3).permutation(5000)
    rows = {name: getattr(options, name)[shuffled] for name in ("value", "cost", "allowed", "segment")}
    one, other = choose(options, limits), choose(replace(options, **rows), limits)
    assert one.profit == pytest.approx(other.profit, rel=1e-12)
    assert np.array_equal(one.option[shuffled], other.option)
    assert np.array_equal(one.option, choose(options, limits).option)


def test_customers_alike_are_told_apart_by_nothing_but_the_limits():
    n = 50_000
    options = Options(
        np.full((n, 2), [3.0, 4]), np.full((n, 2), [1.0, 2]), np.ones((n, 2)), [0, 1], ("a", "b")
    )
    choice = choose(options, Limits(budget=1000.5, calls=100))
    assert (choice.option == 0).sum() == 1000
    assert choice.profit == pytest.approx(3000)
    assert choice.budget_price == pytest.approx(3)


def test_value_in_proportion_to_cost_uses_the_whole_budget():
    cost = np.random.default_rng(2).uniform(1, 20, (20_000, 3))
    options = Options(2 * cost, cost, cost > 0, [False, True, False], ("a", "b", "c"))
    choice = choose(options, Limits(budget=9_000, calls=400))
    assert choice.profit == pytest.approx(18_000, rel=1e-4)
    assert choice.budget_price == pytest.approx(2)


@pytest.mark.parametrize("limits", [Limits(budget=1000, calls=150), usual(20_000)])
def test_prices_say_what_a_little_more_would_earn(limits):
    options = shop(20_000)
    choice = choose(options, limits)
    near = [bound(options, replace(limits, budget=limits.budget * k)) for k in (0.995, 1.005)]
    assert choice.budget_price == pytest.approx((near[1] - near[0]) / (0.01 * limits.budget), rel=0.01)
    assert near[0] + near[1] <= 2 * choice.bound * (1 + 1e-9)


def test_the_price_of_a_call_and_of_a_place_in_a_segment():
    options, limits = shop(20_000), Limits(calls=20, most={"lost": 900}, least={"gold": 1500})
    choice = choose(options, limits)
    more = bound(options, replace(limits, calls=22)) - bound(options, replace(limits, calls=18))
    assert choice.call_price > 0
    assert choice.call_price == pytest.approx(more / 4, rel=0.05)
    lost = bound(options, replace(limits, most={"lost": 901})) - choice.bound
    gold = bound(options, replace(limits, least={"gold": 1501})) - choice.bound
    assert choice.segment_prices["lost"] == pytest.approx(lost, rel=1e-3)
    assert choice.segment_prices["gold"] == pytest.approx(gold, rel=1e-3)
    assert choice.segment_prices["lost"] > 0 > choice.segment_prices["gold"]


def test_what_is_not_used_up_has_no_price():
    options = shop(2000)
    free = choose(options, Limits())
    choice = choose(options, Limits(budget=free.spent, calls=free.calls, most={"gold": 2000}))
    assert (choice.budget_price, choice.call_price, choice.gap) == (0, 0, 0)
    assert choice.segment_prices == {"gold": 0}
    assert choice.profit == pytest.approx(free.profit)
    assert free.profit == pytest.approx(np.where(options.allowed, options.value, 0).max(axis=1).clip(0).sum())


def test_more_budget_or_calls_never_earn_less():
    options = shop(4000)
    by_calls = [choose(options, Limits(budget=250, calls=calls)).profit for calls in (0, 3, 10, 40, 4000)]
    by_budget = [
        choose(options, Limits(budget=budget, calls=20)).profit for budget in (0, 30, 100, 500, 4000)
    ]
    for profits in (by_calls, by_budget):
        assert (np.diff(profits) >= -1e-4 * max(profits)).all()
        assert profits[-1] > profits[0]


def test_the_curve_is_that_of_the_single_plans_and_bends_down():
    options, limits = shop(20_000), replace(usual(20_000), budget=None)
    budgets = [4000, 300, 600, 1000, 1500, 2000, 3000]
    table = curve(options, limits, budgets=budgets)
    assert list(table) == ["budget", "profit", "contacted", "price"]
    assert table["budget"].tolist() == sorted(budgets)
    earned = table["profit"].diff()[1:] / table["budget"].diff()[1:]
    assert (table["profit"].diff()[1:] >= 0).all()
    assert (earned.diff()[1:] <= 1e-3).all()
    assert (table["price"][:-1].to_numpy() >= earned.to_numpy() - 1e-3).all()
    assert (table["price"][1:].to_numpy() <= earned.to_numpy() + 1e-3).all()
    for row in (0, 3):
        alone = choose(options, replace(limits, budget=table["budget"][row]))
        assert table["profit"][row] == pytest.approx(alone.profit, rel=1e-4)
        assert table["price"][row] == pytest.approx(alone.budget_price, rel=1e-3)
    assert curve(options, limits, budgets=[]).empty


@pytest.mark.parametrize(
    "limits", [Limits(budget=200, calls=10), Limits(budget=80, most={"lost": 50}), Limits(calls=5)]
)
def test_no_rule_of_thumb_does_better(limits):
    options = shop(4000)
    days = np.random.default_rng(1).integers(0, 400, 4000)
    plans = [greedy(options, limits), *(everybody(options, limits, option=k) for k in range(6))]
    plans.append(everybody(options, limits, option=2, order=days))
    choice = choose(options, limits)
    for plan in plans:
        assert within(options, limits, plan.option)
        assert plan.profit <= choice.profit + 1e-9
        assert plan.profit == pytest.approx(value_of(options, plan.option))
    assert plans[0].profit > 0


def test_greedy_takes_the_highest_value_per_cost_and_goes_on_without_calls():
    value, cost = [[6, 0], [8, 9], [5, 4], [-1, -1]], [[2, 1], [4, 3], [5, 4], [0, 0]]
    options = Options(value, cost, np.ones((4, 2)), [False, True], ("sms", "call"), [*"xyxy"])
    assert greedy(options, Limits()).option.tolist() == [0, 1, 0, NOTHING]
    assert greedy(options, Limits(calls=0)).option.tolist() == [0, 0, 0, NOTHING]
    assert greedy(options, Limits(budget=5)).option.tolist() == [0, 1, NOTHING, NOTHING]
    assert greedy(options, Limits(most={"x": 0})).option.tolist() == [NOTHING, 1, NOTHING, NOTHING]
    assert greedy(options, Limits(least={"y": 2})).option.tolist() == [0, 1, 0, 0]


def test_everybody_is_served_in_the_order_asked_for_until_the_budget_ends():
    options = Options(np.ones((4, 1)), np.ones((4, 1)), [[1], [0], [1], [1]], [False], ("sms",))
    limits = Limits(budget=2)
    assert everybody(options, limits, option=0).option.tolist() == [0, NOTHING, 0, NOTHING]
    by_days = everybody(options, limits, option=0, order=[30, 1, 20, 10])
    assert by_days.option.tolist() == [NOTHING, NOTHING, 0, 0]
    with pytest.raises(SettingError, match="no option 1; give a number from 0 to 0"):
        everybody(options, limits, option=1)
    with pytest.raises(InputError, match="one number for each of 4"):
        everybody(options, limits, option=0, order=[1, 2])


@pytest.mark.parametrize("limits", LIMITS)
def test_same_offer_is_the_best_of_all_that_treat_a_condition_alike(limits):
    conditions = np.array(["p", "q", "q", "r", "p"])
    for seed in range(8):
        options, alike = tiny(seed), []
        for given in itertools.product(range(-1, 3), repeat=3):
            option = pd.Series(conditions).map(dict(zip("pqr", given, strict=True))).to_numpy()
            reached = (option != NOTHING) & options.allowed[np.arange(5), option]
            alike.append(np.where(reached, option, NOTHING))
        best = tried(options, limits, all_choices=alike)
        if best is None:
            with pytest.raises(NoAnswerError):
                same_offer(options, limits, conditions=conditions)
            continue
        choice = same_offer(options, limits, conditions=conditions)
        assert within(options, limits, choice.option)
        assert choice.profit == pytest.approx(best, abs=1e-9)
        assert choice.bound >= best - 1e-9
        assert choice.profit <= choose(options, limits).profit + 1e-9


def test_same_offer_gives_one_option_to_a_condition():
    options, limits = shop(20_000), Limits(budget=500, calls=100, most={"lost": 3000})
    conditions = pd.Series(np.random.default_rng(1).integers(0, 30, 20_000))
    choice = same_offer(options, limits, conditions=conditions)
    got = pd.Series(choice.option)[choice.option != NOTHING].groupby(conditions)
    assert (got.nunique() == 1).all()
    for condition, option in got.first().items():
        mine = (conditions == condition).to_numpy()
        assert (choice.option[mine] == np.where(options.allowed[mine, option], option, NOTHING)).all()
    assert 0 < choice.profit <= choose(options, limits).profit
    assert within(options, limits, choice.option)
    assert choice.segment_prices["lost"] > 0
    assert (choice.budget_price, choice.call_price) == (0, 0)
    assert same_offer(options, Limits(budget=100), conditions=conditions).budget_price > 0


@pytest.mark.parametrize("limits", [Limits(), Limits(budget=0, calls=0), Limits(budget=5, most={"gold": 2})])
def test_nobody_to_reach_is_an_empty_plan(limits):
    nobody = np.zeros((0, 3))
    for options in (
        Options(nobody, nobody, nobody, [False] * 3, ("a", "b", "c"), []),
        Options(
            np.full((4, 1), np.nan), np.full((4, 1), np.nan), np.zeros((4, 1)), [True], ("a",), ["gold"] * 4
        ),
    ):
        none = np.full(len(options), NOTHING)
        plans = [
            choose(options, limits),
            same_offer(options, limits, conditions=none),
            greedy(options, limits),
        ]
        for plan in [*plans, everybody(options, limits, option=0)]:
            assert (plan.option == none).all()
            assert (plan.profit, plan.spent, plan.calls) == (0, 0, 0)
        assert (plans[0].bound, plans[0].gap) == (0, 0)
        assert curve(options, limits, budgets=[1, 2])["profit"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"budget": -1}, "the budget is -1;"),
        ({"budget": np.nan}, "the budget is nan;"),
        ({"budget": np.inf}, "the budget is inf;"),
        ({"calls": -1}, "the number of calls is -1;"),
        ({"calls": np.nan}, "the number of calls is nan;"),
        ({"calls": np.inf}, "the number of calls is inf;"),
        ({"calls": 2.5}, "the number of calls is 2.5;"),
        ({"calls": True}, "the number of calls is True;"),
        ({"least": {"gold": -3}}, "the least of segment 'gold' is -3;"),
        ({"most": {"gold": 0.5}}, "the most of segment 'gold' is 0.5;"),
        ({"least": {"gold": 3}, "most": {"gold": 2}}, "a least of 3 above its most of 2;"),
    ],
)
def test_wrong_limits_are_told(wrong, sentence):
    with pytest.raises(SettingError, match=sentence):
        Limits(**wrong)


def _with(table: np.ndarray, value: float) -> np.ndarray:
    table = table.copy()
    table[0, 0] = value
    return table


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda o: {"cost": o.cost[:, :2]}, r"cost has the shape \(5, 2\) where value asks for \(5, 3\)"),
        (lambda o: {"value": o.value[0]}, r"value has the shape \(3,\)"),
        (lambda o: {"is_call": [True]}, "is_call has the shape"),
        (lambda o: {"names": ("a",)}, "names has the shape"),
        (lambda o: {"value": _with(o.value, np.nan)}, "value is no finite number for 1 allowed"),
        (lambda o: {"cost": _with(o.cost, np.inf)}, "cost is no finite number for 1 allowed"),
        (lambda o: {"cost": _with(o.cost, -1)}, "cost is negative for 1 allowed"),
        (lambda o: {"segment": ["x"]}, "segment has 1 labels for 5 customers"),
        (lambda o: {"segment": ["x", None, "y", "x", "x"]}, "segment is missing for 1 customers"),
    ],
)
def test_wrong_options_are_told(wrong, sentence):
    options = replace(tiny(1), allowed=np.ones((5, 3)))
    with pytest.raises(InputError, match=sentence):
        replace(options, **wrong(options))


@pytest.mark.parametrize("plan", [choose, lambda o, limits: same_offer(o, limits, conditions=o.segment)])
@pytest.mark.parametrize(
    ("limits", "error", "sentence"),
    [
        (Limits(most={"glod": 3}), SettingError, "segment 'glod', which has a limit; did you mean 'gold'?"),
        (
            Limits(least={"gold": 999}),
            NoAnswerError,
            "a least of 999, and of its customers [0-9]+ may be reached;",
        ),
        (
            Limits(budget=1, least={"gold": 50}),
            NoAnswerError,
            r"cost at least 3\.[0-9]+ and the budget is 1\.00;",
        ),
    ],
)
def test_limits_that_no_plan_can_keep_are_told(plan, limits, error, sentence):
    with pytest.raises(error, match=sentence):
        plan(shop(1000), limits)


def test_least_numbers_that_calls_do_not_reach_are_told():
    options = shop(1000)
    by_phone = replace(options, allowed=options.allowed & options.is_call)
    with pytest.raises(NoAnswerError, match="the least numbers need 30 calls and there are 20; allow more"):
        choose(by_phone, Limits(calls=20, least={"gold": 30}))
    with pytest.raises(SettingError, match="the options carry no segments"):
        choose(replace(options, segment=None), Limits(most={"gold": 3}))
    with pytest.raises(InputError, match="conditions has 2 labels for 1000 customers"):
        same_offer(options, Limits(), conditions=["a", "b"])


def test_the_least_budget_that_meets_the_least_numbers_is_enough():
    options = shop(2000)
    limits = Limits(calls=5, least={"gold": 60, "lost": 200})
    with pytest.raises(NoAnswerError, match="cost at least"):
        choose(options, replace(limits, budget=0))
    cheapest = choose(replace(options, value=-options.cost), limits).spent
    choice = choose(options, replace(limits, budget=cheapest))
    assert within(options, replace(limits, budget=cheapest), choice.option)
    with pytest.raises(NoAnswerError, match="cost at least"):
        choose(options, replace(limits, budget=cheapest - 0.01))
