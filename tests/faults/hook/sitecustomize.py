"""Count what a command of the kit changes on the disk, and kill it just before the change that is named.

Python imports a module of this name when it starts. CLV_FAULTS_BELOW is the folder that counts,
CLV_FAULTS_COUNT a file for the number of changes, CLV_FAULTS_AT the change before which all of the command's
processes but those in sessions of their own are killed; with CLV_FAULTS_IN=kernel a notebook's changes count.
CLV_FAULTS_MEMORY is how many MiB a process may take above what it has when this is read.
"""

import atexit
import os
import signal
import sys

_BELOW, _AT = os.environ.get("CLV_FAULTS_BELOW"), int(os.environ.get("CLV_FAULTS_AT", "0"))
_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.link", "os.utime"}
_MAIN = int(os.environ.setdefault("CLV_FAULTS_MAIN", str(os.getpid())))
_IN_KERNELS = os.environ.get("CLV_FAULTS_IN") == "kernel"
_seen = 0


def _look(event: str, given: tuple) -> None:
    global _seen
    if event == "open":
        counts = isinstance(given[2], int) and given[2] & _TO_WRITE and _is_below(given[0])
    else:
        counts = event in _CHANGES and (_is_below(given[0]) or given[-1] not in (-1, None))
    if counts and (os.getpid() != _MAIN) is _IN_KERNELS:
        _seen += 1
        if _seen == _AT:
            os.killpg(_MAIN, signal.SIGKILL)


def _is_below(path: object) -> bool:
    """Return whether a path is in the folder that counts."""
    return isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(_BELOW)


def _tell() -> None:
    if os.getpid() == _MAIN:
        with open(os.environ["CLV_FAULTS_COUNT"], "w") as file:  # noqa: PTH123 (nothing more is imported)
            file.write(str(_seen))


def _bound(mebibytes: int) -> None:
    import resource

    with open("/proc/self/statm") as file:  # noqa: PTH123
        has = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (has + mebibytes * 2**20,) * 2)


if "CLV_FAULTS_MEMORY" in os.environ:
    _bound(int(os.environ["CLV_FAULTS_MEMORY"]))
if _BELOW:
    sys.addaudithook(_look)
    if "CLV_FAULTS_COUNT" in os.environ:
        atexit.register(_tell)
