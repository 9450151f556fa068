"""Visits, occasions and second steps: laws, what was planted, and each edge once."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from clv import contact_calendar, demographics, follow_ups, visits
from clv.errors import InputError, NoAnswerError, SettingError

UNTIL = date(2026, 6, 30)


def seen(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Return VISITS of rows (customer, moment, kind)."""
    frame = pd.DataFrame(rows, columns=["customer_id", "at", "kind"])
    return frame.assign(at=pd.to_datetime(frame["at"]), sku=None, category="rings")


def bought(*rows: tuple[str, str], category: str = "rings") -> pd.DataFrame:
    """Return the columns of ORDERS that are looked at, of rows (customer, moment)."""
    frame = pd.DataFrame(rows, columns=["customer_id", "paid_at"])
    return frame.assign(
        paid_at=pd.to_datetime(frame["paid_at"]), category=category, order_id=frame.index.astype(str)
    )


VISITS = seen(
    ("a", "2026-06-20 10:00", "viewed"), ("a", "2026-06-20 11:00", "carted"),
    ("b", "2026-06-25 10:00", "carted"), ("c", "2026-06-26 10:00", "viewed"),
    ("d", "2026-06-29 10:00", "carted"), ("e", "2026-03-01 10:00", "carted"),
)  # fmt: skip
ORDERS = bought(("a", "2026-06-21 12:00"), ("b", "2026-06-01 12:00"), ("z", "2026-06-02 12:00"))


def test_what_was_ordered_since_is_not_left_lying():
    found = visits.left_lying(VISITS, ORDERS, on=UNTIL)
    assert found.index.tolist() == ["d", "c", "b"]  # a ordered since, e looked too long ago
    assert found["has_bought"].tolist() == [False, False, True]
    assert found["days_since"].tolist() == [1, 4, 5]
    shuffled = visits.left_lying(VISITS.sample(frac=1, random_state=1), ORDERS, on=UNTIL)
    pd.testing.assert_frame_equal(shuffled, found)
    with pytest.raises(InputError, match="last 0 days"):
        visits.left_lying(VISITS, ORDERS, on=UNTIL, at_most=0)


def test_only_visits_old_enough_are_counted_and_more_days_never_mean_fewer():
    found = visits.came_back(VISITS, ORDERS, until=UNTIL).set_index(["kind", "days"])
    assert found.loc[("carted", 3), ["visitors", "ordered"]].tolist() == [
        3,
        1,
    ]  # d's cart is too young to tell
    assert found.loc[("carted", 1), ["visitors", "ordered"]].tolist() == [4, 0]  # a came after 25 hours


