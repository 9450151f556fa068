"""Festivals fall on the days of the calendar; windows are found by either name; a shop's own come before."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pandas as pd
import pytest
from lunar_python import Lunar

from clv import audience, festivals
from clv.errors import InputError, SettingError

YEARS = range(2015, 2031)
PUBLISHED = {
    "春节": ["2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26"],
    "元宵": ["2025-02-12", "2026-03-03", "2027-02-20", "2028-02-09"],
    "母亲节": ["2025-05-11", "2026-05-10", "2027-05-09", "2028-05-14"],
    "端午": ["2025-05-31", "2026-06-19", "2027-06-09", "2028-05-28"],
    "七夕": ["2025-08-29", "2026-08-19", "2027-08-08", "2028-08-26"],
    "中秋": ["2025-10-06", "2026-09-25", "2027-09-15", "2028-10-03"],
}
FIXED = {
    "元旦": "01-01",
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
LUNAR = {"春节": (1, 1), "元宵": (1, 15), "端午": (5, 5), "七夕": (7, 7), "中秋": (8, 15), "年货节": (12, 23)}
OFFICIAL = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "端午": "Dragon Boat Festival",
    "中秋": "Mid-autumn Festival",
    "国庆": "National Day",
}
LAST_OFFICIAL = 2026  # the package knows no later year and says so


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


@pytest.mark.parametrize("name", LUNAR)
def test_lunar_festivals_fall_on_their_lunar_day(name):
    """Against lunar_python; the 23rd of the twelfth month belongs to the lunar year before."""
    month, day = LUNAR[name]
    solar = [Lunar.fromYmd(year - (month == 12), month, day).getSolar() for year in YEARS]
    assert list(days(name).dt.strftime("%Y-%m-%d")) == [one.toYmd() for one in solar]


@pytest.mark.parametrize("name", OFFICIAL)
def test_official_holidays_are_off_by_that_name(name):
    """Against chinesecalendar, which counts a day of two holidays (1 October 2020) as the longer one."""
    for day in days(name)[days(name).dt.year <= LAST_OFFICIAL].dt.date:
        off, called = chinese_calendar.get_holiday_detail(day)
        assert off and called in (OFFICIAL[name], "National Day")


def test_national_day_ends_with_the_official_holiday():
    known = festivals.table().query("name_zh == '国庆'")
    for end in known.loc[known["day"].dt.year <= LAST_OFFICIAL, "to"].dt.date:
        assert chinese_calendar.is_holiday(end) and not chinese_calendar.is_holiday(end + timedelta(days=1))


def test_every_festival_comes_once_a_year_from_2015_to_2030():
    known = festivals.table()
    assert set(known["name_zh"]) == {*PUBLISHED, *FIXED, "年货节", "父亲节"}
    counts = known.groupby(["name_zh", known["day"].dt.year]).size()
    assert (counts == 1).all() and len(counts) == 18 * 16
    assert set(known["day"].dt.year) == set(YEARS)
    assert (known.groupby("name_zh")["name"].nunique() == 1).all() and known["name"].nunique() == 18


@pytest.mark.parametrize(("name", "month", "first"), [("母亲节", 5, 8), ("父亲节", 6, 15)])
def test_mothers_and_fathers_day_are_the_second_and_third_sunday(name, month, first):
    found = days(name)
    assert (found.dt.day_name() == "Sunday").all() and (found.dt.month == month).all()
    assert found.dt.day.between(first, first + 6).all()


def test_windows_hold_their_day():
    known = festivals.table()
    assert known["day"].between(known["from"], known["to"]).all()
    lead = (known["day"] - known["from"]).dt.days.groupby(known["name_zh"]).agg(["min", "max"])
    assert (lead["min"] == lead["max"]).all()
    expected = {"七夕": 14, "双11": 20, "春节": 21, "三八": 7, "父亲节": 7, "元旦": 6}
    assert lead["min"][list(expected)].to_dict() == expected


def test_both_ends_of_a_period_count():
    assert festivals.touched(date(2026, 8, 19), date(2026, 8, 19)) == {"七夕"}
    assert festivals.touched(date(2026, 8, 20), date(2026, 9, 24)) == frozenset()
    assert festivals.touched(date(2026, 6, 18), date(2026, 8, 19)) == {"618", "端午", "父亲节", "七夕"}


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


Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        path = tmp_path / "windows.csv"
        path.write_text(text, encoding="utf-8-sig")
        return path

    return written


OWN = """name,from,to,day,name_en
双11,2025-10-09,2025-11-14,2025-11-11,
店庆,2026-05-03,2026-05-06,,Anniversary
店庆,2026/9/1,2026年9月3日,,Anniversary
Qixi,2026-08-10,2026-08-20,2026-08-19,
"""


def test_a_shops_windows_take_the_place_of_ours_and_add_to_them(write):
    own = festivals.load(write(OWN))
    known = festivals.table(own)
    assert list(known.columns) == list(festivals.table().columns)
    assert (known.dtypes == festivals.table().dtypes).all()
    assert len(known) == len(festivals.table()) + 2  # two are replaced, the anniversaries are new
    moved = known.assign(year=known["day"].dt.year).query("name_zh == '双11'").set_index("year")
    assert moved.at[2025, "from"] == pd.Timestamp("2025-10-09") and moved.at[2025, "name"] == "Singles' Day"
    assert moved.at[2026, "from"] == pd.Timestamp("2026-10-22")
    assert known["day"].is_monotonic_increasing
    pd.testing.assert_frame_equal(festivals.table(known), known)


def test_a_window_without_a_day_has_its_last_one_and_without_english_its_own_name(write):
    own = festivals.load(write("名称,开始,结束\n店庆,2026-05-03,2026-05-06\n"))
    assert own.loc[0, ["name_zh", "name"]].tolist() == ["店庆", "店庆"]
    assert own.at[0, "day"] == pd.Timestamp("2026-05-06")


def test_a_shops_windows_reach_the_days_and_the_festival_buyers(write):
    known = festivals.table(festivals.load(write(OWN)))
    assert festivals.touched(date(2026, 9, 1), date(2026, 9, 3), known=known) == {"店庆"}
    found = festivals.windows_of(["anniversary"], before=date(2026, 9, 3), known=known)
    assert found["to"].tolist() == [pd.Timestamp("2026-05-06")]
    given = {"on": date(2026, 9, 20), "orders": bought_at("2025-10-10"), "festivals": known}
    table = pd.DataFrame(
        {"last_order": pd.Timestamp("2025-10-10")}, index=pd.Index(["a"], name="customer_id")
    )
    given["customers"] = customers_like(table)
    assert buyers(["双11"], **given) == ["双11"]
    with pytest.raises(Exception, match="leaves nobody"):
        buyers(["双11"], **{**given, "festivals": None})  # ours opens on 22 October


def bought_at(day: str) -> pd.DataFrame:
    row = {"order_id": "1", "customer_id": "a", "paid_at": pd.Timestamp(day), "amount": 1.0, "refunded": 0.0}
    return pd.DataFrame([{**row, "category": None, "channel": None, "is_gift": False}])


def customers_like(table: pd.DataFrame) -> pd.DataFrame:
    first = table["last_order"].astype("datetime64[ns]")
    numbers = {"frequency": 0, "recency": 0, "T": 300, "monetary_value": 0.0, "orders": 1, "total_spend": 1.0}
    dates = {"first_order": first, "last_order": first, "days_since_last": 300}
    return table.assign(**numbers, **dates, category=None, channel=None)


def buyers(names: list[str], customers: pd.DataFrame, **given: object) -> list[str]:
    found = audience.choose(customers, {"festival_buyer": names}, **given)
    return found.columns["festival_buyer"].tolist()


HEAD = "name,from,to\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "a,2026-01-05,2026-01-01\n", r"line 2 \(1 row of 1\): the window ends before it begins"),
        (HEAD + "a,2026-01-05,soon\n", "line 2 .*: to cannot be read; write 2026-11-11"),
        (HEAD + "a,2026-01-05,2026-02-30\n", "line 2 .*: to cannot be read"),
        (HEAD + "b,2026-01-05,2026-01-07\na,,2026-01-07\n", "line 3 .*: there is no from"),
        (HEAD + "b,2026-01-05,2026-01-07\n,2026-01-05,2026-01-07\n", "line 3 .*: there is no name"),
        (
            HEAD + "a,2026-01-05,2026-01-07\na,2026-01-07,2026-01-09\n",
            "line 3 .*overlaps another of the same",
        ),
        (HEAD + "双11,2026-11-01,2026-11-11\nSingles' Day,2026-11-09,2026-11-12\n", "line 3 .*overlaps"),
        (HEAD + "a,2026-01-01,2026-12-31\n", "line 2 .*longer than 183 days"),
        (
            "name,from,to,day\na,2026-01-01,2026-01-09,2026-02-01\n",
            "line 2 .*the day lies outside its window",
        ),
        ("name,from,to,colour\na,2026-01-01,2026-01-09,red\n", "'colour' is no column of festival windows"),
        ("name,from,untill\na,2026-01-01,2026-01-09\n", "'untill' is no column"),
        ("name,from\na,2026-01-01\n", "lacks the column 'to'"),
        ("name,from,to,end\na,2026-01-01,2026-01-09,2026-01-09\n", "has 'to' twice"),
        (HEAD, "has a header but no rows"),
    ],
)
def test_wrong_windows_are_refused_in_one_sentence(write, text, said):
    with pytest.raises(InputError, match=said) as refused:
        festivals.load(write(text))
    assert "windows.csv" in str(refused.value) and "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_said():
    with pytest.raises(InputError, match="there is no file"):
        festivals.load("nowhere.csv")
