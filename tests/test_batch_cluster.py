"""Many machines: what a Dask cluster makes is what this machine makes, and a worker that dies costs little.

A scheduler and its workers are processes of their own on loopback.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from clv import batch, parameters, shopfile
from clv.cli import main
from clv.errors import SettingError
from clv.running import cluster, cluster_check, cluster_client, cluster_work, keys, notebook_files, plan, runs
from tiny_notebooks import everything, write

pytest.importorskip("distributed", reason="the extra dask is not installed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of a POSIX system")

SHOPS = "shops:\n  gold: {platform: csv, orders: gold.csv}\n  silver: {platform: csv, orders: silver.csv}\n"
ORDERS = "order_id,customer_id,paid_at,amount\n1,a,2025-01-01,10\n2,a,2025-02-01,10\n3,b,2025-02-01,10\n"
FIRST, SECOND, OF_ALL = "01_orders", "02_customers", "09_stores"
RAN = "open('ran', 'a').write(f'{shop_id} ')\n"
WAITS = """
import os, pathlib, time
if shop_id == "silver" and not pathlib.Path("again").exists():
    pathlib.Path("pid").write_text(str(os.getpid()))
    time.sleep(90)
"""
IN_THE_WAY = """
import pathlib
folder, tried = pathlib.Path("../runs/silver"), pathlib.Path("tried")
if folder.is_file():
    folder.unlink()
elif not tried.exists():
    tried.touch()
    folder.write_text("a file where the folder should be")
