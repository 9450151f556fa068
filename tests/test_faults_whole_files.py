"""Files written whole or not at all: by owners who are killed at any moment, many at once, by any clock."""

import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from clv import scratch, whole_files
from faults.strike import HOOK

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

MANY = """
import sys
from pathlib import Path
from clv import whole_files
for n in range(150):
    whole_files._clear_once.cache_clear()  # each write clears away, as a process does in the beginning
    whole_files.write_whole(Path(sys.argv[1]) / "page.html", sys.argv[2] * 5000)
"""


def killed_before(change: int, place: Path, work: Callable[[], None]) -> bool:
    """Fork, and kill the child just before a change on the disk; return whether it came to that."""
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            told = {"BELOW": str(place), "AT": str(change), "MAIN": str(os.getpid()), "IN": "main"}
            os.environ.update({f"CLV_FAULTS_{name}": value for name, value in told.items()})
            os.environ.pop("CLV_FAULTS_COUNT", None)
            runpy.run_path(str(HOOK / "sitecustomize.py"))
            scratch._clear_once.cache_clear()
            whole_files._clear_once.cache_clear()
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def hidden(place: Path) -> list[Path]:
    return list(place.rglob(".clv-new-*"))


def test_killed_before_each_of_its_changes_a_file_is_the_old_one_or_the_new(tmp_path: Path) -> None:
    path, change = tmp_path / "page.html", 1
    path.write_text("old")
    while killed_before(change, tmp_path, lambda: whole_files.write_whole(path, "new" * 9999)):
        assert path.read_text() in ("old", "new" * 9999)
        path.write_text("old")
        change += 1
    assert change > 4  # made, written, its mode set, moved
    assert path.read_text() == "new" * 9999
    assert not hidden(tmp_path)


def test_what_a_killed_writer_left_goes_at_once_and_a_living_ones_stays(tmp_path: Path) -> None:
    with whole_files.whole(tmp_path / "living.csv") as fresh:
        assert killed_before(3, tmp_path, lambda: whole_files.write_whole(tmp_path / "killed.csv", "x"))
        assert len(hidden(tmp_path)) == 2
        os.utime(fresh, (0, 0))  # nobody goes by its age
        whole_files._clear_once.cache_clear()
        whole_files.write_whole(tmp_path / "next.csv", "x")
        assert hidden(tmp_path) == [fresh]
        fresh.write_text("whole")
    assert (tmp_path / "living.csv").read_text() == "whole"
    assert not hidden(tmp_path)


def test_killed_before_each_of_its_changes_a_folder_goes_with_the_next_owner(tmp_path: Path) -> None:
    def work() -> None:
        with closing(scratch.folder(".clv-new-", place=tmp_path)) as room:
            (room.path / "part").write_text("half")
            (room.path / "a folder").mkdir()
            (room.path / "a folder" / "part").write_text("half")

    change = 1
    while killed_before(change, tmp_path, work):
        scratch._clear_once.cache_clear()
        with closing(scratch.folder(".clv-new-", place=tmp_path)) as mine:
            assert hidden(tmp_path) == [mine.path]
        change += 1
    assert change > 3


def test_a_sweep_goes_into_every_folder_and_takes_nothing_that_is_held_or_somebodys(tmp_path: Path) -> None:
    deep = tmp_path / "gold" / "01_orders-tables"
    deep.mkdir(parents=True)
    for place in (tmp_path, deep):
        assert killed_before(3, tmp_path, lambda place=place: whole_files.write_whole(place / "a.csv", "x"))
    (deep / ".clv-new-mine").mkdir()  # a name that nobody's program made
    (deep / ".clv-new-mine" / "letter").touch()
    with closing(scratch.folder(".clv-new-", place=deep)) as held, whole_files.whole(deep / "b.csv") as fresh:
        whole_files.sweep(tmp_path)
        assert set(hidden(tmp_path)) == {held.path, fresh, deep / ".clv-new-mine"}
        fresh.touch()


def test_a_folder_is_held_again_where_another_cleared_it_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, make = [], scratch._made

    def robbed(prefix: str, place: Path) -> scratch.Folder:
        made.append(make(prefix, place))
        if len(made) == 1:
            made[0].close()
        return made[-1]

    monkeypatch.setattr(scratch, "_made", robbed)
    with closing(scratch.folder(".clv-new-", place=tmp_path)) as mine:
        assert mine is made[1] and mine.path.is_dir()


def test_many_writers_of_one_file_who_all_clear_away(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", MANY, str(tmp_path), name]) for name in "abc"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        if (tmp_path / "page.html").exists():
            seen.add((tmp_path / "page.html").read_text())
        time.sleep(0.002)
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert seen <= {name * 5000 for name in "abc"}
    assert not hidden(tmp_path)


def test_a_file_keeps_its_mode_and_a_stopped_writer_leaves_nothing(tmp_path: Path) -> None:
    whole_files.write_whole(tmp_path / "list.csv", "x", mode=0o600)
    assert (tmp_path / "list.csv").stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyboardInterrupt), whole_files.whole(tmp_path / "list.csv"):
        signal.raise_signal(signal.SIGINT)
    assert (tmp_path / "list.csv").read_text() == "x"
    assert not hidden(tmp_path)
