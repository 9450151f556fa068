"""Shops that attack: what customers are must not get out, and what is written in an export must not run.

Two shops are written whose every text column holds something planted (`red_team`); in one of them the words
for goods, channels and the shop itself are attacks too. One batch, one play and the commands of lists run
over them, where Linux can with the network cut off, under a umask that would let everybody read. All that
they leave is searched.
"""

import csv
import io
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from browser import chromium
from clv.formulas import FORMULA
from clv.reading import shown
from clv.veils import veiled
from conftest import REPO
from red_team import attacks, planted, scanner, shops

NOTEBOOKS = ("02_customers", "06_campaign_results", "07_membership", "08_preferences")
SECRET = "a secret that stands in no report"


@dataclass(frozen=True)
class Attacked:
    """What the commands left: a folder of each, and what they said."""

    place: Path
    said: str
    planted: int

    @property
    def shared(self) -> list[Path]:
        """What may be shown, sent or logged: all but the exports and the file of addressees."""
        names = ("runs", "plays", "lists", "cache", "said.txt")
        return [self.place / name for name in names]


def clv(place: Path, *words: object) -> tuple[int, str]:
    """Run the command line with the network cut off, where that can be, and everybody let in by the umask."""
    command = [*_unshared(), sys.executable, "-m", "clv.cli", *map(str, words)]
    environment = {**os.environ, "CLV_CACHE": str(place / "cache"), "CLV_SECRET": SECRET, "PYTHONPATH": ""}
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False, umask=0
    )
    return done.returncode, done.stdout + done.stderr


def _unshared() -> list[str]:
    command = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    can = shutil.which("unshare") and not subprocess.run([*command, "true"], capture_output=True).returncode
    return command if can else []


@pytest.fixture(scope="module")
def attacked(tmp_path_factory) -> Attacked:
    place = tmp_path_factory.mktemp("red")
    plant = shops.write_all(place / "shops", people=400, shops=("taobao", "csv"), hostile=("csv",))
    file, said = place / "shops" / "shops.yml", []
    named = [word for name in NOTEBOOKS for word in ("--notebook", name)]
    notebooks = ("--notebooks", REPO / "notebooks")
    commands = [
        ("batch", file, *named, "--out", "runs", *notebooks),
        ("play", "recall-the-sleeping", "--shops", file, "--shop", "csv", "--out", "plays", *notebooks),
        ("identity", file, "--out", "lists"),
        ("contact-calendar", file, "--shop", "csv", "--out", "lists"),
        ("visitors", file, "--shop", "taobao", "--out", "lists"),
        ("addressees", "lists/csv/contact-calendar.csv", "--shops", file, "--shop", "csv", "--out", "to.csv"),
        ("orders", "shops/taobao/orders.csv", "--platform", "taobao", "--out", "orders.parquet"),
        ("customers", "orders.parquet", "--out", "customers.parquet"),
    ]  # fmt: skip
    for words in commands:
        code, text = clv(place, *words)
        assert code == 0, text
        said.append(text)
    (place / "said.txt").write_text("\n".join(said), "utf-8")
    return Attacked(place, "\n".join(said), len(plant.where))


@pytest.mark.slow
def test_nothing_planted_is_in_any_report_list_log_manifest_or_in_the_cache(attacked):
    assert attacked.planted > 20_000
    assert len(list((attacked.place / "runs").rglob("*.html"))) > 10
    assert scanner.leaks(*attacked.shared) == {}


@pytest.mark.slow
def test_the_search_finds_what_is_there(attacked):
    exports = scanner.leaks(attacked.place / "shops")
    assert {Path(path).name for path in exports} >= {"orders.csv", "members.csv", "items.csv", "visits.csv"}
    assert scanner.leaks(attacked.place / "to.csv", attacked.place / "customers.parquet")  # ids, as they must


@pytest.mark.slow
def test_what_names_customers_only_its_owner_can_read_whatever_the_umask_lets(attacked):
    mine = ["lists", "cache/csv", "cache/taobao", "plays/csv/lists"]
    files = [path for name in mine for path in (attacked.place / name).rglob("*") if path.is_file()]
    files += [attacked.place / name for name in ("to.csv", "orders.parquet", "customers.parquet")]
    files += [attacked.place / "plays" / "csv" / name for name in ("plan.json", "registration.json")]
    assert len(files) > 20
    assert {path.name: oct(mode(path)) for path in files if mode(path) != 0o600} == {}
    folders = [attacked.place / name for name in ("lists/csv", "lists/taobao", "plays", *mine[1:])]
    assert {path.name: oct(mode(path)) for path in folders if mode(path) != 0o700} == {}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.slow
