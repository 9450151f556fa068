"""金满堂, a gold jeweller on Tmall: dear, rarely bought, four customers in five come once."""

from pathlib import Path

import numpy as np
import pandas as pd

from generator import baskets, calendar, csvfile, people, taobao, trade
from generator.population import Habits, purchases

NAME = "金满堂"
HABITS = Habits(
    customers=2800, r=0.60, alpha=110.0, a=1.45, b=1.5, p=5.0, q=4.0, mean_order=1750.0, link=0.0,
    seasons={"七夕": 3.0, "双11": 4.0, "双12": 1.5, "春节": 1.6, "情人节": 4.0, "母亲节": 1.5, "520": 4.5,
             "618": 2.5},
)  # fmt: skip
STORIES = {
    trade.FULL_REFUND: 240, trade.PART_REFUND: 110, trade.CLOSED: 300, trade.WAITING: 7, trade.NO_BUYER: 4,
}  # fmt: skip
EXPORTS = {  # made at: (first day, last day) of the orders in it; the two overlap by three weeks
    pd.Timestamp("2025-07-16 09:30"): (calendar.FIRST_DAY, pd.Timestamp("2025-07-15")),
    pd.Timestamp("2026-07-01 09:15"): (pd.Timestamp("2025-06-25"), calendar.LAST_DAY),
}
PRICE_RANGE = (300.0, 11_000.0)
DEPOSITS, TABBED, COMMAS, DUPLICATES = 12, 5, 5, 6
CATALOGUE = pd.DataFrame(
    [
        ("足金项链", 0.17, 1.25, 1500, "XL01", "金满堂足金999古法传承项链"),
        ("足金项链", 0.17, 1.25, 4000, "XL02", "金满堂足金999福牌吊坠项链（送礼盒）"),
        ("足金戒指", 0.14, 0.80, 900, "JZ01", "金满堂足金999素圈戒指"),
        ("足金戒指", 0.14, 0.80, 2400, "JZ02", "金满堂足金999龙凤开口戒指"),
        ("足金手镯", 0.08, 2.60, 3500, "SZ01", "金满堂足金999古法素手镯"),
        ("足金手镯", 0.08, 2.60, 8000, "SZ02", "金满堂足金999祥云手镯"),
        ("K金", 0.17, 0.60, 500, "KJ01", "金满堂18K金锁骨链"),
        ("K金", 0.17, 0.60, 1300, "KJ02", "金满堂18K金四叶草手链"),
        ("铂金对戒", 0.09, 1.40, 1900, "PT01", "金满堂Pt950铂金对戒"),
        ("铂金对戒", 0.09, 1.40, 4200, "PT02", "金满堂Pt950铂金对戒（刻字）"),
        ("钻戒", 0.07, 2.80, 3000, "ZS01", "金满堂18K金30分求婚钻戒"),
        ("钻戒", 0.07, 2.80, 8000, "ZS02", "金满堂Pt950铂金50分钻戒"),
        ("珍珠", 0.13, 0.45, 450, "ZZ01", "金满堂淡水珍珠耳钉"),
        ("珍珠", 0.13, 0.45, 1200, "ZZ02", "金满堂海水珍珠项链"),
        ("翡翠", 0.09, 1.00, 1000, "FC01", "金满堂翡翠平安扣吊坠"),
        ("翡翠", 0.09, 1.00, 3200, "FC02", "金满堂翡翠手镯"),
        ("金条", 0.06, 2.70, 3500, "JT01", "金满堂足金9999投资金条"),
    ],
    columns=["category", "share", "level", "price", "sku", "title"],
)


def gold_price(days: pd.Series) -> pd.Series:
    """Return yuan per gram at the counter: 700 at the start, half as much again two years later."""
    return 700.0 * np.exp((days.dt.normalize() - calendar.FIRST_DAY).dt.days * 0.0006)


def write_prices(folder: Path) -> None:
    """Write gold_price.csv: the first of each month and its yuan per gram, as a shop would note it down."""
    months = pd.Series(pd.date_range(calendar.FIRST_DAY, calendar.LAST_DAY, freq="MS"))
    cells = pd.DataFrame(
        {"日期": months.dt.strftime("%Y-%m-%d"), "金价": csvfile.money(gold_price(months).round(1))}
    ).astype(object)
    csvfile.write(cells, list(cells), folder / "gold_price.csv", encoding="gb18030")


def write(folder: Path, rng: np.random.Generator) -> pd.DataFrame:
    """Write the shop's exports into `folder`; return what was planted: planted, rows."""
    orders = trade.with_stories(purchases(HABITS, rng), STORIES, rng)
    # people do not follow the gold price all the way: they buy fewer grams for somewhat more money
    orders["value"] *= np.sqrt(gold_price(orders["paid_at"]) / 870.0)
    lines = _priced(orders, baskets.lines(orders, CATALOGUE, second=0.12, rng=rng))
    orders = _completed(orders, lines, rng)
    touched = _touched(orders, rng)
    copies = {made: _export(folder, orders, lines, touched, made) for made in EXPORTS}
    return pd.concat([trade.counts(orders, touched), _overlap(*copies.values())], ignore_index=True)


