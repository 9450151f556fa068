"""The files beside a report: each table with its real numbers, nothing that runs, always the same bytes."""

import csv
import io
import json
from pathlib import Path
from urllib.parse import unquote
from zipfile import ZipFile

import nbformat
import numpy as np
import openpyxl
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook, new_output
from python_calamine import CalamineWorkbook

from clv import batch, parameters, shopfile
from clv.language import speaking
from clv.running import notebook_files, plan, runs
from clv.telling import downloads, report, tables_html
from clv.telling.downloads import About, comma, tables, workbook
from clv.telling.facts import FACT_MIME
from tiny_notebooks import Tiny, everything, write

ABOUT = About("Who?", "金满堂", "2026-06-30", "2026-07-01T09:30:12+08:00")
HOSTILE = [
    "=1+1",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    " =1",
    '=HYPERLINK("http://x")',
    "http://x",
]


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "orders": [12345, -6, 0],
            "share": [0.123456789012345, np.nan, 1 / 3],
            "money": [1e7 / 3, np.inf, -2.5],
            "last_order": pd.to_datetime(["2026-06-30", None, "1899-12-31"]),
            "at": pd.to_datetime(["2026-06-30 09:30", "2026-07-01 00:00", None]),
            "sure": [True, False, True],
            "item": ["金 & 银", None, "x"],
            "mixed": [1.5, "text", None],
        },
        index=pd.Index(["c_1", "c_2", "c_3"], name="customer_id"),
    )


def notebook(*frames, **options):
    """Return a notebook as it is after `clv.table` was called for each frame."""
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables_html, "display", lambda data, *, raw: seen.append(data))
        for number, one in enumerate(frames, 1):
            tables_html.table(one, **({"caption": f"Table {number}: [a/b]"} | options))
    cells = [new_code_cell("", outputs=[new_output("display_data", data)]) for data in seen]
    return new_notebook(cells=cells)


def fact(**parts):
    data = {"name": "f", "value": 0.25, "unit": "share", "low": 0.2, "high": 0.3, "label": "came back"}
    return new_code_cell("", outputs=[new_output("display_data", {FACT_MIME: data | parts})])


def book(nb, **about):
    return workbook.xlsx(tables.collect(nb), [], about=ABOUT)


def test_the_workbook_has_the_table_s_numbers(frame, tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(book(notebook(frame, formats={"share": ".1%"})))
    sheet = openpyxl.load_workbook(path).worksheets[-1]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_row=6)]
    assert [row[1] for row in rows] == [12345, -6, 0]
    assert rows[0][2] == pytest.approx(0.123456789012345, rel=1e-11)
    assert (rows[1][2], rows[1][3], rows[2][3]) == (None, "∞", -2.5)
    assert rows[0][4] == pd.Timestamp("2026-06-30")
    assert (rows[1][4], rows[2][4]) == (None, "1899-12-31")  # before Excel's days
    assert rows[0][5] == pd.Timestamp("2026-06-30 09:30")
    assert [row[6] for row in rows] == ["yes", "no", "yes"]
    assert [row[7] for row in rows] == ["金 & 银", None, "x"]
    assert [row[8] for row in rows] == [1.5, "text", None]
    assert sheet["C4"].number_format == "0.0%"
    assert sheet["B4"].number_format == "#,##0"
    assert sheet["E4"].number_format == "yyyy-mm-dd"
    assert sheet.freeze_panes == "B4"


def test_two_readers_agree_on_every_cell(frame, tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(book(notebook(frame[["orders", "share", "item"]])))
    one = [[c or "" for c in row] for row in openpyxl.load_workbook(path).worksheets[-1].values]
    other = CalamineWorkbook.from_path(path).get_sheet_by_index(1).to_python(skip_empty_area=False)
    assert [[c or "" for c in row] for row in other] == one
    assert one[2] == ["customer id", "orders", "share", "item"]


def test_nothing_in_the_files_runs_or_leads_elsewhere(tmp_path):
    nb = notebook(pd.DataFrame({"=a": HOSTILE}, index=pd.Index(HOSTILE, name="@b")), notes="=1+1")
    path = tmp_path / "a.xlsx"
    path.write_bytes(book(nb))
    sheet = openpyxl.load_workbook(path).worksheets[-1]
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type == "s" for cell in found)
    assert {cell.value for cell in found} >= {"=1+1", "@SUM(A1)", "http://x"}
    with ZipFile(path) as parts:
        assert not [name for name in parts.namelist() if "vba" in name.lower() or "externalLink" in name]
        text = "".join(parts.read(name).decode() for name in parts.namelist())
    assert "<f>" not in text and 'TargetMode="External"' not in text
    rows = list(csv.reader(io.StringIO(comma.csv_text(tables.collect(nb)[0]), newline="")))
    assert rows[0] == ["\ufeff'@b", "'=a"]
    assert [row[0] for row in rows[1:]] == [f"'{one}" for one in HOSTILE[:-1]] + ["http://x"]


def test_a_csv_has_numbers_in_full_and_a_mark_for_excel(frame):
    text = comma.csv_text(tables.collect(notebook(frame[["orders", "share", "last_order", "item"]]))[0])
    assert text.startswith("\ufeffcustomer id,orders,share,last order,item\r\n")
    assert text.splitlines()[1:3] == ["c_1,12345,0.123456789012,2026-06-30,金 & 银", "c_2,-6,,,"]


