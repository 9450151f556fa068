"""Keys of orders: which columns give them, what is nobody's, how they are hidden; links; several exports."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from clv import joined_orders, orders, pseudonyms, shop_reading, shopfile, sources
from clv.errors import InputError, NoAnswerError, SettingError
from clv.keeping import hidden, orders_kept
from clv.merging import kinds
from clv.reading import keys, link_files
from clv.reading.columns import KEYS as TOLD
from clv.shop import Shop
from clv.shop_files import ShopFile

TAOBAO = (
    "订单编号,买家会员名,买家支付宝账号,总金额,买家实际支付金额,订单状态,收货人姓名,收货地址 ,联系手机,"
    "订单付款时间 ,退款金额"
)
YOUZAN = (
    "订单号,订单状态,买家付款时间,应收订单金额,订单实付金额,买家昵称,买家手机号,"
    "收货人/提货人,收货人手机号/提货人手机号,收货人城市,详细收货地址/提货地址,订单已退款金额"
)
WECHAT = (
    "订单号,订单状态,订单实际支付金额,支付时间,礼物单号,收件人姓名,收件人手机,收件人地址,市,unionid,openid"
)
SHOPIFY = "Name,Email,Phone,Customer ID,Financial Status,Paid at,Currency,Total,Shipping Name,Shipping City"


def export(folder: Path, top: str, *rows: str, name: str = "export.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([top, *rows, ""]), encoding="utf-8-sig")
    return path


def of_kind(found: orders.OrdersRead, kind: str) -> dict[str, str]:
    table = found.keys[found.keys["kind"] == kind]
    return dict(zip(table["order_id"], table["value"], strict=True))


def taobao_row(
    number: str, nick: str, account: str, *, name: str = "张三", phone: str = "", place: str = ""
) -> str:
    return f"{number},{nick},{account},90,90,交易成功,{name},{place},{phone},2026-01-05 10:00:00,0"


def youzan_row(number: str, phone: str, *, paid: str = "2026-01-06 10:00:00", money: int = 100) -> str:
    return f"{number},交易完成,{paid},{money},{money},小明,{phone},李四,{phone},杭州市,西湖路1号,0"


def test_the_phone_of_a_taobao_receiver_is_not_the_buyers(tmp_path: Path) -> None:
    path = export(tmp_path, TAOBAO, taobao_row("1", "甲乙", "", phone="'13911112222"))
    found = orders.read(path, platform="taobao")
    assert of_kind(found, "receiver_phone") == {"1": "13911112222"}
    assert of_kind(found, "phone") == {}
    assert of_kind(found, "nick") == {"1": "甲乙"}


def test_an_alipay_account_is_a_phone_or_a_mail_address_or_masked(tmp_path: Path) -> None:
    rows = [
        taobao_row("1", "甲", "13911112222"),
        taobao_row("2", "乙", "A.B@Example.com"),
        taobao_row("3", "丙", "139****2222"),
        taobao_row("4", "t**3", "ab***@example.com"),
    ]
    found = orders.read(export(tmp_path, TAOBAO, *rows), platform="taobao")
    assert of_kind(found, "phone") == {"1": "13911112222"}
    assert of_kind(found, "email") == {"2": "a.b@example.com"}
    assert of_kind(found, "masked_phone") == {"1": "139****2222", "3": "139****2222"}
    assert of_kind(found, "nick") == {"1": "甲", "2": "乙", "3": "丙"}


@pytest.mark.parametrize(
    ("written", "is_read"),
    [
        ("13911112222", "13911112222"),
        ("+86 139 1111 2222", "13911112222"),
        ("0086-139-1111-2222", "13911112222"),
        ("13911112222\t", "13911112222"),
        ("+44 20 7946 0958", "+442079460958"),
        ("13911112222-1234", None),  # virtual: it expires and belongs to nobody
        ("139****2222", None),
        ("186******05", None),
        ("0571-88886666", None),  # a place
        ("88886666", None),
        ("13888888888", None),  # what a clerk types in a hurry
        ("13800138000", None),
        ("12345678901", None),
        ("NULL", None),
        ("", None),
    ],
)
def test_a_phone_is_one_persons_or_nobodys(tmp_path: Path, written: str, is_read: str | None) -> None:
    found = orders.read(export(tmp_path, YOUZAN, youzan_row("E1", written)), platform="youzan")
    assert of_kind(found, "phone").get("E1") == is_read


def test_youzan_gives_a_buyers_phone_and_weak_keys_of_the_receiver(tmp_path: Path) -> None:
    found = orders.read(export(tmp_path, YOUZAN, youzan_row("E1", "13911112222")), platform="youzan")
    assert dict(zip(found.keys["kind"], found.keys["value"], strict=True)) == {
        "address": "西湖路1号",
        "city": "杭州市",
        "masked_phone": "139****2222",
        "name": "李四",
        "phone": "13911112222",
        "receiver_phone": "13911112222",
        "surname": "李",
    }
    assert set(found.keys["source"]) == {"youzan"}


def test_a_nickname_of_wechat_is_no_key(tmp_path: Path) -> None:
    found = orders.read(export(tmp_path, YOUZAN, youzan_row("E1", "13911112222")), platform="youzan")
    assert "小明" not in set(found.keys["value"])


def test_a_gift_order_that_names_its_recipient_gives_no_key(tmp_path: Path) -> None:
    row = "{},已完成,100,2026-01-05 10:00:00,{},王五,132****1234,西湖路,杭州市,oU{},oO{}"
    path = export(tmp_path, WECHAT, row.format("W1", "G77", 1, 1), row.format("W2", "", 2, 2))
    found = orders.read(path, platform="wechat")
    assert set(found.keys["order_id"]) == {"W2"}
    assert of_kind(found, "unionid") == {"W2": "oU2"}
    assert of_kind(found, "openid") == {"W2": "oO2"}
    assert of_kind(found, "masked_phone") == {"W2": "132****1234"}


def test_shopify_gives_mail_phone_and_its_own_account(tmp_path: Path) -> None:
    path = export(
        tmp_path,
        SHOPIFY,
        "#1,Ann@Example.com,+44 7700 900123,77,paid,2026-01-05 10:00:00,GBP,9,Ann Lee,Leeds",
    )
    found = orders.read(path, platform="shopify")
    strong = found.keys[found.keys["kind"].isin(kinds.STRONG)]
    assert dict(zip(strong["kind"], strong["value"], strict=True)) == {
        "account": "77", "email": "ann@example.com", "phone": "+447700900123",
    }  # fmt: skip
    assert of_kind(found, "surname") == {"#1": "lee"}


def test_a_column_map_names_keys_too(tmp_path: Path) -> None:
    path = export(
        tmp_path, "no,who,day,sum,tel,union", "1,a,2026-01-05,9,139 1111 2222,oX", "2,b,2026-01-06,9,,"
    )
    told = {"order_id": "no", "customer_id": "who", "paid_at": "day", "amount": "sum"}
    plain = orders.read(path, platform="csv", columns=told)
    assert plain.keys.empty
    found = orders.read(path, platform="csv", columns={**told, "phone": "tel", "unionid": "union"})
    assert of_kind(found, "phone") == {"1": "13911112222"}
    assert of_kind(found, "unionid") == {"1": "oX"}
    assert found.orders.equals(plain.orders)


def test_a_column_map_that_names_no_column_or_no_key_is_refused(tmp_path: Path) -> None:
    path = export(tmp_path, "no,who,day,sum", "1,a,2026-01-05,9")
    told = {"order_id": "no", "customer_id": "who", "paid_at": "day", "amount": "sum"}
    with pytest.raises(InputError, match=r"no column 'tel' \(phone\)"):
        orders.read(path, platform="csv", columns={**told, "phone": "tel"})
    with pytest.raises(SettingError, match="did you mean 'phone'"):
        orders.read(path, platform="csv", columns={**told, "phones": "who"})


@pytest.mark.parametrize(
    ("address", "city"),
    [
        ("浙江省 杭州市 西湖区文三路1号", "杭州市"),
        ("上海 上海市 黄浦区 南京东路1号", "上海市"),
        ("上海上海市静安区", "上海市"),
        ("广西壮族自治区南宁市青秀区", "南宁市"),
        ("云南省大理白族自治州大理市", "大理白族自治州"),
        ("somewhere else", None),
    ],
)
def test_a_city_is_found_in_an_address(tmp_path: Path, address: str, city: str | None) -> None:
    found = orders.read(export(tmp_path, TAOBAO, taobao_row("1", "甲", "", place=address)), platform="taobao")
    assert of_kind(found, "city").get("1") == city


@pytest.mark.parametrize(
    ("name", "surname"), [("张三", "张"), ("欧阳修", "欧阳"), ("王**", "王"), ("Ann Lee", "lee")]
)
def test_a_surname_is_told_of_masked_names_too(tmp_path: Path, name: str, surname: str) -> None:
    found = orders.read(export(tmp_path, TAOBAO, taobao_row("1", "甲", "", name=name)), platform="taobao")
    assert of_kind(found, "surname") == {"1": surname}
    assert of_kind(found, "name").get("1") == (None if "*" in name else name.replace(" ", "").lower())


def test_a_key_is_there_once_however_many_rows_an_order_has(tmp_path: Path) -> None:
    row = "W1,已完成,100,2026-01-05 10:00:00,,王五,132****1234,西湖路,杭州市,oU1,oO1"
    found = orders.read(export(tmp_path, WECHAT, row, row), platform="wechat")
    assert not found.keys.duplicated().any()
    assert (found.keys["kind"] == "unionid").sum() == 1


def test_orders_that_are_left_out_leave_no_key(tmp_path: Path) -> None:
    gone = youzan_row("E2", "13911113333").replace("交易完成", "交易关闭").replace("2026-01-06 10:00:00", " ")
    found = orders.read(export(tmp_path, YOUZAN, youzan_row("E1", "13911112222"), gone), platform="youzan")
    assert set(found.keys["order_id"]) == {"E1"}


def test_every_kind_has_one_strength() -> None:
    declared = {key.kind for name in sources.names() for key in sources.load(name).keys}
    weak = {kind for parts in kinds.COMBINATIONS for kind in parts}
    assert not weak & set(kinds.STRONG)
    assert declared <= set(kinds.STRONG) | weak
    assert set(TOLD) | {"masked_phone", "surname"} == set(kinds.STRONG) | weak
    assert set(kinds.STRONG) < set(kinds.RANK)
    assert {"openid", "nick", "account"} == set(kinds.WITHIN_EXPORT)


# Hidden ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [b"some secret", None], ids=["pseudonyms", "raw ids"])
def test_nothing_raw_is_kept_of_keys(tmp_path: Path, secret: bytes | None) -> None:
    rows = [youzan_row("E1", "13911112222"), youzan_row("E2", "13911112223")]
    raw = orders.read(export(tmp_path, YOUZAN, *rows), platform="youzan")
    kept = orders_kept.packed(hidden.of_orders(raw, secret=secret))
    assert kept.frames["keys"]["value"].str.fullmatch(r"[0-9a-f]{32}").all()
    said = kept.frames["keys"].to_csv() + json.dumps(kept.words, ensure_ascii=False)
    assert not re.search("|".join(raw.keys["value"].map(re.escape)), said)
    if secret:
        everything = said + "".join(frame.to_csv() for frame in kept.frames.values())
        assert not re.search(r"1391111222\d|李四|西湖路", everything)


def test_equal_keys_stay_equal_and_the_local_secret_alone_tells_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export(tmp_path, YOUZAN, youzan_row("E1", "13911112222"), youzan_row("E2", "+86 13911112222"))
    raw = orders.read(path, platform="youzan")
    one, other = (hidden.of_orders(raw, secret=secret).keys for secret in (b"a", None))
    assert one.equals(other)
    phones = one.loc[one["kind"] == "phone", "value"]
    assert phones.nunique() == 1 and len(phones) == 2
    monkeypatch.setenv("CLV_SECRET", "another secret")
    assert not hidden.keys(raw.keys["value"]).isin(one["value"]).any()


def test_a_customer_known_by_a_key_alone_has_an_address_too() -> None:
    raw = pd.DataFrame(
        [("1", "s", "phone", "13911112222"), ("2", "s", "city", "杭州市")],
        columns=["order_id", "source", "kind", "value"],
    )
    placed = pd.DataFrame({"customer_id": pd.Series(["甲", None], dtype="str")})
    secret = pseudonyms.local_secret()
    name = kinds.short(hidden.keys(raw["value"]))
    shown = pd.concat([hidden.shown(placed["customer_id"].dropna(), secret=secret), name.iloc[:1]])
    back = hidden.behind(shown, orders=placed, secret=secret, keys_of=raw)
    assert back.tolist() == ["甲", "13911112222"]
    with pytest.raises(InputError, match="1 of 1 customer ids stand for no one customer"):
        hidden.behind(name.iloc[1:], orders=placed, secret=secret, keys_of=raw)


# Link files -----------------------------------------------------------------------------------------------


def links(folder: Path, text: str, **more: str) -> link_files.LinksRead:
    paths = [folder / name for name in ("links.csv", *more)]
    for path, content in zip(paths, [text, *more.values()], strict=True):
        path.write_text(content, encoding="utf-8")
    return link_files.read(paths, known=["youzan", "taobao"])


def test_all_rows_of_one_person_are_one(tmp_path: Path) -> None:
    found = links(
        tmp_path,
        "人,类型,值,来源\n王,手机号,+86 13911112222,\n王,旺旺,甲乙,taobao\n"
        "李,phone,13911113333,\n李,nick,丙,taobao\n",
    )
    assert found.table.groupby("person").size().tolist() == [2, 2]
    assert set(found.table["value"]) == {"13911112222", "甲乙", "13911113333", "丙"}
    assert found.notes == ()


def test_pairs_of_customer_ids_are_two_rows_each(tmp_path: Path) -> None:
    found = links(tmp_path, "customer_id,same_as,same_as_source\n+86 139 1111 2222,甲乙,taobao\nB@x.cn,丙,\n")
    assert found.table.groupby("person").size().tolist() == [2, 2]
    assert set(found.table["kind"]) == {"customer_id"}
    assert set(found.table["value"]) == {"13911112222", "甲乙", "b@x.cn", "丙"}
    assert found.table["source"].dropna().tolist() == ["taobao"]


def test_persons_run_on_over_several_files_and_forms(tmp_path: Path) -> None:
    found = links(
        tmp_path, "person,kind,value\na,phone,13911112222\n",
        **{"more.csv": "person,kind,value\na,unionid,oX\n", "pairs.csv": "customer_id,same_as\nx,y\n"},
    )  # fmt: skip
    assert found.table.groupby("person").size().tolist() == [2, 2]


def test_rows_that_name_nobody_or_are_alone_are_counted(tmp_path: Path) -> None:
    found = links(
        tmp_path,
        "person,kind,value\na,phone,139****2222\na,nick,甲\nb,phone,13911112222\nb,nick,乙\n,nick,丙\nc,nick,丁\n",
    )
    assert set(found.table["value"]) == {"13911112222", "乙"}
    assert found.notes == (
        "2 of 6 rows of the link file name nobody (the cell is empty, masked or a virtual number).",
        "1 of 6 rows of the link file are alone: their person has no other row.",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "person,kind,value\na,shoe size,42\n",
            r"kind cannot be read in 1 of 1 rows, first row 2 of links.csv",
        ),
        ("person,kind,value\na,,42\na,phone,13911112222\n", "kind is empty in 1 of 2 rows"),
        ("person,kind\na,phone\n", "links.csv has no column 'value'"),
        (
            "person,kind,value,source\na,phone,13911112222,jd\n",
            r"source names an export that this shop has not in 1 of 1 rows, .*; write youzan or taobao",
        ),
        ("person,kind,valeu\na,phone,13911112222\n", "did you mean 'value'"),
        ("person,kind,value\n", "has a header but no rows; leave `links:` out"),
    ],
)
def test_a_link_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as error:
        links(tmp_path, text)
    assert "13911112222" not in str(error.value)


def test_hidden_links_meet_hidden_keys_and_shown_ids(tmp_path: Path) -> None:
    found = links(
        tmp_path, "person,kind,value,source\na,phone,13911112222,\na,customer_id,甲,taobao\na,id,乙,\n"
    )
    secret = b"some secret"
    table = hidden.of_links(found, secret=secret, exports=["youzan", "taobao"]).table
    by_row = table.groupby("row")["value"].agg(list)
    shown = [hidden.shown(pd.Series([one]), secret=secret)[0] for one in ("taobao:甲", "乙", "taobao:乙")]
    assert by_row[0] == hidden.keys(pd.Series(["13911112222"])).tolist()
    assert by_row[1] == shown[:1]
    assert by_row[2] == shown[1:]  # without a source it may be of either export
    raw = hidden.of_links(found, secret=None, exports=["youzan", "taobao"]).table
    assert "taobao:甲" in set(raw["value"]) and "13911112222" not in set(raw["value"])


# Several exports ------------------------------------------------------------------------------------------

SHOP = """
shops:
  both:
    platform: youzan
    orders: youzan.csv
    also:
      taobao: {platform: taobao, orders: taobao.csv}
