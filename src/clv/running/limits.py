"""What one notebook may take, in seconds and in memory: a notebook that takes more is ended, and it alone."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from clv.running.kernels import Handle

GIB = 2**30
_LOOK_EVERY = 0.1  # seconds; a process fills a few hundred megabytes in that time
_OF_A_CONTAINER = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def share(jobs: int) -> float:
    """Return the GiB that each of `jobs` notebooks at a time may take: an equal part of the machine's."""
    return _memory() / GIB / jobs


def _memory() -> int:
    """Return the bytes of this machine's memory, or of the container's where that has less."""
    allowed = [Path(name).read_text().strip() for name in _OF_A_CONTAINER if Path(name).is_file()]
    return min([psutil.virtual_memory().total, *(int(one) for one in allowed if one.isdigit())])


@contextmanager
def within(handle: Handle, *, timeout: float | None, memory: float | None) -> Iterator[None]:
    """End the handle's kernel as soon as it has taken more seconds or more GiB; None: without end."""
    over = threading.Event()
    last = time.monotonic() + timeout if timeout else float("inf")
    most = memory * GIB if memory else float("inf")
    watch = threading.Thread(target=_watch, args=[handle, over, last, most], daemon=True)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()


def _watch(handle: Handle, over: threading.Event, last: float, most: float) -> None:
    while not over.wait(max(0.0, min(_LOOK_EVERY, last - time.monotonic()))):
        if time.monotonic() >= last:
            return handle.end("timeout")
        if handle.memory() > most:
            return handle.end("memory")
