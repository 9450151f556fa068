"""Engines by name: what they read, what comes back for a fit, and one sentence for whatever is wrong."""

import sys
from pathlib import Path

import pandas as pd
import pytest

import many_orders
from clv import (
    cli,
    collapsed,
    customers,
    customers_file,
    duck,
    engines,
    models,
    spark,
    spark_files,
    spend,
    tables,
)
from clv.commands import at_scale, model_files
from clv.errors import InputError, SettingError

TABLE = "postgresql://me:geheim@there/shop?table=orders"


@pytest.fixture(scope="module")
def known() -> pd.DataFrame:
    return customers.summarise(many_orders.table())


@pytest.fixture
def saved(known: pd.DataFrame, tmp_path: Path) -> str:
    known.to_parquet(tmp_path / "customers.parquet")
    return str(tmp_path / "customers.parquet")


def run(capsys: pytest.CaptureFixture, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        cli.main(list(arguments))
    said = capsys.readouterr()
    return left.value.code, said.out, said.err


def test_distinct_histories_stand_for_all_customers(known: pd.DataFrame, saved: str) -> None:
    rows = at_scale.rows_for_fit(saved, engine="duckdb")
    assert rows.customers == rows.histories["customers"].sum() == len(known)
    assert len(rows.histories) < len(known)
    again = known.groupby(["frequency", "recency", "T"]).size().rename("customers").reset_index()
    pd.testing.assert_frame_equal(rows.histories, again, check_exact=True)
    assert not rows.sampled
    assert rows.amounts["total_spend"].sum() == pytest.approx(known["total_spend"].sum())


@pytest.mark.parametrize("name", ["bgnbd", "paretonbd"])
def test_a_fit_of_distinct_rows_is_the_fit_of_all(known: pd.DataFrame, saved: str, name: str) -> None:
    rows = at_scale.rows_for_fit(saved, engine="duckdb")
    few, all_of_them = models.fit_by_name(name, rows.histories), models.fit_by_name(name, known)
    assert few.n_customers == len(known)
    assert few.model.parameters == pytest.approx(all_of_them.model.parameters, rel=1e-6)
    assert few.log_likelihood == pytest.approx(all_of_them.log_likelihood, rel=1e-9)
    money, of_all = spend.fit(rows.amounts), spend.fit(known)
    assert money.model.parameters == pytest.approx(of_all.model.parameters, rel=1e-6)


def test_a_sample_is_the_same_whatever_the_order_of_rows(known: pd.DataFrame) -> None:
    half, other = (
        collapsed.collapse(duck.of_frame(frame.reset_index()), most_amounts=300)
        for frame in (known, known.sample(frac=1, random_state=1))
    )
    assert half.sampled and 240 < len(half.amounts) < 360
    pd.testing.assert_frame_equal(half.amounts, other.amounts, check_exact=True)
    assert half.histories["customers"].sum() == len(known)


def test_the_command_fits_parquet_without_loading_it(
    known: pd.DataFrame,
    saved: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pd, "read_parquet", lambda *_: pytest.fail("all customers were loaded"))
    monkeypatch.setattr(collapsed.collapse, "__kwdefaults__", {"most_amounts": 300})
    out = tmp_path / "model.json"
    code, said, err = run(capsys, "fit", saved, "--model", "bgnbd", "--out", str(out))
    assert (code, err) == (0, "")
    assert f"of {len(known)} customers, a sample by a hash of their ids" in said
    assert model_files.load(out).fit.n_customers == len(known)


@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize("at_once", [4_000_000, 500])
@pytest.mark.parametrize("number", ["copied", "missing"])
def test_an_order_that_stands_twice_is_not_counted_twice(
    tmp_path: Path,
    capsys: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    ending: str,
    at_once: int,
    number: str,
) -> None:
    monkeypatch.setattr(customers_file, "_ORDERS_AT_ONCE", at_once)
    orders = many_orders.table().dropna(subset="customer_id").reset_index(drop=True)
    again = orders.iloc[[0, 700, 1400]]
    if number == "missing":
        again = again.assign(order_id=None)
    many_orders.in_parts(pd.concat([orders, again], ignore_index=True), tmp_path / "orders")
    out = tmp_path / f"customers.{ending}"
    code, said, err = run(capsys, "customers", str(tmp_path / "orders"), "--out", str(out))
    assert (code, said, len(err.splitlines())) == (2, "", 1)
    assert f"orders: 3 of {len(orders) + 3:,} orders have no order number of their own" in err
    assert [path.name for path in tmp_path.iterdir()] == ["orders"]


def test_one_number_at_two_customers_is_no_copy(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    orders = many_orders.table().dropna(subset="customer_id")
    number = orders.groupby("customer_id").cumcount().astype("str")  # each customer's own, from 0
    orders.assign(order_id=number).to_parquet(tmp_path / "orders.parquet")
    out = str(tmp_path / "customers.parquet")
    assert run(capsys, "customers", str(tmp_path / "orders.parquet"), "--out", out)[0] == 0


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("customer_id", "edges", "1 of {n} rows have no customer of their own"),
        ("customer_id", None, "1 of {n} customers have a row where the customer's id is missing"),
        ("recency", 9999, "1 of {n} customers have a row where recency is larger than T"),
        ("recency", 0, "1 of {n} customers have a row where frequency is above 0 but recency is 0"),
        ("T", None, "1 of {n} customers have a row where frequency, recency or T is missing"),
        ("frequency", 1.5, "1 of {n} customers have a row where frequency is not a whole number"),
        ("monetary_value", -1.0, "where monetary_value is missing, infinite or negative"),
        ("monetary_value", 0.0, "where frequency is above 0 but monetary_value is 0"),
    ],
)
def test_a_wrong_row_for_a_fit_is_told_of_the_file(
    known: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture, column: str, value: object, said: str
) -> None:
    table = known.reset_index().astype({"frequency": float, "T": float})
    row = table.index[(table["frequency"] > 1) & (table["customer_id"] != "edges")][5]
    assert (table["customer_id"] == "edges").any()
    table.loc[row, column] = value
    table.to_parquet(tmp_path / "c.parquet", index=False)
    code, _, err = run(
        capsys, "fit", str(tmp_path / "c.parquet"), "--model", "bgnbd", "--out", str(tmp_path / "m.json")
    )
    assert (code, len(err.splitlines())) == (2, 1)
    assert f"c.parquet: {said.format(n=len(known))}" in err or said in err
    assert "edges" not in err and "is row" not in err


