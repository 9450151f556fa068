"""Rules are judged as Hillstrom's test was, their curves obey laws, their intervals cover the truth."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from clv import targeting
from clv.errors import InputError, SettingError
from clv.targeting import BY_LOT

MAILS = {"mens": "Mens E-Mail", "womens": "Womens E-Mail"}
AT_HALF = {  # uplift at 50 % by (mail, outcome); means of ten splits into two halves, published figures
    ("mens", "visit"): {"most lapsed": 7.22, "most recent": 8.12, "highest spend": 8.39, BY_LOT: 7.66},
    ("womens", "visit"): {"most lapsed": 4.94, "most recent": 4.14, "highest spend": 4.44, BY_LOT: 4.52},
    ("mens", "spend"): {"most lapsed": 0.64, "most recent": 0.91, "highest spend": 1.02},
    ("womens", "spend"): {"most lapsed": 0.32, "most recent": 0.53, "highest spend": 0.36},
}


@pytest.fixture(scope="module")
def told(shared_data) -> pd.DataFrame:
    return pd.read_csv(shared_data / "hillstrom" / "hillstrom.csv.gz")


def test_of(told: pd.DataFrame, mail: str) -> tuple[pd.DataFrame, np.ndarray]:
    both = told[told["treatment"].isin([MAILS[mail], "No E-Mail"])]
    return both, (both["treatment"] == MAILS[mail]).to_numpy()


test_of.__test__ = False


def simple(both: pd.DataFrame) -> dict[str, pd.Series]:
    return {
        "most lapsed": both["recency"],
        "most recent": -both["recency"],
        "highest spend": both["history"],
    }


def drawn_by_lot(rng, n=2000, *, levels=None, share=0.5, base=0.2):
    """Return outcome, sent and the known uplift of each customer, of equally likely levels."""
    levels = np.linspace(0, 0.4, 21) if levels is None else levels
    uplift = rng.choice(levels, n)
    sent = rng.random(n) < share
    return (rng.random(n) < base + uplift * sent).astype(float), sent, uplift


def best_gain(levels: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Return what the first customers add, if those of the highest of equally likely levels come first."""
    corners = np.arange(len(levels) + 1) / len(levels)
    return np.interp(depth, corners, np.r_[0, np.cumsum(np.sort(levels)[::-1])] / len(levels))


def best_qini(levels: np.ndarray) -> float:
    depth = np.linspace(0, 1, len(levels) + 1)
    return np.trapezoid(best_gain(levels, depth), depth) - levels.mean() / 2


def paired(rng, pairs=200):
    """Return outcome, sent and score: along the score each two neighbours hold one of either arm, no ties."""
    sent = np.concatenate([rng.permutation([True, False]) for _ in range(pairs)])
    place = np.arange(2 * pairs)
    outcome = rng.normal(size=2 * pairs) + 10 + sent * place / pairs
    shuffled = rng.permutation(2 * pairs)
    return outcome[shuffled], sent[shuffled], place[shuffled].astype(float)


def gain_of(found: pd.DataFrame, rule: str) -> np.ndarray:
    return found.loc[found["rule"] == rule, "gain"].to_numpy()


# Published


@pytest.mark.parametrize(
    ("outcome", "effect", "half"), [("visit", 0.0766, 0.00005), ("spend", 0.7698, 0.00005)]
)
def test_every_curve_ends_at_the_published_effect(told, rng, outcome, effect, half):
    both, sent = test_of(told, "mens")
    found = targeting.curves(both[outcome], sent, simple(both), draws=20, rng=rng)
    ends = found[found["depth"] == 1].set_index("rule")
    assert list(ends.index) == ["most lapsed", "most recent", "highest spend", BY_LOT]
    assert ends["gain"].to_numpy() == pytest.approx(effect, abs=half)
    for end in ("low", "high"):
        assert ends[end].to_numpy() == pytest.approx(ends.at[BY_LOT, end], rel=1e-9)


