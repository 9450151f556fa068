"""How commands are told which engine holds the rows, and where tables lie for it."""

from pathlib import Path

import click

from clv.errors import SettingError
from clv.language import tell

table_path = click.Path(path_type=str)  # a file, a folder of parts, or an address of a cluster, kept as it is
out_file = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Where to: a name in .parquet, or in .csv with ' before ids like +86… or -1.",
)
out_table = click.option(
    "--out",
    type=table_path,
    required=True,
    help="Where to: a name in .parquet or .csv; with spark a folder in .parquet.",
)
engine_option = click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="Who reads and adds up: this machine or a Spark cluster.",
)


def refuse_tables(*paths: str) -> None:
    """Say in one sentence when files are wanted, wherever they lie, and the address of a table was given.

    Raises
    ------
    SettingError
        It was; the sentence repeats none of it.
    """
    from clv.declaring import addresses

    if any(addresses.names_table(path) for path in paths):
        raise SettingError(
            tell(
                "a file is wanted where the address of a database stands; `clv customers ADDRESS` without "
                "--engine spark reads a table, which the database adds up itself."
            )
        )


def refuse_addresses(*paths: str) -> None:
    """Say in one sentence when a file of this machine is wanted and an address was given.

    Raises
    ------
    SettingError
        It was.
    """
    refuse_tables(*paths)
    wrong = next((path for path in paths if "://" in path), None)
    if wrong is not None:
        raise SettingError(
            tell(
                "{path!r} is no file of this machine; --engine spark reads it.", path=wrong.rpartition("/")[2]
            )
        )
