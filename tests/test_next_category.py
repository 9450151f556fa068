"""What comes next: laws of the table, intervals that hold, planted moves found, and none where none are."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.stats import dirichlet_multinomial, fisher_exact

import next_orders as shop
from clv import next_category, plots
from clv.errors import InputError
from clv.following import learned, lifts, paired
from clv.following.foretold import LAST, POPULAR, TABLE
from every_figure import Legible, note_of, said

NAMES = np.array(["rings", "necklaces", "earrings", "bars"])
MIX = np.array([0.4, 0.3, 0.2, 0.1])


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def moved(rng, *, customers: int, chain: np.ndarray, days: int = 700) -> pd.DataFrame:
    """Return orders of customers who buy three times, the next category by a row of `chain`."""
    at = [rng.choice(4, customers, p=MIX)]
    for _ in range(2):
        at.append((rng.random((customers, 1)) > chain[at[-1]].cumsum(axis=1)).sum(axis=1).clip(max=3))
    day = np.sort(rng.choice(days, (customers, 3)), axis=1) + np.arange(3)
    who = np.repeat(np.arange(customers), 3)
    return shop.table(who, day.ravel(), category=NAMES[np.column_stack(at).ravel()], amount=5.0)


def alike() -> np.ndarray:
    return np.tile(MIX, (4, 1))


def staying(part: float) -> np.ndarray:
    return part * np.eye(4) + (1 - part) * alike()


# The table


def test_a_purchase_day_has_the_category_with_most_money_and_knows_the_next_one():
    bought = shop.orders(
        [
            ("a", 0, "rings", 10.0), ("a", 0, "bars", 6.0), ("a", 0, "bars", 6.0), ("a", 9, "rings", 5.0),
            ("a", 9, "earrings", 5.0), ("a", 20, None, 9.0), ("b", 3, "rings", 1.0),
        ]
    )  # fmt: skip
    found = next_category.steps(bought, until="2025-01-01")
    assert found["category"].fillna("?").tolist() == ["bars", "earrings", "?", "rings"]
    assert found["after"].fillna("?").tolist() == ["earrings", "?", "?", "?"]
    assert next_category.last_known(found).fillna("?").to_dict() == {"a": "?", "b": "rings"}


def test_each_customer_counts_once_and_shares_add_up():
    bought = moved(np.random.default_rng(1), customers=500, chain=staying(0.3))
    found = next_category.steps(bought, until=shop.UNTIL)
    for table in (next_category.first_to_second(found), next_category.latest_move(found)):
        assert table["n"].sum() == 500
        assert table.groupby("before")["share"].sum().to_numpy() == pytest.approx(1.0)
        assert table.groupby("after")["mix"].first().sum() == pytest.approx(1.0)
        assert (table["low"] <= table["share"]).all() and (table["share"] <= table["high"]).all()
        assert table["lift"].to_numpy() == pytest.approx((table["share"] / table["mix"]).to_numpy())
        assert table["of"].is_monotonic_decreasing


def test_the_order_of_rows_and_the_unit_of_money_change_nothing():
    bought = moved(np.random.default_rng(2), customers=200, chain=staying(0.3))
    mixed = bought.sample(frac=1, random_state=3).assign(amount=lambda t: t["amount"] * 100)
    one, other = (
        next_category.first_to_second(next_category.steps(t, until=shop.UNTIL)) for t in (bought, mixed)
    )
    pd.testing.assert_frame_equal(one, other)


def test_a_cell_is_judged_by_fishers_exact_test():
    counts = pd.DataFrame([[30, 10], [20, 40]], index=["a", "b"], columns=["x", "y"])
    found = lifts.cells(counts).set_index(["before", "after"])
    p = min(fisher_exact([[30, 10], [20, 40]], alternative="greater").pvalue * 2, 1)
    assert found.at[("a", "x"), "q"] == pytest.approx(p)  # all four cells are one test
    assert found.at[("a", "x"), "lift"] == pytest.approx((30 / 40) / (50 / 100))


def test_lifts_are_held_by_their_intervals():
    rng, joint = np.random.default_rng(4), staying(0.35) * MIX[:, None]
    truth = joint / joint.sum(axis=1, keepdims=True) / joint.sum(axis=0)
    held = []
    for _ in range(250):
        counts = rng.multinomial(400, joint.ravel()).reshape(4, 4)
        found = lifts.cells(pd.DataFrame(counts, index=NAMES, columns=NAMES))
        true = pd.DataFrame(truth, NAMES, NAMES).stack()[
            list(zip(found["before"], found["after"], strict=True))
        ]
        held.append((found["lift_low"] <= true.to_numpy()) & (true.to_numpy() <= found["lift_high"]))
    assert np.mean(held) == pytest.approx(0.90, abs=0.025)


def test_where_nothing_follows_from_anything_nothing_is_found():
    rng, worlds = np.random.default_rng(5), 250
    false = 0
    for _ in range(worlds):
        counts = rng.multinomial(int(rng.integers(60, 900)), np.outer(MIX, MIX).ravel()).reshape(4, 4)
        found = lifts.cells(pd.DataFrame(counts, index=NAMES, columns=NAMES))["found"]
        false += found.isin([lifts.MORE, lifts.LESS]).any()
    assert false / worlds <= 0.10


def test_a_planted_move_is_found():
    chain = alike()
    chain[1] = [0.2, 0.15, 0.55, 0.1]  # earrings after necklaces
    found = next_category.steps(moved(np.random.default_rng(6), customers=800, chain=chain), until=shop.UNTIL)
    table = next_category.first_to_second(found).set_index(["before", "after"])
    planted = table.loc[("necklaces", "earrings")]
    assert planted["found"] == lifts.MORE and planted["lift"] == table["lift"].max()
    assert (
        planted["lift_low"] < 0.55 / 0.305 < planted["lift_high"]
    )  # of all, 0.7 * 0.2 + 0.3 * 0.55 go there


def test_an_empty_shop_has_an_empty_table_and_a_sentence():
    bought = shop.orders([("a", 0, None, 1.0), ("a", 400, None, 1.0), ("b", 9, None, 1.0)])
    found = next_category.steps(bought, until="2025-12-31")
    assert next_category.first_to_second(found).empty and next_category.latest_move(found).empty
    assert next_category.recommend(next_category.learn(found), next_category.last_known(found)).empty
    judged = next_category.judge(bought, until="2025-12-31")
    assert judged.sentence == next_category.WITHOUT and judged.table.empty


# What to recommend


def test_the_prior_is_the_one_under_which_the_moves_are_most_likely():
    rng = np.random.default_rng(7)
    counts = np.array([rng.multinomial(60, rng.dirichlet(8 * MIX)) for _ in range(40)]).astype(float)
    mix = counts.sum(axis=0) / counts.sum()
    weights = np.logspace(0, 3, 61)
    likely = [dirichlet_multinomial.logpmf(counts.astype(int), w * mix, 60).sum() for w in weights]
    assert learned.weight(counts, mix) == pytest.approx(weights[np.argmax(likely)], rel=0.15)
    assert 4 < learned.weight(counts, mix) < 16


def test_chances_are_recovered_and_without_structure_are_the_mix():
    rng = np.random.default_rng(8)
    of = {
        name: next_category.learn(
            next_category.steps(moved(rng, customers=2500, chain=chain), until=shop.UNTIL)
        )
        for name, chain in {"alike": alike(), "staying": staying(0.5)}.items()
    }
    chances = of["staying"].chances.loc[NAMES, NAMES].to_numpy()
    assert chances == pytest.approx(staying(0.5), abs=0.05)
    flat = of["alike"].chances.loc[NAMES, NAMES].to_numpy()
    assert np.ptp(flat, axis=0).max() < 0.03 and of["alike"].weight > 20 * of["staying"].weight


def test_recommendations_are_the_likeliest_and_an_unknown_last_gets_the_mix():
    found = next_category.steps(
        moved(np.random.default_rng(9), customers=900, chain=staying(0.6)), until=shop.UNTIL
    )
    following = next_category.learn(found)
    last = pd.Series(["bars", None, "no such"], index=["a", "b", "c"])
    told = next_category.recommend(following, last, k=4)
    assert told.groupby("customer_id")["chance"].sum().to_numpy() == pytest.approx(1.0)
    assert told.set_index(["customer_id", "rank"])["category"][("a", 1)] == "bars"
    mix = told[told["customer_id"] == "b"].set_index("category")["chance"]
    assert mix.to_numpy() == pytest.approx(following.mix[mix.index].to_numpy())
    assert (told["low"] < told["chance"]).all() and (told["chance"] < told["high"]).all()
    assert told[told["customer_id"] == "c"]["category"].tolist() == list(following.mix.index)


# Judged on what came


def test_a_table_that_foretells_beats_both_simple_rules():
    chain = 0.7 * np.roll(np.eye(4), 1, axis=1) + 0.3 * alike()  # rings, then necklaces, then earrings ...
    judged = next_category.judge(
        moved(np.random.default_rng(10), customers=1500, chain=chain), until=shop.UNTIL
    )
    assert judged.table["hit_1"].idxmax() == judged.table["log_loss"].idxmin() == TABLE
    assert (judged.against["low_1"] > 0).all() and judged.rule == TABLE
    assert judged.table.at[TABLE, "hit_1"] == pytest.approx(0.7 + 0.3 * 0.25, abs=0.08)


def test_where_customers_stay_with_their_category_the_simple_rule_is_enough():
    judged = next_category.judge(
        moved(np.random.default_rng(11), customers=1500, chain=staying(0.5)), until=shop.UNTIL
    )
    assert f"cannot be told apart from '{LAST}'" in judged.sentence
    assert judged.table.at[LAST, "hit_1"] > judged.table.at[POPULAR, "hit_1"] + 0.1


def test_without_structure_no_table_is_recommended_in_nine_of_ten_shops():
    rng, praised = np.random.default_rng(12), 0
    for _ in range(40):
        judged = next_category.judge(moved(rng, customers=200, chain=alike()), until=shop.UNTIL)
        praised += judged.rule == TABLE
    assert praised <= 4


def test_what_came_later_is_not_looked_at():
    """Held-out categories are all made new: the rules, who cannot know, must miss every one of them."""
    bought = moved(np.random.default_rng(13), customers=800, chain=staying(0.7))
    end = next_category.judge(bought, until=shop.UNTIL).end
    later = bought["paid_at"] >= pd.Timestamp(end) + pd.Timedelta(days=1)
    judged = next_category.judge(
        bought.assign(category=bought["category"].where(~later, "watches")), until=shop.UNTIL
    )
    assert judged.customers > 100 and (judged.table[["hit_1", "hit_3"]] == 0).all(axis=None)


def test_the_difference_of_two_rules_is_that_of_a_hand():
    """150 and 86 of 1,600 on one list only, half a customer added to each cell (Agresti & Min 2005)."""
    one = np.repeat([True, True, False, False], [794, 150, 86, 570])
    other = np.repeat([True, False, True, False], [794, 150, 86, 570])
    found = paired.difference(one, other)
    assert found.difference == pytest.approx(0.04)
    error = np.sqrt((237 / 1602 - (64 / 1602) ** 2) / 1602)
    assert (found.low, found.high) == pytest.approx(
        (64 / 1602 - 1.644854 * error, 64 / 1602 + 1.644854 * error)
    )
    mirrored = paired.difference(other, one)
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low))
    with pytest.raises(InputError, match="both rules need the same"):
        paired.difference(one, other[:5])


def test_paired_intervals_hold_the_truth():
    rng, held = np.random.default_rng(14), 0
    for _ in range(1000):
        cell = rng.choice(4, 60, p=[0.3, 0.2, 0.1, 0.4])
        found = paired.difference(cell <= 1, (cell == 0) | (cell == 2))
        held += found.low <= 0.1 <= found.high
    assert held / 1000 == pytest.approx(0.90, abs=0.03)


# The figure


def drawn(names: list[str]) -> pd.DataFrame:
    rng = np.random.default_rng(15)
    counts = rng.multinomial(900, np.full(len(names) ** 2, 1 / len(names) ** 2)).reshape(len(names), -1)
    return lifts.cells(pd.DataFrame(counts + 60 * np.eye(len(names), dtype=int), index=names, columns=names))


@pytest.mark.parametrize(
    "names", [["女装", "珠宝配饰"], [f"很长的类目名称足金手镯{n}" for n in range(14)], list("abcdef")]
)
class TestTransitions(Legible):
    @pytest.fixture
    def draw(self, names):
        return lambda ax: plots.transitions(drawn(names), ax=ax)


def test_the_figure_marks_what_was_found_and_says_where_there_is_nothing():
    ax = plots.transitions(drawn(["a", "b", "c"]))
    assert "framed" in note_of(ax)
    cells = [words for words in said(ax) if "%" in words]
    assert len(cells) == 9 and sum("▲" in words for words in cells) == 3
    assert any("▼" in words for words in cells)
    nothing = plots.transitions(drawn(["a", "b"]).iloc[:0])
    assert "No two purchases" in said(nothing)[-1] and not nothing.axison
