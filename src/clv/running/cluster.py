"""A batch on many machines: whole shops go to the workers of a Dask cluster that is there.

Dask schedules: it gives shops to workers that are free, and those of a worker that died to another. We ask,
check first that every worker sees what we see, and keep the folder of the runs to ourselves (`cluster_work`
is what a worker does).
"""

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future, as_completed, wait
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from clv.errors import ClvError
from clv.language import tell
from clv.running import cluster_check, cluster_work, earlier, runs
from clv.running.cluster_client import connected
from clv.running.cluster_work import Work
from clv.running.keys import Keys
from clv.running.plan import Task
from clv.running.runs import Record
from clv.telling.pages import write_whole

_RETRIES = 2  # of a shop whose worker raised an error; of dead workers Dask's own settings say how many
_STOP_SECONDS = 10
_log = logging.getLogger(__name__)


@contextmanager
def opened(
    address: str,
    todo: Sequence[Task],
    *,
    out: Path,
    timeout: float | None = None,
    memory: float | None = None,
) -> Iterator[Callable[..., None]]:
    """Connect to the cluster at `address` and yield what runs tasks there, as `batch` runs them here.

    Parameters
    ----------
    out
        Folder of the runs, on a disk that all machines share; held by whoever calls.
    timeout, memory
        Seconds and GiB that one notebook may take; without `memory` a share of its worker's.

    Raises
    ------
    SettingError
        Dask is missing, there is no cluster or no worker, or a worker sees or has something else than we.
    """
    with connected(address) as client, _signed(out) as sign:
        cluster_check.check(client, cluster_check.question(todo, out, sign))
        executor = client.get_executor(pure=False, retries=_RETRIES)
        yield partial(_run, executor=executor, sign=sign, timeout=timeout, memory=memory)


@contextmanager
def _signed(out: Path) -> Iterator[str]:
    """Put a sign into the folder of the runs that workers look for, as long as the batch goes on."""
    sign = secrets.token_hex(16)
    write_whole(out / cluster_work.SIGN, sign)
    try:
        yield sign
    finally:
        (out / cluster_work.SIGN).unlink(missing_ok=True)


def _run(
    todo: Sequence[Task],
    keys: Keys,
    out: Path,
    *,
    executor: Executor,
    sign: str,
    timeout: float | None,
    memory: float | None,
    told: Callable[[Record], None],
) -> None:
    running: dict[Future, tuple[list[Task], Work]] = {}
    try:
        for tasks in _by_shop(todo):
            work = cluster_work.work(tasks, keys, out, sign=sign, timeout=timeout, memory=memory)
            running[executor.submit(cluster_work.run_shop, work)] = tasks, work
        for future in as_completed(list(running)):
            tasks, work = running.pop(future)
            for record in _records(future, tasks, work, out):
                told(record)
    except BaseException:  # Ctrl-C above all: what runs there ends, what waits there begins no more
        (out / cluster_work.SIGN).unlink(missing_ok=True)
        for future in wait(running, timeout=_STOP_SECONDS).done:
            for record in _made(future, *running[future], out).values():
                told(record)
        executor.shutdown(wait=False)
        raise


def _by_shop(todo: Sequence[Task]) -> list[list[Task]]:
    shops = dict.fromkeys(task.shop.id for task in todo)
    return [[task for task in todo if task.shop.id == shop_id] for shop_id in shops]


def _records(future: Future, tasks: Sequence[Task], work: Work, out: Path) -> list[Record]:
    """Return a record for each task of a shop; of one that left none, why."""
    found = _made(future, tasks, work, out)
    return [found.get(task.name) or _unmade(task, _error(future), out) for task in tasks]


def _made(future: Future, tasks: Sequence[Task], work: Work, out: Path) -> dict[str, Record]:
    """Return what was made, by notebook: as the worker says, or as its records say where it cannot."""
    if _error(future) is None:
        return {record["notebook"]: record for record in future.result()}
    pairs = zip(tasks, work.runs, strict=True)
    found = {task.name: cluster_work.made_already(out, task.shop.id, run) for task, run in pairs}
    return {name: record for name, record in found.items() if record is not None}


def _error(future: Future) -> BaseException | None:
    """Return what became of a shop that has ended; None where its worker sent its records."""
    return CancelledError() if future.cancelled() else future.exception()


def _unmade(task: Task, error: BaseException | None, out: Path) -> Record:
    status, message = _why(error)
    record = runs.record(task, status=status, message=message)
    with suppress(OSError):  # on a full disk an earlier run stays where it is
        earlier.give_way(out, task.shop.id, task.name, task.shop.last_day)
        runs.save(out, record)
    return record


def _why(error: BaseException | None) -> tuple[str, str]:
    from distributed import KilledWorker

    if error is None:
        return "failed", tell("it was stopped on the cluster before its turn came; run again.")
    if isinstance(error, ClvError):
        return "failed", str(error)
    if isinstance(error, KilledWorker):
        return "died", tell(
            "each worker that ran this shop ended in the middle of it ({times:,} of them); look into "
            "their logs.",
            times=error.allowed_failures + 1,
        )
    if isinstance(error, CancelledError):
        return "failed", tell("the cluster gave it up: its scheduler is gone, or somebody cancelled it.")
    _log.debug("a worker failed", exc_info=error)
    return "failed", tell(
        "what the run left could not be kept ({name}: {error}).", name=type(error).__name__, error=error
    )
