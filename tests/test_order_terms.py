"""What was taken off, when it arrived, whose gift it was: real columns in a few rows; money is conserved."""

import pandas as pd
import pytest

from clv import orders
from clv.reading.gifts import LEFT_OUT, RECIPIENT, Gifts

YOUZAN = (
    "订单号,订单状态,买家付款时间,交易成功时间,商品金额合计,运费,"
    "应收订单金额,订单实付金额,买家手机号,订单已退款金额"
)
PLAIN = "order_id,customer_id,paid_at,amount,discount,delivered_at,price_index,is_gift"
WECHAT = (
    "订单号,订单状态,订单实际支付金额,支付时间,商品总价,订单运费,礼物单号,商品名称,商品已退款金额,unionid"
)


def export(tmp_path, top, *rows):
    path = tmp_path / "export.csv"
    path.write_text("\n".join([top, *rows, ""]), encoding="utf-8-sig")
    return path


def balance(found):
    read_losses = found.losses.loc[found.losses["stage"] == "read", "money"].sum()
    return found.money_in - found.orders["amount"].sum() - read_losses


def test_what_was_taken_off_is_the_list_price_less_what_was_paid_for_goods(tmp_path):
    path = export(
        tmp_path, YOUZAN,
        "E1,交易完成,2026-01-05 10:00:00,2026-01-09 08:00:00,120,10,110,110,13800000001,0",
        "E2,交易完成,2026-01-06 10:00:00,,100,0,100,100,13800000002,30",
        "E3,交易完成,2026-01-07 10:00:00,2026-01-02 08:00:00,,0,50,50,13800000003,0",
    )  # fmt: skip
    terms = orders.read(path, platform="youzan").terms.set_index("order_id")
    # 20 off, as postage is no part of it; nothing off, though 30 were paid back; the list price is unknown
    assert terms["discount"].fillna(-1).tolist() == [20.0, 0.0, -1.0]
    assert terms["list_amount"].fillna(-1).tolist() == [120.0, 100.0, -1.0]
    arrived = terms["delivered_on"]
    assert arrived["E1"] == pd.Timestamp("2026-01-09")
    assert arrived[["E2", "E3"]].isna().all()  # not there; before it was paid


def test_a_plain_table_says_what_was_taken_off_line_by_line(tmp_path):
    path = export(
        tmp_path, PLAIN,
        "1,a,2026-01-05,80,20,2026-01-07,700,",
        "1,a,2026-01-05,40,10,2026-01-09,700,",
        "2,b,2026-01-06,50,,yesterday,-3,",
    )  # fmt: skip
    terms = orders.read(path, platform="csv").terms.set_index("order_id")
    one, two = terms.loc["1"], terms.loc["2"]
    assert (one["discount"], one["list_amount"], one["price_index"]) == (30.0, 150.0, 700.0)
    assert one["delivered_on"] == pd.Timestamp("2026-01-09")  # when the last part arrived
    assert two.isna().all()


def gift_orders(tmp_path, gifts, platform="csv"):
    rows = ["1,a,2026-01-05,80,,,,", "2,a,2026-01-06,50,,,,yes", "3,b,2026-01-07,30,,,,yes"]
    return orders.read(export(tmp_path, PLAIN, *rows), platform=platform, gifts=gifts)


def test_gifts_are_kept_left_out_or_counted_for_the_giver(tmp_path):
    kept = gift_orders(tmp_path, Gifts())
    assert kept.orders["customer_id"].tolist() == ["a", "a", "b"]
    out = gift_orders(tmp_path, Gifts("leave out"))
    assert out.orders["customer_id"].fillna("").tolist() == ["a", "", ""]
    lost = out.losses.set_index("reason").loc[LEFT_OUT]
    assert (lost["stage"], lost["orders"], lost["money"]) == ("customers", 2, 80.0)
    given = gift_orders(tmp_path, Gifts("to giver", pd.Series({"3": "a", "9": "z"})))
    assert given.orders["customer_id"].tolist() == ["a", "a", "a"]
    for found in (kept, out, given):
        assert balance(found) == pytest.approx(0.0, abs=0.005)
        assert found.orders["amount"].sum() == 160.0


def test_a_gift_that_names_its_recipient_counts_for_the_giver_where_one_is_known(tmp_path):
    rows = [f"{n},已完成,{m},2026-01-0{n} 10:00:00,{m},0,{g},戒指,0,{who}"
            for n, m, g, who in ((1, 80, "", "u1"), (2, 50, "L2", "u2"), (3, 30, "L3", "u3"))]  # fmt: skip
    path = export(tmp_path, WECHAT, *rows)
    plain = orders.read(path, platform="wechat")
    assert plain.orders["customer_id"].fillna("").tolist() == ["u1", "", ""]
    assert plain.losses.set_index("reason").loc[RECIPIENT, "orders"] == 2
    told = orders.read(path, platform="wechat", gifts=Gifts("to giver", pd.Series({"2": "u1"})))
    assert told.orders["customer_id"].fillna("").tolist() == ["u1", "u1", ""]
    assert told.losses.set_index("reason").loc[RECIPIENT, "orders"] == 1


def test_a_giver_of_an_order_that_is_no_gift_is_counted(tmp_path):
    found = gift_orders(tmp_path, Gifts("to giver", pd.Series({"3": "a", "1": "z", "9": "z"})))
    assert "2 of 3 givers are told of orders that are no gifts in this export." in found.notes
    assert found.orders["customer_id"].tolist() == ["a", "a", "a"]


def test_who_was_named_by_nobody_is_not_left_out_for_being_a_gift(tmp_path):
    rows = ["1,a,2026-01-05,80,,,,", "2,,2026-01-06,50,,,,yes"]
    found = orders.read(export(tmp_path, PLAIN, *rows), platform="csv", gifts=Gifts("leave out"))
    assert LEFT_OUT not in set(found.losses["reason"])


def test_a_list_price_of_some_lines_only_tells_nothing_of_the_order(tmp_path):
    top = "order_id,customer_id,paid_at,amount,list_amount"
    found = orders.read(export(tmp_path, top, "1,a,2026-01-05,100,120", "1,a,2026-01-05,50,"), platform="csv")
    assert found.terms[["list_amount", "discount"]].isna().all(axis=None)


def test_what_arrived_after_the_last_day_is_not_known_yet(tmp_path):
    path = export(tmp_path, PLAIN, "1,a,2026-01-05,80,,2026-03-01,,")
    assert orders.read(path, platform="csv", until="2026-02-01").terms["delivered_on"].isna().all()
    assert orders.read(path, platform="csv").terms["delivered_on"].notna().all()
