"""Shops in the formats of real exports, planted: every text column of every file holds what must not get out.

Columns that the kit has no use for (receiver, address, remarks …) hold something planted in every row.
Columns that it shows (goods, categories, channels, tiers, reasons …) hold it in some rows, behind the word
that belongs there.
"""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path

import pandas as pd

from red_team import sold
from red_team.attacks import ATTACKS
from red_team.planted import FORMS, OF_A_FORM, Planter

HEADERS = json.loads(
    (Path(__file__).parents[2] / "data" / "samples" / "generator" / "headers.json").read_text("utf-8")
)
OTHERS = {
    "wechat": (
        "订单号,订单下单时间,支付时间,订单状态,订单实际支付金额,订单运费,带货方式,礼物单号,收件人姓名,收件人手机,省,市,区,"
        "收件人地址,买家备注,客服备注,商品名称,商品类目,SKU编码(自定义),商品编码(平台),商品属性,商品数量,商品实际价格(单件),"
        "商品总价,商品已退款金额,商品售后,快递公司,快递单号,带货账号昵称,unionid"
    ),
    "shopify": (
        "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Total,Discount Code,"
        "Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,"
        "Billing Street,Billing Company,Billing City,Billing Phone,Shipping Name,Shipping Address1,"
        "Shipping City,Shipping Phone,Notes,Note Attributes,Payment Method,Payment Reference,Refunded Amount,"
        "Vendor,Outstanding Balance,Employee,Location,Device ID,Tags,Source,Product type,Phone,Payment ID"
    ),
    "douyin": (
        "主订单编号,子订单编号,选购商品,商品规格,商品数量,商品ID,商家编码,商品单价,订单应付金额,支付方式,收件人,收件人手机号,"
        "省,市,区,街道,详细地址,买家留言,订单提交时间,商家备注,支付完成时间,APP渠道,流量来源,订单状态,达人昵称,售后状态,"
        "取消原因,仓库名称,发货主体"
    ),
    "pinduoduo": (
        "商品,订单号,订单状态,用户实付金额(元),商家实收金额(元),商品数量(件),商品id,商品规格,样式ID,商家备注,售后状态,快递单号,"
        "快递公司,订单成交时间,手续费承担方"
    ),
    "csv": (
        "Order no,Client,Paid on,Sum,Refund,State,Item,Group,Code,Where,Receiver,Phone,Address,Remark,"
        "Birthday wishes,Paid by,City,Parcel no,Store"
    ),
}
_EVERY = 12  # of a column of words, one cell in so many is planted
_PAID = {"kept": "交易成功", "unpaid": "等待买家付款", "closed": "交易关闭", "refunded": "交易关闭"}


class Cells:
    """The cells of one file, planted as they are filled in."""

    def __init__(self, plant: Planter, file: str) -> None:
        self.plant, self.file = plant, file

    def free(self, column: str, rows: int) -> list[str]:
        """Return a cell for each row that is nothing but something planted, of every form in turn."""
        return [self.plant(form, f"{self.file}, {column}") for form in islice(cycle(FORMS), rows)]

    def goods(self, column: str, words: Iterable[str]) -> list[str]:
        """Return names or codes of goods, some with something planted behind them: a name has no form."""
        return self.words(column, words, forms=OF_A_FORM)

    def words(self, column: str, words: Iterable[str], *, forms: Iterable[str] = FORMS) -> list[str]:
        """Return words, some with something planted behind them."""
        forms = cycle(forms)
        return [
            word if n % _EVERY else f"{word} {self.plant(next(forms), f'{self.file}, {column}')}"
            for n, word in enumerate(words)
        ]

    def table(self, header: Sequence[str], known: Mapping[str, Sequence[str]], rows: int) -> list[list[str]]:
        """Return header and rows: what is known of columns, the others planted in every cell."""
        columns = [known.get(name.strip(), None) or self.free(name, rows) for name in header]
        return [list(header), *map(list, zip(*columns, strict=True))]