"""


def two_exports(folder: Path, *, more: str = "", taobao: list[str] | None = None) -> ShopFile:
    rows = taobao or [taobao_row("E1", "13911112222", "13911112222"), taobao_row("T2", "乙", "")]
    export(folder, TAOBAO, *rows, name="taobao.csv")
    export(folder, YOUZAN, youzan_row("E1", "13911112222"), youzan_row("E2", " "), name="youzan.csv")
    (folder / "shops.yml").write_text(SHOP + more, encoding="utf-8")
    return shopfile.load(folder / "shops.yml")


def test_numbers_and_ids_of_two_exports_never_fall_together(tmp_path: Path) -> None:
    found = shop_reading.read_orders(two_exports(tmp_path), "both", until="").orders
    assert dict(zip(found["order_id"], found["customer_id"].fillna("?"), strict=True)) == {
        "youzan:E1": "13911112222", "youzan:E2": "?",
        "taobao:E1": "taobao:13911112222", "taobao:T2": "taobao:乙",
    }  # fmt: skip
    assert found["paid_at"].is_monotonic_increasing


def test_money_of_two_exports_is_added_up_to_the_cent(tmp_path: Path) -> None:
    closed = taobao_row("T3", "丙", "").replace("交易成功", "交易关闭").replace("2026-01-05 10:00:00", "")
    back = (
        taobao_row("T4", "丁", "")
        .replace("90,90,交易成功", "90,59.99,交易成功")
        .replace(":00,0", ":00,30.01")
    )
    rows = [taobao_row("E1", "甲", ""), closed, back]
    file = two_exports(tmp_path, taobao=rows)
    found = shop_reading.read_orders(file, "both", until="")
    out = found.losses.loc[found.losses["stage"] == "read", "money"].sum()
    assert found.money_in == 100 + 100 + 90 + 90 + 90
    assert found.money_in == pytest.approx(found.orders["amount"].sum() + out, abs=1e-9)
    assert found.rows_read == 5
    assert [name for name, *_ in found.files] == ["youzan: youzan.csv", "taobao: taobao.csv"]
    assert found.returns["customer_id"].tolist() == ["taobao:丁"]
    assert set(found.keys["source"]) == {"youzan", "taobao"}
    assert set(found.terms["order_id"]) == set(found.orders["order_id"])
    reasons = found.losses.set_index(["stage", "reason"])["orders"]
    assert reasons["customers", "no buyer named"] == 1


def test_an_order_without_a_channel_gets_its_exports_name(tmp_path: Path) -> None:
    found = shop_reading.read_orders(two_exports(tmp_path), "both", until="").orders
    channel = dict(zip(found["order_id"], found["channel"], strict=True))
    assert channel["youzan:E1"] == "youzan" and channel["taobao:T2"] == "taobao"


def test_a_single_export_is_read_as_ever(tmp_path: Path) -> None:
    file = two_exports(tmp_path, more="  one:\n    platform: youzan\n    orders: youzan.csv\n")
    direct = orders.read(tmp_path / "youzan.csv", platform="youzan")
    assert shop_reading.read_orders(file, "one", until="").orders.equals(direct.orders)
    assert joined_orders.join({"youzan": direct}) is direct


def test_an_export_that_begins_after_the_last_day_holds_nothing_yet(tmp_path: Path) -> None:
    later = [taobao_row("T1", "甲", "").replace("2026-01-05", "2026-02-05")]
    file = two_exports(tmp_path, taobao=later)
    found = shop_reading.read_orders(file, "both", until="2026-01-31")
    assert found.orders["order_id"].tolist() == ["youzan:E1", "youzan:E2"]
    assert set(found.keys["source"]) == {"youzan"}
    late = found.losses.set_index("reason").loc["after the last day"]
    assert (late["orders"], late["money"]) == (1, 90.0)
    assert found.money_in == 290.0
    with pytest.raises(InputError, match="lies before the first paid order"):
        shop_reading.read_orders(file, "both", until="2025-01-31")


def test_exports_in_two_currencies_are_two_shops(tmp_path: Path) -> None:
    file = two_exports(
        tmp_path, more="      abroad: {platform: shopify, orders: shopify.csv}\n",
        taobao=[taobao_row("T1", "甲", "")],
    )  # fmt: skip
    export(
        tmp_path, SHOPIFY, "#1,a@x.cn,,77,paid,2026-01-05 10:00:00,GBP,9,Ann Lee,Leeds", name="shopify.csv"
    )
    with pytest.raises(InputError, match=r"different currencies \(youzan in CNY, .* abroad in GBP\)"):
        shop_reading.read_orders(file, "both", until="")


def test_what_is_wrong_with_a_further_export_is_said_of_it(tmp_path: Path) -> None:
    file = two_exports(tmp_path)
    export(tmp_path, "a,b", "1,2", name="taobao.csv")
    with pytest.raises(InputError, match=r"shops.yml, shop 'both', also.taobao: taobao.csv"):
        shop_reading.read_orders(file, "both", until="")


def test_no_order_at_all_is_no_answer(tmp_path: Path) -> None:
    unpaid = taobao_row("T1", "甲", "").replace("交易成功", "等待买家付款").replace("2026-01-05 10:00:00", "")
    file = two_exports(tmp_path, taobao=[unpaid])
    export(tmp_path, YOUZAN, youzan_row("E1", "1", paid=" ").replace("交易完成", "待付款"), name="youzan.csv")
    with pytest.raises(NoAnswerError, match="not one order is left"):
        shop_reading.read_orders(file, "both", until="")


def test_links_are_read_as_the_shop_file_says(tmp_path: Path) -> None:
    assert shop_reading.read_links(two_exports(tmp_path), "both").table.empty
    file = two_exports(tmp_path, more="    links: links.csv\n")
    (tmp_path / "links.csv").write_text("customer_id,same_as,source\nx,y,jd\n", "utf-8")
    with pytest.raises(InputError, match=r"shop 'both', links: source names an export"):
        shop_reading.read_links(file, "both")


def test_an_empty_table_of_keys_is_one() -> None:
    assert keys.nothing().empty and list(keys.nothing()) == ["order_id", "source", "kind", "value"]


# Files beside the orders ----------------------------------------------------------------------------------

BESIDE = """
    platform: taobao
    orders: taobao.csv
    also:
      youzan: {platform: youzan, orders: youzan.csv}
    members: members.csv
    contacts: contacts.csv
