"""Kernels forked from a process with the imports done: the same as ordinary ones, alone, and gone in time."""

import gc
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from clv.changing import notebooks
from clv.running import limits, warm
from clv.running.execute import Outcome, execute
from clv.running.kernels import Kernels
from tiny_notebooks import Tiny, everything, write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not warm.POSSIBLE, reason="this system starts ordinary kernels only"),
]

LOOKS_AROUND = """
import logging, os, pathlib, random, signal, sys, threading, warnings
import matplotlib, matplotlib.pyplot as plt, numpy as np, pandas as pd, seaborn
print(sys.argv[0], sys.flags, sys.path, os.getcwd(), __name__, sys.stdin.closed)
print({name: value for name, value in os.environ.items() if name != "IPYTHONDIR"})
print([signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE)])
print(logging.getLogger().handlers, get_ipython().config.keys(), get_ipython().history_manager.hist_file)
print(pathlib.Path(get_ipython().ipython_dir).name.startswith("clv-"), hash("same"), matplotlib.get_backend())
display(pd.options.display.max_columns, pd.DataFrame({"a": [1.5, None]}), dict(matplotlib.rcParams))
with warnings.catch_warnings(record=True) as told:
    warnings.warn("seen once")
print([str(one.message) for one in told])
print("to the error stream", file=sys.stderr)
os.system("echo from a program")
plt.plot([1, 2]);
"""


STARTS_ANOTHER = """
import os, subprocess, time
print(subprocess.Popen(['sleep', '300']).pid, flush=True)
"""


def run(folder: Path, body: str, *, pool: Kernels, timeout: float | None = None) -> Outcome:
    os.environ.pop("PYTEST_CURRENT_TEST", None)  # else kernels leave to pytest what programs write
    notebook = write(folder, Tiny, f"{everything(Tiny)}\n{body}")
    return execute(notebook, Tiny(shop_id="gold"), pool=pool, timeout=timeout)


def said(outcome: Outcome) -> str:
    outputs = [output for cell in outcome.notebook.cells for output in cell.get("outputs", ())]
    return "".join(one.get("text", "") + "\n".join(one.get("traceback", ())) for one in outputs)


