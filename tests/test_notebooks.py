"""The notebooks, executed as `clv batch` does: thin, complete, right, private, and harmless to open."""

import json
import re

import nbformat
import pytest

from clv.cli import main
from conftest import REPO

SAMPLES = REPO / "data" / "samples"
NOTEBOOKS = sorted((REPO / "notebooks").glob("*.ipynb"))
LONGEST_CELL = 16


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin(path):
    cells = nbformat.read(path, as_version=4).cells
    code = [c for c in cells if c.cell_type == "code"]
    body = [c for c in code if "parameters" not in c.metadata.get("tags", [])]
    assert max(c.source.count("\n") + 1 for c in body) <= LONGEST_CELL
    assert not any(re.search(r"^\s*(def|class|for .*:\n\s+for)\b", c.source, re.M) for c in code)
    words = sum(len(c.source.split()) for c in cells if c.cell_type == "markdown")
    assert words >= sum(c.source.count("\n") + 1 for c in body)  # more is told than done


def batch(shops, out, *options: str) -> int:
    """Return the exit code of `clv batch`."""
    with pytest.raises(SystemExit) as ended:
        main(["batch", str(shops), "--out", str(out), *options])
    return ended.value.code


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Every notebook for the gift shop, through the command line."""
    out = tmp_path_factory.mktemp("runs")
    asked = ("01_orders", "02_customers")
    options = [word for name in asked for word in ("--notebook", name)]
    assert batch(tmp_path / "shops.yml", tmp_path / "runs", *options) == 1
    said = {n: json.loads((tmp_path / "runs" / "r" / f"{n}.json").read_text("utf-8")) for n in asked}
    assert said["01_orders"]["status"] == "ok"
    assert said["02_customers"]["status"] == "refused"
    assert "买家会员名" in said["02_customers"]["message"]