def _priced(orders: pd.DataFrame, basket: pd.DataFrame) -> pd.DataFrame:
    """Return the lines with title, sku, price; gold by weight at the day's price, the rest as it is."""
    goods = CATALOGUE.loc[basket["product"]].reset_index(drop=True)
    per_gram = gold_price(orders["paid_at"]).loc[basket["row"]].reset_index(drop=True)
    money = basket["money"].clip(*PRICE_RANGE)
    by_weight = goods["title"].str.contains("足金")
    grams = (money / per_gram).round(2)
    price = (grams * per_gram).round(2).where(by_weight, (money / 10).round() * 10 - 1)
    attributes = grams.map("克重：{:.2f}克".format).where(by_weight, "")
    return goods.assign(row=basket["row"], quantity=1, price=price, attributes=attributes)


def _completed(orders: pd.DataFrame, lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    count = len(orders)
    total = lines.groupby("row")["price"].sum().round(2)
    since = pd.to_timedelta(rng.integers(20, 1500, count), unit="s").as_unit("s")
    later = pd.to_timedelta(rng.integers(1, 13, count) * 86400, unit="s").as_unit("s")
    day = (orders["paid_at"].dt.normalize() - calendar.FIRST_DAY).dt.days
    of_buyer = orders["customer"] * 7919 % 10**6  # the platform ends order numbers with digits of the buyer's
    number = 2_200_000_000_000_000_000 + day * 10**15 + rng.permutation(count) * 10**11 + of_buyer
    return orders.assign(
        order_id=number.astype(str),
        created_at=orders["paid_at"] - since,
        total=total,
        refund=trade.refunds(orders, total, rng),
        refunded_at=(orders["paid_at"] + later).clip(upper=calendar.LAST_DAY + pd.Timedelta(days=1)),
        phone_order=rng.random(count) < 0.93,
        stages=_stages(orders, total, rng),
    )


def _stages(orders: pd.DataFrame, total: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Return how a few orders around 双11 were paid: a deposit first, the rest later."""
    at_sale = orders["paid_at"].dt.strftime("%m-%d").between("11-01", "11-11") & (total > 1000)
    chosen = people.some(DEPOSITS, orders.index[at_sale & (orders["story"] == trade.KEPT)], rng)
    text = total.map(lambda t: f"阶段1：已付定金200元；阶段2：已付尾款{t - 200:.2f}元")
    return text.where(text.index.isin(chosen), "")


def _touched(orders: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.Index]:
    """Return the kept orders whose cells are dirty in ways that must not matter."""
    kept = orders.index[(orders["story"] == trade.KEPT) & (orders["total"] >= 1000)]
    rows = people.some(TABBED + COMMAS, kept, rng)
    return {"tab before the nick": rows[:TABBED], "thousands comma": rows[TABBED:]}


def _export(
    folder: Path, orders: pd.DataFrame, lines: pd.DataFrame, touched: dict[str, pd.Index], made: pd.Timestamp
) -> pd.DataFrame:
    """Write one order and one item export made at `made`; return the cells of the order file."""
    first, last = EXPORTS[made]
    inside = orders["paid_at"].dt.normalize().between(first, last)
    cells = taobao.order_cells(orders, lines, shop=NAME, as_of=made)
    tabbed, commas = touched["tab before the nick"], touched["thousands comma"]
    cells.loc[tabbed, "买家会员名"] = "\t" + cells.loc[tabbed, "买家会员名"]
    for column in ("买家应付货款", "总金额", "买家实际支付金额"):
        cells.loc[commas, column] = cells.loc[commas, column].map(lambda v: f"{float(v):,.2f}")
    nobody = orders.index[orders["story"] == trade.NO_BUYER]
    cells.loc[nobody, "买家会员名"] = ["NULL", "null", "'null", ""]
    cells = cells[inside]
    if made == max(EXPORTS):
        cells = pd.concat([cells, cells.iloc[100 : 100 + DUPLICATES]]).sort_index(kind="stable")
    taobao.write_orders(cells, folder, made)
    items = taobao.item_cells(orders, lines, as_of=made)
    taobao.write_items(items[inside.loc[lines["row"]].to_numpy()], folder, made)
    return cells


def _overlap(earlier: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Return how many rows of the two exports say the same order again, unchanged or out of date."""
    newest = later[~later.index.duplicated()]
    both = earlier.index.intersection(newest.index)
    same = earlier.loc[both] == newest.loc[both]
    changed = ~same.all(axis=1)
    undone = ~same["退款金额"] | (~same["订单状态"] & (newest.loc[both, "订单状态"] == "交易关闭"))
    rows = {
        trade.DUPLICATE: len(later) - len(newest) + (~changed).sum(),
        trade.OLDER_STATUS: (changed & ~undone).sum(),
        trade.OLDER_MONEY: undone.sum(),
    }
    return pd.DataFrame({"planted": list(rows), "rows": list(rows.values())})