@pytest.fixture
def ordinary(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A call that leaves ordinary kernels only from now on."""
    return lambda: monkeypatch.setattr(warm, "fork", lambda *_, **__: None)


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[warm.Forked]]:
    """The warm kernels that were started."""
    seen, fork = [], warm.fork
    monkeypatch.setattr(warm, "fork", lambda *given, **more: seen.append(fork(*given, **more)) or seen[-1])
    yield seen
    assert None not in seen


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def soon(happened: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


class TestSameAsOrdinary:
    def test_a_notebook_that_looks_around_sees_the_same(self, tmp_path, forks, ordinary) -> None:
        warmly = run(tmp_path, LOOKS_AROUND, pool=Kernels())
        assert len(forks) == 1
        ordinary()
        plainly = run(tmp_path, LOOKS_AROUND, pool=Kernels())
        assert (warmly.status, warmly.message) == (plainly.status, plainly.message) == ("ok", "")
        assert notebooks.told(warmly.notebook, plainly.notebook) == ""
        assert "from a program" in said(warmly) and "image/png" in str(warmly.notebook.cells[-1].outputs[-1])

    def test_and_fails_the_same(self, tmp_path, forks, ordinary) -> None:
        warmly = run(tmp_path, "import json\njson.loads('{')", pool=Kernels())
        ordinary()
        plainly = run(tmp_path, "import json\njson.loads('{')", pool=Kernels())
        assert (warmly.status, warmly.message) == (plainly.status, plainly.message)
        assert said(warmly) == said(plainly) != ""


class TestAlone:
    def test_what_one_notebook_sets_the_next_does_not_see(self, tmp_path, forks) -> None:
        sets = """
import builtins, os, random, clv, matplotlib, pandas, numpy
matplotlib.rcParams["font.size"] = 33; pandas.options.display.max_rows = 3; os.environ["SET_BY"] = "one"
os.chdir("/"); builtins.said_by = "one"; clv.speak("zh"); numpy.seterr(all="raise")
"""
        looks = """
import builtins, os, clv, matplotlib, pandas, numpy
print(matplotlib.rcParams["font.size"], pandas.options.display.max_rows, os.environ.get("SET_BY"),
      os.getcwd(), getattr(builtins, "said_by", None), clv.tell("yes"), numpy.geterr()["over"])
"""
        pool = Kernels()
        before, _, after = (said(run(tmp_path, body, pool=pool)) for body in (looks, sets, looks))
        assert before == after == f"10.0 60 None {tmp_path} None yes warn\n"

    def test_each_draws_numbers_of_its_own(self, tmp_path, forks) -> None:
        draws = "import random, numpy\nprint(random.random(), numpy.random.rand())"
        pool = Kernels()
        one, other = (said(run(tmp_path, draws, pool=pool)).split() for _ in range(2))
        assert not set(one) & set(other)

    def test_the_database_works_in_each(self, tmp_path, forks) -> None:
        asks = """
import duckdb, threading
from clv import duck
print(duckdb.sql("select sum(range) from range(1000000)").fetchone())
print(duck.connect().con.sql("select 2").fetchone())
"""
        assert said(run(tmp_path, asks, pool=Kernels())) == "(499999500000,)\n(2,)\n"


class TestItsOwnNotebookOnly:
    def test_a_killed_kernel(self, tmp_path, forks) -> None:
        pool = Kernels()
        outcome = run(tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", pool=pool)
        assert (outcome.status, "ended by itself" in outcome.message) == ("died", True)
        assert run(tmp_path, "", pool=pool).status == "ok"

    def test_one_that_hangs_in_the_middle_of_a_computation(self, tmp_path, forks) -> None:
        outcome = run(tmp_path, "sum(range(10**12))", pool=Kernels(), timeout=3)
        assert outcome.status == "timeout"
        assert outcome.message == "stopped after 3 s; allow more with --timeout."

    @pytest.mark.parametrize("warmly", [True, False])
    def test_a_greedy_one(self, tmp_path, ordinary, warmly: bool) -> None:
        if not warmly:
            ordinary()
        greedy = "import numpy, time\nprint('begun')\nheld = numpy.ones(10**8)\ntime.sleep(60)"
        pool = Kernels(memory=0.6)
        outcome = run(tmp_path, greedy, pool=pool)
        assert outcome.status == "died"
        assert outcome.message.startswith("the notebook needed more than 0.6 GiB; allow more with --memory")
        assert "begun" in said(outcome)
        assert run(tmp_path, "", pool=pool).status == "ok"

    def test_the_database_is_told_what_it_may_take(self, tmp_path, forks, monkeypatch) -> None:
        asks = "import os; print(os.environ.get('CLV_DUCKDB_MEMORY'))\nfrom clv import duck; duck.connect()"
        monkeypatch.delenv("CLV_DUCKDB_MEMORY", raising=False)
        assert said(run(tmp_path, asks, pool=Kernels(memory=1))) == "512MiB\n"
        assert said(run(tmp_path, asks, pool=Kernels(memory=64))) == "None\n"
        monkeypatch.setenv("CLV_DUCKDB_MEMORY", "1GB")
        assert said(run(tmp_path, asks, pool=Kernels(memory=1))) == "1GB\n"

    def test_each_may_take_an_equal_share(self, monkeypatch) -> None:
        assert limits.share(2) == pytest.approx(limits.share(1) / 2)
        assert 0 < limits.share(1) <= psutil.virtual_memory().total / limits.GIB


class TestGoneInTime:
    def test_a_kernel_takes_what_it_started_with_it(self, tmp_path, forks) -> None:
        outcome = run(tmp_path, f"{STARTS_ANOTHER}\ntime.sleep(60)", pool=Kernels(), timeout=3)
        assert outcome.status == "timeout"
        soon(lambda: not alive(int(said(outcome))) and not alive(forks[0].pid))

    def test_also_where_it_dies_by_itself(self, tmp_path, forks) -> None:
        outcome = run(tmp_path, f"{STARTS_ANOTHER}\ntime.sleep(1)\nos._exit(3)", pool=Kernels())
        assert outcome.status == "died"
        soon(lambda: not alive(int(said(outcome))))

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
    def test_the_server_and_its_kernels_go_with_the_batch(self, tmp_path, number: int) -> None:
        with subprocess.Popen(
            [sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as batch:
            kernel = int(batch.stdout.readline())
            server = psutil.Process(kernel).ppid()
            assert alive(kernel) and alive(server)
            batch.send_signal(number)
        soon(lambda: not alive(kernel) and not alive(server))

    def test_a_dead_server_costs_nothing_but_a_new_one(self, tmp_path, forks) -> None:
        pool = Kernels()
        for _ in range(2):
            assert run(tmp_path, "", pool=pool).status == "ok"
            os.kill(warm._only._server._process.pid, signal.SIGKILL)
        assert run(tmp_path, "", pool=pool).status == "ok"
        assert len({one.pid for one in forks}) == 3

    def test_no_socket_is_left_open(self, tmp_path, forks) -> None:
        pool = Kernels()
        run(tmp_path, "", pool=pool)
        forks.clear()
        gc.collect()
        before = psutil.Process().num_fds()
        run(tmp_path, "", pool=pool)
        forks.clear()
        gc.collect()
        assert psutil.Process().num_fds() == before


HOLDS = """
import sys, time
from pathlib import Path
from clv.running import kernels, warm
pool = kernels.Kernels()
with pool.handle(Path(sys.argv[1])) as handle:
    arguments, environment = ["-f", str(handle.folder / "k.json")], handle.environment()
    handle.started(warm.fork(arguments, cwd=str(handle.cwd), environment=environment))
    print(handle._process.pid, flush=True)
    time.sleep(120)
"""


class TestOrdinaryWhereThereIsNone:
    @pytest.mark.parametrize("spoilt", ["raise SystemExit(1)", "import time; time.sleep(0.2)"])
    def test_a_server_that_does_not_start_is_not_tried_again(
        self, tmp_path, monkeypatch, spoilt: str
    ) -> None:
        only = warm._Only()
        monkeypatch.setattr(warm, "_only", only)
        monkeypatch.setattr(warm, "_CODE", spoilt)
        pool = Kernels()
        for _ in range(2):
            assert run(tmp_path, "", pool=pool).status == "ok"
        assert only._server is None and only._in_vain

    def test_a_system_that_cannot_fork(self, tmp_path, monkeypatch) -> None:
        monkeypatch.setattr(warm, "POSSIBLE", False)
        monkeypatch.setattr(warm, "_only", warm._Only())
        assert run(tmp_path, "import os; print(os.getppid())", pool=Kernels()).status == "ok"
        assert warm._only._server is None

    def test_other_settings_of_python_are_another_server(self, tmp_path, monkeypatch, forks) -> None:
        looks = "import sys; print(sys.flags.dont_write_bytecode, sys.path)"
        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        monkeypatch.setenv("PYTHONPATH", "/first")
        first = said(run(tmp_path, looks, pool=Kernels()))
        monkeypatch.delenv("PYTHONDONTWRITEBYTECODE")
        monkeypatch.setenv("PYTHONPATH", "/second")
        second = said(run(tmp_path, looks, pool=Kernels()))
        assert re.match(r"1 .*'/first'", first) and re.match(r"0 .*'/second'", second)
