"""Hashed numbers for an advertising platform: only of those to be contacted, and only with a basis."""

import hashlib

import pandas as pd
import pytest

from clv import Shop, cli
from clv.sending import ad_numbers

ORDERS = """order_id,Phone,paid_at,amount
1,13800000001,2026-01-05 10:00,80
2,13800000002,2026-01-06 10:00,50
3,13800000003,2026-01-07 10:00,50
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    (tmp_path / "orders.csv").write_text(ORDERS)
    columns = "{order_id: order_id, customer_id: Phone, paid_at: paid_at, amount: amount}"
    for name, told in (("phones", ""), ("ids", f"    columns: {columns}\n")):
        text = f"shops:\n  s:\n    platform: csv\n    orders: orders.csv\n{told}"
        (tmp_path / f"{name}.yml").write_text(text)
    ids = Shop.open(tmp_path / "phones.yml", "s").orders()["customer_id"]
    rows = {"customer_id": ids, "arm": ["send", "send", "control"]}
    more = dict.fromkeys(["channel", "send_on", "send_from", "send_to", "subject", "message", "code"], "x")
    pd.DataFrame({**rows, **more}).to_csv(tmp_path / "list-sms.csv", index=False)
    (tmp_path / "list-wecom.csv").write_text("the list beside it")
    rows = pd.read_csv(tmp_path / "list-sms.csv")
    rows.assign(arm="control").to_csv(tmp_path / "nobody.csv", index=False)
    return tmp_path


def run(folder, shops="phones.yml", basis="入会条款 2025 第3条, 勾选", out="ads.csv", table="list-sms.csv"):
    arguments = ["ad-audience", str(folder / table), "--shops", str(folder / shops), "--shop", "s"]
    with pytest.raises(SystemExit) as ended:
        cli.main([*arguments, "--basis", basis, "--out", str(folder / out)])
    return ended.value.code


def test_those_left_alone_are_not_handed_on_and_nothing_but_hashes_is(folder):
    assert run(folder) == 0
    made = pd.read_csv(folder / "ads.csv", dtype=str, encoding="utf-8-sig")
    expected = {hashlib.sha256(f"1380000000{n}".encode()).hexdigest() for n in (1, 2)}
    assert set(made["sha256"]) == expected
    assert set(made["basis"]) == {"入会条款 2025 第3条, 勾选"}
    assert "138000" not in (folder / "ads.csv").read_text("utf-8-sig")
    assert (folder / "ads.csv").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"basis": "yes"}, "where and when"),
        ({"shops": "ids.yml"}, "tell customers apart by id"),
        ({"basis": "------------"}, "where and when"),
        ({"out": "list-sms.csv"}, "is also an input"),
        ({"out": "list-wecom.csv"}, "is also an input"),
        ({"out": "ads.parquet"}, "should end in .csv"),
        ({"table": "nobody.csv"}, "holds nobody to be contacted"),
    ],
)
def test_without_a_basis_or_a_number_nothing_is_written(folder, capsys, given, said):
    before = sorted(path.name for path in folder.iterdir())
    assert run(folder, **given) in (1, 2)
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_basis_in_chinese_may_be_short(folder):
    assert run(folder, basis="会员条款三条") == 0


FURTHER = """order_id,buyer,paid_at,amount
1,13900000001,2026-01-05 10:00,80
2,Rose@Example.com,2026-01-06 10:00,50
3,rose,2026-01-07 10:00,50
4,7,2026-01-07 10:00,50
"""


def test_of_a_further_export_only_what_is_a_whole_number_or_address_is_hashed_and_without_its_name(
    folder, capsys
):
    (folder / "further.csv").write_text(FURTHER)
    columns = "{order_id: order_id, customer_id: buyer, paid_at: paid_at, amount: amount}"
    more = f"    also:\n      web: {{platform: csv, orders: further.csv, columns: {columns}}}\n"
    (folder / "both.yml").write_text((folder / "phones.yml").read_text() + more)
    ids = Shop.open(folder / "both.yml", "s").orders()["customer_id"].dropna().drop_duplicates()
    pd.DataFrame({"customer_id": ids, "channel": "sms"}).to_csv(folder / "all.csv", index=False)
    assert run(folder, shops="both.yml", table="all.csv") == 0
    made = pd.read_csv(folder / "ads.csv", dtype=str, encoding="utf-8-sig")["sha256"]
    known = ["13800000001", "13800000002", "13800000003", "13900000001", "rose@example.com"]
    assert set(made) == {hashlib.sha256(one.encode()).hexdigest() for one in known}
    assert "5 hashed numbers" in capsys.readouterr().out


def test_ids_that_only_look_like_numbers_are_not_hashed_of_an_export_that_knows_nicks():
    ids = pd.Series(["13800000001", "web:13900000001", "web:12345678", "web:a b@c.d"])
    found = ad_numbers.hashed(ids, kind="nick", further=["web"])
    assert found.tolist() == [hashlib.sha256(b"13900000001").hexdigest()]