def test_the_same_notebook_gives_the_same_bytes(frame):
    assert book(notebook(frame)) == book(notebook(frame))
    with ZipFile(io.BytesIO(book(notebook(frame)))) as parts:  # no clock of this machine in it
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert parts.read("docProps/core.xml").decode().count("2026-07-01T01:30:12Z") == 2


def test_the_first_sheet_says_what_it_is_and_leads_to_each_table(frame, tmp_path):
    nb = notebook(frame, frame)
    nb.cells += [fact(), fact(name="g", label="", value=1)]
    with speaking("zh"):
        links = downloads.write(nb, tmp_path / "02 a.html", about=ABOUT)
    sheets = openpyxl.load_workbook(tmp_path / unquote(links.workbook))
    assert sheets.sheetnames == ["目录", "关键数字", "1 Table 1 a b", "2 Table 2 a b"]
    front = [cell.value for row in sheets["目录"].iter_rows() for cell in row if cell.value]
    assert {"Who?", "金满堂", "2026年6月30日", "Table 2: [a/b]"} <= set(front)
    cells = [cell for row in sheets["目录"].iter_rows() for cell in row]
    ways = [cell.hyperlink.location for cell in cells if cell.hyperlink]
    assert ways == ["'关键数字'!A1", "'1 Table 1 a b'!A1", "'2 Table 2 a b'!A1"]
    facts = list(sheets["关键数字"].values)[2:4]
    assert facts[0] == ("说明", "数值", "下限", "上限", "单位", "名称")
    assert facts[1][:4] == ("came back", 0.25, 0.2, 0.3)
    assert sheets["关键数字"]["B4"].number_format == "0.0%"


def test_captions_alike_in_their_beginning_have_sheets_and_files_of_their_own(frame, tmp_path):
    links = downloads.write(notebook(frame, frame, caption="顾客 " * 40), tmp_path / "a.html", about=ABOUT)
    names = openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames
    assert len(set(names)) == 3 and all(len(name) <= 31 for name in names)
    assert len(set(links.csv)) == 2 and all((tmp_path / unquote(link)).is_file() for link in links.csv)


def test_nothing_is_written_where_there_is_nothing_to_write(tmp_path):
    links = downloads.write(new_notebook(), tmp_path / "a.html", about=ABOUT)
    assert links == downloads.Downloads() and not list(tmp_path.iterdir())


def test_what_a_notebook_keeps_of_a_table_is_plain_json(frame):
    nb = notebook(frame)
    kept = nb.cells[0].outputs[0].data[tables_html.TABLE_MIME]
    assert "NaN" not in json.dumps(kept) and "Infinity" not in json.dumps(kept)
    nbformat.validate(nb)
    again = nbformat.reads(nbformat.writes(nb), as_version=4)
    assert tables.collect(again) == tables.collect(nb)


def test_a_report_shows_the_table_and_not_its_data(frame):
    links = downloads.Downloads("a.xlsx", ["a-tables/01.csv"])
    words = {"title": "x", "shop": "x", "until": "2026-06-30", "made_at": "2026-07-01", "provenance": {}}
    page = report.html(notebook(frame), downloads=links, **words)
    assert tables_html.TABLE_MIME not in page and '"is_label"' not in page
    found = BeautifulSoup(page, "html.parser").select("a[download]")
    assert sorted(link["href"] for link in found) == ["a-tables/01.csv", "a.xlsx"]
    assert "download" not in report.html(notebook(frame), **words).partition("<body")[2]


@pytest.mark.slow
def test_every_table_of_a_run_is_in_its_workbook_and_its_links_lead_there(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(parameters.CONTRACTS, "tiny", Tiny)
    (tmp_path / "gold.csv").write_text("order_id,customer_id,paid_at,amount\n1,a,2025-01-01,10\n")
    (tmp_path / "shops.yml").write_text("shops: {gold: {platform: csv, orders: gold.csv}}")
    body = """
import clv, pandas as pd
for of in ("orders & money", "数"):
    clv.table(pd.DataFrame({"n": [1.25, -2.0]}, index=pd.Index(["a", "b"], name="item")), caption=of)
"""
    write(tmp_path / "notebooks", Tiny, body + everything(Tiny))
    chosen = notebook_files.chosen(notebook_files.folder(tmp_path / "shops.yml"), ["tiny"])
    out = tmp_path / "runs"
    batch.run(plan.tasks(shopfile.load(tmp_path / "shops.yml"), chosen), out=out, jobs=1)
    page = BeautifulSoup((out / "gold/tiny.html").read_text("utf-8"), "html.parser")
    links = [unquote(link["href"]) for link in page.select("a[download]")]
    assert sorted(links) == ["tiny-tables/01-orders-money.csv", "tiny-tables/02-数.csv", "tiny.xlsx"]
    assert all((out / "gold" / link).is_file() for link in links)
    sheets = openpyxl.load_workbook(out / "gold/tiny.xlsx").worksheets[-2:]
    for sheet, shown in zip(sheets, page.select("main table"), strict=True):
        assert sheet["A1"].value == shown.caption.get_text()
        assert [cell.value for cell in sheet["B"][3:5]] == [1.25, -2]
    runs.clear(out, "gold", "tiny")
    assert not [path for path in (out / "gold").iterdir() if path.name.startswith("tiny")]
