"""The shop file: what is right is read, what is wrong is told in one sentence with the line and the shop."""

from pathlib import Path

import pytest

from clv import shopfile
from clv.errors import InputError, SettingError
from clv.shop_files import ShopFile

GOOD = "shops:\n  gold:\n    platform: taobao\n    orders: gold/Export*.csv\n"
INDENT = "    "


def load(folder: Path, text: str) -> ShopFile:
    path = folder / "shops.yml"
    path.write_text(text, encoding="utf-8")
    return shopfile.load(path)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SettingError) as caught:
        load(folder, text)
    return str(caught.value)


def test_a_shop_without_a_name_is_called_by_its_id(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).entry("gold").name == "gold"


def test_defaults_are_under_each_shop_mapping_by_mapping(tmp_path: Path) -> None:
    own = (
        f"{INDENT}notebooks: {{03_lifetime_value: {{horizon_days: 180}}}}\n{INDENT}timezone: Europe/London\n"
    )
    theirs = "notebooks: {03_lifetime_value: {top: 5}, 02_customers: {top: 9}}"
    defaults = f"defaults: {{timezone: Asia/Shanghai, currency: CNY, {theirs}}}"
    entry = load(tmp_path, GOOD + own + defaults).entry("gold")
    assert (entry.timezone, entry.currency) == ("Europe/London", "CNY")
    assert entry.notebooks == {
        "03_lifetime_value": {"top": 5, "horizon_days": 180},
        "02_customers": {"top": 9},
    }


_LEVELS = [f"&{a} [{', '.join([f'*{b}'] * 9)}]" for a, b in zip("bcdefghijk", "abcdefghij", strict=True)]
BOMB = GOOD + f"{INDENT}name: [&a [x, x], {', '.join(_LEVELS)}]\n"  # 9 ** 10 parts, if somebody writes it out


