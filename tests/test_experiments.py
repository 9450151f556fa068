"""A campaign counted by hand, laws of its measuring, windows to the day, and wrong lists refused."""

import inspect
from datetime import date

import numpy as np
import pandas as pd
import pytest

from clv import experiments, findings, responses
from clv.errors import InputError, NoAnswerError, SettingError
from clv.measuring.earned import Money
from clv.offering.contract import Offer, Uplift
from clv.responses import Responses
from conftest import orders_table

SENT_ON, STOPS_ON, LATER = date(2026, 3, 2), date(2026, 3, 11), date(2026, 6, 30)
COUPON = Offer(
    name="coupon",
    kind="coupon",
    amount=20.0,
    minimum_spend=100.0,
    valid_days=5,
    uplift=Uplift(mean=0.2, sd=0.2),
)
MONEY = Money(0.4, {"coupon": COUPON}, {"sms": 0.1, "phone": 5.0})
FREE = Money(0.4, {}, {"sms": 0.0, "phone": 0.0})


def listed(arms: dict[str, str], **columns: object) -> pd.DataFrame:
    """A campaign's list: customer → arm; further columns as given."""
    who, arm = pd.Series(list(arms), dtype=str), pd.Series(list(arms.values()), dtype=str)
    table = pd.DataFrame(
        {
            "customer_id": who, "campaign": "spring", "offer": arm.map({"send": "coupon"}),
            "channel": arm.map({"send": "sms"}), "arm": arm, "segment": "near",
            "sent_on": pd.Timestamp(SENT_ON), "runs_until": pd.Timestamp(STOPS_ON),
        }
    )  # fmt: skip
    return table.assign(**columns)


