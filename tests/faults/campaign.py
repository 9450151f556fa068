"""A hundred kills at random moments, or shortages of memory: an undisturbed run then comes to the same."""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from clv.running import runs
from faults import forked, same, whole
from faults.places import Place
from faults.stories import STORIES, Story

_SHARES = {"batch": 64, "play": 14, "learn": 6, "orders": 4, "customers": 4, "fit": 4, "score": 4}
_MEBIBYTES = {"batch": (256, 2560), "play": (256, 2560)}  # more that a command with its imports may take
_FEW_MEBIBYTES = (1, 256)  # of the others
_ABORTED = (-6, 127)  # by a library of C or C++ that says it in its own words
_HANGS = 120  # seconds
_OF_KERNELS = 25  # changes on the disk that a notebook makes at most


@dataclass(frozen=True)
class Ready:
    """A story at its beginning, and what an undisturbed run makes of it."""

    story: Story
    folder: Path
    wanted: Mapping[str, Any]
    seconds: float
    changes: int


@dataclass
class Trial:
    """One kill, or one shortage: which, how it ended, and all that was wrong afterwards."""

    story: str
    moment: str
    struck: bool = False
    code: int = 0
    ill: list[str] = field(default_factory=list)  # runs that were recorded as not good before the next one
    wrong: list[str] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> int:
    """Run the campaign; leave with 1 where anything was wrong."""
    asked = _arguments(arguments)
    forked.prepare()
    rng = np.random.default_rng(asked.seed)
    folder = Path(tempfile.mkdtemp(prefix="clv-faults-"))  # no finalizer, which a forked process would run
    try:
        trials = list(_trials(folder, asked, rng))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    bad = [one for one in trials if one.wrong]
    struck = sum(one.struck for one in trials)
    what = "kills" if asked.what == "kill" else f"of {len(trials)} were short of memory"
    _say(f"{struck} {what}, {sum(one.struck and not one.wrong for one in trials)} survived, {len(bad)} wrong")
    return 1 if bad else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m faults")
    parser.add_argument("what", choices=["kill", "memory"])
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--story", action="append", choices=list(STORIES), help="only this one; repeatable")
    return parser.parse_args(arguments)


def _trials(folder: Path, asked: argparse.Namespace, rng: np.random.Generator) -> Iterator[Trial]:
    shares = {name: share for name, share in _SHARES.items() if not asked.story or name in asked.story}
    wanted = np.array(list(shares.values())) / sum(shares.values()) * asked.times
    for (name, share), after in zip(shares.items(), np.cumsum(wanted), strict=True):
        times = round(after) - round(after - share / sum(shares.values()) * asked.times)
        if not times:
            continue
        ready = _ready(STORIES[name], folder / name)
        _say(f"{name}: {ready.seconds:.1f} s, {ready.changes} changes on the disk, {times} times")
        done = 0
        while done < times:
            part = (done + rng.random()) / times
            one = _killed(ready, rng, part) if asked.what == "kill" else _short_of_memory(ready, part)
            done += one.struck or bool(one.wrong) or asked.what == "memory"
            _say(json.dumps(asdict(one), ensure_ascii=False))
            yield one


def _ready(story: Story, folder: Path) -> Ready:
    """Make the place, run what comes before, and let a copy of it run undisturbed."""
    place = Place(folder / "ready")
    forked.apart(lambda: story.make(place.folder) and None)
    for command in story.before:
        ended = forked.run(place, command)
        assert ended.code == 0, ended.said
    copy, count = _copied(place.folder, folder / "undisturbed"), folder / "count"
    ended = forked.run(copy, story.command, CLV_FAULTS_BELOW=str(copy.folder), CLV_FAULTS_COUNT=str(count))
    assert ended.code == 0, ended.said
    assert not forked.orphans()
    assert not forked.apart(lambda: whole.broken(copy.folder))
    return Ready(
        story,
        place.folder,
        forked.apart(lambda: same.snapshot(copy.folder)),
        ended.seconds,
        int(count.read_text()),
    )


def _copied(folder: Path, to: Path) -> Place:
    shutil.copytree(folder, to)
    return Place(to)


def _short_of_memory(ready: Ready, part: float) -> Trial:
    """Run with little memory left; look; run again; compare. It says one sentence, or a library aborts it."""
    place = _copied(ready.folder, ready.folder.parent / "disturbed")
    least, most = _MEBIBYTES.get(ready.story.name, _FEW_MEBIBYTES)
    mebibytes = round(least * (most / least) ** part)
    trial = Trial(ready.story.name, f"with {mebibytes} MiB more")
    ended = forked.run(place, ready.story.command, seconds=_HANGS, CLV_FAULTS_MEMORY=str(mebibytes))
    trial.struck, trial.code = ended.code != 0, ended.code
    if "Traceback" in ended.said or "defect in clv" in ended.said or ended.code not in (0, 1, 2, *_ABORTED):
        trial.wrong.append(f"it ended with {ended.code} and said: {ended.said[-400:]}")
    return _looked_at(trial, ready, place)


def _killed(ready: Ready, rng: np.random.Generator, part: float) -> Trial:
    """Kill a run at a part of its length, by the clock or just before a change; look; run again; compare."""
    place = _copied(ready.folder, ready.folder.parent / "disturbed")
    command, way = ready.story.command, rng.choice(["time", "change", "kernel"], p=[0.4, 0.45, 0.15])
    if way == "time" or (way == "kernel" and command[0] not in ("batch", "play")):
        trial = Trial(ready.story.name, f"after {part * ready.seconds:.2f} s")
        ended = forked.run(place, command, seconds=part * ready.seconds)
    else:
        most = ready.changes if way == "change" else _OF_KERNELS
        at, of = 1 + int(part * most), "kernel" if way == "kernel" else "main"
        trial = Trial(ready.story.name, f"before change {at} of {of}")
        hook = {"CLV_FAULTS_BELOW": str(place.folder), "CLV_FAULTS_AT": str(at), "CLV_FAULTS_IN": of}
        ended = forked.run(place, command, **hook)
    trial.struck, trial.code = ended.code == -9, ended.code
    return _looked_at(trial, ready, place)


def _looked_at(trial: Trial, ready: Ready, place: Place) -> Trial:
    """Add what is wrong with what a disturbed run left, and with the run after it."""
    trial.wrong += [f"half there: {one}" for one in forked.apart(lambda: whole.broken(place.folder))]
    trial.wrong += [f"outlives it: {one}" for one in forked.orphans()]
    trial.ill = forked.apart(lambda: _ill(place))
    found = _after(ready, place)
    # what all shops said without a shop that failed stays said: history forgets nothing
    trial.wrong += [one for one in found if not (trial.ill and one.endswith("_all/history.jsonl differs"))]
    shutil.rmtree(place.folder)
    return trial


def _ill(place: Place) -> list[str]:
    """Return the runs that ended by themselves, and not well, before a disturbed batch did."""
    found = runs.everything(place.folder / "runs", [])
    return [f"{one['shop']} {one['notebook']}: {one['message']}" for one in found if one["status"] != "ok"]


def _after(ready: Ready, place: Place) -> Iterator[str]:
    """Yield what is wrong with the run after the kill."""
    ended = forked.run(place, ready.story.command)
    if ended.code != 0:
        yield f"the next run ended with {ended.code}: {ended.said[-400:]}"
    yield from (f"outlives the next run: {one}" for one in forked.orphans())
    found = forked.apart(lambda: same.differences(ready.wanted, same.snapshot(place.folder)))
    yield from (f"after the next run {one}" for one in found)
    yield from (f"left over: {one}" for one in whole.leftovers(place.folder))
