"""Several runs at once: in one folder one works and the others say so; one cache serves them all."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pandas as pd
import pytest

from clv import pseudonyms, purge, shopfile
from clv.errors import SettingError
from faults import places, same, strike, whole
from faults.places import Place, command
from faults.stories import BATCH, STORIES, Story

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


def ready(story: Story, folder: Path) -> Place:
    """Make a story's place and run what comes before it."""
    place = story.make(folder)
    for before in story.before:
        ended = strike.run(place, before)
        assert ended.code == 0, ended.said
    return place


def alone(story: Story, folder: Path) -> dict[str, object]:
    """Return what a story's command leaves where nobody else is at work."""
    place = ready(story, folder)
    ended = strike.run(place, story.command)
    assert ended.code == 0, ended.said
    return same.snapshot(folder)


def locked(place: Place, process: subprocess.Popen, name: str) -> None:
    """Wait until a command holds a folder."""
    while not (place.folder / name).exists() and process.poll() is None:
        time.sleep(0.02)
    time.sleep(0.2)  # from the file of the lock to the lock


@pytest.mark.slow
@pytest.mark.parametrize("name", ["orders", "score"])
def test_one_file_written_by_two_is_the_file_of_one(tmp_path: Path, name: str) -> None:
    story = STORIES[name]
    place = ready(story, tmp_path / "both")
    both = [started(place, *story.command) for _ in range(2)]
    said = [one.communicate(timeout=300)[0] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    made = story.command[-1]
    assert alone(story, tmp_path / "alone")[made] == same.snapshot(place.folder)[made]
    assert not whole.broken(place.folder) and not whole.leftovers(place.folder)


@pytest.mark.slow
def test_a_play_beside_a_batch_on_one_cache_comes_to_the_same_and_not_into_its_folder(tmp_path: Path) -> None:
    story = STORIES["play"]
    place = story.make(tmp_path / "both")
    batch = ("batch", "shops.yml", "--shop", "gift", "--out", "runs")
    running = started(place, *batch)
    locked(place, running, "runs/.lock")
    into = [word if word != "out" else "runs" for word in story.command]
    refused = strike.run(place, into)
    playing = strike.run(place, story.command)
    said = running.communicate(timeout=300)[0]
    assert (running.returncode, refused.code, playing.code) == (0, 2, 0), (said, refused.said, playing.said)
    assert refused.said == (
        "clv: another batch is writing to runs; wait for it, or name another folder with --out.\n"
    )
    apart = alone(story, tmp_path / "alone")
    found = {path: one for path, one in same.snapshot(place.folder).items() if not path.startswith("runs/")}
    assert not same.differences(apart, found)
    assert not whole.broken(place.folder) and not whole.leftovers(place.folder)


@contextmanager
def served(place: Place) -> Iterator[HTTPConnection]:
    """Serve the folder of the runs, and lend a connection to it."""
    serving = started(place, "serve", "runs", "--port", "0", "--no-open")
    try:
        address = serving.stdout.readline().split()[0]
        yield HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=30)
    finally:
        serving.terminate()
        serving.communicate(timeout=30)


@pytest.mark.slow
def test_pages_that_are_served_beside_a_batch_are_whole(tmp_path: Path) -> None:
    place = ready(STORIES["batch"], tmp_path)
    seen = {"/index.html": set(), "/gold/01_orders.html": set()}
    with served(place) as connection:
        batch = started(place, *BATCH)
        while batch.poll() is None:
            for page, pages in seen.items():
                connection.request("GET", page)
                answer = connection.getresponse()
                body = answer.read()
                assert answer.status in (200, 404)
                assert answer.status == 404 or b"</html>" in body[-200:]
                pages.add(body if answer.status == 200 else b"")
        assert batch.returncode == 0, batch.communicate()[0]
        batch.communicate()
    assert all(len(pages - {b""}) > 1 for pages in seen.values())  # of before and of now


@pytest.mark.slow
def test_a_purge_beside_a_batch_says_so_and_afterwards_finds_what_the_batch_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ready(STORIES["batch"], tmp_path)
    for name, value in place.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    spent = pd.read_csv("gold.csv", dtype={"customer_id": "str"}).groupby("customer_id")["amount"].sum()
    best = spent.idxmax()
    (name,) = pseudonyms.pseudonym(pd.Series([best]), secret=pseudonyms.local_secret())
    found = purge.look(shopfile.load(Path("shops.yml")), "gold", ids=[best], folders=[Path("runs")])
    (tmp_path / "runs" / ".lock").unlink()
    batch = started(place, *BATCH, "--force")
    locked(place, batch, "runs/.lock")
    with pytest.raises(SettingError, match=r"^another batch is writing to runs; wait for it"):
        purge.make(found)
    said = batch.communicate(timeout=300)[0]
    assert batch.returncode == 0, said
    assert named(tmp_path / "runs" / "gold" / places.EARLIER, name)  # where it moved to after the look
    purge.make(found)
    assert not named(tmp_path / "runs", name)
    assert strike.run(place, BATCH).code == 0
    assert not named(tmp_path / "runs", name)
    assert not whole.broken(tmp_path) and not whole.leftovers(tmp_path)


def named(folder: Path, name: str) -> list[str]:
    """Return the files in which a pseudonym stands."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and name.encode() in path.read_bytes()]