def some(rng, n: int, *, chance: float = 0.4, within: float = 14.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return n carts of April and May, and the orders that come of them at any time within some days."""
    at = pd.Timestamp("2026-04-01") + pd.to_timedelta(rng.uniform(0, 60, n), unit="D")
    carts = pd.DataFrame({"customer_id": [f"c{i}" for i in range(n)], "at": at, "kind": "carted"})
    paid = pd.DataFrame(
        {
            "customer_id": carts["customer_id"],
            "paid_at": at + pd.to_timedelta(rng.uniform(0, within, n), unit="D"),
        }
    )
    return carts.assign(sku=None, category=None), paid[rng.random(n) < chance]


def test_more_days_never_mean_fewer_where_all_are_old_enough(rng):
    carts, paid = some(rng, 400)
    found = visits.came_back(carts, paid, until=UNTIL, within=range(1, 15))
    assert found["visitors"].eq(400).all()
    assert (found["ordered"].diff().dropna() >= 0).all() and found["ordered"].nunique() > 10
    shuffled = visits.came_back(carts.sample(frac=1, random_state=1), paid, until=UNTIL, within=range(1, 15))
    pd.testing.assert_frame_equal(shuffled, found)


def test_the_first_visit_counts_whatever_the_order_of_rows():
    twice = seen(("a", "2026-06-20 10:00", "carted"), ("a", "2026-05-01 10:00", "carted"))
    late = bought(("a", "2026-06-21 12:00"))
    assert visits.came_back(twice, late, until=UNTIL, within=[3])["ordered"].tolist() == [0]


def sent_to(carts: pd.DataFrame, days: object) -> pd.DataFrame:
    rows = {"customer_id": carts["customer_id"], "at": carts["at"] + pd.to_timedelta(days, unit="D")}
    return pd.DataFrame(rows).assign(event="sent", channel="sms", campaign=None, runs_until=pd.NaT)


def test_who_was_sent_something_is_no_longer_counted_as_coming_by_themselves(rng):
    """Half of the carts are reminded after two days, and every reminder brings an order the next day."""
    held, shares = [], []
    for _ in range(60):
        carts, paid = some(rng, 300)
        reminded = carts[rng.random(len(carts)) < 0.5]
        sent = sent_to(reminded, 2.0)
        moved = pd.DataFrame(
            {"customer_id": reminded["customer_id"], "paid_at": sent["at"] + pd.Timedelta("1D")}
        )
        both = pd.concat([paid, moved])
        row = visits.came_back(carts, both, until=UNTIL, contacts=sent, within=[7]).iloc[0]
        held.append(row["low"] <= 0.2 <= row["high"])
        shares.append(row["share"])
        naive = visits.came_back(carts, both, until=UNTIL, within=[7]).iloc[0]
        assert naive["share"] > 0.45
    assert np.mean(shares) == pytest.approx(0.2, abs=0.01)  # three standard errors of 60 means
    assert 0.8 <= np.mean(held) <= 0.98


def test_nobody_is_said_to_come_back_by_themselves_where_all_are_reminded(rng):
    carts, paid = some(rng, 200)
    found = visits.came_back(carts, paid, until=UNTIL, contacts=sent_to(carts, 2.0), within=[1, 7])
    assert found["share"].isna().tolist() == [False, True]
    opened = sent_to(carts, 2.0).assign(event="opened")
    assert visits.came_back(carts, paid, until=UNTIL, contacts=opened, within=[7])["messaged"].tolist() == [0]


def test_of_those_who_wait_the_share_that_comes_later_is_told(rng):
    """Orders come evenly over 14 days, of 40 % of the carts: after 7 days of 0.2 / 0.8 of the open ones."""
    carts, paid = some(rng, 3000)
    row = visits.came_back(carts, paid, until=UNTIL, within=[7]).iloc[0]
    assert row["open"] == row["visitors"] - row["ordered"]
    assert row["later"] == pytest.approx(0.25, abs=0.03)
    assert row["later_low"] < row["later"] < row["later_high"]


def test_orders_of_whole_days_count_from_the_day_of_the_visit():
    looked = seen(("a", "2026-06-20 10:00", "carted"), ("b", "2026-06-20 10:00", "carted"))
    days = bought(("a", "2026-06-20"), ("z", "2026-06-19"))
    assert visits.left_lying(looked, days, on=UNTIL).index.tolist() == ["b"]
    assert visits.came_back(looked, days, until=UNTIL, within=[1])["ordered"].tolist() == [1]
    hours = bought(("a", "2026-06-20 09:00"), ("z", "2026-06-19 12:00"))
    assert sorted(visits.left_lying(looked, hours, on=UNTIL).index) == ["a", "b"]
    whole = seen(("a", "2026-06-20", "carted"))
    assert visits.left_lying(
        whole, hours, on=UNTIL
    ).empty  # whether before or after that day's order, who knows
    assert visits.left_lying(whole, hours.iloc[1:], on=UNTIL)["days_since"].tolist() == [10]
    # what is written in days is only known for whole days to come
    assert len(visits.came_back(whole, days, until=date(2026, 6, 22), within=[2])) == 1
    assert visits.came_back(whole, days, until=date(2026, 6, 21), within=[2]).empty


def test_nothing_lies_left_of_a_log_in_and_young_orders_change_nothing():
    looked = seen(("a", "2026-06-20 10:00", "logged_in"), ("b", "2026-06-20 10:00", "viewed"))
    later = bought(("b", "2026-07-05 12:00"))  # no order lies before the day
    assert visits.left_lying(looked, later, on=UNTIL)["has_bought"].to_dict() == {"b": False}


def test_chances_learned_earlier_hold_later_where_nothing_changed(rng):
    """2,000 people cart or look once; 40 % of carts and 5 % of looks come to an order within two weeks."""
    n = 2000
    at = pd.Timestamp("2026-04-20") + pd.to_timedelta(rng.uniform(0, 70, n), unit="D")
    kind = rng.choice(["carted", "viewed"], n)
    shown = pd.DataFrame({"customer_id": [f"c{i}" for i in range(n)], "at": at, "kind": kind})
    comes = rng.random(n) < np.where(kind == "carted", 0.4, 0.05)
    gone = pd.DataFrame(
        {
            "customer_id": shown["customer_id"],
            "paid_at": at + pd.to_timedelta(rng.uniform(0, 14, n), unit="D"),
        }
    )
    found = visits.chances(shown.assign(sku=None, category=None), gone[comes], until=UNTIL).set_index("kind")
    assert found["fits"].all()
    assert found.loc["carted", "share"] > 3 * found.loc["viewed", "share"]
    assert visits.chances(VISITS.iloc[:4], ORDERS, until=UNTIL).empty  # visits of one week teach nothing


@pytest.mark.slow
def test_what_was_learned_holds_in_nine_worlds_of_ten_where_nothing_changes(rng):
    held = []
    for _ in range(200):
        carts, paid = some(rng, 500)
        found = visits.chances(carts, paid, until=date(2026, 5, 31)).query("~has_bought")
        held.append(found["fits"].all() and len(found) == 1)
    assert 0.86 <= np.mean(held) <= 0.95


def test_chances_are_learned_where_orders_are_younger_than_the_first_day(rng):
    carts, paid = some(rng, 300)
    young = paid[paid["paid_at"] > "2026-06-05"]
    found = visits.chances(carts.assign(at=carts["at"] + pd.Timedelta("25D")), young, until=UNTIL)
    assert len(found) and found["learned"].notna().all() and found["share"].notna().all()


def test_a_coupon_for_the_first_order_pays_what_comes_anyway():
    table = visits.first_coupon(
        visitors=1000, p0=0.05, basket=200, margin=0.4, amounts=[10, 40, 90], contact=0.1
    )
    needed = (0.05 * 10 + 0.1) / (80 - 10)
    assert table["needed"].tolist()[0] == pytest.approx(needed)
    assert table["given_away"].tolist() == pytest.approx([500, 2000, 4500])
    assert table["needed"].iloc[1] > table["needed"].iloc[0]
    assert np.isnan(table["needed"].iloc[2])  # more than an order earns: no number of buyers pays for it


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"p0": 1.2}, "p0 of the coupon's sum is 1.2"), ({"margin": 0}, "margin"),
        ({"visitors": -1}, "visitors"), ({"basket": np.nan}, "basket"),
        ({"amounts": [10, -5]}, "amount 2 .* is -5"), ({"contact": -1}, "contact"),
    ],
)  # fmt: skip
def test_a_coupon_of_nonsense_is_refused(wrong, said):
    right = {"visitors": 10, "p0": 0.1, "basket": 100, "margin": 0.4, "amounts": [5], "contact": 0.0}
    with pytest.raises(SettingError, match=said):
        visits.first_coupon(**right | wrong)


def test_what_a_coupon_is_summed_up_from():
    orders = bought(("a", "2026-06-01"), ("a", "2026-05-01"), ("b", "2026-05-02")).assign(
        amount=[9.0, 40.0, 60.0]
    )
    assert visits.first_basket(orders) == 50  # the first orders are of 40 and 60
    checked = pd.DataFrame({"has_bought": [True, False, False], "n": [50, 30, 10], "ordered": [40, 3, 1]})
    share, low, high = visits.first_chance(checked)
    assert share == pytest.approx(0.1) and low < 0.1 < high
    assert np.isnan(visits.first_chance(checked[:1])[0])


def members(rng: np.random.Generator, n: int, lift: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return members of two genders and what they bought; women buy rings `lift` times as often."""
    ids = pd.Index([f"c{i}" for i in range(n)], name="customer_id")
    gender = rng.choice(["female", "male"], n)
    parts = []
    for category, base in {"rings": 0.2, "chains": 0.3, "pearls": 0.2, "bars": 0.1}.items():
        p = base * np.where((gender == "female") & (category == "rings"), lift, 1.0)
        parts.append(bought(*[(who, "2026-05-01") for who in ids[rng.random(n) < p]], category=category))
    return pd.DataFrame({"gender": gender}, index=ids), pd.concat(parts, ignore_index=True)


def test_a_planted_taste_is_found_and_none_is_found_where_there_is_none(rng):
    found = demographics.lift(*members(rng, 3000, 1.8), by="gender").set_index(["group", "category"])
    row = found.loc[("female", "rings")]
    assert row["differs"]
    assert row["low"] < row["lift"] < row["high"]
    alarms = [demographics.lift(*members(rng, 600, 1.0), by="gender")["differs"].any() for _ in range(100)]
    assert np.mean(alarms) <= 0.16  # 10 % are allowed; 16 % lie two standard errors above


def test_groups_that_could_point_at_somebody_are_not_shown(rng):
    people, orders = members(rng, 400, 1.0)
    people = people.assign(gender=people["gender"].where(np.arange(400) >= 8, "other"))
    assert "other" not in set(demographics.lift(people, orders, by="gender")["group"])
    assert demographics.lift(people, orders, by="born").empty


def known(**columns: list) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.Index(["a", "b", "c"], name="customer_id"))


