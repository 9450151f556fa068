"""A shop gives its tables, builds each once, and never gives an old one."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from clv import extras, ledger, orders, pseudonyms, registration, tables
from clv.errors import InputError, SettingError
from clv.keeping import fingerprints, kept
from clv.shop import Shop

ROWS = """order_id,client,paid_at,amount
1,NA,2025-01-01 10:00:00,100.5
2,NA,2025-03-01 10:00:00,50
3,0007,2025-02-01 09:00:00,20
"""
FILE = """shops:
  gold:
    name: 金满堂 Gold
    platform: csv
    orders: orders*.csv
    columns: {order_id: order_id, customer_id: client, paid_at: paid_at, amount: amount}
    currency: CNY
"""


@pytest.fixture
def shop_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    (tmp_path / "orders1.csv").write_text(ROWS)
    (tmp_path / "shops.yml").write_text(FILE, "utf-8")
    return tmp_path / "shops.yml"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often exports are read."""
    found: list[int] = []
    really = orders.read

    def counted(*args: object, **kwargs: object) -> object:
        found.append(1)
        return really(*args, **kwargs)

    monkeypatch.setattr(orders, "read", counted)
    return found


def test_a_shop_gives_its_tables_under_pseudonyms(shop_file: Path) -> None:
    gold = Shop.open(shop_file, "gold")
    assert (gold.name, gold.currency, str(gold.until)) == ("金满堂 Gold", "CNY", "2025-03-01")
    assert gold.orders()["customer_id"].str.fullmatch(r"c_[0-9a-f]{12}").all()
    assert gold.read().platform == "csv"
    customers = gold.customers()
    assert customers["frequency"].sort_values().tolist() == [0, 1]
    assert set(customers.index) == set(gold.orders()["customer_id"])
    assert not any(path.is_file() and b"0007" in path.read_bytes() for path in kept._root().rglob("*"))


def test_raw_ids_only_where_the_shop_file_says_so(shop_file: Path) -> None:
    shop_file.write_text(FILE + "    customer_ids: raw\n", "utf-8")
    assert set(Shop.open(shop_file, "gold").orders()["customer_id"]) == {"NA", "0007"}


def test_what_was_built_is_not_built_again(shop_file: Path, reads: list[int]) -> None:
    first = Shop.open(shop_file, "gold").read()
    second = Shop.open(shop_file, "gold").read()
    assert len(reads) == 1
    for name in ("orders", "lines", "losses"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))
    assert first.files == second.files and first.notes == second.notes


def test_a_table_that_somebody_changes_stays_as_it_was(shop_file: Path) -> None:
    gold = Shop.open(shop_file, "gold")
    mine, theirs = gold.orders(), gold.customers()
    mine.loc[0, "amount"], theirs["T"] = 7.0, 0
    assert gold.orders()["amount"].tolist() == [100.5, 20, 50]
    assert gold.customers()["T"].max() == 59


def test_every_file_of_the_program_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(fingerprints, "_digest", lambda path: read.append(path.name) or "x")
    fingerprints.of_package.__wrapped__()
    assert {"orders.py", "taobao.yml", "fingerprints.py"} <= set(read)


