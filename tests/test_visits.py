"""Visits, occasions and second steps: laws, what was planted, and each edge once."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from clv import contact_calendar, demographics, follow_ups, visits
from clv.cli import main
from clv.errors import InputError, NoAnswerError
from conftest import REPO

UNTIL = date(2026, 6, 30)
SAMPLES = REPO / "data" / "samples" / "shops.yml"


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
    assert ((found["low"] <= found["share"] + 1e-12) & (found["share"] <= found["high"] + 1e-12)).all()


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


def test_a_coupon_for_the_first_order_pays_what_comes_anyway():
    table = visits.first_coupon(
        visitors=1000, p0=0.05, basket=200, margin=0.4, amounts=[10, 40, 90], contact=0.1
    )
    needed = (0.05 * 10 + 0.1) / (80 - 10)
    assert table["needed"].tolist()[0] == pytest.approx(needed)
    assert table["given_away"].tolist() == pytest.approx([500, 2000, 4500])
    assert table["needed"].iloc[1] > table["needed"].iloc[0]
    assert np.isnan(table["needed"].iloc[2])  # more than an order earns: no number of buyers pays for it


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


def test_of_two_reasons_too_close_the_better_one_is_kept():
    people = known(birthday=["07-25", None, None], points=[100.0, 0.0, 0.0],
                   points_expire_on=pd.to_datetime(["2026-07-31", None, None]))  # fmt: skip
    found = contact_calendar.reasons(people, festivals=FESTIVALS, buyers=NOBODY, on=UNTIL)
    kept = contact_calendar.capped(found)
    assert dict(zip(kept["reason"], kept["kept"], strict=True)) == {"points expire": True, "birthday": False}
    apart = contact_calendar.capped(found, rest=3)
    assert apart["kept"].all()
    reached = pd.DataFrame({"customer_id": ["a"], "at": pd.to_datetime(["2026-06-29 19:00"])})
    late = contact_calendar.capped(found.assign(send_on=pd.Timestamp("2026-07-05")), reached=reached)
    assert not late["kept"].any()
    week = contact_calendar.by_week(kept)
    assert week["all"].sum() + week["left_out"].sum() == len(found)


def test_no_two_kept_reasons_of_a_customer_are_closer_than_the_rest(rng):
    n = 300
    found = pd.DataFrame({
        "customer_id": rng.choice(list("abcdefgh"), n), "what": "",
        "reason": rng.choice(contact_calendar.REASONS, n),
        "send_on": pd.Timestamp("2026-07-01") + pd.to_timedelta(rng.integers(0, 90, n), unit="D"),
    })  # fmt: skip
    kept = contact_calendar.capped(found.assign(day=found["send_on"])).query("kept").sort_values("send_on")
    gaps = kept.groupby("customer_id")["send_on"].diff().dropna().dt.days
    assert len(kept) > 20
    assert gaps.min() >= contact_calendar.REST


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


@pytest.mark.parametrize(
    ("command", "files"),
    [
        (["visitors"], ["left-lying.csv", "never-bought.csv"]),
        (["contact-calendar"], ["contact-calendar.csv"]),
        (["follow-up", "--campaign", "mothers-day"], ["follow-up-mothers-day.csv"]),
    ],
)
def test_a_list_holds_pseudonyms_of_those_who_agreed_and_only_its_owner_reads_it(
    tmp_path, command, files, monkeypatch
):
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    with pytest.raises(SystemExit) as ended:
        main([command[0], str(SAMPLES), "--shop", "department", "--out", str(tmp_path / "out"), *command[1:]])
    assert ended.value.code in (0, None)
    for name in files:
        path = tmp_path / "out" / "department" / name
        rows = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
        assert len(rows) > 0
        assert rows["customer_id"].str.fullmatch(r"c_[0-9a-f]{12}").all()
        assert path.stat().st_mode & 0o077 == 0
    if command[0] == "visitors":
        assert set(rows["arm"]) == {"send", "control"}