def test_the_traps_of_yaml_are_not_there(tmp_path: Path) -> None:
    more = (
        f"{INDENT}name: NO\n{INDENT}until: 2026-06-30\n{INDENT}columns: {{customer_id: 007, amount: 12:30}}\n"
    )
    entry = load(tmp_path, GOOD + more).entry("gold")
    assert (entry.name, entry.until) == ("NO", "2026-06-30")
    assert entry.columns == {"customer_id": "007", "amount": "12:30"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "    platfrom: x\n", ["line 5, shop 'gold'", "unknown key 'platfrom'", "'platform'?"]),
        (GOOD.replace("taobao", "taobo"), ["line 3, shop 'gold'", "no platform 'taobo'", "'taobao'?"]),
        (GOOD + "    columns: {customr_id: x}\n", ["line 5", "'customr_id'", "'customer_id'?"]),
        (GOOD + "    platform: csv\n", ["line 5", "'platform' stands twice"]),
        (GOOD + "    until: 30/06/2026\n", ["line 5", "until is '30/06/2026'", "2026-06-30"]),
        (GOOD + "    until: 2026-02-30\n", ["day of the calendar"]),
        (GOOD + "    name: 7\n", ["name is 7", "quotes"]),
        (GOOD + "    timezone: Asia/Peking\n", ["Asia/Shanghai"]),
        (GOOD + "    currency: yuan\n", ["three capital letters"]),
        (GOOD + "    customer_ids: hashed\n", ["'pseudonyms' or 'raw'"]),
        (GOOD.replace("gold/Export*.csv", "[]"), ["orders", "empty"]),
        ("shops:\n  gold:\n    platform: taobao\n", ["line 2", "'orders' is missing"]),
        (GOOD.replace("gold:", "Gold 1:"), ["'Gold 1'", "a-z, 0-9"]),
        (GOOD.replace("gold:", f"{'a' * 61}:"), ["60 at most"]),
        (GOOD.replace("gold/Export*.csv", "''"), ["orders.0 is ''", "it should not be empty"]),
        (GOOD + "    name: !!int abc\n", ["not valid YAML", "!!tag"]),
        (GOOD + "    name: !!bool abc\n", ["not valid YAML", "!!tag"]),
        (GOOD + "    columns: !!map abc\n", ["not valid YAML", "!!tag"]),
        (GOOD + '    name: "\x07"\n', ["not valid YAML", "special characters"]),
        ("[" * 5000, ["not valid YAML", "nested too deeply"]),
        (BOMB, ["line 5", "aliases written out", "fewer aliases"]),
        (GOOD.replace("shops", "shop"), ["unknown key 'shop'", "'shops'?"]),
        ("shops: {}\n", ["shops", "empty"]),
        ("", ["shops.yml", "shops:"]),
        ("a: [\n", ["line 2", "not valid YAML"]),
        ("shops:\n\tgold: 1\n", ["line 2", "tab"]),
        (GOOD + "defaults: {orders: x}\n", ["line 5, defaults", "unknown key 'orders'"]),
        (GOOD + "defaults: {timezone: Foo}\n", ["line 5", "timezone is 'Foo'"]),
        (GOOD + "    notebooks: {03_lifetime_values: {}}\n", ["line 5", "'03_lifetime_value'?"]),
        (GOOD + "    notebooks: {03_lifetime_value: {horizon: 3}}\n", ["'horizon'", "'horizon_days'?"]),
        (
            GOOD + "    notebooks: {03_lifetime_value: {horizon_days: '90'}}\n",
            ["horizon_days is '90'", "integer"],
        ),
        (
            GOOD + "    notebooks: {03_lifetime_value: {margin: 1.5}}\n",
            ["margin is 1.5", "less than or equal to 1"],
        ),
        (GOOD + "    notebooks: {02_customers: {until: x}}\n", ["takes 'until' from the shop"]),
        (GOOD + "    ledgr: l.jsonl\n", ["line 5, shop 'gold'", "unknown key 'ledgr'", "'ledger'?"]),
        (GOOD + "    registration: r.json\n", ["line 5, shop 'gold'", "'registrations'?"]),
        (GOOD + "    registrations: []\n", ["line 5", "registrations", "empty"]),
        (GOOD + "    ledger: ledger*.jsonl\n", ["line 5", "ledger is 'ledger*.jsonl'", "path of one file"]),
        (GOOD + "    ledger: ''\n", ["line 5", "ledger is ''", "path of one file"]),
        (GOOD + "    ledger: package:clv/l.jsonl\n", ["line 5", "path of one file that may be written"]),
        (GOOD + "    ledger: [a.jsonl, b.jsonl]\n", ["line 5", "ledger is ['a.jsonl', 'b.jsonl']", "text"]),
        (
            GOOD + "    ledger: l.jsonl\n" + GOOD[7:].replace("gold:", "gift:") + "    ledger: ./l.jsonl\n",
            ["shops 'gold' and 'gift' name the same ledger", "give each shop a file of its own"],
        ),
    ],
)
def test_every_mistake_gets_one_sentence(tmp_path: Path, text: str, words: list[str]) -> None:
    said = refusal(tmp_path, text)
    assert all(word in said for word in ["shops.yml", *words]), said
    assert "\n" not in said


def test_the_defaults_are_to_blame_where_they_are(tmp_path: Path) -> None:
    said = refusal(tmp_path, "defaults:\n  notebooks: {02_customers: {top: 0}}\n" + GOOD)
    assert "line 2" in said and "top is 0" in said


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no shop file"):
        shopfile.load(tmp_path / "shops.yml")
    (tmp_path / "shops.yml").write_bytes("shops: 金".encode("gbk"))
    with pytest.raises(SettingError, match="UTF-8"):
        shopfile.load(tmp_path / "shops.yml")


def test_an_unknown_shop_gets_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="did you mean 'gold'"):
        load(tmp_path, GOOD).entry("golds")


def test_files_are_found_beside_the_shop_file_sorted_and_brackets_may_be_names(tmp_path: Path) -> None:
    tmp_path = tmp_path / "[2026] shops"
    folder = tmp_path / "gold"
    folder.mkdir(parents=True)
    for name in ["Export2.csv", "Export1.csv", "orders[1].csv"]:
        (folder / name).touch()
    file = load(tmp_path, GOOD)
    assert [p.name for p in file.order_files("gold")] == ["Export1.csv", "Export2.csv"]
    assert file.item_files("gold") == []
    file = load(tmp_path, GOOD.replace("gold/Export*.csv", "['gold/orders[1].csv', 'gold/*2.csv']"))
    assert [p.name for p in file.order_files("gold")] == ["orders[1].csv", "Export2.csv"]


