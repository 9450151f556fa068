"""A full disk, and one that may only be read: one sentence, whole files, and the next run goes on."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clv.cli import main
from faults import places, same, strike, whole
from faults.places import Place
from faults.stories import BATCH, STORIES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts of Linux"),
]

Disk = Callable[[str], None]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Shops whose batch runs in this process."""
    made = places.make(tmp_path / "place")
    for name, value in made.environment().items():
        if name.startswith(("CLV_", "TMPDIR")):
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(made.folder)
    return made


@pytest.fixture
def disk(place: Place) -> Iterator[Callable[[str], Disk]]:
    """A call that puts a small disk in the place of a folder; it returns one that changes the disk."""
    mounted = []

    def mount(name: str) -> Disk:
        folder = place.folder / name
        folder.mkdir(exist_ok=True)
        _mount(folder, "size=64k")
        mounted.append(folder)
        return lambda options: _mount(folder, f"remount,{options}")

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", folder], check=False)


def _mount(folder: Path, options: str) -> None:
    if os.geteuid():
        pytest.skip("only root may mount a small disk")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.decode().strip()}")


@pytest.fixture
def batch(capfd: pytest.CaptureFixture) -> Callable[[], tuple[int, str]]:
    """A call that runs the batch and returns its exit code and words."""

    def run() -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            main(list(BATCH[:-2]))  # not that on all shops: what it says of failed runs stays in its history
        said = capfd.readouterr()
        assert "Traceback" not in said.out + said.err
        return left.value.code, said.out + said.err

    return run


@pytest.fixture
def wanted(place: Place, batch: Callable[[], tuple[int, str]], tmp_path: Path) -> dict[str, object]:
    """What a batch leaves on a disk with room."""
    assert batch()[0] == 0
    found = same.snapshot(place.folder)
    (place.folder / "runs").rename(tmp_path / "undisturbed")
    (place.folder / "cache").rename(tmp_path / "cache")
    return found


@pytest.mark.parametrize(
    ("name", "sizes"), [("runs", (12, 40, 90)), ("cache", (4, 60)), ("temporary", (4, 20))]
)
def test_a_disk_that_is_full_at_several_moments(place, disk, batch, wanted, name, sizes) -> None:
    resize = disk(name)
    for size in sizes:
        resize(f"size={size}k")
        code, said = batch()
        assert code in (1, 2) or name == "temporary", said  # where little is needed
        assert "No space left" in said or "disk is full" in said or name == "temporary", said
        assert not whole.broken(place.folder)
    resize("size=64m")
    assert batch()[0] == 0
    assert not same.differences(wanted, same.snapshot(place.folder))
    assert not whole.leftovers(place.folder / "runs")


def test_a_folder_that_may_only_be_read(place, disk, batch, wanted) -> None:
    runs, cache = disk("runs"), disk("cache")
    runs("ro")
    code, said = batch()
    assert code == 2 and "runs cannot be written to (Read-only file system); name another with --out" in said
    runs("rw,size=64m")
    cache("ro")
    code, said = batch()
    assert (
        code == 1
        and "cannot be written to (Read-only file system); make room there, or set CLV_CACHE" in said
    )
    cache("rw,size=64m")
    assert batch()[0] == 0
    cache("ro")  # all is in it: nothing has to be written
    (place.folder / "runs" / "gold" / "01_orders.html").unlink()
    assert batch()[0] == 0
    assert not same.differences(wanted, same.snapshot(place.folder))


@pytest.mark.parametrize("size", [0, 2000])
def test_a_file_that_may_not_be_as_large_as_it_must(tmp_path: Path, size: int) -> None:
    limited = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (N, N)); from clv import cli; cli.main()"
    )
    place = places.make(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", limited.replace("N", str(size)), *STORIES["orders"].command],
        cwd=tmp_path, env=place.environment(PYTHONDONTWRITEBYTECODE="1"), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "File too large" in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert not (tmp_path / "orders.parquet").exists()
    assert strike.run(place, STORIES["orders"].command).code == 0
    assert not whole.leftovers(tmp_path)
