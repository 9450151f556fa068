"""Planted unfairness is flagged, fairness is not, and no small group or id can be read off the tables."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from clv import fairness
from clv.errors import InputError


def chosen(basket, given, *, offer="gift", reached=True, segment="silent") -> pd.DataFrame:
    n = len(basket)
    frame = pd.DataFrame(
        {"expected_basket": np.asarray(basket, dtype=float), "given": np.asarray(given, dtype=float)},
        index=pd.Index([f"c_{i:06x}" for i in range(n)], name="customer_id"),
    )
    columns = {"offer": offer, "reached": reached, "segment": segment}
    return frame.assign(**{name: np.broadcast_to(value, n) for name, value in columns.items()})


def planted(rng, slope: float, n: int = 2000) -> pd.DataFrame:
    basket = rng.lognormal(6, 0.6, n)
    place = (basket.argsort().argsort() + 0.5) / n
    generous = rng.random(n) < 0.5 + slope * (place - 0.5)
    return chosen(basket, np.where(generous, 0.1, 0.05), offer=np.where(generous, "much", "little"))


def test_fifths_are_equal_and_what_is_given_is_a_mean_of_the_contacted():
    basket = np.arange(1, 101) * 10.0
    reached = np.arange(100) % 2 == 0
    found = fairness.table(chosen(basket, basket / 10_000, reached=reached), currency="CNY")
    assert list(found["band"]) == [
        "under 208 CNY",
        "208 to 406 CNY",
        "406 to 604 CNY",
        "604 to 802 CNY",
        "802 CNY or more",
    ]
    assert list(found["customers"]) == [20] * 5 and list(found["contacted"]) == [0.5] * 5
    assert found["discount"].tolist() == pytest.approx([0.01, 0.03, 0.05, 0.07, 0.09])
    assert found["basket"].tolist() == pytest.approx([105, 305, 505, 705, 905])


def test_equal_orders_stay_together_in_any_order_of_rows(rng):
    people = chosen(rng.choice([100, 200, 900], 300), 0.1)
    found = fairness.table(people)
    assert found["customers"].tolist() == people["expected_basket"].value_counts().sort_index().tolist()
    pd.testing.assert_frame_equal(found, fairness.table(people.sample(frac=1, random_state=1)))


@pytest.mark.parametrize("n", [*range(0, 5), 9, 11, 23, 26])
def test_no_band_is_smaller_than_five(rng, n):
    found = fairness.table(chosen(rng.gamma(2, 100, n), np.full(n, 0.1)))
    assert (found["customers"] >= 5).all()
    assert found["customers"].sum() == (n if n >= 5 else 0)
    if 5 <= n < 10:
        assert list(found["band"]) == ["all"]


def test_what_four_get_is_not_told():
    reached = np.r_[np.arange(20) < 4, np.arange(20) < 5, np.zeros(60, dtype=bool)]
    found = fairness.table(chosen(np.arange(1, 101), 0.1 * np.ones(100), reached=reached))
    assert found["discount"].notna().tolist() == [False, True, False, False, False]


def test_no_id_and_no_single_order_can_be_read_off(rng):
    people = chosen(rng.gamma(2, 100, 500), 0.1)
    text = fairness.table(people).to_string()
    assert "c_" not in text
    edges = fairness._edges(people["expected_basket"].to_numpy())
    assert not set(edges) & set(people["expected_basket"])


@pytest.mark.parametrize(("slope", "word"), [(0.6, "grows"), (-0.6, "shrinks")])
def test_a_planted_dependence_is_flagged_with_the_rules(rng, slope, word):
    found = fairness.follows(planted(rng, slope))
    assert found.flagged and found.low < found.correlation < found.high
    assert f"discount {word} among 2,000 contacted" in found.sentence
    assert "article 24" in found.sentence and "2026-04-10" in found.sentence
    assert "not as legal advice" in found.sentence


def test_without_a_dependence_nothing_is_flagged(rng):
    found = fairness.follows(planted(rng, 0.0))
    assert not found.flagged and found.sentence.startswith("No sign among 2,000 contacted")


def test_a_trace_in_a_crowd_is_not_flagged(rng):
    found = fairness.follows(planted(rng, 0.1, n=50_000))
    assert found.low > 0 and not found.flagged


@pytest.mark.slow
def test_the_interval_covers_nine_times_in_ten(rng):
    truth = fairness.follows(planted(rng, 0.6, n=200_000)).correlation
    found = [fairness.follows(planted(rng, 0.6, n=200)) for _ in range(400)]
    assert np.mean([one.low <= truth <= one.high for one in found]) == pytest.approx(0.9, abs=0.05)


def test_only_the_contacted_count(rng):
    people = planted(rng, 0.6)
    others = planted(rng, -1.0).assign(reached=False).set_axis([f"x{i}" for i in range(2000)])
    others.loc[others.index[:50], ["offer", "given"]] = None
    both = fairness.follows(pd.concat([people, others]))
    assert both == fairness.follows(people)
    assert both.correlation == pytest.approx(spearmanr(people["expected_basket"], people["given"]).statistic)


def test_one_fixed_sum_for_all_singles_nobody_out(rng):
    basket = rng.gamma(2, 100, 100)
    found = fairness.follows(chosen(basket, 10 / basket))
    assert found.correlation == pytest.approx(-1) and not found.flagged
    assert "the same offer" in found.sentence


def test_what_does_not_differ_does_not_follow(rng):
    two = np.where(np.arange(50) < 25, "a", "b")
    assert fairness.follows(chosen(rng.gamma(2, 100, 50), np.full(50, 0.1), offer=two)).correlation == 0
    assert fairness.follows(chosen(np.full(50, 9.0), rng.random(50), offer=two)).correlation == 0


@pytest.mark.parametrize("n", [0, 19])
def test_too_few_are_told_as_too_few(rng, n):
    found = fairness.follows(chosen(rng.gamma(2, 100, n), np.full(n, 0.1)))
    assert np.isnan(found.correlation) and not found.flagged and "too few" in found.sentence


def test_segments_with_different_offers_are_counted():
    people = chosen(
        np.full(60, 100.0),
        0.1,
        segment=np.repeat(["a", "b", "c"], 20),
        offer=np.r_[np.repeat("gift", 39), ["coupon"], np.repeat(["gift", "coupon"], 10)],
        reached=np.arange(60) != 39,
    )
    found = fairness.same_condition(people)
    assert (found.conditions, found.different) == (3, 1) and found.share == pytest.approx(1 / 3)
    assert "In 1 of 3 segments" in found.sentence and "2026-04-10" in found.sentence
    same = fairness.same_condition(people[people["segment"] != "c"])
    assert same.share == 0 and "the same offer" in same.sentence and "article" not in same.sentence
    nobody = fairness.same_condition(people.assign(reached=False))
    assert (nobody.share, nobody.conditions) == (0, 0)


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (lambda c: c.drop(columns="segment"), "chosen table lacks the column 'segment'"),
        (lambda c: c.assign(expected_basket=0.0), r"expected_basket breaks the rule .* in 30 row"),
        (lambda c: c.assign(expected_basket=np.inf), "should be finite"),
        (lambda c: c.assign(given=-0.1), "chosen.given"),
        (lambda c: c.assign(given=np.nan), "who is reached has an offer"),
        (lambda c: c.assign(reached="yes"), "chosen.reached"),
    ],
)
@pytest.mark.parametrize("ask", [fairness.table, fairness.follows, fairness.same_condition])
def test_other_tables_get_a_sentence(ask, spoilt, said):
    with pytest.raises(InputError, match=said):
        ask(spoilt(chosen(np.full(30, 9.0), 0.1)))
