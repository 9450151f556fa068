"""Commands run in processes forked from one that has the imports done, so that many can be run and killed.

They are processes as any other: of a session of their own, with a server of warm kernels that must notice by
itself when they die. What takes seconds is left out: imports.
"""

import atexit
import ctypes
import os
import pickle
import runpy
import select
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psutil

from clv import cli, room
from clv.running import warm, warm_imports, warm_server
from faults.places import Place
from faults.strike import HOOK, Ended

_REAPER = 36  # PR_SET_CHILD_SUBREAPER: who loses its parent becomes our child


def prepare() -> None:
    """Import what commands import, and become the parent of orphans."""
    os.environ["JPY_PARENT_PID"] = "1"  # as the server of warm kernels is told
    warm_imports.load()
    from clv import batch, play, stores_shown  # noqa: F401
    from clv.running import cluster_work, execute, produce  # noqa: F401

    ctypes.CDLL(None).prctl(_REAPER, 1, 0, 0, 0)


def run(place: Place, arguments: Sequence[str], *, seconds: float | None = None, **more: str) -> Ended:
    """Run a command to its end, or kill it and its group after some seconds, or let its hook kill it."""
    reads, writes = os.pipe()
    begun = time.monotonic()
    number = os.fork()
    if number == 0:
        known = {"PYARROW_IGNORE_TIMEZONE": "1", **more}  # which pandera sets when it is imported
        _be(place, arguments, place.environment(**known), writes)
    os.close(writes)
    said = _heard(reads, number, None if seconds is None else begun + seconds)
    _, status = os.waitpid(number, 0)
    return Ended(os.waitstatus_to_exitcode(status), said, time.monotonic() - begun)


def apart(work: Callable[[], Any]) -> Any:
    """Return what `work` returns in a process of its own, for threads that it leaves would not fork."""
    reads, writes = os.pipe()
    number = os.fork()
    if number == 0:
        try:
            with os.fdopen(writes, "wb") as pipe:
                pickle.dump(work(), pipe)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        found = pickle.loads(pipe.read())
    os.waitpid(number, 0)
    return found


def orphans(seconds: float = 15) -> list[str]:
    """Return processes that outlive what started them by more than a few seconds, and end them."""
    end = time.monotonic() + seconds
    while (left := _children()) and time.monotonic() < end:
        time.sleep(0.05)
    for one in left:
        one.kill()
    return [f"{one.pid} {one.name()}" for one in left]


def _children() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    for one in found:
        if one.status() == psutil.STATUS_ZOMBIE and one.ppid() == os.getpid():
            os.waitpid(one.pid, os.WNOHANG)
    return [one for one in found if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def _heard(reads: int, number: int, end: float | None) -> str:
    """Return what a process says until it ends, which is when nobody can say anything any more."""
    said = b""
    with os.fdopen(reads, "rb", buffering=0) as pipe:
        while end is None or time.monotonic() < end:
            wait = 1.0 if end is None else max(0.0, end - time.monotonic())
            if select.select([pipe], [], [], min(wait, 1.0))[0]:
                if not (more := pipe.read(65536)):
                    return said.decode(errors="replace")
                said += more
        _kill(number)
    return said.decode(errors="replace")


def _kill(number: int) -> None:
    """Kill a process and all of its group, which it has not made yet in its first moment."""
    try:
        os.killpg(number, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(number, signal.SIGKILL)


def _be(place: Place, arguments: Sequence[str], environment: Mapping[str, str], writes: int) -> None:
    """Be the command; never come back."""
    code = 70
    try:
        _settle(place, environment, writes)
        room.TO_START = 1  # MiB; it has its imports, and memory becomes short after that
        if arguments[0] in ("batch", "play"):
            _have_a_server()
        cli.main(list(arguments))
    except SystemExit as left:
        code = left.code
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _settle(place: Place, environment: Mapping[str, str], writes: int) -> None:
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(writes, 1)
    os.dup2(writes, 2)
    os.closerange(3, 1024)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
    os.chdir(place.folder)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    sys.argv = ["clv"]
    runpy.run_path(str(HOOK / "sitecustomize.py"))


def _have_a_server() -> None:
    """Fork the server of warm kernels now, while this process has one thread, for the batch to find."""
    ours, theirs = socket.socketpair()
    number = os.fork()
    if number == 0:
        try:
            os.setsid()
            kept = os.dup2(theirs.detach(), 100)
            os.closerange(3, 100)
            os.closerange(101, 1024)
            warm_server.main(kept)
        finally:
            os._exit(0)
    theirs.close()

    class Server(warm.Server):
        def __init__(self, environment: Mapping[str, str]) -> None:
            self.starts_like, self.has_forked, self._ours = warm._early(environment), False, ours
            self._process = psutil.Process(number)

    warm.Server = Server