@pytest.mark.parametrize(("mail", "outcome"), AT_HALF)
def test_simple_orders_gain_at_half_what_was_published(told, mail, outcome):
    """Nothing is learned, so all customers tell what ten pairs of halves did, but for two things.

    Ten splits leave an error of 0.01 pp and $0.003, and the published figures rest on one way to break ties
    (12 values of recency, a tenth of customers at the least history) where here ties are averaged. The orders
    lie 0.2 pp and $0.04 apart or more.
    """
    both, sent = test_of(told, mail)
    found = targeting.uplift_at(both[outcome], sent, simple(both), depths=[0.5]).set_index("rule")
    scale, close = (100, 0.03) if outcome == "visit" else (1, 0.01)
    for rule, published in AT_HALF[mail, outcome].items():
        assert scale * found.at[rule, "uplift"] == pytest.approx(published, abs=close), rule


def test_a_line_bought_before_is_learned_on_one_half_and_beats_lot_on_the_other(told, rng):
    """Published: 7.35 pp at half by the rule 'bought this line before', 7.39 by a model of uplift."""
    both, sent = test_of(told, "womens")
    lines = both["womens"].map({1: "women's line", 0: "not"})
    score = targeting.learned(both["visit"], sent, lines, rng=rng)
    rules = simple(both) | {"learned": score}
    at = targeting.uplift_at(both["visit"], sent, rules, depths=[0.5]).set_index("rule")
    assert 100 * at.at["learned", "uplift"] == pytest.approx(7.37, abs=0.1)
    found = targeting.table(both["visit"], sent, rules, against="most lapsed", draws=200, rng=rng)
    assert found.index[0] == "learned" and found.at["learned", "low"] > 0.003
    assert found.at["learned", "difference_low"] > 0.002
    others = found.drop(index=["learned", BY_LOT])
    assert (others["low"] < 0).all() and (others["high"] > 0).all()


def test_uplifts_of_those_who_bought_the_line_and_of_the_others_are_the_published_ones(told):
    """Published: +7.31 ± .90 pp and +1.11 ± .87 pp, half-widths of 95 %."""
    both, sent = test_of(told, "womens")
    found = targeting.by_group(both["visit"], sent, both["womens"])
    assert list(found.index) == [1, 0] and found["customers"].sum() == len(both)
    assert 100 * found["uplift"].to_numpy() == pytest.approx([7.31, 1.11], abs=0.005)
    assert 196 * found["error"].to_numpy() == pytest.approx([0.90, 0.87], abs=0.006)


# By hand


def test_eight_customers_by_hand():
    sent = np.array([1, 0, 1, 0, 1, 0, 1, 0], dtype=bool)
    outcome = np.array([4, 0, 2, 0, 1, 1, 0, 2], dtype=float)
    score = np.array([9, 8, 7, 6, 5, 4, 3, 2], dtype=float)
    found = targeting.curves(outcome, sent, {"r": score}, draws=20, rng=np.random.default_rng(1))
    gain = gain_of(found, "r")
    assert gain[[0, 25, 50, 75, 100]] == pytest.approx([0, 1, 1.5, 0.75 * (7 / 3 - 1 / 3), 1.75 - 0.75])
    assert gain[6] == pytest.approx(0.06 * 4)  # nobody of the control yet: straight to where there is
    worth = targeting.policy_values(outcome, sent, {"r": score}, share=0.5, cost=0.4).loc["r"]
    assert worth["value"] == pytest.approx(1.5 - 0.2) and worth["difference"] == pytest.approx(1.5 - 0.5)


