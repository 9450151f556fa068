"""From one task to what it leaves: the executed copy, the report where there is an answer, the record."""

import logging
from pathlib import Path

import nbformat

import clv
from clv.errors import ClvError
from clv.keeping import fingerprints
from clv.language import speaking, tell
from clv.running import earlier, made_from, runs
from clv.running.all_shops import AllShops
from clv.running.execute import Outcome, execute
from clv.running.kernels import Kernels
from clv.running.plan import Task
from clv.running.runs import Record
from clv.telling import downloads, facts, report
from clv.telling.downloads import About
from clv.telling.pages import write_whole

_log = logging.getLogger(__name__)


def produce(task: Task, key: str, *, out: Path, pool: Kernels, timeout: float | None = None) -> Record:
    """Run one task and put what it leaves below `out`; the record comes last.

    Raises
    ------
    clv.running.execute.Stopped
        The batch was stopped meanwhile; nothing of an earlier run was touched.
    """
    with speaking(task.lang):  # each thread tells in the language of its shop
        return _produced(task, key, out=out, pool=pool, timeout=timeout)


def _produced(task: Task, key: str, *, out: Path, pool: Kernels, timeout: float | None) -> Record:
    outcome = execute(task.notebook, task.parameters, pool=pool, timeout=timeout)
    record = _record(task, key, outcome)
    earlier.give_way(out, task.shop.id, task.name, record["until"])
    write_whole(out / record["ipynb"], nbformat.writes(outcome.notebook) + "\n")
    if outcome.status in ("ok", "refused"):
        record = _with_report(record, outcome, task, out)
    runs.save(out, record)
    if record["status"] == "ok":
        earlier.settle(out, task.shop.id, task.name, record["until"])
    return record


def _record(task: Task, key: str, outcome: Outcome) -> Record:
    return runs.record(
        task,
        status=outcome.status,
        message=outcome.message,
        key=key,
        made_from=made_from.of(task),
        seconds=round(outcome.seconds, 2),
        until=_last_day(task) if outcome.status == "ok" else task.shop.last_day,
        answer=answer.text if (answer := facts.answered(outcome.notebook)) else "",
        facts=facts.collect(outcome.notebook),
        figures=facts.figure_names(outcome.notebook),
        ipynb=f"{task.shop.id}/{task.name}.ipynb",
    )


def _with_report(record: Record, outcome: Outcome, task: Task, out: Path) -> Record:
    html = f"{task.shop.id}/{task.name}.html"
    about = About(task.question, task.shop.name, record["until"], record["made_at"])
    try:
        beside = downloads.write(outcome.notebook, out / html, about=about)
        report.write(
            outcome.notebook,
            out / html,
            title=task.question,
            shop=task.shop.name,
            until=record["until"],
            made_at=record["made_at"],
            provenance=_provenance(task, record["key"]),
            keys=record["keys"],
            downloads=beside,
        )
    except OSError:  # a full disk: told as such, and nothing is kept
        raise
    except Exception as error:  # one report's failure never stops the others
        _log.debug("%s: no report", task.label, exc_info=True)
        said = tell(
            "the report could not be written ({name}); a defect in clv; see CLV_DEBUG=1.",
            name=type(error).__name__,
        )
        return {**record, "status": "failed", "message": said}
    return {**record, "html": html}


def _last_day(task: Task) -> str:
    try:
        return task.shop.until.isoformat()
    except ClvError:
        return task.shop.last_day
    finally:
        task.shop.forget()  # a batch goes through many shops


def _provenance(task: Task, key: str) -> dict[str, str]:
    shop = task.shop  # a report on all shops shows no customer
    ids = {} if isinstance(shop, AllShops) else {"customer ids": shop.file.entry(shop.id).customer_ids}
    return {
        "notebook": task.notebook.name,
        **ids,
        "made from": key,
        "clv": clv.__version__,
        **fingerprints.library_versions(),
    }