@pytest.mark.parametrize("path", ["", "*.parquet", "part 1.parquet"])
def test_a_folder_a_glob_and_a_file_are_read(tmp_path: Path, path: str) -> None:
    folder = many_orders.in_parts(many_orders.table(50), tmp_path / "orders")
    with engines.opened("duckdb") as backend:
        found = engines.read(backend, folder / path, tables.ORDERS).count().to_pandas()
    assert found == {"": 150, "*.parquet": 120, "part 1.parquet": 30}[path]


def test_wrong_files_get_a_sentence(known: pd.DataFrame, tmp_path: Path) -> None:
    (tmp_path / "no.parquet").write_text("no Parquet")
    known.drop(columns="T").to_parquet(tmp_path / "old.parquet")
    with engines.opened("duckdb") as backend:
        for name, said in [
            ("none.parquet", "there is no file 'none.parquet'"),
            ("no.parquet", "'no.parquet' is not a Parquet file"),
            ("old.parquet", "old.parquet: the customers table lacks the column 'T'"),
        ]:
            with pytest.raises(InputError, match=said):
                engines.read(backend, tmp_path / name, tables.CUSTOMERS)
    with pytest.raises(SettingError, match="did you mean 'spark'"), engines.opened("sparc"):
        pass


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["customers", "s3a://b/o.parquet", "--out", "c.parquet"], "'o.parquet' is no file of this machine"),
        (["score", "s3a://b/c.parquet", "--model", "m.json", "--out", "s.csv"], "m.json"),
        (["fit", "s3a://b/c.parquet", "--out", "m.json"], "--engine spark reads it"),
        (["fit", "c.parquet", "--engine", "spark", "--out", "m.json"], "loads all customers"),
        (["customers", "o.parquet", "--engine", "spark", "--out", "c.csv"], "should end in .parquet"),
        (["customers", TABLE, "--engine", "spark", "--out", "c.parquet"], "`clv customers ADDRESS` without"),
        (["customers", "o.parquet", "--out", TABLE], "a file is wanted where the address of a database"),
        (["fit", TABLE, "--model", "nbd", "--out", "m.json"], "a file is wanted where the address of a"),
        (["fit", TABLE, "--out", "m.json"], "a file is wanted where the address of a database stands"),
        (["customers", "o.parquet", "--engine", "spark", "--out", "o.parquet"], "also an input"),
        (["customers", "o.parquet", "--engine", "spark", "--out", "no/c.parquet"], "no folder 'no'"),
    ],
)
def test_wrong_calls_get_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, *arguments)
    assert (code, words in err, len(err.splitlines())) == (2, True, 1) and "geheim" not in err, err
    assert not list(tmp_path.iterdir())


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(SettingError, match=r"pip install 'clv\[spark\]'"), spark.opened():
        pass


def test_java_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SettingError, match="needs Java 17 or 21"), spark.opened():
        pass


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        (
            "Traceback ...\nModuleNotFoundError: No module named 'clv'\n",
            SettingError,
            "no Python module 'clv'",
        ),
        (
            "x\nclv.errors.InputError: recency is larger than T.\n\n at",
            InputError,
            "^recency is larger than T.$",
        ),
        ("[CAST_INVALID_INPUT] The value '13800138000' ...", InputError, r"^Spark gave up \(ValueError\)"),
    ],
)
def test_what_spark_says_is_one_sentence_without_data(text: str, kind: type, said: str) -> None:
    with pytest.raises(kind, match=said) as found:
        raise spark.told(ValueError(text))
    assert "13800138000" not in str(found.value)


def test_places_are_as_spark_wants_them(tmp_path: Path) -> None:
    strange = tmp_path / "a [1]"
    strange.mkdir()
    assert spark_files.place(strange) == f"file://{tmp_path}/a \\[1\\]"
    assert spark_files.place(strange / "*.parquet") == f"file://{tmp_path}/a [1]/*.parquet"
    assert spark_files.place("s3a://b/c*") == "s3a://b/c*"
