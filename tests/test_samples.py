"""The sample shops: made again byte for byte, in the real formats, nobody real in them, read as planted."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from clv import Shop, customers, extras, orders, power, registration, shopfile

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
WRITTEN = ("*/*.csv", "*/*.json", "planted*.csv")


def _files(folder: Path) -> list[str]:
    """Return what the generator writes; headers.json lies beside its modules and is no sample."""
    found = [path.relative_to(folder).as_posix() for form in WRITTEN for path in folder.glob(form)]
    return sorted(file for file in found if not file.startswith("generator/"))


FILES = _files(SAMPLES)
PLANTED = pd.read_csv(SAMPLES / "planted.csv").set_index(["shop", "planted"])["rows"]

CUSTOMERS = {"gold": 2800, "department": 2350, "gift": 650}
LOSS_OF = {  # what was planted: the reason that the importer gives for leaving it out
    "closed unpaid": "closed before payment",
    "unpaid": "not paid",
    "fully refunded": "fully refunded",
    "partly refunded": "part of kept orders paid back",
    "negative amount": "negative or zero amount",
    "zero amount": "negative or zero amount",
    "unreadable date": "unreadable date",
    "exact duplicate line": "duplicate line",
    "older copy before delivery": "older copy of an order",
    "older copy before refund or closing": "older copy of an order",
    "no buyer": "no buyer named",
    "masked phone": "buyer hidden",
}
KEPT = ["kept", "partly refunded", "no buyer", "masked phone"]
SPRING, SENT_ON, LAST = "2026-03-spring", pd.Timestamp("2026-03-12"), pd.Timestamp("2026-05-10")


def _text(path: str, encoding: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLES / path, dtype=str, keep_default_na=False, encoding=encoding)


@pytest.fixture(scope="module")
def gold_orders() -> pd.DataFrame:
    return pd.concat([_text(file, "gb18030") for file in FILES if file.startswith("gold/ExportOrderList")])


@pytest.fixture(scope="module", params=list(CUSTOMERS))
def shop(request: pytest.FixtureRequest) -> tuple[str, orders.OrdersRead]:
    """Return a sample shop's id and what the importer reads as its entry in shops.yml says."""
    file = shopfile.load(SAMPLES / "shops.yml")
    entry = file.entry(request.param)
    return request.param, orders.read(
        file.order_files(request.param),
        platform=entry.platform,
        items=file.item_files(request.param),
        columns=entry.columns,
        until=entry.until,
        date_format=entry.date_format,
    )


