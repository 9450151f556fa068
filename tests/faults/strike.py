"""Commands of the kit that are killed at a moment, and what is left of their processes."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from faults.places import Place, command

HOOK = Path(__file__).with_name("hook")
_MARK = "CLV_FAULTS_OF"  # in the environment of all processes of one command
_GONE = 15  # seconds in which the last process must have ended


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (-9: killed), its words, its seconds."""

    code: int
    said: str
    seconds: float


def run(place: Place, arguments: Sequence[str], **environment: str) -> Ended:
    """Run a command to its end, or until its hook kills it."""
    return _ended(place, arguments, None, environment)


def kill_after(place: Place, arguments: Sequence[str], seconds: float) -> Ended:
    """Kill a command and its whole group after some seconds, unless it has ended before."""
    return _ended(place, arguments, seconds, {})


def kill_before(place: Place, arguments: Sequence[str], change: int, *, of: str = "main") -> Ended:
    """Kill a command and its whole group just before a change on the disk: of its own, or of a kernel's."""
    return run(place, arguments, **_hooked(place), CLV_FAULTS_AT=str(change), CLV_FAULTS_IN=of)


def changes(place: Place, arguments: Sequence[str]) -> int:
    """Run a command undisturbed and return how often it changes something on the disk."""
    count = place.folder / "temporary" / "count"
    ended = run(place, arguments, **_hooked(place), CLV_FAULTS_COUNT=str(count))
    assert ended.code == 0, ended.said
    found = int(count.read_text())
    count.unlink()
    return found


def orphans(place: Place) -> list[str]:
    """Return the commands of processes that outlive what started them by more than a few seconds."""
    end = time.monotonic() + _GONE
    while (left := _alive(place)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def _hooked(place: Place) -> dict[str, str]:
    paths = [str(HOOK), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths), "CLV_FAULTS_BELOW": str(place.folder)}


def _ended(place: Place, arguments: Sequence[str], seconds: float | None, more: dict[str, str]) -> Ended:
    begun = time.monotonic()
    with subprocess.Popen(
        command(arguments), cwd=place.folder, env=place.environment(**{_MARK: str(place.folder)}, **more),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
    return Ended(process.returncode, said, time.monotonic() - begun)


def _alive(place: Place) -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            mine = process.environ().get(_MARK) == str(place.folder)
            if mine and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found
