"""Tables in reports: everything escaped, headers that lead to their cells, numbers that can be compared."""

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from clv.errors import ClvError
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
    assert list(seen[0]) == ["text/html", "text/plain"]
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
