"""A campaign worked out on a simulated shop: conservation, fair comparison, limits, wrong input."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

import shops_simulated
from clv import baseline, decision, origins, prospects, recall, schemes, what_if
from clv.errors import InputError, NoAnswerError, SettingError
from clv.offering.contract import Declared
from clv.recalling import asked, sendlist
from clv.recalling.campaign import NOTHING, PLAN, Campaign
from clv.recalling.terms import Tables, Terms

SECRET = b"for tests"
TERMS = Terms(until=date(2026, 6, 30), send_on=date(2026, 7, 1), budget=800.0, calls=12, margin=0.3)
MESSAGE = {
    "en": "【{shop}】{offer}, code {code}, until {expires}. {unsubscribe}",
    "zh": "【{shop}】{offer}，码{code}。{unsubscribe}",
}
CALL = {language: text.replace("{unsubscribe}", "") for language, text in MESSAGE.items()}

WORD = {"en": "【{shop}】{offer}. {unsubscribe}", "zh": "【{shop}】{offer}。{unsubscribe}"}
CALL_WORD = {"en": "{shop}: {offer}", "zh": "{shop}：{offer}"}


def declared(**changed: object) -> Declared:
    given = {
        "audience": {"days_since_last": {"min": 31, "max": 400}},
        "offers": [
            {
                "name": "word",
                "kind": "notice",
                "uplift": {"mean": 0.15, "sd": 0.1},
                "messages": {"sms": WORD, "phone": CALL_WORD},
            },
            {
                "name": "coupon",
                "kind": "coupon",
                "amount": "6 % of basket",
                "minimum_spend": "50 % of basket",
                "valid_days": 60,
                "uplift": {"mean": 0.6, "sd": 0.2},
                "uplift_by_channel": {"phone": {"mean": 1.2, "sd": 0.3}},
            },
            {
                "name": "big",
                "kind": "percent",
                "share": 0.2,
                "valid_days": 60,
                "uplift": {"mean": 0.5, "sd": 0.4},
            },
        ],
        "channels": ["sms", "phone"],
        "control_share": 0.25,
        "messages": {"sms": MESSAGE, "phone": CALL},
    }
    return Declared.model_validate({**given, **changed})


@pytest.fixture(scope="module", autouse=True)
def _each_past_once() -> Iterator[None]:
    """Hold the same orders up to the same day against their past once: it takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((origins, "today"), (baseline, "baseline")):
            patch.setattr(module, name, _remembering(getattr(module, name)))
        yield


def _remembering(function: Callable) -> Callable:
    """Return a function that answers from memory where it is asked of the very same things again."""
    kept: dict[tuple, tuple] = {}

    def answer(*given: object, **more: object) -> object:
        asked = (*given, *more.values())  # kept as well, so that no other table comes to bear the same number
        key = (*map(_which, asked), *more)
        if key not in kept:
            kept[key] = asked, function(*given, **more)
        return kept[key][1]

    return answer


def _which(one: object) -> object:
    try:
        hash(one)
    except TypeError:  # a table
        return id(one)
    return one


@pytest.fixture(scope="module")
def shop() -> Tables:
    orders = shops_simulated.orders(1800, rng=np.random.default_rng(5))
    ids = pd.Index(sorted(orders["customer_id"].unique()), name="customer_id")
    rng = np.random.default_rng(6)
    members = pd.DataFrame(
        {"consent_sms": rng.random(len(ids)) < 0.8, "consent_phone": rng.random(len(ids)) < 0.3}, index=ids
    )
    return Tables(orders, members)


def worked_out(
    shop: Tables, page: Declared | None = None, terms: Terms = TERMS, scheme: str = "windows"
) -> Campaign:
    return recall.prepare(
        shop, page or declared(), terms, scheme=schemes.load(scheme), campaign="test", secret=SECRET
    )


@pytest.fixture(scope="module")
def campaign(shop) -> Campaign:
    return worked_out(shop)


