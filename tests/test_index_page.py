"""The overview: every shop and notebook is there, its status in words, links that work from any folder."""

import pytest
from bs4 import BeautifulSoup

from clv.telling import index_page

QUESTIONS = {"01_orders": "Can these orders be trusted?", "02_customers": "Who are the customers?"}


def record(shop="gold", notebook="01_orders", status="ok", **keys):
    finished = status in ("ok", "refused")
    return {
        "shop": shop,
        "shop_name": f"{shop} shop",
        "notebook": notebook,
        "question": QUESTIONS[notebook],
        "status": status,
        "message": "",
        "seconds": 1.5,
        "made_at": "2026-07-01T09:30:12",
        "until": "2026-06-30",
        "facts": [],
        "figures": [],
        "html": f"{shop}/{notebook}.html" if finished else "",
        "ipynb": f"{shop}/{notebook}.ipynb",
        "key": "3f9a",
    } | keys


def fact(name, value, **keys):
    return {"name": name, "value": value, "unit": "", "low": None, "high": None, "label": ""} | keys


def soup(*records, **keys):
    return BeautifulSoup(index_page.html(records, made_at="2026-07-01T09:31:00", **keys), "html.parser")


def table(seen):
    rows = [row.select("th, td") for row in seen.select("tr")]
    return [[" ".join(cell.get_text(" ").split()) for cell in row] for row in rows]


def test_shops_by_notebooks_with_status_in_words_and_a_time():
    refused = record(notebook="02_customers", status="refused")
    seen = soup(record(), refused, record("gifts", status="failed"), shops={"new": "New"})
    assert table(seen) == [
        ["shop", "Can these orders be trusted? 01_orders", "Who are the customers? 02_customers"],
        ["New", "– not run", "– not run"],
        [
            "gold shop orders until 30 June 2026",
            "✓ done 1 July 2026, 09:30",
            "○ no answer 1 July 2026, 09:30",
        ],
        ["gifts shop orders until 30 June 2026", "✕ failed 1 July 2026, 09:30", "– not run"],
    ]


@pytest.mark.parametrize("status", [*index_page.STATUS, "unheard of"])
def test_every_status_has_words_and_a_symbol(status):
    cell = table(soup(record(status=status)))[1][1]
    symbol, words = cell.split(maxsplit=1)
    assert not symbol.isalnum()
    assert words.removesuffix(" 1 July 2026, 09:30").replace(" ", "").isalpha()


def test_links_are_relative_and_lead_to_files_that_are_there(tmp_path):
    records = [record(), record("gifts", status="failed", message="ValueError: x")]
    for name in ("gold/01_orders.html", "gifts/01_orders.ipynb"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("")
    path = index_page.write(tmp_path, records, made_at="2026-07-01T09:31:00")
    assert path == tmp_path / "index.html"
    seen = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    links = [link["href"] for link in seen.select("a")]
    assert sorted(links) == ["gifts/01_orders.ipynb", "gold/01_orders.html"]
    assert all((tmp_path / link).is_file() for link in links)


def test_failures_and_refusals_give_their_sentence_and_the_notebook():
    seen = soup(
        record(status="failed", message="ValueError: no date in row 7"),
        record("gifts", status="refused", message="No buyer is named."),
    )
    failed, refused = seen.select(".messages")
    assert "ValueError: no date in row 7" in failed.get_text()
    assert "No buyer is named." in refused.get_text()
    assert [item.a["href"] for item in (failed, refused)] == ["gold/01_orders.ipynb", "gifts/01_orders.ipynb"]


def test_labelled_facts_stand_under_their_shop_once_with_their_range():
    rate = fact("rate", 0.273, unit="share", low=0.251, high=0.294, label="came back")
    told = record(facts=[rate, fact("hidden", 1)])
    seen = soup(told, record(notebook="02_customers", facts=[rate]), record("gifts"))
    (strip,) = seen.select(".facts")
    assert " ".join(strip.get_text(" ").split()) == "came back 27.3 % 25.1 to 29.4"
    assert strip.find_previous("h3").get_text() == "gold shop"
    assert "gifts shop" in seen.select("main .hint")[-1].get_text()


def test_the_page_is_inert_whatever_the_records_hold():
    bad = "<script>alert(1)</script>"
    attack = record(
        shop=bad, shop_name=bad, question=bad, status=bad, message=bad, until=bad, made_at=bad,
        html="javascript:alert(1)", ipynb='"><script>', facts=[fact(bad, bad, unit=bad, label=bad)],
    )  # fmt: skip
    seen = soup(attack, shops={"new": bad})
    assert not seen.select("script, iframe, img")
    assert [link["href"] for link in seen.select("a")] == ["javascript%3Aalert%281%29", "%22%3E%3Cscript%3E"]
    assert "default-src 'none'" in seen.select_one('meta[http-equiv="Content-Security-Policy"]')["content"]


def test_one_title_and_a_language():
    seen = soup(record())
    assert seen.html["lang"] == "en"
    assert len(seen.select("h1")) == 1
    assert "1 July 2026, 09:31" in seen.title.get_text()


def test_nothing_has_run_yet():
    seen = soup(shops={"new": "New shop"})
    assert "Nothing has run yet." in seen.get_text()
    assert "New shop" in seen.get_text()


def test_what_is_about_all_shops_stands_by_itself():
    compared = record("_all", shop_name="All shops", question="How do they compare?", notebook="01_orders")
    rate = fact("rate", 3, label="shops")
    of_all = {**compared, "notebook": "09_stores", "of_all_shops": True, "facts": [rate]}
    seen = soup(record(), of_all, shops={"new": "New"})
    reports, all_shops = seen.select("table")
    assert "How do they compare?" not in reports.get_text() and "All shops" not in reports.get_text()
    assert [row.get_text(" ", strip=True) for row in all_shops.select("tr")] == [
        "shops How do they compare? 09_stores",
        "All shops orders until 30 June 2026 ✓ done 1 July 2026, 09:30",
    ]
    assert "2 shops, 2 questions" in " ".join(seen.get_text(" ").split())
    assert seen.select_one(".facts").find_previous("h3").get_text() == "All shops"
    assert len(soup(of_all).select("h2")) == 2  # no heading of a table that is not there