def test_without_ties_the_interval_is_that_of_scipy(rng):
    outcome, sent, score = paired(rng)
    found = targeting.uplift_at(outcome, sent, {"r": score}, depths=[0.25, 1]).set_index(["rule", "depth"])
    for depth in (0.25, 1):
        among = score >= np.quantile(score, 1 - depth)
        welch = ttest_ind(outcome[among & sent], outcome[among & ~sent], equal_var=False)
        ends = welch.confidence_interval(0.95)
        row = found.loc["r", depth]
        assert row["customers"] == among.sum()
        assert row[["low", "high"]].to_numpy() == pytest.approx([ends.low, ends.high], rel=1e-9)


# Laws


def test_the_order_of_rows_and_the_scale_of_a_score_do_not_matter(rng):
    outcome, sent, uplift = drawn_by_lot(rng, levels=np.linspace(0, 0.4, 7))
    rules = {
        "few": uplift,
        "none equal": rng.random(len(sent)),
        "gaps": np.where(uplift > 0.2, np.nan, uplift),
    }
    mixed = rng.permutation(len(sent))
    moved = {rule: np.exp(5 * score)[mixed] - 3 for rule, score in rules.items()}
    for ask in (
        lambda *a: targeting.curves(*a, draws=20, rng=rng)[["rule", "depth", "gain"]],
        lambda *a: targeting.table(*a, draws=20, rng=rng)[["qini", "difference"]],
        targeting.uplift_at,
        lambda *a: targeting.policy_values(*a, share=0.37, cost=0.01),
    ):
        pd.testing.assert_frame_equal(ask(outcome, sent, rules), ask(outcome[mixed], sent[mixed], moved))


def test_who_cannot_be_told_apart_is_contacted_as_by_lot(rng):
    outcome, sent, _ = drawn_by_lot(rng)
    same = {"constant": np.full(len(sent), 7.0), "missing": np.full(len(sent), np.nan)}
    overall = outcome[sent].mean() - outcome[~sent].mean()
    found = targeting.curves(outcome, sent, same, draws=40, rng=rng)
    for rule in (*same, BY_LOT):
        assert gain_of(found, rule) == pytest.approx(overall * np.linspace(0, 1, 101), abs=1e-12)
    judged = targeting.table(outcome, sent, same, draws=40, rng=rng)
    assert (judged == 0).all(axis=None)
    worth = targeting.policy_values(outcome, sent, same, share=0.3, cost=0.1)
    assert worth["value"].to_numpy() == pytest.approx(0.3 * (overall - 0.1))
    assert (worth.filter(like="difference") == 0).all(axis=None)


def test_ties_are_what_breaking_them_by_lot_gives_on_average(rng):
    outcome, sent, uplift = drawn_by_lot(rng, levels=np.array([0.0, 0.2, 0.4]))
    broken = {str(n): uplift + 1e-6 * rng.random(len(sent)) for n in range(300)}
    found = targeting.uplift_at(outcome, sent, broken | {"tied": uplift}, depths=[0.5]).set_index("rule")
    each = found.loc[list(broken), "uplift"]
    assert each.std() > 0.005
    assert found.at["tied", "uplift"] == pytest.approx(each.mean(), abs=4 * each.std() / np.sqrt(300))


def test_a_reversed_score_mirrors_the_curve(rng):
    """Exactly where each part of the order holds as many of both arms, as the pairs do at whole depths."""
    outcome, sent, score = paired(rng)
    found = targeting.curves(outcome, sent, {"up": score, "down": -score}, draws=20, rng=rng)
    up, down = gain_of(found, "up"), gain_of(found, "down")
    assert up[-1] - up[::-1] == pytest.approx(down, abs=1e-12) and np.abs(up - down).max() > 0.1
    judged = targeting.table(outcome, sent, {"up": score, "down": -score}, draws=20, rng=rng)["qini"]
    assert judged["up"] == pytest.approx(-judged["down"], abs=1e-12) and judged["up"] > 0.05