@pytest.mark.parametrize("change", ["input", "until", "settings", "package", "secret"])
def test_whatever_changes_is_built_again(
    shop_file: Path, reads: list[int], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    Shop.open(shop_file, "gold").orders()
    if change == "input":
        (shop_file.parent / "orders1.csv").write_text(ROWS.replace("100.5", "100.6"))
    if change == "settings":
        shop_file.write_text(FILE + "    timezone: Asia/Shanghai\n", "utf-8")
    if change == "package":
        monkeypatch.setattr(fingerprints, "of_package", lambda: "another")
    if change == "secret":
        monkeypatch.setattr(pseudonyms, "local_secret", lambda: b"another secret, long enough")
    Shop.open(shop_file, "gold", until="2025-03-02" if change == "until" else None).orders()
    assert len(reads) == 2


@pytest.mark.parametrize("damage", [b"", b"PAR1 no"])
def test_a_damaged_file_is_built_again(shop_file: Path, reads: list[int], damage: bytes) -> None:
    before = Shop.open(shop_file, "gold").orders()
    for path in kept._root().rglob("*.parquet"):
        path.write_bytes(damage)
    pd.testing.assert_frame_equal(Shop.open(shop_file, "gold").orders(), before)
    assert len(reads) == 2


def test_one_flipped_byte_is_damage(shop_file: Path, reads: list[int]) -> None:
    before = Shop.open(shop_file, "gold").orders()
    path = next(kept._root().rglob("orders.parquet"))
    data = bytearray(path.read_bytes())
    data[len(data) // 4] ^= 255
    path.write_bytes(bytes(data))
    pd.testing.assert_frame_equal(Shop.open(shop_file, "gold").orders(), before)


def test_two_notebooks_at_once_build_one_bundle(shop_file: Path) -> None:
    ask = "import sys; from clv.shop import Shop; print(len(Shop.open(sys.argv[1], 'gold').customers()))"
    asked = [subprocess.Popen([sys.executable, "-c", ask, shop_file], stdout=subprocess.PIPE) for _ in "ab"]
    assert [int(process.communicate()[0]) for process in asked] == [2, 2]
    assert len(list(kept._root().rglob("orders-*"))) == 1
    assert not list(kept._root().rglob(".new-*"))


def test_old_entries_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLV_CACHE", str(tmp_path))
    for number in range(20):
        kept.bundle("gold", str(number), lambda: kept.Bundle({}, {"a": 1}))
    assert len([p for p in (tmp_path / "gold").iterdir() if p.is_dir()]) < 20
    assert (tmp_path / "gold" / "19").is_dir()


def test_what_a_build_raises_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLV_CACHE", str(tmp_path))

    def broken() -> kept.Bundle:
        raise InputError("no")

    with pytest.raises(InputError):
        kept.bundle("gold", "key", broken)
    assert not list((tmp_path / "gold").iterdir())


def test_wrong_days_and_shops_get_a_sentence(shop_file: Path) -> None:
    with pytest.raises(SettingError, match="until is '30/6/2025'; it should be a day"):
        Shop.open(shop_file, "gold", until="30/6/2025")
    with pytest.raises(SettingError, match="no shop 'silver'"):
        Shop.open(shop_file, "silver")


SCHEME = """name: {en: Halves, zh: 两半}
source: this test
rule: Bought in the last 120 days or not.
axes: {R: {at: [120]}}
segments:
  - {en: near, zh: 近, cells: ["1"]}
  - {en: far, zh: 远, cells: ["0"]}
"""


def test_a_shops_own_schemes_are_read_and_count(shop_file: Path, reads: list[int]) -> None:
    assert Shop.open(shop_file, "gold").schemes() == []
    before = Shop.open(shop_file, "gold").fingerprint()
    shop_file.write_text(FILE + "    schemes: halves.yml\n", "utf-8")
    (shop_file.parent / "halves.yml").write_text(SCHEME, "utf-8")
    gold = Shop.open(shop_file, "gold")
    assert [scheme.id for scheme in gold.schemes()] == ["halves"]
    with_scheme = gold.fingerprint()
    (shop_file.parent / "halves.yml").write_text(SCHEME.replace("120", "100"), "utf-8")
    changed = Shop.open(shop_file, "gold").fingerprint()
    assert len({before, with_scheme, changed}) == 3
    gold.orders(), Shop.open(shop_file, "gold").orders()
    assert len(reads) == 1  # no scheme makes the exports be read again


def test_a_wrong_scheme_of_the_shop_is_one_sentence(shop_file: Path) -> None:
    shop_file.write_text(FILE + "    schemes: [halves.yml]\n", "utf-8")
    with pytest.raises(InputError, match=r"shops.yml, shop 'gold', schemes: .*halves\.yml"):
        Shop.open(shop_file, "gold").schemes()
    for name, words in (("windows.yml", "two schemes are called 'windows'"), ("rule.json", "end in .yml")):
        (shop_file.parent / name).write_text(SCHEME, "utf-8")
        shop_file.write_text(FILE + f"    schemes: [{name}]\n", "utf-8")
        with pytest.raises(SettingError, match=f"shop 'gold': .*{words}"):
            Shop.open(shop_file, "gold").schemes()
    shop_file.write_text(FILE + "    schemes: [halves.yml]\n", "utf-8")
    (shop_file.parent / "halves.yml").write_text(SCHEME.replace('"0"', '"2"'), "utf-8")
    with pytest.raises(SettingError, match="no customer can be in the cell '2'"):
        Shop.open(shop_file, "gold").schemes()


EXTRAS = "    members: members.csv\n    contacts: contacts.csv\n    past_campaigns: past.csv\n"
FILES = {
    "members.csv": "customer_id,consent_sms\nNA,yes\n7,yes\n0007,no\n",
    "contacts.csv": "client,channel,at,event\n0007,sms,2025-02-02,sent\n",
    "past.csv": "customer_id,campaign,offer,channel,arm,sent_on\n0007,spring,gift,sms,send,2025-02-02\n",
}


@pytest.fixture
def with_extras(shop_file: Path) -> Path:
    rows = ROWS + "4,0009,2025-02-03 09:00:00,20\n"
    (shop_file.parent / "orders1.csv").write_text(
        rows.replace("amount", "amount,back").replace("100.5", "100.5,5")
    )
    shop_file.write_text(FILE.replace("amount: amount", "amount: amount, refund: back") + EXTRAS, "utf-8")
    for name, text in FILES.items():
        (shop_file.parent / name).write_text(text, "utf-8")
    return shop_file


def test_extra_files_meet_the_orders_under_the_same_pseudonyms(with_extras: Path) -> None:
    gold = Shop.open(with_extras, "gold")
    who = gold.orders().set_index("order_id")["customer_id"]
    assert gold.members()["consent_sms"].to_dict().items() >= {who["1"]: True, who["3"]: False}.items()
    assert extras.met(gold.members(), gold.customers()) == pytest.approx(2 / 3)
    assert (
        gold.contacts()["customer_id"].tolist() == gold.past_campaigns()["customer_id"].tolist() == [who["3"]]
    )
    assert gold.returns()[["customer_id", "refunded"]].to_numpy().tolist() == [[who["1"], 5.0]]


def test_raw_ids_of_extra_files_only_where_the_shop_file_says_so(with_extras: Path) -> None:
    with_extras.write_text(with_extras.read_text("utf-8") + "    customer_ids: raw\n", "utf-8")
    gold = Shop.open(with_extras, "gold")
    assert set(gold.members().index) == {"NA", "7", "0007"}
    assert gold.returns()["customer_id"].tolist() == ["NA"]
    assert gold.addressees(pd.Series(["0007"])).tolist() == ["0007"]


def test_a_shop_without_extra_files_has_none(shop_file: Path) -> None:
    gold = Shop.open(shop_file, "gold")
    assert gold.members() is None
    assert gold.contacts().empty and gold.past_campaigns().empty and gold.returns().empty
    assert list(gold.contacts()) == list(tables.CONTACTS.columns)
    assert gold.extra_notes() == ()


def test_a_list_of_ours_may_come_back_as_contacts(with_extras: Path) -> None:
    ours = Shop.open(with_extras, "gold").orders()["customer_id"].iloc[0]
    path = with_extras.parent / "contacts.csv"
    path.write_text(
        FILES["contacts.csv"].replace("0007", ours) + "c_0123456789ab,sms,2025-02-02,sent\n", "utf-8"
    )
    found = Shop.open(with_extras, "gold").contacts()["customer_id"]
    assert ours in set(found) and "c_0123456789ab" not in set(found)


def test_the_way_back_from_pseudonyms(with_extras: Path) -> None:
    gold = Shop.open(with_extras, "gold")
    shown = gold.orders()["customer_id"].set_axis(list("dcba"))
    back = gold.addressees(shown)
    assert back.to_dict() == {"d": "NA", "c": "0007", "b": "0009", "a": "NA"}
    with pytest.raises(InputError, match=r"2 of 3 customer ids stand for no one customer") as caught:
        gold.addressees(pd.Series([shown["d"], "c_000000000000", "0007"]))
    assert "0007" not in str(caught.value)
    assert not any(path.is_file() and b"0007" in path.read_bytes() for path in kept._root().rglob("*"))


@pytest.mark.parametrize("name", FILES)
def test_extra_files_count_for_reports_but_not_for_the_kept_tables(
    with_extras: Path, reads: list[int], name: str
) -> None:
    gold = Shop.open(with_extras, "gold")
    gold.orders()
    before, path = gold.fingerprint(), with_extras.parent / name
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    again = Shop.open(with_extras, "gold")
    assert again.fingerprint() != before
    again.orders()
    assert len(reads) == 1


def test_errors_of_extra_files_name_the_shop_and_the_key_but_no_customer(with_extras: Path) -> None:
    (with_extras.parent / "members.csv").write_text("customer_id,consent_sms\n0007,13900000000\n", "utf-8")
    with pytest.raises(
        InputError, match=r"^shops\.yml, shop 'gold', members: consent_sms cannot be read"
    ) as caught:
        Shop.open(with_extras, "gold").members()
    assert "0007" not in str(caught.value) and "139" not in str(caught.value)


# What is written down of campaigns: before they are sent, and when they are over ----------------------------


@pytest.fixture
def with_campaigns(shop_file: Path) -> Path:
    shop_file.write_text(FILE + "    ledger: kept/ledger.jsonl\n    registrations: r*.json\n", "utf-8")
    write_registration(shop_file.parent / "r1.json")
    return shop_file


def write_registration(path: Path, **changed: object) -> None:
    given = {
        "campaign": "spring", "shop": "gold", "registered_at": "2025-01-31T10:00:00+08:00",
        "send_on": "2025-02-01", "stops_on": "2025-03-01", "send": 2, "control": 1, "control_share": 0.3,
        "expected_effect": 0.1, "expected_profit": 5.0, "expected_profit_low": 1.0,
        "expected_profit_high": 9.0, "margin": 0.5, "contact_costs": {"sms": 0.1}, "offers": [],
    }  # fmt: skip
    made = registration.Registration.model_validate({**given, **changed})
    path.write_text(registration.text(made), "utf-8")


def result(**changed: object) -> ledger.Result:
    cell = {"offer": "gift", "channel": "sms", "sent": 2, "sent_bought": 1, "control": 1, "control_bought": 0}
    given = {
        "campaign": "spring", "sent_on": "2025-02-01", "stops_on": "2025-03-01", "cells": [cell],
        "recorded_at": "2025-03-02T10:00:00+08:00", "verdict": "cannot tell", "profit": 3.0,
    }  # fmt: skip
    return ledger.Result.model_validate({**given, **changed})


def test_a_shop_gives_what_was_registered_of_its_own_campaigns(with_campaigns: Path) -> None:
    write_registration(with_campaigns.parent / "r2.json", shop="gift", send=9)
    gold = Shop.open(with_campaigns, "gold")
    assert gold.registration("spring").send == 2
    assert gold.registration("autumn") is None
    with_campaigns.write_text(FILE, "utf-8")
    assert Shop.open(with_campaigns, "gold").registration("spring") is None


def test_a_shop_gives_what_its_ledger_holds_and_nothing_before_there_is_one(with_campaigns: Path) -> None:
    gold = Shop.open(with_campaigns, "gold")
    assert gold.ledger() == []
    ledger.append(gold.file.ledger_file("gold"), result())
    assert [one.campaign for one in gold.ledger()] == ["spring"]
    with_campaigns.write_text(FILE, "utf-8")
    assert Shop.open(with_campaigns, "gold").ledger() == []


def test_what_is_written_of_campaigns_counts_for_reports_but_not_for_the_kept_tables(
    with_campaigns: Path, reads: list[int]
) -> None:
    seen = []

    def look() -> None:
        gold = Shop.open(with_campaigns, "gold")
        gold.orders()
        seen.append(gold.fingerprint())
        assert gold.fingerprint() == seen[-1]

    look()
    for write in (
        lambda path: ledger.append(path, result()),
        lambda path: ledger.append(path, result(profit=4.0)),
        lambda path: write_registration(with_campaigns.parent / "r1.json", send=3),
        lambda path: write_registration(with_campaigns.parent / "r2.json", campaign="autumn"),
    ):
        write(with_campaigns.parent / "kept" / "ledger.jsonl")
        look()
    assert len(set(seen)) == 5
    assert len(reads) == 1


def test_errors_of_what_is_written_of_campaigns_name_the_file(with_campaigns: Path) -> None:
    gold, folder = Shop.open(with_campaigns, "gold"), with_campaigns.parent
    (folder / "kept").mkdir()
    (folder / "kept" / "ledger.jsonl").write_text("campaign,arm\n")
    with pytest.raises(InputError, match=r"^line 1 of the ledger ledger\.jsonl is damaged"):
        gold.ledger()
    (folder / "r1.json").write_text("{")
    with pytest.raises(InputError, match=r"^r1\.json is no registration of a campaign"):
        gold.registration("spring")
    (folder / "r1.json").unlink()
    for ask in (lambda: gold.registration("spring"), gold.fingerprint):
        with pytest.raises(InputError, match=r"^shops\.yml, shop 'gold', registrations: .*r\*\.json"):
            ask()


RULES = """by: {by}
window: {{rolling_days: {days}}}
upgrade: at_once
downgrade: to_fit
review: monthly
tiers:
  - {{name: {{en: member, zh: 会员}}, from: 0}}
  - {{name: {{en: silver, zh: 银卡}}, from: 3}}
"""


@pytest.mark.parametrize(
    ("by", "days", "tiers"), [("spend", 365, {"银卡": 3.0}), ("spend", 180, {}), ("orders", 365, {})]
)
def test_tiers_come_from_the_rules_of_membership_where_these_mean_the_same(
    shop_file: Path, by: str, days: int, tiers: dict[str, float]
) -> None:
    (shop_file.parent / "rules.yml").write_text(RULES.format(by=by, days=days), "utf-8")
    shop_file.write_text(FILE + "    membership: rules.yml\n", "utf-8")
    assert Shop.open(shop_file, "gold").tiers == tiers
    shop_file.write_text(FILE + "    membership: rules.yml\n    tiers: {gold: 9}\n", "utf-8")
    assert Shop.open(shop_file, "gold").tiers == {"gold": 9}


def test_what_is_left_out_beside_the_orders_is_told_file_by_file(shop_file: Path) -> None:
    place = shop_file.parent
    (place / "members.csv").write_text("client,birthday,points\nNA,05-20,-30\n0007,05-20,4\n0007,06-20,4\n")
    (place / "points.csv").write_text("client,at\nNA,2025-01-01\n")
    shop_file.write_text(FILE + "    members: members.csv\n    points: points.csv\n", "utf-8")
    told = Shop.open(shop_file, "gold").remarks()
    said = told.groupby("file")["remark"].agg(" ".join)
    assert "points lie below 0 in 1 rows and count as 0." in said["members"]
    assert "birthday differs between the rows of 1 customers and is left empty." in said["members"]
    assert "has no column 'points'" in said["points"]  # told, and nothing stops
    assert not told["remark"].str.contains("0007").any()
