"""A PDF is printed by a browser that is there, whole or not at all; without one there are reports as ever."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from clv import parameters
from clv.cli import main
from clv.errors import SettingError
from clv.running import printing
from clv.telling import pdf, report
from tiny_notebooks import Tiny, everything, write

WORDS = {"title": "Who?", "shop": "金", "until": "2026-06-30", "made_at": "2026-07-01", "provenance": {}}


def a_report(path: Path, *, rows: int = 1) -> Path:
    source = "\n\n".join(["# Who?", "## Rows", *(f"Row {row}" for row in range(rows))])
    report.write(new_notebook(cells=[new_markdown_cell(source), new_code_cell("x")]), path, **WORDS)
    return path


def a_browser(place: Path, body: str) -> str:
    """Return a program that is called as a browser is: `target` is where the PDF is wanted."""
    lines = [
        f"#!{sys.executable}",
        "import sys, pathlib, time",
        "given = dict(one.split('=', 1) for one in sys.argv if '=' in one)",
        "target = pathlib.Path(given['--print-to-pdf'])",
    ]
    place.write_text("\n".join([*lines, body]))
    place.chmod(place.stat().st_mode | stat.S_IXUSR)
    return str(place)


@pytest.fixture
def nobody_prints(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(pdf.CHOSEN, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(pdf, "_PLACES", ())


def a_run(out: Path, shop: str, status: str = "ok") -> dict[str, str]:
    return {"status": status, "html": f"{shop}/who.html" if status == "ok" else ""}


def test_a_browser_of_this_machine_prints_a_page_of_ours(tmp_path):
    try:
        browser = pdf.browser()
    except SettingError as none:
        pytest.skip(str(none))
    page = a_report(tmp_path / "who.html", rows=200)
    pdf.write(page, tmp_path / "who.pdf", browser=browser)
    printed = (tmp_path / "who.pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 4
    assert re.search(rb"/MediaBox\s*\[\s*0 0 59[456][.\d]* 84[12]", printed)  # A4, in points
    assert sorted(path.name for path in tmp_path.iterdir()) == ["who.html", "who.pdf"]


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for a browser is a script")
@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("sys.exit(3)", "CalledProcessError"),
        ("", "FileNotFoundError"),
        ("target.write_bytes(b'<html>')", "no PDF"),
        ("time.sleep(60)", "0.5 seconds"),
    ],
)
def test_a_browser_that_fails_leaves_the_old_pdf_and_one_sentence(body, why, tmp_path):
    page, old = a_report(tmp_path / "who.html"), tmp_path / "who.pdf"
    old.write_bytes(b"%PDF old")
    browser = a_browser(tmp_path / "browser", body)
    with pytest.raises(SettingError, match=f"who.html could not be printed by browser: .*{why}"):
        pdf.write(page, old, browser=browser, timeout=0.5 if "sleep" in body else 30)
    assert old.read_bytes() == b"%PDF old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["browser", "who.html", "who.pdf"]


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for a browser is a script")
def test_good_runs_are_printed_once_and_again_when_the_report_is_newer(tmp_path, monkeypatch):
    said: list[str] = []
    browser = a_browser(tmp_path / "browser", "target.write_bytes(b'%PDF ' + sys.argv[-1].encode())")
    monkeypatch.setenv(pdf.CHOSEN, browser)
    out = tmp_path / "runs"
    pages = [a_report(out / shop / "who.html") for shop in ("gold", "silver")]
    records = [a_run(out, "gold"), a_run(out, "silver"), a_run(out, "tin", "failed")]
    printing.write_all(out, records, jobs=2, warned=said.append)
    printed = [page.with_suffix(".pdf") for page in pages]
    assert [one.read_text() for one in printed] == [f"%PDF {page.as_uri()}" for page in pages]

    for one in printed:
        one.write_text("%PDF kept")
    os.utime(pages[0], (2e9, 2e9))
    printing.write_all(out, records, jobs=2, warned=said.append)
    assert [one.read_text() == "%PDF kept" for one in printed] == [False, True]
    assert said == []


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for a browser is a script")
def test_one_report_that_cannot_be_printed_does_not_stop_the_others(tmp_path, monkeypatch):
    said: list[str] = []
    body = "target.write_bytes(b'%PDF') if 'silver' in sys.argv[-1] else sys.exit(1)"
    monkeypatch.setenv(pdf.CHOSEN, a_browser(tmp_path / "browser", body))
    for shop in ("gold", "silver"):
        a_report(tmp_path / shop / "who.html")
    records = [a_run(tmp_path, shop) for shop in ("gold", "silver")]
    printing.write_all(tmp_path, records, jobs=1, warned=said.append)
    assert said == ["gold who.html could not be printed by browser: CalledProcessError."]
    assert (tmp_path / "silver/who.pdf").is_file() and not (tmp_path / "gold/who.pdf").exists()


@pytest.mark.usefixtures("nobody_prints")
def test_without_a_browser_one_sentence_says_so(tmp_path, monkeypatch):
    said: list[str] = []
    for shop in ("gold", "silver"):
        a_report(tmp_path / shop / "who.html")
    records = [a_run(tmp_path, shop) for shop in ("gold", "silver")]
    printing.write_all(tmp_path, records, jobs=1, warned=said.append)
    assert len(said) == 1 and "CLV_CHROMIUM" in said[0]
    assert not list(tmp_path.rglob("*.pdf"))
    monkeypatch.setenv(pdf.CHOSEN, "no-such-browser")
    with pytest.raises(SettingError, match="no-such-browser"):
        pdf.browser()


def test_the_browser_is_told_to_ask_nobody(tmp_path, monkeypatch):
    asked: list[list[str]] = []

    def run(command, **_):
        asked.append(command)
        raise OSError

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(SettingError):
        pdf.write(a_report(tmp_path / "who.html"), tmp_path / "who.pdf", browser="chromium")
    assert {"--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND"} <= set(asked[0])
    assert any(one.startswith("--user-data-dir=") and str(Path.home()) not in one for one in asked[0])


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the stand-in for a browser is a script")
def test_a_batch_prints_what_it_made_and_later_what_it_kept(tmp_path, monkeypatch, capsys):
    """One story, for kernels are slow: no browser, then one that comes later."""
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(parameters.CONTRACTS, "tiny", Tiny)
    monkeypatch.setenv(pdf.CHOSEN, "no-such-browser")
    (tmp_path / "gold.csv").write_text("order_id,customer_id,paid_at,amount\n1,a,2025-01-01,10\n")
    (tmp_path / "shops.yml").write_text("shops: {gold: {platform: csv, orders: gold.csv}}")
    write(tmp_path / "notebooks", Tiny, everything(Tiny))
    arguments = ["batch", str(tmp_path / "shops.yml"), "--notebook", "tiny", "--out", str(tmp_path / "runs")]
    assert ended([*arguments, "--pdf"]) == 0
    assert capsys.readouterr().err.count("no-such-browser") == 1
    assert (tmp_path / "runs/gold/tiny.html").is_file()

    monkeypatch.setenv(pdf.CHOSEN, a_browser(tmp_path / "browser", "target.write_bytes(b'%PDF')"))
    assert ended(arguments) == 0
    assert not (tmp_path / "runs/gold/tiny.pdf").exists()
    assert ended([*arguments, "--pdf"]) == 0
    assert "(kept)" in capsys.readouterr().out
    assert (tmp_path / "runs/gold/tiny.pdf").is_file()


def ended(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code