def test_missing_scores_come_last_as_one_unit(rng):
    outcome, sent, uplift = drawn_by_lot(rng)
    gaps = np.where(uplift > 0.3, np.nan, uplift)
    rules = {"gaps": gaps, "low": np.where(np.isnan(gaps), -1, gaps)}
    judged = targeting.table(outcome, sent, rules, draws=20, rng=rng)
    assert judged.loc["gaps"].tolist() == judged.loc["low"].tolist()


def test_rules_are_compared_on_common_draws(rng):
    outcome, sent, uplift = drawn_by_lot(rng)
    rules = {
        "oracle": uplift,
        "nearly": uplift + 0.02 * rng.random(len(sent)),
        "blind": rng.random(len(sent)),
    }
    judged = targeting.table(outcome, sent, rules, against="nearly", draws=200, rng=rng)
    assert judged["qini"].is_monotonic_decreasing and set(judged.index) == {*rules, BY_LOT}
    assert judged["difference"].to_numpy() == pytest.approx(judged["qini"] - judged.at["nearly", "qini"])
    width = judged["high"] - judged["low"]
    apart = judged["difference_high"] - judged["difference_low"]
    assert apart["nearly"] == 0 and apart["oracle"] < width["oracle"] / 3 and apart["blind"] > width["blind"]
    assert apart[BY_LOT] == pytest.approx(width["nearly"]) and width[BY_LOT] == 0


def test_the_curve_the_uplift_and_the_value_tell_the_same(rng):
    outcome, sent, uplift = drawn_by_lot(rng, share=0.8)
    rules = {"oracle": uplift, "none equal": rng.random(len(sent))}
    curve = targeting.curves(outcome, sent, rules, draws=20, rng=rng).set_index(["rule", "depth"])["gain"]
    for share in (0.1, 0.5, 1.0):
        at = targeting.uplift_at(outcome, sent, rules, depths=[share]).set_index("rule")["uplift"]
        worth = targeting.policy_values(outcome, sent, rules, share=share, cost=0.05)
        for rule in (*rules, BY_LOT):
            assert share * at[rule] == pytest.approx(curve[rule, share], abs=1e-12)
            assert worth.at[rule, "value"] == pytest.approx(curve[rule, share] - 0.05 * share, abs=1e-12)


def test_contacting_everybody_is_worth_the_overall_effect_less_the_cost(rng):
    outcome, sent, uplift = drawn_by_lot(rng, share=0.7)
    welch = ttest_ind(outcome[sent], outcome[~sent], equal_var=False)
    found = targeting.policy_values(outcome, sent, {"oracle": uplift, "other": -uplift}, share=1, cost=0.03)
    effect = outcome[sent].mean() - outcome[~sent].mean()
    assert found["value"].to_numpy() == pytest.approx(effect - 0.03)
    assert found["error"].to_numpy() == pytest.approx(effect / welch.statistic)
    assert found.filter(like="difference").abs().max(axis=None) < 1e-12


def test_weights_by_chance_are_those_of_inverse_propensity(rng):
    """Equal to the plain sum over the chance where the arms are matched; one chance for all cancels out."""
    outcome, sent, score = paired(rng)
    among = score >= np.quantile(score, 0.7)
    plain = (among * outcome * np.where(sent, 2, -2)).mean() - 0.3 * 0.1
    found = targeting.policy_values(outcome, sent, {"r": score}, share=0.3, cost=0.1)
    assert found.at["r", "value"] == pytest.approx(plain)
    other = targeting.policy_values(outcome, sent, {"r": score}, share=0.3, cost=0.1, chance=0.9)
    pd.testing.assert_frame_equal(found, other)


def test_what_all_have_in_common_adds_nothing(rng):
    outcome, sent, uplift = drawn_by_lot(rng)
    ask = [
        targeting.policy_values(y, sent, {"r": uplift}, share=0.3, cost=0) for y in (outcome, outcome + 99)
    ]
    pd.testing.assert_frame_equal(*ask, rtol=1e-9)


