"""Database servers of a test's own, on loopback, in a folder of its own; gone when the block ends."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OWNER, SECRET = "owner", "not-for-anybody's eyes/@:1"  # what a password may hold, an address cannot


class NotInstalledError(Exception):
    """The server's programs are not on this machine."""


@contextmanager
def postgresql() -> Iterator[int]:
    """Give the port of a PostgreSQL server with the role OWNER; NotInstalledError where there is none."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    programs = programs or [Path(found).parent for found in _which("initdb")]
    if not programs:
        raise NotInstalledError("PostgreSQL is not installed (Debian: postgresql)")
    with _folder("postgres") as (folder, as_user):
        bin_, data, port = programs[-1], folder / "data", free_port()
        (folder / "password").write_text(SECRET)
        who = ["-U", OWNER, f"--pwfile={folder / 'password'}", "-A", "scram-sha-256"]
        _run([*as_user, f"{bin_}/initdb", "-D", data, *who, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
        told = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        told += " -c shared_preload_libraries=pg_stat_statements"
        control = [*as_user, f"{bin_}/pg_ctl", "-D", data, "-w"]
        _run([*control, "-l", folder / "log", "-o", told, "start"])
        try:
            yield port
        finally:
            _run([*control, "-m", "immediate", "stop"])


@contextmanager
def mariadb() -> Iterator[int]:
    """Give the port of a MariaDB server with the role OWNER; raises NotInstalledError where there is none."""
    server, install = _which("mariadbd"), _which("mariadb-install-db")
    if not (server and install):
        raise NotInstalledError("MariaDB is not installed (Debian: mariadb-server)")
    with _folder("mysql") as (folder, as_user):
        data, port = folder / "data", free_port()
        _run([*as_user, install[0], "--no-defaults", f"--datadir={data}", "--skip-test-db"])
        role = f'{OWNER}@"127.0.0.1"'
        first = [
            f'CREATE USER {role} IDENTIFIED BY "{SECRET}";',
            f"GRANT ALL ON *.* TO {role} WITH GRANT OPTION;",
        ]
        (folder / "init.sql").write_text("\n".join([*first, ""]))  # a line for each statement
        told = [f"--datadir={data}", f"--port={port}", f"--socket={folder / 'socket'}"]
        told += ["--skip-name-resolve", "--bind-address=127.0.0.1", f"--init-file={folder / 'init.sql'}"]
        command = [*as_user, server[0], "--no-defaults", *told]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _which(program: str) -> list[str]:
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    return [found] if (found := shutil.which(program, path=places)) else []


@contextmanager
def _folder(user: str) -> Iterator[tuple[Path, list[str]]]:
    """Give a folder and what stands before a command: these servers refuse to run as root."""
    with tempfile.TemporaryDirectory(prefix="clv-", ignore_cleanup_errors=True) as name:
        is_root = os.geteuid() == 0
        Path(name).chmod(0o777 if is_root else 0o700)
        yield Path(name), ["runuser", "-u", user, "--"] if is_root else []


def _run(command: list) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr[-2000:]


def _wait(port: int, process: subprocess.Popen) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server did not start"
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server does not answer")
