"""Tables in reports: everything escaped, headers that lead to their cells, numbers that can be compared."""

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from clv.errors import ClvError
from clv.language import catalogue, speaking
from clv.telling import tables_html


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "category": ["金 & 银", None],
            "orders": [12345, 6],
            "share": [0.27, np.nan],
            "days": [12.5, np.inf],
            "last": pd.to_datetime(["2026-06-30", None]),
            "gift": [True, False],
        },
        index=pd.Index(["c_1", "c_2"], name="customer"),
    )


def cells(html):
    rows = BeautifulSoup(html, "html.parser").select("tr")
    return [[cell.get_text() for cell in row.select("th, td")] for row in rows]


def test_values_are_written_as_people_write_them(frame):
    html = tables_html.html(frame, caption="x", formats={"share": ".0%", "orders": lambda n: f"¥{n:,}"})
    assert cells(html) == [
        ["customer", "category", "orders", "share", "days", "last", "gift"],
        ["c_1", "金 & 银", "¥12,345", "27%", "12.5", "2026-06-30", "yes"],
        ["c_2", "–", "¥6", "–", "∞", "–", "no"],
    ]


def test_headers_carry_their_scope_and_numbers_their_class(frame):
    table = BeautifulSoup(tables_html.html(frame, caption="Customers"), "html.parser")
    assert table.caption.get_text() == "Customers"
    assert [th["scope"] for th in table.select("th")] == ["col"] * 7 + ["row"] * 2
    assert [th.get_text() for th in table.select("th.number")] == ["orders", "share", "days"]
    assert len(table.select("td.number")) == 6


def test_an_index_without_a_name_stays_out(frame):
    assert cells(tables_html.html(frame.reset_index(drop=True)[["orders"]], caption="x")) == [
        ["orders"],
        ["12,345"],
        ["6"],
    ]


def test_hours_show_only_where_there_are_any():
    frame = pd.DataFrame({"at": pd.to_datetime(["2026-06-30 09:30", "2026-07-01 00:00"])})
    assert cells(tables_html.html(frame, caption="x"))[1:] == [["2026-06-30 09:30"], ["2026-07-01 00:00"]]


def test_names_with_underscores_are_read_as_words():
    frame = pd.DataFrame({"customer_share": [0.1]})
    html = tables_html.html(frame, caption="x", formats={"customer_share": ".0%"})
    assert cells(html) == [["customer share"], ["10%"]]


def test_columns_of_one_name_keep_their_own_cells():
    frame = pd.DataFrame([[1, 2]], columns=["n", "n"])
    assert cells(tables_html.html(frame, caption="x")) == [["n", "n"], ["1", "2"]]


def test_an_empty_frame_is_a_table_of_headers():
    frame = pd.DataFrame({"n": pd.Series(dtype=float), "at": pd.Series(dtype="datetime64[ns]")})
    assert cells(tables_html.html(frame, caption="x")) == [["n", "at"]]


def test_everything_foreign_is_escaped():
    bad = "<b onclick=alert(1)>"
    frame = pd.DataFrame({bad: [bad]}, index=pd.Index([bad], name=bad))
    html = tables_html.html(frame, caption=bad, notes=bad)
    assert "<b" not in html
    assert BeautifulSoup(html, "html.parser").get_text().count(bad) == 6


def test_the_same_frame_gives_the_same_bytes_and_the_frame_is_left_alone(frame):
    before = frame.copy()
    assert tables_html.html(frame, caption="x") == tables_html.html(frame, caption="x")
    pd.testing.assert_frame_equal(frame, before)


def test_a_display_carries_html_and_plain_text(frame, monkeypatch):
    seen = []
    monkeypatch.setattr(tables_html, "display", lambda data, *, raw: seen.append(data))
    assert tables_html.table(frame, caption="Customers", notes="A note.") is None
    assert list(seen[0]) == ["text/html", "text/plain", tables_html.TABLE_MIME]
    lines = seen[0]["text/plain"].splitlines()
    assert (lines[0], lines[-1]) == ("Customers", "A note.")
    assert lines[2].split() == ["c_1", "金", "&", "银", "12,345", "0.270", "12.5", "2026-06-30", "yes"]


def test_a_wrong_call_is_one_sentence(frame):
    with pytest.raises(ClvError, match="caption"):
        tables_html.html(frame, caption=" ")
    with pytest.raises(ClvError, match="did you mean 'orders'"):
        tables_html.html(frame, caption="x", formats={"order": ".0f"})
    with pytest.raises(ClvError, match="one level"):
        tables_html.html(pd.DataFrame([[1]], columns=[["a"], ["b"]]), caption="x")


def test_a_loss_has_a_minus_as_wide_as_a_plus():
    frame = pd.DataFrame({"change": [-1.5, 2.25], "day": ["2026-06-30", "a-1"]})
    html = tables_html.html(frame, caption="x", formats={"change": "+.1f"})
    assert cells(html)[1:] == [["−1.5", "2026-06-30"], ["+2.2", "a-1"]]


def test_a_table_speaks_the_reader_s_language():
    frame = pd.DataFrame(
        {
            "days_since_last": [-3, 1200],
            "bought then": [True, False],
            "verdict": ["cannot tell", "女装"],
            "last_order": pd.to_datetime(["2026-06-30", None]),
            "within_45": ["44% to 53%", "1,432 to 2,835"],
        },
        index=pd.Index(["all", "Candles"], name="segment"),
    )
    with speaking("zh"):
        html = tables_html.html(frame, caption="x", notes="不动的说明。")
    assert cells(html) == [
        ["分群", "距上次购买天数", "当时有购买", "判断", "末单日期", "45 天内"],
        ["全部", "−3", "是", "无法判断", "2026-06-30", "44% 至 53%"],
        ["Candles", "1,200", "否", "女装", "–", "1,432 至 2,835"],
    ]
    assert "不动的说明。" in html


def test_a_word_of_several_meanings_is_told_by_its_column():
    frame = pd.DataFrame({"reason": ["share"], "share": [0.5]})
    with speaking("zh"):
        told = cells(tables_html.html(frame, caption="x"))
    assert told == [["原因", "占比"], ["分享", "0.500"]]


def test_what_is_the_shop_s_own_is_never_put_into_chinese():
    own = ["sold out", "c_1430ae40af07", "gift box 3", "{0} to {1}", "{", "100% cotton", "A-1 to B", ""]
    with speaking("zh"):
        told = cells(tables_html.html(pd.DataFrame({"item": own}), caption="x"))
    assert [row[0] for row in told[1:]] == [*own]


def test_the_words_of_tables_stand_once():
    text = (catalogue.HOME / "zh" / catalogue.LABELS).read_text("utf-8")
    entries = [entry.rpartition("\nmsgstr ")[0] for entry in text.strip().split("\n\n")[1:]]
    assert len(entries) == len(set(entries)) > 400
    words = catalogue.labels("zh")
    assert len(words) == len(entries)
    assert all(word.strip() and told.strip() for word, told in words.items())