"""
NONE = ("nonsense", "no://x:1", "tcp://h:99999", "tcp://h:abc", "tcp://me:geheim@h:1", "me:geheim@h:1")
FAILS_FOR_SILVER = "\nif shop_id == 'silver': raise ValueError('no')"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    (tmp_path / "shops.yml").write_text(SHOPS)
    for name in ("gold", "silver"):
        (tmp_path / f"{name}.csv").write_text(ORDERS)
    for name in (FIRST, SECOND, OF_ALL):
        notebook(tmp_path, name)
    return tmp_path


def notebook(place: Path, name: str, *, before: str = "", after: str = "") -> None:
    contract = parameters.contract(name)
    write(place / "notebooks", contract, before + everything(contract) + after)


def start(arguments: list[str], folder: Path, **environment: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "dask", *arguments, "--host", "127.0.0.1", "--no-dashboard"]
    with (folder / "dask.log").open("a") as said:
        return subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, stdout=said, stderr=said
        )


@contextmanager
def scheduler(folder: Path) -> Iterator[str]:
    file = folder / "scheduler.json"
    process = start(["scheduler", "--port", "0", "--scheduler-file", str(file)], folder)
    try:
        wait(lambda: file.is_file() and file.read_text().strip())
        yield json.loads(file.read_text())["address"]
    finally:
        process.kill()
        process.wait()


@contextmanager
def workers(
    address: str, folder: Path, environments: Sequence[Mapping[str, str]]
) -> Iterator[list[subprocess.Popen]]:
    options = ["--no-nanny", "--nthreads", "1", "--local-directory", str(folder / "scratch")]
    processes = [start(["worker", address, *options], folder, **one) for one in environments]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    folder = tmp_path_factory.mktemp("cluster")
    cache = {"CLV_CACHE": str(folder / "cache")}
    with scheduler(folder) as address, workers(address, folder, [cache, cache]) as processes:
        yield address, processes


def todo(place: Path, names: tuple[str, ...] = (FIRST, SECOND, OF_ALL)) -> list[plan.Task]:
    chosen = notebook_files.chosen(place / "notebooks", names)
    return plan.tasks(shopfile.load(place / "shops.yml"), chosen, out=place / "runs")


def ended(place: Path, *arguments: str) -> int:
    given = ["batch", place / "shops.yml", "--out", place / "runs", *arguments]
    with pytest.raises(SystemExit) as left:
        main([str(one) for one in given])
    return left.value.code


def wait(happened: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.1)


def left(out: Path) -> dict[str, object]:
    """Return every record, page and copy below a folder without times and seals; `_all` stands for them."""
    of_all = json.loads((out / "_all/09_stores.json").read_text())[
        "key"
    ]  # made from a history with its times
    found = {}
    for path in (
        one for one in out.rglob("*") if one.is_file() and one.suffix in (".json", ".html", ".ipynb")
    ):
        text = path.read_text().replace(of_all, "key")
        if path.suffix == ".json":
            text = json.loads(text) | {"made_at": "", "seconds": 0, "seal": ""}
            text["left"] = sorted(text["left"])  # of pages and tables, with their times
        elif path.suffix == ".html":
            text = re.sub(r"<!-- [0-9a-f]{24} -->|\d{2}:\d{2}(:\d{2}[+\d:]*)?|\d+(\.\d+)? s\b", "", text)
        found[path.relative_to(out).as_posix()] = text
    return found


@pytest.mark.slow
def test_a_cluster_leaves_what_this_machine_leaves(place: Path, machines: tuple) -> None:
    notebook(place, FIRST, after=FAILS_FOR_SILVER)
    here = batch.run(todo(place, (FIRST, OF_ALL)), out=place / "runs", jobs=2)
    (place / "runs").rename(place / "here")
    told: list[runs.Record] = []
    there = batch.run(
        todo(place, (FIRST, OF_ALL)), out=place / "runs", jobs=1, dask=machines[0], told=told.append
    )
    order = [(record["shop"], record["notebook"], record["status"]) for record in there]
    assert order == [(record["shop"], record["notebook"], record["status"]) for record in here]
    assert [status for _, _, status in order] == ["ok", "failed", "ok"]
    assert sorted(map(str, told)) == sorted(map(str, there))
    ours, theirs = left(place / "here"), left(place / "runs")
    assert ours.keys() == theirs.keys() and {"index.html", "_all/09_stores.json"} <= ours.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []
    assert not (place / "runs" / cluster_work.SIGN).exists()


@pytest.mark.slow
def test_a_stopped_batch_ends_what_runs_on_the_cluster(place: Path, machines: tuple) -> None:
    notebook(place, FIRST, before=WAITS)
    pid = place / "notebooks" / "pid"
    command = [sys.executable, "-m", "clv.cli", "batch", "shops.yml", "--dask", machines[0]]
    command += ["--notebook", FIRST, "--notebook", SECOND]
    out = subprocess.PIPE
    with subprocess.Popen(command, cwd=place, stdout=out, stderr=subprocess.STDOUT, text=True) as client:
        wait(lambda: pid.exists() and pid.read_text() and (place / "runs/gold/02_customers.json").exists())
        client.send_signal(signal.SIGINT)
        said, _ = client.communicate(timeout=60)
    assert client.returncode == 130, said
    assert "2 of 4 runs were finished and kept" in said and "Traceback" not in said
    wait(lambda: not psutil.pid_exists(int(pid.read_text())), seconds=30)
    assert not (place / "runs" / "silver").exists() and not (place / "runs" / cluster_work.SIGN).exists()


@pytest.mark.slow
def test_what_a_worker_could_not_keep_is_tried_again(place: Path, machines: tuple) -> None:
    notebook(place, FIRST, before=IN_THE_WAY)
    notebook(place, SECOND, before=RAN)
    tasks = [task for task in todo(place, (FIRST, SECOND)) if task.shop.id == "silver"]
    records = batch.run(tasks, out=place / "runs", jobs=1, dask=machines[0])
    assert [record["status"] for record in records] == ["ok", "ok"]
    assert (place / "notebooks" / "tried").exists()


@pytest.mark.slow
def test_a_killed_worker_costs_its_notebook_a_second_try_and_nothing_else(
    place: Path, machines: tuple, capsys: pytest.CaptureFixture
) -> None:
    notebook(place, FIRST, before=RAN)
    notebook(place, SECOND, before=WAITS)
    address, processes = machines
    pid = place / "notebooks" / "pid"
    with ThreadPoolExecutor() as threads:
        killed = threads.submit(kill_the_worker_of, pid, processes)
        names = ("--notebook", FIRST, "--notebook", SECOND)
        code = ended(place, "--force", *names, "--dask", address)
        assert code == 0, capsys.readouterr().err
        killed.result()
    records = runs.everything(place / "runs", [])
    assert [(one["shop"], one["notebook"], one["status"]) for one in records] == [
        (shop, name, "ok") for shop in ("gold", "silver") for name in (FIRST, SECOND)
    ]
    assert sorted((place / "notebooks" / "ran").read_text().split()) == ["gold", "silver"]
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def kill_the_worker_of(pid: Path, processes: list[subprocess.Popen]) -> None:
    """Kill -9 the worker whose kernel wrote its number there."""
    wait(lambda: pid.exists() and pid.read_text(), seconds=60)
    above = {process.pid for process in psutil.Process(int(pid.read_text())).parents()}
    (worker,) = [process for process in processes if process.pid in above]
    (pid.parent / "again").touch()
    worker.send_signal(signal.SIGKILL)


@pytest.mark.slow
def test_no_cluster_no_worker_and_jobs_are_each_told_in_one_sentence(
    place: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_client, "_SECONDS", 1)
    with scheduler(place) as address, socket.create_server(("127.0.0.1", 0)) as silent:
        another = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        for given, said in [
            (["--dask", another], f"clv: no Dask scheduler answers at '{another}' within 1 seconds"),
            (["--dask", "tcp://127.0.0.1:9"], "clv: no Dask scheduler answers at 'tcp://127.0.0.1:9' within"),
            *((["--dask", no], "is no address of a Dask scheduler; write it as tcp://HOST") for no in NONE),
            (["--dask", "tls://127.0.0.1:9"], "Dask knows no certificates for it; name them in its settings"),
            (["--dask", address], "clv: the Dask cluster has no worker; start some with"),
            (["--dask", address, "--jobs", "2"], "clv: --jobs is about this machine;"),
            (["--dask", ""], "it is empty; give the address of a scheduler"),
        ]:
            assert ended(place, *given) == 2
            told = capsys.readouterr().err
            assert (
                said in told and "geheim" not in told and "Traceback" not in told and told.count("\n") <= 4
            ), told
    assert not list((place / "runs").rglob("*.json"))


def test_without_dask_one_is_told_what_to_install(
    place: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert ended(place, "--dask", "tcp://127.0.0.1:9") == 2
    assert "install it with: pip install 'clv[dask]'" in capsys.readouterr().err


@pytest.mark.slow
def test_workers_that_are_not_as_this_machine_are_told_before_anything_starts(
    place: Path, capsys: pytest.CaptureFixture
) -> None:
    (place / "broken.py").write_text("import sys\nsys.modules['clv'] = None\n")
    (place / "older.py").write_text("import clv\nclv.__version__ = '0.0.1'\n")
    preload = "DASK_DISTRIBUTED__WORKER__PRELOAD"
    others = [{preload: "['broken']"}, {preload: "['older']"}, {"CLV_SECRET": "another"}]
    environments = [{**one, "PYTHONPATH": os.pathsep.join([str(place), *sys.path])} for one in others]

    def said() -> str:
        assert ended(place, "--dask", address) == 2
        return capsys.readouterr().err

    with scheduler(place) as address, workers(address, place, environments) as processes:
        for process, sentence in zip(
            processes,
            [
                "clv: 1 of {} workers cannot run clv (tcp://127.0.0.1:",
                "clv: 1 of {} workers have another clv (tcp://127.0.0.1:",
                "clv: 1 of {} workers have another secret for pseudonyms (first tcp://127.0.0.1:",
            ],
            strict=True,
        ):
            rest = len(processes) - processes.index(process)
            wait(lambda sentence=sentence, rest=rest: sentence.format(rest) in said(), seconds=30)
            process.kill()
    assert not list((place / "runs").rglob("*.json"))


def test_what_a_worker_does_not_see_is_named(place: Path) -> None:
    class Cluster:
        """Two workers: one that sees what we see, and one on which something is not there."""

        def __init__(self, lost: str) -> None:
            self.lost = lost

        def run(self, function: Callable, asked: object, on_error: str) -> dict:
            seen = function(asked)
            lacking = {kind: {**found, self.lost: ""} for kind, found in seen.items()}
            return {"tcp://a:1": seen, "tcp://b:1": lacking}

    (place / "runs").mkdir()
    (place / "runs" / cluster_work.SIGN).write_text("sign")
    asked = cluster_check.question(todo(place), place / "runs", "sign")
    for lost, said in [
        ("shops.yml", r"1 of 2 workers do not see \S+shops.yml as it is here \(first tcp://b:1\)"),
        ("notebooks/01_orders.ipynb", r"do not see \S+01_orders.ipynb as it is here"),
        ("runs", r"1 of 2 workers cannot write to \S+runs \(first tcp://b:1\)"),
    ]:
        with pytest.raises(SettingError, match=said):
            cluster_check.check(Cluster(str(place / lost)), asked)
    cluster_check.check(Cluster("nothing"), asked)


def test_a_shop_that_the_cluster_gives_up_is_told_and_what_it_made_before_counts(place: Path) -> None:
    from distributed import KilledWorker

    (place / "runs").mkdir()
    tasks = [task for task in todo(place, (FIRST, SECOND)) if task.shop.id == "gold"]
    made_from = keys.keys(tasks)

    class Fails(Executor):
        """A cluster on which the first notebook is made, and then something happens."""

        def __init__(self, error: Exception) -> None:
            self.error = error

        def submit(self, function: Callable, work: cluster_work.Work) -> Future:
            made = runs.record(tasks[0], status="failed", message="no", key=work.runs[0].key, made_at="now")
            runs.save(place / "runs", made)
            future = Future()
            future.set_exception(self.error)
            return future

    class Worker:
        address = "tcp://a:1"

    for error, status, said in [
        (
            KilledWorker("shop", Worker(), 3),
            "died",
            "each worker that ran this shop ended in the middle of it (4 ",
        ),
        (CancelledError(), "failed", "the cluster gave it up"),
        (SettingError("one sentence."), "failed", "one sentence."),
        (OSError(28, "No space left on device"), "failed", "No space left on device"),
    ]:
        (place / "runs/gold").mkdir(exist_ok=True)
        (place / "runs/gold/01_orders.json").unlink(missing_ok=True)
        told: list[runs.Record] = []
        how = {"executor": Fails(error), "sign": "s", "timeout": None, "memory": None}
        cluster._run(tasks, made_from, place / "runs", told=told.append, **how)
        assert [(one["notebook"], one["status"]) for one in told] == [(FIRST, "failed"), (SECOND, status)]
        assert told[0]["message"] == "no" and said in told[1]["message"]
        assert json.loads((place / "runs/gold/02_customers.json").read_text())["status"] == status


def test_a_worker_that_sees_other_exports_makes_nothing_of_them(place: Path) -> None:
    """One that came after the check: its shop is tried elsewhere, and in the end it is said why."""
    (place / "runs").mkdir()
    (place / "runs" / cluster_work.SIGN).write_text("sign")
    tasks = [task for task in todo(place, (FIRST,)) if task.shop.id == "gold"]
    work = cluster_work.work(tasks, keys.keys(tasks), place / "runs", sign="sign", timeout=None, memory=1)
    (place / "gold.csv").write_text(ORDERS + "4,c,2025-03-01,10\n")
    with pytest.raises(Exception, match="sees other files, settings or programs"):
        cluster_work.run_shop(work)
    (place / "gold.csv").unlink()
    with pytest.raises(Exception, match=r"on the worker .*: .*gold\.csv"):
        cluster_work.run_shop(work)
    (place / "runs" / cluster_work.SIGN).unlink()
    assert cluster_work.run_shop(work) == []
    assert not list((place / "runs").rglob("*.json"))


def test_work_travels_as_plain_values_and_no_order_with_it(place: Path) -> None:
    tasks = [task for task in todo(place) if task.shop.id == "gold"]
    found = keys.keys(tasks)
    assert len(tasks[0].shop.orders()) == 3  # read, and kept by the shop
    work = cluster_work.work(tasks, found, place / "runs", sign="s", timeout=5.0, memory=None)
    values = [*vars(work).values(), *(value for run in work.runs for value in vars(run).values())]
    assert {type(value) for value in values} <= {str, float, bool, tuple, type(None)}
    again = [cluster_work._task(cluster_work._shop(work), run) for run in work.runs]
    assert [(one.shop.id, one.parameters, one.question) for one in again] == [
        (one.shop.id, one.parameters, one.question) for one in tasks
    ]


@pytest.mark.parametrize("name", parameters.CONTRACTS)
def test_parameters_of_every_notebook_survive_the_trip(name: str) -> None:
    contract = parameters.contract(name)
    asked = parameters.build(contract, {"lang": "zh", "until": "2026-06-30"})
    assert contract.model_validate_json(asked.model_dump_json()) == asked