_DAYS = {"day": "2026-08-19", "from": "2026-08-05", "to": "2026-08-19"}
FESTIVALS = pd.DataFrame(
    {"name_zh": ["七夕"], "name": ["Qixi"], **{name: [pd.Timestamp(day)] for name, day in _DAYS.items()}}
)
NOBODY = pd.DataFrame({"customer_id": [], "name_zh": []}, dtype="str")


def test_every_reason_of_ninety_days_has_its_day_even_over_new_year():
    people = known(
        birthday=["07-10", "02-29", None], points=[100.0, 0.0, 50.0],
        points_expire_on=pd.to_datetime(["2026-07-31", "2026-07-31", None]),
    )  # fmt: skip
    buyers = pd.DataFrame({"customer_id": ["b", "b"], "name_zh": ["七夕", "七夕"]})
    found = contact_calendar.reasons(people, festivals=FESTIVALS, buyers=buyers, on=UNTIL)
    assert [tuple(row) for row in found[["customer_id", "reason"]].to_numpy()] == [
        ("a", "birthday"), ("a", "points expire"), ("b", "festival"),
    ]  # fmt: skip
    assert found["send_on"].dt.strftime("%m-%d").tolist() == ["07-07", "07-17", "08-09"]
    later = contact_calendar.reasons(people, festivals=FESTIVALS, buyers=NOBODY, on=date(2026, 12, 20))
    assert later["day"].dt.strftime("%Y-%m-%d").tolist() == ["2027-02-28"]  # born on a leap day