"""


@pytest.fixture
def shown_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop whose members and contacts are phones, which its first export does not call customers by."""
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    export(
        tmp_path, TAOBAO, taobao_row("T1", "甲", "13911112222"), taobao_row("T2", "乙", ""), name="taobao.csv"
    )
    rows = [youzan_row(f"E{n}", f"1391111{n}{n}{n}{n}") for n in (2, 3, 4)]
    export(tmp_path, YOUZAN, *rows, name="youzan.csv")
    text = "customer_id,birthday\n13911112222,02-02\n13911113333,03-03\n乙,01-01\n13911119999,09-09\n"
    (tmp_path / "members.csv").write_text(text, "utf-8")
    told = "13911113333,sms,2026-02-01,opted_out\n13911112222,sms,2026-02-01,opted_out\n"
    (tmp_path / "contacts.csv").write_text("customer_id,channel,at,event\n" + told, "utf-8")
    shops = f"shops:\n  hidden:{BESIDE}  raw:{BESIDE}    customer_ids: raw\n"
    (tmp_path / "shops.yml").write_text(shops, "utf-8")
    return tmp_path / "shops.yml"


def placed_by(shop: Shop, ids: pd.Series) -> list[list[str]]:
    """Return the orders of each customer."""
    orders_of = shop.orders().groupby("customer_id")["order_id"].agg(sorted)
    return [orders_of.get(one, []) for one in ids]


