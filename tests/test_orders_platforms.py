"""Youzan, WeChat, Shopify, Pinduoduo, Douyin: their real columns in a few rows; and the platform files."""

import csv
import json
from datetime import date

import pytest

from clv import orders, sources
from clv.errors import InputError, NoAnswerError, SettingError
from clv.reading import exports
from clv.reading.columns import gather

YOUZAN = (
    "订单号,销售渠道,订单状态,买家付款时间,应收订单金额,订单实付金额,支付优惠合计,全部商品名称,买家昵称,"
    "买家手机号,分销员,订单退款状态,订单已退款金额,分销员"
)
WECHAT = (
    "订单号,订单下单时间,订单状态,收件人手机,订单实际支付金额,支付时间,"
    "礼物单号,商品名称,商品价格(单件),商品数量,商品已退款金额"
)
SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Currency,Total,Outstanding Balance,Refunded Amount,"
    "Source,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku"
)


def export(tmp_path, top, *rows, name="export.csv"):
    path = tmp_path / name
    path.write_text("\n".join([top, *rows, ""]), encoding="utf-8-sig")
    return path


def lost(found, stage="read"):
    rows = found.losses[found.losses["stage"] == stage].set_index("reason")
    return {reason: (row["rows"], row["orders"], round(row["money"], 2)) for reason, row in rows.iterrows()}


def balance(found):
    read_losses = found.losses.loc[found.losses["stage"] == "read", "money"].sum()
    return found.money_in - found.orders["amount"].sum() - read_losses


def test_youzan_subtracts_a_refund_once_and_knows_buyers_by_whole_phones_only(tmp_path):
    path = export(
        tmp_path, YOUZAN,
        "E1,微商城,交易完成,2026-01-05 10:00:00,100,100,0,手链,小明,13800000000\t,甲,全额退款,100,乙",
        "E2,微商城,交易完成,2026-01-06 10:00:00,100,100,0,手链,小明,13800000000\t,甲,部分退款,30,——",
        "E3,门店,交易完成,2026-01-07 10:00:00,50,45,5,手链,小红,186******05, ,——,——,——",
        "E4,门店,交易完成,2026-01-08 10:00:00,20,20,0,手链,小红,+86 139 0000 0000,——,——,0,——",
        "E5,门店,交易关闭,,20,0,0,手链,小红,13900000000,——,——,0,——",
    )  # fmt: skip
    found = orders.read(path, platform="youzan")
    assert found.orders[["amount", "refunded"]].to_numpy().tolist() == [
        [70.0, 30.0],
        [45.0, 0.0],
        [20.0, 0.0],
    ]
    assert found.orders["channel"].tolist() == ["微商城", "门店", "门店"]
    assert found.orders["customer_id"].fillna("?").tolist() == ["13800000000", "?", "13900000000"]
    assert found.refund_identity.startswith("Paid = total in 2 of 2 refunded rows")
    assert lost(found) == {
        "fully refunded": (1, 1, 100.0),
        "part of kept orders paid back": (1, 1, 30.0),
        "discount between total and paid": (1, 1, 5.0),
        "closed before payment": (1, 1, 20.0),
    }
    assert abs(balance(found)) < 0.005


def test_youzan_before_2022_has_another_name_for_the_discount(tmp_path):
    path = export(
        tmp_path, YOUZAN.replace("支付优惠合计", "支付营销优惠"),
        "E1,微商城,交易完成,2026-01-05 10:00:00,100,90,10,手链,小明,13800000000\t,甲,部分退款,40,乙",
    )  # fmt: skip
    found = orders.read(path, platform="youzan")
    assert found.orders["amount"].tolist() == [50.0]
    assert found.refund_identity.startswith("Paid = total in 1 of 1")


def test_youzan_categories_come_from_the_item_file_by_money(tmp_path):
    items = export(
        tmp_path, "订单号,订单商品状态,商品名称,商品类目,规格编码,商品单价,商品数量,商品实际成交金额",
        "E1,交易完成,手链,黄金,A,60,1,60", "E1,交易完成,耳钉,K金,B,20,2,40", name="items.csv",
    )  # fmt: skip
    path = export(tmp_path, YOUZAN, "E1,微商城,交易完成,2026-01-05,100,100,0,手链,小明,13800000000,甲,,0,乙")
    found = orders.read(path, platform="youzan", items=items)
    assert found.orders["category"].tolist() == ["黄金"]


