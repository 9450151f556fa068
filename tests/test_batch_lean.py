"""A batch needs no JupyterLab, and neither it nor its kernels load what takes long and is for others."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from clv import parameters
from tiny_notebooks import everything, write

OF_JUPYTERLAB = {
    "jupyterlab",
    "jupyterlab_server",
    "jupyter_server",
    "jupyter_events",
    "jupyter_lsp",
    "notebook",
}
# pyspark is not among them: pandera imports it wherever it is installed
SLOW = {"rfc3987_syntax", "lark", "nbdime", "git", "distributed", "sqlalchemy"}
OF_REPORTS = {
    "papermill",
    "nbclient",
    "nbconvert",
    "nbformat",
    "jsonschema",
    "bleach",
    "xlsxwriter",
}  # not for kernels
BATCH = """
import importlib.abc, json, sys

class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocked())
from clv.cli import main
try:
    main(["batch", "shops.yml", "--notebook", "01_orders"])
except SystemExit as left:
    code = left.code
print(json.dumps([code, sorted({{name.partition(".")[0] for name in sys.modules}})]))
"""
LOOKS = """
import json, pathlib, sys
pathlib.Path("seen").write_text(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
ORDERS = "order_id,customer_id,paid_at,amount\n1,a,2025-01-01,10\n2,a,2025-02-01,10\n"


@pytest.mark.slow
def test_a_batch_without_jupyterlab_loads_nothing_of_it(tmp_path: Path) -> None:
    contract = parameters.contract("01_orders")
    write(tmp_path / "notebooks", contract, f"{everything(contract)}\n{LOOKS}")
    (tmp_path / "shops.yml").write_text("shops:\n  gold: {platform: csv, orders: a.csv}\n")
    (tmp_path / "a.csv").write_text(ORDERS)
    code = BATCH.format(blocked=OF_JUPYTERLAB)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    ended, by_the_batch = json.loads(done.stdout.splitlines()[-1])
    by_the_kernel = json.loads((tmp_path / "notebooks" / "seen").read_text())
    assert ended == 0, done.stdout + done.stderr
    assert set(by_the_batch) & (OF_JUPYTERLAB | SLOW) == set()
    assert set(by_the_kernel) & (OF_JUPYTERLAB | SLOW | OF_REPORTS) == set()


def test_notebooks_are_read_as_ever_where_the_grammar_is_installed() -> None:
    pytest.importorskip("jsonschema")
    code = """
import sys
from clv import notebook_formats
notebook_formats.load(); notebook_formats.load()
assert "jsonschema" in sys.modules and "rfc3987_syntax" not in sys.modules
import nbformat
nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]))
try:
    nbformat.validate(nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "cells": [{}], "metadata": {}}))
except nbformat.ValidationError:
    print("checked")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "checked\n"
