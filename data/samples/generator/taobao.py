"""The order and item exports of Taobao and Tmall: GB18030, ids as ="…", phones behind an apostrophe.

The paid column is already net of refunds: 买家实际支付金额 + 退款金额 = 总金额 wherever money came in.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from generator import csvfile, people, trade

ORDER_HEADER = csvfile.header("taobao_orders")
ITEM_HEADER = csvfile.header("taobao_items")
ENCODING = "gb18030"

_TO_SHIP, _SHIPPED, _DONE = "买家已付款,等待卖家发货", "卖家已发货,等待买家确认", "交易成功"
_WAITING, _CLOSED = "等待买家付款", "交易关闭"
_ONE_DAY = pd.Timedelta(days=1)


def order_cells(orders: pd.DataFrame, lines: pd.DataFrame, *, shop: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return the cells of an order export made at `as_of`: a later export knows later refunds.

    `orders`: order_id, customer, created_at, paid_at, total, refund, refunded_at, phone_order, stages, story;
    `lines`: row (of orders), title, quantity.
    """
    who, state = orders["customer"], status(orders, as_of)
    refund = orders["refund"].where(orders["refunded_at"] <= as_of, 0.0)
    paid = trade.is_paid(orders)
    by_order = lines.groupby("row")
    cells = {
        "订单编号": _guarded(orders["order_id"]),
        "买家会员名": people.nicks(who).where(orders["story"] != trade.NO_BUYER, "NULL"),
        "买家应付货款": csvfile.money(orders["total"]),
        "买家应付邮费": "0",
        "总金额": csvfile.money(orders["total"]),
        "买家实际支付金额": csvfile.money((orders["total"] - refund).where(paid, 0.0)),
        "订单状态": state,
        "收货人姓名": people.names(who),
        "收货地址 ": people.addresses(who),
        "联系手机": "'" + people.phones(who),
        "订单创建时间": csvfile.stamps(orders["created_at"]),
        "订单付款时间 ": csvfile.stamps(orders["paid_at"].where(paid)),
        "宝贝标题 ": by_order["title"].agg("，".join).reindex(orders.index),
        "宝贝种类 ": by_order.size().reindex(orders.index).astype(str),
        "宝贝总数量": by_order["quantity"].sum().reindex(orders.index).astype(str),
        "店铺Id": "0",
        "店铺名称": shop,
        "订单关闭原因": _why_closed(state, paid=paid),
        "是否手机订单": np.where(orders["phone_order"], "手机订单", ""),
        "分阶段订单信息": orders["stages"],
        "退款金额": csvfile.money(refund),
    }
    return pd.DataFrame(cells, index=orders.index).astype(object)


def item_cells(orders: pd.DataFrame, lines: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return the cells of the item export beside it; `lines` also has price, sku and attributes."""
    row = lines["row"]
    cells = {
        "订单编号": _guarded(orders["order_id"].loc[row]).to_numpy(),
        "标题": lines["title"].to_numpy(),
        "价格": csvfile.money(lines["price"]).to_numpy(),
        "购买数量": lines["quantity"].astype(str).to_numpy(),
        "外部系统编号": lines["sku"].to_numpy(),
        "商品属性": lines["attributes"].to_numpy(),
        "订单状态": status(orders, as_of).loc[row].to_numpy(),
        "商家编码": lines["sku"].to_numpy(),
    }
    return pd.DataFrame(cells).astype(object)


def status(orders: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """Return each order's status as the platform would have shown it at `as_of`."""
    age, paid = as_of - orders["paid_at"], trade.is_paid(orders)
    gone = (orders["story"] == trade.FULL_REFUND) & (orders["refunded_at"] <= as_of)
    late = ~paid & (age > trade.WAITING_DAYS * _ONE_DAY)
    cases = [gone | late, ~paid, age <= 2 * _ONE_DAY, age <= 10 * _ONE_DAY]
    return pd.Series(np.select(cases, [_CLOSED, _WAITING, _TO_SHIP, _SHIPPED], _DONE), index=orders.index)


def write_orders(cells: pd.DataFrame, folder: Path, as_of: pd.Timestamp) -> None:
    """Write ExportOrderList<when>.csv, newest order first."""
    path = folder / f"ExportOrderList{as_of:%Y%m%d%H%M}.csv"
    csvfile.write(cells.iloc[::-1], ORDER_HEADER, path, encoding=ENCODING)


def write_items(cells: pd.DataFrame, folder: Path, as_of: pd.Timestamp) -> None:
    """Write ExportOrderDetailList<when>.csv, newest order first."""
    path = folder / f"ExportOrderDetailList{as_of:%Y%m%d%H%M}.csv"
    csvfile.write(cells.iloc[::-1], ITEM_HEADER, path, encoding=ENCODING)


def _guarded(ids: pd.Series) -> pd.Series:
    return '="' + ids + '"'


def _why_closed(state: pd.Series, *, paid: pd.Series) -> np.ndarray:
    return np.select([state != _CLOSED, paid], ["订单未关闭", "退款"], "买家未付款")
