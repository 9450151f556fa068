"""Lists of visitors, occasions and second steps: who is on them, in which arm, and the way back."""

import pandas as pd
import pytest

from clv import Shop, contact_calendar, extras
from clv.cli import main
from conftest import REPO

SAMPLES = REPO / "data" / "samples" / "shops.yml"


@pytest.mark.parametrize(
    ("command", "files"),
    [
        (["visitors"], ["left-lying.csv", "never-bought.csv"]),
        (["contact-calendar"], ["contact-calendar.csv"]),
        (["follow-up", "--campaign", "mothers-day"], ["follow-up-mothers-day.csv"]),
    ],
)
def test_a_list_holds_pseudonyms_of_those_who_agreed_and_only_its_owner_reads_it(
    tmp_path, command, files, monkeypatch
):
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    with pytest.raises(SystemExit) as ended:
        main([command[0], str(SAMPLES), "--shop", "department", "--out", str(tmp_path / "out"), *command[1:]])
    assert ended.value.code in (0, None)
    for name in files:
        path = tmp_path / "out" / "department" / name
        rows = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
        assert len(rows) > 0
        assert rows["customer_id"].str.fullmatch(r"c_[0-9a-f]{12}").all()
        assert path.stat().st_mode & 0o077 == 0
    if command[0] == "visitors":
        assert set(rows["arm"]) == {"send", "control"}


def run(command: str, out, *more: str, shop: str = "department", file=SAMPLES) -> int:
    with pytest.raises(SystemExit) as ended:
        main([command, str(file), "--shop", shop, "--out", str(out), *more])
    return ended.value.code or 0