@pytest.mark.parametrize("shop_id", ["hidden", "raw"])
def test_members_and_optouts_meet_their_orders_however_ids_are_shown(
    shown_both_ways: Path, shop_id: str
) -> None:
    shop = Shop.open(shown_both_ways, shop_id)
    members = shop.members().sort_values("birthday")
    assert placed_by(shop, members.index.to_series()) == [
        ["taobao:T2"], ["taobao:T1", "youzan:E2"], ["youzan:E3"], []
    ]  # fmt: skip
    assert sorted(placed_by(shop, shop.contacts()["customer_id"])) == [
        ["taobao:T1", "youzan:E2"], ["youzan:E3"]
    ]  # fmt: skip
    assert shop.extra_notes() == ()


@pytest.mark.parametrize("shop_id", ["hidden", "raw"])
def test_what_members_say_against_a_person_is_found_however_ids_are_shown(
    shown_both_ways: Path, shop_id: str
) -> None:
    path = shown_both_ways.parent / "members.csv"
    path.write_text("customer_id,birthday\n13911112222,02-02\n甲,02-03\n", "utf-8")
    found = Shop.open(shown_both_ways, shop_id).identity().conflicts
    assert found[["kind", "count"]].to_numpy().tolist() == [["birthday", 2]]


@pytest.mark.parametrize("shop_id", ["hidden", "raw"])
def test_files_that_name_nobody_of_the_orders_are_told(shown_both_ways: Path, shop_id: str) -> None:
    text = "customer_id,birthday\n13900001111,02-02\n13900002222,03-03\n"
    (shown_both_ways.parent / "members.csv").write_text(text, "utf-8")
    said = Shop.open(shown_both_ways, shop_id).extra_notes()
    assert len(said) == 1 and said[0].startswith("Not one customer of members (2) is in the orders")


def test_what_was_left_out_of_the_link_file_is_said_with_the_orders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    two_exports(tmp_path, more="    links: links.csv\n")
    rows = "a,phone,13911112222\na,nick,乙\na,phone,139****2222\nb,nick,丁\nb,nick,戊\nc,nick,己\n"
    (tmp_path / "links.csv").write_text("person,kind,value\n" + rows, "utf-8")
    for _ in range(2):  # built, and kept
        notes = Shop.open(tmp_path / "shops.yml", "both").read().notes
        assert [note for note in notes if "link file" in note][1:] == [
            "Rows of the link file that join nobody: 2 in no order.",
            "1 of 6 rows of the link file name nobody (the cell is empty, masked or a virtual number).",
            "1 of 6 rows of the link file are alone: their person has no other row.",
        ]