def test_chances_that_differ_are_made_good(rng):
    """Good customers are sent more often: without the chances they would pass for an effect."""
    n = 40_000
    good = rng.random(n) < 0.5
    chance = np.where(good, 0.8, 0.3)
    sent = rng.random(n) < chance
    outcome = (rng.random(n) < 0.1 + 0.3 * good + 0.05 * sent).astype(float)
    rules = {"good": good.astype(float)}
    found = targeting.uplift_at(outcome, sent, rules, depths=[1], chance=chance).set_index("rule")
    blind = targeting.uplift_at(outcome, sent, rules, depths=[1]).set_index("rule")
    assert found.at["good", "low"] < 0.05 < found.at["good", "high"] and blind.at["good", "low"] > 0.15
    end = targeting.curves(outcome, sent, rules, draws=20, rng=rng, chance=chance)["gain"].iloc[-1]
    assert end == pytest.approx(found.at["good", "uplift"])


def test_redrawn_customers_err_as_the_arms_do(rng):
    outcome, sent, uplift = drawn_by_lot(rng, share=0.9)
    end = targeting.curves(outcome, sent, {"r": uplift}, draws=2000, rng=rng).iloc[100]
    welch = ttest_ind(outcome[sent], outcome[~sent], equal_var=False).confidence_interval(0.95)
    width = welch.high - welch.low
    assert end["high"] - end["low"] == pytest.approx(width, rel=0.1)
    assert [end["low"], end["high"]] == pytest.approx([welch.low, welch.high], abs=0.06 * width)


def test_draws_at_once_or_in_parts_and_many_units_or_few_give_one_answer(monkeypatch):
    outcome, sent, uplift = drawn_by_lot(np.random.default_rng(3), n=6000)
    rules = {"r": uplift + 1e-6 * np.random.default_rng(4).random(6000)}

    def ask() -> pd.DataFrame:
        return targeting.table(outcome, sent, rules, draws=50, rng=np.random.default_rng(5))

    together = ask()
    monkeypatch.setattr("clv.judging.qini._CELLS", 50_000)
    pd.testing.assert_frame_equal(ask(), together)
    monkeypatch.setattr("clv.judging.sums.COARSE", 10_000)
    pd.testing.assert_frame_equal(ask(), together, rtol=2e-3)
    monkeypatch.setattr("clv.judging.sums.COARSE", 3)
    assert (ask().loc["r", ["low", "high"]] < 0.97 * together.loc["r", ["low", "high"]]).all()


# Recovery


def test_the_interval_of_the_best_rule_covers_the_truth(rng):
    levels = np.linspace(0, 0.4, 21)
    truth = best_qini(levels)
    found = []
    for _ in range(250):
        outcome, sent, uplift = drawn_by_lot(rng, levels=levels)
        found.append(targeting.table(outcome, sent, {"oracle": uplift}, draws=200, rng=rng).loc["oracle"])
    found = pd.DataFrame(found)
    covered = (found["low"] <= truth) & (truth <= found["high"])
    assert covered.mean() == pytest.approx(0.95, abs=0.041)  # three standard errors of 250 campaigns
    assert found["qini"].mean() == pytest.approx(truth, abs=4 * found["qini"].std() / np.sqrt(250))
    assert (found["low"] > 0).mean() > 0.99