def bought(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Orders: customer, moment, money."""
    log = pd.DataFrame(rows, columns=["customer_id", "paid_at", "amount"])
    return orders_table(log.assign(paid_at=pd.to_datetime(log["paid_at"], format="ISO8601")))


def before(who: list[str]) -> list[tuple[str, str, float]]:
    return [(one, "2026-01-01 10:00", 10.0) for one in who]


def of(past: pd.DataFrame, orders: pd.DataFrame, *, until: date = LATER, money: Money = MONEY) -> Responses:
    return responses.of(past, orders, campaign="spring", until=until, money=money)


def effects(found: Responses, seed: int = 1) -> pd.DataFrame:
    return experiments.effects(found, rng=np.random.default_rng(seed))


@pytest.fixture
def small() -> Responses:
    """Four sent a coupon of 20 from 100 on, valid for 5 days, the last of them by phone; three left alone."""
    arms = dict.fromkeys(["s1", "s2", "s3", "s4"], "send") | dict.fromkeys(["c1", "c2", "c3"], "control")
    past = listed(arms)
    past.loc[past["customer_id"] == "s4", "channel"] = "phone"
    return of(
        past,
        bought(
            *before(list(arms)),
            ("s1", "2026-03-02 00:00:00", 80.0),  # 100 on the list: redeems
            ("s1", "2026-03-11 23:59:59", 200.0),  # the last second that counts; the coupon is used
            ("s2", "2026-03-06 09:00:00", 50.0),  # too little, with the coupon too
            ("s2", "2026-03-06 21:00:00", 180.0),  # the first that could: redeems
            ("s3", "2026-03-07 00:00:00", 300.0),  # the sixth day: the coupon is over
            ("s4", "2026-03-01 23:59:59", 500.0),  # before the sending
            ("s4", "2026-03-12 00:00:00", 500.0),  # after the last day
            ("c1", "2026-03-11 12:00:00", 100.0),
            ("stranger", "2026-03-05 12:00:00", 999.0),
        ),
    )


@pytest.fixture(scope="module")
def large() -> tuple[pd.DataFrame, pd.DataFrame]:
    """List and orders of 900 customers in three segments, two of three sent something."""
    rng = np.random.default_rng(3)
    who = [f"k{k:03}" for k in range(900)]
    arm = rng.permutation(np.repeat(["send", "control"], [600, 300]))
    past = listed(dict(zip(who, arm, strict=True)), segment=rng.choice(["near", "far", "new"], 900))
    past = past.assign(segment=past["segment"].mask(rng.random(900) < 0.1))
    rows = before(who)
    for one, side in zip(who, arm, strict=True):
        for day in rng.integers(0, 10, rng.poisson(0.25 if side == "send" else 0.15)):
            rows.append((one, f"2026-03-{2 + day:02} 12:00", round(float(rng.lognormal(5, 0.7)), 2)))
    return past, bought(*rows)


# By hand


def test_each_customers_figures_are_those_counted_by_hand(small):
    found = small.customers
    counted = {
        "bought": [1, 0, 0, 1, 1, 1, 0], "orders": [1, 0, 0, 2, 2, 1, 0],
        "spend": [100, 0, 0, 280, 230, 300, 0], "given": [0, 0, 0, 20, 20, 0, 0],
        "contact": [0, 0, 0, 0.1, 0.1, 0.1, 5], "gross": [40, 0, 0, 120, 100, 120, 0],
        "profit": [40, 0, 0, 99.9, 79.9, 119.9, -5],
    }  # fmt: skip
    assert list(found.index) == ["c1", "c2", "c3", "s1", "s2", "s3", "s4"]
    for column, values in counted.items():
        assert found[column].tolist() == pytest.approx(values), column
    assert small.answers["day"].tolist() == [9, 0, 9, 4, 4, 5]
    assert (small.days, small.is_over) == (10, True)


def test_what_was_known_is_of_the_day_before_the_sending(small):
    known = small.customers[["total_spend", "orders_before", "days_since_last", "T"]]
    assert known.loc["s1"].tolist() == [10.0, 1, 59, 59]  # 1 January to 1 March
    assert known.loc["s4"].tolist() == [510.0, 2, 0, 59]  # ordered on the last evening before


def test_effects_are_those_counted_by_hand(small):
    table = effects(small)
    by_hand = {
        "buyers": (3 / 4, 1 / 3), "orders": (5 / 4, 1 / 3), "spend": (810 / 4, 100 / 3),
        "profit": (294.7 / 4, 40 / 3),
    }  # fmt: skip
    for measure, (send, control) in by_hand.items():
        row = table.loc[measure]
        assert (row["send"], row["control"]) == pytest.approx((send, control))
        assert row["difference"] == pytest.approx(send - control)
        assert row["low"] < row["difference"] < row["high"]
    # Newcombe from Wilson's .3006 to .9544 for 3 of 4, .0615 to .7923 for 1 of 3
    assert table.at["buyers", "low"] == pytest.approx(
        5 / 12 - np.hypot(0.75 - 0.3006, 0.7923 - 1 / 3), abs=1e-4
    )
    assert table.at["buyers", "high"] == pytest.approx(
        5 / 12 + np.hypot(0.9544 - 0.75, 1 / 3 - 0.0615), abs=1e-4
    )


def test_shares_who_had_bought_by_each_day_are_those_counted_by_hand(small):
    since = experiments.buyers_since(small)
    assert since["send"].tolist() == [0.25] * 4 + [0.5] + [0.75] * 5
    assert since["control"].tolist() == [0.0] * 9 + [1 / 3]


# Laws


def test_rows_of_list_and_orders_may_come_in_any_order(large, rng):
    past, orders = large
    mixed = of(past.iloc[rng.permutation(len(past))], orders.iloc[rng.permutation(len(orders))])
    plain = of(past, orders)
    pd.testing.assert_frame_equal(plain.customers, mixed.customers)
    pd.testing.assert_frame_equal(plain.answers, mixed.answers)
    pd.testing.assert_frame_equal(effects(plain), effects(mixed))


def test_nothing_that_customers_did_with_a_message_can_enter(large):
    """By assignment: no function takes who opened, clicked or redeemed, and such columns change nothing."""
    past, orders = large
    assert set(inspect.signature(responses.of).parameters) == {
        "past", "orders", "campaign", "until", "money", "window",
    }  # fmt: skip
    assert set(inspect.signature(experiments.effects).parameters) == {"found", "rng"}
    opened = past.assign(opened=np.arange(len(past)) % 3 == 0, redeemed=np.arange(len(past)) % 5 == 0)
    pd.testing.assert_frame_equal(effects(of(past, orders)), effects(of(opened, orders)))


def test_money_is_conserved(large):
    past, orders = large
    found = of(past, orders).customers
    inside = orders[orders["paid_at"].between("2026-03-02", "2026-03-11 23:59:59.999")]
    assert found["spend"].sum() == pytest.approx(inside["amount"].sum())
    assert found["orders"].sum() == len(inside)
    assert found["given"].sum() > 100
    assert found["profit"].to_numpy() == pytest.approx(
        (0.4 * (found["spend"] + found["given"]) - found["given"] - found["contact"]).to_numpy()
    )


def test_arms_that_change_places_turn_the_effects_round(large):
    """Nothing is given and contacts cost nothing, so the arms differ in name alone."""
    past, orders = large
    turned = past.assign(arm=past["arm"].map({"send": "control", "control": "send"}))
    one, other = effects(of(past, orders, money=FREE)), effects(of(turned, orders, money=FREE))
    assert list(other["difference"]) == pytest.approx(list(-one["difference"]))
    exact = one["method"] != "bootstrap"
    assert exact["buyers"] and exact["orders"]
    assert list(other.loc[exact, "low"]) == pytest.approx(list(-one.loc[exact, "high"]))


def test_a_dearer_contact_takes_its_price_off_the_profit_and_nothing_else(large):
    past, orders = large
    cheap, dear = (
        effects(of(past, orders, money=Money(0.4, MONEY.offers, {"sms": cost}))) for cost in (0.1, 3.1)
    )
    names = ["difference", "low", "high"]
    assert list(cheap.loc["profit", names] - dear.loc["profit", names]) == pytest.approx([3.0] * 3)
    pd.testing.assert_frame_equal(cheap.drop("profit"), dear.drop("profit"))


def test_fewer_who_redeem_leave_more(large):
    past, orders = large
    shares = [effects(of(past, orders, money=Money(0.4, MONEY.offers, redeemed=r))) for r in (0.0, 0.5, 1.0)]
    none, some, every = (table.at["profit", "difference"] for table in shares)
    assert none > some > every
    # of each coupon of 20, taken off the price: 12 of 20 are lost, as 8 are margin that was never there
    given = of(past, orders).customers["given"].sum()
    assert (none - every) * 600 == pytest.approx(0.6 * given)


def test_stretches_of_one_day_add_up_to_all_days_of_purchase(large):
    """With no orders of those left alone the differences are shares of those sent something, day by day."""
    past, orders = large
    alone = past.loc[past["arm"] == "control", "customer_id"]
    found = of(past, orders[~(orders["customer_id"].isin(alone) & (orders["paid_at"] >= "2026-03-02"))])
    days = experiments.over_days(found, stretches=found.days)
    assert days["first_day"].tolist() == days["last_day"].tolist() == list(range(10))
    counted = len(found.answers[["customer_id", "day"]].drop_duplicates())
    assert days["difference"].sum() * 600 == pytest.approx(counted)
    few = experiments.over_days(found)
    assert few["first_day"].iloc[0] == 0 and few["last_day"].iloc[-1] == 9
    assert few["first_day"].iloc[1:].tolist() == (few["last_day"].iloc[:-1] + 1).tolist()


def test_shares_who_had_bought_rise_and_end_at_the_effect(large):
    found = of(*large)
    since, table = experiments.buyers_since(found), effects(found)
    for arm in ("send", "control"):
        assert since[arm].iloc[-1] == pytest.approx(table.at["buyers", arm])
        assert (since[arm].diff().dropna() >= 0).all()
        assert (since[f"{arm}_low"] <= since[arm]).all() and (since[arm] <= since[f"{arm}_high"]).all()


@pytest.mark.parametrize("measure", list(experiments.MEASURES))
def test_segments_add_up_to_all(large, measure):
    found = of(*large)
    table, differ = experiments.by_segment(
        found, effects(found), measure=measure, rng=np.random.default_rng(1)
    )
    sizes = table["customers"]
    assert sizes.drop("all").sum() == sizes["all"] == 900
    assert set(table.index) == {"near", "far", "new", "unknown", "all"} and table.index[-1] == "all"
    assert sizes.drop("all").is_monotonic_decreasing
    assert table.at["all", "difference"] == pytest.approx(effects(found).at[measure, "difference"])
    assert table.at["all", "pooled"] == table.at["all", "difference"]
    alone, pooled = table["difference"].drop("all"), table["pooled"].drop("all")
    assert np.ptp(pooled) < np.ptp(alone)
    assert 0 < differ < 1


def test_an_effect_of_the_first_days_fades_and_one_that_lasts_does_not():
    rng, who = np.random.default_rng(5), [f"k{k:04}" for k in range(2000)]
    past = listed({one: "send" if k % 2 else "control" for k, one in enumerate(who)})
    news = [(one, f"2026-03-{2 + k % 4:02} 12:00", 50.0) for k, one in enumerate(who[1::8])]
    lasts = [(one, f"2026-03-{2 + k % 10:02} 12:00", 50.0) for k, one in enumerate(who[1::8])]
    early, even = (
        experiments.fading(of(past, bought(*before(who), *rows)), rng=rng) for rows in (news, lasts)
    )
    assert early.value == pytest.approx(-0.25) and early.high < 0
    assert even.value == pytest.approx(0) and even.low < 0 < even.high


def test_halves_of_an_odd_window_are_of_one_length():
    """One purchase a day, by customers of their own: no fading, whichever day is in the middle."""
    who = [f"k{k:02}" for k in range(30)]
    past = listed({one: "send" if k < 20 else "control" for k, one in enumerate(who)})
    rows = [(who[day], f"2026-03-{2 + day:02} 12:00", 50.0) for day in range(9)]
    found = of(past, bought(*before(who), *rows), until=date(2026, 3, 10))
    assert found.days == 9
    assert experiments.fading(found, rng=np.random.default_rng(1)).value == 0


def test_arms_by_lot_are_balanced_as_far_as_chance_allows(large):
    past, orders = large
    rng = np.random.default_rng(9)
    history = bought(
        *(
            (one, f"2026-02-{rng.integers(1, 29):02} 12:00", float(rng.lognormal(4, 1)))
            for one in past["customer_id"]
        )
    )
    orders = pd.concat([history.assign(order_id="b" + history["order_id"]), orders], ignore_index=True)
    table = experiments.balance(of(past, orders))
    assert list(table["expected"]) == pytest.approx([1.96 * np.sqrt(1 / 600 + 1 / 300)] * 4, rel=1e-4)
    assert (table["difference"].abs() < 2 * table["expected"]).all()
    favoured = past.sort_values("customer_id").assign(
        arm=np.where(of(past, orders).customers["total_spend"].rank() > 300, "send", "control")
    )
    spent = experiments.balance(of(favoured, orders)).loc["total_spend"]
    assert spent["difference"] > 5 * spent["expected"]


# Windows


@pytest.mark.parametrize(
    ("moment", "counts"),
    [
        ("2026-03-01 23:59:59", False),
        ("2026-03-02 00:00:00", True),
        ("2026-03-11 23:59:59", True),
        ("2026-03-12 00:00:00", False),
    ],
)
def test_the_day_of_sending_and_the_last_day_count_and_no_other(moment, counts):
    found = of(listed({"s": "send", "c": "control"}), bought(*before(["s", "c"]), ("s", moment, 50.0)))
    assert found.customers.at["s", "bought"] == counts
    assert found.customers.at["s", "orders_before"] == (2 if moment < "2026-03-02" else 1)


@pytest.mark.parametrize(
    ("runs_until", "last"),
    [
        ([pd.NaT, pd.NaT], "2026-03-31"),
        (["2026-03-11", pd.NaT], "2026-03-11"),
        (["2026-03-02"] * 2, "2026-03-02"),
    ],
)
def test_the_last_day_of_the_list_wins_over_the_window_even_where_one_arm_alone_has_it(runs_until, last):
    past = listed({"s": "send", "c": "control"}).assign(runs_until=pd.to_datetime(pd.Series(runs_until)))
    orders = bought(*before(["s", "c"]))
    found = responses.of(past, orders, campaign="spring", until=LATER, money=MONEY, window=30)
    assert found.stops_on.isoformat() == found.seen_until.isoformat() == last


def test_an_early_look_sees_the_days_so_far_and_says_that_it_is_one():
    past, orders = (
        listed({"s": "send", "c": "control"}),
        bought(*before(["s", "c"]), ("s", "2026-03-04 12:00", 50.0), ("c", "2026-03-09 12:00", 50.0)),
    )
    early = of(past, orders, until=date(2026, 3, 4))
    assert (early.is_over, early.days, early.stops_on) == (False, 3, STOPS_ON)
    assert early.customers["bought"].to_dict() == {"c": 0.0, "s": 1.0}
    assert len(experiments.buyers_since(early)) == 3
    said = findings.verdict(early, effects(early), sizes=None, registered=None)
    assert said.word in (findings.TOO_EARLY, findings.CANNOT_TELL)
    assert of(past, orders, until=STOPS_ON).is_over


# Few, and none


def test_a_control_group_of_three_gives_a_result_that_cannot_tell(rng):
    who = [f"k{k:03}" for k in range(203)]
    past = listed({one: "send" if k < 200 else "control" for k, one in enumerate(who)})
    orders = bought(
        *before(who), *((one, "2026-03-04 12:00", float(rng.lognormal(5, 1))) for one in who[:20])
    )
    found = of(past, orders)
    table = effects(found)
    assert np.isfinite(table[["difference", "low", "high", "adjusted"]].to_numpy(dtype=float)).all()
    said = findings.verdict(found, table, sizes=None, registered=None)
    assert said.word == findings.CANNOT_TELL and "only 3 customers were left alone" in said.sentence
    for measure in experiments.MEASURES:
        experiments.by_segment(found, effects(found), measure=measure, rng=rng)
    experiments.over_days(found), experiments.fading(found, rng=rng), experiments.balance(found)


@pytest.mark.parametrize("channels", [["sms"], ["sms", "phone"]], ids=["one price", "several prices"])
def test_where_nobody_bought_nothing_is_said_of_money_whatever_contacts_cost(channels, rng):
    """What contacts cost is sure. What they moved is not, though all customers did the same: nothing."""
    who = [f"k{k:03}" for k in range(60)]
    past = listed({one: "send" if k < 40 else "control" for k, one in enumerate(who)})
    past = past.assign(channel=[channels[k % len(channels)] if k < 40 else None for k in range(60)])
    found = of(past, bought(*before(who)))
    table = effects(found)
    assert table["method"].to_dict() == {
        "buyers": "Newcombe", "orders": "none", "spend": "none", "profit": "none",
    }  # fmt: skip
    assert table.loc[["orders", "spend", "profit"], ["low", "high"]].isna().all(axis=None)
    assert table.at["buyers", "low"] == pytest.approx(-0.1611, abs=5e-5)  # Newcombe 1998: 0 of 20
    assert table.at["profit", "difference"] == pytest.approx(-found.customers["contact"].sum() / 40)
    said = findings.verdict(found, table, sizes=None, registered=None)
    assert said.word == findings.CANNOT_TELL and np.isnan(said.low)
    money, differ = experiments.by_segment(found, effects(found), measure="profit", rng=rng)
    assert money["pooled_low"].isna().all() and np.isnan(differ)
    assert experiments.fading(found, rng=rng).method == "none"
    assert (experiments.buyers_since(found)[["send", "control"]] == 0).all(axis=None)


def test_segments_without_a_pair_in_an_arm_take_after_the_others():
    who = [f"k{k:03}" for k in range(300)]
    past = listed({one: "send" if k % 3 else "control" for k, one in enumerate(who)})
    segment = ["lone"] + ["near" if k % 2 else "far" for k in range(299)]
    orders = bought(*before(who), *((one, "2026-03-04 12:00", 60.0) for one in who[::5]))
    found = of(past.assign(segment=segment), orders)
    table, _ = experiments.by_segment(found, effects(found), rng=np.random.default_rng(1))
    lone = table.loc["lone"]
    assert lone["customers"] == 1 and np.isnan(lone["difference"])
    assert table["pooled"].drop(["lone", "all"]).min() <= lone["pooled"] <= table["pooled"].drop("lone").max()
    assert (
        lone["pooled_high"] - lone["pooled_low"]
        >= table.at["near", "pooled_high"] - table.at["near", "pooled_low"]
    )


def test_customers_new_to_the_shop_count_and_are_unknown_before():
    arms = {"s1": "send", "s2": "send", "s3": "send", "c1": "control", "c2": "control"}
    orders = bought(
        *before(["s1", "s2", "c1"]), ("s3", "2026-03-03 12:00", 40.0), ("c2", "2026-03-03 12:00", 30.0)
    )
    found = of(listed(arms), orders)
    assert found.customers.loc[["s3", "c2"], "total_spend"].isna().all()
    assert found.customers.loc[["s3", "c2"], "bought"].all()
    assert effects(found)["adjusted"].notna().all()


# Which campaign


def named(*campaigns: tuple[str, str, object]) -> pd.DataFrame:
    """Lists of several campaigns: name, day of sending, last day."""
    parts = [
        listed({"s": "send", "c": "control"}).assign(
            campaign=name, sent_on=pd.Timestamp(day), runs_until=pd.Timestamp(last) if last else pd.NaT
        )
        for name, day, last in campaigns
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(
    ("until", "meant"),
    [
        ("2026-04-30", "march"),  # april is not over
        ("2026-05-10", "april"),
        ("2026-03-05", "march"),  # none is over; april was not yet sent
        ("2026-01-05", "april"),  # none was sent: the last there is
    ],
)
def test_the_last_campaign_that_is_over_is_meant(until, meant):
    past = named(("march", "2026-03-01", None), ("april", "2026-04-20", "2026-05-10"))
    found = responses.chosen(past, "", window=10, until=date.fromisoformat(until))
    assert found == meant
    assert responses.chosen(past, "april", window=10, until=LATER) == "april"


def test_no_campaign_and_an_unknown_one_are_told():
    with pytest.raises(NoAnswerError, match="no campaign to measure"):
        responses.chosen(listed({}), "", window=10, until=LATER)
    with pytest.raises(SettingError, match="'sprnig'; did you mean 'spring'"):
        responses.chosen(listed({"s": "send", "c": "control"}), "sprnig", window=10, until=LATER)


def test_other_campaigns_of_the_same_customers_do_not_enter(large):
    past, orders = large
    other = past.assign(campaign="autumn", arm=past["arm"].iloc[::-1].to_numpy(), offer="else")
    pd.testing.assert_frame_equal(
        of(pd.concat([other, past], ignore_index=True), orders).customers, of(past, orders).customers
    )


# Wrong lists

PAIR = {"s1": "send", "s2": "send", "c1": "control"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda past: pd.concat([past, past.iloc[[0]].assign(arm="control")]), "1 are in both arms"),
        (lambda past: pd.concat([past, past.iloc[[0]]]), "1 stand twice"),
        (
            lambda past: past.assign(arm=["send", "held", "control"]),
            "1 rows that say 'send', 1 'control' and 1",
        ),
        (lambda past: past.assign(arm="send"), "3 rows that say 'send', 0 'control' and 0 other"),
        (
            lambda past: past.assign(sent_on=[pd.Timestamp(SENT_ON), *[pd.Timestamp("2026-03-03")] * 2]),
            "sent on 2 different days",
        ),
        (lambda past: past.assign(runs_until=pd.Timestamp("2026-03-01")), "before it was sent on 2026-03-02"),
        (
            lambda past: past.assign(customer_id=["x", "y", "z"]),
            "3 of the campaign's 3 customers have no order",
        ),
        (lambda past: past.assign(campaign="autumn"), "0 rows that say 'send', 0 'control'"),
    ],
    ids=[
        "both arms",
        "twice",
        "third word",
        "empty arm",
        "two days",
        "ends first",
        "other shop",
        "no such list",
    ],
)
def test_a_wrong_list_is_refused_without_naming_anybody(change, said):
    with pytest.raises(InputError, match=said) as refused:
        of(change(listed(PAIR)), bought(*before(list(PAIR))))
    assert not any(name in str(refused.value) for name in ("s1", "s2", "c1"))


def test_orders_that_end_before_the_sending_carry_no_answer():
    with pytest.raises(NoAnswerError, match="end on 2026-03-01, before the campaign 'spring' was sent"):
        of(listed(PAIR), bought(*before(list(PAIR))), until=date(2026, 3, 1))
