"""小满珍珠 Pearl, a small pearl brand that sells by two channels: Youzan knows phones, Taobao knows nicks.

Part of its customers buy in both. Who is who is written into planted_people.csv, as no shop could know it.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from generator import baskets, calendar, people, taobao, trade, youzan
from generator.population import Habits, purchases

NAME = "小满珍珠"
HABITS = Habits(
    customers=450, r=0.85, alpha=150.0, a=0.9, b=2.4, p=5.0, q=4.5, mean_order=620.0, link=0.0,
    seasons={"七夕": 3.0, "双11": 2.0, "春节": 1.2, "情人节": 3.0, "三八": 2.0, "母亲节": 3.0, "520": 3.0},
)  # fmt: skip
STORIES = {
    trade.FULL_REFUND: 30, trade.PART_REFUND: 14, trade.CLOSED: 24, trade.NO_BUYER: 6, trade.MASKED: 10,
}  # fmt: skip
MADE = pd.Timestamp("2026-07-01 10:00")
BOTH, YOUZAN_ONLY = 0.34, 0.36  # of the people; the others know Taobao alone
NEW_PHONE = 14  # people who change their phone, and with it their customer id at Youzan
SAYS_PHONE = 0.38  # of the Taobao buyers: the export shows their Alipay account, a phone, in full
LINKED = 0.45  # of the people in both: somebody at the shop knows that nick and phone are one person
AT_COUNTER = 12  # Taobao buyers whose orders a shop assistant paid for by the counter's phone
RELATIVES = 9  # Taobao buyers whose parcels go to a customer of the other channel, who is somebody else
CATALOGUE = pd.DataFrame(
    [
        ("珍珠耳饰", 0.40, 0.70, 260, "ZE01", "淡水珍珠耳钉"),
        ("珍珠耳饰", 0.40, 0.70, 680, "ZE02", "Akoya海水珍珠耳环"),
        ("珍珠项链", 0.35, 1.40, 480, "ZX01", "巴洛克珍珠锁骨链"),
        ("珍珠项链", 0.35, 1.40, 1680, "ZX02", "淡水珍珠项链（送礼盒）"),
        ("珍珠手链", 0.25, 0.80, 360, "ZL01", "珍珠编织手链"),
        ("珍珠手链", 0.25, 0.80, 820, "ZL02", "18K金珍珠手链"),
    ],
    columns=["category", "share", "level", "price", "sku", "title"],
)
_COUNTER = "10008000888"


def write(folder: Path, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write both exports and the link file; return what was planted (planted, rows) and who is who."""
    orders = trade.with_stories(purchases(HABITS, rng), STORIES, rng)
    lines = _priced(baskets.lines(orders, CATALOGUE, second=0.1, rng=rng))
    orders = _completed(orders, lines, rng)
    who = _people(orders, rng)
    by_youzan = orders["channel"] == "youzan"
    phones = _phones(orders, who)
    _write_youzan(folder, orders[by_youzan], lines, phones)
    _write_taobao(folder, orders[~by_youzan], lines, who)
    _links(who, rng).to_csv(folder / "links.csv", index=False, lineterminator="\n")
    return trade.counts(orders, {}), _truth(orders, phones)


def _priced(basket: pd.DataFrame) -> pd.DataFrame:
    goods = CATALOGUE.loc[basket["product"]].reset_index(drop=True)
    price = (basket["money"].clip(80.0, 5000.0) / 10).round() * 10 - 1
    return goods.assign(row=basket["row"], quantity=1, price=price, amount=price, attributes="")


