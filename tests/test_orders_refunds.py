"""The refund identity: found from the file, said with counts, never subtracted twice."""

import numpy as np
import pandas as pd
import pytest

from clv import orders
from clv.reading import refunds

TOP = "订单编号,买家会员名,总金额,买家实际支付金额,订单状态,订单付款时间,退款金额"


def read(tmp_path, rows, top=TOP):
    path = tmp_path / "orders.csv"
    lines = [
        f"{n},b{n},{total},{paid},交易成功,2026-01-05 10:00,{back}"
        for n, (total, paid, back) in enumerate(rows)
    ]
    path.write_text("\n".join([top, *lines, ""]), encoding="utf-8")
    return orders.read(path, platform="taobao")


@pytest.mark.parametrize(
    ("rows", "kept", "says"),
    [
        (
            [(100, 70, 30), (50, 50, 0)],
            [70, 50],
            "Paid + refunded = total holds in 100.0% of 2 paid rows (1 of 1",
        ),
        ([(100, 100, 30), (50, 50, 0)], [70, 50], "Paid = total in 1 of 1 refunded rows"),
        ([(100, 70, 30), (100, 100, 30), (9, 8, 1)], [70, 70, 8], "Mixed: of 3 refunded rows 2"),
        ([(100, 95, 30), (50, 50, 0)], [95, 50], "1 paid rows have a refund, but no row shows"),
        ([(100, 100, 0), (50, 50, 0)], [100, 50], "No paid row has a refund"),
    ],
)
def test_money_kept_follows_the_identity_that_the_file_obeys(tmp_path, rows, kept, says):
    found = read(tmp_path, rows)
    assert found.refund_identity.startswith(says)
    assert found.orders.sort_values("order_id")["amount"].tolist() == kept
    lost = found.losses.loc[found.losses["stage"] == "read", "money"].sum()
    assert found.money_in == pytest.approx(sum(kept) + lost, abs=0.004)


def test_without_a_total_a_refund_above_the_paid_money_shows_that_it_is_off_already():
    identity = refunds.identify(
        total=pd.Series([np.nan, np.nan]),
        amount=pd.Series([0.0, 20.0]),
        refund=pd.Series([100.0, 5.0]),
        platform_says="gross",
    )
    assert identity.kind == "net"
    assert "1 of 2 refunded rows" in identity.sentence


def test_one_odd_row_in_a_hundred_does_not_change_the_identity_and_shows_in_the_share(tmp_path):
    found = read(tmp_path, [(100, 70, 30)] * 99 + [(100, 100, 30)])
    assert found.refund_identity.startswith(
        "Paid + refunded = total holds in 99.0% of 100 paid rows (99 of 100"
    )


def test_a_negative_refund_column_means_the_same(tmp_path):
    assert read(tmp_path, [(100, 70, -30)]).orders["refunded"].tolist() == [30.0]


def test_without_a_total_column_the_platforms_word_counts_and_is_said(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(
        "订单编号,买家会员名,买家实付金额,订单付款时间,退款金额\n1,a,70,2026-01-05,30\n", encoding="utf-8"
    )
    found = orders.read(path, platform="taobao")
    assert found.orders["amount"].tolist() == [70.0]
    assert "by the definition of this platform the paid column is net" in found.refund_identity
    assert found.money_in == 100.0


def test_without_a_total_refunds_as_large_as_the_paid_money_show_that_they_are_not_off_yet(tmp_path):
    path = tmp_path / "items.csv"
    rows = ["1,1,a,50,2026-01-05,50", "2,2,b,50,2026-01-05,20", "3,3,c,50,2026-01-05,无退款申请"]
    top = "子订单编号,主订单编号,买家会员名,买家实付金额,订单付款时间,退款金额"
    path.write_text("\n".join([top, *rows, ""]), encoding="utf-8")
    found = orders.read(path, platform="taobao")
    assert found.orders["amount"].tolist() == [30.0, 50.0]
    assert found.refund_identity.startswith(
        "In 1 of 2 refunded rows the refund is as large as the paid money"
    )
    assert found.money_in == 150.0


def back(found):
    return [(who, str(day.date()), money) for who, day, money in found.returns.itertuples(index=False)]


def test_returns_hold_what_was_paid_back_in_part_and_in_whole(tmp_path):
    found = read(tmp_path, [(100, 70, 30), (50, 50, 0), (80, 0, 80)])
    assert back(found) == [("b0", "2026-01-05", 30.0), ("b2", "2026-01-05", 80.0)]
    assert found.orders["order_id"].tolist() == ["0", "1"]


def test_an_order_closed_after_payment_was_paid_back_even_if_no_refund_is_told(tmp_path):
    path = tmp_path / "orders.csv"
    rows = [
        "1,a,100,100,交易关闭,2026-01-05,0",
        "2,b,100,0,交易关闭,2026-01-06,0",
        "3,c,9,9,交易成功,2026-01-07,0",
    ]
    path.write_text("\n".join([TOP, *rows, "4,d,9,0,交易关闭,,0", ""]), encoding="utf-8")
    assert back(orders.read(path, platform="taobao")) == [
        ("a", "2026-01-05", 100.0),
        ("b", "2026-01-06", 100.0),
    ]


def test_nobodys_copies_and_late_orders_are_no_returns(tmp_path):
    path = tmp_path / "orders.csv"
    rows = ["1,a,100,70,交易成功,2026-01-05,30"] * 2 + ["2,,100,70,交易成功,2026-01-05,30"]
    rows += ["3,c,100,70,交易成功,2026-02-05,30", "4,d,5,5,交易成功,2026-01-05,0"]
    path.write_text("\n".join([TOP, *rows, ""]), encoding="utf-8")
    found = orders.read(path, platform="taobao", until="2026-01-31")
    assert back(found) == [("a", "2026-01-05", 30.0)]


def test_returned_lines_count_with_their_order_or_at_their_own_time(tmp_path):
    path = tmp_path / "lines.csv"
    rows = [
        "1,a,2026-01-05,60",
        "1,a,2026-01-05,40",
        "1,a,2026-01-20,-40",
        "C2,b,2026-01-21,-15",
        "3,c,2026-01-02,9",
    ]
    path.write_text("\n".join(["order,client,paid_at,amount", *rows, ""]), encoding="utf-8")
    columns = {"order_id": "order", "customer_id": "client", "paid_at": "paid_at", "amount": "amount"}
    found = orders.read(path, platform="csv", columns=columns)
    assert back(found) == [("a", "2026-01-05", 40.0), ("b", "2026-01-21", 15.0)]
    assert found.orders["amount"].tolist() == [9.0, 60.0]


@pytest.mark.parametrize("rows", [[(100, 70, 30), (80, 0, 80)], [(100, 100, 30)], [(100, 100, 0)]])
def test_returns_of_kept_orders_are_what_their_orders_say(tmp_path, rows):
    found = read(tmp_path, rows)
    told = found.orders[found.orders["refunded"] > 0]
    mine = found.returns[found.returns["customer_id"].isin(told["customer_id"])]
    assert mine["refunded"].tolist() == told["refunded"].tolist()
    assert found.buyer_kind == "nick"
