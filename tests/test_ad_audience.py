"""Hashed numbers for an advertising platform: only of those to be contacted, and only with a basis."""

import hashlib

import pandas as pd
import pytest

from clv import Shop, cli

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
    return tmp_path


def run(folder, shops="phones.yml", basis="入会条款 2025 第3条, 勾选", out="ads.csv"):
    arguments = ["ad-audience", str(folder / "list-sms.csv"), "--shops", str(folder / shops), "--shop", "s"]
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
        ({"out": "list-sms.csv"}, "is also an input"),
    ],
)
def test_without_a_basis_or_a_number_nothing_is_written(folder, capsys, given, said):
    before = sorted(path.name for path in folder.iterdir())
    assert run(folder, **given) in (1, 2)
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == before
