"""The commands about segments: files in, files out, one sentence for whatever is wrong."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shops_simulated
from clv import cli, schemes, tables
from clv.commands import table_files

OWN = """
name: {en: Two halves, zh: 两半}
source: this test
rule: Bought in the last 120 days or not.
axes: {R: {at: [120]}}
segments:
  - {en: near, zh: 近, cells: ["1"]}
  - {en: far, zh: 远, cells: ["0"]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the orders and the customers of a simulated shop, and a scheme of its own."""
    here = tmp_path_factory.mktemp("shop")
    orders = shops_simulated.orders(700, rng=np.random.default_rng(2))
    table_files.write(tables.check(orders, tables.ORDERS), here / "orders.parquet")
    (here / "halves.yml").write_text(OWN, encoding="utf-8")
    (here / "gap.yml").write_text(OWN.replace('  - {en: far, zh: 远, cells: ["0"]}\n', ""), encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        cli.main(
            ["customers", f"{here}/orders.parquet", "--until", "2026-06-30", "--out", f"{here}/customers.csv"]
        )
    assert left.value.code == 0
    return here


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    monkeypatch.chdir(folder)

    def command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(list(arguments))
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return command


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("name", schemes.names())
def test_every_scheme_segments_everybody(run, folder, name, ending):
    out = f"{name}.{ending}"
    orders = ["--orders", "orders.parquet"] if name == "windows-own" else []
    code, said, err = run("segments", "customers.csv", "--scheme", name, *orders, "--out", out)
    assert (code, err) == (0, "")
    found = table_files.read(folder / out, tables.SEGMENTS)
    assert len(found) == 700 and "700 customers" in said
    assert found.index.equals(table_files.read(folder / "customers.csv", tables.CUSTOMERS).index)
    sizes = found["segment"].value_counts()
    assert f"{sizes.iloc[0]:,}" in said and sizes.index[0] in said


def test_a_kept_rule_says_the_same_next_month(run, folder):
    assert (
        run("segments", "customers.csv", "--scheme", "kmeans", "--keep", "k.json", "--out", "a.csv")[0] == 0
    )
    earlier = table_files.read(folder / "a.csv", tables.SEGMENTS)
    some = table_files.read(folder / "customers.csv", tables.CUSTOMERS).iloc[100:150]
    table_files.write(some, folder / "some.csv")
    assert run("segments", "some.csv", "--scheme", "k.json", "--out", "b.csv")[0] == 0
    later = table_files.read(folder / "b.csv", tables.SEGMENTS)
    pd.testing.assert_series_equal(later["segment"], earlier["segment"].iloc[100:150])
    assert "c0" not in (folder / "k.json").read_text()
    assert json.loads((folder / "k.json").read_text())["format"] == "clv.rule"


def test_the_shops_thresholds_are_used(run, folder):
    run("segments", "customers.csv", "--scheme", "eight-fixed", "--threshold", "M=1", "--threshold", "r=9999",
        "--threshold", "F=1", "--out", "t.csv")  # fmt: skip
    assert set(table_files.read(folder / "t.csv", tables.SEGMENTS)["segment"]) == {"Important value"}


def test_a_scheme_of_the_shops_own(run, folder):
    assert run("segments", "customers.csv", "--scheme", "halves.yml", "--out", "own.csv")[0] == 0
    found = table_files.read(folder / "own.csv", tables.SEGMENTS)
    silence = table_files.read(folder / "customers.csv", tables.CUSTOMERS)["days_since_last"]
    assert (found["segment"] == "near").equals(silence <= 120)
    assert set(found["segment_zh"]) == {"近", "远"}


def test_compare_says_which_and_writes_every_figure(run, folder):
    code, said, err = run(
        "compare-schemes", "orders.parquet", "--until", "2026-06-30", "--horizon", "90", "--draws", "20",
        "--own", "halves.yml", "--today", "halves", "--margin", "0.3", "--contact-cost", "0.1",
        "--out", "comparison.csv",
    )  # fmt: skip
    assert code == 0, err
    assert "Use " in said and "Two halves" in said and "judged on the 90 days after 2026-04-01" in said
    assert err.splitlines() == ["schemes learned (23) ...", "customers redrawn (20) ..."]
    table = pd.read_csv(folder / "comparison.csv", index_col="scheme")
    assert set(table.index) == {*schemes.names(), "halves"}
    for column in ("gini", "top_10", "top_20", "auc", "log_loss", "slope", "spearman", "explained", "kept",
                   "segments", "largest", "profit", "profit_low", "gini_low", "gini_high"):  # fmt: skip
        assert table[column].notna().all(), column
    expected = table["money"] * 0.05 * 0.3 - table["contacts"] * 0.1
    assert table["profit"].to_numpy() == pytest.approx(expected.to_numpy())


def test_the_last_order_ends_the_observation_where_nobody_says(run):
    found = run("compare-schemes", "orders.parquet", "--draws", "20", "--origins", "1", "--out", "c.parquet")
    assert found[0] == 0 and "after 2026-0" in found[1]


def test_schemes_are_listed_with_their_sources(run):
    code, said, _ = run("schemes")
    assert code == 0
    for name in schemes.names():
        scheme = schemes.load(name)
        assert f"{name}: {scheme.name.en} / {scheme.name.zh}" in said and scheme.source in said


def test_check_scheme_tells_faults_and_leaves_with_1(run):
    code, said, _ = run("check-scheme", "recall-article")
    assert code == 1 and "gap: " in said and "swapped names: " in said
    code, said, _ = run("check-scheme", "gap.yml")
    assert code == 1 and "1 of 2" in said
    assert run("check-scheme", "halves.yml")[:2] == (0, "halves: nothing wrong\n")
    code, said, _ = run("check-scheme", "hughes", "--customers", "customers.csv")
    assert code == 1 and "ties: " in said


SEGMENT = ["segments", "customers.csv", "--scheme"]
COMPARE = ["compare-schemes", "orders.parquet"]
OUT = ["--out", "x.csv"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*SEGMENT, "hughs", *OUT], "did you mean 'hughes'"),
        ([*SEGMENT, "gap.yml", *OUT], "leaves 1 of 2 cells"),
        ([*SEGMENT, "no.yml", *OUT], "no scheme file 'no.yml'"),
        ([*SEGMENT, "no.json", *OUT], "no rule 'no.json'"),
        ([*SEGMENT, "windows", "--out", "x.txt"], ".csv or .parquet"),
        ([*SEGMENT, "windows", "--out", "customers.csv"], "also an input"),
        ([*SEGMENT, "windows", "--keep", "r.txt", *OUT], ".json"),
        ([*SEGMENT, "windows", "--keep", "no/r.json", *OUT], "folder"),
        ([*SEGMENT, "windows", "--threshold", "M=1", *OUT], "no fixed"),
        ([*SEGMENT, "eight-fixed", "--threshold", "M", *OUT], "M=2000"),
        ([*SEGMENT, "eight-fixed", "--threshold", "M=-1", *OUT],
         "above 0"),
        (["segments", "orders.parquet", "--scheme", "windows", *OUT], "customers.customer_id"),
        ([*COMPARE, "--today", "window", *OUT], "did you mean 'windows'"),
        ([*COMPARE, "--own", "gap.yml", *OUT], "leaves 1 of 2 cells"),
        ([*COMPARE, "--until", "soon", *OUT], "2026-06-30"),
        ([*COMPARE, "--contact-share", "1", *OUT], "contact-share"),
        (["compare-schemes", "customers.csv", *OUT], "orders table"),
        (["check-scheme", "no.yml"], "no scheme file"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_one_sentence_and_leaves_nothing(run, folder, arguments, words):
    before = {path.name for path in folder.iterdir()}
    code, _, err = run(*arguments)
    assert (code, words in err) == (2, True), err
    assert "Traceback" not in err and len(err.splitlines()) <= 4
    assert {path.name for path in folder.iterdir()} == before


def test_a_kept_rule_has_its_own_settings(run, folder):
    assert run("segments", "customers.csv", "--scheme", "value", "--keep", "v.json", "--out", "a.csv")[0] == 0
    for option in (["--horizon", "30"], ["--model", "nbd"], ["--threshold", "M=9"]):
        code, _, err = run("segments", "customers.csv", "--scheme", "v.json", *option, "--out", "b.csv")
        assert code == 2 and f"leave {option[0]} out" in err
    code, _, err = run(
        "segments", "customers.csv", "--scheme", "v.json", "--keep", "v.json", "--out", "b.csv"
    )
    assert code == 2 and "v.json is also an input" in err
    (folder / "bad.json").write_bytes(b"\xff{")
    code, _, err = run("segments", "customers.csv", "--scheme", "bad.json", "--out", "b.csv")
    assert code == 2 and "bad.json" in err


@pytest.mark.parametrize("option", ["--lift=nan", "--margin=nan", "--contact-cost=inf", "--until=9999-12-31"])
def test_numbers_that_are_none_are_refused(run, option):
    code, _, err = run("compare-schemes", "orders.parquet", option, "--out", "x.csv")
    assert code == 2 and "Traceback" not in err and "defect" not in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["segments", "customers.csv", "--scheme", "windows-own", "--out", "x.csv"], "give the orders too"),
        (
            ["compare-schemes", "orders.parquet", "--horizon", "400", "--out", "x.csv"],
            "a horizon of 400 days",
        ),
    ],
)
def test_sound_data_without_the_answer_leave_with_1(run, folder, arguments, words):
    before = {path.name for path in folder.iterdir()}
    code, _, err = run(*arguments)
    assert (code, words in err) == (1, True), err
    assert {path.name for path in folder.iterdir()} == before


def test_nobody_and_one_customer(run, folder):
    table = table_files.read(folder / "customers.csv", tables.CUSTOMERS)
    for n, code in ((0, 1), (1, 0)):
        table_files.write(table.iloc[:n], folder / "few.csv")
        left, _, err = run("segments", "few.csv", "--scheme", "eight-mean", "--out", "few_segments.csv")
        assert left == code and "Traceback" not in err
    assert len(table_files.read(folder / "few_segments.csv", tables.SEGMENTS)) == 1
    orders = table_files.read(folder / "orders.parquet", tables.ORDERS)
    table_files.write(orders[orders["customer_id"] == orders["customer_id"].iloc[0]], folder / "one.parquet")
    left, _, err = run("compare-schemes", "one.parquet", "--horizon", "10", "--out", "x.csv")
    assert left == 1 and ("at least 30" in err or "three times" in err)