def test_wechat_counts_an_orders_money_once_and_its_item_refunds_all(tmp_path):
    rows = [
        "W1,2026-01-05 09:59,已完成,132****1234,100,2026-01-05 10:00:00,,手链,60,1,20",
        "W1,2026-01-05 09:59,已完成,132****1234,100,2026-01-05 10:00:00,,耳钉,20,2,10",
        "W2,2026-01-05 09:59,已取消,132****1234,30,,,耳钉,30,1,",
        "W3,2026-01-05 09:59,待付款,132****1234,30,,,耳钉,30,1,",
    ]
    found = orders.read(export(tmp_path, WECHAT, *rows), platform="wechat")
    assert found.orders[["amount", "refunded"]].to_numpy().tolist() == [[70.0, 30.0]]
    assert found.lines[["title", "quantity", "amount"]].to_numpy().tolist() == [
        ["手链", 1.0, 60.0],
        ["耳钉", 2.0, 40.0],
    ]
    assert found.money_in == 160.0
    assert abs(balance(found)) < 0.005
    with pytest.raises(NoAnswerError, match="unionid"):
        orders.require_customers(found)


def test_wechat_gifts_belong_to_nobody_because_the_id_is_the_recipients(tmp_path):
    rows = [
        "W1,2026-01-05 09:59,已完成,,100,2026-01-05 10:00:00,G77,手链,100,1,,oABC",
        "W2,2026-01-05 09:59,已完成,,60,2026-01-05 11:00:00,,手链,60,1,,oABC",
    ]
    found = orders.read(export(tmp_path, WECHAT + ",unionid", *rows), platform="wechat")
    assert found.orders["is_gift"].tolist() == [True, False]
    assert found.orders["customer_id"].fillna("?").tolist() == ["?", "oABC"]
    assert lost(found, "customers") == {"gift: the buyer named is its recipient": (1, 1, 100.0)}


def test_shopify_fills_an_orders_cells_down_within_the_order_only(tmp_path):
    path = export(
        tmp_path, SHOPIFY,
        "#1001,Amy@Example.com,paid,2024-01-31 22:00:00 -0500,USD,100,0,0,web,1,Ring,60,R",
        "#1001,,,,,,,,,2,Chain,20,C",
        "#1002,bo@example.com,partially_refunded,2024-02-01 10:00:00 +0800,USD,80,0,30,pos,1,Ring,80,R",
        "#1003,bo@example.com,refunded,2024-02-02 10:00:00 +0800,USD,80,0,80,pos,1,Ring,80,R",
        "#1004,,pending,,USD,70,70,0,web,1,Ring,70,R",
        "#1005,,paid,2024-02-03 10:00:00 +0800,USD,5,0,0,pos,1,Box,5,B",
        "#1006,amy@example.com,voided,,USD,9,0,0,web,1,Box,9,B",
        "#1007,amy@example.com,partially_paid,2024-02-04 10:00:00 +0800,USD,50,20,0,web,1,Box,50,B",
    )  # fmt: skip
    found = orders.read(path, platform="shopify", timezone="Asia/Shanghai")
    by = found.orders.set_index("order_id")
    assert by["amount"].to_dict() == {"#1001": 100.0, "#1002": 50.0, "#1005": 5.0, "#1007": 30.0}
    assert by["customer_id"].fillna("?").to_dict() == {
        "#1001": "amy@example.com", "#1002": "bo@example.com", "#1005": "?", "#1007": "amy@example.com",
    }  # fmt: skip
    assert str(by.at["#1001", "paid_at"]) == "2024-02-01 11:00:00"
    assert lost(found) == {
        "fully refunded": (1, 1, 80.0),
        "part of kept orders paid back": (1, 1, 30.0),
        "not paid": (1, 1, 70.0),
        "closed before payment": (1, 1, 9.0),
        "discount between total and paid": (1, 1, 20.0),
    }
    assert (found.currency, found.rows_read) == ("USD", 8)
    assert found.lines.loc[found.lines["order_id"] == "#1001", "amount"].tolist() == [60.0, 40.0]
    assert abs(balance(found)) < 0.005


def test_shopify_refuses_one_order_number_with_two_totals(tmp_path):
    rows = [
        "#1,a@b.c,paid,2024-01-31,USD,100,0,0,web,1,R,60,R",
        "#1,a@b.c,paid,2024-01-31,USD,90,0,0,web,1,S,60,S",
    ]
    with pytest.raises(InputError, match=r"differ in amount, first row 2 of export\.csv and row 3"):
        orders.read(export(tmp_path, SHOPIFY, *rows), platform="shopify")


