"""Every notebook for every shop: in parallel, each run for itself, and only what is not good already.

Notebooks about all shops come after the others, whose facts they read in the history of the runs.
A run's files are written whole and its record last, so a batch that is stopped leaves nothing half done and
the next one goes on from there.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from pathlib import Path

from clv import notebook_formats
from clv.errors import ClvError, lacks_memory
from clv.language import speaking, tell
from clv.running import changes, earlier, foreign, overview, printing, readying, runs, segments_kept
from clv.running.holding import Interrupted, alone, interruptible
from clv.running.keys import Keys
from clv.running.keys import keys as made_from
from clv.running.memory import Memory, Warned
from clv.running.plan import Task
from clv.running.runs import Record
from clv.shop import Shop

_log = logging.getLogger(__name__)

Told = Callable[[Record], None]
__all__ = ["Interrupted", "Told", "run"]


def run(
    todo: Sequence[Task],
    *,
    out: Path,
    jobs: int,
    force: bool = False,
    timeout: float | None = None,
    memory: float | None = None,
    pdf: bool = False,
    dask: str = "",
    told: Told = lambda record: None,
    warned: Warned = _log.warning,
) -> list[Record]:
    """Run `todo` and return one record per task, in its order.

    Parameters
    ----------
    out
        Folder of reports and records; made where missing.
    jobs
        Notebooks at a time.
    force
        Run again what is good already.
    timeout
        Seconds that one notebook may take.
    memory
        GiB that one notebook may take; without it an equal share of the machine's memory among the jobs.
    pdf
        Print each good report to a PDF beside it, where a browser is there to do it.
    dask
        Address of a Dask cluster whose workers run the shops, as many at a time as it likes; see
        `running.cluster`.
    told
        Called with each record as it comes, in this thread.
    warned
        Called with one sentence where the history of runs is damaged or cannot be kept; the batch goes on.

    Raises
    ------
    Interrupted
        Ctrl-C, or a polite request to end.
    SettingError
        Another batch is writing to `out`, or it cannot be written to; the cluster cannot be used.
    """
    with alone(out), interruptible(), _runner(todo, out, dask, jobs, timeout, memory) as run_each:
        try:
            records = _records(todo, out, force=force, told=told, kept=Memory(out, warned), run_each=run_each)
            if pdf:
                printing.write_all(out, records, jobs=jobs, warned=warned)
            readying.write_all(out, _shops(todo), warned)
            segments_kept.write_all(out, todo, warned)
            changes.write_all(out, _shops(todo), warned)
        finally:
            with speaking(_language(todo)):
                overview.write(out, todo)
        return records


def _shops(todo: Sequence[Task]) -> list[tuple[Shop, str]]:
    """Return the shops of the runs, each once, with the language of their reports; all shops are none."""
    found = {task.shop.id: (task.shop, task.lang) for task in todo if isinstance(task.shop, Shop)}
    return list(found.values())


def _language(todo: Sequence[Task]) -> str:
    """Return the language of what is about all: that of every report, English where they differ."""
    spoken = {task.lang for task in todo}
    return spoken.pop() if len(spoken) == 1 else "en"


def _records(
    todo: Sequence[Task],
    out: Path,
    *,
    force: bool,
    told: Told,
    kept: Memory,
    run_each: Callable[..., None],
) -> list[Record]:
    records = {}

    def ended(record: Record) -> None:
        records[record["shop"], record["notebook"]] = record
        kept.keep(record)
        told(record)

    for of_all in (False, True):
        part = [task for task in todo if task.parameters.of_all_shops is of_all]
        keys = made_from(part)
        for record in _unrun(part, keys, out, force=force):
            ended(record)
        rest = [task for task in part if (task.shop.id, task.name) not in records]
        if rest:
            run_each(rest, keys, out, told=ended)
    return [records[task.shop.id, task.name] for task in todo]


def _unrun(todo: Sequence[Task], keys: Keys, out: Path, *, force: bool) -> Iterator[Record]:
    """Yield the records of what needs no run: good already, or of a shop whose files are not there."""
    for task in todo:
        key = keys[task.label]
        if isinstance(key, ClvError):
            earlier.give_way(out, task.shop.id, task.name, task.shop.last_day)
            record = runs.record(task, status="refused", message=str(key))
            runs.save(out, record)
            yield record
        elif not force and (kept := runs.good_already(out, task.shop.id, task.name, key)):
            earlier.settle(out, task.shop.id, task.name, kept["until"])  # where a batch was killed before
            yield {**kept, "kept": True}


def _runner(
    todo: Sequence[Task], out: Path, dask: str, jobs: int, timeout: float | None, memory: float | None
) -> AbstractContextManager[Callable[..., None]]:
    """Return what runs tasks: this machine, or a cluster for as long as it is connected."""
    if not dask:
        return nullcontext(partial(_run, jobs=jobs, timeout=timeout, memory=memory))
    from clv.running import cluster

    return cluster.opened(dask, todo, out=out, timeout=timeout, memory=memory)


def _run(
    todo: Sequence[Task],
    keys: Keys,
    out: Path,
    *,
    jobs: int,
    timeout: float | None,
    memory: float | None,
    told: Told,
) -> None:
    from clv.running import kernels, limits

    pool = kernels.Kernels(memory=memory or limits.share(jobs))
    notebook_formats.load()
    from clv.running import execute, produce  # while the imports of the kernels go on

    with (
        execute.quiet(),
        ThreadPoolExecutor(max_workers=jobs) as threads,
    ):
        make = partial(produce.produce, out=out, pool=pool, timeout=timeout)
        try:
            running = {threads.submit(make, task, keys[task.label]): task for task in _spread(todo)}
            for future in as_completed(running):
                told(_ended(future, running[future], out))
        except BaseException:  # Ctrl-C above all: no kernel outlives the batch
            threads.shutdown(wait=False, cancel_futures=True)
            pool.stop()
            raise


def _spread(todo: Sequence[Task]) -> list[Task]:
    """Order the runs notebook by notebook, so that shops read their exports side by side."""
    order = {name: position for position, name in enumerate(dict.fromkeys(task.name for task in todo))}
    return sorted(todo, key=lambda task: order[task.name])


def _ended(future: "Future[Record]", task: Task, out: Path) -> Record:
    try:
        return future.result()
    except Exception as error:  # a full disk, a defect: this run's, not the other runs'
        _log.debug("%s: nothing kept", task.label, exc_info=True)
        kind = type(error).__name__
        said = tell("what the run left could not be kept ({name}: {error}).", name=kind, error=error)
        said = foreign.no_memory() if lacks_memory(error) else said
        with suppress(OSError):  # on a full disk an earlier run stays where it is
            earlier.give_way(out, task.shop.id, task.name, task.shop.last_day)
        return runs.record(task, status="failed", message=said)
