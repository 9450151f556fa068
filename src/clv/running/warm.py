"""Warm kernels: processes forked from one that has the imports done, so that a notebook starts at once.

    batch ──(one socket per kernel)──▶ server: imports once, then forks (`warm_server`) ──▶ kernels

The socket is the kernel's lifeline. Where the batch closes its end, or dies, the kernel ends; where the
kernel ends, however that came, the batch sees it. One server serves the whole process that asks, and leaves
when nobody asked for long. Where there can be none, or it is gone, there is no warm kernel: whoever asked
starts an ordinary one.
"""

import atexit
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence

POSSIBLE = sys.platform.startswith("linux")  # on macOS the system's numerical library may crash after a fork
_CODE = "import sys; del sys.path[0]; from clv.running import warm_server; warm_server.main(int(sys.argv[1]))"
_LONGEST = 90  # seconds until a server has the imports done, on a busy machine
_LOOKED_AT_EARLY = ("PYTHON", "MPL", "MATPLOTLIB")  # variables that count while Python starts and imports
_log = logging.getLogger(__name__)


class Forked:
    """A forked kernel, with what Jupyter asks of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, lifeline: socket.socket) -> None:
        lifeline.settimeout(0)
        self.pid, self._lifeline, self._gone = pid, lifeline, False
        weakref.finalize(self, lifeline.close)

    def poll(self) -> int | None:
        """Return None while it runs, then 1: how it ended is not told."""
        if not self._gone:
            try:
                self._gone = not self._lifeline.recv(1)
            except BlockingIOError:
                return None
            except OSError:
                self._gone = True
        return 1

    def wait(self) -> int:
        """Return when it has ended, which `poll` told before, as Jupyter asks in this order."""
        while self.poll() is None:
            threading.Event().wait(0.01)
        return 1

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel and to whatever it started."""
        if self.poll() is None:
            os.killpg(self.pid, number)


class Server:
    """The process that has the imports done; a byte with a socket tells it to fork a kernel."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.starts_like = _early(environment)
        self.has_forked = False
        self._ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-Xfrozen_modules=off", "-c", _CODE, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**environment, "JPY_PARENT_PID": "1"},  # its kernels watch their lifelines, no parent
                start_new_session=True,  # the terminal's Ctrl-C is for the batch
            )

    def fork(self, asked: Mapping[str, object]) -> Forked | None:
        """Return a kernel in a process of its own; None where that cannot be."""
        ours, kernels = socket.socketpair()
        ours.settimeout(_LONGEST)
        try:
            with kernels:
                socket.send_fds(self._ours, [b"."], [kernels.fileno()])
            ours.sendall(json.dumps(asked).encode() + b"\n")
            pid = int(ours.recv(32))
        except (OSError, ValueError):  # the server is gone, or has not answered
            ours.close()
            return None
        self.has_forked = True
        return Forked(pid, ours)

    def close(self) -> None:
        """End it and its kernels, and wait until they are gone."""
        self._ours.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class _Only:
    """The one server of a process. One that was forked from it has another: the socket is its parent's."""

    def __init__(self) -> None:
        self._lock, self._server, self._owner, self._in_vain = threading.Lock(), None, 0, not POSSIBLE

    def get(self, environment: Mapping[str, str]) -> Server | None:
        """Return the server, started where there is none; None where that would be in vain."""
        with self._lock:
            if self._owner != os.getpid():
                self._owner, self._server = os.getpid(), None
            if self._server is not None and self._server.starts_like != _early(environment):
                self._server = self._server.close()
            if self._server is None and not self._in_vain:
                self._server = self._started(environment)
            return self._server

    def give_up(self, server: Server) -> None:
        """Forget a server that did not fork; one that never did is the last."""
        with self._lock:
            if server is self._server:
                self._in_vain = not server.has_forked
                self._server = server.close()
        _log.debug("a server for warm kernels is gone")

    def close(self) -> None:
        """End the server, where it is this process's own."""
        with self._lock:
            if self._server is not None and self._owner == os.getpid():
                self._server = self._server.close()

    def _started(self, environment: Mapping[str, str]) -> Server | None:
        try:
            return Server(environment)
        except OSError:
            self._in_vain = True
            return None


def _early(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_LOOKED_AT_EARLY)}


_only = _Only()
atexit.register(_only.close)


def start(environment: Mapping[str, str]) -> None:
    """Start the server, which takes seconds to have the imports done, and go on meanwhile."""
    _only.get(environment)


def fork(arguments: Sequence[str], *, cwd: str, environment: Mapping[str, str]) -> Forked | None:
    """Return a warm kernel, or None: then an ordinary one is right.

    Parameters
    ----------
    arguments
        Of `ipykernel_launcher`.
    """
    asked = {"arguments": list(arguments), "cwd": cwd, "environment": dict(environment)}
    for _ in range(2):  # a server that was idle for long may have left just now
        server = _only.get(environment)
        if server is None:
            return None
        if forked := server.fork(asked):
            return forked
        _only.give_up(server)
    return None
