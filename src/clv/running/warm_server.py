"""The process from which warm kernels are forked: it has imported what notebooks import, and that is all.

It has one thread, no socket of ZeroMQ, no event loop and no database open, for none of these outlives a fork.
"""

import gc
import os
import select
import signal
import socket
import threading
import time
from pathlib import Path

from clv.running import warm_imports, warm_kernel

_LOOK_UP_SECONDS = 0.5
_IDLE_SECONDS = 120
_FOREIGN_THREADS = {"jemalloc_bg_thd"}  # of a library of Arrow's that looks after itself in a fork


def main(number: int) -> None:
    """Serve the socket with this file number until its other end is closed; in a child, be a kernel."""
    with socket.socket(fileno=number) as asked:
        warm_imports.load()
        lifeline = _serve(asked) if _has_one_thread() else None
    if lifeline is not None:
        warm_kernel.run(lifeline)


def _has_one_thread() -> bool:
    tasks = Path("/proc/self/task")
    names = [(task / "comm").read_text().strip() for task in tasks.iterdir()] if tasks.is_dir() else []
    others = [name for name in names if name not in _FOREIGN_THREADS]
    return threading.active_count() == 1 and len(others) <= 1


def _serve(asked: socket.socket) -> socket.socket | None:
    """Fork a kernel for each socket that comes; return it in the child, and None in the end."""
    gc.collect()
    gc.freeze()  # what is there stays, and its pages remain shared with the children
    parent, kernels, last = os.getppid(), set(), time.monotonic()
    while os.getppid() == parent and (kernels or time.monotonic() - last < _IDLE_SECONDS):
        came, _, _ = select.select([asked], [], [], _LOOK_UP_SECONDS)
        kernels -= {kernel for kernel in kernels if _is_buried(kernel)}
        if not came:
            continue
        byte, numbers, _, _ = socket.recv_fds(asked, 1, 1)
        if not byte:
            break
        last = time.monotonic()
        lifeline = socket.socket(fileno=numbers[0])
        kernel = _forked()
        if kernel == 0:
            return lifeline
        lifeline.close()
        kernels |= {kernel} - {None}
    for kernel in kernels:
        _end(kernel)
    return None


def _forked() -> int | None:
    try:
        return os.fork()
    except OSError:  # no memory, or too many processes: the socket is closed, which tells it
        return None


def _is_buried(kernel: int) -> bool:
    """Return whether a kernel has ended; then whatever it started has ended too."""
    ended = os.waitid(os.P_PID, kernel, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if ended is not None:  # while nobody waited for it, its number is nobody else's
        _end(kernel)
    return ended is not None


def _end(kernel: int) -> None:
    try:
        os.killpg(kernel, signal.SIGKILL)
    except OSError:  # it had no time yet to found a group of its own
        os.kill(kernel, signal.SIGKILL)
    os.waitpid(kernel, 0)
