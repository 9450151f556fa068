"""What a worker of a cluster does: the notebooks of a shop, one after the other, as one machine would.

Plain values go there and records come back; files, notebooks and reports stay on the disk that all machines
share. A worker works as long as the batch's sign stands in OUT: whoever asked takes it away when he stops.
"""

import platform
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clv import parameters, shopfile
from clv.errors import ClvError, InputError, SettingError
from clv.language import speaking, spoken, tell
from clv.running import runs
from clv.running.all_shops import AllShops
from clv.running.keys import Keys
from clv.running.keys import keys as made_from
from clv.running.limits import GIB, share
from clv.running.plan import Task
from clv.running.runs import Record
from clv.shop import Shop

if TYPE_CHECKING:
    from clv.running.kernels import Kernels

SIGN = ".cluster"
_LOOK_EVERY = 1.0  # seconds


@dataclass(frozen=True)
class Run:
    """One notebook to be run. `before` is when the run was made that stood there before this batch."""

    notebook: str
    parameters: str
    question: str
    key: str
    before: str


@dataclass(frozen=True)
class Work:
    """A shop's runs, or those about all shops, in plain values: `parameters` are JSON, the rest is text."""

    shop_file: str
    shops: tuple[str, ...]
    last_day: str
    of_all: bool
    runs: tuple[Run, ...]
    out: str
    sign: str
    language: str
    timeout: float | None
    memory: float | None

    def is_wanted(self) -> bool:
        """Return whether the batch that asked goes on."""
        try:
            return Path(self.out, SIGN).read_text("utf-8") == self.sign
        except FileNotFoundError:
            return False
        except OSError:  # a shared disk may be away for a moment
            return True


def work(
    todo: Sequence[Task], keys: Keys, out: Path, *, sign: str, timeout: float | None, memory: float | None
) -> Work:
    """Return the runs of one shop, or of all shops as one, as they travel."""
    shop, of_all = todo[0].shop, isinstance(todo[0].shop, AllShops)
    return Work(
        shop_file=str(shop.file.path),
        shops=tuple(one.id for one in shop.shops) if of_all else (shop.id,),
        last_day=shop.last_day,
        of_all=of_all,
        runs=tuple(_run(task, keys[task.label], out) for task in todo),
        out=str(out.absolute()),
        sign=sign,
        language=spoken(),
        timeout=timeout,
        memory=memory,
    )


def _run(task: Task, key: str, out: Path) -> Run:
    before = runs.load(runs.place(out, task.shop.id, task.name, "json")) or {}
    asked = task.parameters.model_dump_json()
    return Run(str(task.notebook.absolute()), asked, task.question, key, before.get("made_at", ""))


def made_already(out: Path, shop_id: str, asked: Run) -> Record | None:
    """Return the record of a run that this batch has made, before its worker died."""
    record = runs.load(runs.place(out, shop_id, Path(asked.notebook).stem, "json"))
    is_new = record is not None and record["key"] == asked.key and record.get("made_at") != asked.before
    return record if is_new else None


def run_shop(asked: Work) -> list[Record]:
    """Run on a worker what this batch has not made yet, and return the records; fewer where it was stopped.

    Raises
    ------
    ClvError
        This machine sees other files than the one that asked; the other notebooks were run all the same.
    """
    if not asked.is_wanted():
        return []
    from clv.running import execute, kernels

    pool = kernels.Kernels(memory=asked.memory or _share())
    records, problems = [], []
    with speaking(asked.language), execute.quiet(), _heeding(asked, pool):
        try:
            for record in _records(asked, pool):
                (problems if isinstance(record, Exception) else records).append(record)
        except execute.Stopped:
            return records
    if problems:  # another try, on this worker or another, finds what was made
        raise problems[0]
    return records


def _records(asked: Work, pool: "Kernels") -> Iterator[Record | Exception]:
    from clv.running import execute, produce

    out, shop, left = Path(asked.out), _shop(asked), []
    for run in asked.runs:
        if kept := made_already(out, shop.id, run):
            yield kept
        else:
            left.append((_task(shop, run), run.key))
    keys = made_from(task for task, _ in left)
    for task, key in left:
        try:
            _check(keys[task.label], key)
            yield produce.produce(task, key, out=out, pool=pool, timeout=asked.timeout)
        except execute.Stopped:
            raise
        except Exception as error:  # a full disk, a defect: this run's, not the other runs'
            yield error


def _shop(asked: Work) -> Shop | AllShops:
    file = shopfile.load(asked.shop_file)
    shops = tuple(Shop.of(file, shop_id, asked.last_day) for shop_id in asked.shops)
    return AllShops(file, shops, asked.last_day) if asked.of_all else shops[0]


def _task(shop: Shop | AllShops, run: Run) -> Task:
    notebook = Path(run.notebook)
    contract = parameters.contract(notebook.stem)
    return Task(shop, notebook, contract.model_validate_json(run.parameters), run.question)


def _check(ours: str | ClvError, theirs: str) -> None:
    """Say when this machine would make something else than the one that asked expects."""
    if isinstance(ours, ClvError):
        raise InputError(tell("on the worker {worker:s}: {error}", worker=platform.node(), error=str(ours)))
    if ours != theirs:
        raise SettingError(
            tell(
                "the worker {worker:s} sees other files, settings or programs than the machine that asked; "
                "make them alike and run again.",
                worker=platform.node(),
            )
        )


def _share() -> float:
    """Return the GiB that one notebook may take: an equal part of what the cluster gives to this worker."""
    from distributed import get_worker

    worker = get_worker()
    limit, threads = worker.memory_manager.memory_limit, worker.state.nthreads
    return limit / GIB / threads if limit else share(threads)


@contextmanager
def _heeding(asked: Work, pool: "Kernels") -> Iterator[None]:
    """End the kernel as soon as the batch that asked is stopped."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK_EVERY):
            if not asked.is_wanted():
                return pool.stop()

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()
