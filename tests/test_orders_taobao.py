"""Taobao/Tmall exports, each rule broken once in a file of a few rows."""

import pandas as pd
import pytest

from clv import orders, sources
from clv.errors import InputError, NoAnswerError
from clv.reading import exports, lines

TOP = "订单编号,买家会员名,总金额,买家实际支付金额,订单状态,订单付款时间 ,是否手机订单,退款金额"
GOOD = '="100000000000000001",amy,100,100,交易成功,2026/1/5 10:00,手机订单,0'


def export(tmp_path, *rows, top=TOP, name="ExportOrderList.csv", encoding="gbk"):
    path = tmp_path / name
    path.write_bytes("\r\n".join([top, *rows, ""]).encode(encoding))
    return path


def read(path, **more):
    return orders.read(path, platform="taobao", **more)


def lost(found, stage="read"):
    rows = found.losses[found.losses["stage"] == stage].set_index("reason")
    return {reason: (row["rows"], row["orders"], round(row["money"], 2)) for reason, row in rows.iterrows()}


def balance(found):
    read_losses = found.losses.loc[found.losses["stage"] == "read", "money"].sum()
    return found.money_in - found.orders["amount"].sum() - read_losses


def test_a_plain_order_is_read_whole(tmp_path):
    found = read(export(tmp_path, GOOD))
    row = found.orders.iloc[0]
    assert row["order_id"] == "100000000000000001"
    assert row["customer_id"] == "amy"
    assert row["paid_at"] == pd.Timestamp("2026-01-05 10:00")
    assert (row["amount"], row["refunded"], row["channel"]) == (100.0, 0.0, "phone")
    assert not row["is_gift"]
    assert (found.currency, found.rows_read, found.money_in) == ("CNY", 1, 100.0)
    assert found.files == (("ExportOrderList.csv", "gb18030", 1),)
    assert any("Postage" in note for note in found.notes)
    assert orders.require_customers(found) is found.orders


def test_every_reason_is_counted_in_rows_orders_and_money(tmp_path):
    found = read(
        export(
            tmp_path,
            GOOD,
            "2,bob,50,0,等待买家付款,,,0",
            "3,bob,60,0,交易关闭,,,0",
            "4,cat,70,0,交易关闭,2026/1/6 10:00,,70",
            "5,cat,80,55,交易成功,2026/1/6 11:00,,25",
            "6,dan,0,0,交易成功,2026/1/6 12:00,,0",
            "7,dan,90,90,交易成功,2026/2/1 00:00,,0",
            ",dan,10,10,交易成功,2026/1/7 12:00,,0",
            GOOD,
            "8,eve,20,20,交易关闭,2026/1/8 12:00,,0",
            "9,eve,30,29,交易成功,2026/1/8 12:00,,0",
        ),
        until="2026-01-31",
    )
    assert lost(found) == {
        "not paid": (1, 1, 50.0),
        "closed before payment": (1, 1, 60.0),
        "fully refunded": (1, 1, 70.0),
        "part of kept orders paid back": (1, 1, 25.0),
        "negative or zero amount": (1, 1, 0.0),
        "after the last day": (1, 1, 90.0),
        "no order number": (1, 0, 10.0),
        "duplicate line": (1, 1, 100.0),
        "closed after payment": (1, 1, 20.0),
        "discount between total and paid": (1, 1, 1.0),
    }
    assert found.orders["amount"].tolist() == [100.0, 55.0, 29.0]
    assert found.orders["refunded"].tolist() == [0.0, 25.0, 0.0]
    assert found.money_in == 610.0
    assert abs(balance(found)) < 0.005


def test_the_last_day_itself_counts(tmp_path):
    last = "2,bob,50,50,交易成功,2026/1/31 23:59,,0"
    assert len(read(export(tmp_path, GOOD, last), until="2026-01-31").orders) == 2


def test_a_last_day_before_the_first_order_is_an_error(tmp_path):
    with pytest.raises(InputError, match="before the first paid order"):
        read(export(tmp_path, GOOD), until="2025-01-31")


