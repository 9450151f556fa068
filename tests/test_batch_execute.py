"""One notebook, one honest word: what `clv.running.execute` says of every way in which a run can end."""

import sys
from pathlib import Path

import pytest

from clv.running.execute import Outcome, Stopped, execute
from clv.running.kernels import Kernels
from tiny_notebooks import Tiny, everything, fact, figure, write

pytestmark = pytest.mark.slow


def run(folder: Path, body: str, *, timeout: float | None = None, pool: Kernels | None = None) -> Outcome:
    notebook = write(folder / "note{books}", Tiny, body)
    parameters = Tiny(shop_id="gold", depth=3)
    return execute(notebook, parameters, pool=pool or Kernels(), timeout=timeout)


def texts(outcome: Outcome) -> str:
    outputs = [o for cell in outcome.notebook.cells for o in cell.get("outputs", ())]
    return "".join(o.get("text", "") + "".join(o.get("traceback", ())) for o in outputs)


def test_a_run_that_leaves_everything_is_ok_and_sees_its_parameters_and_its_folder(tmp_path: Path) -> None:
    look = "import os, sys; print(depth, os.getcwd(), sys.executable, os.environ['OMP_NUM_THREADS'], said)"
    outcome = run(tmp_path, f"{everything(Tiny)}\n{look}")
    assert (outcome.status, outcome.message) == ("ok", "")
    assert f"3 {tmp_path / 'note{books}'} {sys.executable} 1 ('../data" in texts(outcome)
    assert "papermill" not in str(outcome.notebook)
    assert Path.cwd() != tmp_path / "note{books}"


def test_a_refusal_is_told_in_its_own_sentence(tmp_path: Path) -> None:
    sentence = "the export names no buyer; export the column too."
    outcome = run(tmp_path, f"from clv.errors import NoAnswerError\nraise NoAnswerError({sentence!r})")
    assert (outcome.status, outcome.message) == ("refused", sentence)


def test_any_other_exception_is_a_failure_kept_in_the_copy_and_quotes_nothing(
    tmp_path: Path,
) -> None:
    outcome = run(tmp_path, "{}['13800138000\\nsecond line']")
    assert (outcome.status, outcome.message) == ("failed", "KeyError: '…'")
    assert "Traceback" in texts(outcome)
    assert "not good (failed)" in outcome.notebook.cells[0].source


def test_a_dead_kernel_is_not_taken_for_a_finished_run(tmp_path: Path) -> None:
    outcome = run(tmp_path, f"{everything(Tiny)}\nimport os\nos._exit(3)")
    assert outcome.status == "died"
    assert "memory" in outcome.message


def test_a_notebook_that_never_ends_is_ended(tmp_path: Path) -> None:
    outcome = run(tmp_path, "import time\nwhile True: time.sleep(60)", timeout=4)
    assert outcome.status == "timeout"
    assert "4 s;" in outcome.message


@pytest.mark.parametrize("ending", ["", "\nimport sys\nsys.exit(0)"])
def test_a_run_without_a_promised_fact_or_figure_is_incomplete(tmp_path: Path, ending: str) -> None:
    left = figure("well") if not ending else fact("depth")
    outcome = run(tmp_path, left + ending)
    missing = "fact 'depth'" if not ending else "figure 'well'"
    assert (outcome.status, outcome.message) == ("incomplete", f"the run left no {missing}.")


def test_a_stopped_pool_starts_nothing_more(tmp_path: Path) -> None:
    pool = Kernels()
    pool.stop()
    with pytest.raises(Stopped):
        run(tmp_path, everything(Tiny), pool=pool)
