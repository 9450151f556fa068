"""A forked process becomes a kernel: what `python -m ipykernel_launcher` would find is made here."""

import json
import os
import signal
import socket
import sys
import threading
import time
from importlib.util import find_spec

import numpy as np


def run(lifeline: socket.socket) -> None:
    """Be the kernel that comes asked for on the lifeline, until it is told to end or the lifeline breaks."""
    with lifeline.makefile("rb") as words:
        asked = json.loads(words.readline())
    os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    sys.argv = [find_spec("ipykernel_launcher").origin, *asked["arguments"]]
    np.random.seed()  # noqa: NPY002 (a forked process would draw what its siblings draw)
    lifeline.sendall(str(os.getpid()).encode())
    threading.Thread(target=_end_with, args=[lifeline], daemon=True).start()
    _be_a_kernel()


def _end_with(lifeline: socket.socket) -> None:
    """End this process and what it started when nobody is at the other end any more."""
    try:
        lifeline.recv(1)
    finally:
        os.killpg(0, signal.SIGKILL)


def _be_a_kernel() -> None:
    import ipywidgets
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize()
    ipywidgets.load_ipython_extension(app.shell)  # which it does by itself where it is imported in a kernel
    app.start()
