"""Files as shops have them: encodings, Excel's habits, odd headers and cells; and files that are no table."""

import gzip
import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from clv.errors import InputError, SettingError
from clv.reading import cells, exports, moments

ORDER = "订单编号,买家会员名\n1,张三\n"


def written(tmp_path, content, name="export.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_text_survives_every_usual_encoding(tmp_path, encoding):
    table = exports.read(written(tmp_path, ORDER.encode(encoding))).table
    assert table.to_dict("list") == {"订单编号": ["1"], "买家会员名": ["张三"]}


def test_western_text_that_is_not_utf8_is_read(tmp_path):
    rows = "item,price\n" + "plain,1\n" * 200 + "tea £5 tin,2\n"
    table = exports.read(written(tmp_path, rows.encode("cp1252"))).table
    assert table["item"].iloc[-1] == "tea £5 tin"


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_the_separator_is_found(tmp_path, mark):
    table = exports.read(written(tmp_path, f"a{mark}b\n1{mark}2\n")).table
    assert list(table.columns) == ["a", "b"]
    assert table.iloc[0].tolist() == ["1", "2"]


def test_headers_lose_blanks_marks_and_full_width_forms(tmp_path):
    top = '\ufeff 订单付款时间 ,店铺优惠（分摊）,"=""订单编号""",\t类目\n1,2,3,4\n'
    assert list(exports.read(written(tmp_path, top)).table.columns) == [
        "订单付款时间", "店铺优惠(分摊)", "订单编号", "类目",
    ]  # fmt: skip


def test_duplicate_headers_stay_apart_and_an_empty_nameless_column_goes(tmp_path):
    table = exports.read(written(tmp_path, "分销员,分销员,\n甲,乙,\n")).table
    assert table.to_dict("list") == {"分销员": ["甲"], "分销员 (2)": ["乙"]}
    kept = exports.read(written(tmp_path, "a,b,\n1,2,3\n")).table
    assert list(kept.columns) == ["a", "b", "column 3"]


def test_cells_lose_what_protected_them_from_excel(tmp_path):
    rows = 'id,phone,tab,words\n"=""21407300627014912""",\'13800000000,\t6917\t,a b\n'
    rows += '="12",\'null,  x,\u3000y\u00a0\n'
    table = exports.read(written(tmp_path, rows)).table
    assert table.iloc[0].tolist() == ["21407300627014912", "13800000000", "6917", "a b"]
    assert table.iloc[1, [0, 2, 3]].tolist() == ["12", "x", "y"]
    assert pd.isna(table.iloc[1, 1])


@pytest.mark.parametrize("word", ["NULL", "null", "'null", "——", "-", " ", "\t", "", "NaN", "N/A"])
def test_what_stands_for_nothing_is_missing(tmp_path, word):
    assert exports.read(written(tmp_path, f"a,b\n1,{word}\n")).table["b"].isna().all()


def test_rows_keep_their_number_in_the_file(tmp_path):
    table = exports.read(written(tmp_path, "a,b\n1,2\n\n3,4\n")).table
    assert table.index.tolist() == [2, 4]


def test_line_breaks_and_separators_inside_quotes_are_text(tmp_path):
    table = exports.read(written(tmp_path, 'a,b\n"one\ntwo","x,y"\n')).table
    assert table.iloc[0].tolist() == ["one\ntwo", "x,y"]


def test_titles_above_the_header_are_passed_over(tmp_path):
    table = exports.read(written(tmp_path, "订单报表\n\na,b,c\n1,2,3\n")).table
    assert list(table.columns) == ["a", "b", "c"]
    assert table.index.tolist() == [4]


def test_gzip_is_unpacked_whatever_the_name_says(tmp_path):
    assert exports.read(written(tmp_path, gzip.compress(ORDER.encode("gbk")))).encoding == "gb18030"


def test_excel_cells_are_text_and_long_numbers_never_look_whole(tmp_path):
    path = tmp_path / "export.xlsx"
    sheet = pd.DataFrame(
        {
            "id": [214073006270149, 21407300627014912, 2140730062701490000],
            "text": ["00012", "21407300627014912", "x"],
            "money": [12.5, 3.0, -1.0],
            "time": pd.to_datetime(["2017-05-30 23:18", "2017-05-31 00:00", "2017-05-31 00:00"]),
        }
    )
    sheet.to_excel(path, index=False)
    export = exports.read(path)
    assert export.encoding == "Excel"
    assert export.table["id"].tolist() == [
        "214073006270149", "2.1407300627014912E+16", "2140730062701490000",
    ]  # fmt: skip
    assert export.table["text"].tolist() == ["00012", "21407300627014912", "x"]
    assert export.table["money"].tolist() == ["12.5", "3", "-1"]
    assert export.table["time"].tolist() == ["2017-05-30 23:18:00", "2017-05-31", "2017-05-31"]


def test_of_several_filled_sheets_the_first_is_read_and_said(tmp_path):
    path = tmp_path / "export.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame().to_excel(book, sheet_name="empty", index=False)
        pd.DataFrame({"a": [1]}).to_excel(book, sheet_name="订单报表", index=False)
        pd.DataFrame({"b": [1]}).to_excel(book, sheet_name="发货报表", index=False)
    export = exports.read(path)
    assert list(export.table.columns) == ["a"]
    assert "订单报表" in export.notes[0]


def test_parquet_is_text_too(tmp_path):
    path = tmp_path / "orders.parquet"
    pd.DataFrame(
        {"id": [1, 2], "who": [17850.0, np.nan], "at": pd.to_datetime(["2026-01-02", None])}
    ).to_parquet(path)
    table = exports.read(path).table
    assert table["who"].iloc[0] == "17850"
    assert table["at"].iloc[0] == "2026-01-02 00:00:00"
    assert table.iloc[1, 1:].isna().all()


def test_parquet_with_missing_whole_numbers_lists_bytes_and_an_index_is_text_too(tmp_path):
    path = tmp_path / "orders.parquet"
    frame = pd.DataFrame(
        {"n": pd.array([2**53 + 1, None], dtype="Int64"), "tags": [[1, 2], [3]], "raw": [b"\xff"] * 2}
    )
    frame.set_index(pd.Index(["x", "y"], name="who")).to_parquet(path)
    table = exports.read(path).table
    assert table["who"].tolist() == ["x", "y"]
    assert table["n"].iloc[0] == "9007199254740993"  # which a float does not hold
    assert pd.isna(table["n"].iloc[1])


def test_a_file_without_a_header_line_gets_the_names_declared(tmp_path):
    names = ["customer_id", "date", "number_of_cds", "dollar_value"]
    bare = exports.read(written(tmp_path, " 00001 19970101  1   11.77\n"), separator="blanks", names=names)
    full = exports.read(
        written(tmp_path, " customer_id  date number_of_cds  dollar_value\n 00001 19970101  1   11.77\n"),
        separator="blanks",
        names=names,
    )
    assert (
        bare.table.to_numpy().tolist()
        == full.table.to_numpy().tolist()
        == [["00001", "19970101", "1", "11.77"]]
    )
    assert list(bare.table.columns) == names


def locked_zip():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("orders.csv", ORDER)
    content = bytearray(packed.getvalue())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def plain_zip():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("orders.csv", ORDER)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (" \r\n".encode("utf-16"), "is empty"),
        (b",,,\n,,,\n", "is empty"),
        (b"NULL,-\n-,NULL\n", "is empty"),
        (b"a,b\n" + b"1" * 200_000 + b",2\n", "a cell of more than 130,000 characters"),
        (b"a,b\n", "header but no rows"),
        (b"\x00\x01\x02\x03" * 50, "binary"),
        (bytes(range(1, 256)) * 9, "neither UTF-8 nor GB18030"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        (b'<?xml version="1.0"?><Workbook/>', "web page"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], "damaged gzip"),
        (b"PK\x03\x04 no zip at all", "damaged Excel or zip"),
        (locked_zip(), "with a password"),
        (plain_zip(), "unpack it first"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "cannot be read as an Excel file"),
        (b"PAR1 no parquet", "damaged Parquet"),
        (b"a,b\n1,2\n1,2,3\n", "more cells than the header, first row 3"),
        (b"a,b\n1,2\n1,2,3,4,5\n", "no clean table"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path, content, says):
    with pytest.raises(InputError) as refused:
        exports.read(written(tmp_path, content))
    assert says in str(refused.value)
    assert "export.csv" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_short_rows_have_missing_cells_and_keep_their_place(tmp_path):
    table = exports.read(written(tmp_path, "a,b,c\n1,2,3\n1,2\n1,2,3\n")).table
    assert table["c"].isna().tolist() == [False, True, False]


def test_files_are_found_by_path_glob_folder_and_package(tmp_path):
    for name in ("ExportOrderList202602.csv", "ExportOrderList202601.csv", "other.csv"):
        written(tmp_path, ORDER, name)
    found = exports.find([tmp_path / "ExportOrderList*.csv", tmp_path / "ExportOrderList202601.csv"])
    assert [path.name for path in found] == ["ExportOrderList202601.csv", "ExportOrderList202602.csv"]
    assert exports.find("package:lifetimes/datasets/CDNOW_master.txt")[0].is_file()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("none.csv", "there is no file"),
        ("none*.csv", "no file matches"),
        ("package:nosuchpackage/a.csv", "is not installed"),
        ("package:lifetimes/none.csv", "there is no file"),
        (".", "holds no order export"),
    ],
)
def test_what_is_not_there_is_said(tmp_path, monkeypatch, path, says):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=says):
        exports.find(path)
    with pytest.raises(InputError, match="no order export is named"):
        exports.find([])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", 1234.5), ("￥1,234.50", 1234.5), ("¥ 12", 12), ("0元", 0), ("12.00元", 12), ("$3", 3),
        ("£5.10", 5.1),
        ("CNY 12", 12), ("12 USD", 12), ("HK$9", 9), ("-20", -20), ("(20.00)", -20), ("１２．５", 12.5),
        ("1e3", 1000), ("1\u202f234.5", 1234.5), ("1\u2009234.5", 1234.5), ("1\u202f2 34", None),
        ("\u200e5.00\u200f", 5), ("1e12", None), ("-1e300", None),
        ("12,50", None), ("1,23", None), ("无退款申请", None), ("inf", None), ("12.3.4", None),
        ("+6E 6", None), ("￥+6E\t6", None), ("5 元 6", None), ("￥-5", -5), ("(￥12)", -12), ("- 5", -5),
    ],
)  # fmt: skip
def test_money_is_read_or_missing_never_guessed(text, value):
    read = cells.money(cells.tidy(pd.Series([text, "1", None])))
    assert read.iloc[1] == 1
    assert np.isnan(read.iloc[2])
    assert np.isnan(read.iloc[0]) if value is None else read.iloc[0] == value


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2017/5/30 23:18", "2017-05-30 23:18"), ("2017-05-30 23:18:05", "2017-05-30 23:18:05"),
        ("2017-05-30T23:18:05.250", "2017-05-30 23:18:05.25"), ("2017-05-30", "2017-05-30"),
        ("2017年5月30日 23:18", "2017-05-30 23:18"), ("2017.5.3", "2017-05-03"), ("20170530", "2017-05-30"),
        ("20170530231805", "2017-05-30 23:18:05"), ("42885", "2017-05-30"),
        ("42885.970833", "2017-05-30 23:18"),
        ("2024-01-31 10:00:00 +0800", "2024-01-31 10:00"), ("2024-01-31T10:00:00Z", "2024-01-31 10:00"),
        ("1970-01-01 00:00:00", None), ("0000-00-00 00:00:00", None), ("2126-01-01", None),
        ("2026-02-30", None), ("2026-3-1 25:00", None), ("9999-12-31", None), ("9999/12/31 0:00", None),
        ("yesterday", None), ("19970101", None),
    ],
)  # fmt: skip
def test_moments_are_read_or_missing_never_guessed(text, moment):
    read = moments.moments(pd.Series([text, None]), what="the time")
    assert (
        read.iloc[0] is pd.NaT
        if moment is None
        else abs(read.iloc[0] - pd.Timestamp(moment)).total_seconds() < 1
    )
    assert read.dtype == "datetime64[ns]"


