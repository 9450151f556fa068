"""`clv purge`: nothing that is kept holds the customer any more, the others are as before, money adds up."""

import re
import shutil
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import StringIO
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from clv import Shop, cli, pseudonyms, purge, purged, purged_list, shop_reading, shopfile, whole_files
from clv.errors import InputError, SettingError
from clv.keeping import hidden, kept
from clv.purging import files, rows
from clv.running import cluster_check, runs, segments_kept
from clv.sending import lists

PHONE, OTHER_PHONE = "13912345678", "13887654321"
HER = "her@example.com"  # the id of the shop's second system, with the same phone
SHOPS = """\
shops:
  gold:
    platform: csv
    orders: orders.csv
    columns: {order_id: no, customer_id: phone, paid_at: paid, amount: sum, phone: phone}
    members: members.csv
    contacts: contacts.csv
    past_campaigns: list-sms.csv
    currency: CNY
    also:
      web:
        platform: csv
        orders: web.csv
        columns: {order_id: no, customer_id: mail, paid_at: paid, amount: sum, phone: tel}
  silver:
    platform: csv
    orders: orders.csv
    columns: {order_id: no, customer_id: phone, paid_at: paid, amount: sum}
    currency: CNY
"""


def secret() -> bytes:
    return pseudonyms.local_secret()


