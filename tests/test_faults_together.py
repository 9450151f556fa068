"""Several runs at once: in one folder one works and the others say so; one cache serves them all."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from faults import places, same, whole
from faults.places import Place, command
from faults.stories import BATCH, STORIES

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="locks of Linux")


def started(place: Place, *arguments: str) -> subprocess.Popen:
    out = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command(arguments), cwd=place.folder, env=place.environment(), **out)


@pytest.mark.slow
def test_batches_at_once_in_one_folder_and_beside_it(tmp_path: Path) -> None:
    place = places.make(tmp_path)
    first = started(place, *BATCH)
    while not (tmp_path / "runs" / ".lock").exists() and first.poll() is None:
        time.sleep(0.02)
    elsewhere = [word if word != "runs" else "others" for word in BATCH]
    others = [started(place, *BATCH), started(place, *elsewhere)]
    said, second, third = (one.communicate(timeout=300)[0] for one in (first, *others))
    assert (first.returncode, others[0].returncode, others[1].returncode) == (0, 2, 0), (said, second, third)
    assert (
        second == "clv: another batch is writing to runs; wait for it, or name another folder with --out.\n"
    )
    assert not whole.broken(tmp_path) and not whole.leftovers(tmp_path)
    found = [
        {path.relative_to(tmp_path / name) for path in whole.files(tmp_path / name)}
        for name in ("runs", "others")
    ]
    assert found[0] == found[1]
    both = [same.snapshot(tmp_path / name) for name in ("runs", "others")]
    assert not [one for one in same.differences(*both) if "_all" not in one]  # which names its folder


@pytest.mark.slow
def test_campaigns_learned_at_once_are_each_in_the_ledger_once(tmp_path: Path) -> None:
    place, story = places.make(tmp_path), STORIES["learn"]
    learning = [started(place, *story.command) for _ in range(3)]
    said = sorted(one.communicate(timeout=300)[0] for one in learning)
    assert [one.returncode for one in learning] == [0, 0, 0], said
    assert sum("added to ledger.jsonl" in one for one in said) == 1
    assert len((tmp_path / "ledger.jsonl").read_text("utf-8").splitlines()) == 1