def test_everybody_of_the_audience_is_somewhere(campaign):
    """Audience = sent + left alone + nothing + cannot be reached; arms × choice cover the reachable."""
    reached = len(campaign.people)
    not_reached = (~campaign.reachable.allowed.any(axis=1)).sum()
    assert reached + not_reached == len(campaign.audience.customers)
    nothing = int((campaign.chosen == NOTHING).sum())
    assert campaign.contacted.sum() + campaign.held_back.sum() + nothing == reached


def test_the_plan_keeps_budget_calls_and_consent(campaign):
    rows = np.flatnonzero(campaign.contacted)
    chosen = campaign.chosen[rows]
    assert campaign.worth.cost[rows, chosen].sum() <= TERMS.budget * (1 + 1e-9)
    calls = [campaign.options[n].channel == "phone" for n in chosen]
    assert sum(calls) <= TERMS.calls
    got = np.flatnonzero(campaign.chosen != NOTHING)
    assert campaign.allowed[got, campaign.chosen[got]].all()
    agreed = campaign.reachable.allowed.loc[campaign.people.customers.index[got]]
    by = [campaign.options[n].channel for n in campaign.chosen[got]]
    assert all(agreed.iloc[row][channel] for row, channel in enumerate(by))


def test_the_control_group_has_its_share_and_is_like_the_others(campaign):
    assert (~campaign.sent).mean() == pytest.approx(0.25, abs=0.03)
    held, sent = campaign.held_back.sum(), campaign.contacted.sum()
    assert held / (held + sent) == pytest.approx(0.25, abs=0.06)
    p0 = campaign.people.p0
    assert p0[campaign.held_back].mean() == pytest.approx(p0[campaign.contacted].mean(), rel=0.15)


def test_the_same_campaign_again_is_the_same_to_the_last_customer(shop, campaign):
    again = worked_out(replace(shop, orders=shop.orders.sample(frac=1, random_state=1)))
    assert again.arms.equals(campaign.arms)
    assert np.array_equal(again.chosen, campaign.chosen)


def test_another_campaign_draws_another_control_group(shop, campaign):
    other = recall.prepare(
        shop, declared(), TERMS, scheme=schemes.load("windows"), campaign="other", secret=SECRET
    )
    assert 0.3 < (other.arms == campaign.arms).mean() < 0.8


def test_the_plan_earns_at_least_what_its_rivals_within_the_budget_earn(campaign, rng):
    drawn = prospects.futures(campaign, draws=300, rng=rng)
    found = prospects.rivals(campaign, drawn)
    assert found.loc[PLAN, "profit"] >= found["profit"].iloc[1] - 1e-6
    error = drawn[PLAN].std() / np.sqrt(300)
    assert drawn[PLAN].mean() == pytest.approx(found.loc[PLAN, "profit"], abs=4 * error)
    assert campaign.everybody == "everybody: 20% off"
    assert found.loc[campaign.everybody, "contacted"] == campaign.sent.sum()


def test_more_budget_or_calls_never_earn_less_and_the_curve_bends_down(shop, campaign):
    richer = worked_out(shop, terms=replace(TERMS, budget=1600.0, calls=40))
    assert richer.choice.profit >= campaign.choice.profit
    curve = prospects.curve(campaign)
    assert (curve["profit"].diff().dropna() >= -1e-6).all()
    slope = curve["profit"].diff() / curve["budget"].diff()
    assert (slope.dropna().diff().dropna() <= 0.02 * slope.max()).all()
    at_budget = np.interp(TERMS.budget, curve["budget"], curve["profit"])
    assert at_budget == pytest.approx(campaign.choice.profit, rel=0.01)


def test_the_price_of_budget_is_what_the_next_of_it_earns(shop, campaign):
    more = worked_out(shop, terms=replace(TERMS, budget=TERMS.budget * 1.05))
    gained = (more.choice.bound - campaign.choice.bound) / (0.05 * TERMS.budget)
    assert gained == pytest.approx(campaign.choice.budget_price, rel=0.1)
    assert campaign.choice.budget_price > 0


