"""Contracts of the answers in one sentence: short, honest where the orders cannot tell, in both languages."""

import re
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from clv import acceleration, alarm, decision, findings, headlines, told
from clv.language import speaking
from clv.tasting.rules import POPULAR, POSTERIOR
from clv.tiering.choosing import PROPOSED, SHORT
from clv.tiering.costs import Estimate

MOST_WORDS = 40
LOSSES = pd.DataFrame(
    {"stage": ["read", "read", "customers"], "reason": ["not paid", "duplicate line", "no buyer named"]}
).assign(money=[30.0, 10.0, 500.0])
CHANCES = pd.DataFrame(
    {"days": [30, 90, 365], "share": [0.1, 0.2, 0.3], "low": [0.08, 0.18, 0.27], "high": [0.12, 0.22, 0.33]}
)
CALM = dict.fromkeys(alarm.NUMBERS, "as usual")
TOTAL = {"clv": 12_345.6, "clv_low": 9_000.0, "clv_high": 15_000.0}


def campaign(word: str, *, low: float, high: float, sent: int = 200) -> str:
    verdict = findings.Verdict(word, "…", (low + high) / 2, low, high, 1.0, None)
    bought = np.repeat([1.0, 0.0], [40, sent])
    found = SimpleNamespace(
        campaign="spring",
        stops_on=date(2026, 7, 1),
        customers=pd.DataFrame({"bought": bought}),
        arms=lambda _: (bought[:sent], bought[sent:]),
    )
    return headlines.campaign(verdict, found, currency="CNY")


def scheme(
    *, chosen: str, price: tuple[float, float], as_good: tuple[str, ...] = (), sorts: bool = True
) -> str:
    table = pd.DataFrame({"name": ["Best", "Today"], "reached": [0.6, 0.5]}, index=["best", "today"])
    table = table.assign(reached_low=0.4, reached_high=0.7)
    ends = pd.Series({"money_low": price[0], "money_high": price[1]})
    advice = SimpleNamespace(scheme=chosen, today="today", as_good=list(as_good), sorts=sorts, price=ends)
    return headlines.scheme(advice, SimpleNamespace(table=table, contact_share=0.2, horizon=90))


def recall(word: str, *, contacted: int = 50, profit: float = 100.0) -> str:
    plan = {"contacted": contacted, "profit": profit, "low": -20.0, "high": 300.0, "chance_positive": 0.7}
    said = decision.Decision(word, "nothing pays.")
    return headlines.recall(said, plan, offer="a gift, by sms", currency="CNY")


def membership(word: str, *, source: str = SHORT) -> str:
    return headlines.membership(
        SimpleNamespace(source=source), members=100, of=1000, bring=0.4, cost=Estimate(500.0, -10.0, 900.0),
        hurry=SimpleNamespace(word=word), currency="CNY",
    )  # fmt: skip


def tastes(*rules: str, sure: int = 12) -> str:
    row = pd.DataFrame({"hit": 0.5, "hit_low": 0.4, "hit_high": 0.6}, index=[POSTERIOR, POPULAR])
    axes = ("category", "price")
    judged = {axis: SimpleNamespace(rule=rule, rules=row) for axis, rule in zip(axes, rules, strict=False)}
    return headlines.tastes(judged, sure=sure, of=1000)


def value(came_back: float, *failing: str) -> str:
    return headlines.lifetime_value(
        TOTAL, days=365, top_tenth=0.4, came_back=came_back, error=-0.051, currency="CNY", failing=failing
    )