@pytest.mark.slow
def test_where_nobody_differs_a_rule_beats_lot_no_more_often_than_by_chance(rng):
    found = []
    for _ in range(250):
        outcome, sent, _ = drawn_by_lot(rng, levels=np.array([0.1]))
        score = rng.integers(0, 10, len(sent))
        found.append(targeting.table(outcome, sent, {"r": score}, draws=200, rng=rng).loc["r"])
    found = pd.DataFrame(found)
    assert ((found["low"] <= 0) & (found["high"] >= 0)).mean() == pytest.approx(0.95, abs=0.041)
    assert found["qini"].mean() == pytest.approx(0, abs=4 * found["qini"].std() / np.sqrt(250))


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_intervals_of_values_and_uplifts_cover_the_truth(rng, share):
    levels = np.linspace(0, 0.4, 21)
    gain = float(best_gain(levels, 0.3))
    truths = {"value": gain - 0.3 * 0.02, "difference": gain - 0.3 * levels.mean(), "uplift": gain / 0.3}
    hits = {name: [] for name in truths}
    for _ in range(800):
        outcome, sent, uplift = drawn_by_lot(rng, levels=levels, share=share)
        row = targeting.policy_values(outcome, sent, {"r": uplift}, share=0.3, cost=0.02).loc["r"]
        at = targeting.uplift_at(outcome, sent, {"r": uplift}, depths=[0.3]).iloc[0]
        ends = {
            "value": (row["low"], row["high"]),
            "difference": (row["difference_low"], row["difference_high"]),
            "uplift": (at["low"], at["high"]),
        }
        for name, (low, high) in ends.items():
            hits[name].append(low <= truths[name] <= high)
    for name, hit in hits.items():
        assert np.mean(hit) == pytest.approx(0.95, abs=0.025), name


# What the campaign itself teaches


def test_no_customer_teaches_its_own_score(rng):
    outcome, sent, _ = drawn_by_lot(rng, n=120)
    groups = rng.choice(["a", "b", "c"], 120)
    groups[:3] = ["a", "b", "c"]
    score = targeting.learned(outcome, sent, groups, rng=np.random.default_rng(8))
    moved = 0
    for one in range(0, 120, 5):
        changed = outcome.copy()
        changed[one] += 50
        again = targeting.learned(changed, sent, groups, rng=np.random.default_rng(8))
        assert again[one] == score[one]
        moved += (again != score).any()
    assert moved > 5


def test_what_differs_is_learned_and_judged_at_its_worth(rng):
    levels = np.array([0.0, 0.1, 0.2, 0.4])
    outcome, sent, uplift = drawn_by_lot(rng, n=40_000, levels=levels)
    score = targeting.learned(outcome, sent, uplift.astype(str), rng=rng)
    found = targeting.table(outcome, sent, {"learned": score, "oracle": uplift}, draws=200, rng=rng)
    assert (
        found.loc["learned", ["low", "high"]].between(0.8 * best_qini(levels), 1.2 * best_qini(levels)).all()
    )
    assert found.at["learned", "qini"] == pytest.approx(found.at["oracle", "qini"], rel=0.02)


@pytest.mark.slow
def test_where_nothing_differs_a_learned_rule_is_worth_nothing_on_average(rng):
    """Scores that compared uplifts of both halves would lose 0.7 standard deviations here."""
    found, beats = [], []
    for _ in range(200):
        outcome, sent, _ = drawn_by_lot(rng, levels=np.array([0.1]))
        score = targeting.learned(outcome, sent, rng.integers(0, 6, len(sent)), rng=rng)
        row = targeting.table(outcome, sent, {"r": score}, draws=60, rng=rng).loc["r"]
        found.append(row["qini"])
        beats.append(row["low"] > 0)
    assert np.mean(found) == pytest.approx(0, abs=3 * np.std(found) / np.sqrt(200))
    assert np.mean(beats) < 0.075


def test_equal_groups_are_drawn_to_all_by_what_their_scatter_tells():
    """With one variance v for all, DerSimonian & Laird's variance between groups is s² - v."""
    cell = np.tile([-1.0, 1.0], 50)
    gains = np.array([-0.1, 0.3, 0.5, 1.3])
    outcome = np.concatenate([np.r_[cell + gain, cell] for gain in gains])
    sent = np.tile(np.repeat([True, False], 100), 4)
    found = targeting.by_group(outcome, sent, np.repeat(list("abcd"), 200)).sort_index()
    v = found["error"] ** 2
    assert v.to_numpy() == pytest.approx(v.iloc[0]) and v.iloc[0] == pytest.approx(2 / 100, rel=0.1)
    kept = 1 - v.iloc[0] / gains.var(ddof=1)
    assert found["uplift"].to_numpy() == pytest.approx(gains)
    assert found["believed"].to_numpy() == pytest.approx(0.5 + kept * (gains - 0.5)) and 0.9 < kept < 0.96


