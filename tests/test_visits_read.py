"""Visits, gift givers and the members' new columns, as files write them; each rule broken once."""

import pandas as pd
import pytest

from clv import extras
from clv.errors import InputError


def write(tmp_path, text, name="file.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return path


def test_visits_are_read_in_our_words_whatever_their_order(tmp_path):
    carted = "b,2026-06-02 10:00,加购,s1,戒指\n"
    text = f"会员号,时间,行为,商品ID,类目\n{carted}a,2026-06-01 09:00,浏览,,\n{carted}"
    path = write(tmp_path, text, encoding="gb18030")
    table = extras.visits(path).table
    assert table["customer_id"].tolist() == ["a", "b"]
    assert table["kind"].tolist() == ["viewed", "carted"]
    assert table["sku"].fillna("").tolist() == ["", "s1"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("customer_id,at,kind\na,2026-06-01,danced\n", "kind cannot be read in 1 of 1 rows"),
        ("customer_id,at,kind\na,,viewed\n", "at is empty in 1 of 1 rows"),
        ("customer_id,kind\na,viewed\n", "no column 'at'"),
    ],
)
def test_wrong_visits_are_told_in_one_sentence(tmp_path, text, words):
    with pytest.raises(InputError, match=words):
        extras.visits(write(tmp_path, text))


def test_a_gift_has_one_giver(tmp_path):
    table = extras.gift_givers(write(tmp_path, "order_id,customer_id\n2,b\n1,a\n1,a\n")).table
    assert dict(zip(table["order_id"], table["customer_id"], strict=True)) == {"1": "a", "2": "b"}
    with pytest.raises(InputError, match="has two givers in 1 of 2 rows"):
        extras.gift_givers(write(tmp_path, "order_id,customer_id\n1,a\n1,b\n"))


def test_of_a_birthday_the_decade_is_kept_and_the_year_is_not(tmp_path):
    rows = ["customer_id,birthday,gender,joined_on", "a,1994-05-20,女,2025-01-02", "b,05-20,保密,"]
    text = "\n".join([*rows, "c,19880101,M,2025年3月4日", ""])
    table = extras.members(write(tmp_path, text)).table
    assert table["born"].fillna("").tolist() == ["1990s", "", "1980s"]
    assert table["gender"].fillna("").tolist() == ["female", "", "male"]
    assert table["joined_on"].tolist()[0] == pd.Timestamp("2025-01-02")
    assert not table.astype(str).apply(lambda c: c.str.contains("1994|1988")).any(axis=None)


def test_points_below_zero_and_two_birthdays_are_counted(tmp_path):
    text = "customer_id,birthday,points\na,05-20,-30\nb,05-20,40\nb,06-20,40\n"
    found = extras.members(write(tmp_path, text))
    assert found.table["points"].tolist() == [0.0, 40.0]
    assert found.table["birthday"].fillna("").tolist() == ["05-20", ""]
    assert any("points lie below 0 in 1 rows" in note for note in found.notes)
    assert any("birthday differs between the rows of 1 customers" in note for note in found.notes)
