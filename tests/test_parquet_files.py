"""Parquet that is not there, is none, or is broken: one sentence, which names the file and no cell of it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clv import cli, tables

CLEAN = pd.DataFrame(
    {
        "order_id": [f"order{i:04d}" for i in range(4000)],
        "customer_id": [f"buyer{i % 900:03d}" for i in range(4000)],
        "paid_at": pd.date_range("2025-01-01", periods=4000, freq="h"),
        "amount": np.arange(1.0, 4001.0),
        "refunded": 0.0,
        "category": "ring",
        "channel": "web",
        "is_gift": False,
    }
)


def write(path: Path, **columns: object) -> Path:
    CLEAN.assign(**columns).to_parquet(path, compression=None)
    return path


@pytest.mark.parametrize("out", ["customers.parquet", "customers.csv"])
class TestCustomersOf:
    @pytest.fixture(autouse=True)
    def there(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def said(self, orders: str, out: str, capsys: pytest.CaptureFixture[str]) -> str:
        with pytest.raises(SystemExit) as left:
            cli.main(["customers", orders, "--out", out])
        said = capsys.readouterr().err
        assert left.value.code == 2 and said.count("\n") == 1 and "buyer" not in said
        assert not Path(out).exists() and not list(Path().glob(".clv-new-*"))
        return said

    def test_a_folder_without_any(self, out: str, capsys: pytest.CaptureFixture[str]) -> None:
        Path("months").mkdir()
        assert "the folder 'months' holds no Parquet file" in self.said("months", out, capsys)

    def test_a_pattern_that_nothing_matches(self, out: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert "no Parquet file matches 'm*.parquet'" in self.said("m*.parquet", out, capsys)

    @pytest.mark.parametrize("kept", [slice(0, 3), slice(0, -200)])
    def test_a_file_that_is_none_or_not_all(
        self, kept: slice, out: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        whole = write(Path("a.parquet")).read_bytes()
        Path("a.parquet").write_bytes(whole[kept])
        assert "'a.parquet' is not a Parquet file, or not all of it" in self.said("a.parquet", out, capsys)

    def test_rows_that_are_damaged(self, out: str, capsys: pytest.CaptureFixture[str]) -> None:
        Path("months").mkdir()
        write(Path("months/1.parquet"))
        damaged = write(Path("months/2.parquet"))
        whole = damaged.read_bytes()
        damaged.write_bytes(whole[:200] + b"\0" * (len(whole) // 2) + whole[200 + len(whole) // 2 :])
        assert "is a damaged Parquet file" in self.said("months", out, capsys)

    def test_parts_of_other_types(self, out: str, capsys: pytest.CaptureFixture[str]) -> None:
        Path("months").mkdir()
        write(Path("months/1.parquet"))
        write(Path("months/2.parquet"), amount="twelve", order_id=CLEAN["order_id"] + "b")
        assert "has other columns, or columns of another type" in self.said("months", out, capsys)

    def test_ids_that_are_lists(self, out: str, capsys: pytest.CaptureFixture[str]) -> None:
        write(Path("a.parquet"), customer_id=[[one] for one in CLEAN["customer_id"]])
        assert "a.parquet: customer_id should hold text" in self.said("a.parquet", out, capsys)

    def test_years_of_no_shop(self, out: str, capsys: pytest.CaptureFixture[str]) -> None:
        late = CLEAN["paid_at"].astype("datetime64[us]").where(CLEAN.index > 0, pd.Timestamp("9999-01-01"))
        write(Path("a.parquet"), paid_at=late)
        assert "was paid in the year 9999" in self.said("a.parquet", out, capsys)
        CLEAN.assign(paid_at=late.astype(str)).to_csv("a.csv", index=False)
        assert "orders.paid_at holds no time, or one in no year of a shop, in 1 row(s)" in self.said(
            "a.csv", out, capsys
        )

    @pytest.mark.parametrize("address", ["sqlite:///shop.db", "postgresql+psycopg://me@there/shop?table=o"])
    def test_addresses_of_nothing_that_we_read(
        self, address: str, out: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        said = self.said(address, out, capsys)
        assert "tables are read from postgresql, mysql, duckdb, not from" in said


def test_a_whole_folder_is_one(tmp_path: Path) -> None:
    (tmp_path / "months").mkdir()
    for month, part in CLEAN.groupby(CLEAN["paid_at"].dt.month):
        part.to_parquet(tmp_path / f"months/{month}.parquet")
    with pytest.raises(SystemExit) as left:
        cli.main(["customers", str(tmp_path / "months"), "--out", str(tmp_path / "customers.parquet")])
    assert left.value.code in (0, None)
    found = pd.read_parquet(tmp_path / "customers.parquet")
    assert list(found.columns) == ["customer_id", *tables.CUSTOMERS.columns]
    assert found["total_spend"].sum() == CLEAN["amount"].sum()