def test_what_is_believed_is_nearer_to_the_truth_than_what_was_seen(rng):
    seen, believed = [], []
    for _ in range(60):
        outcome, sent, uplift = drawn_by_lot(rng, levels=np.linspace(0.05, 0.15, 10))
        found = targeting.by_group(outcome, sent, uplift)
        seen.append(((found["uplift"] - found.index) ** 2).mean())
        believed.append(((found["believed"] - found.index) ** 2).mean())
    assert np.mean(believed) < 0.6 * np.mean(seen)


def test_groups_that_tell_nothing_take_after_all(rng):
    outcome, sent, _ = drawn_by_lot(rng, n=400)
    groups = np.repeat(["a", "b"], 200).astype(object)
    groups[np.flatnonzero(sent)[:3]] = "only sent"
    overall = outcome[sent].mean() - outcome[~sent].mean()
    found = targeting.by_group(outcome, sent, groups)
    assert np.isnan(found.at["only sent", "uplift"]) and found.at["only sent", "believed"] == overall
    assert found["customers"].to_dict()["only sent"] == 3
    nobody = targeting.by_group(np.zeros(400), sent, groups)
    assert (nobody["believed"] == 0).all()
    alone = targeting.by_group(outcome, sent, np.full(400, "all"))
    assert alone.at["all", "believed"] == pytest.approx(overall)
    rare = targeting.learned(outcome, sent, np.arange(400), rng=rng)  # nobody's group is in the other half
    assert np.ptp(rare) == 0


# Small numbers


def test_too_few_of_an_arm_or_no_spread_leave_a_gap():
    sent = np.arange(40) % 2 == 0
    outcome = np.r_[np.zeros(20), np.ones(20)] * (np.arange(40) % 3 > 0)
    score = {"sent first": np.where(sent, 2.0, 1.0), "no spread": -np.arange(40.0)}
    score["one of the control"] = score["sent first"] + 2 * (np.arange(40) == 1)
    found = targeting.uplift_at(outcome, sent, score, depths=[0.2]).set_index("rule")
    few = ["sent first", "one of the control"]
    assert found.loc[few, ["uplift", "low", "high"]].isna().all(axis=None)
    assert found.at["no spread", "uplift"] == 0 and np.isnan(found.at["no spread", "low"])
    worth = targeting.policy_values(outcome, sent, score, share=0.2, cost=0)
    assert worth.loc[few].isna().all(axis=None) and worth.drop(index=few).notna().all(axis=None)


def test_a_curve_is_whole_where_the_control_is_small(rng):
    outcome, sent, uplift = drawn_by_lot(rng, n=200)
    sent[:] = True
    sent[[20, 150]] = False
    found = targeting.curves(outcome, sent, {"r": uplift + 1e-6 * rng.random(200)}, draws=50, rng=rng)
    assert found.notna().all(axis=None) and gain_of(found, "r")[0] == 0


# Contracts

OUTCOME = np.r_[np.zeros(10), np.ones(10)]
SENT = np.arange(20) % 2 == 0
SCORE = {"r": np.arange(20.0)}


