"""The command line: files in, files out, whole or not at all, and one sentence for whatever is wrong."""

import csv
from pathlib import Path

import click
import pandas as pd
import pytest

from clv import cli, tables
from clv.commands import table_files
from clv.errors import InputError
from clv.formulas import FORMULA

GOOD = "shops:\n  gold: {platform: csv, orders: gold.csv}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rng: object) -> Path:
    """A folder with an export of 60 customers, some of whom come back."""
    monkeypatch.chdir(tmp_path)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 500, 150), unit="D")
    amounts = rng.gamma(3, 40, 150).round(2)
    rows = {"No": range(150), "Client": rng.integers(0, 60, 150), "Paid": days.astype(str), "Sum": amounts}
    pd.DataFrame(rows).assign(Client=lambda t: "00" + t["Client"].astype(str)).to_csv(
        "export.csv", index=False
    )
    return tmp_path


def run(capsys: pytest.CaptureFixture, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        cli.main(list(arguments))
    said = capsys.readouterr()
    return left.value.code, said.out, said.err


COLUMNS = ["order_id=No", "customer_id=Client", "paid_at=Paid", "amount=Sum"]
READ = ["--platform", "csv", *[word for column in COLUMNS for word in ("--column", column)]]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_from_an_export_to_scores(here: Path, capsys: pytest.CaptureFixture, ending: str) -> None:
    orders, customers, scores = (f"{name}.{ending}" for name in ("orders", "customers", "scores"))
    steps = [
        ["orders", "export.csv", *READ, "--until", "2025-05-14", "--out", orders],
        ["customers", orders, "--until", "2025-05-14", "--out", customers],
        ["fit", customers, "--orders", orders, "--out", "model.json"],
        ["score", customers, "--model", "model.json", "--horizon", "60", "--out", scores],
    ]
    said = [run(capsys, *step) for step in steps]
    assert [(code, err) for code, _, err in said] == [(0, "")] * 4
    assert "left out" in said[0][1] and "export.csv: 150 rows" in said[0][1]
    assert "came closest" in said[2][1] and "log-likelihood" in said[2][1]
    assert "purchases expected in 60 days" in said[3][1]
    read = table_files.read(here / customers, tables.CUSTOMERS)
    assert list(table_files.read(here / scores, tables.SCORES).index) == list(read.index)
    assert read.index.str.startswith("c_").all()
    names = {"export.csv", "model.json", orders, customers, scores}
    assert {path.name for path in here.iterdir()} == names


def test_raw_ids_keep_their_zeros_through_csv(here: Path, capsys: pytest.CaptureFixture) -> None:
    run(capsys, "orders", "export.csv", *READ, "--customer-ids", "raw", "--out", "orders.csv")
    run(capsys, "customers", "orders.csv", "--out", "customers.csv")
    index = table_files.read(here / "customers.csv", tables.CUSTOMERS).index
    assert index.str.startswith("00").all()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_comes_back_as_it_went(tmp_path: Path, ending: str) -> None:
    orders = pd.DataFrame(
        {
            "order_id": ["007", "NA", "1e5"],
            "customer_id": ["001", None, "nan"],
            "paid_at": pd.to_datetime(["2025-01-01 10:11:12", "2025-01-02 00:00:00", "2025-01-03 00:00:00"]),
            "amount": [0.1 + 0.2, 1 / 3, 1e9],
            "refunded": 0.0,
            "category": ["戒指, 金", None, "<b>"],
            "channel": pd.Series([None] * 3, dtype="str"),
            "is_gift": [True, False, False],
        }
    )
    orders = tables.check(orders, tables.ORDERS)
    table_files.write(orders, tmp_path / f"t.{ending}")
    pd.testing.assert_frame_equal(table_files.read(tmp_path / f"t.{ending}", tables.ORDERS), orders)


def test_no_text_of_an_export_is_a_formula_in_a_csv_and_each_comes_back(tmp_path):
    said = ["@SUM(A1)", "-2+3", "+8613800138000", "\t=1", "'tis", "=1+1", "'=1+1", "''-1"]
    orders = pd.DataFrame({"order_id": said, "customer_id": said[::-1], "amount": 5.5, "category": said})
    orders = orders.assign(
        paid_at=pd.Timestamp("2025-01-01"), refunded=0.0, channel=None, is_gift=False
    ).astype({"channel": "str"})
    orders = tables.check(orders, tables.ORDERS)
    table_files.write(orders.astype({"category": "category"}), tmp_path / "t.csv")
    table_files.write(orders.set_index("customer_id").rename(columns={"channel": "=x"}), tmp_path / "i.csv")
    for name in ("t.csv", "i.csv"):
        lines = (tmp_path / name).read_text("utf-8-sig").splitlines()
        cells = {cell for row in csv.reader(lines) for cell in row}
        assert not [cell for cell in cells if FORMULA.match(cell)]
        assert cells >= {f"'{one}" for one in said if one != "'tis"} | {"'tis"}
    pd.testing.assert_frame_equal(table_files.read(tmp_path / "t.csv", tables.ORDERS), orders)
    assert "=x" in table_files.as_text(tmp_path / "i.csv")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_two_customers_whose_ids_an_apostrophe_parts_stay_two(tmp_path, ending):
    orders = pd.DataFrame({"order_id": ["a", "b"], "customer_id": ["=1", "'=1"], "amount": [5.0, 7.0]})
    orders = orders.assign(
        paid_at=pd.Timestamp("2025-01-01"), refunded=0.0, channel=None, category=None, is_gift=False
    ).astype({"channel": "str", "category": "str"})
    table_files.write(tables.check(orders, tables.ORDERS), tmp_path / f"t.{ending}")
    read = table_files.read(tmp_path / f"t.{ending}", tables.ORDERS)
    assert dict(zip(read["customer_id"], read["amount"], strict=True)) == {"=1": 5.0, "'=1": 7.0}


def test_a_column_of_any_name_is_written(tmp_path):
    table_files.write(pd.DataFrame({7: ["=1"], "self": ["-1"]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text("utf-8-sig") == "7,self\n'=1,'-1\n"
    assert table_files.as_text(tmp_path / "t.csv").to_dict("list") == {"7": ["=1"], "self": ["-1"]}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["orders", "nothing.csv", *READ, "--out", "o.csv"], 2, "'nothing.csv'"),
        (["orders", "export.csv", "--platform", "taobo", "--out", "o.csv"], 2, "did you mean 'taobao'"),
        (["orders", "export.csv", *READ, "--out", "o.xlsx"], 2, ".csv or .parquet"),
        (["orders", "export.csv", *READ, "--out", "no/o.csv"], 2, "no folder 'no'"),
        (["orders", "export.csv", *READ, "--out", "export.csv"], 2, "also an input"),
        (["orders", "export.csv", *READ, "--column", "x", "--out", "o.csv"], 2, "NAME=HEADER"),
        (["orders", "export.csv", *READ, "--until", "2001-01-01", "--out", "o.csv"], None, ""),
        (["orders", "export.csv", *READ, "--until", "soon", "--out", "o.csv"], 2, "2026-06-30"),
        (["customers", "nothing.csv", "--out", "c.csv"], 2, "no file 'nothing.csv'"),
        (["customers", "nothing.parquet", "--out", "c.csv"], 2, "'nothing.parquet'"),
        (["customers", "export.csv", "--out", "c.csv"], 2, "orders table"),
        (["fit", "export.csv", "--model", "nbd", "--out", "m.json"], 2, "customers table lacks the column"),
        (["fit", "export.csv", "--out", "m.txt"], 2, ".json"),
        (["score", "export.csv", "--model", "export.csv", "--out", "s.csv"], 2, "not a model file"),
        (["batch", "nothing.yml"], 2, "no shop file"),
        (["batch", "shops.yml", "--shop", "golden"], 2, "did you mean 'gold'"),
        (["batch", "shops.yml", "--notebook", "01_order"], 2, "did you mean '01_orders'"),
        (["batch", "shops.yml", "--set", "03_lifetime_value.margin=2"], 2, "margin is 2"),
        (["batch", "shops.yml", "--until", "2025-02-30"], 2, "day of the calendar"),
        (["batch", "shops.yml", "--jobs", "0"], 2, "--jobs"),
        (["batch", "shops.yml", "--timeout", "nan"], 2, "should be a number"),
        (["batch", "shops.yml", "--memory", "nan"], 2, "no amount of memory; write it as 4GB or 800MB"),
        (["batch", "shops.yml", "--memory", "4XB"], 2, "'4XB' is no amount of memory"),
        (["batch", "shops.yml", "--memory", "0"], 2, "--memory"),
        (["batch", "shops.yml", "--timeout", "inf"], 2, "--timeout"),
        (["bach"], 2, "bach"),
    ],
)
def test_wrong_input_gets_one_sentence_and_leaves_nothing(
    here: Path, capsys: pytest.CaptureFixture, arguments: list[str], code: int | None, words: str
) -> None:
    (here / "shops.yml").write_text(GOOD)
    before = {path.name for path in here.iterdir()}
    left, _, err = run(capsys, *arguments)
    if code is not None:
        assert (left, words in err) == (code, True), err
        assert {path.name for path in here.iterdir()} == before
    assert "Traceback" not in err and len(err.splitlines()) <= 4


@pytest.mark.parametrize(
    ("written", "gib"),
    [("4", 4), (".5", 0.5), ("4GiB", 4), ("512mib", 0.5), ("4GB", 3.7252903), ("1 tb", 931.32257)],
)
def test_memory_is_gib_or_has_its_unit(written: str, gib: float) -> None:
    (option,) = [one for one in cli.batch.params if one.name == "memory"]
    assert option.type.convert(written, option, None) == pytest.approx(gib)


def test_a_defect_is_one_sentence_without_anybodys_data(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("13800138000")

    monkeypatch.setattr(cli.cli, "main", broken)
    code, _, err = run(capsys, "orders")
    assert code == 1
    assert err == "clv: this is a defect in clv: KeyError; run again with CLV_DEBUG=1 for the details.\n"
    monkeypatch.setenv("CLV_DEBUG", "1")
    with pytest.raises(KeyError):
        cli.main(["orders"])


def test_ctrl_c_anywhere_is_130(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise click.Abort

    monkeypatch.setattr(cli.cli, "main", stopped)
    assert run(capsys, "orders")[0] == 130


def test_every_command_explains_itself(capsys: pytest.CaptureFixture) -> None:
    for name, command in cli.cli.commands.items():
        code, out, _ = run(capsys, name, "--help")
        assert code == 0
        assert command.help and all(p.help for p in command.params if isinstance(p, click.Option)), out


def test_a_file_of_another_table_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"no")
    with pytest.raises(InputError, match=r"'a\.parquet' cannot be read as a table of orders"):
        table_files.read(tmp_path / "a.parquet", tables.ORDERS)
