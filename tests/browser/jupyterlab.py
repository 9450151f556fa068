"""A JupyterLab of the kit's own, on a free port of 127.0.0.1, that leaves nothing behind."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from conftest import REPO

STARTS_WITHIN = 120
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight stay on the page
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
QUIET = (
    *("--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0", "--allow-root"),
    *("--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"),
    "--LabApp.extension_manager=readonly",  # the other one asks a package index
)


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its folder, address and token."""

    folder: Path
    address: str
    token: str

    def url(self, path: str) -> str:
        """Return the address of a notebook."""
        return f"{self.address}/lab/tree/{path}?token={self.token}"


def copied(folder: Path) -> Path:
    """Copy what a notebook needs: itself, the sample shops, the playbooks."""
    for name in ("notebooks", "data/samples", "playbooks"):
        shutil.copytree(REPO / name, folder / "work" / name)
    for name, values in SETTINGS.items():
        path = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), "utf-8")
    return folder / "work"


@contextmanager
def running(folder: Path) -> Iterator[Lab]:
    """Start JupyterLab on a copy of the notebooks in `folder`; end it with its kernels."""
    work, port, token = copied(folder), _free_port(), secrets.token_hex(16)
    lab = Lab(work, f"http://127.0.0.1:{port}", token)
    where = (f"--ServerApp.port={port}", f"--ServerApp.root_dir={work}")
    command = [sys.executable, "-m", "jupyterlab", *QUIET, *where]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, env=_environment(folder, token), stdout=log, stderr=log)
    try:
        _await(lab, server, folder / "log")
        yield lab
    finally:
        server.terminate()  # and its kernels with it
        server.wait(60)


def _environment(folder: Path, token: str) -> dict[str, str]:
    """Return an environment in which nothing of the user's is read or written."""
    places = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython", "CLV_CACHE": "cache",
    }  # fmt: skip
    own = {name: str(folder / place) for name, place in places.items()}
    return os.environ | own | {"JUPYTER_TOKEN": token}


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _await(lab: Lab, server: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(f"{lab.address}/api/status?token={lab.token}", timeout=5):
                return
        except (URLError, TimeoutError):
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
