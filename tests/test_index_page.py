"""The overview: every shop and notebook is there, its status in words, links that work from any folder."""

import re
from base64 import b64encode
from hashlib import sha256
from types import SimpleNamespace

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from clv.language import speaking
from clv.telling.overview import page as index_page
from clv.telling.overview import sparklines
from clv.telling.overview.words import STATUSES
from runs_made import QUESTIONS, fact, past, record


def soup(*records, **keys):
    return BeautifulSoup(index_page.html(records, made_at="2026-07-01T09:31:00", **keys), "html.parser")


def words(element):
    return " ".join(element.get_text(" ").split())


def body(seen, table="#table-reports"):
    return [[words(cell) for cell in row.select("th, td")] for row in seen.select(f"{table} tbody tr")]


def test_shops_by_notebooks_with_status_in_words():
    refused = record(notebook="02_customers", status="refused")
    seen = soup(record(), refused, record("gifts", status="failed"), shops={"new": "New"})
    head = [words(cell) for cell in seen.select("#table-reports thead tr:first-child th")]
    assert head == ["Shop", "Orders until", *(f"{name} {QUESTIONS[note]}" for note, name in NAMES.items())]
    assert body(seen) == [
        ["New new", "not run", "01 Orders – not run", "02 Customers – not run"],
        [
            "gold shop gold",
            "orders until 30 June 2026",
            "01 Orders ✓ done",
            "02 Customers ○ no answer",
        ],
        ["gifts shop gifts", "orders until 30 June 2026", "01 Orders ✕ failed", "02 Customers – not run"],
    ]
    assert (
        words(seen.select_one(".tally"))
        == "3 shops, 2 questions: ✕ 1 failed ○ 1 no answer ✓ 1 done – 3 not run"
    )


NAMES = {"01_orders": "01 Orders", "02_customers": "02 Customers"}


@pytest.mark.parametrize("status", [*STATUSES, "unheard of"])
def test_every_status_has_words_and_a_symbol(status):
    cell = soup(record(status=status)).select_one("td .status").get_text().strip()
    symbol, said = cell.split(maxsplit=1)
    assert not symbol.isalnum()
    assert said.replace(" ", "").isalpha()


def test_links_are_relative_and_lead_to_files_that_are_there(tmp_path):
    records = [record(), record("gifts", status="failed", message="ValueError: x")]
    there = (
        "gold/01_orders.html",
        "gifts/01_orders.ipynb",
        "gold/index.html",
        "gold/2026-05-31/01_orders.html",
    )
    for name in there:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    kept = {("gold", "2026-05-31", "01_orders"): there[-1]}
    path = index_page.write(
        tmp_path, records, made_at="2026-07-01T09:31:00", kept=kept, pages={"gold": "gold/index.html"}
    )
    assert path == tmp_path / "index.html"
    seen = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    links = {link["href"] for link in seen.select("main a")}
    assert links == set(there)


def test_failures_give_the_first_line_of_the_error_and_the_notebook():
    seen = soup(
        record(status="failed", message="ValueError: no date in row 7\n  at line 3"),
        record("gifts", status="refused", message="no buyer is named."),
    )
    failed, refused = seen.select(".messages")
    assert "ValueError: no date in row 7" in failed.get_text() and "at line 3" not in failed.get_text()
    assert "No buyer is named." in refused.get_text()
    assert [item.a["href"] for item in (failed, refused)] == ["gold/01_orders.ipynb", "gifts/01_orders.ipynb"]