def write(path: Path, table: Iterable[Iterable[str]], *, encoding: str = "utf-8-sig") -> None:
    """Write a table as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, lineterminator="\r\n").writerows(table)


def _text(values: Iterable[object]) -> list[str]:
    return [str(value) for value in values]


def _nick(n: int) -> str:
    return f"小翀日记{n:04}"


def _phone(n: int) -> str:
    return f"1380571{n:04}"


def _mail(n: int) -> str:
    return f"buyer{n:04}@sekretmail.cn"


WHO: dict[str, Callable[[int], str]] = {
    "taobao": _nick, "youzan": _phone, "csv": _phone, "shopify": _mail, "wechat": lambda n: f"oSekret{n:04}",
}  # fmt: skip


def taobao(folder: Path, made: pd.DataFrame, plant: Planter) -> None:
    """Write the order and item exports of Taobao."""
    cells, n = Cells(plant, "taobao orders"), len(made)
    kept = made["amount"] - made["refund"]
    known = {
        "订单编号": [f'="{number}"' for number in made["order_id"]],
        "买家会员名": [_nick(who) for who in made["customer"]],
        "总金额": _text(made["amount"]),
        "买家实际支付金额": _text(kept.where(made["story"].isin(["kept", "refunded"]), 0.0)),
        "退款金额": _text(made["refund"]),
        "订单状态": cells.words("订单状态", made["story"].map(_PAID)),
        "订单创建时间": _text(made["paid_at"]),
        "订单付款时间": _text(made["paid_at"].where(made["story"] != "unpaid", "")),
        "确认收货时间": _text(made["paid_at"] + pd.Timedelta(days=5)),
        "宝贝标题": cells.goods("宝贝标题", made["title"]),
        "宝贝总数量": _text(made["pieces"]),
        "是否手机订单": cells.words("是否手机订单", ["手机订单"] * n),
        "主订单编号": [f'="{number}"' for number in made["order_id"]],
    }
    write(folder / "orders.csv", cells.table(HEADERS["taobao_orders"], known, n), encoding="gb18030")
    items = Cells(plant, "taobao items")
    known = {
        "订单编号": [f'="{number}"' for number in made["order_id"]],
        "标题": items.goods("标题", made["title"]),
        "价格": _text(made["price"]),
        "购买数量": _text(made["pieces"]),
        "商家编码": items.goods("商家编码", made["sku"]),
        "订单状态": items.words("订单状态", made["story"].map(_PAID)),
        "商品类目": items.words("商品类目", made["category"]),
    }
    header = [*HEADERS["taobao_items"], "商品类目"]
    write(folder / "items.csv", items.table(header, known, n), encoding="gb18030")


def youzan(folder: Path, made: pd.DataFrame, plant: Planter) -> None:
    """Write the order and item exports of Youzan."""
    cells, n = Cells(plant, "youzan orders"), len(made)
    known = {
        "订单号": ["E" + number for number in made["order_id"]],
        "销售渠道": cells.words("销售渠道", made["channel"]),
        "订单状态": cells.words("订单状态", made["story"].map({**_PAID, "unpaid": "待付款"})),
        "订单创建时间": _text(made["paid_at"]),
        "买家付款时间": _text(made["paid_at"].where(made["story"] != "unpaid", " ")),
        "交易成功时间": _text(made["paid_at"] + pd.Timedelta(days=5)),
        "应收订单金额": _text(made["amount"]),
        "订单实付金额": _text(made["amount"]),
        "订单实收金额": _text(made["amount"]),
        "支付优惠合计": ["0"] * n,
        "商品金额合计": _text(made["amount"]),
        "运费": ["0"] * n,
        "全部商品名称": cells.goods("全部商品名称", made["title"]),
        "买家手机号": [_phone(who) + "\t" for who in made["customer"]],
        "订单退款状态": cells.words("订单退款状态", [""] * n),
        "订单已退款金额": _text(made["refund"]),
    }
    write(folder / "orders.csv", cells.table(HEADERS["youzan_orders"], known, n))
    items = Cells(plant, "youzan items")
    known = {
        "订单号": ["E" + number for number in made["order_id"]],
        "订单商品状态": items.words("订单商品状态", made["story"].map({**_PAID, "unpaid": "待付款"})),
        "商品名称": items.goods("商品名称", made["title"]),
        "商品类目": items.words("商品类目", made["category"]),
        "规格编码": items.goods("规格编码", made["sku"]),
        "商品数量": _text(made["pieces"]),
        "商品实际成交金额": _text(made["amount"]),
        "商品单价": _text(made["price"]),
        "商品优惠后价格": _text(made["price"]),
        "商品金额小计": _text(made["amount"]),
    }
    write(folder / "items.csv", items.table(HEADERS["youzan_items"], known, n))


def wechat(folder: Path, made: pd.DataFrame, plant: Planter) -> None:
    """Write an export of a WeChat shop, with the unionid that a shop adds."""
    cells, n = Cells(plant, "wechat orders"), len(made)
    known = {
        "订单号": _text(made["order_id"]),
        "订单下单时间": _text(made["paid_at"]),
        "支付时间": _text(made["paid_at"].where(made["story"] != "unpaid", "")),
        "订单状态": cells.words("订单状态", made["story"].map({**_PAID, "unpaid": "待付款"})),
        "订单实际支付金额": _text(made["amount"]),
        "订单运费": ["0"] * n,
        "礼物单号": [""] * n,
        "带货方式": cells.words("带货方式", made["channel"]),
        "商品名称": cells.goods("商品名称", made["title"]),
        "商品类目": cells.words("商品类目", made["category"]),
        "SKU编码(自定义)": cells.goods("SKU编码(自定义)", made["sku"]),
        "商品数量": _text(made["pieces"]),
        "商品实际价格(单件)": _text(made["price"]),
        "商品总价": _text(made["amount"]),
        "商品已退款金额": _text(made["refund"]),
        "unionid": [WHO["wechat"](who) for who in made["customer"]],
    }
    write(folder / "orders.csv", cells.table(OTHERS["wechat"].split(","), known, n))


def shopify(folder: Path, made: pd.DataFrame, plant: Planter) -> None:
    """Write an order export of Shopify."""
    cells, n = Cells(plant, "shopify orders"), len(made)
    states = {"kept": "paid", "unpaid": "pending", "closed": "voided", "refunded": "refunded"}
    known = {
        "Name": ["#" + number for number in made["order_id"]],
        "Email": [_mail(who) for who in made["customer"]],
        "Financial Status": cells.words("Financial Status", made["story"].map(states)),
        "Paid at": [f"{at} +0800" for at in made["paid_at"]],
        "Created at": [f"{at} +0800" for at in made["paid_at"]],
        "Currency": ["CNY"] * n,
        "Total": _text(made["amount"]),
        "Refunded Amount": _text(made["refund"]),
        "Outstanding Balance": ["0"] * n,
        "Lineitem quantity": _text(made["pieces"]),
        "Lineitem name": cells.goods("Lineitem name", made["title"]),
        "Lineitem price": _text(made["price"]),
        "Lineitem sku": cells.goods("Lineitem sku", made["sku"]),
        "Source": cells.words("Source", made["channel"]),
        "Product type": cells.words("Product type", made["category"]),
    }
    write(folder / "orders.csv", cells.table(OTHERS["shopify"].split(","), known, n))


def plain(folder: Path, made: pd.DataFrame, plant: Planter) -> None:
    """Write a table with headers of its own."""
    cells, n = Cells(plant, "csv orders"), len(made)
    states = {"kept": "paid", "unpaid": "unpaid", "closed": "cancelled", "refunded": "refunded"}
    known = {
        "Order no": _text(made["order_id"]),
        "Client": [_phone(who) for who in made["customer"]],
        "Paid on": _text(made["paid_at"]),
        "Sum": _text(made["amount"]),
        "Refund": _text(made["refund"]),
        "State": cells.words("State", made["story"].map(states)),
        "Item": cells.goods("Item", made["title"]),
        "Group": cells.words("Group", made["category"]),
        "Code": cells.goods("Code", made["sku"]),
        "Where": cells.words("Where", made["channel"]),
    }
    write(folder / "orders.csv", cells.table(OTHERS["csv"].split(","), known, n))


def douyin(folder: Path, made: pd.DataFrame, plant: Planter) -> None:
    """Write an export of Douyin, which names no buyer."""
    cells, n = Cells(plant, "douyin orders"), len(made)
    known = {
        "主订单编号": _text(made["order_id"]),
        "子订单编号": [number + "1" for number in made["order_id"]],
        "选购商品": cells.goods("选购商品", made["title"]),
        "商品数量": _text(made["pieces"]),
        "商家编码": cells.goods("商家编码", made["sku"]),
        "商品单价": _text(made["price"]),
        "订单应付金额": _text(made["amount"]),
        "订单提交时间": _text(made["paid_at"]),
        "支付完成时间": _text(made["paid_at"].where(made["story"] != "unpaid", "")),
        "APP渠道": cells.words("APP渠道", made["channel"]),
        "订单状态": cells.words("订单状态", made["story"].map({**_PAID, "unpaid": "待支付"})),
        "售后状态": cells.words("售后状态", ["-"] * n),
    }
    write(folder / "orders.csv", cells.table(OTHERS["douyin"].split(","), known, n))


def pinduoduo(folder: Path, made: pd.DataFrame, plant: Planter) -> None:
    """Write an export of Pinduoduo, which names no buyer."""
    cells, n = Cells(plant, "pinduoduo orders"), len(made)
    known = {
        "商品": cells.goods("商品", made["title"]),
        "订单号": _text(made["order_id"]),
        "订单状态": cells.words(
            "订单状态", made["story"].map({**_PAID, "kept": "已收货", "unpaid": "待付款"})
        ),
        "用户实付金额(元)": _text(made["amount"]),
        "商家实收金额(元)": _text(made["amount"]),
        "商品数量(件)": _text(made["pieces"]),
        "样式ID": cells.goods("样式ID", made["sku"]),
        "售后状态": cells.words("售后状态", [""] * n),
        "订单成交时间": _text(made["paid_at"].where(made["story"] != "unpaid", "")),
    }
    write(folder / "orders.csv", cells.table(OTHERS["pinduoduo"].split(","), known, n))


def beside(folder: Path, made: pd.DataFrame, plant: Planter, who: Callable[[int], str]) -> None:
    """Write members, contacts, a past campaign, points, visits and the rules of tiers."""
    people = sorted(made["customer"].unique())
    ids, n = [who(one) for one in people], len(people)
    cells = Cells(plant, "members")
    known = {
        "customer_id": ids,
        **{f"consent_{name}": ["yes"] * n for name in ("sms", "wecom", "phone", "email")},
        "consent_basis": cells.words("consent_basis", ["入会登记 2025-01-02"] * n),
        "birthday": [f"19{60 + one % 40}-{one % 12 + 1:02}-{one % 28 + 1:02}" for one in people],
        "tier": cells.words("tier", [("银卡", "金卡")[one % 2] for one in people]),
        "points": [str(one % 700) for one in people],
        "points_expire_on": ["2026-08-31"] * n,
        "gender": [("女", "男")[one % 2] for one in people],
        "joined_on": ["2024-06-01"] * n,
    }
    header = [*known, "姓名", "昵称", "备注", "birthday notes", "微信号", "身份证号"]
    write(folder / "members.csv", cells.table(header, known, n))
    cells = Cells(plant, "contacts")
    known = {
        "customer_id": ids,
        "channel": ["sms"] * n,
        "at": [f"2026-04-{one % 28 + 1:02} 19:00:00" for one in people],
        "event": ["sent"] * n,
        "campaign": cells.goods("campaign", ["spring"] * n),
        "runs_until": ["2026-05-20"] * n,
    }
    write(folder / "contacts.csv", cells.table([*known, "template", "操作人"], known, n))
    cells = Cells(plant, "campaigns")
    known = {
        "customer_id": ids,
        "campaign": ["2026-03-spring"] * n,
        "offer": cells.words("offer", ["coupon-small"] * n),
        "channel": ["sms"] * n,
        "arm": [("send", "control")[one % 2] for one in people],
        "segment": cells.words("segment", [("silent", "sleeping")[one % 3 % 2] for one in people]),
        "sent_on": ["2026-03-12"] * n,
        "runs_until": ["2026-05-10"] * n,
    }
    write(folder / "campaigns.csv", cells.table([*known, "备注"], known, n))
    cells = Cells(plant, "points")
    bought = made[made["story"] == "kept"]
    known = {
        "customer_id": [who(one) for one in bought["customer"]],
        "at": _text(bought["paid_at"]),
        "kind": ["earned"] * len(bought),
        "points": _text(bought["amount"].round().astype(int)),
        "reason": cells.words("reason", ["购物"] * len(bought)),
        "expires_on": ["2026-08-31"] * len(bought),
    }
    write(folder / "points.csv", cells.table([*known, "操作人", "备注"], known, len(bought)))
    cells = Cells(plant, "visits")
    days = [f"2026-06-{one % 28 + 1:02} 12:00:00" for one in people]
    known = {
        "customer_id": ids,
        "at": days,
        "kind": [("carted", "viewed")[one % 2] for one in people],
        "sku": cells.goods("sku", [sold.GOODS[one % 5][2] for one in people]),
        "category": cells.words("category", [sold.GOODS[one % 5][1] for one in people]),
    }
    write(folder / "visits.csv", cells.table([*known, "page", "ip"], known, n))
    (folder / "membership.yml").write_text(_MEMBERSHIP, "utf-8")


_MEMBERSHIP = """\
by: spend
window: {rolling_days: 365}
upgrade: at_once
downgrade: one_step
review: quarterly
valid_days: 180
points_back: 0.01
tiers:
  - {name: {en: member, zh: 普通会员}, from: 0}
  - {name: {en: silver, zh: 银卡}, from: 500, keep: 400, benefits: {discount: 0.03}}
  - {name: {en: gold, zh: 金卡}, from: 3000, keep: 2000, benefits: {discount: 0.06}}
