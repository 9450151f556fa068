"""Offers, days and audiences in words: amounts as printed, rules as one would read them out."""

from datetime import date

import pytest

from clv.offering import words
from clv.offering.contract import FIELDS, Bounds, Offer

BELIEF = {"mean": 0.1, "sd": 0.1}


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        ({"kind": "coupon", "amount": 50.0}, "50元券", "CNY 50 off an order"),
        (
            {"kind": "coupon", "amount": 200.0, "minimum_spend": 1500.0},
            "满1500减200元券",
            "CNY 200 off an order of CNY 1,500 or more",
        ),
        ({"kind": "percent", "share": 0.12}, "8.8折", "12% off"),
        (
            {"kind": "percent", "share": 0.1, "at_most": 80.0, "minimum_spend": 300.0},
            "满300元享9折，最多减80元",
            "10% off with an order of CNY 300 or more, at most CNY 80",
        ),
        ({"kind": "notice", "title": {"en": "new pieces", "zh": "新品"}}, "新品", "new pieces"),
        (
            {"kind": "gift", "cost": 9.0, "minimum_spend": 100.0, "title": {"en": "a box", "zh": "礼盒"}},
            "满100元享礼盒",
            "a box with an order of CNY 100 or more",
        ),
    ],
)
def test_an_offer_in_both_languages(given, zh, en):
    made = Offer(name="x", uplift=BELIEF, **given)
    assert words.offer(made, "zh", currency="CNY") == zh
    assert words.offer(made, "en", currency="CNY") == en


@pytest.mark.parametrize(
    ("audience", "zh", "en"),
    [
        ({"orders": Bounds(min=2)}, "下过2单以上", "2 or more orders so far"),
        ({"orders": Bounds(min=1, max=1)}, "下过1单", "1 order so far"),
        (
            {"days_since_last": Bounds(max=90)},
            "距最近一次购买不超过90天",
            "last purchase at most 90 days ago",
        ),
        ({"spend_rank": Bounds(max=0.2)}, "消费额排在前20%", "among the 20 % who spent most"),
        (
            {"to_next_tier": Bounds(max=120.0)},
            "距下一等级还差不超过120元",
            "at most 120 short of the next tier",
        ),
        (
            {"festival_buyer": ["七夕", "520"]},
            "往年在七夕、520前后购买过",
            "bought around 七夕, 520 in an earlier year",
        ),
        ({"consent_sms": True, "points": Bounds(min=1500)}, "积分1,500分以上", "1,500 or more points"),
    ],
)
def test_a_rule_in_both_languages(audience, zh, en):
    assert words.reason(audience, "zh") == f"适用于所有符合条件的顾客：{zh}"
    assert words.reason(audience, "en") == f"for everybody with: {en}"


def test_every_field_but_consent_has_words():
    assert {name for name in FIELDS if not name.startswith("consent_")} == set(words._RULES)


def test_days():
    assert words.day(date(2026, 7, 4), "zh") == "7月4日"
    assert words.day(date(2026, 7, 4), "en") == "4 July"