def test_the_days_are_those_of_sending_and_a_day_that_is_none_is_nobodys_birthday():
    people = known(birthday=["07-06", "07-01", "02-30"])
    asked = {"festivals": FESTIVALS, "buyers": NOBODY}
    found = contact_calendar.reasons(people, on=UNTIL, days=3, **asked)
    days = found[["customer_id", "send_on", "day"]].astype(str).to_numpy().tolist()
    assert days == [["b", "2026-07-01", "2026-07-01"], ["a", "2026-07-03", "2026-07-06"]]
    new_year = contact_calendar.reasons(
        known(birthday=["01-02", None, None]), on=date(2026, 12, 27), days=3, **asked
    )
    assert new_year["day"].tolist() == [pd.Timestamp("2027-01-02")]
    assert contact_calendar.reasons(people, on=date(2027, 1, 1), days=90, **asked).empty


def test_of_two_reasons_too_close_the_better_one_is_kept():
    people = known(birthday=["07-25", None, None], points=[100.0, 0.0, 0.0],
                   points_expire_on=pd.to_datetime(["2026-07-31", None, None]))  # fmt: skip
    found = contact_calendar.reasons(people, festivals=FESTIVALS, buyers=NOBODY, on=UNTIL)
    kept = contact_calendar.capped(found, on=UNTIL)
    assert dict(zip(kept["reason"], kept["kept"], strict=True)) == {"points expire": True, "birthday": False}
    assert set(kept["why_not"]) == {"", contact_calendar.TOO_CLOSE}
    apart = contact_calendar.capped(found, on=UNTIL, rest=3)
    assert apart["kept"].all()
    soon = found.assign(send_on=pd.Timestamp("2026-07-05"))[:1]
    assert contact_calendar.capped(soon, on=UNTIL)["kept"].all()
    reached = pd.DataFrame({"customer_id": "a", "at": pd.to_datetime(["2026-06-29 19:00"]), "event": "sent"})
    assert not contact_calendar.capped(soon, on=UNTIL, reached=reached)["kept"].any()
    for nothing_sent in (reached.assign(event="opened"), reached.assign(at=pd.Timestamp("2026-07-01 09:00"))):
        assert contact_calendar.capped(soon, on=UNTIL, reached=nothing_sent)["kept"].all()


def test_who_may_not_be_written_to_takes_no_better_reasons_place():
    people = known(birthday=["07-25", None, None], points=[100.0, 0.0, 0.0],
                   points_expire_on=pd.to_datetime(["2026-07-31", None, None]))  # fmt: skip
    found = contact_calendar.reasons(people, festivals=FESTIVALS, buyers=NOBODY, on=UNTIL)
    kept = contact_calendar.capped(found, on=UNTIL, allowed=found["reason"].ne("points expire"))
    told = kept.set_index("reason")[["kept", "why_not"]]
    assert told.loc["birthday"].tolist() == [True, ""]
    assert told.loc["points expire"].tolist() == [False, contact_calendar.NOT_ALLOWED]
    assert contact_calendar.by_week(kept)["left_out"].sum() == 1