def test_a_missing_file_names_the_shop_the_key_and_the_pattern(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^shops\.yml, shop 'gold', orders: .*gold/Export\*\.csv"):
        load(tmp_path, GOOD).order_files("gold")


def test_a_file_of_an_installed_package(tmp_path: Path) -> None:
    inside = "package:lifetimes/datasets/CDNOW_master.txt"
    cdnow = GOOD.replace("taobao", "cdnow").replace("gold/Export*.csv", inside)
    assert load(tmp_path, cdnow).order_files("gold")[0].is_file()
    for text in (cdnow.replace("CDNOW_master", "nothing"), cdnow.replace("lifetimes/", "no_package/")):
        with pytest.raises(InputError, match="shop 'gold', orders: "):
            load(tmp_path, text).order_files("gold")


@pytest.mark.parametrize("key", ["members", "contacts", "past_campaigns"])
def test_extra_files_are_found_and_missed_by_their_key(tmp_path: Path, key: str) -> None:
    file = load(tmp_path, GOOD + f"    {key}: [b*.csv, a.csv]\n")
    for name in ("a.csv", "b1.csv", "b2.csv"):
        (tmp_path / name).touch()
    assert [p.name for p in file.extra_files("gold", key)] == ["b1.csv", "b2.csv", "a.csv"]
    assert load(tmp_path, GOOD).extra_files("gold", key) == []
    (tmp_path / "a.csv").unlink()
    with pytest.raises(InputError, match=rf"^shops\.yml, shop 'gold', {key}: .*a\.csv"):
        file.extra_files("gold", key)


def test_a_misspelt_extra_key_gets_the_nearest(tmp_path: Path) -> None:
    assert "'past_campaigns'?" in refusal(tmp_path, GOOD + "    past_campaign: x\n")


def test_registrations_are_found_and_missed_by_their_key(tmp_path: Path) -> None:
    file = load(tmp_path, GOOD + "    registrations: reg-*.json\n")
    with pytest.raises(InputError, match=r"^shops\.yml, shop 'gold', registrations: .*reg-\*\.json"):
        file.registration_files("gold")
    for name in ("reg-b.json", "reg-a.json", "other.json"):
        (tmp_path / name).touch()
    assert [p.name for p in file.registration_files("gold")] == ["reg-a.json", "reg-b.json"]
    assert load(tmp_path, GOOD).registration_files("gold") == []


def test_a_ledger_stands_beside_the_shop_file_whether_it_is_there_yet_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/zhou")
    assert load(tmp_path, GOOD).ledger_file("gold") is None
    for named, path in (
        ("kept/ledger.jsonl", tmp_path / "kept" / "ledger.jsonl"),
        (f"{tmp_path}/[2026].jsonl", tmp_path / "[2026].jsonl"),
        ("~/ledger.jsonl", Path("~/ledger.jsonl").expanduser()),
    ):
        assert load(tmp_path, GOOD + f"    ledger: '{named}'\n").ledger_file("gold") == path
    assert not (tmp_path / "kept").exists()


def test_a_file_of_two_systems_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "Export1.csv").write_text("x")
    file = load(tmp_path, GOOD + f"{INDENT}also: {{two: {{platform: csv, orders: gold/Export1.csv}}}}\n")
    with pytest.raises(InputError, match=r"Export1\.csv is named for taobao and for two; .* count twice"):
        file.sources("gold")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("also: {taobao: {platform: csv, orders: a.csv}}", "is not the platform's"),
        ("also: {A B: {platform: csv, orders: a.csv}}", "a name may hold a-z"),
        ("also: {two: {platform: xyz, orders: a.csv}}", "there is no platform 'xyz'"),
        ("gifts: to giver", "needs gift_givers"),
        ("indexed: ['']", "should not be empty"),
        ("identity: loose", "'none' or 'strong'"),
    ],
)
def test_what_does_not_fit_together_is_told(tmp_path: Path, more: str, words: str) -> None:
    assert words in refusal(tmp_path, GOOD + f"{INDENT}{more}\n")