@pytest.mark.parametrize(
    ("changed", "kind", "said"),
    [
        ({"sent": SENT[:19]}, InputError, "'sent' has 19 entries for 20 customers"),
        ({"scores": {"r": np.arange(19.0)}}, InputError, "'r' has 19 entries for 20 customers"),
        ({"chance": np.full(19, 0.5)}, InputError, "'chance' has 19 entries for 20 customers"),
        ({"outcome": np.where(SENT, np.nan, 1.0)}, InputError, "10 of 20 outcomes are missing"),
        ({"outcome": OUTCOME[:, None]}, InputError, r"'outcome' has the shape \(20, 1\)"),
        ({"scores": {"r": np.ones((20, 2))}}, InputError, r"'r' has the shape \(20, 2\)"),
        ({"scores": {"r": ["high"] * 20}}, InputError, "'r' holds what is no number"),
        ({"sent": SENT.astype(int)}, InputError, "`sent` holds int64"),
        ({"sent": np.arange(20) < 1}, InputError, "1 were sent to and 19 left alone"),
        ({"sent": np.ones(20, dtype=bool)}, InputError, "20 were sent to and 0 left alone"),
        ({"chance": ["even"] * 20}, InputError, "'chance' holds what is no number"),
        ({"chance": 1.0}, SettingError, "1 of the chances .* the first is 1.0"),
        ({"chance": np.r_[np.full(18, 0.5), np.nan, 0]}, SettingError, "2 of the chances"),
        ({"scores": {BY_LOT: np.ones(20)}}, SettingError, "a rule is called 'by lot'"),
    ],
)
@pytest.mark.parametrize("name", ["curves", "table", "uplift_at", "policy_values"])
def test_what_is_no_campaign_gets_a_sentence(name, changed, kind, said, rng):
    given = {"outcome": OUTCOME, "sent": SENT, "scores": SCORE} | changed
    more = {"uplift_at": {}, "policy_values": {"share": 0.5, "cost": 0.0}}.get(
        name, {"draws": 20, "rng": rng}
    )
    with pytest.raises(kind, match=said):
        getattr(targeting, name)(**given, **more)


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("curves", {"draws": 19}, "draws is 19"),
        ("table", {"draws": 20, "against": "s"}, "no rule 's' to compare with"),
        ("uplift_at", {"depths": [0.5, 0.0]}, "a depth is 0.0"),
        ("policy_values", {"share": 0, "cost": 0}, "share is 0;"),
        ("policy_values", {"share": 1.01, "cost": 0}, "share is 1.01"),
        ("policy_values", {"share": np.nan, "cost": 0}, "share is nan"),
        ("policy_values", {"share": 0.5, "cost": -1}, "cost is -1"),
        ("policy_values", {"share": 0.5, "cost": np.inf}, "cost is inf"),
    ],
)
def test_settings_out_of_range_get_a_sentence(name, more, said, rng):
    more |= {"rng": rng} if name in ("curves", "table") else {}
    with pytest.raises(SettingError, match=said):
        getattr(targeting, name)(OUTCOME, SENT, SCORE, **more)


def test_groups_that_cannot_be_used_get_a_sentence(rng):
    groups = np.array(["a", "b"] * 10, dtype=object)
    for ask in (targeting.by_group, lambda *a: targeting.learned(*a, rng=rng)):
        with pytest.raises(InputError, match=r"shape \(19,\) for 20 customers"):
            ask(OUTCOME, SENT, groups[:19])
        with pytest.raises(InputError, match="1 of 20 customers have no group"):
            ask(OUTCOME, SENT, np.r_[groups[:19], [None]])
    with pytest.raises(InputError, match="fewer than 4 in an arm"):
        targeting.learned(OUTCOME, np.arange(20) < 3, groups, rng=rng)


def test_nothing_given_is_changed(rng):
    kept = OUTCOME.copy(), SENT.copy(), SCORE["r"].copy()
    targeting.table(OUTCOME, SENT, SCORE, draws=20, rng=rng)
    targeting.policy_values(OUTCOME, SENT, SCORE, share=0.5, cost=1)
    targeting.learned(OUTCOME, SENT, np.array(["a", "b"] * 10), rng=rng)
    for before, now in zip(kept, (OUTCOME, SENT, SCORE["r"]), strict=True):
        np.testing.assert_array_equal(before, now)
