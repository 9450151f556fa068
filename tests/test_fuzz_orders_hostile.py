"""Files made to do harm: one sentence each (what, where, what to do), in bounded memory and time."""

import csv
import gzip
import io
import os
import socket
import subprocess
import sys
import textwrap
import zipfile
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from clv import extras, orders
from clv.errors import ClvError, InputError, SettingError
from clv.reading import cells, exports, moments, sheet_bounds

HEADER = ["order_id", "customer_id", "paid_at", "amount"]
ROW = ["1", "amy", "2026-01-05", "12.50"]
SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def of_memory(test):
    linux = pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux tells it")
    return pytest.mark.slow(linux(test))


def text(*rows):
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows([HEADER, *rows])
    return made.getvalue()


def written(tmp_path, content, name="orders.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(path, **how):
    with pytest.raises(ClvError) as caught:
        orders.read(path, platform="csv", **how)
    said = str(caught.value)
    assert said.endswith((".", "?"))
    assert "\n" not in said
    assert len(said) < 400
    return said


def workbook(tmp_path, *rows):
    path = tmp_path / "orders.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([HEADER, *rows]):
            sheet.write_row(at, 0, row)
    return path


def with_part(path, name, content):
    """Write a workbook with another content of one of its files, given whole or piece by piece."""
    before = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for inner in old.namelist():
            if inner != name:
                new.writestr(inner, old.read(inner))
        with new.open(name, "w", force_zip64=True) as part:
            for piece in [content] if isinstance(content, bytes) else content:
                part.write(piece)
    return path


def part(path, name):
    return zipfile.ZipFile(path).read(name)


def within(megabytes, code, *args):
    """Run code in a process that may take so many megabytes above what it starts with; say what it prints."""
    start = """
        import resource, sys
        from pathlib import Path
        import pandas, python_calamine, pyarrow.parquet
        from clv import orders
        from clv.errors import ClvError
        from clv.reading import exports
        pandas.DataFrame({"a": ["1"]}).a.str.contains("x")
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + int(sys.argv[1]) * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    """
    program = textwrap.dedent(start) + textwrap.dedent(code)
    told = [sys.executable, "-c", program, str(megabytes), *map(str, args)]
    done = subprocess.run(told, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert "Traceback" not in done.stderr
    assert "panicked" not in done.stderr
    return done.stdout.strip()


READ = """
    try:
        print(orders.read(sys.argv[2], platform="csv").money_in)
    except ClvError as error:
        print(error)
"""


def zeros(megabytes, before=b"", after=b""):
    yield before
    for _ in range(megabytes):
        yield b"0" * 2**20
    yield after


# --- packed files ----------------------------------------------------------------------------------------


@of_memory
@pytest.mark.parametrize("name", [SHEET, TEXTS, "xl/media/picture.png"])
def test_a_small_workbook_with_gigabytes_inside_is_refused_in_little_memory(tmp_path, name):
    path = with_part(workbook(tmp_path, ROW), name, zeros(300))
    assert path.stat().st_size < 400_000
    assert "holds far more than its size" in within(250, READ, path)


@of_memory
def test_a_small_gzip_file_with_gigabytes_inside_is_refused_in_little_memory(tmp_path):
    path = tmp_path / "orders.csv.gz"
    with gzip.open(path, "wb", compresslevel=9) as stream:
        stream.write(text(ROW).encode())
        for _ in range(400):
            stream.write(b"1,amy,2026-01-05,12.50\n" * 40_000)
    assert path.stat().st_size < 2_000_000
    assert "holds far more than its size" in within(250, READ, path)


def test_a_packed_export_of_a_usual_size_is_no_bomb(tmp_path):
    rows = [[str(at), f"c{at % 90}", "2026-01-05", "1.00"] for at in range(30_000)]
    path = written(tmp_path, gzip.compress(text(*rows).encode()), "orders.csv.gz")
    assert orders.read(path, platform="csv").money_in == 30_000


# --- sheets ----------------------------------------------------------------------------------------------


def test_a_sheet_that_only_claims_to_be_large_is_read(tmp_path):
    path = workbook(tmp_path, ROW)
    claims = part(path, SHEET).replace(b'ref="A1:D2"', b'ref="A1:XFD1048576"')
    assert orders.read(with_part(path, SHEET, claims), platform="csv").money_in == 12.5


@pytest.mark.parametrize("quote", [b'"', b"'"])
def test_cells_in_opposite_corners_of_a_sheet_are_refused(tmp_path, quote):
    far = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
    path = workbook(tmp_path, ROW)
    corners = part(path, SHEET).replace(b"</sheetData>", far.replace(b'"', quote))
    assert "cells so far apart that 1,048,576 rows of 16,384 columns" in refused(
        with_part(path, SHEET, corners)
    )


def test_a_place_that_no_sheet_has_is_refused_without_a_panic(tmp_path, capfd):
    path = workbook(tmp_path, ROW)
    strange = part(path, SHEET).replace(b'r="A1"', b'r="ZZZZZZZ99999999999"')
    refused(with_part(path, SHEET, strange))
    assert "panicked" not in capfd.readouterr().err


def test_one_long_text_in_very_many_cells_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet_bounds, "_TEXT_AT_MOST", 2_000_000)
    path = workbook(tmp_path, *([str(at), "x" * 30_000, "2026-01-05", 1] for at in range(100)))
    assert "repeats long texts in so many cells" in refused(path)


def test_rows_are_numbered_as_in_the_sheet_though_it_begins_further_down(tmp_path):
    path = tmp_path / "orders.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(3, 2, HEADER)
        sheet.write_row(4, 2, [*ROW[:3], "a lot"])
    assert "first row 5 of orders.xlsx" in refused(path)


def test_entities_that_would_grow_are_refused(tmp_path):
    path = workbook(tmp_path, ROW)
    names = "abcdefghij"
    bombs = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    grown = part(path, TEXTS).decode().replace("<sst", f'<!DOCTYPE s [<!ENTITY a "ha">{bombs}]><sst', 1)
    grown = grown.replace("order_id", "&j;order_id").encode()
    assert "cannot be read as an Excel file" in refused(with_part(path, TEXTS, grown))


@pytest.mark.parametrize("share", [0.002, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("kind", ["xlsx", "parquet", "csv.gz"])
def test_files_that_end_too_soon_are_refused(tmp_path, kind, share):
    whole = workbook(tmp_path, ROW) if kind == "xlsx" else tmp_path / f"orders.{kind}"
    if kind == "parquet":
        pd.DataFrame([ROW], columns=HEADER).to_parquet(whole)
    if kind == "csv.gz":
        whole.write_bytes(gzip.compress(text(ROW).encode()))
    content = whole.read_bytes()
    whole.write_bytes(content[: max(4, int(len(content) * share))])
    refused(whole)


def test_a_zip_whose_list_of_files_lies_is_refused(tmp_path):
    content = bytearray(workbook(tmp_path, ROW).read_bytes())
    listed = content.rindex(b"PK\x01\x02")
    content[listed + 42 : listed + 46] = b"\xff\xff\xff\xff"  # where the file would begin
    assert "damaged Excel or zip file" in refused(written(tmp_path, bytes(content), "orders.xlsx"))


def test_an_open_document_sheet_is_told_what_to_do_with(tmp_path):
    path = tmp_path / "orders.ods"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", "<office/>")
    assert "OpenDocument sheet; save it as .xlsx or .csv" in refused(path)


# --- Parquet ---------------------------------------------------------------------------------------------


def parquet(tmp_path, frame):
    path = tmp_path / "orders.parquet"
    frame.to_parquet(path)
    return path


@pytest.mark.parametrize("cell", [["12.50"], {"amount": "12.50"}])
def test_lists_and_records_where_a_value_should_be_are_refused_and_elsewhere_passed_over(tmp_path, cell):
    frame = pd.DataFrame([ROW], columns=HEADER).assign(more=[cell])
    assert orders.read(parquet(tmp_path, frame), platform="csv").money_in == 12.5
    assert "the column 'amount' holds lists or records" in refused(
        parquet(tmp_path, frame.assign(amount=[cell]))
    )
    members = parquet(tmp_path, pd.DataFrame({"member_id": ["a"], "points": [cell]}))
    with pytest.raises(InputError, match="'points' holds lists or records"):
        extras.members(members)


def test_text_that_is_stored_as_bytes_is_text(tmp_path):
    frame = pd.DataFrame([ROW], columns=HEADER)
    path = parquet(tmp_path, frame.assign(customer_id=["王小明".encode()], raw=[b"\xff\x00"]))
    assert orders.read(path, platform="csv").orders["customer_id"].tolist() == ["王小明"]


def test_very_many_rows_in_very_few_bytes_are_refused(tmp_path):
    path = tmp_path / "orders.parquet"
    alike = pa.DictionaryArray.from_arrays(np.zeros(2_000_000, dtype="int8"), pa.array(["1"]))
    table = pa.table(dict.fromkeys(HEADER, alike))
    with pq.ParquetWriter(path, table.schema) as out:
        for _ in range(6):
            out.write_table(table)
    assert path.stat().st_size < 200_000
    assert "would hold 12,000,000 rows" in refused(path)


@of_memory
def test_one_long_text_in_every_row_is_measured_before_it_is_written_out(tmp_path):
    path = tmp_path / "orders.parquet"
    long = pa.DictionaryArray.from_arrays(np.zeros(20_000, dtype="int8"), pa.array(["x" * 1_000_000]))
    rows = {"order_id": [str(at) for at in range(20_000)], "amount": ["1"] * 20_000}
    pq.write_table(pa.table({**rows, "customer_id": long, "paid_at": ["2026-01-05"] * 20_000}), path)
    assert "bytes of text" in within(1500, READ, path)


# --- text ------------------------------------------------------------------------------------------------


@of_memory
@pytest.mark.parametrize("packed", [False, True])
def test_a_line_that_never_ends_is_refused_before_it_is_read(tmp_path, packed):
    path = tmp_path / "orders.csv"
    path.write_bytes(text(ROW).encode())
    os.truncate(path, 2 * 2**30)  # two gigabytes of nothing, which take no room on the disk
    if packed:
        path = written(tmp_path, gzip.compress(text(ROW).encode() + b"x" * 20 * 2**20), "orders.csv.gz")
    assert "a line of over 4,194,304 bytes, after 2 other lines" in within(150, READ, path)


@of_memory
def test_too_little_memory_is_one_sentence(tmp_path):
    path = written(tmp_path, text(*([str(at), "amy", "2026-01-05", "1.00"] for at in range(400_000))))
    assert "needs more memory than there is" in within(20, READ, path)


@pytest.mark.parametrize("content", ["\x0b", "\u2028\x0c", ",\x1c,", "\u2003\n\x85"])
def test_blanks_of_other_kinds_are_an_empty_file(tmp_path, content):
    assert "is empty" in refused(written(tmp_path, content))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_nul_bytes_are_no_text(tmp_path, encoding):
    content = text(["1", "a\x00my", "2026-01-05", "5"]).encode(encoding)
    assert "binary data" in refused(written(tmp_path, content))


def test_lines_of_two_encodings_in_one_file_are_refused_with_the_first_of_them(tmp_path):
    many = text(*([f"{at}", "王小明", "2026-01-05", "5"] for at in range(8))).encode()
    said = refused(written(tmp_path, many + "9,王小明,2026-01-06,7\n".encode("gbk")))
    assert said.startswith("orders.csv mixes encodings: 8 lines are UTF-8, 1 are not, first row 10;")
    few = text(["1", "王小明", "2026-01-05", "5"], ["2", "李雷", "2026-01-05", "5"]).encode("gbk")
    assert "mixes encodings" in refused(written(tmp_path, few + "3,王小明,2026-01-06,7\n".encode()))


@pytest.mark.parametrize(
    "swallowed",
    [
        '2,"amy,2026-01-05,5\n3,bob,2026-01-06,6\n4,cat",2026-01-07,7\n',
        '2,"amy,2026-01-05,5\n3,bob",2026-01-06,6\n',
        '2,"amy,2026-01-05,5\n3,bob,2026-01-06",6\n',
    ],
)
def test_rows_that_a_stray_quote_would_swallow_are_not_lost_in_silence(tmp_path, swallowed):
    said = refused(written(tmp_path, text(ROW) + swallowed + "5,dan,2026-01-08,8\n"))
    assert "the quotes in row 3 hold line breaks" in said


def test_an_address_with_line_breaks_and_commas_is_a_cell(tmp_path):
    rows = [[*HEADER, "address", "note"], [*ROW, "1 High St,\nLeeds,\nEngland", "a, b\nc"]]
    path = written(tmp_path, "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows))
    assert orders.read(path, platform="csv").money_in == 12.5


def test_a_header_that_reads_like_the_second_of_another_has_a_column_of_its_own():
    told = exports.apart(["amount", "amount", "amount (2)", "", "column 4"])
    assert len(set(told)) == 5
    assert told[:2] == ["amount", "amount (2)"]


# --- cells -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", ["12 34", "12\n34", "12元34", "¥12¥34", "12³", "①", "1 2345", "\u202e00.21", "6.E\t01"]
)
def test_what_is_no_single_number_is_no_money(cell):
    assert cells.money(cells.tidy(pd.Series([cell], dtype="str"))).isna().all()


@pytest.mark.parametrize(
    ("cell", "money"),
    [
        ("1 234.50", 1234.5),
        ("￥ 1,234.50", 1234.5),
        ("(\n 1,234.50)", -1234.5),
        ("１２．５０", 12.5),
        ("١٢", 12.0),
        ("- 5元", -5.0),
        ("(5)", -5.0),
    ],
)
def test_money_is_read_in_the_digits_of_any_script(cell, money):
    assert cells.money(cells.tidy(pd.Series([cell], dtype="str"))).tolist() == [money]


@pytest.mark.parametrize("cell", ["２０２６-０１-０５ １０：３０", "٢٠٢٦/1/5 10:30", "2026年１月５日 10:30"])
def test_dates_in_full_width_and_other_digits_are_dates(cell):
    found = moments.moments(cells.tidy(pd.Series([cell], dtype="str")), what="x")
    assert found.tolist() == [pd.Timestamp("2026-01-05 10:30")]


@pytest.mark.parametrize(
    "cell",
    ["2026/1/5 23:60", "2026-01-05 10:00:00+99:99", "20215-01-05", "20260115080960", "2026/1/5 10:10:60"],
)
def test_a_time_that_no_clock_shows_is_none(cell):
    found = moments.moments(pd.Series([cell], dtype="str"), what="x", timezone="Asia/Shanghai")
    assert found.isna().all()


def test_a_date_format_with_a_part_twice_is_told(tmp_path):
    with pytest.raises(SettingError, match="is not a date format"):
        orders.read(written(tmp_path, text(ROW)), platform="csv", date_format="%Y%Y")


def test_phones_in_full_width_digits_are_the_same_people(tmp_path):
    rows = [["1", "", "2026-01-05", "5"], ["2", "", "2026-01-06", "6"]]
    content = text(*rows).replace("customer_id", "phone").replace("1,,", "1,13812345678,")
    path = written(tmp_path, content.replace("2,,", "2,１３８１２３４５６７８,"))
    assert orders.read(path, platform="csv").orders["customer_id"].nunique() == 1


def test_money_beyond_what_a_float_holds_to_the_cent_is_refused(tmp_path):
    rows = [[str(at), "amy", "2026-01-05", "19912345678.01"] for at in range(600)]
    assert "is a column of numbers or phones taken for money?" in refused(written(tmp_path, text(*rows)))


# --- places ----------------------------------------------------------------------------------------------


def test_what_is_no_file_is_refused_at_once_and_never_waited_for(tmp_path):
    pipe, loop = tmp_path / "pipe.csv", tmp_path / "loop.csv"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    for path in (pipe, loop, tmp_path / "none.csv"):
        assert "there is no file" in refused(path)
    with pytest.raises(InputError, match="a pipe or a device"):
        exports.read(pipe)
    (tmp_path / "folder.csv").mkdir()
    assert "holds no order export" in refused(tmp_path / "folder.csv")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.csv"))
        assert "there is no file" in refused(tmp_path / "s.csv")
    assert "no file matches" in refused(str(tmp_path / "*op.csv"))


@pytest.mark.parametrize(
    "given", ["a" * 5_000, "~nobody-has-this-name/x.csv", "/tmp/**x/*.csv", "a\0b", "[", "package:os/../../x"]
)
def test_names_that_no_file_can_have_are_one_sentence(given):
    refused(given)


def test_a_folder_of_others_is_one_sentence(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may look into every folder")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    assert "cannot be looked for (Permission denied)" in refused(closed / "orders.csv")


def test_a_file_with_a_name_in_no_encoding_is_told_on_the_command_line(tmp_path):
    path = written(tmp_path, text([*ROW[:3], "a lot"]), os.fsdecode(b"orders\xff.csv"))
    command = [sys.executable, "-m", "clv.cli", "orders", str(path), "--platform", "csv"]
    done = subprocess.run([*command, "--out", str(tmp_path / "o.csv")], capture_output=True, timeout=120)
    assert done.returncode == 2, done.stderr
    assert b"Traceback" not in done.stderr
    assert b"unreadable amount" in done.stderr
