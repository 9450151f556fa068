"""A plan that learns on one random half of a real test and is judged on the other."""

import numpy as np
import pandas as pd
import pytest

import hillstrom_plan

SPLITS = range(6)


@pytest.fixture(scope="module")
def told(shared_data) -> pd.DataFrame:
    return pd.read_csv(shared_data / "hillstrom" / "hillstrom.csv.gz")


def means(told: pd.DataFrame, share: float) -> pd.DataFrame:
    found = [hillstrom_plan.judged(told, share=share, seed=seed) for seed in SPLITS]
    return sum(found).div(len(found)).loc[found[0].index]


def test_the_plan_finds_the_better_mail_and_its_promise_holds(told):
    """The men's mail wins for nearly everybody; what was expected lies within the error of the judgement."""
    found = means(told, 1.0)
    plan, best, worst = (found.loc[name] for name in ("plan", "men's mail by lot", "women's mail by lot"))
    assert plan["mens"] > 0.85
    assert plan["profit"] > worst["profit"] + 0.05
    assert plan["profit"] > best["profit"] - 0.02
    error = plan["error"] / np.sqrt(2)  # the halves of several splits overlap: hardly less than of one
    assert abs(plan["expected"] - plan["profit"]) < 2 * error


def test_half_a_budget_goes_to_customers_who_pay_at_least_as_much_as_those_drawn_by_lot(told):
    found = means(told, 0.5)
    assert found.at["plan", "profit"] > found.at["women's mail by lot", "profit"]
    assert found.at["plan", "profit"] > found.at["men's mail, most lapsed first", "profit"]
    assert found.at["plan", "mens"] + found.at["plan", "womens"] == pytest.approx(0.5, abs=1e-3)


def test_a_plan_for_nobody_earns_exactly_nothing(told):
    nobody = np.full(len(told), -1)
    assert hillstrom_plan._value(told, nobody)["profit"] == pytest.approx(0, abs=1e-12)
