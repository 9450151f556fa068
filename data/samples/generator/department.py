"""虚构百货, a department store on Youzan: many categories and channels, more than a third come back."""

from pathlib import Path

import numpy as np
import pandas as pd

from generator import baskets, people, trade, youzan
from generator.population import Habits, purchases

HABITS = Habits(
    customers=2350, r=0.65, alpha=110.0, a=1.1, b=2.1, p=4.0, q=4.0, mean_order=260.0, link=0.3,
    seasons={"七夕": 0.8, "中秋": 1.0, "双11": 3.0, "双12": 1.2, "春节": 1.8, "三八": 2.0, "母亲节": 1.2,
             "520": 1.0, "618": 2.2},
)  # fmt: skip
STORIES = {
    trade.FULL_REFUND: 170, trade.PART_REFUND: 130, trade.CLOSED: 200, trade.WAITING: 9, trade.NO_BUYER: 90,
    trade.MASKED: 30, trade.NEGATIVE: 4, trade.ZERO: 6, trade.BAD_DATE: 3,
}  # fmt: skip
CHANNELS = {"微信小程序": 0.62, "线下门店": 0.24, "视频号小店": 0.09, "支付宝小程序": 0.05}
HOME_CHANNEL = 0.85  # chance that an order goes through the channel the customer usually takes
DISCOUNTED, DISCOUNT = 0.18, 0.10
DUPLICATES, COMMAS, SCRIPTS, BOLD = 5, 5, 3, 3
SCRIPT_TITLE, BOLD_CATEGORY = "<script>alert(1)</script>", "<b>珠宝配饰</b>"
CATALOGUE = pd.DataFrame(
    [
        ("女装", 0.27, 1.25, 160, "NZ01", "棉质基础款T恤"),
        ("女装", 0.27, 1.25, 320, "NZ02", "通勤衬衫连衣裙"),
        ("女装", 0.27, 1.25, 800, "NZ03", "羊毛混纺大衣"),
        ("美妆", 0.22, 1.10, 120, "MZ01", "润色唇釉"),
        ("美妆", 0.22, 1.10, 300, "MZ02", "保湿精华30ml"),
        ("美妆", 0.22, 1.10, 700, "MZ03", "护肤礼盒（三件套）"),
        ("珠宝配饰", 0.10, 2.20, 300, "PS01", "925银耳钉"),
        ("珠宝配饰", 0.10, 2.20, 900, "PS02", "18K金细手链"),
        ("家居", 0.15, 0.90, 80, "JJ01", "香薰蜡烛"),
        ("家居", 0.15, 0.90, 260, "JJ02", "纯棉四件套"),
        ("母婴", 0.13, 0.85, 90, "MY01", "婴儿柔巾6包"),
        ("母婴", 0.13, 0.85, 280, "MY02", "儿童书包"),
        ("食品", 0.13, 0.45, 50, "SP01", "每日坚果"),
        ("食品", 0.13, 0.45, 160, "SP02", "节日糕点礼盒"),
    ],
    columns=["category", "share", "level", "price", "sku", "title"],
)


def write(folder: Path, rng: np.random.Generator) -> pd.DataFrame:
    """Write the shop's exports into `folder`; return what was planted: planted, rows."""
    orders = trade.with_stories(purchases(HABITS, rng), STORIES, rng)
    lines = _priced(orders, baskets.lines(orders, CATALOGUE, second=0.22, rng=rng), rng)
    orders = _completed(orders, lines, rng)
    touched = _touched(orders, rng)
    cells = _with_dirt(youzan.order_cells(orders), orders, touched)
    youzan.write(cells, youzan.ORDER_HEADER, folder / "orders_20260701.csv")
    items = youzan.item_cells(orders, lines)
    of_order = lines["row"].to_numpy()
    items.loc[np.isin(of_order, touched["script as a title"]), "商品名称"] = SCRIPT_TITLE
    items.loc[np.isin(of_order, touched["bold tag in a category"]), "商品类目"] = BOLD_CATEGORY
    youzan.write(items, youzan.ITEM_HEADER, folder / "items_20260701.csv")
    again = pd.DataFrame({"planted": [trade.DUPLICATE], "rows": [len(cells) - len(orders)]})
    return pd.concat([trade.counts(orders, touched), again], ignore_index=True)


