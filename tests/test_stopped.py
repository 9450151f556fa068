"""A command that is stopped leaves nothing behind; what a killed one leaves goes with the next."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

import many_orders
from clv import scratch
from clv.commands import stopping

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of a POSIX system")

WORKS_FOR_EVER = """
import sys
from clv import cli, customers_file, duck

def deal(bought, folder):
    opened = duck.connect()
    (folder / "dealt").touch()
    opened.con.sql("SELECT sum(hash(a.range + b.range)) FROM range(10000000) a, range(10000000) b").show()

customers_file._dealt_out = deal
cli.main(sys.argv[1:])
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("made", "temporary"):
        (tmp_path / name).mkdir()
    many_orders.table(50).to_parquet(tmp_path / "orders.parquet")
    return tmp_path


def start(place: Path, *python: str) -> subprocess.Popen:
    command = [sys.executable, *python, "customers", "orders.parquet", "--out", "made/customers.parquet"]
    environment = {**os.environ, "TMPDIR": str(place / "temporary"), "CLV_CACHE": str(place / "cache")}
    out = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=place, env=environment, stdout=out, stderr=subprocess.STDOUT, text=True
    )


def stopped_at_work(place: Path, number: int) -> tuple[int, str]:
    with start(place, "-c", WORKS_FOR_EVER) as process:
        try:
            wait(lambda: list((place / "made").rglob("dealt")) or process.poll() is not None)
            process.send_signal(number)
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    return process.returncode, said


def left(place: Path) -> set[str]:
    return {path.name for name in ("made", "temporary") for path in (place / name).iterdir()}


def wait(happened: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_leaves_nothing(place: Path, number: int) -> None:
    code, said = stopped_at_work(place, number)
    assert (code, said.strip()) == (130, "clv: stopped; nothing half-written is left.")
    assert not left(place)


def test_what_a_killed_command_left_goes_with_the_next(place: Path) -> None:
    (place / "made" / ".clv-new-2025").mkdir()  # somebody's own
    with closing(scratch.folder(".clv-new-", place=place / "made")) as held:  # of one who is at work
        assert stopped_at_work(place, signal.SIGKILL)[0] == -signal.SIGKILL
        found = [path for name in ("made", "temporary") for path in (place / name).iterdir()]
        assert {path.name.rpartition("-")[0] for path in found} == {".clv-new", "clv-duckdb"}
        with start(place, "-m", "clv.cli") as process:
            said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert left(place) == {"customers.parquet", ".clv-new-2025", held.path.name}
    assert len(pd.read_parquet(place / "made" / "customers.parquet")) > 0


def test_an_engines_own_word_for_an_interruption_is_one() -> None:
    with pytest.raises(KeyboardInterrupt), stopping.politely():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except KeyboardInterrupt:
            os.kill(os.getpid(), signal.SIGTERM)  # an impatient second one changes nothing
            raise RuntimeError("Query interrupted") from None
    with pytest.raises(RuntimeError, match="of its own"), stopping.politely():
        raise RuntimeError("of its own")


def test_handlers_come_back_and_ignored_signals_stay_ignored() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with stopping.politely():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with stopping.politely():
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGINT) is before[signal.SIGINT]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