def test_a_cell_shows_the_first_key_fact_with_its_range_and_the_run_before():
    rate = fact("rate", 0.273, unit="share", low=0.251, high=0.294, label="came back")
    one = record(facts=[fact("count", 7, label="orders"), rate], keys=["rate", "count"])
    table = past(
        ("gold", "01_orders", "2026-04-30", "rate", 0.20, "share", 0.18, 0.22),
        ("gold", "01_orders", "2026-05-31", "rate", 0.10, "share", 0.08, 0.12),
        ("gold", "01_orders", "2026-05-31", "rate", 0.26, "share", 0.24, 0.28),  # ran again: the last counts
        ("gold", "01_orders", "2026-06-30", "rate", 0.273, "share", 0.251, 0.294),
        ("gold", "01_orders", "2026-07-31", "rate", 0.9, "share", 0.8, 1.0),  # later than this run
        ("other", "01_orders", "2026-05-31", "rate", 0.9, "share", 0.8, 1.0),
    )
    cell = soup(one, past=table).select_one("td[data-value]")
    title = cell.title.extract().get_text()
    assert title == "3 runs: 20 % on 30 April 2026, 27.3 % on 30 June 2026"
    assert words(cell) == "01 Orders ✓ done 27.3 % 25.1 to 29.4 ▲ up from 26 came back"
    assert float(cell["data-value"]) == 27.3


def test_numbers_of_a_run_that_failed_are_not_shown():
    seen = soup(record(status="failed", facts=[fact("count", 7, label="orders")]))
    assert not seen.select("td .now")


def test_a_text_and_another_unit_are_no_series():
    told = [fact("model", "BG/NBD", label="the model"), fact("money", 3, unit="CNY", label="earned")]
    table = past(
        ("gold", "01_orders", "2026-05-31", "model", "NBD", "", None, None),
        ("gold", "01_orders", "2026-05-31", "money", 9, "USD", None, None),
    )
    first = soup(record(facts=told, keys=["model"]), past=table).select_one("td[data-rank]")
    second = soup(record(facts=told, keys=["money"]), past=table).select_one("td[data-rank]")
    assert words(first) == "01 Orders ✓ done BG/NBD before: NBD the model"
    assert words(second) == "01 Orders ✓ done 3 CNY earned"


def test_a_sparkline_keeps_days_apart_and_stays_in_its_frame():
    days = pd.to_datetime(["2026-01-01", "2026-01-11", "2026-02-20"])
    points = [
        sparklines.Point(day.date(), *ends)
        for day, ends in zip(days, [(1, 0, 2), (3, 2, 9), (2, 1, 3)], strict=True)
    ]
    drawn = BeautifulSoup(sparklines.svg(points, title="<b>"), "html.parser")
    places = [tuple(map(float, pair.split(","))) for pair in drawn.polyline["points"].split()]
    left, middle, right = (x for x, _ in places)
    assert (middle - left) / (right - left) == pytest.approx(10 / 50, abs=0.01)
    assert places[1][1] < places[2][1] < places[0][1]  # up is more
    band = [tuple(map(float, pair.split(","))) for pair in drawn.polygon["points"].split()]
    assert all(0 <= x <= sparklines.WIDTH and 0 <= y <= sparklines.HEIGHT for x, y in places + band)
    assert drawn.title.get_text() == "<b>"
    assert sparklines.svg(points[:1], title="one run is no line") == ""
    flat = [sparklines.Point(day.date(), 5) for day in days]
    assert (
        float(BeautifulSoup(sparklines.svg(flat, title=""), "html.parser").circle["cy"])
        == sparklines.HEIGHT / 2
    )


def test_months_name_the_notebooks_and_link_the_reports_that_are_kept():
    table = past(
        ("gold", "01_orders", "2026-04-30", "n", 1, "", None, None),
        ("gold", "02_customers", "2026-05-31", "n", 1, "", None, None),
    )
    kept = {("gold", "2026-05-31", "02_customers"): "gold/2026-05-31/02_customers.html"}
    months = soup(record(), past=table, kept=kept).select("table")[1]
    rows = [[words(cell) for cell in row.select("th, td")] for row in months.select("tr")]
    assert rows == [["Shop", "2026-06", "2026-05", "2026-04"], ["gold shop", "01", "02", "01"]]
    assert [(a["href"], a["aria-label"]) for a in months.select("a")] == [
        ("gold/01_orders.html", "01 Orders, gold shop, 30 June 2026"),
        ("gold/2026-05-31/02_customers.html", "02 Customers, gold shop, 31 May 2026"),
    ]


