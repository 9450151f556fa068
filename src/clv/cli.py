"""The command line: `clv batch` for whole shop files, and one command per step from exports to scores.

Exit codes: 0 done, 1 a shop failed or the data carry no answer, 2 a wrong call or wrong input, 130 stopped.
Whatever goes wrong is told in one sentence on stderr.
"""

import logging
import os
import sys
from functools import wraps
from typing import Any

import click

import clv
from clv import room
from clv.commands import in_language, stopping
from clv.commands.cli_batch import batch
from clv.commands.cli_compare import compare_schemes
from clv.commands.cli_diff import diff
from clv.commands.cli_identity import identity
from clv.commands.cli_learn import learn
from clv.commands.cli_lists import ad_audience, addressees, check_message
from clv.commands.cli_models import fit, score
from clv.commands.cli_occasions import contact_calendar, follow_up, visitors
from clv.commands.cli_play import play, playbooks
from clv.commands.cli_purge import purge
from clv.commands.cli_readiness import readiness
from clv.commands.cli_schemes import check_scheme, schemes
from clv.commands.cli_segments import segments
from clv.commands.cli_serve import serve
from clv.commands.cli_tables import customers, orders
from clv.commands.run_options import STOPPED
from clv.errors import ClvError, lacks_memory
from clv.language import LANGUAGES, tell, translated

_LITTLE = 256  # MiB; where so little is left, an error that nobody foresaw is most likely one of memory


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--lang", type=click.Choice(LANGUAGES), expose_value=False, help="Language of messages.")
@click.version_option(clv.__version__, prog_name="clv")
def cli() -> None:
    """Who will buy again, what are they worth, and whom should we call back?

    \b
    All reports of all shops:   clv batch SHOPS, clv serve
    What changed between runs:  clv diff RUN_A RUN_B
    Which file unlocks what:    clv readiness SHOPS
    Who is one person:          clv identity SHOPS
    Step by step:               clv orders, clv customers, clv fit, clv score
    Which segments see further: clv schemes, clv segments, clv compare-schemes
    Whom to call back:          clv playbooks, clv play
    Who else has a reason:      clv visitors, clv contact-calendar, clv follow-up
    What came of it:            clv batch --notebook 06_campaign_results, clv learn
    Who is to be forgotten:     clv purge SHOPS
    """  # noqa: D301 (click reads the control character)


def _with_room(command: click.Command) -> click.Command:
    """Return a command that asks for room before it loads libraries."""
    work = command.callback

    @wraps(work)
    def asks(*given: Any, **named: Any) -> Any:
        room.check(room.TO_START)
        return work(*given, **named)

    command.callback = asks
    return command


for _command in (
    batch, serve, diff, readiness, identity, play, addressees, ad_audience, learn,
    visitors, contact_calendar, follow_up, purge,
    orders, customers, fit, score, segments, compare_schemes
):  # fmt: skip
    cli.add_command(_with_room(_command))
for _command in (playbooks, check_message, schemes, check_scheme):
    cli.add_command(_command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code; no traceback reaches anybody."""
    try:
        code = _run(arguments)
    except MemoryError:  # there was no room for the sentence on it either
        os.write(2, b"clv: there is not enough memory.\n")
        code = 1
    sys.exit(code)


def _run(arguments: list[str] | None) -> int:
    """Run the command line and return its exit code; whatever went wrong is told."""
    if os.environ.get("CLV_DEBUG"):
        logging.basicConfig()
        logging.getLogger("clv").setLevel(logging.DEBUG)
    called = sys.argv[1:] if arguments is None else arguments
    in_language.speak(in_language.of_call(called))
    try:
        with stopping.politely():
            code = in_language.told(cli).main(called, prog_name="clv", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = _told(tell("stopped; nothing half-written is left."), STOPPED)
    except ClvError as error:
        code = _told(str(error), error.exit_code)
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except Exception as error:
        if os.environ.get("CLV_DEBUG"):
            raise
        code = _told(_no_memory() if lacks_memory(error) or not room.has(_LITTLE) else _defect(error), 1)
    return _exit_code(code)


def _told(sentence: str, code: int) -> int:
    click.echo(f"clv: {translated(sentence)}", err=True)
    return code


def _no_memory() -> str:
    return tell("there is not enough memory for this; close other programs or take fewer orders.")


def _defect(error: Exception) -> str:
    """Name the kind of error only: its text may hold somebody's data."""
    kind = type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        return tell(
            "a file could not be read or written: {strerror} ({value}).",
            strerror=error.strerror,
            value=error.filename or kind,
        )
    return tell("this is a defect in clv: {kind}; run again with CLV_DEBUG=1 for the details.", kind=kind)


def _exit_code(code: Any) -> int:
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    main()
