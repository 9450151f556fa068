"""The order and item exports of Youzan: UTF-8 with BOM, a tab after phones, " " and "——" for nothing.

The paid column is gross: 订单实付金额 stays as it was when 订单已退款金额 goes back to the buyer.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from generator import csvfile, people, trade

ORDER_HEADER = csvfile.header("youzan_orders")
ITEM_HEADER = csvfile.header("youzan_items")
ENCODING = "utf-8-sig"
NOTHING, DASHES = " ", "——"


def order_cells(orders: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of an order export.

    `orders`: order_id, customer, channel, created_at, paid_at, goods, discount, total (signed,
    gross), refund, kinds, story.
    """
    paid, total = trade.is_paid(orders), csvfile.money(orders["total"])
    full, part = orders["story"] == trade.FULL_REFUND, orders["story"] == trade.PART_REFUND
    cells = {
        "订单号": orders["order_id"],
        "销售渠道": orders["channel"],
        "订单类型": "普通订单",
        "订单状态": status(orders),
        "订单创建时间": csvfile.stamps(orders["created_at"]),
        "买家付款时间": csvfile.stamps(orders["paid_at"]).where(paid, NOTHING),
        "付款方式": np.where(paid, "微信支付", NOTHING),
        "商品金额合计": csvfile.money(orders["goods"]),
        "运费": "0",
        "店铺优惠合计": csvfile.money(orders["discount"]),
        "应收订单金额": total,
        "订单实付金额": total.where(paid, "0"),
        "支付优惠合计": "0",
        "订单实收金额": total.where(paid, "0"),
        "商品种类数": orders["kinds"].astype(str),
        "买家昵称": people.nicks(orders["customer"]),
        "买家手机号": _phone(orders),
        "分销员": NOTHING,
        "订单退款状态": np.select([full, part], ["全额退款成功", "部分退款成功"], NOTHING),
        "订单已退款金额": csvfile.money(orders["refund"]),
    }
    cells = pd.DataFrame(cells, index=orders.index).astype(object)
    cells.loc[orders["story"] == trade.NO_BUYER, "买家昵称"] = DASHES
    return cells


def item_cells(orders: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of the item export; `lines`: row, title, category, sku, price, quantity, amount."""
    cells = {
        "订单号": orders["order_id"].loc[lines["row"]].to_numpy(),
        "订单商品状态": status(orders).loc[lines["row"]].to_numpy(),
        "商品名称": lines["title"].to_numpy(),
        "商品类目": lines["category"].to_numpy(),
        "商品编码": lines["sku"].to_numpy(),
        "商品单价": csvfile.money(lines["price"]).to_numpy(),
        "商品数量": lines["quantity"].astype(str).to_numpy(),
        "商品金额小计": csvfile.money(lines["price"] * lines["quantity"]).to_numpy(),
        "商品实际成交金额": csvfile.money(lines["amount"]).to_numpy(),
    }
    return pd.DataFrame(cells).astype(object)


def status(orders: pd.DataFrame) -> pd.Series:
    """Return each order's status on the day of the export."""
    story = orders["story"]
    closed = story.isin([trade.CLOSED, trade.FULL_REFUND])
    names = np.select([closed, story == trade.WAITING], ["交易关闭", "待付款"], "交易完成")
    return pd.Series(names, index=orders.index)


def write(cells: pd.DataFrame, header: list[str], path: Path) -> None:
    """Write one export, newest order first."""
    csvfile.write(cells.iloc[::-1], header, path, encoding=ENCODING)


def _phone(orders: pd.DataFrame) -> pd.Series:
    full = people.phones(orders["customer"])
    phone = (full + "\t").where(orders["story"] != trade.NO_BUYER, NOTHING)
    return phone.where(orders["story"] != trade.MASKED, full.str[:3] + "******" + full.str[-2:] + "\t")
