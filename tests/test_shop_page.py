"""The page of a shop: every answer and number of it, over past runs; links work from its folder."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from clv import history, shopfile
from clv.language import speaking
from clv.running import overview, plan, runs
from clv.telling.overview import shop_page
from clv.telling.pages import write_whole
from runs_made import fact, past, record
from tiny_notebooks import Tiny, write

RATE = fact("rate", 0.273, unit="share", low=0.251, high=0.294, label="came back")
FACTS = [fact("count", 7, label="orders"), fact("hidden", 1), RATE]


def soup(*records, shop="gold", **keys):
    page = shop_page.html(shop, records, made_at="2026-07-01T09:31:00", **{"name": "Gold"} | keys)
    return BeautifulSoup(page, "html.parser")


def words(element):
    return " ".join(element.get_text(" ").split())


def test_key_facts_first_then_the_other_labelled_ones_each_with_what_came_before():
    table = past(
        ("gold", "01_orders", "2026-05-31", "rate", 0.3, "share", 0.28, 0.32),
        ("gold", "01_orders", "2026-05-31", "count", 7, "", None, None),
    )
    seen = soup(record(facts=FACTS, keys=["rate"], answer="A quarter came back."), past=table)
    for picture in seen.select("svg"):
        picture.decompose()
    first, rest = seen.select("dl.keys")
    assert words(first) == "came back 27.3 % 25.1 to 29.4 ▼ down from 30"
    assert words(rest) == "orders 7 = as before"
    assert rest.find_parent("details")
    assert words(seen.select_one(".answer")) == "A quarter came back."


def test_links_are_seen_from_the_folder_of_the_shop(tmp_path):
    there = [
        "gold/01_orders.html", "gold/01_orders.ipynb", "gold/01_orders.xlsx", "gold/readiness.html",
        "gold/changes.html", "gold/2026-05-31/01_orders.html", "index.html",
    ]  # fmt: skip
    for name in there:
        write_whole(tmp_path / name, "")
    path = shop_page.write(
        tmp_path,
        "gold",
        [record()],
        made_at="2026-07-01T09:31:00",
        name="Gold",
        readiness="gold/readiness.html",
        beside={"01_orders": ["gold/01_orders.xlsx"]},
        kept={
            ("gold", "2026-05-31", "01_orders"): "gold/2026-05-31/01_orders.html",
            ("other", "2026-05-31", "01_orders"): "other/2026-05-31/01_orders.html",
        },
        changes=SimpleNamespace(
            link="gold/changes.html", sentence="1 number moved.", moved=["orders: 6 → 7"]
        ),
    )
    assert path == tmp_path / "gold" / "index.html"
    seen = BeautifulSoup(path.read_text("utf-8"), "html.parser")
    links = {link["href"] for link in seen.select(".overview a") if not link["href"].startswith("#")}
    assert {(path.parent / link).resolve() for link in links} == {
        (tmp_path / name).resolve() for name in there
    }
    jumps = [link["href"][1:] for link in seen.select(".jumps a")]
    assert jumps and all(seen.find(id=jump) for jump in jumps)


def test_a_run_that_failed_says_why_and_shows_no_numbers():
    seen = soup(record(status="failed", message="ValueError: no\nline 2", facts=FACTS, answer="Half."))
    assert words(seen.select_one(".notice")) == "ValueError: no"
    assert "Half." not in words(seen) and not seen.select("dl.keys")


def test_months_are_all_there_the_newest_first():
    days = [f"2025-{month:02}-28" for month in range(1, 13)]
    seen = soup(record(), past=past(*(("gold", "01_orders", day, "n", 1, "", None, None) for day in days)))
    assert [words(day) for day in seen.select(".days dt")][:2] == ["30 June 2026", "28 December 2025"]
    assert len(seen.select(".days dt")) == 13


def test_the_page_is_inert_whatever_the_records_hold():
    bad = "<script>alert(1)</script>"
    attack = record(
        notebook=bad, question=bad, status=bad, message=bad, until=bad, html="javascript:alert(1)",
        ipynb='"><i>', facts=[fact(bad, bad, unit=bad, label=bad)], answer=bad,
    )  # fmt: skip
    seen = soup(attack, {**attack, "status": "ok", "notebook": "x"}, name=bad, readiness="javascript:x")
    assert not seen.select("script, iframe, img, i")
    assert not [link for link in seen.select("a") if "javascript:" in link["href"]]


SHOPS = """shops:
  gold: {name: 金 Gold, platform: csv, orders: gold.csv, lang: zh}
  silver: {platform: csv, orders: silver.csv}
"""


@pytest.fixture
def todo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[plan.Task]:
    monkeypatch.setitem(plan.parameters.CONTRACTS, "tiny", Tiny)
    (tmp_path / "shops.yml").write_text(SHOPS, "utf-8")
    notebook = write(tmp_path / "notebooks", Tiny, "")
    return plan.tasks(shopfile.load(tmp_path / "shops.yml"), [notebook])


def test_a_batch_writes_a_page_for_each_shop_that_ran_in_its_language(todo, tmp_path):
    out = tmp_path / "runs"
    told = [fact("depth", 3, label="metres")]
    one = runs.record(todo[0], status="ok", until="2026-06-30", facts=told, html="gold/tiny.html", key="a")
    runs.save(out, one)
    history.add(
        out, history.of_record({**one, "until": "2026-05-31", "facts": [fact("depth", 2, label="metres")]})
    )
    for name in ("gold/tiny.html", "gold/tiny.xlsx", "gold/readiness.html"):
        write_whole(out / name, "")
    with speaking("en"):
        overview.write(out, todo)
    shop = BeautifulSoup((out / "gold/index.html").read_text("utf-8"), "html.parser")
    assert shop.html["lang"].startswith("zh") and "报告" in words(shop)
    assert {"tiny.xlsx", "tiny.html", "readiness.html"} <= {link["href"] for link in shop.select("a")}
    assert shop.select("svg.spark")
    index = BeautifulSoup((out / "index.html").read_text("utf-8"), "html.parser")
    assert index.html["lang"] == "en"
    assert [link["href"] for link in index.select("tbody th a")] == ["gold/index.html"]
    assert not (out / "silver").exists()


def test_a_record_from_before_key_facts_were_kept_gets_those_of_its_contract(todo, tmp_path, monkeypatch):
    monkeypatch.setattr(Tiny, "key_facts", ("depth",))
    out = tmp_path / "runs"
    told = [fact("width", 9, label="wide"), fact("depth", 3, label="deep")]
    old = runs.record(todo[1], status="ok", until="2026-06-30", facts=told, html="silver/tiny.html", key="a")
    runs.save(out, {key: value for key, value in old.items() if key != "keys"})
    overview.write(out, todo)
    index = BeautifulSoup((out / "index.html").read_text("utf-8"), "html.parser")
    assert words(index.select_one("td[data-value]")) == "tiny ✓ done 3 deep"