def test_stamps_with_an_offset_move_to_the_shops_time_zone():
    stamps = pd.Series(["2024-01-31 10:00:00 -0500", "2024-01-31 23:30:00 +0800", "2024-01-31 12:00:00"])
    told = moments.moments(stamps, what="the time", timezone="Asia/Shanghai")
    own = moments.moments(stamps, what="the time")
    assert told.astype("str").tolist() == [
        "2024-01-31 23:00:00",
        "2024-01-31 23:30:00",
        "2024-01-31 12:00:00",
    ]
    assert own.astype("str").tolist() == ["2024-01-31 10:00:00", "2024-01-31 23:30:00", "2024-01-31 12:00:00"]


def test_days_before_months_need_evidence_or_a_format():
    with pytest.raises(InputError, match="date_format"):
        moments.moments(pd.Series(["03/04/2026", "05/06/2026"]), what="the time")
    with pytest.raises(InputError, match="date_format"):
        moments.moments(pd.Series(["13/04/2026", "05/16/2026"]), what="the time")
    days = moments.moments(pd.Series(["13/04/2026", "05/06/2026"]), what="the time")
    months = moments.moments(pd.Series(["04/13/2026 8:05", "05/06/2026 9:00"]), what="the time")
    told = moments.moments(pd.Series(["03/04/2026", "05/06/2026"]), what="the time", date_format="%d/%m/%Y")
    assert days.dt.month.tolist() == [4, 6]
    assert months.dt.month.tolist() == [4, 5]
    assert told.dt.month.tolist() == [4, 6]


def test_a_format_that_is_told_does_not_stop_real_dates_of_excel():
    read = moments.moments(
        pd.Series(["30.12.26 18:05", "2026-12-31 00:00:00"]), what="the time", date_format="%d.%m.%y %H:%M"
    )
    assert read.astype("str").tolist() == ["2026-12-30 18:05:00", "2026-12-31 00:00:00"]


def test_wrong_time_zones_and_formats_are_settings_to_correct():
    with pytest.raises(SettingError, match="Asia/Shanghai"):
        moments.moments(pd.Series(["2026-01-01"]), what="the time", timezone="Asia/Shangai")
    with pytest.raises(SettingError, match="date format"):
        moments.moments(pd.Series(["2026-01-01"]), what="the time", date_format="%Q")
    with pytest.raises(SettingError, match="date format"):
        moments.moments(pd.Series(["2026-01-01"]), what="the time", date_format="dd/mm/yyyy")
    with pytest.raises(SettingError, match=r"^.{0,90}$"):
        moments.moments(pd.Series(["2026-01-01"]), what="the time", timezone="a/place/nobody/knows")
