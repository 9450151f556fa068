"""Nothing in a run needs the network, and nothing in it asks for one."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import REPO
from sample_reports import SAMPLES

NOTEBOOK = "01_orders"
_AT = re.compile(r"sa_family=AF_INET6?, .*?(?:inet_addr\(|inet_pton\(AF_INET6, )\"([^\"]*)\"")
HERE = ("127.", "::1")
WATCHER = """\
import os, sys

def _seen(event, given):
    socket = event in ("socket.connect", "socket.sendto", "socket.bind")
    if socket or event in ("socket.getaddrinfo", "socket.gethostbyname"):
        place = given[1] if socket else given[0]
        if not (socket and isinstance(place, (str, bytes))):  # those are Unix's
            with open(os.environ["CLV_TEST_SEEN"], "a") as file:
                file.write(f"{event} {place!r}\\n")

sys.addaudithook(_seen)
"""


def batch(place: Path, *before: str, **variables: str) -> str:
    """Run one notebook for the smallest shop, as a command of its own; return what it said."""
    words = ["batch", str(SAMPLES / "shops.yml"), "--shop", "gift", "--notebook", NOTEBOOK, "--out", "runs"]
    command = [*before, sys.executable, "-m", "clv.cli", *words, "--notebooks", str(REPO / "notebooks")]
    environment = {**os.environ, "CLV_CACHE": str(place / "cache"), **variables}
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def without_network() -> list[str]:
    """Return the words that run a command where there is no network at all, not even this machine's own."""
    command = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if not shutil.which("unshare") or subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("this system gives no network of one's own")
    return command


@pytest.fixture(scope="module")
def usual(tmp_path_factory) -> Path:
    """The folder of a run as everybody has it, in which a hook writes down who is asked for what."""
    place = tmp_path_factory.mktemp("usual")
    (place / "watcher").mkdir()
    (place / "watcher" / "sitecustomize.py").write_text(WATCHER, "utf-8")
    batch(place, **_watching(place, "seen.txt"))
    return place


def _watching(place: Path, seen: str) -> dict[str, str]:
    return {"PYTHONPATH": str(place / "watcher"), "CLV_TEST_SEEN": str(place / seen)}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")
def test_a_batch_without_any_network_says_what_it_says_with_one(tmp_path, usual):
    trace = tmp_path / "trace"
    watched = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", str(trace)]
    traced = bool(shutil.which("strace")) and not subprocess.run([*watched, "true"]).returncode
    batch(tmp_path, *without_network(), *(watched if traced else ()))
    alone, before = (folder / "runs" / "gift" for folder in (tmp_path, usual))
    facts = [json.loads((one / f"{NOTEBOOK}.json").read_text("utf-8"))["facts"] for one in (alone, before)]
    assert facts[0] == facts[1]
    tables = [sorted((one / f"{NOTEBOOK}-tables").glob("*.csv")) for one in (alone, before)]
    assert [path.name for path in tables[0]] == [path.name for path in tables[1]]
    assert [path.read_bytes() for path in tables[0]] == [path.read_bytes() for path in tables[1]]
    if traced:  # what libraries in C ask, DuckDB above all, no hook of Python sees
        text = trace.read_text(errors="replace")
        assert "AF_UNIX" in text  # the kernels' sockets: else nothing was watched
        assert [at for at in _AT.findall(text) if not at.startswith(HERE)] == []


@pytest.mark.slow
def test_a_batch_looks_up_no_name_and_leaves_this_machine_by_no_socket(usual):
    code = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    told = {**os.environ, **_watching(usual, "trap.txt")}
    subprocess.run([sys.executable, "-c", code], env=told, check=False)
    assert "192.0.2.1" in (usual / "trap.txt").read_text()  # the hook sees
    seen = usual / "seen.txt"
    lines = seen.read_text().splitlines() if seen.exists() else []
    assert [line for line in lines if not re.search(r"'(127\.0\.0\.1|::1|localhost|)'|None", line)] == []
