"""When the next order is due: gaps by hand, promises that were kept, and which rule to go by."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import next_orders as shop
import shops_simulated
from clv import customers, due, models, next_category, plots, purchase_days, values
from clv.following import gaps
from clv.following.gaps import DUE, EARLY, LATE, LONG, MODEL, ONCE, OWN, RECENCY
from every_figure import Legible, said


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def days(*rows: tuple) -> pd.DataFrame:
    return purchase_days.from_orders(shop.orders(rows, columns="customer_id day"), until="2024-12-31")


def test_own_gaps_and_what_they_say_are_those_of_a_hand():
    """The last day is 183; gaps of 100, 40, 60 and 20 days, last bought on day 163, 150, 100 and 140."""
    last, gap = (
        {"early": 163, "due": 150, "late": 100, "long": 140},
        {"early": 100, "due": 40, "late": 60, "long": 20},
    )
    rows = [(who, day) for who in last for day in (last[who], last[who] - gap[who])]
    found = gaps.own(days(*rows, ("once", 90)), within=30)
    assert found["group"].to_dict() == {"early": EARLY, "due": DUE, "late": LATE, "long": LONG, "once": ONCE}
    assert found.loc["late", ["days_since_last", "own_gap", "purchases"]].tolist() == [83, 60, 2]
    assert found.at["late", "overdue"] == pytest.approx(83 / 60) and np.isnan(found.at["once", "overdue"])


def test_the_own_gap_is_the_median_and_the_order_of_rows_changes_nothing():
    rows = [("a", day) for day in (0, 10, 40, 140)] + [("b", 3), ("b", 100)]
    one, other = gaps.own(days(*rows), within=30), gaps.own(days(*rows[::-1]), within=30)
    pd.testing.assert_frame_equal(one, other)
    assert one.at["a", "own_gap"] == 30


def test_one_time_buyers_are_due_by_the_model_only(rng):
    ordered = shops_simulated.orders(200, rng=rng)
    people = customers.summarise(ordered, until=shop.UNTIL)
    scores = values.score(people, models.fit_by_name("mbgnbd", people), days=30, rng=rng, draws=20)
    table = due.table(purchase_days.from_orders(ordered, until=shop.UNTIL), scores, within=30)
    once = people["frequency"] == 0
    assert (table["by"] == np.where(once.reindex(table.index), "model only", "own gap and model")).all()
    assert table["own_gap"].isna().equals(once.reindex(table.index).rename("own_gap"))
    assert (table["chance"] == scores["p_buy"]).all() and (table["next_low"] <= table["next_high"]).all()


def test_how_soon_customers_come_back_after_a_category():
    """After rings a year passes slowly, after earrings quickly; 'all' holds both."""
    rng, rows = np.random.default_rng(1), []
    for n in range(300):
        kind, wait = ("rings", 120) if n % 2 else ("earrings", 30)
        rows += [
            (f"c{n:03d}", 0, kind, 5.0),
            (f"c{n:03d}", int(rng.integers(wait - 20, wait + 20)), None, 5.0),
        ]
    found = due.by_category(next_category.steps(shop.orders(rows), until=shop.UNTIL))
    assert found.index.tolist() == ["earrings", "rings", "all"] and found["waits"].tolist() == [150, 150, 300]
    assert found.at["earrings", "back_90"] == 1.0 and found.at["rings", "back_90"] == 0.0
    assert found["half_low"].to_numpy() == pytest.approx([27, 117, 40], abs=6)
    assert (found["half_low"] <= found["half"]).all() and (found["half"] <= found["half_high"]).all()
    assert due.by_category(next_category.steps(shop.orders([("a", 0, None, 1.0)]), until=shop.UNTIL)).empty


def test_the_median_gap_is_held_by_its_interval():
    rng, held = np.random.default_rng(2), 0
    for _ in range(1000):
        _, low, high = gaps._median(pd.Series(rng.exponential(50, 40)))
        held += low <= 50 * np.log(2) <= high
    assert 0.89 <= held / 1000 <= 0.95


# Asked of the past


def test_promises_are_kept_in_a_shop_of_the_models():
    checked = due.check(shops_simulated.orders(1500, rng=np.random.default_rng(3)), until=shop.UNTIL)
    assert len(checked.days) == 6 and checked.total_low <= 1 <= checked.total_high
    inside = (checked.promised["low"] <= checked.promised["promised"]) & (
        checked.promised["promised"] <= checked.promised["high"]
    )
    assert inside.mean() >= 0.5 and "a true promise" in checked.sentence
    assert checked.promised["customers"].sum() == checked.groups["customers"].sum()
    mean = (checked.promised["promised"] * checked.promised["customers"]).sum()
    assert mean == pytest.approx((checked.groups["promised"] * checked.groups["customers"]).sum())


def test_a_shop_that_stops_selling_broke_its_promises():
    ordered = shops_simulated.orders(1500, rng=np.random.default_rng(4))
    late = ordered["paid_at"] >= "2026-01-01"
    kept = ordered[~late | (np.random.default_rng(5).random(len(ordered)) < 0.35)]
    checked = due.check(kept, until=shop.UNTIL)
    assert checked.total_high < 1 and "Promises were too high" in checked.sentence


def test_the_own_gap_wins_where_customers_buy_by_the_clock():
    """Everybody buys every 20 to 90 days, within two days: the model, who knows no clock, cannot see it."""
    rng, rows = np.random.default_rng(6), []
    for n in range(400):
        gap, at = int(rng.integers(20, 90)), float(rng.integers(0, 60))
        while at < 720:
            rows.append((f"c{n:03d}", int(at)))
            at += gap + rng.integers(-2, 3)
    checked = due.check(shop.orders(rows, columns="customer_id day"), until="2026-06-20", within=15)
    assert "go by it" in checked.sentence
    assert checked.rules.at[OWN, "precision"] > checked.rules.at[MODEL, "precision"] + 0.1
    assert checked.groups.at[DUE, "happened"] > checked.groups.at[EARLY, "happened"] + 0.3


def test_the_model_wins_where_customers_buy_at_random_and_leave():
    checked = due.check(shops_simulated.orders(2500, rng=np.random.default_rng(7)), until=shop.UNTIL)
    assert "better than the own gap" in checked.sentence
    assert checked.rules["listed"].nunique() == 1 and set(checked.rules.index) == {MODEL, OWN, RECENCY}


def test_a_short_history_is_not_checked_and_says_why(rng):
    checked = due.check(shops_simulated.orders(60, rng=rng, days=80), until="2024-09-15", within=30)
    assert checked.days == () and "cannot be checked" in checked.sentence and checked.promised.empty


def test_the_ratio_knows_that_days_differ():
    """Three days with the same promise: buyers as promised, half and one and a half times as many."""
    rows = pd.DataFrame({"day": np.repeat([1, 2, 3], 200), "promised": 0.5})
    even = rows.assign(happened=np.tile([True, False], 300))
    moved = rows.assign(happened=np.r_[np.arange(200) < 100, np.arange(200) < 50, np.arange(200) < 150])
    (one, *ends), (other, *wide) = gaps.ratio(even), gaps.ratio(moved)
    assert one == other == pytest.approx(1.0)
    assert wide[0] < ends[0] < 1 < ends[1] < wide[1]


# The figure


def drawn(n: int) -> pd.DataFrame:
    happened = np.linspace(0.01, 0.6, n)
    table = pd.DataFrame(
        {"customers": 1234, "promised": happened * 1.1, "happened": happened},
        index=[f"group {i}" for i in range(n)],
    )
    return table.assign(low=happened * 0.8, high=happened * 1.2)


@pytest.mark.parametrize("n", [1, 8])
class TestDueCalibration(Legible):
    @pytest.fixture
    def draw(self, n):
        return lambda ax: plots.due_calibration(drawn(n), within=30, ax=ax)


def test_the_figure_says_where_the_past_is_too_short():
    assert "too short" in said(plots.due_calibration(drawn(1).iloc[:0], within=30))[-1]