def test_same_offer_gives_a_segment_one_offer_by_whatever_channel(shop, campaign):
    page = declared(same_offer=True)
    found = worked_out(shop, page, replace(TERMS, budget=5000.0))
    got = found.chosen != NOTHING
    offers = pd.Series([found.options[n].offer.name for n in found.chosen[got]])
    assert (offers.groupby(found.people.segment[got]).nunique() == 1).all()
    for name in set(found.people.segment[got]):
        mine = found.people.segment == name
        able = found.allowed[mine][:, [option.channel == "sms" for option in found.options]].any(axis=1)
        assert (found.chosen[mine][able] != NOTHING).all()
    free = worked_out(shop, declared(), replace(TERMS, budget=5000.0))
    assert found.choice.profit <= free.choice.bound + 1e-6


def test_limits_of_segments_hold_in_both_languages(shop):
    for name in ("sleeping", "睡眠"):
        page = declared(limits={name: {"min": 5, "max": 9}})
        found = worked_out(shop, page)
        sleeping = found.people.segment == "sleeping"
        assert 5 <= (found.contacted & sleeping).sum() <= 9


def test_believed_uplifts_of_a_segment_decide_who_is_chosen(shop):
    hopeless = [
        {"name": "word", "kind": "notice", "uplift": {"mean": 0.5, "sd": 0.1},
         "uplift_by_segment": {"lost": {"mean": -1.0, "sd": 0.1}}}
    ]  # fmt: skip
    found = worked_out(shop, declared(offers=hopeless, channels=["sms"]))
    lost = found.people.segment == "lost"
    assert lost.any()
    assert not (found.chosen[lost] != NOTHING).any()
    assert (found.chosen[~lost] != NOTHING).any()


def test_whom_a_running_campaign_left_alone_is_left_alone_by_the_next(shop):
    first = worked_out(shop)
    ids, arms = first.people.customers.index, first.arms.to_numpy()
    put = pd.DataFrame(
        {"customer_id": ids, "arm": arms, "campaign": "first", "offer": "word", "channel": "sms"}
    )
    until = pd.Timestamp("2026-07-01")
    past = put.assign(segment=None, sent_on=pd.Timestamp("2026-05-20"), runs_until=until)
    with pytest.raises(NoAnswerError, match="may be reached"):
        worked_out(replace(shop, past=past))
    over = worked_out(replace(shop, past=past.assign(runs_until=until - pd.Timedelta(days=1))))
    assert len(over.people) == len(first.people)
    with pytest.raises(NoAnswerError, match="may be reached"):  # its end is not known: a quarter
        worked_out(replace(shop, past=past.assign(runs_until=pd.NaT)))


def test_a_limit_that_forces_a_loss_is_no_reason_to_send(shop, rng):
    harmful = [{"name": "word", "kind": "notice", "uplift": {"mean": -0.5, "sd": 0.1}}]
    page = declared(offers=harmful, channels=["sms"], limits={"sleeping": {"min": 20}})
    found = worked_out(shop, page)
    plans = prospects.rivals(found, prospects.futures(found, draws=50, rng=rng))
    said = decision.decide(plans, decision.trial(found))
    assert found.contacted.sum() == 20
    assert said.word == decision.LEAVE and "a limit wants customers" in said.sentence


def test_segments_of_another_scheme_in_past_campaigns_count_without(shop):
    ids = sorted(shop.orders["customer_id"].unique())[:400]
    past = pd.DataFrame(
        {
            "customer_id": ids,
            "campaign": "old",
            "offer": "coupon",
            "channel": "sms",
            "arm": ["send", "control"] * 200,
            "segment": "Champions",
            "sent_on": pd.Timestamp("2025-12-01"),
            "runs_until": pd.Timestamp("2026-01-29"),
        }
    )
    found = worked_out(replace(shop, past=past))
    assert any("segments of another scheme" in note for note in found.notes)
    assert any("coupon by sms: learned from one campaign of its own (200" in note for note in found.notes)


