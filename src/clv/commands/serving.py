"""The reports of a folder over HTTP, to this machine only and only to be read."""

from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

ADDRESS = "127.0.0.1"
NAMES = frozenset({ADDRESS, "localhost"})
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".jsonl": "application/jsonl; charset=utf-8",
    ".ipynb": "application/x-ipynb+json; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_HEADERS = {
    "Cache-Control": "no-store",  # the next batch writes the same pages
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of the folder that listens on 127.0.0.1 at this port; at a free one where it is 0.

    Raises
    ------
    OSError
        The port is taken, or we may not have it.
    """
    return _Server((ADDRESS, port), partial(_Handler, directory=str(folder.resolve())))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a browser that leaves in the middle of a page is no error of ours."""


class _Handler(SimpleHTTPRequestHandler):
    server_version, sys_version = "clv", ""
    timeout = 30  # seconds for one request to arrive
    extensions_map = TYPES

    def do_GET(self) -> None:
        """Send one file of the folder."""
        if self._may_be_read():
            super().do_GET()

    def do_HEAD(self) -> None:
        """Say what `do_GET` would send."""
        if self._may_be_read():
            super().do_HEAD()

    def _may_be_read(self) -> bool:
        """Refuse other names than ours for this machine, and what is hidden or outside of the folder."""
        if not _is_ours(self.headers.get("Host", ""), self.server.server_address[1]):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return False
        if not _is_inside(self.translate_path(self.path), Path(self.directory)) or _is_hidden(self.path):
            self.send_error(HTTPStatus.NOT_FOUND)
            return False
        return True

    def list_directory(self, path: str) -> None:
        """Show no folder: pages name what there is."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Add what keeps a page to itself."""
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *_: Any) -> None:
        """Say nothing of what is read."""


def _is_ours(host: str, port: int) -> bool:
    """Return whether a request names this machine: another name may be a foreign page's, led here."""
    name, _, number = host.lower().partition(":")
    return name in NAMES and number == str(port)


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") for part in unquote(urlsplit(path).path).split("/") if part)


def _is_inside(path: str, folder: Path) -> bool:
    """Return whether a path, all links followed, stays in the folder."""
    try:
        return Path(path).resolve().is_relative_to(folder)
    except (OSError, ValueError):  # a loop of links, a character that no path may hold
        return False
