"""Festivals fall on the days of the calendar, and their windows are found by either name."""

from datetime import date

import pandas as pd
import pytest

from clv import festivals
from clv.errors import SettingError

PUBLISHED = {
    "春节": ["2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26"],
    "元宵": ["2025-02-12", "2026-03-03", "2027-02-20", "2028-02-09"],
    "母亲节": ["2025-05-11", "2026-05-10", "2027-05-09", "2028-05-14"],
    "端午": ["2025-05-31", "2026-06-19", "2027-06-09", "2028-05-28"],
    "七夕": ["2025-08-29", "2026-08-19", "2027-08-08", "2028-08-26"],
    "中秋": ["2025-10-06", "2026-09-25", "2027-09-15", "2028-10-03"],
}
FIXED = {
    "情人节": "02-14",
    "三八": "03-08",
    "白色情人节": "03-14",
    "520": "05-20",
    "618": "06-18",
    "国庆": "10-01",
    "双11": "11-11",
    "双12": "12-12",
    "圣诞": "12-25",
}


def days(name: str) -> pd.Series:
    known = festivals.table()
    return known.loc[known["name_zh"] == name, "day"]


@pytest.mark.parametrize("name", PUBLISHED)
def test_moving_festivals_fall_on_the_published_days(name):
    found = days(name)
    assert list(found[found.dt.year.between(2025, 2028)].dt.strftime("%Y-%m-%d")) == PUBLISHED[name]


@pytest.mark.parametrize("name", FIXED)
def test_fixed_festivals_never_move(name):
    assert set(days(name).dt.strftime("%m-%d")) == {FIXED[name]}


def test_every_festival_comes_once_a_year_from_2015_to_2030():
    known = festivals.table()
    assert set(known["name_zh"]) == {*PUBLISHED, *FIXED}
    counts = known.groupby(["name_zh", known["day"].dt.year]).size()
    assert (counts == 1).all() and len(counts) == 15 * 16
    assert set(known["day"].dt.year) == set(range(2015, 2031))


def test_lunar_days_lie_their_lunar_distance_apart():
    for year in range(2015, 2031):
        first, lantern = (days(name)[days(name).dt.year == year].item() for name in ("春节", "元宵"))
        assert (lantern - first).days == 14
        seventh, eighth = (days(name)[days(name).dt.year == year].item() for name in ("七夕", "中秋"))
        assert (eighth - seventh).days in (37, 38)  # 7-7 to 8-15: a month of 29 or 30 days, and 8
        assert pd.Timestamp(year, 1, 21) <= first <= pd.Timestamp(year, 2, 20)


def test_mothers_day_is_the_second_sunday_of_may():
    found = days("母亲节")
    assert (found.dt.day_name() == "Sunday").all() and found.dt.day.between(8, 14).all()


def test_windows_hold_their_day():
    known = festivals.table()
    assert known["day"].between(known["from"], known["to"]).all()
    lead = (known["day"] - known["from"]).dt.days.groupby(known["name_zh"]).agg(["min", "max"])
    assert list(lead.loc["七夕"]) == [14, 14] and list(lead.loc["双11"]) == [20, 20]
    assert list(lead.loc["春节"]) == [21, 21] and list(lead.loc["三八"]) == [7, 7]


def test_both_ends_of_a_period_count():
    assert festivals.touched(date(2026, 8, 19), date(2026, 8, 19)) == {"七夕"}
    assert festivals.touched(date(2026, 8, 20), date(2026, 9, 24)) == frozenset()
    assert festivals.touched(date(2026, 6, 18), date(2026, 8, 19)) == {"618", "端午", "七夕"}


def test_nothing_is_known_outside_the_years():
    assert festivals.touched(date(2031, 1, 1), date(2031, 12, 31)) == frozenset()
    assert festivals.touched(date(2014, 1, 1), date(2014, 12, 31)) == frozenset()


def test_only_windows_that_have_closed_are_earlier():
    latest = [
        festivals.windows_of(["七夕"], before=day)["day"].max().year
        for day in (date(2026, 8, 19), date(2026, 8, 20))
    ]
    assert latest == [2025, 2026]
    assert len(festivals.windows_of(["七夕"], before=date(2015, 1, 1))) == 0


def test_either_name_will_do():
    day = date(2027, 1, 1)
    for zh, en in (("七夕", "Qixi"), ("双11", "singles' day "), ("春节", "SPRING FESTIVAL")):
        pd.testing.assert_frame_equal(
            festivals.windows_of([zh], before=day), festivals.windows_of([en], before=day)
        )


@pytest.mark.parametrize(("name", "hint"), [("七夕节", "'七夕'"), ("Quixi", "'Qixi'")])
def test_an_unknown_festival_gets_the_nearest(name, hint):
    with pytest.raises(SettingError, match=f"did you mean {hint}"):
        festivals.windows_of([name], before=date(2026, 1, 1))


def test_the_table_cannot_be_spoilt():
    copy = festivals.table()
    copy.loc[:, "name"] = "spoilt"
    assert "spoilt" not in set(festivals.table()["name"])
