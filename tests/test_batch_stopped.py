"""Ctrl-C and a polite request to end: whole files only, no kernel left, and the next run goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from clv import batch, parameters
from clv.running import holding
from tiny_notebooks import everything, write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of a POSIX system")

SHOPS = "shops:\n  gold: {platform: csv, orders: a.csv}\n  silver: {platform: csv, orders: a.csv}\n"
ORDERS = "order_id,customer_id,paid_at,amount\n1,a,2025-01-01,10\n2,a,2025-02-01,10\n"
WAITS = """
import os, pathlib, time
if shop_id == "silver" and not pathlib.Path("again").exists():
    pathlib.Path("pid").write_text(str(os.getpid()))
    time.sleep(90)
"""
WHOLE = {"01_orders.json", "01_orders.ipynb", "01_orders.html", "history.jsonl", "index.html", ".lock"}


def start(place: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "clv.cli", "batch", "shops.yml", "--jobs", "1"]
    environment = {**os.environ, "CLV_CACHE": str(place / "cache"), "PATH": "/usr/bin:/bin"}
    out = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=place, env=environment, stdout=out, stderr=subprocess.STDOUT, text=True
    )


@pytest.mark.slow
def test_a_stopped_batch_leaves_whole_files_and_no_kernel_and_the_next_goes_on(tmp_path: Path) -> None:
    contract, notebooks, out = parameters.contract("01_orders"), tmp_path / "notebooks", tmp_path / "runs"
    write(notebooks, contract, everything(contract) + WAITS)
    (tmp_path / "shops.yml").write_text(SHOPS)
    (tmp_path / "a.csv").write_text(ORDERS)

    with start(tmp_path) as stopped:
        wait(lambda: (notebooks / "pid").exists() and (notebooks / "pid").read_text())
        stopped.send_signal(signal.SIGINT)
        said, _ = stopped.communicate(timeout=60)
    assert stopped.returncode == 130, said
    assert "1 of 2 runs were finished and kept, the next run goes on from there" in said
    assert "Traceback" not in said
    assert {path.name for path in out.rglob("*") if path.is_file()} == WHOLE
    assert not (out / "silver").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int((notebooks / "pid").read_text()), 0)

    (notebooks / "again").touch()
    with start(tmp_path) as next_run:
        said, _ = next_run.communicate(timeout=120)
    assert next_run.returncode == 0, said
    assert "gold 01_orders: good already" in said
    assert (out / "silver" / "01_orders.html").is_file()
    assert (out / "gold" / "readiness.html").is_file()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_both_signals_stop_once_and_the_old_handlers_come_back(number: int) -> None:
    before = signal.getsignal(number)
    with pytest.raises(batch.Interrupted), holding.interruptible():
        try:
            os.kill(os.getpid(), number)
            time.sleep(5)
        finally:
            os.kill(os.getpid(), number)  # an impatient second one does not break the clean-up
    assert signal.getsignal(number) is before


def wait(happened: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.1)