def test_no_cell_of_any_table_is_a_formula(attacked):
    tables = [p for name in ("runs", "plays", "lists") for p in (attacked.place / name).rglob("*.csv")]
    cells = {cell for path in tables for row in csv.reader(_text(path)) for cell in row if not _number(cell)}
    assert len(tables) > 20
    assert {cell[:5] for cell in cells} >= {"'-2+3", "'=1+1"}  # attacks that came so far, as text
    assert [cell for cell in cells if FORMULA.match(cell)] == []
    books = [path for path in attacked.place.rglob("*.xlsx") if "shops" not in path.parts]
    assert books
    for path in books:
        with zipfile.ZipFile(path) as book:
            sheets = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/")]
        assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets), path.name


def _text(path: Path) -> io.StringIO:
    return io.StringIO(path.read_text("utf-8-sig"), newline="")


def _number(cell: str) -> bool:
    return pd.notna(pd.to_numeric(cell, errors="coerce"))


@pytest.mark.slow
def test_nothing_of_an_export_runs_loads_or_leads_away_in_a_browser(attacked):
    pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install playwright")
    pages = [path for name in ("runs", "plays") for path in (attacked.place / name).rglob("*.html")]
    with chromium.started(chromium.installed()) as browser:
        for path in pages:
            with chromium.watched(browser) as seen:
                dialogs = []
                seen.page.on(
                    "dialog", lambda one, dialogs=dialogs: (dialogs.append(one.message), one.dismiss())
                )
                seen.page.goto(path.as_uri())
                where = path.relative_to(attacked.place).as_posix()
                assert (where, dialogs, seen.troubles, seen.asked_of_others()) == (where, [], [], [])
                assert attacks.SEEN not in seen.page.title().replace(f"'{attacks.SEEN}'", "")
                led = seen.page.eval_on_selector_all(
                    "a[href], form", "them => them.map(x => x.href || x.action)"
                )
                assert [link for link in led if not link.startswith("file:")] == [], where
                assert seen.page.locator("script").count() == (
                    path.name == "index.html" and path.parent.name in ("runs", "plays")
                ), where


@pytest.mark.slow
def test_templates_fill_in_nothing_that_an_export_says(attacked):
    pages = [path.read_text("utf-8") for path in (attacked.place / "runs").rglob("*.html")]
    assert any("{{7*7}}" in page for page in pages)
    assert not any("49{%" in page or "${49}" in page for page in pages)
    assert not any("\x1b" in page for page in pages)


@pytest.mark.parametrize("form", planted.OF_A_FORM)
def test_what_has_a_form_is_taken_out_of_the_words_of_goods(form):
    write = planted.FORMS[form]
    assert planted.found_in(write(1234))
    for text in (f"手链 {write(1234)}", f"{write(7)} 专拍", f"a,{write(99)};b"):
        assert planted.found_in(veiled(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "999足金手链 18K 160mm", "尺寸 16 17 18 19 20 21", "南京东路100号店", "ISBN 9787301234567",
        "2929058600000149556", "2026-06-30 19:05:00", "2024年新款女士手表", "6901234567892", "WeChat applet",
        "价格:1399.00-1599.00", "gift@home", "周大福 1314 520", "QQ红包封面", "手链（送礼盒）", "微信小店",
    ],
)  # fmt: skip
def test_words_of_goods_stay_as_they_are(text):
    assert veiled(text) == text


@pytest.mark.parametrize(
    "text", ["区" * 5000, "a." * 5000, "1 " * 5000, "路1号" + "1室" * 5000, "+1" + "-1" * 5000]
)
def test_long_words_end(text):
    assert len(veiled(text)) <= len(text)


def test_what_one_row_has_behind_a_word_of_the_shops_is_taken_off():
    few = ["手镯 王某女士", "手镯（李四）", "K金 手镯 张三", "新词", "手镯"]
    text = pd.Series(["手镯"] * 30 + ["K金 手镯"] * 25 + ["手镯 新款"] * 5 + [*few, None])
    found = shown.words(text)
    assert found.tolist()[60:65] == ["手镯", "手镯", "K金 手镯", "新词", "手镯"]
    assert found.tolist()[55:60] == ["手镯 新款"] * 5
    assert found.isna().tolist() == text.isna().tolist()


def test_codes_that_mostly_look_like_phones_are_codes():
    phones = pd.Series([planted.FORMS["phone"](n) for n in range(9)])
    assert shown.codes(phones).tolist() == phones.tolist()
    mixed = pd.concat([phones[:2], pd.Series(["XL01"] * 9)])
    assert planted.found_in(" ".join(shown.codes(mixed))) == []