@pytest.mark.slow
def test_the_generator_writes_the_same_bytes_again(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-W", "error", str(SAMPLES / "make.py"), str(tmp_path)]
    subprocess.run(command, check=True, env=environment)
    assert _files(tmp_path) == FILES
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == len(FILES)
    assert [file for file in FILES if (tmp_path / file).read_bytes() != (SAMPLES / file).read_bytes()] == []


def test_the_samples_are_small_enough_for_git() -> None:
    sizes = [(SAMPLES / file).stat().st_size for file in FILES]
    assert max(sizes) < 1_500_000
    assert sum(sizes) < 6_500_000


def test_each_format_has_its_own_encoding() -> None:
    for file in FILES:
        content = (SAMPLES / file).read_bytes()
        if file.startswith(("gold", "pearl/Export")):
            assert content.decode("gbk") == content.decode("gb18030")
            with pytest.raises(UnicodeDecodeError):
                content.decode("utf-8")
        else:
            content.decode("utf-8")
            by_youzan = bool(re.match(r"(department/|pearl/youzan_).*csv$", file))
            assert content.startswith(b"\xef\xbb\xbf") == by_youzan


def _header(path: str, encoding: str) -> list[str]:
    with (SAMPLES / path).open(encoding=encoding) as lines:
        return lines.readline().rstrip("\n").split(",")


HEADERS = {
    "taobao_order_61cols": ("gold/ExportOrderList202607010915.csv", "gb18030"),
    "taobao_items_2018": ("gold/ExportOrderDetailList202607010915.csv", "gb18030"),
    "youzan_orders_2026": ("department/orders_20260701.csv", "utf-8-sig"),
    "youzan_items_2022": ("department/items_20260701.csv", "utf-8-sig"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_are_those_of_real_exports(name: str, shared_data: Path) -> None:
    real = json.loads((shared_data / "order_export_headers" / "headers.json").read_text(encoding="utf-8"))
    assert _header(*HEADERS[name]) == real[name]["columns"]


def test_six_taobao_headers_end_in_a_blank_and_one_of_youzan_occurs_twice() -> None:
    blanks = [name for name in _header(*HEADERS["taobao_order_61cols"]) if name.endswith(" ")]
    assert blanks == ["收货地址 ", "联系电话 ", "订单付款时间 ", "宝贝标题 ", "宝贝种类 ", "物流单号 "]
    assert _header(*HEADERS["youzan_orders_2026"]).count("分销员") == 2


def test_nobody_is_real(gold_orders: pd.DataFrame) -> None:
    department, gift = _text("department/orders_20260701.csv", "utf-8-sig"), _text("gift/orders.csv", "utf-8")
    assert gold_orders["联系手机"].str.fullmatch(r"'1000\d{7}").all()
    assert department["买家手机号"].str.fullmatch(r" |1000\d{7}\t|100\*{6}\d\d\t").all()
    named = gift["Client"].str.strip("'\t").str.lower()
    assert named[~named.isin(["", "null"])].str.fullmatch(r"[a-z]+\d+@example\.com").all()


def test_gold_pays_net_of_refunds_and_items_add_up(gold_orders: pd.DataFrame) -> None:
    money = gold_orders[["总金额", "买家实际支付金额", "退款金额"]].map(
        lambda text: float(text.replace(",", ""))
    )
    paid = gold_orders["订单付款时间 "] != ""
    assert (money["买家实际支付金额"] + money["退款金额"] - money["总金额"])[paid].abs().max() < 0.005
    assert money.loc[~paid, ["买家实际支付金额", "退款金额"]].eq(0).all(axis=None)
    items = _text("gold/ExportOrderDetailList202607010915.csv", "gb18030")
    of_order = (
        items["价格"].astype(float).mul(items["购买数量"].astype(float)).groupby(items["订单编号"]).sum()
    )
    total = money["总金额"].groupby(gold_orders["订单编号"].to_numpy()).last()
    assert (total.reindex(of_order.index) - of_order).abs().max() < 0.005


def test_statuses_are_the_platforms_words(gold_orders: pd.DataFrame) -> None:
    words = {"等待买家付款", "买家已付款,等待卖家发货", "卖家已发货,等待买家确认", "交易成功", "交易关闭"}
    assert set(gold_orders["订单状态"]) == words
    assert set(_text("department/orders_20260701.csv", "utf-8-sig")["订单状态"]) == {
        "交易完成",
        "交易关闭",
        "待付款",
    }


def test_the_two_gold_exports_overlap_as_planted() -> None:
    earlier, later = (
        _text(f"gold/ExportOrderList{at}.csv", "gb18030") for at in (202507160930, 202607010915)
    )
    once = later.drop_duplicates().set_index("订单编号")
    both = earlier[earlier["订单编号"].isin(once.index)].set_index("订单编号")
    same = (both == once.loc[both.index]).all(axis=1).sum()
    older = PLANTED["gold"].filter(like="older copy")
    assert len(later) - len(once) + same == PLANTED["gold", "exact duplicate line"]
    assert len(both) - same == older.sum()
    assert older.min() > 0


def test_the_readme_counts_what_was_planted() -> None:
    rows = re.findall(r"^\| (\w+) \| ([\w ]+) \| (\d+) \|$", (SAMPLES / "README.md").read_text("utf-8"), re.M)
    assert {(shop, planted): int(count) for shop, planted, count in rows} == PLANTED.to_dict()


def test_scripts_are_in_products_and_categories() -> None:
    items, gift = _text("department/items_20260701.csv", "utf-8-sig"), _text("gift/orders.csv", "utf-8")
    for shop, title, category in [
        ("department", items["商品名称"], items["商品类目"]),
        ("gift", gift["Item"], gift["Group"]),
    ]:
        assert (title == "<script>alert(1)</script>").sum() == PLANTED[shop, "script as a title"] == 3
        assert category.str.contains("<b>").sum() == PLANTED[shop, "bold tag in a category"] == 3


def test_the_importer_finds_what_was_planted(shop: tuple[str, orders.OrdersRead]) -> None:
    name, read = shop
    planted = PLANTED[name]
    expected = planted[planted.index.isin(list(LOSS_OF))].rename(LOSS_OF).groupby(level=0).sum()
    assert read.losses.set_index("reason")["rows"].to_dict() == expected.to_dict()
    assert len(read.orders) == planted.reindex(KEPT).sum()


def test_no_money_gets_lost(shop: tuple[str, orders.OrdersRead]) -> None:
    _, read = shop
    left_out = read.losses.loc[read.losses["stage"] == "read", "money"].sum()
    assert read.money_in == pytest.approx(read.orders["amount"].sum() + left_out, abs=0.005)


def test_refunds_are_taken_off_once(shop: tuple[str, orders.OrdersRead]) -> None:
    name, read = shop
    assert (read.orders["refunded"] > 0).sum() == PLANTED[name, "partly refunded"]
    assert ("net" in read.refund_identity) == (name == "gold")


def test_customers_are_told_apart_however_their_cells_are_dirty(shop: tuple[str, orders.OrdersRead]) -> None:
    name, read = shop
    assert read.orders["customer_id"].nunique() == CUSTOMERS[name]


def test_most_customers_come_once(shop: tuple[str, orders.OrdersRead]) -> None:
    name, read = shop
    once = (customers.summarise(read.orders, until="2026-06-30")["frequency"] == 0).mean()
    low, high = (0.60, 0.65) if name == "department" else (0.70, 0.80)
    assert low <= once <= high


def test_festivals_stand_out(shop: tuple[str, orders.OrdersRead]) -> None:
    name, read = shop
    days = read.orders["paid_at"].dt.normalize()
    peak = {"gold": "2026-05-20", "department": "2025-11-11", "gift": "2025-12-25"}[name]
    around = days.between(pd.Timestamp(peak) - pd.Timedelta(days=2), peak).sum() / 3
    assert around > 2 * len(days) / 730


def test_orders_cover_all_24_months(shop: tuple[str, orders.OrdersRead]) -> None:
    _, read = shop
    assert read.orders["paid_at"].dt.strftime("%Y-%m").nunique() == 24
    assert read.orders["paid_at"].between("2024-07-01", "2026-07-01", inclusive="left").all()


def test_returns_are_the_refunded_orders_as_planted(shop: tuple[str, orders.OrdersRead]) -> None:
    name, read = shop
    back = ["partly refunded", "fully refunded", *(["negative amount"] if name != "gold" else [])]
    assert len(read.returns) == PLANTED[name][back].sum()


@pytest.fixture(scope="module", params=list(CUSTOMERS))
def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Return a sample shop as `shops.yml` opens it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLV_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield Shop.open(SAMPLES / "shops.yml", request.param)


def test_the_readme_counts_members_and_contacts(known: Shop) -> None:
    members, contacts = known.members(), known.contacts()
    agreed = [members[f"consent_{channel}"].sum() for channel in ("sms", "wecom", "phone", "email")]
    events = [(contacts["event"] == event).sum() for event in ("sent", "opted_out", "complained")]
    bought = members.index.isin(known.customers().index).sum()
    row = " | ".join(map(str, [known.id, len(members), bought, *agreed, *events]))
    assert f"| {row} |" in (SAMPLES / "README.md").read_text("utf-8")


def test_members_meet_the_orders_and_say_what_was_dirty(known: Shop) -> None:
    members, customers_of = known.members(), known.customers()
    assert 0.98 < extras.met(members, customers_of) < 1
    assert 0.85 < len(members) / len(customers_of) < 0.91
    assert members["birthday"].notna().mean() == pytest.approx(0.8, abs=0.02)
    said = " ".join(known.extra_notes())
    assert "birthday cannot be read in 2 of" in said and "3 of them say both yes and no" in said


def test_contacts_are_recent_of_members_and_one_campaign_still_runs(known: Shop) -> None:
    contacts = known.contacts()
    sent = contacts[contacts["event"] == "sent"]
    recent = contacts[contacts["campaign"] != SPRING]
    assert recent["at"].between("2026-04-01", "2026-06-30").all()
    assert contacts["customer_id"].isin(known.members().index).all()
    running = sent[sent["runs_until"] > "2026-06-30"]
    assert running["campaign"].nunique() == 1
    campaign = running["campaign"].iloc[0]
    assert re.search(
        rf"{campaign} in\s+{known.id} \({len(running)}", (SAMPLES / "README.md").read_text("utf-8")
    )


def test_gold_and_department_have_a_past_campaign(known: Shop) -> None:
    assert known.past_campaigns().empty == (known.id == "gift")


def test_the_past_campaign_of_gold_has_random_arms_and_no_effect(known: Shop) -> None:
    past, placed = known.past_campaigns(), known.orders()
    if known.id != "gold":
        return
    assert past["arm"].value_counts().to_dict() == {"send": 913, "control": 228}
    before = placed[placed["paid_at"] < "2026-03-10"].groupby("customer_id")["paid_at"].max()
    silent = (pd.Timestamp("2026-03-10") - before.dt.normalize()).dt.days[past["customer_id"]]
    assert silent.min() > 90
    assert past["segment"].tolist() == pd.cut(
        silent, [90, 180, 270, 9999], labels=["silent", "sleeping", "lost"]
    ).astype(str).tolist()  # fmt: skip
    after = placed.loc[placed["paid_at"] > "2026-03-11", "customer_id"]
    bought = past["customer_id"].isin(after).groupby(past["arm"]).mean()
    assert abs(bought["send"] - bought["control"]) < 1.96 * (0.065 * 0.935 * (1 / 913 + 1 / 228)) ** 0.5


@pytest.fixture(scope="module")
def department(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLV_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield Shop.open(SAMPLES / "shops.yml", "department")


@pytest.fixture(scope="module")
def eligible(department: Shop) -> pd.DataFrame:
    """Return who could be in the spring campaign: segment, bought, arm (missing where dropped)."""
    placed, members = department.orders(), department.members()
    last = placed[placed["paid_at"] < SENT_ON].groupby("customer_id")["paid_at"].max()
    days = (SENT_ON - last.dt.normalize()).dt.days
    names = ["active", "silent", "sleeping", "lost"]
    segment = pd.cut(days, [30, 90, 180, 270, 9999], labels=names).dropna().astype(str)
    answers = placed.loc[placed["paid_at"].dt.normalize().between(SENT_ON, LAST), "customer_id"]
    past = department.past_campaigns().set_index("customer_id")
    # three customers say both yes and no to SMS: no holds by now, whatever the campaign had gone by
    agreed = members.index[members["consent_sms"]].union(past.index)
    who = pd.DataFrame({"segment": segment[segment.index.isin(agreed)]})
    return who.assign(bought=who.index.isin(answers), arm=past["arm"].reindex(who.index))


def test_the_spring_campaign_is_for_the_eligible_and_lacks_only_buyers_of_control(
    department: Shop, eligible: pd.DataFrame
) -> None:
    past = department.past_campaigns().set_index("customer_id")
    assert (past.index.isin(eligible.index)).all()
    assert (past["segment"] == eligible["segment"].reindex(past.index)).all()
    assert (past["sent_on"] == SENT_ON).all() and (past["runs_until"] == LAST).all()
    assert set(past["campaign"]) == {SPRING} and set(past["offer"]) == {"coupon-small"}
    assert eligible.loc[eligible["arm"].isna(), "bought"].all()
    sizes = eligible["arm"].fillna("control").value_counts()
    assert sizes["control"] == round(0.4 * len(eligible))
    assert (~department.members()["consent_sms"].reindex(past.index)).sum() <= 3


def test_the_readme_counts_the_spring_campaign(eligible: pd.DataFrame) -> None:
    readme = (SAMPLES / "README.md").read_text("utf-8")
    said = re.findall(r"^\| (\w+) \| (\d)/(\d) \| ([\d.]+) \|((?: \d+ \|){5})$", readme, re.M)
    total = pd.Series(0, index=range(5))
    for name, part, whole, odds, cells in said:
        mine = eligible[eligible["segment"] == name]
        send, control = (mine[mine["arm"] == arm] for arm in ("send", "control"))
        counts = [
            len(send),
            send["bought"].sum(),
            len(control),
            control["bought"].sum(),
            mine["arm"].isna().sum(),
        ]
        assert list(map(int, cells.strip(" |").split(" | "))) == counts
        assert float(odds) == pytest.approx(1 / (1 - int(part) / int(whole)))
        total += counts
    assert [row[0] for row in said] == ["active", "silent", "sleeping", "lost"]
    assert f"| all | | | {' | '.join(map(str, total))} |" in readme


def test_the_spring_campaign_shows_that_it_worked(eligible: pd.DataFrame) -> None:
    by_arm = eligible.groupby("arm")["bought"].agg(["sum", "size"])
    shares, p = by_arm["sum"] / by_arm["size"], by_arm["sum"].sum() / by_arm["size"].sum()
    z = (shares["send"] - shares["control"]) / (p * (1 - p) * (1 / by_arm["size"]).sum()) ** 0.5
    assert z > 3
    said = f"{shares['send']:.1%} bought in the send arm and {shares['control']:.1%} in control: z = {z:.2f} "
    assert said.replace("%", " %") in (SAMPLES / "README.md").read_text("utf-8")


def test_messages_of_the_spring_campaign_went_to_its_send_arm_and_opt_outs_were_heeded(
    department: Shop,
) -> None:
    contacts, past = department.contacts(), department.past_campaigns().set_index("customer_id")
    spring = contacts[contacts["campaign"] == SPRING]
    sent = spring[spring["event"] == "sent"]
    meant = past.index[past["arm"] == "send"]
    assert sent["customer_id"].is_unique and sent["customer_id"].isin(meant).all()
    assert spring["customer_id"].isin(sent["customer_id"]).all()
    assert 0.95 < len(sent) / len(meant) < 0.99
    assert (sent["at"].dt.normalize() == SENT_ON).all() and (spring["runs_until"] == LAST).all()
    gone = spring.loc[spring["event"] == "opted_out", "customer_id"]
    later = contacts[(contacts["campaign"] != SPRING) & (contacts["channel"] == "sms")]
    assert len(gone) and not later["customer_id"].isin(gone).any()
    failed = f"{len(sent)} messages, for {len(meant) - len(sent)} of the {len(meant)} to be sent failed"
    assert failed in (SAMPLES / "README.md").read_text("utf-8")


def test_the_registration_fits_the_spring_campaign(department: Shop) -> None:
    files = shopfile.load(SAMPLES / "shops.yml").registration_files("department")
    found = registration.find(files, campaign=SPRING, shop="department")
    assert found is not None and len(files) == 1
    past = department.past_campaigns()
    sizes = past["arm"].value_counts()
    assert (found.send, found.control) == (sizes["send"], sizes["control"])
    assert found.control_share == pytest.approx(sizes["control"] / len(past), abs=5e-4)
    assert (found.send_on, found.stops_on) == (str(SENT_ON.date()), str(LAST.date()))
    assert not registration.is_late(found)
    assert {offer.name for offer in found.offers} == set(past["offer"])
    assert set(found.contact_costs) == set(past["channel"])
    assert found.smallest_effect == pytest.approx(
        power.detectable(0.07, send=found.send, control=found.control), abs=5e-5
    )


def test_the_registration_is_written_as_play_writes_it() -> None:
    file = SAMPLES / "department" / f"registration-{SPRING}.json"
    assert json.loads(registration.text(registration.load(file))) == json.loads(file.read_text("utf-8"))


def test_nobody_among_members_and_contacts_is_real() -> None:
    id_of = {
        "gold": ("gb18030", "customer_id", r"\D+\d{4}"),
        "department": ("utf-8-sig", "客户手机号", r"1000\d{7}"),
        "gift": ("utf-8", "customer_id", r"[a-z]+\d+@example\.com"),
    }
    for name, (encoding, header, form) in id_of.items():
        ids = (
            _text(f"{name}/members.csv", encoding)[header]
            .str.strip("'\t")
            .str.replace(r'="(.*)"', r"\1", regex=True)
        )
        assert ids.str.fullmatch(form).all()
        assert set(_text(f"{name}/contacts.csv", encoding)["customer_id"]) <= set(ids)