def test_doing_less_harm_where_nothing_pays_is_to_leave_them(shop, rng):
    harmful = [{"name": "word", "kind": "notice", "uplift": {"mean": -0.5, "sd": 0.1}}]
    found = worked_out(shop, declared(offers=harmful, channels=["sms"]))
    assert not found.contacted.any()
    plans = prospects.rivals(found, prospects.futures(found, draws=50, rng=rng))
    said = decision.decide(plans, decision.trial(found))
    assert said.word == decision.LEAVE
    assert decision.detection(found).sentence.startswith("This campaign cannot tell anything")
    assert found.main == "word by sms"


def test_the_offers_table_says_what_the_formula_says(campaign):
    table = prospects.chances(campaign)
    assert (table["uplift_low"] <= table["uplift"]).all() and (table["uplift"] <= table["uplift_high"]).all()
    assert ((table["profit_low"] > 0) <= (table["chance_positive"] > 0.95)).all()
    assert table["chance_positive"].between(0, 1).all()
    pays = table["uplift"] > table["break_even"]
    assert (pays == (table["chance_positive"] > 0.5)).all()


def test_the_tornado_brackets_the_expected_profit(campaign):
    table = prospects.tornado(campaign)
    assert len(table) == 8
    profit = campaign.choice.profit
    ends = table[["profit_low", "profit_high"]]
    assert (ends.min(axis=1) <= profit * 1.02 + 1).all()
    inside = table["what"] != "Uplift of the offers"
    assert (ends.max(axis=1)[inside] >= profit * 0.98 - 1).all()
    assert (ends.diff(axis=1).iloc[:, 1].abs().diff().dropna() <= 1e-9).all()


def test_a_test_first_is_never_worth_more_than_knowing(campaign):
    table = decision.trial(campaign)
    assert len(table)
    assert (table["tested"] <= table["perfect"] + 1e-6).all()
    assert (table["now"] <= table["perfect"] + 1e-6).all()
    assert np.allclose(table["worth"], table["tested"] - table["now"])


def test_a_doubtful_offer_is_worth_a_test_and_a_sure_one_is_not(shop):
    def worth(sd: float) -> float:
        open_question = [
            {"name": "coupon", "kind": "coupon", "amount": 40.0, "uplift": {"mean": 0.55, "sd": sd}}
        ]
        found = worked_out(shop, declared(offers=open_question, channels=["sms"]), replace(TERMS, budget=1e6))
        return decision.trial(found)["worth"].sum()

    assert worth(1.0) > 0 > worth(0.01)


def test_who_adds_up_to_the_send_arm_and_the_plans_profit(campaign):
    table = prospects.who(campaign)
    assert table["customers"].sum() == campaign.sent.sum()
    assert table["profit"].sum() == pytest.approx(campaign.choice.profit)


def test_what_if_the_sliders_stand_still_the_curve_is_the_plans(campaign):
    curve = what_if.profit_curve(campaign, discount=1, margin=0.3, uplift=1)
    here = prospects.curve(campaign)
    at = 0.6 * here["budget"].max()
    mine, plans = (np.interp(at, table["budget"], table["profit"]) for table in (curve, here))
    assert mine == pytest.approx(plans, rel=0.03)
    top = curve["profit"].max()
    assert what_if.profit_curve(campaign, discount=1, margin=0.2, uplift=1)["profit"].max() < top
    assert what_if.profit_curve(campaign, discount=2, margin=0.3, uplift=1)["profit"].max() < top
    assert what_if.profit_curve(campaign, discount=1, margin=0.3, uplift=1.5)["profit"].max() > top


def rows(campaign: Campaign, shop: Tables, language: str = "zh") -> pd.DataFrame:
    return sendlist.rows(
        campaign,
        name="test",
        shop="金满堂",
        currency="CNY",
        language=language,
        secret=SECRET,
        members=shop.members,
    )


