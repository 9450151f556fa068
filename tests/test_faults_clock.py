"""A clock that jumps: what is kept is found by what it was made from, never by a time."""

import os
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from clv import cli
from clv.keeping import kept
from clv.keeping.kept import Bundle
from clv.running import runs
from faults import places, same
from faults.stories import BATCH

YEAR, REAL = 365 * 86_400.0, time.time


@pytest.mark.parametrize("years", [-1, 1])
def test_a_new_entry_is_not_the_one_that_the_cache_forgets(tmp_path: Path, monkeypatch, years: int) -> None:
    monkeypatch.setenv("CLV_CACHE", str(tmp_path))
    then = time.time() + years * YEAR
    for number in range(30):
        made = kept.bundle("gold", str(number), lambda number=number: Bundle({}, {"n": number}))
        assert made.words == {"n": number}
        os.utime(tmp_path / "gold" / str(number), (then, then))
    assert len(list((tmp_path / "gold").iterdir())) == 12
    asked = []
    kept.bundle("gold", "29", lambda: asked.append(1))
    assert not asked


class Jumping(datetime):
    """A clock that is another year after each look."""

    years = 1

    @classmethod
    def now(cls, tz=None):
        cls.years = -cls.years
        return datetime.now(tz) + cls.years * timedelta(days=365)


def batch(capfd) -> str:
    with pytest.raises(SystemExit) as left:
        cli.main(list(BATCH))
    said = capfd.readouterr()
    assert left.value.code == 0, said.err
    return said.err


@pytest.mark.slow
def test_a_batch_whose_clock_jumps_comes_to_the_same_and_is_not_run_again(
    tmp_path, monkeypatch, capfd
) -> None:
    found = {}
    places.make(tmp_path / "steady")
    shutil.copytree(tmp_path / "steady", tmp_path / "jumping")
    for name in ("steady", "jumping"):
        place = places.Place(tmp_path / name)
        monkeypatch.setenv("CLV_CACHE", str(place.folder / "cache"))
        monkeypatch.chdir(place.folder)
        if name == "jumping":
            monkeypatch.setattr(time, "time", lambda: REAL() + Jumping.years * YEAR)
            monkeypatch.setattr(runs, "datetime", Jumping)
        batch(capfd)
        found[name] = same.snapshot(place.folder)
    assert not same.differences(found["steady"], found["jumping"])
    for years in (-1, 1):
        for path in place.folder.rglob("*"):
            os.utime(path, (REAL() + years * YEAR,) * 2)
        assert batch(capfd).count("good already") == 3
