"""Simple rules on campaigns whose truth is known: what moves whom was decided here."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from clv import rules, targeting
from clv.arms import CONTROL, SEND
from clv.errors import SettingError
from clv.responses import Responses

PEOPLE = 4000


def campaign(
    lift: pd.Series, people: pd.DataFrame, *, base: float = 0.08, seed: int = 1, contact: float = 0.1
) -> Responses:
    """Draw a campaign: each bought with `base`, and with `lift` more where something was sent."""
    rng = np.random.default_rng(seed)
    sent = np.arange(len(people)) % 2 == 0
    bought = (rng.random(len(people)) < base + lift * sent).astype(int)
    cost = np.where(sent, contact, 0.0)
    columns = {"arm": np.where(sent, SEND, CONTROL), "bought": bought, "contact": cost}
    table = people.assign(**columns, profit=30.0 * bought - cost)
    day = date(2026, 6, 1)
    return Responses("june", day, day, day, table, pd.DataFrame())


def people(n: int = PEOPLE) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "segment": rng.choice(["new", "old"], n),
            "category": rng.choice(["rings", "watches"], n),
            "days_since_last": rng.integers(1, 700, n),
            "total_spend": rng.gamma(2.0, 300.0, n),
        },
        index=pd.Index([f"c{nth}" for nth in range(n)], name="customer_id"),
    )


def judge(found: Responses, **how: object) -> rules.Judged:
    return rules.judge(found, **({"share": 0.3, "draws": 100, "rng": np.random.default_rng(3)} | how))


def test_who_is_moved_by_a_long_absence_is_found_by_the_rule_of_absence() -> None:
    who = people()
    sold = campaign(0.25 * (who["days_since_last"] > 490), who)
    found = judge(sold)
    assert found.areas.index[0] == rules.MOST_LAPSED
    assert found.sentence == f"Better than the lot: {rules.MOST_LAPSED}."
    assert found.areas.at[rules.MOST_LAPSED, "low"] > 0
    first = sold.customers.nlargest(int(0.3 * PEOPLE), "days_since_last", keep="all")
    by_arm = 100 * first.groupby("arm")["bought"].mean()
    value, ends = found.depths.at[rules.MOST_LAPSED, "first 30 %"].split(" ", 1)
    low, high = map(float, ends.strip("[]").split(","))
    assert float(value) == pytest.approx(by_arm[SEND] - by_arm[CONTROL], abs=0.2)  # ties at the edge
    assert low < float(value) < high and 2 < high - low < 12


def test_a_rule_that_puts_the_moved_last_is_worse_than_the_lot() -> None:
    who = people()
    found = judge(campaign(0.25 * (who["total_spend"] < who["total_spend"].quantile(0.3)), who))
    assert f"Worse than the lot: {rules.HIGHEST_VALUE}." in found.sentence


def test_a_preferred_category_comes_first_and_is_found() -> None:
    who = people()
    found = judge(campaign(0.2 * (who["category"] == "rings"), who), preference="rings")
    assert found.areas.index[0] == "rings first"
    assert "rings first" in found.sentence and "Better" in found.sentence
    assert "rings first" in set(found.curves["rule"]) and "rings first" in found.values.index


def test_a_segment_that_is_moved_is_learned_on_one_half_for_the_other() -> None:
    who = people()
    found = judge(campaign(0.3 * (who["segment"] == "old"), who))
    assert found.areas.index[0] == rules.LEARNED
    assert "learned on one half" not in found.sentence


def test_where_everybody_is_moved_alike_no_rule_is_known_to_be_better() -> None:
    who = people()
    sentences = [judge(campaign(0.05, who, seed=seed)).sentence for seed in range(10)]
    assert sum("No rule is known" in one for one in sentences) >= 8  # of three rules, at 5 % together


def test_contacting_all_is_worth_what_those_sent_to_earned_beyond_the_others() -> None:
    who = people()
    sold = campaign(0.1 * (who["days_since_last"] > 300), who)
    values = judge(sold, share=1.0).values
    send, control = sold.arms("profit")
    assert values["value"].to_numpy() == pytest.approx(send.mean() - control.mean(), abs=1e-9)


def test_too_few_buyers_leave_empty_tables_and_a_sentence() -> None:
    who = people(60)
    found = judge(campaign(pd.Series(0.0, who.index), who))
    assert found.sentence.startswith("Too few to judge any rule: ")
    assert not (len(found.curves) or len(found.areas) or len(found.depths) or len(found.values))
    assert list(found.areas) == ["qini", "low", "high"]


@pytest.mark.parametrize("why", ["one segment", "few buyers"])
def test_what_cannot_be_learned_by_segment_is_said(why: str) -> None:
    who = people(600 if why == "few buyers" else PEOPLE)
    if why == "one segment":
        who = who.assign(segment=None)
    found = judge(campaign(0.02, who))
    assert rules.LEARNED not in found.areas.index
    assert f"that takes {rules.HALVES} buyers in each arm, and several segments." in found.sentence


def test_depths_too_thin_to_be_read_are_left_out() -> None:
    who = people(500)
    sold = campaign(0.02, who)
    buyers = int(sold.arms("bought")[1].sum())
    wanted = [
        f"first {depth:.0%}".replace("%", " %") for depth in rules.DEPTHS if depth * buyers >= rules.THIN
    ]
    assert 0 < len(wanted) < len(rules.DEPTHS)
    assert list(judge(sold).depths) == wanted


def test_scores_put_the_longest_absent_and_the_highest_spenders_first() -> None:
    who = people()
    found = rules.scores(campaign(0.1, who), rng=np.random.default_rng(1))
    assert list(found) == [rules.LEARNED, rules.MOST_LAPSED, rules.HIGHEST_VALUE]
    assert who["days_since_last"].iloc[found[rules.MOST_LAPSED].argmax()] == who["days_since_last"].max()
    assert who["total_spend"].iloc[found[rules.HIGHEST_VALUE].argmax()] == who["total_spend"].max()


def test_a_category_that_nobody_prefers_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingError, match=r"spent most on 'ring' before; .*rings"):
        judge(campaign(0.1, people()), preference="ring")


def test_the_straight_line_of_the_lot_is_on_the_curves_and_not_among_the_areas() -> None:
    found = judge(campaign(0.1, people()))
    assert targeting.BY_LOT in set(found.curves["rule"])
    assert targeting.BY_LOT not in found.areas.index
