"""The notebooks, executed as `clv batch` does: thin, complete, right, private, and harmless to open."""

import json
import re
import shutil

import nbformat
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

import clv
from clv import history
from clv.telling import facts
from conftest import REPO
from sample_reports import NOTEBOOKS, OF_ALL, SAMPLES, batch, place

LONGEST_CELL = 16
BUYERS = {
    "gift": ("orders.csv", "Client", "utf-8"),
    "department": ("orders_20260701.csv", "买家手机号", "utf-8-sig"),
}


def record(folder, notebook: str) -> dict:
    return json.loads((folder / f"{notebook}.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def run(english_runs):
    """By notebook, the folder of the shop that it ran for."""
    return {path.stem: english_runs / place(path.stem) for path in NOTEBOOKS}


def fact(run, name: str) -> float:
    said = [f for stem, place in run.items() for f in record(place, stem)["facts"] if f["name"] == name]
    return said[0]["value"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin(path):
    cells = nbformat.read(path, as_version=4).cells
    code = [c for c in cells if c.cell_type == "code"]
    body = [c for c in code if "parameters" not in c.metadata.get("tags", [])]
    assert max(c.source.count("\n") + 1 for c in body) <= LONGEST_CELL
    assert not any(re.search(r"^\s*(def|class)\b", c.source, re.M) for c in code)
    words = sum(len(c.source.split()) for c in cells if c.cell_type == "markdown")
    assert words >= sum(c.source.count("\n") + 1 for c in body)  # more is told than done


@pytest.mark.slow
def test_every_notebook_runs_for_a_sample_shop(run):
    assert {stem for stem, place in run.items() if record(place, stem)["status"] != "ok"} == set()


@pytest.mark.slow
def test_the_facts_are_what_the_tables_say(run):
    shop = clv.Shop.open(SAMPLES / "shops.yml", "gift")
    orders, customers = shop.orders(), shop.customers()
    assert fact(run, "orders.kept") == len(orders)
    assert fact(run, "orders.money") == pytest.approx(orders["amount"].sum(), abs=0.005)
    assert fact(run, "customers.count") == orders["customer_id"].nunique()
    bought = orders.dropna(subset="customer_id").groupby("customer_id")["paid_at"]
    days = bought.agg(lambda moments: moments.dt.date.nunique())
    assert fact(run, "customers.one_time_share") == pytest.approx((days == 1).mean())
    silent = (pd.Timestamp("2026-06-30") - customers["last_order"]).dt.days
    assert fact(run, "customers.active_share") == pytest.approx((silent <= 90).mean())
    assert fact(run, "clv.total") > fact(run, "clv.at_stake") >= 0


@pytest.mark.slow
def test_the_facts_of_the_comparison_are_what_the_arena_says(run):
    shop = clv.Shop.open(SAMPLES / "shops.yml", "gift")
    found = clv.arena.compare(
        shop.orders(), clv.schemes.field(thresholds={"R": 180, "F": 2}), until=shop.until, horizon=90,
        rng=np.random.default_rng(20260630),
    )  # fmt: skip
    advice = clv.advice.advise(found, today="windows")
    assert fact(run, "rfm.recommended") == found.table.at[advice.scheme, "name"]
    assert fact(run, "rfm.gini") == pytest.approx(found.table.at[advice.scheme, "gini"])
    assert fact(run, "rfm.today_reached") == pytest.approx(found.table.at["windows", "reached"])
    assert fact(run, "rfm.price_money") == pytest.approx(advice.price["money"])


@pytest.mark.slow
def test_the_facts_of_the_shops_side_by_side_are_what_each_shop_says(run):
    shop = clv.Shop.open(SAMPLES / "shops.yml", "gift")
    customers = shop.customers()
    assert fact(run, "stores.compared") == 2
    assert fact(run, "stores.gift.one_time") == pytest.approx((customers["frequency"] == 0).mean())
    assert fact(run, "stores.gift.active") == pytest.approx((customers["days_since_last"] <= 90).mean())
    year = shop.orders().query("paid_at >= '2025-07-01'")
    assert fact(run, "stores.gift.average_order") == pytest.approx(year["amount"].mean())
    said = [f for f in record(run[OF_ALL], OF_ALL)["facts"] if f["name"].startswith("stores.gift.")]
    assert all(f["low"] <= f["value"] <= f["high"] for f in said)
    kept = history.read(run[OF_ALL].parent)
    assert set(kept["shop"]) == {"gift", "department", history.ALL}


@pytest.mark.slow
def test_a_scheme_of_the_shop_takes_part_and_may_be_todays(tmp_path):
    entry = (SAMPLES / "shops.yml").read_text("utf-8").replace(" gift/", f" {SAMPLES / 'gift'}/")
    own = ["name: {en: Halves <b>&, zh: 两半}", "source: this test", "rule: r.", "axes: {R: {at: [120]}}"]
    (tmp_path / "halves.yml").write_text("\n".join([*own, "segments: every cell"]), "utf-8")
    (tmp_path / "shops.yml").write_text(
        entry.replace("    name: 礼遇小铺", "    schemes: halves.yml\n    name: 礼遇小铺"), "utf-8"
    )
    asked = ("--shop", "gift", "--notebook", "04_rfm_schemes", "--set", "04_rfm_schemes.today=halves")
    notebooks = ("--notebooks", str(REPO / "notebooks"))
    assert batch(tmp_path / "shops.yml", tmp_path / "runs", *asked, *notebooks) == 0
    said = record(tmp_path / "runs" / "gift", "04_rfm_schemes")
    assert {"rfm.today": "Halves <b>&"}.items() <= {f["name"]: f["value"] for f in said["facts"]}.items()
    page = (tmp_path / "runs" / "gift" / "04_rfm_schemes.html").read_text("utf-8")
    assert "Halves <b>" not in page and "Halves" in page


def test_a_wrong_todays_scheme_is_told_before_anything_starts(tmp_path, capsys):
    asked = ("--shop", "gift", "--notebook", "04_rfm_schemes", "--set", "04_rfm_schemes.today=window")
    assert batch(SAMPLES / "shops.yml", tmp_path / "runs", *asked) == 2
    assert "did you mean 'windows'" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
def test_a_shop_too_young_for_a_comparison_is_refused_in_a_sentence(tmp_path):
    asked = ("--shop", "gift", "--notebook", "04_rfm_schemes", "--set", "04_rfm_schemes.horizon_days=300")
    assert batch(SAMPLES / "shops.yml", tmp_path, *asked) == 1
    said = record(tmp_path / "gift", "04_rfm_schemes")
    assert said["status"] == "refused"
    assert "a horizon of 300 days needs three times as many" in said["message"]


@pytest.mark.slow
@pytest.mark.parametrize("notebook", [path.stem for path in NOTEBOOKS])
def test_a_report_stands_alone_and_keeps_secrets(run, notebook):
    text = (run[notebook] / f"{notebook}.html").read_text("utf-8")
    page = BeautifulSoup(text, "html.parser")
    assert len(text) < 3_000_000
    assert not page.find_all(["script", "iframe", "link", "object"])
    assert not [tag for tag in page.find_all(src=True) if not tag["src"].startswith("data:")]
    assert "default-src 'none'" in page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert all(image.get("alt") for image in page.find_all("img"))
    shops = BUYERS if notebook == OF_ALL else [run[notebook].name]
    for shop, (name, column, encoding) in [(shop, BUYERS[shop]) for shop in shops]:
        table = pd.read_csv(SAMPLES / shop / name, dtype="str", encoding=encoding)
        buyers = table[column].dropna().str.strip()
        assert buyers.nunique() > 400
        assert not [who for who in buyers.unique() if len(who) > 3 and who in text]
    assert "@example.com" not in text


@pytest.mark.slow
def test_two_runs_tell_the_same(run, tmp_path):
    assert batch(SAMPLES / "shops.yml", tmp_path, "--shop", "gift", "--notebook", "03_lifetime_value") == 0
    first, second = (
        nbformat.read(folder / "03_lifetime_value.ipynb", as_version=4)
        for folder in (run["03_lifetime_value"], tmp_path / "gift")
    )
    assert facts.collect(first) == facts.collect(second)
    assert [c.get("outputs") for c in first.cells] == [c.get("outputs") for c in second.cells]


@pytest.mark.slow
def test_an_export_without_buyers_is_refused_as_customers_not_as_orders(tmp_path):
    header = "订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额\n"
    days = [f"2026-01-{n % 28 + 1:02d}" for n in range(40)]
    rows = [f"{n},100.0,100.0,上海,{day} 10:00:00,{day} 10:01:00,0.0\n" for n, day in enumerate(days)]
    (tmp_path / "report.csv").write_text(header + "".join(rows), encoding="gb18030")
    entry = "shops:\n  r: {name: 报表, platform: taobao, orders: report.csv}\n"
    (tmp_path / "shops.yml").write_text(entry, encoding="utf-8")
    shutil.copytree(REPO / "notebooks", tmp_path / "notebooks")
    asked = ("01_orders", "02_customers")
    options = [word for name in asked for word in ("--notebook", name)]
    assert batch(tmp_path / "shops.yml", tmp_path / "runs", *options) == 1
    orders, customers = (record(tmp_path / "runs" / "r", name) for name in asked)
    assert orders["status"] == "ok"
    assert customers["status"] == "refused"
    assert "买家会员名" in customers["message"]