ANSWERS = {
    "orders": lambda: headlines.orders(LOSSES, money_in=100.0, kept=60.0, named=0.99),
    "orders without loss": lambda: headlines.orders(LOSSES.iloc[2:], money_in=60.0, kept=60.0, named=0.99),
    "orders, few buyers": lambda: headlines.orders(LOSSES, money_in=100.0, kept=60.0, named=0.2),
    "orders, no buyer": lambda: headlines.orders(LOSSES, money_in=100.0, kept=60.0, named=0.0),
    "customers": lambda: headlines.customers(CHANCES, CALM, once=0.7),
    "customers, falling": lambda: headlines.customers(CHANCES, {**CALM, "orders": alarm.LOWER}, once=0.7),
    "customers, young shop": lambda: headlines.customers(
        CHANCES.assign(share=np.nan), dict.fromkeys(alarm.NUMBERS, alarm.CANNOT_TELL), once=0.7
    ),
    "value": lambda: value(10.0),
    "value, unchecked": lambda: value(0.0),
    "value, a season": lambda: value(10.0, "a strong season"),
    "value, two fail": lambda: value(10.0, "older early customers", "frequent buyers spending more"),
    "value, three fail": lambda: value(0.0, "a falling pace", "a strong season", "regular buyers"),
    "scheme": lambda: scheme(chosen="best", price=(1.0, 9.0)),
    "scheme, today's": lambda: scheme(chosen="today", price=(0.0, 0.0)),
    "scheme, as good": lambda: scheme(chosen="best", price=(-1.0, 9.0), as_good=("today",)),
    "scheme, who knows": lambda: scheme(chosen="best", price=(-1.0, 9.0)),
    "scheme, reaches less": lambda: scheme(chosen="best", price=(-9.0, -1.0)),
    "scheme, none": lambda: scheme(chosen="best", price=(0.0, 0.0), sorts=False),
    "recall": lambda: recall(decision.SEND),
    "recall, test": lambda: recall(decision.TEST),
    "recall, loses": lambda: recall(decision.LEAVE, profit=-50.0),
    "recall, nobody": lambda: recall(decision.LEAVE, contacted=0),
    "earned": lambda: campaign(findings.EARNED, low=10, high=900),
    "lost": lambda: campaign(findings.LOST, low=-900, high=-10),
    "campaign, cannot tell": lambda: campaign(findings.CANNOT_TELL, low=-100, high=900),
    "campaign, few": lambda: campaign(findings.CANNOT_TELL, low=-100, high=900, sent=3),
    "campaign, too early": lambda: campaign(findings.TOO_EARLY, low=-100, high=900),
    "campaign, unreadable": lambda: campaign(findings.UNREADABLE, low=-100, high=900),
    "members, hurry": lambda: membership(acceleration.SPEEDS_UP),
    "members, no sign": lambda: membership(acceleration.NO_SIGN),
    "members, cannot tell": lambda: membership(acceleration.CANNOT_TELL),
    "members, proposed": lambda: membership(acceleration.CANNOT_TELL, source=PROPOSED),
    "tastes": lambda: tastes(POSTERIOR, POSTERIOR),
    "tastes, nobody sure": lambda: tastes(POSTERIOR, POPULAR, sure=0),
    "tastes, none": lambda: tastes(POPULAR, POPULAR),
}

every_answer = pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)


@every_answer
def test_an_answer_is_one_short_sentence(answer):
    said = answer()
    assert len(said.split()) <= MOST_WORDS
    assert said.endswith(".")
    assert "  " not in said
    assert "{" not in said


@every_answer
def test_an_answer_is_chinese_throughout(answer):
    with speaking("zh"):
        said = answer()
    assert re.search(r"[一-鿿]", said)
    assert not re.findall(
        r"[a-z]{3,} [a-z]{3,}", said.replace("a gift, by sms", "").replace("nothing pays", "")
    )


def test_answers_that_differ_are_told_apart():
    assert len({answer() for answer in ANSWERS.values()}) == len(ANSWERS)


def test_what_cannot_be_told_is_not_told():
    assert "cannot be told" in ANSWERS["campaign, cannot tell"]()
    assert "too few" in ANSWERS["campaign, few"]()
    assert "cannot be told yet" in ANSWERS["customers, young shop"]()
    assert ANSWERS["members, cannot tell"]().endswith("cannot be told.")


def test_the_largest_loss_is_of_what_was_read():
    assert "“not paid”" in ANSWERS["orders"]()


def test_costs_are_never_less_than_nothing():
    assert "(0 to 900)" in ANSWERS["members, no sign"]()


class TestPhrases:
    def test_rows_of_a_table_follow_one_another(self):
        table = pd.DataFrame({"share": [0.27, 0.31]}, index=pd.Index(["cannot tell", "b"], name="who"))
        assert told.each("{who} {share:.0%}", table) == "cannot tell 27%; b 31%"
        with speaking("zh"):
            assert told.each("{who} {share:.0%}", table) == "无法判断 27%；b 31%"

    def test_an_interval_that_is_not_known_is_left_out(self):
        ends = told.ranges(pd.Series([0.1, np.nan]), pd.Series([0.2, np.nan]), ".0%")
        assert ends[0] == "10% to 20%"
        assert pd.isna(ends[1])

    def test_parts_become_one_phrase(self):
        assert [told.together(parts) for parts in (["a"], ["a", "b"], ["a", "b", "c"])] == [
            "a", "a and b", "a, b and c",
        ]  # fmt: skip
        with speaking("zh"):
            assert told.together(["a", "b", "c"]) == "a、b和c"

    def test_money_and_shares_are_written_as_the_reader_does(self):
        assert (told.money(-1234.6, "CNY"), told.percent(0.274)) == ("−1,235 CNY", "27 %")
        with speaking("zh"):
            assert (told.money(1234.6, "CNY"), told.percent(0.274)) == ("1,235 元", "27%")