def test_the_page_is_inert_whatever_the_records_hold():
    bad = "<script>alert(1)</script>"
    attack = record(
        shop=bad, shop_name=bad, question=bad, status=bad, message=bad, until=bad, made_at=bad,
        html="javascript:alert(1)", ipynb='"><script>', facts=[fact(bad, bad, unit=bad, label=bad)],
    )  # fmt: skip
    changed = SimpleNamespace(link="javascript:alert(1)", sentence=bad, moved=[bad])
    table = past((bad, "01_orders", bad, bad, bad, bad, None, None))
    seen = soup(
        attack, shops={"new": bad}, pages={"new": "javascript:x"}, changes={"new": changed}, past=table
    )
    (script,) = seen.select("script")
    assert not seen.select("iframe, img")
    assert not [link for link in seen.select("a") if ":" in link["href"] or "<" in link["href"]]
    named = b64encode(sha256(script.string.encode()).digest()).decode()
    policy = seen.select_one('meta[http-equiv="Content-Security-Policy"]')["content"]
    assert "default-src 'none'" in policy
    assert re.search(r"script-src ([^;]*)", policy)[1] == f"'sha256-{named}'"


def test_what_changed_is_told_of_its_shop_and_of_all():
    changed = SimpleNamespace(link="gold/changes.html", sentence="2 numbers moved.", moved=["count: 1 → 7"])
    of_all = record("_all", notebook="09_stores", question="How do they compare?", of_all_shops=True)
    seen = soup(record(), of_all, changes={"gold": changed, "_all": changed, "gone": changed})
    said = seen.select_one("#changes").find_next("ul")
    assert [words(item) for item in said.find_all("li", recursive=False)] == [
        "gold shop · 2 numbers moved. All changes count: 1 → 7",
        "All shops · 2 numbers moved. All changes count: 1 → 7",
    ]
    assert said.a["href"] == "gold/changes.html"


def test_a_search_finds_names_ids_and_messages():
    row = soup(record(status="failed", message="No Date")).select_one("tbody tr")
    assert all(word in row["data-find"] for word in ("gold shop", "gold", "no date", "failed"))


def test_one_title_and_a_language():
    seen = soup(record())
    assert seen.html["lang"] == "en"
    assert len(seen.select("h1")) == 1
    assert "1 July 2026, 09:31" in seen.title.get_text()
    with speaking("zh"):
        told = soup(record(facts=[fact("n", 7, label="订单")]), record("gifts", status="failed"))
    assert told.html["lang"].startswith("zh")
    page = words(told)
    assert "01 订单" in page and "失败" in page and "2 家店铺，1 个问题" in page


def test_nothing_has_run_yet():
    seen = soup(shops={"new": "New shop"})
    assert "Nothing has run yet." in seen.get_text()
    assert "New shop" in seen.get_text()


def test_what_is_about_all_shops_stands_by_itself():
    rate = fact("rate", 3, label="shops")
    of_all = record(
        "_all", question="How do they compare?", notebook="09_stores", of_all_shops=True, facts=[rate]
    )
    seen = soup(record(), of_all, shops={"new": "New"})
    reports, _ = seen.select("table")
    assert "How do they compare?" not in reports.get_text() and "All shops" not in reports.get_text()
    assert body(seen, "#table-all-shops") == [["09 Stores ✓ done 3 shops"]]
    assert words(seen.select_one(".tally")).startswith("2 shops, 2 questions:")
    assert [h.get_text() for h in soup(of_all).select("h2") if "aside" not in h.get("class", [])] == [
        "All shops"
    ]


def test_two_hundred_shops_stay_a_page_that_can_be_sent():
    numbers = [fact("rate", 0.2, unit="share", low=0.1, high=0.3, label="of the customers came back")]
    notebooks = [f"{number:02}_questions" for number in range(8)]
    ids = [f"shop{number}" for number in range(200)]
    records = [
        record(shop, notebook=one, question="Why?", facts=numbers) for shop in ids for one in notebooks
    ]
    rows = [
        (shop, one, f"2026-{month:02}-01", "rate", 0.1 * month, "share", 0.1, 0.9)
        for shop in ids for one in notebooks for month in range(1, 6)
    ]  # fmt: skip
    page = index_page.html(records, made_at="2026-07-01T09:31:00", past=past(*rows))
    assert page.count('class="spark"') == 1600
    assert len(page.encode()) < 3e6