def called(one: str) -> str:
    return pseudonyms.pseudonym(pd.Series([one]), secret=secret())[0]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop of 30 customers in two systems; PHONE and HER are one person."""
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(purged_list.platformdirs, "user_config_dir", lambda _: str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    phones = [PHONE, OTHER_PHONE, *(f"137000001{n:02d}" for n in range(28))]
    rows = [(f"E{n:04d}", phones[n % 30], f"2026-0{1 + n % 5}-11 10:00", 10 + n) for n in range(90)]
    pd.DataFrame(rows, columns=["no", "phone", "paid", "sum"]).to_csv("orders.csv", index=False)
    web = [("W1", HER, "2026-03-03 09:00", 77.7, PHONE), ("W2", "x@example.com", "2026-03-04 09:00", 5, "")]
    web += [("W3", "", "2026-03-05 09:00", 3.3, PHONE), ("W4", "", "2026-03-05 09:00", 2.2, "")]
    pd.DataFrame(web, columns=["no", "mail", "paid", "sum", "tel"]).to_csv("web.csv", index=False)
    pd.DataFrame({"customer_id": phones, "consent_sms": "yes"}).to_csv("members.csv", index=False)
    touched = {"customer_id": phones[:3], "channel": "sms", "at": "2026-05-01", "event": "sent"}
    pd.DataFrame(touched).to_csv("contacts.csv", index=False)
    (tmp_path / "shops.yml").write_text(SHOPS, "utf-8")
    ours = {
        "customer_id": [called(one) for one in phones[:4]],
        "campaign": "spring",
        "arm": ["send", "control"] * 2,
    }
    pd.DataFrame(ours).assign(sent_on="2026-04-01", offer="o", channel="sms").to_csv(
        "list-sms.csv", index=False
    )
    return tmp_path


def opened(shop: str = "gold") -> Shop:
    return Shop.open("shops.yml", shop)


def look(*ids: str, shop: str = "gold", **how: object) -> purge.Found:
    return purge.look(shopfile.load("shops.yml"), shop, ids=ids, **how)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        cli.main(["purge", "shops.yml", *arguments])
    return left.value.code


def holding(folder: Path, *ids: str) -> list[str]:
    """Return the files below a folder in which an id, its pseudonym or its digest stands."""
    words = {word for one in ids for word in (one, called(one), hidden.keys(pd.Series([one]))[0])}
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        text = path.read_bytes().decode("utf-8", "replace")
        if path.suffix == ".parquet":
            text = pd.read_parquet(path).reset_index().to_csv()
        if path.suffix == ".xlsx":
            rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
            text = "\n".join(str(row) for row in rows)
        found += [str(path.relative_to(folder))] * any(word in text for word in words)
    return found


class TestWhoIsMeant:
    def test_one_id_finds_all_that_are_joined_with_it(self, place: Path) -> None:
        for given in (HER, f" +86 {PHONE} "):
            who = look(given).who
            assert {PHONE, f"web:{HER}"} <= who.ids
            assert who.numbers == {"E0000", "E0030", "E0060", "W1", "W3"}
            assert who.money == pytest.approx(10 + 40 + 70 + 77.7 + 3.3)
        assert look(called=[called(PHONE)]).who.numbers == look(PHONE).who.numbers

    def test_a_shop_that_joins_nobody_knows_the_one_id(self, place: Path) -> None:
        assert look(PHONE, shop="silver").who.numbers == {"E0000", "E0030", "E0060"}

    def test_who_is_in_no_order_is_looked_for_all_the_same(self, place: Path) -> None:
        who = look("15500000000").who
        assert (who.numbers, who.names) == (frozenset(), {called("15500000000"), called("web:15500000000")})

    def test_nobody_and_no_pseudonym_are_refused(self, place: Path) -> None:
        with pytest.raises(SettingError, match="nobody is named"):
            look(" ")
        with pytest.raises(SettingError, match="--pseudonym takes what reports call a customer"):
            look(called=["Wang"])

    def test_a_key_of_several_customers_is_nobodys_name(self, place: Path) -> None:
        text = SHOPS.replace("also:", "identity: none\n    also:")
        (place / "shops.yml").write_text(
            text.replace("{order_id: no, customer_id: mail", "{order_id: no, customer_id: mail")
        )
        web = pd.read_csv("web.csv", dtype=str).assign(
            tel="15911112222", mail=["a@x.com", "b@x.com", "c@x.com", "d@x.com"]
        )
        web.to_csv("web.csv", index=False)
        with pytest.raises(SettingError, match="is a key of 4 customers"):
            look("15911112222")


class TestWhatComesBack:
    def test_nobody_who_was_purged(self, place: Path) -> None:
        before = opened().read()
        everybody = opened().customers()
        purge.make(look(PHONE))
        after, left = opened().read(), opened().customers()
        his = before.orders["amount"].sum() - after.orders["amount"].sum()
        assert his == pytest.approx(look(PHONE).who.money)
        (loss,) = after.losses[after.losses["reason"] == purged.REASON].to_dict("records")
        assert loss == {
            "stage": "read",
            "reason": purged.REASON,
            "rows": 5,
            "orders": 5,
            "money": pytest.approx(his),
        }
        kept_, lost = after.orders["amount"].sum(), after.losses.query("stage == 'read'")["money"].sum()
        assert round(after.money_in, 2) == round(kept_ + lost, 2) == round(before.money_in, 2)
        pd.testing.assert_frame_equal(left, everybody.drop(index=called(PHONE)))
        for table in (opened().members().reset_index(), opened().contacts(), opened().past_campaigns()):
            assert called(OTHER_PHONE) in set(table["customer_id"])
            assert called(PHONE) not in set(table["customer_id"])
        assert not set(opened().keys()["order_id"]) & {"csv:E0000", "web:W1", "web:W3"}

    def test_orders_without_a_buyer_that_carry_the_phone_go_and_the_others_stay_nobodys(
        self, place: Path
    ) -> None:
        (place / "shops.yml").write_text(SHOPS.replace("    also:", "    identity: none\n    also:"), "utf-8")
        before = opened().read().losses.set_index("reason").loc["no buyer named"]
        purge.make(look(PHONE))
        losses = opened().read().losses.set_index("reason")
        assert (before["orders"], losses.loc["no buyer named", "orders"]) == (2, 1)
        assert losses.loc["no buyer named", "money"] == pytest.approx(2.2)
        with Path("web.csv").open("a", encoding="utf-8") as file:
            file.write(f"W5,,2026-03-06 09:00,4.4,{PHONE}\n")
        assert (
            opened().read().losses.set_index("reason").loc[purged.REASON, "orders"]
            == losses.loc[purged.REASON, "orders"] + 1
        )

    def test_the_orders_of_others_are_as_they_were(self, place: Path) -> None:
        before, numbers = opened().orders(), {"csv:E0000", "csv:E0030", "csv:E0060", "web:W1", "web:W3"}
        purge.make(look(HER))
        expected = before[~before["order_id"].isin(numbers)].reset_index(drop=True)
        pd.testing.assert_frame_equal(opened().orders(), expected)

    def test_a_new_export_with_a_new_order_changes_nothing(self, place: Path) -> None:
        purge.make(look(PHONE))
        with Path("orders.csv").open("a", encoding="utf-8") as file:
            file.write(f"E0900,{PHONE},2026-05-20 10:00,500\nE0901,{OTHER_PHONE},2026-05-20 10:00,600\n")
        with Path("web.csv").open("a", encoding="utf-8") as file:
            file.write(f"W9,new@example.com,2026-05-21 10:00,700,{PHONE}\n")
        orders = opened().orders()
        assert not {"csv:E0900", "web:W9"} & set(orders["order_id"])
        assert "csv:E0901" in set(orders["order_id"])

    def test_the_other_shop_of_the_file_keeps_its_customer(self, place: Path) -> None:
        purge.make(look(PHONE))
        assert called(PHONE) in opened("silver").customers().index

    def test_of_orders_added_up_where_they_lie(self, place: Path) -> None:
        clean = shop_reading.everything(shopfile.load("shops.yml"), "silver").orders
        clean.to_parquet("clean.parquet")
        Path("shops.yml").write_text("shops: {gold: {platform: clean, orders: clean.parquet}}", "utf-8")
        before = opened().customers()
        purge.make(look(PHONE))
        pd.testing.assert_frame_equal(opened().customers(), before.drop(index=called(PHONE)))

    def test_nobody_is_named_in_the_list(self, place: Path) -> None:
        purge.make(look(PHONE))
        path = purged_list.path("gold")
        text = path.read_text("utf-8")
        assert not re.search(rf"{PHONE}|{HER}|c_[0-9a-f]", text)
        assert called(PHONE)[2:] not in text and hidden.keys(pd.Series([PHONE]))[0] not in text
        assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700

    def test_another_secret_is_told_before_they_come_back(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        purge.make(look(PHONE))
        monkeypatch.setenv("CLV_SECRET", "another one")
        with pytest.raises(SettingError, match="was made with another secret, so they would come back"):
            opened().customers()
        assert len(opened("silver").customers())

    def test_two_purges_at_once_are_both_in_the_list(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        both, write = threading.Barrier(2), whole_files.write_whole

        def late(*told: object, **more: object) -> None:
            with suppress(threading.BrokenBarrierError):  # where one waits for the other
                both.wait(timeout=0.5)
            write(*told, **more)

        monkeypatch.setattr(whole_files, "write_whole", late)
        with ThreadPoolExecutor(2) as threads:
            assert list(threads.map(lambda name: purged.add("gold", [name]), ["c_1", "c_2"])) == [1, 1]
        assert len(purged.of("gold").hashes) == 2

    def test_a_list_without_a_seal_is_one_of_older_programs_and_is_sealed_with_its_next_change(
        self, place: Path
    ) -> None:
        purged.add("gold", ["c_1"])
        head, line = purged_list.path("gold").read_text("utf-8").splitlines()
        old = head.rpartition(" ")[0]
        purged_list.path("gold").write_text(f"{old}\n{line}\n", "utf-8")
        assert purged.add("gold", ["c_2"]) == 1
        assert len(purged.of("gold").hashes) == 2
        assert purged_list.path("gold").read_text("utf-8").startswith(f"{old} ")
        purged_list.path("gold").write_text(f"{old}\n{line}\n\n \n", "utf-8")  # as editors leave it
        assert len(purged.of("gold").hashes) == 1 and purged.add("gold", ["c_2"]) == 1
        assert len(purged.of("gold").hashes) == 2
        purged_list.path("gold").write_text(f"{old}\n{line[:-1]}\n", "utf-8")
        with pytest.raises(SettingError, match="is damaged"):
            purged.of("gold")

    def test_a_list_that_cannot_be_used_is_told(self, place: Path) -> None:
        list_ = purged_list.path("gold")
        list_.parent.mkdir(parents=True)
        list_.write_bytes(b"\xff")
        with pytest.raises(
            SettingError, match=r"list of purged customers \S+ cannot be read \(UnicodeDecodeError"
        ):
            purged.of("gold")
        list_.write_text("", "utf-8")
        with pytest.raises(SettingError, match="come back; put back a copy of it, or delete it and purge"):
            purged.of("gold")
        list_.unlink()
        list_.parent.rmdir()
        list_.parent.write_text("a file in the place of the folder", "utf-8")
        with pytest.raises(SettingError, match=r"cannot be (read|written)"):
            purged.add("gold", [called(PHONE)])

    def test_again_changes_nothing(self, place: Path) -> None:
        purge.make(look(PHONE))
        opened().customers()
        before = {path: path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file()}
        found = look(PHONE)
        assert (found.cached, found.changes) == ((), ())
        purge.make(found)
        assert {path: path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file()} == before


class TestTheCache:
    @pytest.mark.parametrize("ids", ["pseudonyms", "raw"])
    def test_holds_nothing_of_the_customer_and_is_made_again(self, place: Path, ids: str) -> None:
        text = SHOPS.replace(
            "    currency: CNY\n    also", f"    customer_ids: {ids}\n    currency: CNY\n    also"
        )
        (place / "shops.yml").write_text(text, "utf-8")
        opened().customers()
        opened("silver").customers()
        assert holding(place / "cache" / "gold", PHONE, HER)
        found = look(PHONE)
        assert found.cached
        purge.make(found)
        assert not holding(place / "cache" / "gold", PHONE, HER)
        opened().customers()
        opened().identity()
        assert not holding(place / "cache" / "gold", PHONE, HER)
        assert holding(place / "cache" / "silver", PHONE)

    def test_what_cannot_be_read_is_taken_away(self, place: Path) -> None:
        opened("silver").customers()
        for path in (place / "cache" / "silver").rglob("words.json"):
            path.write_bytes(b"\xff")
        purge.make(look("15500000000", shop="silver"))
        assert not kept.entries("silver")


@pytest.fixture
def written(place: Path) -> Path:
    """What a batch, a play and a few commands leave, as far as it names anybody."""
    shop, folder = opened(), place / "runs" / "gold"
    for day in ("", "2026-04-30"):
        for name, text in (("01_orders", "nobody"), ("02_customers", f"<td>{called(PHONE)}</td>")):
            there = folder / day
            record = {
                "shop": "gold",
                "notebook": name,
                "status": "ok",
                "key": "k",
                "until": day,
                "shop_name": "gold",
            }
            record |= {"facts": [], "figures": [], "html": f"gold/{name}.html", "ipynb": f"gold/{name}.ipynb"}
            record |= {
                "message": "",
                "question": "?",
                "made_at": "2026-05-01T10:00:00",
                "seconds": 1.0,
                "keys": [],
            }
            (there / f"{name}-tables").mkdir(parents=True)
            runs.save(place / "runs", record) if not day else (there / f"{name}.json").write_text(
                runs.written(record, there)
            )
            (there / f"{name}.html").write_text(text, "utf-8")
            (there / f"{name}.ipynb").write_text("{}", "utf-8")
            (there / f"{name}.pdf").write_bytes(b"%PDF")
            (there / f"{name}-tables" / "1.csv").write_text(f"customer_id\n{text[4:-5]}\n", "utf-8")
    customers = shop.customers()
    made = pd.DataFrame(
        {"window": "near", "segment": "s", "segment_zh": "段", "spend": customers["total_spend"]}
    )
    made.index.name = "customer"
    made.attrs = {"until": "2026-05-11", "currency": "CNY", "windows": [1], "scheme": {}, "made_from": "x"}
    for there in (folder, folder / "2026-04-30"):
        (there / segments_kept.FILE).write_bytes(segments_kept.content(made))
    (folder / "history.jsonl").write_text('{"shop": "gold"}\n', "utf-8")
    (place / "runs" / "index.html").write_text("<p>old</p>", "utf-8")
    (place / "runs" / "silver").mkdir()
    (place / "runs" / "silver" / "02_customers.html").write_text(called(PHONE), "utf-8")
    rows = pd.DataFrame({"customer_id": customers.index, "reason": 'why, "so"\nand so', "spend": "137000001"})
    plays = place / "plays" / "spring" / "gold" / "lists"
    plays.mkdir(parents=True)
    lists.write_csv(rows, plays / "list-sms.csv")
    book = openpyxl.Workbook()
    for row in [list(rows), *rows.itertuples(index=False)]:
        book.active.append(list(row))
    book.save(plays / "list-sms.xlsx")
    sheet = '<section class="call" id="{0}">\n<h1>{0}</h1>\n</section>\n'
    pages = "".join(sheet.format(one) for one in customers.index)
    (plays / "call-sheets.html").write_text(f"<main>\n{pages}</main>\n", "utf-8")
    (plays.parent / "plan.json").write_text("{}", "utf-8")
    (place / "lists").mkdir()
    raw = pd.DataFrame({"address": [PHONE, OTHER_PHONE], "days": ["1", "2"]})
    lists.write_csv(raw, place / "lists" / "to.csv")
    (place / "lists" / "notes.txt").write_text(f"call {called(PHONE)}", "utf-8")
    return place


class TestReportsAndLists:
    def test_hold_nothing_of_the_customer(self, written: Path) -> None:
        assert len(holding(written / "runs" / "gold", PHONE, HER)) == 6
        assert len(holding(written / "plays", PHONE, HER)) == 3
        found = look(PHONE)
        purge.make(found)
        for folder in ("cache/gold", "runs/gold", "plays"):
            assert holding(written / folder, PHONE, HER) == []
        assert found.left == (Path("lists/notes.txt"),)
        assert holding(written / "lists", PHONE) == ["notes.txt"]

    def test_hold_the_others_as_before(self, written: Path) -> None:
        sms = written / "plays" / "spring" / "gold" / "lists" / "list-sms.csv"
        before, segments = sms.read_bytes(), segments_kept.read(written / "runs" / "gold")
        sheets = sms.with_name("call-sheets.html").read_text("utf-8")
        purge.make(look(PHONE))
        his = re.compile(rf'"?{called(PHONE)}.*?137000001"?\r?\n'.encode(), re.DOTALL)
        assert len(his.findall(before)) == 1 and b"\n" in his.findall(before)[0].strip()
        assert sms.read_bytes() == his.sub(b"", before)
        assert sms.stat().st_mode & 0o777 == 0o600
        now = segments_kept.read(written / "runs" / "gold")
        pd.testing.assert_frame_equal(now, segments.drop(index=called(PHONE)))
        sheet = f'<section class="call" id="{called(PHONE)}">\n<h1>{called(PHONE)}</h1>\n</section>\n'
        assert sms.with_name("call-sheets.html").read_text("utf-8") == sheets.replace(sheet, "")
        book = openpyxl.load_workbook(sms.with_suffix(".xlsx")).active
        table = pd.read_csv(StringIO(sms.read_text("utf-8-sig")), dtype=str)
        assert [row[0] for row in book.iter_rows(min_row=2, values_only=True)] == list(table["customer_id"])
        assert (sms.parent.parent / "plan.json").exists()

    def test_go_whole_where_they_name_the_customer_and_stay_where_not(self, written: Path) -> None:
        purge.make(look(PHONE))
        for there in (written / "runs" / "gold", written / "runs" / "gold" / "2026-04-30"):
            assert [path.name for path in sorted(there.glob("02_*"))] == []
            assert len(list(there.glob("01_*"))) == 5
        assert "02_customers" not in (written / "runs" / "index.html").read_text("utf-8")
        assert (written / "runs" / "silver" / "02_customers.html").exists()

    def test_a_shop_of_which_no_report_stands_has_no_page(self, written: Path) -> None:
        for path in (written / "runs" / "gold").glob("01_*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        (written / "runs" / "gold" / "index.html").write_text("02_customers.html", "utf-8")
        purge.make(look(PHONE))
        assert not (written / "runs" / "gold" / "index.html").exists()
        assert "gold/index.html" not in (written / "runs" / "index.html").read_text("utf-8")

    def test_are_not_looked_for_in_the_shops_own_files(self, written: Path) -> None:
        before = {path: path.read_bytes() for path in written.glob("*.csv")}
        found = look(PHONE, folders=[written])
        purge.make(found)
        assert {path: path.read_bytes() for path in written.glob("*.csv")} == before
        held = {path.name: rows for path, rows in found.exported}
        assert held == {"orders.csv": 3, "web.csv": 2, "members.csv": 1, "contacts.csv": 1, "list-sms.csv": 1}

    def test_a_list_of_a_play_is_no_file_of_the_shops_though_it_names_it(self, written: Path) -> None:
        ours = written / "plays" / "spring" / "gold" / "lists" / "list-wecom.csv"
        ours.write_bytes(Path("list-sms.csv").read_bytes())
        text = (written / "shops.yml").read_text("utf-8")
        (written / "shops.yml").write_text(text.replace("list-sms.csv", str(ours)), "utf-8")
        found = look(PHONE)
        assert ours.name not in {path.name for path, _ in found.exported}
        purge.make(found)
        assert called(PHONE) not in ours.read_text("utf-8") and called(OTHER_PHONE) in ours.read_text("utf-8")

    def test_links_are_not_followed(self, written: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        (elsewhere / "list.csv").write_text(f"customer_id\n{called(PHONE)}\n", "utf-8")
        (written / "plays" / "link").symlink_to(elsewhere)
        (written / "plays" / "list.csv").symlink_to(elsewhere / "list.csv")
        purge.make(look(PHONE))
        assert holding(elsewhere, PHONE) == ["list.csv"]

    def test_stopped_half_way_it_is_done_by_doing_it_again(
        self, written: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make, made = files.Change.make, []

        def stopped(change: files.Change, seen: object) -> None:
            if len(made) == 2:
                raise KeyboardInterrupt
            made.append(change)
            make(change, seen)

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(files.Change, "make", stopped)
            purge.make(look(PHONE))
        found = look(PHONE)
        assert found.cached == () and found.changes and not set(found.changes) & set(made)
        purge.make(found)
        assert holding(written / "runs" / "gold", PHONE) + holding(written / "plays", PHONE) == []

    def test_what_cannot_be_changed_is_named(self, written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(path: Path, seen: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(rows, "take_out", refused)
        with pytest.raises(
            SettingError, match=r"cannot be changed \(Permission denied\); the customer is in it"
        ):
            purge.make(look(PHONE))

    def test_damaged_lists_and_tables_of_ours_go_whole(self, written: Path) -> None:
        ours = written / "runs" / "gold"
        (ours / segments_kept.FILE).write_bytes(b"damaged")
        (ours / "persons.csv").write_bytes(
            f"customer_id,name\n{called(PHONE)},小明\nc_0,小红\n".encode("gb18030")
        )
        (ours / "changes.html").write_text(called(PHONE), "utf-8")
        (ours / "changes.pdf").write_bytes(b"%PDF")
        (ours / "history.jsonl").write_text(f'{{"a": "{called(PHONE)}"}}\n{{"a": "b"}}\n', "utf-8")
        lists = written / "plays" / "spring" / "gold" / "lists"
        sound = next(lists.glob("*.xlsx"))
        (lists / "list-x.xlsx").write_bytes(b"no workbook")
        (lists / "~$list-x.xlsx").write_bytes(b"who has it open")
        (lists / "list-y.xlsx").write_bytes(sound.read_bytes()[:-40])
        (written / "theirs.xlsx").write_bytes(b"no workbook")
        (ours / "endless.csv").write_text(f'customer_id,note\n{called(PHONE)},"{"x" * 200_000}"\n', "utf-8")
        (ours / "two-encodings.csv").write_bytes(f"customer_id\n{called(PHONE)}\n".encode() + b"\xff\xff\n")
        found = look(PHONE)
        purge.make(found)
        left = {path.name for path in ours.iterdir()}
        assert not left & {segments_kept.FILE, "changes.html", "changes.pdf"}
        assert not left & {"endless.csv", "two-encodings.csv"}
        assert (ours / "persons.csv").read_text("gb18030") == "customer_id,name\nc_0,小红\n"
        assert (ours / "history.jsonl").read_text("utf-8") == '{"a": "b"}\n'
        assert sound.exists() and (lists / "~$list-x.xlsx").exists()
        assert not {path.name for path in lists.iterdir()} & {"list-x.xlsx", "list-y.xlsx"}

    def test_a_batch_at_work_is_not_disturbed(self, written: Path) -> None:
        from clv.running import holding as held

        with held.alone(written / "runs"), pytest.raises(SettingError, match="is writing to"):
            purge.make(look(PHONE))
        assert not purged_list.path("gold").exists()


class TestTheCommand:
    def test_says_and_does(
        self, written: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "stdin", StringIO(f"{PHONE}\n"))
        assert run("--shop", "gold", "--customer-file", "-", "--dry-run") in (0, None)
        said = capsys.readouterr()
        assert "5 order(s) with 201.00 kept, under 2 customer id(s)." in said.out
        assert "Nothing was deleted." in said.out and holding(written / "runs" / "gold", PHONE)
        (written / "ids.txt").write_text(f"{HER}\n", "utf-8")
        assert run("--shop", "gold", "--customer-file", "ids.txt", "--yes") in (0, None)
        more = capsys.readouterr()
        assert "Deleted." in more.out and not holding(written / "runs" / "gold", PHONE)
        for text in (said.out, said.err, more.out, more.err):
            assert not re.search(rf"{PHONE}|{HER}|c_[0-9a-f]{{12}}", text)

    def test_asks_first(
        self, written: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "stdin", StringIO("n\n"))
        assert run("--shop", "gold", "--customer", PHONE) == 130
        assert holding(written / "runs" / "gold", PHONE) and not purged_list.path("gold").exists()
        monkeypatch.setattr(sys, "stdin", StringIO(PHONE))
        assert run("--shop", "gold", "--customer-file", "-") == 2
        assert "add --yes" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--shop", "gold"), "nobody is named"),
            (("--shop", "gol", "--customer", PHONE), "did you mean 'gold'"),
            (("--shop", "gold", "--customer", PHONE, "--in", "nowhere"), "there is no folder nowhere"),
            (("--shop", "gold", "--customer-file", "nowhere.txt"), "the file of ids cannot be read"),
        ],
    )
    def test_wrong_calls(
        self, place: Path, capsys: pytest.CaptureFixture, arguments: tuple, said: str
    ) -> None:
        assert run(*arguments) == 2
        err = capsys.readouterr().err
        assert said in err and err.count("\n") == 1 and PHONE not in err

    def test_a_broken_export_stops_it(self, written: Path) -> None:
        (written / "web.csv").write_text("nothing\n", "utf-8")
        with pytest.raises(InputError):
            look(PHONE)


def test_a_cluster_whose_machines_would_bring_them_back_is_not_used(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cluster:
        """One worker, on a machine where nobody was purged."""

        def run(self, function: Callable, asked: object, on_error: str) -> dict:
            return {"tcp://a:1": {**function(asked), "purged": {"gold": ""}}}

    asked = cluster_check.Question((), str(place), "sign", hides=True, shops=("gold",))
    cluster_check.check(Cluster(), asked)
    purge.make(look(PHONE))
    with pytest.raises(
        SettingError, match=r"another list of the customers purged from gold \(first tcp://a:1\)"
    ):
        cluster_check.check(Cluster(), asked)


@pytest.mark.slow
def test_after_a_purge_and_a_new_batch_nothing_holds_the_customer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))  # which the kernels see too
    monkeypatch.chdir(tmp_path)
    samples = Path(__file__).parents[1] / "data" / "samples"
    text = (samples / "shops.yml").read_text("utf-8").replace(" gift/", f" {samples / 'gift'}/")
    (tmp_path / "shops.yml").write_text(text, "utf-8")
    asked = ["batch", "shops.yml", "--shop", "gift", "--notebooks", str(samples.parents[1] / "notebooks")]
    asked += ["--notebook", "01_orders", "--notebook", "02_customers"]

    def batch() -> dict[str, float]:
        with pytest.raises(SystemExit) as left:
            cli.main(asked)
        assert left.value.code in (0, None)
        facts = runs.load(tmp_path / "runs" / "gift" / "01_orders.json")["facts"]
        return {fact["name"]: fact["value"] for fact in facts}

    before, shop = batch(), Shop.open("shops.yml", "gift")
    top = pd.read_csv(next((tmp_path / "runs" / "gift").glob("02_customers-tables/*silent*.csv"))).iloc[0, 0]
    raw = shop.addressees(pd.Series([top]))[0]
    assert holding(tmp_path / "runs" / "gift", raw) and holding(tmp_path / "cache" / "gift", raw)
    found = purge.look(shopfile.load("shops.yml"), "gift", ids=[raw])
    purge.make(found)
    after = batch()
    assert holding(tmp_path / "runs", raw) == [] == holding(tmp_path / "cache", raw)
    (tables,) = [Shop.open("shops.yml", "gift").read()]
    assert tables.losses.set_index("reason")["money"][purged.REASON] == pytest.approx(found.who.money)
    assert before != after
    report = (tmp_path / "runs" / "gift" / "01_orders.html").read_text("utf-8")
    assert purged.REASON.replace("'", "&#39;") in report or purged.REASON in report
