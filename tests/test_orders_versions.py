"""Overlapping exports: copies count once, the latest state of an order wins, different orders never merge."""

import pytest

from clv import orders
from clv.errors import InputError

TOP = "订单编号,买家会员名,总金额,买家实际支付金额,订单状态,订单付款时间 ,退款金额"
UNPAID = "1,amy,100,0,等待买家付款,,0"
PAID = "1,amy,100,100,买家已付款,2026/1/5 10:00,0"
BACK = "1,amy,100,80,交易成功,2026/1/5 10:00,20"
OTHER = "2,bob,50,50,交易成功,2026/1/6 10:00,0"


def read(tmp_path, *files, top=TOP, **more):
    for at, rows in enumerate(files):
        text = "\n".join([top, *rows, ""])
        (tmp_path / f"ExportOrderList{at}.csv").write_text(text, encoding="utf-8")
    return orders.read(tmp_path / "ExportOrderList*.csv", **{"platform": "taobao"} | more)


def lost(found):
    rows = found.losses[found.losses["stage"] == "read"].set_index("reason")
    return {reason: (row["rows"], row["orders"], round(row["money"], 2)) for reason, row in rows.iterrows()}


def balance(found):
    read_losses = found.losses.loc[found.losses["stage"] == "read", "money"].sum()
    return found.money_in - found.orders["amount"].sum() - read_losses


@pytest.mark.parametrize("files", [([PAID, OTHER], [OTHER, BACK]), ([BACK, OTHER], [OTHER, PAID])])
def test_the_latest_state_wins_whatever_the_file_order(tmp_path, files):
    found = read(tmp_path, *files)
    assert found.orders[["order_id", "amount", "refunded"]].to_numpy().tolist() == [
        ["1", 80.0, 20.0],
        ["2", 50.0, 0.0],
    ]
    assert lost(found) == {
        "duplicate line": (1, 1, 50.0),
        "older copy of an order": (1, 1, 100.0),
        "part of kept orders paid back": (1, 1, 20.0),
    }
    assert abs(balance(found)) < 0.005


def test_a_copy_from_before_delivery_is_an_older_one(tmp_path):
    found = read(tmp_path, [PAID], [PAID.replace("买家已付款", "交易成功")])
    assert lost(found) == {"older copy of an order": (1, 1, 100.0)}


def test_an_unpaid_copy_gives_way_to_the_paid_one(tmp_path):
    found = read(tmp_path, [PAID], [UNPAID])
    assert found.orders["amount"].tolist() == [100.0]
    assert lost(found) == {"older copy of an order": (1, 1, 100.0)}


def test_a_copy_that_excel_saved_without_seconds_is_the_same_order(tmp_path):
    found = read(tmp_path, [PAID], [PAID.replace("10:00", "10:00:42")])
    assert len(found.orders) == 1


@pytest.mark.parametrize(
    ("other", "told"),
    [(PAID.replace("amy", "eve"), "customer_id"), (PAID.replace("10:00", "11:30"), "paid_at")],
)
def test_one_number_of_two_orders_in_two_files_is_refused(tmp_path, other, told):
    with pytest.raises(InputError) as refused:
        read(tmp_path, [PAID], [OTHER, other])
    assert f"differ in {told}" in str(refused.value)
    assert "row 2 of ExportOrderList0.csv and row 3 of ExportOrderList1.csv" in str(refused.value)
    assert "amy" not in str(refused.value)


def test_one_number_twice_in_one_file_with_other_money_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"differ in amount, total"):
        read(tmp_path, [PAID, PAID.replace("100", "90")])


def test_rows_that_differ_only_beside_the_order_are_one_order(tmp_path):
    found = read(tmp_path, [PAID + ",手链", PAID + ",耳钉"], top=TOP + ",宝贝标题 ")
    assert found.orders["amount"].tolist() == [100.0]
    assert lost(found) == {"duplicate line": (1, 1, 100.0)}


def test_the_same_file_given_twice_changes_nothing(tmp_path):
    once = read(tmp_path, [PAID, OTHER])
    path = tmp_path / "ExportOrderList0.csv"
    again = orders.read([path, str(path), tmp_path / "Export*.csv"], platform="taobao")
    assert once.orders.equals(again.orders)


def test_versions_of_headers_may_be_mixed(tmp_path):
    (tmp_path / "ExportOrderList9.csv").write_text(
        TOP.replace("买家实际支付金额", "买家实付金额") + "\n" + BACK + "\n", encoding="utf-8"
    )
    assert read(tmp_path, [PAID, OTHER]).orders["amount"].tolist() == [80.0, 50.0]


def test_copies_of_lines_in_two_tables_meet_by_product(tmp_path):
    top = "no,who,when,item,money,state"
    columns = {"order_id": "no", "customer_id": "who", "paid_at": "when", "title": "item", "amount": "money"}
    june = ["A,x,2026-01-05,ring,10,paid", "A,x,2026-01-05,chain,5,paid"]
    july = ["A,x,2026-01-05,ring,10,paid", "A,x,2026-01-05,chain,5,refunded", "B,x,2026-07-05,ring,10,paid"]
    found = read(tmp_path, june, july, top=top, platform="csv", columns=columns | {"status": "state"})
    assert found.orders[["order_id", "amount"]].to_numpy().tolist() == [["A", 10.0], ["B", 10.0]]
    assert lost(found) == {
        "duplicate line": (1, 1, 10.0),
        "fully refunded": (1, 1, 5.0),
        "older copy of an order": (1, 1, 5.0),
    }
    assert abs(balance(found)) < 0.005


def test_an_order_split_over_two_tables_keeps_all_its_lines(tmp_path):
    columns = {"order_id": "no", "customer_id": "who", "paid_at": "when", "title": "item", "amount": "money"}
    found = read(
        tmp_path, ["A,x,2026-01-05,ring,10"], ["A,x,2026-01-05,chain,5"],
        top="no,who,when,item,money", platform="csv", columns=columns,
    )  # fmt: skip
    assert found.orders["amount"].tolist() == [15.0]