@pytest.mark.parametrize("title", ["买家实际支付金额", "买家实付金额"])
def test_header_versions_mean_the_same(tmp_path, title):
    found = read(
        export(tmp_path, GOOD, top=TOP.replace("买家实际支付金额", title).replace("付款时间 ", "付款时间"))
    )
    assert found.orders["amount"].tolist() == [100.0]


def test_refund_words_and_dressed_money_are_read(tmp_path):
    found = read(
        export(
            tmp_path,
            GOOD,
            '2,bob,"￥1,250.50","￥1,250.50",交易成功,2026/1/6 10:00,,无退款申请',
            "3,bob,12元,12元,交易成功,2026/1/7 10:00,,没有申请退款",
        )
    )
    assert found.orders["amount"].tolist() == [100.0, 1250.5, 12.0]


def test_a_missing_column_is_named_with_the_nearest(tmp_path):
    with pytest.raises(InputError) as refused:
        read(export(tmp_path, GOOD, top=TOP.replace("订单付款时间 ", "订单付款日期")))
    assert "订单付款时间" in str(refused.value)
    assert "nearest header is '订单付款日期'" in str(refused.value)
    assert "ExportOrderList.csv" in str(refused.value)


def test_masked_buyers_are_nobody_but_their_orders_stay(tmp_path):
    found = read(
        export(tmp_path, GOOD, "2,t**3,50,50,交易成功,2026/1/6 10:00,,0", "3,,7,7,交易成功,2026/1/6 10:00,,0")
    )
    assert found.orders["customer_id"].isna().tolist() == [False, True, True]
    assert lost(found, "customers") == {"buyer hidden": (1, 1, 50.0), "no buyer named": (1, 1, 7.0)}


@pytest.mark.parametrize(
    "rows", [["2,t**3,50,50,交易成功,2026/1/6 10:00,,0"], ["2,,50,50,交易成功,2026/1/6 10:00,,0"]]
)
def test_without_any_buyer_money_is_read_and_customers_are_refused(tmp_path, rows):
    found = read(export(tmp_path, *rows))
    assert (len(found.orders), found.has_customers) == (1, False)
    with pytest.raises(NoAnswerError, match=r"does not say who bought.*what would help: .*buyer_open_uid"):
        orders.require_customers(found)


def test_an_open_uid_tells_buyers_apart_better_than_a_nick(tmp_path):
    found = read(export(tmp_path, GOOD + ",AAQ1", top=TOP + ",buyer_open_uid"))
    assert found.orders["customer_id"].tolist() == ["AAQ1"]


def test_when_nothing_was_paid_the_reason_is_not_the_buyer_column(tmp_path):
    found = read(export(tmp_path, "2,bob,50,0,等待买家付款,,,0"))
    assert found.orders.empty
    with pytest.raises(NoAnswerError, match="no order of this export was paid"):
        orders.require_customers(found)


def test_a_paid_status_without_a_time_is_an_unreadable_date_not_an_unpaid_order(tmp_path):
    rows = [f"{n},bob,5,5,交易成功,2026/1/5 10:00,,0" for n in range(2, 130)]
    found = read(export(tmp_path, *rows, "1,bob,50,50,交易成功,,,0"))
    assert lost(found) == {"unreadable date": (1, 1, 50.0)}


def test_a_few_unreadable_dates_are_a_loss_and_many_an_error(tmp_path):
    rows = [f"{n},bob,5,5,交易成功,2026/1/5 10:00,,0" for n in range(2, 202)]
    bad = ["300,bob,50,50,交易成功,1970-01-01 00:00:00,,0", "301,bob,50,50,交易成功,gestern,,0"]
    assert lost(read(export(tmp_path, *rows, *bad))) == {"unreadable date": (2, 2, 100.0)}
    with pytest.raises(InputError) as refused:
        read(export(tmp_path, *rows, *bad, "302,bob,50,50,交易成功,morgen,,0"))
    assert "3 of 203 paid rows" in str(refused.value)
    assert "first row 202 of ExportOrderList.csv" in str(refused.value)
    assert "date_format" in str(refused.value)