def listed(path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def test_the_calendar_keeps_nobody_who_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    shop = Shop.open(SAMPLES, "department")
    contacts = shop.contacts()
    for channel in ("sms", "email"):
        assert run("contact-calendar", tmp_path, "--channel", channel) == 0
        rows = listed(tmp_path / "department" / "contact-calendar.csv")
        agreed = shop.members()[f"consent_{channel}"]
        left = contacts[contacts["event"].eq("opted_out") & contacts["channel"].eq(channel)]["customer_id"]
        kept = rows[rows["kept"] == "True"]
        assert agreed[kept["customer_id"]].all() and not kept["customer_id"].isin(left).any()
        assert len(kept) > 20 and kept["why_not"].eq("").all()
        refused = rows[~rows["customer_id"].map(agreed).fillna(value=False).astype(bool)]
        assert len(refused) and refused["why_not"].eq(contact_calendar.NOT_ALLOWED).all()


@pytest.mark.parametrize("command", ["visitors", "contact-calendar"])
def test_a_channel_that_is_none_is_refused_before_anything_is_said(tmp_path, command, capsys):
    assert run(command, tmp_path, "--channel", "fax") == 2
    said = capsys.readouterr()
    assert said.out == "" and "'fax'" in said.err and not list(tmp_path.iterdir())


SHOP = """shops:
  s:
    platform: csv
    orders: orders.csv
    members: members.csv
    visits: visits.csv
    contacts: contacts.csv
    until: 2026-06-30
    columns: {order_id: order_id, customer_id: Phone, paid_at: paid_at, amount: amount}
"""


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A shop with 40 customers and 40 visitors who never bought; all agreed, and all looked this week."""
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    people = [f"V{n:03d}" for n in range(80)]
    orders = pd.DataFrame(
        {"order_id": range(40), "Phone": people[:40], "paid_at": "2026-01-05 10:00", "amount": 50}
    )
    looked = pd.DataFrame({"Phone": people, "at": "2026-06-29 10:00", "kind": "viewed", "category": "rings"})
    members = pd.DataFrame({"Phone": people, "consent_sms": "yes"})
    sent = pd.DataFrame({"Phone": people[:2], "channel": "sms", "at": "2026-05-01 10:00", "event": "sent",
                         "campaign": "../春/季 1"})  # fmt: skip
    tables = {"orders": orders, "visits": looked, "members": members, "contacts": sent}
    for name, table in tables.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    (tmp_path / "shops.yml").write_text(SHOP, "utf-8")
    return tmp_path


def on(folder, day: str, *, until: str) -> pd.DataFrame:
    assert run("visitors", folder / day, "--until", until, shop="s", file=folder / "shops.yml") == 0
    lists = folder / day / "s"
    return pd.concat(
        [listed(lists / f"{name}.csv").assign(list=name) for name in ("left-lying", "never-bought")]
    )


def test_a_visitor_stays_in_the_same_arm_whoever_else_is_on_the_list(small):
    first = on(small, "first", until="2026-06-29")
    for name in ("visits", "orders"):
        table = pd.read_csv(small / f"{name}.csv", dtype=str)
        table[: len(table) - 7].to_csv(small / f"{name}.csv", index=False)
    second = on(small, "second", until="2026-06-30")
    both = first.merge(second, on=["customer_id", "list"], suffixes=("", "_again"))
    assert len(both) > 50 and set(both["arm"]) == {"send", "control"}
    assert both["arm"].eq(both["arm_again"]).all() and not both["campaign"].eq(both["campaign_again"]).any()


def test_lists_of_visitors_come_back_as_past_campaigns_and_keep_who_is_on_them_in_peace(small, capsys):
    first = on(small, "first", until="2026-06-30")
    assert len(first) == 80
    alone = [
        extras.past_campaigns(small / "first" / "s" / f"{name}.csv").table for name in set(first["list"])
    ]
    assert sum(map(len, alone)) == 80
    more = "    past_campaigns: first/s/*.csv\n"
    (small / "shops.yml").write_text(SHOP + more, "utf-8")
    shop = Shop.open(small / "shops.yml", "s")
    back = shop.past_campaigns().sort_values("customer_id")
    first = first.sort_values("customer_id")
    assert back["customer_id"].tolist() == first["customer_id"].tolist()  # of those in no order too
    for name in ("campaign", "arm", "offer", "channel"):
        assert back[name].tolist() == first[name].tolist()
    assert back["sent_on"].dt.strftime("%Y-%m-%d").tolist() == first["send_on"].tolist()
    capsys.readouterr()
    assert on(small, "second", until="2026-07-05").empty  # 14 days an order counts as an answer
    said = capsys.readouterr().out
    assert "never-bought: 0 of 40 may be written to by sms (is in a campaign that still runs: 40)" in said


def test_lists_of_visitors_find_their_way_back_to_who_never_bought(small):
    rows = on(small, "first", until="2026-06-30").query("list == 'never-bought' and arm == 'send'")
    table = small / "first" / "s" / "never-bought.csv"
    made = small / "to.csv"
    with pytest.raises(SystemExit) as ended:
        where = ["--shops", str(small / "shops.yml"), "--shop", "s", "--out", str(made)]
        main(["addressees", str(table), *where])
    assert ended.value.code == 0
    found = listed(made)
    assert found["customer_id"].tolist() == rows["customer_id"].tolist()
    assert set(found["address"]) <= {f"V{n:03d}" for n in range(40, 80)} and len(found) > 10
    assert {"send_on", "kind", "category"} <= set(found) and not {"arm", "offer", "campaign"} & set(found)


def test_a_second_message_stays_in_its_folder_and_can_be_addressed(small):
    named = ("--campaign", "../春/季 1")
    assert run("follow-up", small / "out", *named, shop="s", file=small / "shops.yml") == 0
    assert [path.name for path in (small / "out" / "s").iterdir()] == ["follow-up-.._春_季_1.csv"]
    with pytest.raises(SystemExit) as ended:
        where = ["--shops", str(small / "shops.yml"), "--shop", "s", "--out", str(small / "to.csv")]
        main(["addressees", str(small / "out" / "s" / "follow-up-.._春_季_1.csv"), *where])
    assert ended.value.code == 0
    assert sorted(listed(small / "to.csv")["address"]) == [
        "V000",
        "V001",
    ]  # a list without arms is sent whole


def test_what_a_calendar_did_not_keep_is_sent_to_nobody(small):
    table = pd.DataFrame({"customer_id": ["c"], "channel": "sms", "kept": "False"})
    table.to_csv(small / "calendar.csv", index=False)
    with pytest.raises(SystemExit) as ended:
        where = ["--shops", str(small / "shops.yml"), "--shop", "s", "--out", str(small / "to.csv")]
        main(["addressees", str(small / "calendar.csv"), *where])
    assert ended.value.code and not (small / "to.csv").exists()
