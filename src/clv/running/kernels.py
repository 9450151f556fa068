"""Kernels of a batch: the same Python as the batch, one thread per numerical library, ended from outside.

Installed kernelspecs are not looked at: their `python` may be another one, or none. Working folder and
environment are given to each kernel's process, never to the batch's own (its threads share both). A kernel
is forked from a process that has the imports done, where that can be (`warm`); else Python starts anew.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from clv import room, scratch
from clv.running import warm

_LAUNCHER = "ipykernel_launcher"
_LONGEST_SOCKET_FOLDER = 90  # the system allows a socket's whole path about 104 characters
_DATABASE_PART, _DATABASE_GIB = 0.5, 2.3  # of what a notebook may take; what `clv.duck` takes at most
_ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM", "BLIS")
_SAME_EVERY_TIME = {
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    **{f"{name}_NUM_THREADS": "1" for name in _ONE_THREAD},
}


@dataclass(eq=False)
class Handle:
    """One run's kernel, for whoever must end it: the clock, Ctrl-C."""

    cwd: Path
    folder: Path
    allowed: float | None = None  # GiB
    ended_because: str = ""
    _process: subprocess.Popen | warm.Forked | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def started(self, process: subprocess.Popen | warm.Forked) -> None:
        """Take charge of the process; end it at once where the end came before the start."""
        with self._lock:
            self._process = process
            if self.ended_because:
                _kill(process)

    def end(self, because: str) -> None:
        """Kill the kernel and whatever it started, now or as soon as it starts. The first reason stays."""
        with self._lock:
            self.ended_because = self.ended_because or because
            if self._process is not None:
                _kill(self._process)

    def memory(self) -> int:
        """Return the bytes that the kernel's process holds; 0 where there is none."""
        process = self._process
        try:
            return psutil.Process(process.pid).memory_info().rss if process is not None else 0
        except psutil.Error:
            return 0

    def environment(self) -> dict[str, str]:
        """Return the environment of the kernel's process; its databases get half of what it may take."""
        found = {**_environment(), "IPYTHONDIR": str(self.folder)}
        if self.allowed is not None and self.allowed * _DATABASE_PART < _DATABASE_GIB:
            found.setdefault("CLV_DUCKDB_MEMORY", f"{self.allowed * _DATABASE_PART * 1024:.0f}MiB")
        return found


class Kernels:
    """All kernels of a batch, so that they can be ended together.

    Parameters
    ----------
    memory
        GiB that each may take; None: whatever there is.

    Raises
    ------
    NotNowError
        There is no memory for their sockets and threads, for want of which ZeroMQ ends the process.
    """

    def __init__(self, *, memory: float | None = None) -> None:
        room.check(room.FOR_A_BATCH)
        warm.start(_environment())
        self.memory = memory
        self._handles: set[Handle] = set()
        self._lock = threading.Lock()
        self.stopped = False

    @contextmanager
    def handle(self, cwd: Path) -> Iterator[Handle]:
        """Lend a handle for one run; at the end its kernel is gone and so are its files."""
        with closing(scratch.folder("clv-run-", place=Path(tempfile.gettempdir()))) as lent:
            handle = Handle(cwd, lent.path, self.memory)
            with self._lock:
                self._handles.add(handle)
            if self.stopped:
                handle.end("stopped")
            try:
                yield handle
            finally:
                handle.end("over")
                with self._lock:
                    self._handles.discard(handle)

    def stop(self) -> None:
        """End every kernel, also those that are about to start."""
        self.stopped = True
        with self._lock:
            handles = list(self._handles)
        for handle in handles:
            handle.end("stopped")


class Provisioner(LocalProvisioner):
    """Where Jupyter gets the kernel's process from: a warm one, else an ordinary one."""

    async def launch_kernel(self, cmd: list[str], **given: Any) -> KernelConnectionInfo:
        """Start the kernel's process."""
        arguments = cmd[cmd.index(_LAUNCHER) + 1 :]
        environment = {**given["env"], "JPY_PARENT_PID": str(os.getpid())}  # as Jupyter gives it
        forked = warm.fork(arguments, cwd=given["cwd"], environment=environment)
        if forked is None:
            return await super().launch_kernel(cmd, **given)
        self.process, self.pid, self.pgid, self.cwd = forked, forked.pid, forked.pid, given["cwd"]
        return self.connection_info


def manager_class(handle: Handle) -> type[AsyncKernelManager]:
    """Return a kernel manager class whose one kernel runs as `handle` says."""

    class Manager(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            launch = ["-Xfrozen_modules=off", "-m", _LAUNCHER, "-f", "{connection_file}"]
            return KernelSpec(argv=[sys.executable, *launch], display_name="Python 3", language="python")

        async def start_kernel(self, **given: Any) -> None:
            if handle.ended_because:
                raise RuntimeError("the kernel was ended before it began")
            self.provisioner = Provisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )
            await super().start_kernel(**{**given, "cwd": str(handle.cwd), "env": handle.environment()})
            handle.started(self.provisioner.process)

    return Manager


def settings(handle: Handle) -> dict[str, str]:
    """Return the manager's settings: sockets in the run's own folder, so that no two runs share a port."""
    fits = sys.platform != "win32" and len(str(handle.folder)) < _LONGEST_SOCKET_FOLDER
    return {"transport": "ipc" if fits else "tcp", "connection_file": str(handle.folder / "k.json")}


def _environment() -> dict[str, str]:
    return {**os.environ, **_SAME_EVERY_TIME}


def _kill(process: subprocess.Popen | warm.Forked) -> None:
    if process.poll() is not None:
        return
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except OSError:
        return