def test_a_few_unreadable_amounts_are_a_loss_and_many_an_error(tmp_path):
    rows = [f"{n},bob,5,5,交易成功,2026/1/5 10:00,,0" for n in range(2, 202)]
    bad = "300,bob,50,fifty,交易成功,2026/1/5 10:00,,0"
    assert lost(read(export(tmp_path, *rows, bad))) == {"unreadable amount": (1, 1, 50.0)}
    with pytest.raises(InputError, match="unreadable amount, first row 3"):
        read(export(tmp_path, GOOD, bad))


def test_item_lines_of_kept_orders_come_along(tmp_path):
    top = "订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码"
    path = export(
        tmp_path,
        '="100000000000000001",足金手链,40,2,A,,,,交易成功,A',
        '="100000000000000001",足金手链,40,2,A,,,,交易成功,A',
        '="100000000000000001",K金耳钉,20,1,B,,,,交易关闭,B',
        '="999",别人,20,1,B,,,,交易成功,B',
        top=top,
        name="ExportOrderDetailList.csv",
    )
    again = tmp_path / "ExportOrderDetailList2.csv"
    again.write_bytes(path.read_bytes())
    found = read(export(tmp_path, GOOD), items=str(tmp_path / "ExportOrderDetailList*.csv"))
    assert (
        found.lines[["title", "sku", "quantity", "amount"]].to_numpy().tolist()
        == [["足金手链", "A", 2.0, 80.0]] * 2
    )
    assert any("100.0% of the kept orders" in note for note in found.notes)


def test_the_new_report_with_sub_orders_sums_its_lines(tmp_path):
    top = "子订单编号,主订单编号,商品标题,商品价格,购买数量,订单状态,"
    top += "买家应付货款,买家实付金额,退款状态,退款金额,订单付款时间"
    found = read(
        export(
            tmp_path,
            "11,1,手链,40,1,交易成功,40,40,没有申请退款,无退款申请,2026-01-05 10:00:00",
            "12,1,耳钉,20,1,交易成功,20,20,没有申请退款,无退款申请,2026-01-05 10:00:00",
            "13,1,戒指,9,1,交易关闭,9,0,退款成功,9,2026-01-05 10:00:00",
            top=top,
            encoding="utf-8-sig",
        )
    )
    assert found.orders[["order_id", "amount"]].to_numpy().tolist() == [["1", 60.0]]
    assert lost(found) == {"fully refunded": (1, 1, 9.0)}
    assert found.lines["title"].tolist() == ["手链", "耳钉"]
    assert abs(balance(found)) < 0.005


def test_a_line_whose_status_changed_between_two_exports_counts_once(tmp_path):
    top = "订单编号,标题,价格,购买数量,商家编码,订单状态"
    sent, done, closed = "卖家已发货", "交易成功", "交易关闭"
    older = [
        f"1,戒指,100,1,A,{sent}",
        f"1,项链,50,2,B,{sent}",
        f"1,项链,50,2,B,{sent}",
        f"2,耳钉,30,1,C,{sent}",
    ]
    newer = [
        f"1,戒指,100,1,A,{done}",
        f"1,项链,50,2,B,{done}",
        f"1,项链,50,2,B,{done}",
        f"2,耳钉,30,1,C,{closed}",
    ]
    files = []
    for name, rows in (("items1.csv", older), ("items2.csv", newer)):
        files.append(tmp_path / name)
        files[-1].write_text("\n".join([top, *rows, ""]), "gb18030")
    found = lines.of_items([exports.read(path) for path in files], sources.load("taobao"))
    assert found["title"].tolist() == ["戒指", "项链", "项链"]  # bought twice; what was closed later is gone
    assert found["amount"].sum() == 300.0