def test_the_list_has_everybody_whom_the_plan_chose_and_says_why(campaign, shop):
    table = rows(campaign, shop)
    assert len(table) == campaign.contacted.sum() + campaign.held_back.sum()
    sent = table[table["arm"] == "send"]
    assert set(sent["customer_id"]) == set(campaign.people.customers.index[campaign.contacted])
    own = sent[sent["offer"] != "word"]
    assert own["code"].is_unique
    assert all(code in text for code, text in zip(own["code"], own["message"], strict=True))
    assert (sent.loc[sent["offer"] == "word", "code"] == "").all()  # nothing to redeem
    assert (sent["message"] != "").all()
    assert (table.loc[table["arm"] == "control", ["code", "message"]] == "").all(axis=None)
    assert table["reason"].eq("适用于所有符合条件的顾客：距最近一次购买31至400天").all()
    assert set(table.loc[table["channel"] == "sms", "send_from"]) == {"19:00"}
    assert set(table["expires_on"]) <= {"2026-07-14", "2026-08-29"}


def test_the_list_in_english(campaign, shop):
    table = rows(campaign, shop, "en")
    coupon = table[(table["offer"] == "coupon") & (table["arm"] == "send")]
    assert coupon["message"].str.contains("off an order of CNY").all()
    assert coupon["message"].str.contains("until 29 August").all()


def test_a_message_that_may_not_be_sent_stops_the_list(campaign, shop):
    bad = {"en": MESSAGE["en"], "zh": "全网最低价！{offer}，码{code}"}
    page = declared(messages={"sms": bad, "phone": CALL})
    with pytest.raises(
        SettingError, match=r"message of coupon by sms may not be sent: the SMS has no sender's mark"
    ):
        rows(replace(campaign, declared=page), shop)


def test_a_channel_without_a_message_stops_the_list(campaign, shop):
    page = declared(messages={"phone": CALL})
    with pytest.raises(SettingError, match="no message for sms"):
        rows(replace(campaign, declared=page), shop)


def test_the_usual_order_is_the_median_of_the_last_year_before_the_day(shop):
    day = pd.Timestamp("2025-12-31")
    paid = shop.orders["paid_at"]
    recent = shop.orders.loc[(paid <= day) & (paid > day - pd.Timedelta(days=365)), "amount"]
    assert asked.usual_order(shop.orders, until=day) == recent.median()


# Wrong input: one sentence each, before anything is written -------------------------------------------------


def test_an_empty_audience_is_told(shop):
    with pytest.raises(NoAnswerError, match="days since the last purchase"):
        worked_out(shop, declared(audience={"days_since_last": {"min": 5000}}))


def test_an_offer_that_can_never_pay_is_told(shop):
    ruinous = [{"name": "half", "kind": "percent", "share": 0.5, "uplift": {"mean": 0.5, "sd": 0.2}}]
    with pytest.raises(SettingError, match=r"'half' can never pay: it gives away 50% of an order"):
        worked_out(shop, declared(offers=ruinous))


def test_a_negative_budget_is_told(shop):
    with pytest.raises(SettingError, match="budget is -1"):
        worked_out(shop, terms=replace(TERMS, budget=-1.0))


def test_a_margin_above_one_is_told(shop):
    with pytest.raises(SettingError, match=r"margin is 1\.2"):
        worked_out(shop, terms=replace(TERMS, margin=1.2))


def test_a_missing_consent_column_is_told(shop):
    lacking = replace(shop, members=shop.members.drop(columns="consent_sms"))
    with pytest.raises(InputError, match="no column consent_sms"):
        worked_out(lacking)


def test_no_members_file_is_told_before_a_list_is_asked_for(shop):
    with pytest.raises(InputError, match="names no `members:` file"):
        recall.require_members(None)


def test_nobody_who_agreed_is_told_with_the_reason(shop):
    nobody = shop.members.assign(consent_sms=False, consent_phone=False)
    with pytest.raises(NoAnswerError, match=r"none of the [\d,]+ customers .* has not agreed"):
        worked_out(replace(shop, members=nobody))


def test_a_segment_that_the_scheme_does_not_know_is_told_with_the_nearest(shop):
    with pytest.raises(SettingError, match="did you mean 'sleeping'"):
        worked_out(shop, declared(limits={"sleepin": {"max": 3}}))
