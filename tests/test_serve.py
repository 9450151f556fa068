"""`clv serve`: one folder, to this machine only, only to be read."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from clv.cli import main
from clv.commands import serving


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "runs"
    (folder / "gold").mkdir(parents=True)
    (folder / "index.html").write_text("<p>金</p>", "utf-8")
    (folder / "gold" / "table one.xlsx").write_bytes(b"PK")
    (folder / ".lock").write_text("hidden")
    (folder / ".running-x").mkdir()
    (folder / ".running-x" / "a.html").write_text("hidden")
    (folder / "gold" / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "up").symlink_to(tmp_path)
    return folder


@pytest.fixture
def port(out: Path):
    with serving.server(out, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def ask(port: int, path: str, *, method: str = "GET", host: str = "") -> http.client.HTTPResponse:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    asked.putrequest(method, path, skip_host=True)
    asked.putheader("Host", host or f"127.0.0.1:{port}")
    asked.endheaders()
    answer = asked.getresponse()
    answer.content = answer.read()
    asked.close()
    return answer


def test_pages_come_with_their_type_and_to_nobody_else(port: int) -> None:
    page = ask(port, "/", host=f"localhost:{port}")
    assert (page.status, page.content.decode()) == (200, "<p>金</p>")
    assert page.getheader("Content-Type") == "text/html; charset=utf-8"
    assert page.getheader("X-Content-Type-Options") == "nosniff"
    assert page.getheader("Cache-Control") == "no-store"
    assert page.getheader("Access-Control-Allow-Origin") is None
    sheet = ask(port, "/gold/table%20one.xlsx")
    assert sheet.content == b"PK" and sheet.getheader("Content-Type") == serving.TYPES[".xlsx"]
    assert ask(port, "/index.html", method="HEAD").content == b""


@pytest.mark.parametrize(
    "path",
    [
        "/gold/",  # no listing
        "/.lock",
        "/%2elock",
        "/.running-x/a.html",
        "/gold/out.txt",  # a link out of the folder
        "/up/secret.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/gold/..%2f..%2fsecret.txt",
        "//../secret.txt",
        "/%00",
        "/nothing.html",
    ],
)
def test_nothing_hidden_listed_or_outside_is_sent(port: int, path: str) -> None:
    answer = ask(port, path)
    assert answer.status == 404
    assert b"secret" not in answer.content.replace(path.encode(), b"") and b"hidden" not in answer.content


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:{port}", "localhost:1", "[::1]:{port}"]
)
def test_another_name_for_this_machine_gets_nothing(port: int, host: str) -> None:
    answer = ask(port, "/", host=host.format(port=port))
    assert answer.status == 421
    assert "金".encode() not in answer.content


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_sent_to_it(port: int, method: str) -> None:
    assert ask(port, "/index.html", method=method).status == 501


def test_it_listens_on_this_machine_only(out: Path) -> None:
    with serving.server(out, 0) as server:
        assert server.socket.getsockname()[0] == "127.0.0.1"


def said(arguments: list[str], capsys: pytest.CaptureFixture) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code, capsys.readouterr().err


def test_a_port_in_use_and_a_folder_without_reports_are_told_in_a_sentence(out: Path, capsys) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        code, sentence = said(["serve", str(out), "--port", str(number), "--no-open"], capsys)
    assert (code, sentence.count("\n")) == (2, 1)
    assert f"port {number} is in use" in sentence
    code, sentence = said(["serve", str(out / "gold"), "--no-open"], capsys)
    assert (code, sentence.count("\n")) == (2, 1)
    assert "there is no" in sentence


@contextmanager
def ended(running: subprocess.Popen) -> Iterator[None]:
    """End the process, whatever comes: else a failing test would wait for it for ever."""
    try:
        yield
    finally:
        running.kill()


def test_it_says_its_address_and_ctrl_c_ends_it_quietly(out: Path) -> None:
    command = [sys.executable, "-m", "clv.cli", "serve", str(out), "--port", "0", "--no-open"]
    env = os.environ | {"PYTHONUNBUFFERED": "1"}
    heeding = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # tests in the background ignore Ctrl-C
    with (
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
            preexec_fn=heeding,
        ) as running,
        ended(running),
    ):
        line = running.stdout.readline()
        number = int(line.split("127.0.0.1:")[1].split("/")[0])
        assert ask(number, "/").status == 200
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=20)
    assert (running.returncode, errors) == (0, "")
