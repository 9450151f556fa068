"""`clv purge`: one customer out of everything that the kit keeps of a shop."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.errors import InputError, SettingError
from clv.language import tell

if TYPE_CHECKING:
    from clv.purge import Found

_file = click.Path(path_type=Path, dir_okay=False)
_folder = click.Path(path_type=Path, file_okay=False)
_STDIN = Path("-")
_MOST = 1_000_000  # characters of a file of ids


@click.command(short_help="Take one customer out of all that is kept, for good.")
@click.argument("shops", type=_file)
@click.option("--shop", "shop_id", required=True, metavar="ID", help="The customer's shop.")
@click.option(
    "--customer-file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="The customer's ids as the export writes them, one in a line; - reads them from the input.",
)
@click.option(
    "--customer",
    "customers",
    multiple=True,
    metavar="ID",
    help="The customer's id. Mind that the shell's history keeps it; --customer-file - does not.",
)
@click.option(
    "--pseudonym", "called", multiple=True, metavar="NAME", help="What reports call the customer: c_…"
)
@click.option(
    "--in",
    "folders",
    type=_folder,
    multiple=True,
    help="A folder of reports or lists; repeatable.  [default: runs, plays and lists]",
)
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
@click.option("--yes", is_flag=True, help="Delete without asking.")
def purge(
    shops: Path,
    shop_id: str,
    customer_file: Path | None,
    customers: tuple[str, ...],
    called: tuple[str, ...],
    folders: tuple[Path, ...],
    dry_run: bool,  # noqa: FBT001 (click passes it by name)
    yes: bool,  # noqa: FBT001
) -> None:
    """Delete what is kept of a customer of SHOPS: from the cache, from reports, and from lists.

    All ids that the shop joins with the customer go too. A report that names the customer is taken away
    whole, and made again by the next batch; of a list only the customer's rows. The shop's own exports are
    not changed: the answer names those that hold the customer. What stays is a keyed hash of each id, so that
    the next batch leaves the customer's orders out, and says how much money that is.
    """
    from clv import purge as purging
    from clv import shopfile

    if customer_file == _STDIN and not (yes or dry_run):
        raise SettingError(tell("the ids are read from the input, so nothing can be asked; add --yes."))
    file = shopfile.load(shops)
    ids = [*customers, *(_lines(customer_file) if customer_file else [])]
    for folder in folders:
        if not folder.is_dir():
            raise InputError(tell("there is no folder {path}.", path=folder))
    found = purging.look(file, shop_id, ids=ids, called=called, folders=folders or purging.FOLDERS)
    click.echo(_found(found))
    if dry_run:
        click.echo(tell("Nothing was deleted."))
        return
    if not yes:
        click.confirm(tell("Delete all of this?"), abort=True)
    purging.make(found)
    click.echo(_done(found))


def _lines(path: Path) -> list[str]:
    try:
        with click.open_file(str(path), encoding="utf-8-sig") as file:
            text = file.read(_MOST + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise InputError(tell("the file of ids cannot be read ({why}).", why=why)) from None
    if len(text) > _MOST:
        raise InputError(tell("the file of ids is no list of a customer's ids; write one id in a line."))
    return text.splitlines()


def _found(found: "Found") -> str:
    """Say where the customer stands; without an id."""
    who, lines = found.who, []
    if who.numbers:
        said = tell(
            "{orders:,} order(s) with {money:,.2f} kept, under {joined:,} customer id(s).",
            orders=len(who.numbers), money=who.money, joined=who.joined,
        )  # fmt: skip
        lines.append(said)
    else:
        lines.append(tell("In no order of the shop's exports; is it written as it stands there?"))
    lines.append(
        tell("In the cache: {bundles:,} table bundles, to be made again.", bundles=len(found.cached))
    )
    for change in found.changes:
        path = change.paths[0]
        if change.what == "report":
            lines.append(tell("{path}: to be taken away, and what stands beside it.", path=path))
        elif change.what == "rows":
            lines.append(tell("{path}: {rows:,} row(s) to be taken out.", path=path, rows=change.rows))
    lines += [tell("{path}: none of the kit's files; delete it by hand.", path=path) for path in found.left]
    for path, rows in found.exported:
        lines.append(
            tell("{path}: your own file holds the customer in {rows:,} row(s).", path=path, rows=rows)
        )
    return "\n".join(lines)


def _done(found: "Found") -> str:
    lines = [tell("Deleted. The next batch leaves the customer out and makes the reports again.")]
    if found.exported:
        said = tell(
            "Your own files are as they were: delete the customer there too, and in backups, and where lists "
            "were handed on to."
        )
        lines.append(said)
    return "\n".join(lines)
