"""`clv serve`: the reports of a folder in the browser of this machine."""

import errno
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.commands.run_options import FOLDER
from clv.errors import SettingError
from clv.language import tell

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer


@click.command(short_help="Show the reports of a folder in the browser.")
@click.argument("out", type=FOLDER, default=Path("runs"))
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0: a free one.")
@click.option("--open/--no-open", "opens", default=True, show_default=True, help="Open the browser.")
def serve(
    out: Path,
    port: int,
    opens: bool,  # noqa: FBT001 (click passes it by name)
) -> int:
    """Show the reports in OUT on this machine: nobody else on the network can read them, nothing is written.

    The pages work without it too: open OUT/index.html. Ctrl-C ends it.
    """
    if not (out / "index.html").is_file():
        raise SettingError(
            tell("there is no {page}; name the folder that `clv batch` wrote to.", page=out / "index.html")
        )
    with _listening(out, port) as server:
        address = f"http://{server.server_address[0]}:{server.server_address[1]}/"
        click.echo(tell("{address} shows {out}; Ctrl-C ends it.", address=address, out=out))
        if opens:
            click.launch(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo()
    return 0


def _listening(out: Path, port: int) -> "ThreadingHTTPServer":
    from clv.commands import serving

    try:
        return serving.server(out, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            said = tell("port {port} is in use; name another with --port, or 0 for a free one.", port=port)
        else:
            said = tell(
                "port {port} cannot be listened on ({strerror}); name another with --port.",
                port=port, strerror=error.strerror or type(error).__name__,
            )  # fmt: skip
        raise SettingError(said) from None