def _completed(orders: pd.DataFrame, lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    count, total = len(orders), lines.groupby("row")["price"].sum().round(2)
    return orders.assign(
        channel=_channels(orders, rng),
        number=rng.permutation(count),
        created_at=orders["paid_at"] - pd.to_timedelta(rng.integers(20, 900, count), unit="s").as_unit("s"),
        total=total,
        goods=total,
        discount=0.0,
        refund=trade.refunds(orders, total, rng),
        refunded_at=orders["paid_at"] + pd.Timedelta(days=2),
        phone_order=True,
        stages="",
        kinds=lines.groupby("row").size(),
    )


def _channels(orders: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Return where each order was placed; whoever knows both channels takes either."""
    home = rng.choice(
        ["both", "youzan", "taobao"], HABITS.customers, p=[BOTH, YOUZAN_ONLY, 1 - BOTH - YOUZAN_ONLY]
    )
    either = rng.choice(["youzan", "taobao"], len(orders))
    of_order = home[orders["customer"]]
    found = np.where(of_order == "both", either, of_order)
    # only Youzan's export can mask a phone
    return np.where(orders["story"] == trade.MASKED, "youzan", found)


def _people(orders: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return of each customer (the index) where they buy and what can be known of them."""
    kept = orders[orders["story"].isin([trade.KEPT, trade.PART_REFUND])]
    channels = [kept.loc[kept["channel"] == name, "customer"].unique() for name in ("youzan", "taobao")]
    who = pd.DataFrame(index=range(HABITS.customers))
    who["youzan"], who["taobao"] = (who.index.isin(there) for there in channels)
    often = kept[kept["channel"] == "youzan"].groupby("customer").size()
    who["new_phone"] = who.index.isin(people.some(NEW_PHONE, often.index[often > 1], rng))
    alone = who.index[who["taobao"] & ~who["youzan"]]
    odd = people.some(AT_COUNTER + RELATIVES, alone, rng)
    mixed = rng.permutation(odd)
    who["counter"], who["relative"] = who.index.isin(mixed[:AT_COUNTER]), -1
    who.loc[mixed[AT_COUNTER:], "relative"] = people.some(
        RELATIVES, who.index[who["youzan"] & ~who["taobao"]], rng
    )
    who["says_phone"] = (rng.random(len(who)) < SAYS_PHONE) & who["taobao"] & ~who["counter"]
    return who


def _phones(orders: pd.DataFrame, who: pd.DataFrame) -> pd.Series:
    """Return the phone of each order's customer; after a change another, in the later half."""
    old, new = people.phones(orders["customer"]), people.phones(orders["customer"] + 5000)
    middle = orders.groupby("customer")["paid_at"].transform("median")
    changed = who["new_phone"].reindex(orders["customer"]).to_numpy() & (orders["paid_at"] > middle)
    return new.where(changed, old)


def _write_youzan(folder: Path, orders: pd.DataFrame, lines: pd.DataFrame, phones: pd.Series) -> None:
    orders = orders.assign(channel="微信小程序", order_id=_youzan_ids(orders))
    cells = youzan.order_cells(orders)
    phone = phones.reindex(orders.index)
    plain = orders["story"].isin([trade.MASKED, trade.NO_BUYER])
    cells["买家手机号"] = cells["买家手机号"].where(plain, phone + "\t")
    place = _addresses(orders["customer"]).str.split(" ")
    cells["收货人城市"], cells["详细收货地址/提货地址"] = place.str[1], place.str[2]
    cells["收货人/提货人"], cells["收货人手机号/提货人手机号"] = (
        people.names(orders["customer"]),
        phone + "\t",
    )
    youzan.write(cells, youzan.ORDER_HEADER, folder / "youzan_orders.csv")
    mine = lines[lines["row"].isin(orders.index)].reset_index(drop=True)
    youzan.write(youzan.item_cells(orders, mine), youzan.ITEM_HEADER, folder / "youzan_items.csv")


def _youzan_ids(orders: pd.DataFrame) -> pd.Series:
    return "E" + orders["paid_at"].dt.strftime("%Y%m%d") + (orders["number"] + 10_000_000).astype(str)


def _write_taobao(folder: Path, orders: pd.DataFrame, lines: pd.DataFrame, who: pd.DataFrame) -> None:
    orders = orders.assign(order_id=_taobao_ids(orders))
    mine = lines[lines["row"].isin(orders.index)].reset_index(drop=True)
    cells = taobao.order_cells(orders, mine, shop=NAME, as_of=MADE)
    of = who.loc[orders["customer"]].set_index(orders.index)
    phone = people.phones(orders["customer"])
    account = phone.where(of["says_phone"], phone.str[:3] + "****" + phone.str[-4:])
    cells["买家支付宝账号"] = account.mask(of["counter"], _COUNTER)
    to = of["relative"].where(of["relative"] >= 0, orders["customer"])
    receiver = people.phones(to)
    cells["联系手机"] = "'" + receiver.str[:3] + "****" + receiver.str[-4:]
    cells["收货人姓名"], cells["收货地址 "] = people.names(to), _addresses(to)
    taobao.write_orders(cells, folder, MADE)
    taobao.write_items(taobao.item_cells(orders, mine, as_of=MADE), folder, MADE)


def _taobao_ids(orders: pd.DataFrame) -> pd.Series:
    day = (orders["paid_at"].dt.normalize() - calendar.FIRST_DAY).dt.days
    of_buyer = orders["customer"] * 7919 % 10**6
    number = 2_300_000_000_000_000_000 + day * 10**15 + orders["number"] * 10**11 + of_buyer
    return number.astype(str)


def _addresses(numbers: pd.Series) -> pd.Series:
    """Return addresses of which no two people share one."""
    road = numbers.map(lambda n: f"虚构路{n + 1}号")
    return people.addresses(numbers).str.replace(r"虚构路\d+号", "", regex=True).str.strip() + " " + road


def _links(who: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return what somebody at the shop wrote down: nick and phone of a person; a few fit no order."""
    both = who.index[who["youzan"] & who["taobao"]]
    known = pd.Series(people.some(round(LINKED * len(both)), both, rng))
    strangers = pd.Series(range(600, 604))
    number = pd.concat([known, strangers], ignore_index=True)
    rows = [
        pd.DataFrame({"person": number.index + 1, "kind": kind, "value": ids(number), "source": source})
        for kind, ids, source in (("nick", people.nicks, "taobao"), ("phone", people.phones, ""))
    ]
    return pd.concat(rows).sort_values(["person", "kind"], ignore_index=True)


def _truth(orders: pd.DataFrame, phones: pd.Series) -> pd.DataFrame:
    """Return export, id (as its orders have it) and the number of the person whose it is."""
    named = orders[orders["story"].isin([trade.KEPT, trade.PART_REFUND])]
    by_youzan = named["channel"] == "youzan"
    ids = phones.reindex(named.index).where(by_youzan, people.nicks(named["customer"]))
    found = pd.DataFrame({"export": named["channel"], "id": ids, "person": named["customer"]})
    return found.drop_duplicates().sort_values(["person", "export", "id"], ignore_index=True)
