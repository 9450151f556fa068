"""Little memory: a sentence before libraries of C end the process, or never end it."""

import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from papermill.exceptions import PapermillExecutionError

from clv import cli, room
from clv.commands import table_files
from clv.errors import NotNowError
from clv.running import execute
from clv.running.kernels import Kernels
from faults import places
from faults.stories import STORIES
from tiny_notebooks import Tiny

FEW, MORE = 900, 2**16  # MiB
NO_MEMORY = "clv: there is not enough memory for this; close other programs or take fewer orders.\n"
SAID = "there was not enough memory; close other programs, or run fewer at a time with --jobs."
TO_START = (
    "clv: a program may not take 1,024 MiB more of memory here, which this needs; close other "
    "programs, or raise the limit (ulimit -v).\n"
)
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of Linux")


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be no room."""
    monkeypatch.setattr(room, "has", lambda mebibytes: False)


def _limited(arguments: list[str], mebibytes: int) -> subprocess.CompletedProcess[str]:
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (mebibytes * 2**20,) * 2)

    command = [sys.executable, "-m", "clv.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, timeout=120)


@pytest.mark.skipif(sys.platform == "win32", reason="it cannot be asked there")
def test_more_than_any_machine_has_cannot_be_had() -> None:
    assert room.has(1)
    assert not room.has(2**40)
    with pytest.raises(NotNowError, match=r"may not take 1,099,511,627,776 MiB more"):
        room.check(2**40)


@linux
def test_a_command_refuses_to_begin_where_too_little_may_be_taken(tmp_path: Path) -> None:
    done = _limited(["customers", "o.parquet", "--out", str(tmp_path / "c.parquet")], FEW)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", TO_START)
    for arguments in (["fit", "--help"], ["schemes"]):
        done = _limited(arguments, FEW)
        assert (done.returncode, done.stderr) == (0, "")
    done = _limited(["customers", "o.parquet", "--out", str(tmp_path / "c.parquet")], MORE)
    assert "there is no file" in done.stderr


def _lends_what_it_has() -> bool:
    mode = Path("/proc/sys/vm/overcommit_memory")
    return mode.is_file() and mode.read_text().strip() == "2"


@linux
@pytest.mark.skipif(_lends_what_it_has(), reason="this system lends no more than it has")
def test_room_is_no_question_of_what_the_machine_has(monkeypatch) -> None:
    """Without a limit a machine of little memory may begin: what it lends is not what it has."""
    has = psutil.virtual_memory().total + psutil.swap_memory().total
    assert room.has(has // 2**20 + 2048)


def test_kernels_are_not_begun_without_room(no_room) -> None:
    with pytest.raises(NotNowError, match="may not take 1,024 MiB more"):
        Kernels()


@pytest.mark.parametrize(("has_room", "says"), [(False, NO_MEMORY), (True, "defect in clv: SystemError")])
def test_an_odd_error_is_one_of_memory_where_there_is_none(
    tmp_path, has_room, says, monkeypatch, capsys
) -> None:
    def fails(*_: object, **__: object) -> None:
        monkeypatch.setattr(room, "has", lambda _: has_room)
        raise SystemError("returned NULL without setting an exception")

    places.make(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(table_files, "write", fails)
    with pytest.raises(SystemExit) as left:
        cli.main(list(STORIES["orders"].command))
    said = capsys.readouterr().err
    assert left.value.code == 1
    assert says in said


def test_where_there_is_no_room_for_a_sentence_either_a_shorter_one_is_said(monkeypatch, capfd) -> None:
    def fails(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(cli, "_told", fails)
    with pytest.raises(SystemExit) as left:
        cli.main(["customers", "missing.parquet", "--out", "c.parquet"])
    assert (left.value.code, capfd.readouterr().err) == (1, "clv: there is not enough memory.\n")


@pytest.mark.parametrize(
    ("heard", "says"),
    [
        ("…\nMemoryError\n", SAID),
        ("something else", "a cell failed, and its kernel could not tell of what."),
    ],
)
def test_a_kernel_that_could_not_tell_what_failed_is_not_quoted(heard, says) -> None:
    output = nbformat.v4.new_output("stream", name="stderr", text=heard)
    ran = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[output])])
    problem = PapermillExecutionError(0, 1, "1", "CellExecutionError", "", [])
    assert execute._verdict(problem, ran, Tiny) == ("failed", says)
