"""礼遇小铺 Little Gifts: a small shop that keeps its orders in a plain table with headers of its own."""

from pathlib import Path

import numpy as np
import pandas as pd

from generator import baskets, csvfile, people, trade
from generator.population import Habits, purchases

HEADER = csvfile.header("gift")
HABITS = Habits(
    customers=650, r=0.50, alpha=85.0, a=1.3, b=1.5, p=4.0, q=4.5, mean_order=168.0, link=0.0,
    seasons={"七夕": 7.0, "圣诞": 7.0, "情人节": 3.0, "母亲节": 2.0, "520": 2.5, "春节": 1.0},
)  # fmt: skip
STORIES = {
    trade.FULL_REFUND: 32, trade.PART_REFUND: 22, trade.CLOSED: 30, trade.WAITING: 4, trade.NO_BUYER: 8,
    trade.NEGATIVE: 5, trade.ZERO: 4, trade.BAD_DATE: 4,
}  # fmt: skip
PLACES = {"web": 0.7, "counter": 0.2, "fair": 0.1}
DUPLICATES, COMMAS, SCRIPTS, BOLD, TABBED, QUOTED = 4, 3, 3, 3, 4, 4
CATALOGUE = pd.DataFrame(
    [
        ("Candles", 0.30, 0.80, 90, "Candle, honey and cedar"),
        ("Candles", 0.30, 0.80, 220, "Candle set （four scents）"),
        ("Stationery", 0.25, 0.70, 70, "Notebook with linen cover"),
        ("Stationery", 0.25, 0.70, 190, 'Fountain pen "Heron"'),
        ("Jewellery", 0.20, 1.70, 180, "Silver leaf earrings"),
        ("Jewellery", 0.20, 1.70, 450, "Pearl pendant"),
        ("Toys", 0.15, 1.00, 150, "Wooden 生肖 puzzle"),
        ("Flowers", 0.10, 1.20, 200, "Dried bouquet 七夕"),
    ],
    columns=["category", "share", "level", "price", "title"],
)


def write(folder: Path, rng: np.random.Generator) -> pd.DataFrame:
    """Write the shop's table into `folder`; return what was planted: planted, rows."""
    orders = trade.with_stories(purchases(HABITS, rng), STORIES, rng)
    orders = _completed(orders, baskets.lines(orders, CATALOGUE, second=0.0, rng=rng), rng)
    touched = _touched(orders, rng)
    cells = _with_dirt(_cells(orders), orders, touched)
    csvfile.write(cells, HEADER, folder / "orders.csv", encoding="utf-8")
    again = pd.DataFrame({"planted": [trade.DUPLICATE], "rows": [len(cells) - len(orders)]})
    return pd.concat([trade.counts(orders, touched), again], ignore_index=True)


def _completed(orders: pd.DataFrame, basket: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the orders with what was bought, for how much and where; one product per order here."""
    goods = CATALOGUE.loc[basket["product"]].reset_index(drop=True)
    total = (basket["money"] * 2).round().clip(lower=20) / 2  # prices end in whole or half yuan
    sign = np.select([orders["story"] == trade.NEGATIVE, orders["story"] == trade.ZERO], [-1.0, 0.0], 1.0)
    return orders.assign(
        order_id=[f"G{number:05d}" for number in range(1, len(orders) + 1)],
        title=goods["title"],
        category=goods["category"],
        total=total * sign,
        refund=trade.refunds(orders, total, rng).round(),
        place=rng.choice(list(PLACES), len(orders), p=list(PLACES.values())),
    ).assign(refund=lambda o: o["refund"].where(o["story"] != trade.FULL_REFUND, o["total"]))


def _cells(orders: pd.DataFrame) -> pd.DataFrame:
    paid, story = trade.is_paid(orders), orders["story"]
    states = np.select(
        [story == trade.WAITING, story == trade.CLOSED, story == trade.FULL_REFUND],
        ["unpaid", "cancelled", "refunded"],
        "paid",
    )
    cells = {
        "Order no": orders["order_id"],
        "Client": people.mails(orders["customer"]),
        "Paid on": orders["paid_at"].dt.strftime("%d/%m/%Y %H:%M").astype(object).where(paid, ""),
        "Sum": csvfile.money(orders["total"]),
        "Refund": csvfile.money(orders["refund"]),
        "Item": orders["title"],
        "Group": orders["category"],
        "Where": orders["place"],
        "State": states,
    }
    return pd.DataFrame(cells, index=orders.index).astype(object)


def _touched(orders: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.Index]:
    """Return the kept orders whose cells are dirty in ways that must not matter."""
    kept = orders.index[orders["story"] == trade.KEPT]
    marks = [SCRIPTS, BOLD, TABBED, QUOTED]
    rows = np.split(people.some(sum(marks), kept, rng), np.cumsum(marks)[:-1])
    names = [
        "script as a title",
        "bold tag in a category",
        "tab before the client",
        "apostrophe before the id",
    ]
    dear = orders.loc[kept, "total"].nlargest(COMMAS).index
    return dict(zip(names, map(pd.Index, rows), strict=True)) | {"thousands comma": dear}


def _with_dirt(cells: pd.DataFrame, orders: pd.DataFrame, touched: dict[str, pd.Index]) -> pd.DataFrame:
    cells.loc[touched["script as a title"], "Item"] = "<script>alert(1)</script>"
    cells.loc[touched["bold tag in a category"], "Group"] = "<b>Candles</b>"
    cells.loc[touched["tab before the client"], "Client"] = "\t" + cells["Client"]
    cells.loc[touched["apostrophe before the id"], "Order no"] = "'" + cells["Order no"]
    commas = touched["thousands comma"]
    cells.loc[commas, "Sum"] = orders.loc[commas, "total"].map("{:,.2f}".format)
    cells.loc[orders.index[orders["story"] == trade.NO_BUYER], "Client"] = ["NULL", "null", "'null", ""] * 2
    unreadable = orders.index[orders["story"] == trade.BAD_DATE]
    cells.loc[unreadable, "Paid on"] = ["31/02/2025 10:15", "12/25/2025 18:30", "yesterday", "0"]
    again = cells.iloc[np.linspace(100, len(cells) - 100, DUPLICATES, dtype=int)]
    return pd.concat([cells, again]).sort_index(kind="stable")
