"""Kernels of a batch: the same Python as the batch, one thread per numerical library, ended from outside.

Installed kernelspecs are not looked at: their `python` may be another one, or none. Working folder and
environment are given to each kernel's process, never to the batch's own (its threads share both).
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

_LONGEST_SOCKET_FOLDER = 90  # the system allows a socket's whole path about 104 characters
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
    ended_because: str = ""
    _process: subprocess.Popen | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def started(self, process: subprocess.Popen) -> None:
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

    def environment(self) -> dict[str, str]:
        """Return the environment of the kernel's process."""
        return {**os.environ, **_SAME_EVERY_TIME, "IPYTHONDIR": str(self.folder)}


class Kernels:
    """All kernels of a batch, so that they can be ended together."""

    def __init__(self) -> None:
        self._handles: set[Handle] = set()
        self._lock = threading.Lock()
        self.stopped = False

    @contextmanager
    def handle(self, cwd: Path) -> Iterator[Handle]:
        """Lend a handle for one run; at the end its kernel is gone and so are its files."""
        with TemporaryDirectory(prefix="clv-", ignore_cleanup_errors=True) as folder:
            handle = Handle(cwd, Path(folder))
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


def manager_class(handle: Handle) -> type[AsyncKernelManager]:
    """Return a kernel manager class whose one kernel runs as `handle` says."""

    class Manager(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            launch = ["-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=[sys.executable, *launch], display_name="Python 3", language="python")

        async def start_kernel(self, **given: Any) -> None:
            if handle.ended_because:
                raise RuntimeError("the kernel was ended before it began")
            await super().start_kernel(**{**given, "cwd": str(handle.cwd), "env": handle.environment()})
            handle.started(self.provisioner.process)

    return Manager


def settings(handle: Handle) -> dict[str, str]:
    """Return the manager's settings: sockets in the run's own folder, so that no two runs share a port."""
    fits = sys.platform != "win32" and len(str(handle.folder)) < _LONGEST_SOCKET_FOLDER
    return {"transport": "ipc" if fits else "tcp", "connection_file": str(handle.folder / "k.json")}


def _kill(process: subprocess.Popen) -> None:
    if process.poll() is not None:
        return
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except OSError:
        return
