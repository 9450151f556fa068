"""One notebook run through Papermill, and an honest word on how it ended.

Papermill's output marks every cell 'completed' after a dead kernel or a timeout, so the status comes from the
exception and from the facts and figures that the notebook was to leave, never from the cells.
"""

import asyncio
import logging
import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

import nbformat
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill import execute_notebook
from papermill.exceptions import PapermillExecutionError
from papermill.execute import remove_error_markers
from traitlets.config import Config

from clv import errors
from clv.language import tell
from clv.parameters import Contract
from clv.running import foreign, kernels, limits, notebook_files
from clv.running.silence import silenced
from clv.telling import facts
from clv.telling.sliders import WIDGET_MIME

STATUSES = ("ok", "refused", "failed", "died", "timeout", "incomplete")
_START_SECONDS = 180
_MESSAGE_LENGTH = 400


@dataclass(frozen=True)
class Outcome:
    """How a run ended: one of STATUSES, one line on it, the executed copy, the seconds that it took."""

    status: str
    message: str
    notebook: NotebookNode
    seconds: float


class Stopped(Exception):  # noqa: N818 (not an error: somebody pressed Ctrl-C)
    """The batch was stopped while this notebook ran; there is no outcome."""


def execute(
    notebook: Path,
    parameters: Contract,
    *,
    pool: kernels.Kernels,
    timeout: float | None = None,
) -> Outcome:
    """Run `notebook` with `parameters` in a fresh kernel whose working folder is the notebook's.

    Parameters
    ----------
    pool
        Where the kernel is registered, so that the batch can end it, and the memory that it may take.
    timeout
        Seconds that the whole notebook may take, and so any cell of it.

    Raises
    ------
    Stopped
        The batch was stopped meanwhile.
    """
    begun = time.monotonic()
    with (
        pool.handle(notebook.parent) as handle,
        limits.within(handle, timeout=timeout, memory=pool.memory),
        _event_loop(),
    ):
        executed, problem = _run(notebook, parameters, handle)
        why_ended = handle.ended_because
    if why_ended == "stopped":
        raise Stopped
    executed = _cleaned(executed)
    status, message = _ended(why_ended, timeout, pool.memory) or _verdict(problem, executed, type(parameters))
    outcome = Outcome(status, message, executed, time.monotonic() - begun)
    return outcome if status == "ok" else replace(outcome, notebook=_with_banner(executed, status, message))


def _run(
    notebook: Path, parameters: Contract, handle: kernels.Handle
) -> tuple[NotebookNode, Exception | None]:
    """Run the notebook; return it as far as it came, and what went wrong, whatever it was."""
    manager = kernels.manager_class(handle)
    seen = [nbformat.read(notebook, as_version=4)]
    try:
        execute_notebook(
            notebook_files.told(seen[0]),
            None,  # nothing is written: Papermill would check and write everything before and after each cell
            on_notebook_start=lambda notebook: seen.append(notebook),  # the copy that is being filled
            parameters=parameters.model_dump(mode="json"),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            start_timeout=_START_SECONDS,
            iopub_timeout=60,
            record_timing=False,
            shutdown_kernel="immediate",
            kernel_manager_class=manager,
            config=Config({manager.__name__: kernels.settings(handle)}),
        )
    except Exception as error:  # anything at all: one notebook's failure never stops the others
        return seen[-1], error
    return seen[-1], None


def _ended(because: str, timeout: float | None, memory: float | None) -> tuple[str, str] | None:
    """Return what is to be said of a notebook that was ended; None where it ended by itself."""
    if because == "timeout":
        return "timeout", tell("stopped after {timeout:g} s; allow more with --timeout.", timeout=timeout)
    if because == "memory":
        said = tell(
            "the notebook needed more than {memory:.3g} GiB; allow more with --memory, or run fewer at a "
            "time with --jobs.",
            memory=memory,
        )
        return "died", said
    return None


def _verdict(problem: Exception | None, executed: NotebookNode, contract: type[Contract]) -> tuple[str, str]:
    if isinstance(problem, PapermillExecutionError):
        if problem.ename in errors.own_names():
            return "refused", _line(problem.evalue)
        said = foreign.reason(f"{problem.ename}: {problem.evalue}")
        return "failed", _line(_unsaid(executed) if problem.ename == "CellExecutionError" else said)
    if isinstance(problem, DeadKernelError) or (
        isinstance(problem, RuntimeError) and "ernel" in str(problem)
    ):
        return "died", tell("the notebook's process ended by itself (often: not enough memory).")
    if problem is not None:
        return "failed", _line(foreign.reason(f"{type(problem).__name__}: {problem}"))
    missing = _missing(executed, contract)
    return ("incomplete", tell("the run left no {missing}.", missing=missing)) if missing else ("ok", "")


def _unsaid(executed: NotebookNode) -> str:
    """Return what is to be said of a cell that failed and whose kernel could not tell of what."""
    outputs = [one for cell in executed.cells for one in cell.get("outputs", ())]
    if any(errors.says_no_memory(one.get("text", "")) for one in outputs if one["output_type"] == "stream"):
        return foreign.no_memory()
    return tell("a cell failed, and its kernel could not tell of what.")


def _missing(executed: NotebookNode, contract: type[Contract]) -> str:
    recorded = {fact["name"] for fact in facts.collect(executed)}
    drawn = set(facts.figure_names(executed))
    words = [f"fact {name!r}" for name in contract.facts if name not in recorded]
    return ", ".join(words + [f"figure {name!r}" for name in contract.figures if name not in drawn])


def _line(text: str) -> str:
    line = " ".join(re.sub(r"\x1b\[[0-9;]*m", "", text).split())
    return line if len(line) <= _MESSAGE_LENGTH else line[: _MESSAGE_LENGTH - 1] + "…"


def _cleaned(executed: NotebookNode) -> NotebookNode:
    """Return the executed copy without Papermill's states, times and paths, dead sliders, foreign values."""
    executed = remove_error_markers(executed)
    executed.metadata.pop("papermill", None)
    executed.metadata.pop("widgets", None)
    for cell in executed.cells:
        cell.metadata.pop("papermill", None)
        if "outputs" in cell:
            shown = [output for output in cell.outputs if WIDGET_MIME not in output.get("data", {})]
            cell.outputs = [foreign.without_values(output) for output in shown]
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell["id"] = "injected-parameters"
    return executed


def _with_banner(executed: NotebookNode, status: str, message: str) -> NotebookNode:
    text = tell("<b>This run is not good ({status}):</b> {message}", status=status, message=escape(message))
    banner = nbformat.v4.new_markdown_cell(text, id="clv-status", metadata={"tags": ["clv-status"]})
    executed.cells.insert(0, banner)
    return executed


@contextmanager
def _event_loop() -> Iterator[None]:
    """Close the event loop that nbclient opens for each thread and forgets."""
    loop = ensure_event_loop()
    try:
        yield
    finally:
        if not loop.is_running():
            loop.close()
            asyncio.set_event_loop(None)


def quiet() -> AbstractContextManager[None]:
    """Keep the libraries' own lines off the screen: what they know is in the outcome."""
    return silenced(map(logging.getLogger, ("papermill", "traitlets")))
