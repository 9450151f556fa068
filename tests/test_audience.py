"""Audiences meet their conditions, nobody is reached who may not be, nothing after the day counts."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from clv import audience, customers, festivals
from clv.errors import InputError, NoAnswerError, SettingError
from clv.offering import columns
from clv.offering.channels import CHANNELS, Cap, Channel
from clv.offering.contract import FIELDS, Bounds
from clv.sending import suppression
from conftest import orders_table

ON = date(2026, 6, 30)
TIERS = {"silver": 1000.0, "gold": 3000.0}
LOG = pd.DataFrame(
    [
        ("a", "2025-06-30", 5000, "ring"),
        ("a", "2026-06-30", 1000, "ring"),
        ("b", "2025-07-01", 400.1, "chain"),
        ("b", "2026-01-05", 400.2, "chain"),
        ("c", "2025-08-20", 300, "ring"),
        ("d", "2025-09-01", 300, None),
        ("e", "2025-08-15", 4000, "pearl"),
    ],
    columns=["customer_id", "paid_at", "amount", "category"],
).assign(paid_at=lambda log: pd.to_datetime(log["paid_at"]) + pd.Timedelta(hours=21))
ORDERS = orders_table(LOG)
CUSTOMERS = customers.summarise(ORDERS, until=ON)
MEMBERS = pd.DataFrame(
    {
        "consent_sms": [True, False, True, True],
        "consent_phone": np.array([True, None, "no", True], dtype=object),
        "birthday": ["06-30", "07-01", "02-29", None],
        "tier": ["gold", "silver", None, "silver"],
        "points": [500.0, 40.0, 0.0, np.nan],
        "points_expire_on": pd.to_datetime(["2026-06-30", "2026-07-30", "2026-07-01", None]),
    },
    index=pd.Index(["a", "b", "c", "z"], name="customer_id"),
)


def choose(conditions: dict, **given) -> audience.Audience:
    known = {"on": ON, "members": MEMBERS, "orders": ORDERS, "tiers": TIERS}
    return audience.choose(CUSTOMERS, conditions, **(known | given))


def who(conditions: dict, **given) -> str:
    return "".join(choose(conditions, **given).customers.index)


def column(name: str, **given) -> dict:
    return choose({}, also=[name], **given).columns[name].to_dict()


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"days_since_last": Bounds(min=176.0, max=314.0)}, "bcd"),
        ({"days_since_last": Bounds(min=177.0)}, "cde"),
        ({"days_since_last": Bounds(max=0.0)}, "a"),
        ({"orders": Bounds(min=2.0)}, "ab"),
        ({"purchases": Bounds(max=1.0)}, "cde"),
        ({"total_spend": Bounds(min=800.3, max=4000.0)}, "be"),
        ({"mean_purchase": Bounds(min=400.15, max=400.15)}, "b"),
        ({"age_days": Bounds(min=365.0)}, "a"),
        ({"category": ["ring", "pearl"]}, "ace"),
        ({"tier": ["silver"]}, "b"),
        ({"points": Bounds(min=40.0)}, "ab"),
        ({"consent_sms": True}, "ac"),
        ({"consent_sms": False}, "bde"),
        ({"consent_phone": True}, "a"),
        ({"p_alive": Bounds(min=0.5)}, "b"),
        ({"category": ["ring"], "consent_sms": True, "orders": Bounds(max=1.0)}, "c"),
    ],
)
def test_both_ends_count_and_the_unknown_never_meet(condition, found):
    assert who(condition, p_alive=pd.Series({"a": 0.4, "b": 0.5, "z": 0.9})) == found


def test_every_field_can_be_had():
    wanted = [name for name in FIELDS if name not in ("consent_wecom", "consent_email")]
    found = choose({}, also=wanted, p_alive=pd.Series({"a": 0.4}))
    assert list(found.columns.columns) == wanted
    assert list(found.columns.index) == list(CUSTOMERS.index)


def test_rank_is_0_for_the_best_1_for_the_last_and_equal_for_equals():
    assert column("spend_rank") == {"a": 0, "e": 0.25, "b": 0.5, "c": 0.875, "d": 0.875}
    alone = audience.choose(CUSTOMERS.head(1), {"spend_rank": Bounds(max=0.0)}, on=ON)
    assert len(alone.customers) == 1


def test_the_gap_is_to_the_next_tier_of_a_year_of_spending():
    # a's 5,000 are 365 days old, and her 1,000 make her silver, not nearly so
    gaps = column("to_next_tier", members=None)
    assert np.isnan(gaps.pop("e"))
    assert gaps == {"a": 2000, "b": 199.7, "c": 700, "d": 700}
    assert who({"to_next_tier": Bounds(max=200.0)}, members=None) == "b"
    a_day_earlier = choose({}, also=["to_next_tier"], members=None, on=ON - timedelta(days=1)).columns[
        "to_next_tier"
    ]
    assert np.isnan(a_day_earlier["a"])


def test_nobody_is_told_of_a_tier_that_they_hold():
    gaps = column("to_next_tier")  # a holds gold, the highest; b holds silver, whatever was spent lately
    assert np.isnan(gaps["a"]) and np.isnan(gaps["e"])
    assert (gaps["b"], gaps["c"]) == (2199.7, 700)


def test_buyers_around_a_festival_of_an_earlier_year():
    window = festivals.windows_of(["七夕"], before=ON).iloc[-1]
    assert (str(window["from"].date()), str(window["to"].date())) == ("2025-08-15", "2025-08-29")
    assert who({"festival_buyer": ["Qixi"]}) == "ce"
    found = choose({"festival_buyer": ["七夕", "618", "Double 12"]}).columns["festival_buyer"]
    assert found.to_dict() == {"c": "七夕", "e": "七夕"}
    with pytest.raises(NoAnswerError):  # that of 2025 is still open
        choose({"festival_buyer": ["七夕"]}, on=date(2025, 8, 29))


@pytest.mark.parametrize(
    ("on", "birthday", "days"),
    [
        ("2026-06-30", "06-30", 0),
        ("2026-06-30", "07-01", 1),
        ("2026-06-30", "06-29", 364),
        ("2027-06-30", "06-29", 365),
        ("2026-12-31", "01-01", 1),
        ("2026-02-27", "02-29", 1),
        ("2026-02-28", "02-29", 0),
        ("2026-03-01", "02-29", 364),
        ("2027-03-01", "02-29", 365),
        ("2028-02-28", "02-29", 1),
        ("2028-02-29", "02-29", 0),
        ("2028-02-29", "02-28", 365),
        ("2026-06-30", "02-30", None),
        ("2026-06-30", "13-01", None),
    ],
)
def test_days_to_a_birthday(on, birthday, days):
    found = columns.days_to_birthday(birthday, on=date.fromisoformat(on))
    assert found == days if days is not None else np.isnan(found)


def test_birthdays_and_points_come_from_the_members():
    assert who({"days_to_birthday": Bounds(max=1.0)}) == "ab"
    assert who({"days_to_points_expiry": Bounds(min=0.0, max=0.0)}) == "a"
    # c has no points that could expire
    assert who({"days_to_points_expiry": Bounds(max=30.0)}) == "ab"
    assert who({"days_to_points_expiry": Bounds(max=30.0)}, on=date(2026, 7, 1)) == "b"


def test_steps_tell_how_many_each_condition_left():
    found = choose(
        {"category": ["ring"], "days_since_last": Bounds(min=1.0, max=1234.5), "consent_sms": True}
    )
    assert list(found.steps["left"]) == [5, 2, 1, 1]
    assert list(found.steps["condition"]) == [
        "all customers",
        "category with most money: ring",
        "days since the last purchase: 1 to 1,234.5",
        "agreed to messages by SMS (members file): yes",
    ]
    assert list(found.columns.columns) == ["category", "days_since_last", "consent_sms"]
    pd.testing.assert_frame_equal(found.customers, CUSTOMERS.loc[["c"]])


def test_nothing_after_the_day_changes_an_audience():
    conditions = {"to_next_tier": Bounds(min=0.0), "festival_buyer": ["七夕", "618"]}
    later = LOG.assign(paid_at=pd.Timestamp("2026-07-01"), amount=9000.0)
    now = choose(conditions)
    then = choose(conditions, orders=orders_table(pd.concat([LOG, later])))
    pd.testing.assert_frame_equal(now.columns, then.columns)


@pytest.mark.parametrize(
    ("conditions", "given", "error", "said"),
    [
        ({"consent_sms": True}, {"members": None}, InputError, r"column consent_sms .*`members:`"),
        ({"consent_email": True}, {}, InputError, r"`members:` .*no column consent_email"),
        ({"days_to_birthday": Bounds(max=3.0)}, {"members": None}, InputError, "column birthday"),
        (
            {"days_to_points_expiry": Bounds(max=3.0)},
            {"members": MEMBERS[["tier"]]},
            InputError,
            "points_expire_on",
        ),
        ({"festival_buyer": ["618"]}, {"orders": None}, InputError, "orders table, column paid_at"),
        ({"p_alive": Bounds(max=0.5)}, {}, InputError, "needs what a fitted model says"),
        ({"to_next_tier": Bounds(max=9.0)}, {"tiers": {}}, SettingError, "`tiers:`"),
        ({"festival_buyer": ["Quixi"]}, {}, SettingError, "did you mean 'Qixi'"),
        ({"order": Bounds(max=9.0)}, {}, SettingError, "did you mean 'orders'"),
        ({"total_spend": Bounds(min="8 % of basket")}, {}, SettingError, "part of the usual order"),
        (
            {"orders": Bounds(min=2.0), "days_since_last": Bounds(min=999.0)},
            {},
            NoAnswerError,
            r"'days_since_last' \(.*: at least 999\) leaves nobody of the 2 customers",
        ),
    ],
)
def test_what_cannot_be_chosen_by_gets_a_sentence(conditions, given, error, said):
    with pytest.raises(error, match=said):
        choose(conditions, **given)


SMS = CHANNELS["sms"]
QUIET = CUSTOMERS.loc[["b", "c", "d", "e"]]  # their last orders are long ago


def event(who: str, days: int, event: str, *, channel: str = "sms", runs_until: str | None = None) -> dict:
    return {
        "customer_id": who,
        "channel": channel,
        "at": pd.Timestamp(ON) - pd.Timedelta(days=days, hours=-9),
        "event": event,
        "campaign": "spring",
        "runs_until": pd.Timestamp(runs_until),
    }


def reach(*events: dict, channels=None, people=QUIET, **given) -> suppression.Reachable:
    agreed = pd.DataFrame(
        {f"consent_{name}": True for name in CHANNELS}, index=pd.Index(CUSTOMERS.index, name="customer_id")
    )
    known = {"members": agreed, "orders": ORDERS, "returns": None, "on": ON}
    contacts = pd.DataFrame(events) if events else None
    return suppression.allowed(
        people, channels=channels or {"sms": SMS}, contacts=contacts, **(known | given)
    )


def told(found: suppression.Reachable) -> dict:
    some = found.reasons[found.reasons["customers"] > 0]
    return {(row.reason, row.channel): row.customers for row in some.itertuples()}


def test_without_a_reason_everybody_is_reached():
    found = reach()
    assert found.allowed.all(axis=None) and not told(found)
    assert list(found.allowed.index) == list("bcde")


@pytest.mark.parametrize(
    ("happened", "reason", "barred"),
    [
        ([event("b", 0, "complained")], "complained within 90 days", "b"),
        ([event("b", 90, "complained", channel="phone")], "complained within 90 days", "b"),
        ([event("b", 91, "complained")], None, ""),
        ([event("b", 900, "opted_out")], "opted out of it", "b"),
        ([event("b", 9, "opted_out", channel="phone")], None, ""),
        ([event("b", 40, "sent", runs_until="2026-06-30")], "is in a campaign that still runs", "b"),
        ([event("b", 40, "sent", runs_until="2026-06-29")], None, ""),
        ([event("b", 40, "opened", runs_until="2026-07-30")], None, ""),
        ([event("c", 6, "sent")], "has had as many messages as its caps allow", "c"),
        ([event("c", 7, "sent")], None, ""),
        ([event("c", 6, "opened")], None, ""),
        ([event("c", 6, "sent", channel="wecom")], None, ""),
        ([event("c", d, "sent") for d in (29, 20, 15, 8)], "has had as many messages as its caps allow", "c"),
        ([event("c", d, "sent") for d in (30, 20, 15, 8)], None, ""),
    ],
)
def test_contacts_bar_until_their_last_day(happened, reason, barred):
    found = reach(*happened)
    assert "".join(found.allowed.index[~found.allowed["sms"]]) == barred
    assert told(found) == ({(reason, "sms"): 1} if reason else {})


def test_a_cap_of_two_bars_the_third():
    two = Channel(**dict(SMS) | {"caps": [Cap(days=7, most=2)]})
    once, twice = ([event("c", d, "sent") for d in range(n)] for n in (1, 2))
    assert reach(*once, channels={"sms": two}).allowed.loc["c", "sms"]
    assert not reach(*twice, channels={"sms": two}).allowed.loc["c", "sms"]


@pytest.mark.parametrize(("days", "free"), [(0, False), (14, False), (15, True)])
def test_who_ordered_rests(days, free):
    on = ON + timedelta(days=days)
    assert reach(people=CUSTOMERS, on=on).allowed.loc["a", "sms"] == free


@pytest.mark.parametrize(("days", "free"), [(30, False), (31, True), (-1, True)])
def test_who_was_paid_back_rests_from_the_day_of_payment(days, free):
    paid = pd.Timestamp(ON) - pd.Timedelta(days=days)
    back = pd.DataFrame({"customer_id": ["d"], "paid_at": [paid], "refunded": [9.0]})
    assert reach(returns=back).allowed.loc["d", "sms"] == free


def test_consent_is_by_channel_and_never_guessed():
    agreed = pd.DataFrame(
        {"consent_sms": pd.Series([True, None, "no"], dtype=object), "consent_phone": [False, True, False]}
    ).set_axis(pd.Index(["b", "c", "d"], name="customer_id"))
    both = {name: CHANNELS[name] for name in ("sms", "phone")}
    found = reach(members=agreed, channels=both).allowed
    assert found["sms"].to_dict() == {"b": True, "c": False, "d": False, "e": False}
    assert found["phone"].to_dict() == {"b": False, "c": True, "d": False, "e": False}
    assert reach(members=None, require_consent=False).allowed.all(axis=None)


def random_shop(rng: np.random.Generator, *, future: bool) -> dict:
    ids = np.array([f"c{i:03}" for i in range(300)])
    n = 1500
    first = -60 if future else 0
    ago = rng.integers(first, 200, n)
    at = pd.Timestamp(ON) - pd.to_timedelta(ago, unit="D")
    kinds = rng.choice(["sent", "opened", "opted_out", "complained"], n, p=[0.7, 0.24, 0.03, 0.03])
    runs_until = pd.Series(at + pd.to_timedelta(rng.integers(0, 20, n), unit="D")).where(rng.random(n) < 0.5)
    contacts = pd.DataFrame(
        {
            "customer_id": rng.choice(ids, n),
            "channel": rng.choice(list(CHANNELS), n),
            "at": at,
            "event": kinds,
        }
    ).assign(campaign="spring", runs_until=runs_until)
    log = pd.DataFrame({"customer_id": rng.choice(ids, n), "paid_at": at, "amount": rng.gamma(2, 100, n)})
    members = pd.DataFrame({f"consent_{name}": rng.random(300) < 0.8 for name in CHANNELS}, index=ids)
    returns = log[rng.random(n) < 0.3].drop(columns="amount").assign(refunded=10.0)
    return {"contacts": contacts, "orders": orders_table(log), "members": members, "returns": returns}


def test_reached_and_reasons_add_up_to_the_audience(rng):
    people = pd.DataFrame(index=pd.Index([f"c{i:03}" for i in range(250)]))
    found = suppression.allowed(people, channels=CHANNELS, on=ON, **random_shop(rng, future=False))
    reasons = found.reasons.groupby("channel")["customers"].sum()
    assert ((found.allowed.sum() + reasons) == 250).all()
    assert (found.reasons["customers"] >= 0).all()
    assert (found.reasons.groupby("reason")["customers"].sum() > 0).all()  # every rule had its turn
    assert 0 < found.allowed.to_numpy().sum() < 1000


def test_nothing_after_the_day_changes_who_is_reached(rng):
    people = pd.DataFrame(index=pd.Index([f"c{i:03}" for i in range(250)]))
    with_future = random_shop(rng, future=True)
    day = {"contacts": "at", "orders": "paid_at", "returns": "paid_at"}
    without = with_future | {
        k: with_future[k][with_future[k][at] <= pd.Timestamp(ON)] for k, at in day.items()
    }
    told = with_future["contacts"]  # an opt-out holds whatever its date
    later = told[(told["event"] == "opted_out") & (told["at"] > pd.Timestamp(ON))]
    without["contacts"] = pd.concat([without["contacts"], later])
    assert all(len(without[name]) < len(with_future[name]) for name in day)
    then, now = (
        suppression.allowed(people, channels=CHANNELS, on=ON, **shop) for shop in (with_future, without)
    )
    pd.testing.assert_frame_equal(then.allowed, now.allowed)
    pd.testing.assert_frame_equal(then.reasons, now.reasons)


def test_an_audience_of_nobody_is_reached_by_nothing():
    found = reach(people=QUIET.head(0))
    assert found.allowed.shape == (0, 1) and not told(found)


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"members": None}, InputError, "names no members file.*`members:`"),
        (
            {"members": MEMBERS, "channels": {name: CHANNELS[name] for name in ("sms", "wecom", "email")}},
            InputError,
            "has no column consent_wecom, consent_email; add it or take wecom, email off",
        ),
        ({"rest_days": -1}, SettingError, "rest_days is -1"),
        ({"rest_days": 366}, SettingError, "between 0 and 365"),
    ],
)
def test_what_cannot_be_allowed_gets_a_sentence(given, error, said):
    with pytest.raises(error, match=said):
        reach(**given)
