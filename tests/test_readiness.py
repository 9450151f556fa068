"""Which file unlocks what: every answer names something that exists, and turns ready when its file comes."""

import re

import pytest

from clv import parameters, readiness
from clv.cli import cli, main
from clv.shop import Shop
from conftest import REPO

SAMPLES = REPO / "data" / "samples" / "shops.yml"


@pytest.mark.parametrize("answer", readiness.answers(), ids=lambda one: one.answer)
def test_an_answer_names_what_exists(answer):
    assert set(answer.needs) <= set(readiness.NEEDS)
    pages = {path.stem for path in (REPO / "playbooks").glob("*.md")}
    commands = {f"clv {name}" for name in cli.commands}
    assert answer.where in {*parameters.CONTRACTS, *pages, *commands}


def test_every_need_unlocks_something():
    assert {need for one in readiness.answers() for need in one.needs} == set(readiness.NEEDS)


def test_an_answer_is_ready_when_all_that_it_needs_is_there():
    nothing = readiness.table({})
    assert not nothing["ready"].any()
    assert (nothing["lacking"] != "").all()
    everything = readiness.table(dict.fromkeys(readiness.NEEDS, "there"))
    assert everything["ready"].all()
    assert (everything["lacking"] == "").all()
    one = readiness.table({"consent": "91 %"}).set_index("answer")
    assert one.loc["Lists that may be sent", "ready"]
    assert one.loc["Birthday wishes and presents", "lacking"] == "members: birthday: month and day"


def test_a_shop_without_and_with_the_files(tmp_path, monkeypatch):
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    bare = readiness.of(Shop.open(SAMPLES, "cdnow"))
    assert {need for need, there in bare.items() if there} == {"shops"}
    store = readiness.of(Shop.open(SAMPLES, "department"))
    assert store["consent"] == "91% of 2,110 members, 99% of whom have bought"
    assert all(store[need] for need in ("category", "titles", "discount", "birthday", "past_campaigns"))


def test_a_file_that_cannot_be_read_is_told_and_stops_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    (tmp_path / "orders.csv").write_text("order_id,customer_id,paid_at,amount\n1,a,2026-01-05,80\n")
    (tmp_path / "members.csv").write_text("customer_id,consent_sms\na,maybe\n")
    (tmp_path / "shops.yml").write_text(
        "shops:\n  s:\n    platform: csv\n    orders: orders.csv\n    members: members.csv\n"
    )
    shop = Shop.open(tmp_path / "shops.yml", "s")
    assert readiness.of(shop)["consent"] == ""
    assert re.search(r"consent_sms cannot be read in 1 of 1 rows", readiness.unreadable(shop)["members"])


def test_every_file_that_is_wrong_is_told_and_unlocks_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    (tmp_path / "orders.csv").write_text("order_id,customer_id,paid_at,amount,gift\n1,a,2026-01-05,80,\n")
    for name in ("price.csv", "links.csv", "rules.yml", "windows.csv", "ledger.jsonl", "points.csv"):
        (tmp_path / name).write_text("x,y\n1,2\n")
    named = (
        "price_index: price.csv", "links: links.csv", "membership: rules.yml", "festivals: windows.csv",
        "ledger: ledger.jsonl", "points: points.csv", "gifts: leave out", "identity: none",
    )  # fmt: skip
    entry = "".join(f"    {line}\n" for line in ("platform: csv", "orders: orders.csv", *named))
    (tmp_path / "shops.yml").write_text(f"shops:\n  s:\n{entry}")
    shop = Shop.open(tmp_path / "shops.yml", "s")
    wrong = readiness.unreadable(shop)
    assert set(wrong) == {"price_index", "links", "membership", "festivals", "ledger", "points"}
    assert wrong["price_index"].startswith("shops.yml, shop 's', price_index: ")
    there = readiness.of(shop)
    assert not any(
        there[need] for need in ("price_index", "channels", "tiers", "festivals", "ledger", "gifts")
    )


def test_a_shop_that_cannot_be_read_does_not_stop_the_others(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    (tmp_path / "orders.csv").write_text("order_id,customer_id,paid_at,amount\n1,a,2026-01-05,80\n")
    (tmp_path / "shops.yml").write_text(
        "defaults: {platform: csv}\nshops:\n  first: {orders: none.csv}\n  second: {orders: orders.csv}\n"
    )
    with pytest.raises(SystemExit) as ended:
        main(["readiness", str(tmp_path / "shops.yml"), "--out", str(tmp_path / "runs")])
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert "second: " in said.out
    assert "shop 'first', orders: there is no file" in said.err
