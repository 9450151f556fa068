"""Two runs on the same input are the same: for nbdime under the shipped settings, and for the reports."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from clv import parameters
from clv.changing import notebooks
from clv.cli import main
from conftest import REPO
from tiny_notebooks import Tiny, everything, write

SHOPS = "shops:\n  gold: {platform: csv, orders: gold.csv}\n"
ORDERS = "order_id,customer_id,paid_at,amount\n1,a,2025-01-01,10\n2,a,2025-02-01,10\n"
MADE_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d|\d{1,2} \w+ \d{4}, \d\d:\d\d")


def run(shops: Path, out: Path, notebook: str, *options: str) -> Path:
    """Run one notebook for one shop; return where its files stand."""
    with pytest.raises(SystemExit) as ended:
        main(["batch", str(shops), "--out", str(out), "--notebook", notebook, "-j", "1", "--force", *options])
    assert ended.value.code == 0
    return next(out.glob(f"*/{notebook}.ipynb")).parent


def same(first: Path, second: Path, name: str) -> None:
    before, now = (nbformat.read(folder / f"{name}.ipynb", as_version=4) for folder in (first, second))
    assert any(cell.get("outputs") for cell in now.cells)
    assert notebooks.differences(before, now) == []
    pages = [(folder / f"{name}.html").read_text("utf-8") for folder in (first, second)]
    assert MADE_AT.search(pages[0])
    assert MADE_AT.sub("then", pages[0]) == MADE_AT.sub("then", pages[1])


def test_the_settings_that_ship_are_those_that_nbdimes_commands_read():
    said = json.loads((REPO / "nbdime_config.json").read_text("utf-8"))
    assert said == {"Diff": {"Ignore": notebooks.NOISE}}


def test_nbdime_reads_them_for_its_git_driver(monkeypatch):
    from nbdime.config import build_config

    monkeypatch.chdir(REPO)
    for command in ("nbdiff", "git-nbdiffdriver", "git-nbdifftool"):
        assert build_config(command)["Ignore"] == notebooks.NOISE


@pytest.mark.slow
def test_a_small_notebook_run_twice(tmp_path, monkeypatch):
    monkeypatch.setitem(parameters.CONTRACTS, "tiny", Tiny)
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    (tmp_path / "shops.yml").write_text(SHOPS)
    (tmp_path / "gold.csv").write_text(ORDERS)
    write(tmp_path / "notebooks", Tiny, everything(Tiny))
    folders = [run(tmp_path / "shops.yml", tmp_path / name, "tiny") for name in ("first", "second")]
    same(*folders, "tiny")


@pytest.mark.slow
def test_a_notebook_of_the_kit_run_twice(tmp_path):
    shops = REPO / "data" / "samples" / "shops.yml"
    folders = [run(shops, tmp_path / name, "02_customers", "--shop", "gift") for name in ("first", "second")]
    same(*folders, "02_customers")