"""
_BESIDE = """\
    members: {0}/members.csv
    contacts: {0}/contacts.csv
    past_campaigns: {0}/campaigns.csv
    points: {0}/points.csv
    visits: {0}/visits.csv
    membership: {0}/membership.yml
    tiers: {{银卡: 500, 金卡: 3000}}
"""
_ENTRY = """\
  {0}:
    name: {1}
    sign: 红队
    platform: {0}
    orders: {0}/orders.csv
    currency: CNY
    until: 2026-06-30
"""
_ITEMS = "    items: {0}/items.csv\n"
_COLUMNS = """\
    columns: {order_id: Order no, customer_id: Client, paid_at: Paid on, amount: Sum, refund: Refund,
              status: State, title: Item, category: Group, sku: Code, channel: Where}
"""
_TWO = """\
    also: {wechat: {platform: wechat, orders: wechat/orders.csv}}
    links: youzan/links.csv
"""
_WRITERS = {
    "taobao": taobao, "youzan": youzan, "wechat": wechat, "shopify": shopify, "csv": plain, "douyin": douyin,
    "pinduoduo": pinduoduo,
}  # fmt: skip
_NOBODY = ("douyin", "pinduoduo")


def write_all(
    folder: Path, *, people: int = 260, shops: Sequence[str] = tuple(_WRITERS), hostile: Sequence[str] = ()
) -> Planter:
    """Write the shops and their shop file, shops.yml, into a folder; return what was planted where.

    Parameters
    ----------
    hostile
        Shops whose goods, channels and names are attacks; see `attacks`.
    """
    plant, text = Planter(), "shops:\n"
    for seed, name in enumerate(shops):
        made = sold.orders(people, seed=seed + 1)
        if name in hostile:
            made = _attacking(made)
        _WRITERS[name](folder / name, made, plant)
        shown = f"{name} {ATTACKS[0]}" if name in hostile else f"{name} 红队"
        text += _ENTRY.format(name, json.dumps(shown))
        text += _ITEMS.format(name) if name in ("taobao", "youzan") else ""
        text += _COLUMNS if name == "csv" else "    timezone: Asia/Shanghai\n" if name == "shopify" else ""
        if name not in _NOBODY:
            beside(folder / name, made, plant, WHO[name])
            text += _BESIDE.format(name)
        if name == "youzan":
            links = [[str(n), "phone", _phone(n)] for n in range(9)]
            links += [[str(n), "unionid", WHO["wechat"](n)] for n in range(9)]
            write(folder / name / "links.csv", [["person", "kind", "value"], *links])
            text += _TWO if "wechat" in shops else "    links: youzan/links.csv\n"
    (folder / "shops.yml").write_text(text, "utf-8")
    return plant


def _attacking(made: pd.DataFrame) -> pd.DataFrame:
    """Return orders whose words are attacks: each word of the shop's has one of its own."""
    attacks = cycle(ATTACKS)
    columns = ("title", "category", "sku", "channel")
    new = {name: {word: f"{next(attacks)} {word}" for word in made[name].unique()} for name in columns}
    return made.assign(**{name: made[name].map(words) for name, words in new.items()})


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