def test_every_reason_has_its_week():
    people = known(birthday=["07-25", None, None], points=[100.0, 0.0, 0.0],
                   points_expire_on=pd.to_datetime(["2026-07-31", None, None]))  # fmt: skip
    found = contact_calendar.reasons(people, festivals=FESTIVALS, buyers=NOBODY, on=UNTIL)
    kept = contact_calendar.capped(found, on=UNTIL)
    week = contact_calendar.by_week(kept)
    assert week["all"].sum() + week["left_out"].sum() == len(found)


def test_no_two_kept_reasons_of_a_customer_are_closer_than_the_rest(rng):
    n = 300
    found = pd.DataFrame({
        "customer_id": rng.choice(list("abcdefgh"), n), "what": "",
        "reason": rng.choice(contact_calendar.REASONS, n),
        "send_on": pd.Timestamp("2026-07-01") + pd.to_timedelta(rng.integers(0, 90, n), unit="D"),
    })  # fmt: skip
    every = contact_calendar.capped(found.assign(day=found["send_on"]), on=UNTIL)
    kept = every.query("kept").sort_values("send_on")
    gaps = kept.groupby("customer_id")["send_on"].diff().dropna().dt.days
    assert len(kept) > 20
    assert gaps.min() >= contact_calendar.REST
    for row in every.query("not kept").itertuples():  # nobody is left out without a cause as good or better
        mine = kept[kept["customer_id"] == row.customer_id]
        near = mine[(mine["send_on"] - row.send_on).abs().dt.days < contact_calendar.REST]
        assert near["reason"].map(contact_calendar.REASONS.index).min() <= contact_calendar.REASONS.index(
            row.reason
        )


def messages(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "at", "event"])
    return frame.assign(at=pd.to_datetime(frame["at"]), channel="email", campaign="spring", runs_until=pd.NaT)


FLOW = messages(
    *[(who, "2026-06-20 19:00", "sent") for who in "abcdef"], ("b", "2026-06-20 20:00", "opened"),
    ("c", "2026-06-20 20:00", "opened"), ("c", "2026-06-20 20:01", "clicked"),
    ("d", "2026-06-20 20:00", "clicked"),
    ("e", "2026-06-21 20:00", "opted_out"), ("f", "2026-06-29 20:00", "replied"),
)  # fmt: skip


def test_each_customer_of_a_flow_stands_in_one_state():
    states = follow_ups.states(
        FLOW, bought(("d", "2026-06-21 10:00"), ("a", "2026-06-01 10:00")), campaign="spring", on=UNTIL
    )
    assert states["state"].to_dict() == {
        "a": "sent, nothing came back", "b": "opened, did not click", "c": "clicked, did not order",
        "d": "ordered", "e": "opted out or complained", "f": "replied",
    }  # fmt: skip
    table = follow_ups.steps(states)
    assert table["customers"].sum() == 6
    assert table["share"].sum() == pytest.approx(1)
    assert sorted(follow_ups.second(states).index) == ["a", "b", "c"]
    assert follow_ups.second(states, wait=30).empty
    with pytest.raises(NoAnswerError, match=r"'sprnig'.*know spring"):
        follow_ups.states(FLOW, ORDERS, campaign="sprnig", on=UNTIL)


def test_who_refused_anything_is_sent_no_second_message():
    more = messages(("a", "2026-05-01 10:00", "opted_out"), ("b", "2026-06-25 10:00", "complained"))
    late = messages(("c", "2026-07-01 10:00", "opted_out"))
    other = pd.concat([more.assign(campaign=[None, "autumn"]), late])
    found = follow_ups.states(pd.concat([FLOW, other]), ORDERS.iloc[:0], campaign="spring", on=UNTIL)["state"]
    assert found[["a", "b"]].tolist() == ["opted out or complained"] * 2
    assert found["c"] == "clicked, did not order"  # what lies after the day is not looked at


def test_an_order_of_the_messages_day_came_after_it_where_no_hour_is_known():
    asked = {"campaign": "spring", "on": UNTIL}
    whole = follow_ups.states(FLOW, bought(("a", "2026-06-20"), ("c", "2026-06-19")), **asked)
    assert whole["state"][["a", "c"]].tolist() == ["ordered", "clicked, did not order"]
    assert whole["days_since"].eq(10).all()
    in_days = FLOW.assign(at=FLOW["at"].dt.normalize())
    assert follow_ups.states(in_days, ORDERS, **asked)["days_since"].eq(10).all()
