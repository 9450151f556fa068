"""`clv diff`: what changed between two runs."""

from pathlib import Path

import click

from clv.commands.folders import check_folder_of
from clv.commands.run_options import lang_option
from clv.errors import SettingError
from clv.language import tell

_run = click.Path(path_type=Path)


@click.command(short_help="Say what changed between two runs of a shop.")
@click.argument("before", metavar="RUN_A", type=_run)
@click.argument("now", metavar="RUN_B", type=_run)
@click.option("--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="Write a page, too.")
@lang_option
def diff(before: Path, now: Path, page: Path | None, lang: str) -> int:
    """Say what changed from RUN_A to RUN_B.

    Each is a folder of a shop's run (runs/gold, or runs/gold/2026-05-31 of an earlier last day), a whole
    folder of runs (then shop by shop), or one executed notebook. First facts that moved by more than their
    intervals, then customers who changed segment, parameters and inputs that differ, and the notebooks cell
    by cell. The page of --html shows the pictures side by side, too.
    """
    from clv.running import compared, sides
    from clv.telling import changes_page, changes_text
    from clv.telling.pages import write_whole

    _check(page)
    found = [compared.compare(*pair) for pair in sides.pairs(before, now)]
    click.echo(changes_text.text(found))
    if page is not None:
        write_whole(page, changes_page.html(found))
        click.echo(f"\n{page}")
    return 0


def _check(page: Path | None) -> None:
    if page is None:
        return
    if page.suffix.lower() not in (".html", ".htm"):
        raise SettingError(tell("--html {name!r} should end in .html; it is a page.", name=page.name))
    check_folder_of(page)