def _priced(orders: pd.DataFrame, basket: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the lines with price, quantity and, after the shop's discount, the amount."""
    goods = CATALOGUE.loc[basket["product"]].reset_index(drop=True)
    quantity = np.where(basket["money"] / goods["price"] > 1.7, 2, 1)
    price = (basket["money"] / quantity).clip(9.0, 6000.0).round(1)
    cheaper = rng.random(len(orders)) < DISCOUNTED
    off = np.where(cheaper[basket["row"]], DISCOUNT, 0.0)
    amount = (price * quantity * (1 - off)).round(2)
    return goods.assign(row=basket["row"], quantity=quantity, price=price, amount=amount)


def _completed(orders: pd.DataFrame, lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    by_order = lines.assign(goods=lines["price"] * lines["quantity"]).groupby("row")
    goods, total = by_order["goods"].sum().round(2), by_order["amount"].sum().round(2)
    sign = np.select([orders["story"] == trade.NEGATIVE, orders["story"] == trade.ZERO], [-1.0, 0.0], 1.0)
    since = pd.to_timedelta(rng.integers(8, 600, len(orders)), unit="s").as_unit("s")
    number = pd.Series(rng.permutation(len(orders)) + 10_000_000, index=orders.index).astype(str)
    return orders.assign(
        order_id="E" + orders["paid_at"].dt.strftime("%Y%m%d") + number,
        channel=_channels(orders, rng),
        created_at=orders["paid_at"] - since,
        goods=goods,
        total=(total * sign).round(2),
        discount=(goods - total * sign).round(2).where(sign == 1.0, 0.0),
        refund=trade.refunds(orders, total, rng),
        kinds=by_order.size(),
    )


def _channels(orders: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    names, shares = np.array(list(CHANNELS)), list(CHANNELS.values())
    home = rng.choice(names, orders["customer"].max() + 1, p=shares)[orders["customer"]]
    stays = rng.random(len(orders)) < HOME_CHANNEL
    used = np.where(stays, home, rng.choice(names, len(orders), p=shares))
    return np.where(orders["story"] == trade.NO_BUYER, "线下门店", used)  # walk-ins give no phone number


def _touched(orders: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.Index]:
    """Return the kept orders whose cells are dirty in ways that must not matter."""
    kept = orders.index[orders["story"] == trade.KEPT]
    one_kind = kept[orders.loc[kept, "kinds"] == 1]
    marked = people.some(SCRIPTS + BOLD, one_kind, rng)
    dear = kept[orders.loc[kept, "total"] >= 1000]
    return {
        "thousands comma": people.some(COMMAS, dear, rng),
        "script as a title": marked[:SCRIPTS],
        "bold tag in a category": marked[SCRIPTS:],
    }


def _with_dirt(cells: pd.DataFrame, orders: pd.DataFrame, touched: dict[str, pd.Index]) -> pd.DataFrame:
    commas = touched["thousands comma"]
    for column in ("商品金额合计", "应收订单金额", "订单实付金额", "订单实收金额"):
        cells.loc[commas, column] = cells.loc[commas, column].map(lambda v: f"{float(v):,.2f}")
    unreadable = orders.index[orders["story"] == trade.BAD_DATE]
    cells.loc[unreadable, "买家付款时间"] = ["2025-02-30 10:15:00", "2025-13-01 09:00:00", "昨天 20:15"]
    again = cells.iloc[np.linspace(400, len(cells) - 400, DUPLICATES, dtype=int)]
    return pd.concat([cells, again]).sort_index(kind="stable")