def test_pinduoduo_is_read_as_orders_and_refused_as_customers(tmp_path):
    path = export(
        tmp_path, "商品,订单号,订单状态,商家实收金额(元),商品数量(件),售后状态,订单成交时间",
        "手链,\t260105-1\t,已收货,100,1,无售后或售后取消,2026-01-05 10:00:00\t",
        "手链,\t260105-2\t,已发货，退款成功,60,1,退款成功,2026-01-05 11:00:00\t",
        "手链,\t260105-3\t,已取消,60,1,,\t",
    )  # fmt: skip
    found = orders.read(path, platform="pinduoduo")
    assert found.orders[["order_id", "amount"]].to_numpy().tolist() == [["260105-1", 100.0]]
    assert lost(found) == {"fully refunded": (1, 1, 60.0), "closed before payment": (1, 1, 60.0)}
    with pytest.raises(NoAnswerError, match="names no buyer"):
        orders.require_customers(found)


def test_douyin_sums_sub_orders_and_leaves_refunded_ones_out(tmp_path):
    path = export(
        tmp_path,
        "主订单编号,子订单编号,选购商品,商品数量,商品单价,订单应付金额,收件人,订单状态,售后状态,支付完成时间",
        '"\t6917000000000000011","\t6917000000000000012",手链,1,60,60,##x,已完成,-,2026-01-05 10:00:00',
        '"\t6917000000000000011","\t6917000000000000013",耳钉,1,20,20,##x,已完成,退款成功,2026-01-05 10:00',
        '"\t6917000000000000021","\t6917000000000000022",耳钉,1,20,20,##x,已关闭,-,',
    )  # fmt: skip
    found = orders.read(path, platform="douyin")
    assert found.orders[["order_id", "amount"]].to_numpy().tolist() == [["6917000000000000011", 60.0]]
    assert lost(found) == {"fully refunded": (1, 1, 20.0), "closed before payment": (1, 1, 20.0)}
    assert not found.has_customers


def test_every_platform_file_keeps_its_contract_and_names_no_field_twice():
    assert {"taobao", "youzan", "wechat", "shopify", "pinduoduo", "douyin", "csv", "cdnow"} <= set(
        sources.names()
    )
    for name in sources.names():
        platform = sources.load(name)
        titles = [title for headers in platform.fields.values() for title in headers]
        assert len(titles) == len(set(titles)), name
        assert "paid_at" in platform.fields
        assert "amount" in platform.fields
        assert not platform.why_no_customers.endswith(".")


def test_a_broken_platform_file_is_said(monkeypatch, tmp_path):
    (tmp_path / "odd.yml").write_text("name: odd\nwhere: here\na_row_is: parcel\n")
    monkeypatch.setattr(sources, "files", lambda package: tmp_path)
    with pytest.raises(SettingError, match=r"sources/odd\.yml: a_row_is"):
        sources.load.__wrapped__("odd")


@pytest.mark.parametrize(
    ("headers", "platform", "fields"),
    [
        ("taobao_order_2017", "taobao", "order_id paid_at status total amount refund channel"),
        ("taobao_order_2018", "taobao", "order_id paid_at status total amount refund channel"),
        ("taobao_order_61cols", "taobao", "order_id paid_at status total amount refund"),
        ("taobao_order_67cols", "taobao", "order_id paid_at status total amount refund"),
        ("qianniu_items_2026_partial", "taobao", "order_id line_id paid_at amount refund status"),
        ("youzan_orders_2026", "youzan", "order_id paid_at total amount refund discount channel"),
        ("youzan_orders_2019_2021_partial", "youzan", "order_id paid_at total amount refund discount"),
        ("pinduoduo_orders", "pinduoduo", "order_id paid_at status aftersale amount"),
        ("douyin_orders", "douyin", "order_id line_id paid_at status aftersale amount"),
        ("shopify_orders", "shopify", "order_id paid_at status amount refund currency outstanding"),
    ],
)  # fmt: skip
def test_the_columns_that_platforms_really_write_are_found(shared_data, tmp_path, headers, platform, fields):
    known = json.loads((shared_data / "order_export_headers" / "headers.json").read_text(encoding="utf-8"))
    path = tmp_path / "export.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([known[headers]["columns"], ["1"] * known[headers]["n"]])
    gathered = gather([exports.read(path)], sources.load(platform))
    assert set(fields.split()) <= gathered.present
    has_buyer = platform in ("youzan", "shopify") or headers.startswith("taobao")
    assert bool(gathered.kinds) == has_buyer


def test_until_may_be_a_date_too(tmp_path):
    path = export(tmp_path, YOUZAN, "E1,微商城,交易完成,2026-01-05,100,100,0,手链,小明,13800000000,甲,,0,乙")
    assert len(orders.read(path, platform="youzan", until=date(2026, 1, 5)).orders) == 1
